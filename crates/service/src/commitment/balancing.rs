//! Balancing of the first stage: requested against committed, and whom each policy would invite.

use std::collections::{BTreeMap, HashSet};

use access::Action;
use call::{BalancingPolicy, FirstStageLimit, Rules};
use commitment::{Candidate, Fate, ONE_TO_ONE};
use intake::ProposalState;
use kernel::{Amount, Code, decimal};
use store::call::{self as calls, StageRow};
use store::commitment::balance::{self as money, Funder, Request};
use store::commitment::invitation::RankedEntry;
use store::outcome::{self, Standing};
use store::view::commitment::{BalancingView, balancing};
use strum::IntoEnumIterator;
use uuid::Uuid;

use super::balance::{balance_of, is_eligible};
use super::holding::walled;
use super::topics::{self, FundedTopics};
use crate::{Answer, Context, Problem, Service, Tx};

/// ERA-LEARN's figure for how far requests may exceed commitments at the invitation.
const USUAL_LIMIT: i64 = 3 * ONE_TO_ONE;

/// The limit of the rules, else the usual one.
pub(super) fn usual_limit(first_stage: Option<&FirstStageLimit>) -> i64 {
    first_stage.map_or(USUAL_LIMIT, |rule| i64::from(rule.ratio_max.0))
}

/// A limit as people write it: requested for one that is committed.
pub(super) fn in_words(limit: i64) -> String {
    match limit % 100 {
        0 => decimal::print(limit / 100, 2),
        _ => decimal::print(limit, 4),
    }
}

/// A limit above nothing, with at most two decimal places.
pub(super) fn limit(text: &str) -> Option<i64> {
    // Two decimal places are what an amount of money has, so it reads them.
    let Amount(hundredths) = text.parse().ok()?;
    hundredths.checked_mul(100).filter(|limit| *limit > 0)
}

/// A limit given as a parameter.
pub(super) fn given_limit(text: &str) -> Result<i64, Problem> {
    limit(text).ok_or_else(|| {
        Problem::new(
            Code::MalformedParameter,
            "limit_ratio is a number above 0 with at most two decimal places, such as 3.0.",
        )
    })
}

/// The proposals on the ranking list that can be invited, or were or were not, with what they ask.
pub(super) struct Ranked {
    /// Their lines of the list, best first.
    pub entries: Vec<RankedEntry>,
    candidates: Vec<Candidate>,
    /// Their rows in the stage.
    rows: Vec<Uuid>,
    /// What funders commit, by code: all of it under no topic, or by the topic that it is for.
    commitments: BTreeMap<Option<String>, BTreeMap<String, Amount>>,
}

impl Ranked {
    /// Reads them.
    pub(super) async fn of(
        tx: &mut Tx,
        stage: &StageRow,
        rules: &Rules,
        ranking: &[RankedEntry],
        standings: &[Standing],
    ) -> Result<Ranked, Problem> {
        let requests = money::requests(tx.conn(), stage.id).await?;
        let funders = money::funders(tx.conn(), stage.call_id).await?;
        let mut ranked = Ranked {
            entries: Vec::new(),
            candidates: Vec::new(),
            rows: Vec::new(),
            commitments: by_topic(rules, &funders),
        };
        for entry in ranking {
            let standing = standings
                .iter()
                .find(|one| one.proposal == entry.proposal && can_be_invited(one));
            let Some(standing) = standing else { continue };
            let own = requests
                .iter()
                .filter(|one| one.proposal_stage == standing.proposal_stage);
            ranked.candidates.push(candidate(entry, own)?);
            ranked.rows.push(standing.proposal_stage);
            ranked.entries.push(entry.clone());
        }
        Ok(ranked)
    }

    /// What a policy does with each of them.
    pub(super) fn fates(&self, policy: BalancingPolicy, limit: i64) -> Vec<Fate> {
        let nothing = BTreeMap::new();
        let mut fates = Vec::with_capacity(self.entries.len());
        // Each list goes by its own money. The lines of one stand together.
        for list in self.entries.chunk_by(|a, b| a.topic == b.topic) {
            let own = &self.candidates[fates.len()..fates.len() + list.len()];
            let topic = list.first().and_then(|entry| entry.topic.clone());
            let money = self.commitments.get(&topic).unwrap_or(&nothing);
            fates.extend(commitment::invite(policy, own, money, limit));
        }
        fates
    }

    /// Whom a policy invites.
    pub(super) fn invited(&self, policy: BalancingPolicy, limit: i64) -> HashSet<Uuid> {
        let fates = self.fates(policy, limit);
        let invited = self.entries.iter().zip(&fates);
        let invited = invited.filter(|(_, fate)| fate.invited());
        invited.map(|(entry, _)| entry.proposal).collect()
    }
}

fn by_topic(
    rules: &Rules,
    funders: &[Funder],
) -> BTreeMap<Option<String>, BTreeMap<String, Amount>> {
    let topics = rules.funded_topics();
    if topics.is_empty() {
        let whole = funders.iter().map(|one| (one.key.clone(), one.commitment));
        return BTreeMap::from([(None, whole.collect())]);
    }
    let one = |topic: &str| {
        let own = funders.iter().map(|one| {
            let money = one.topics.get(topic);
            let committed = money.map_or(Amount::ZERO, |money| money.indicative);
            (one.key.clone(), committed)
        });
        (Some(topic.to_owned()), own.collect())
    };
    topics.into_iter().map(one).collect()
}

pub(super) fn can_be_invited(standing: &Standing) -> bool {
    use ProposalState::{Evaluated, Invited, InvitedWithConditions, NotInvited};
    matches!(
        standing.state,
        Evaluated | Invited | InvitedWithConditions | NotInvited
    )
}

fn candidate<'a>(
    entry: &RankedEntry,
    own: impl Iterator<Item = &'a Request>,
) -> Result<Candidate, Problem> {
    let mut requests: BTreeMap<String, Amount> = BTreeMap::new();
    for request in own {
        let Some(funder) = &request.funder else {
            continue;
        };
        let sum = requests.entry(funder.clone()).or_default();
        *sum = sum
            .checked_add(request.amount())
            .map_err(Problem::internal)?;
    }
    Ok(Candidate {
        total: entry.total,
        recommended: entry.rating != review::Rating::NotRecommended,
        requests,
    })
}

/// Requested against committed as the eligible proposals of a stage stand, and whom each policy would invite or
/// leave out, and why.
pub async fn compare_policies(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    limit_ratio: Option<String>,
) -> Result<Answer<BalancingView>, Problem> {
    let given = limit_ratio.as_deref().map(given_limit).transpose()?;
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadBalance, &stage.object()).await?;
        let rules = calls::find(tx.conn(), call).await?.rules()?;
        let first_stage = rules.funding.first_stage.as_ref();
        let limit = given.unwrap_or_else(|| usual_limit(first_stage));
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let requests = money::requests(tx.conn(), stage.id).await?;
        let eligible: HashSet<Uuid> = standings
            .iter()
            .filter(|one| is_eligible(one))
            .map(|one| one.proposal_stage)
            .collect();
        let topics = FundedTopics::of(tx, &stage, &rules, &standings).await?;
        let balance = balance_of(tx, call, &topics, &requests, &eligible).await?;
        let ranking = topics::adopted(tx, &stage, &rules).await?;
        let mut policies = Vec::new();
        if let Some(ranking) = ranking {
            let ranked = Ranked::of(tx, &stage, &rules, &ranking, &standings).await?;
            let walled = walled(tx, call).await?;
            let mut lines = Vec::new();
            for (entry, one) in ranked.entries.iter().zip(&ranked.candidates) {
                let asked = one.requests.values().copied();
                lines.push((entry, Amount::sum(asked).map_err(Problem::internal)?));
            }
            for policy in BalancingPolicy::iter() {
                let fates = ranked.fates(policy, limit);
                let rows = ranked.rows.iter().zip(&fates);
                let invited = rows.filter(|(_, fate)| fate.invited());
                let invited: HashSet<Uuid> = invited.map(|(row, _)| *row).collect();
                let balance = balance_of(tx, call, &topics, &requests, &invited).await?;
                policies.push(balancing(policy, &lines, &fates, balance, &walled));
            }
        }
        Ok(BalancingView {
            stage: stage.number,
            limit_ratio: in_words(limit),
            policy: first_stage.map(|rule| rule.policy),
            eligible: eligible.len(),
            cannot_spend: balance.cannot_spend(),
            balance,
            policies,
        })
    };
    service.read(context, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_written_as_people_do() {
        assert_eq!(limit("3.0"), Some(30_000));
        assert_eq!(limit("0.01"), Some(100));
        assert_eq!(limit("0.00"), None);
        assert_eq!(limit("-1.00"), None);
        assert_eq!(limit("92233720368547758.07"), None);
        assert_eq!(in_words(30_000), "3.00");
        assert_eq!(in_words(30_050), "3.0050");
    }
}
