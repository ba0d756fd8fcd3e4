use std::collections::{BTreeMap, HashSet};

use access::Action;
use commitment::Balance;
use intake::ProposalState;
use kernel::Amount;
use store::call as calls;
use store::commitment::balance::{self as rows, Request};
use store::outcome::{self, Standing};
use uuid::Uuid;

use super::topics::FundedTopics;
use crate::{Answer, Context, Problem, Service, Tx};

/// Requested against committed, per funder and in all, over the eligible proposals of a stage.
pub async fn read_balance(
    service: &Service,
    context: Context,
    call: Uuid,
    stage: i32,
) -> Result<Answer<Balance>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, stage).await?;
        tx.permit(Action::ReadBalance, &stage.object()).await?;
        let rules = calls::find(tx.conn(), call).await?.rules()?;
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let topics = FundedTopics::of(tx, &stage, &rules, &standings).await?;
        let eligible: HashSet<Uuid> = standings
            .into_iter()
            .filter(is_eligible)
            .map(|standing| standing.proposal_stage)
            .collect();
        let requests = rows::requests(tx.conn(), stage.id).await?;
        balance_of(tx, call, &topics, &requests, &eligible).await
    };
    service.read(context, work).await
}

/// Whether a proposal was found eligible, if only under conditions, and is still there.
pub(super) fn is_eligible(standing: &Standing) -> bool {
    use ProposalState::*;
    !matches!(
        standing.state,
        Draft | Submitted | EditedSince | Locked | Lapsed | Ineligible | Withdrawn | Excluded
    )
}

/// The balance over some of the proposals, and in each topic that has money of its own.
pub(super) async fn balance_of(
    tx: &mut Tx,
    call: Uuid,
    topics: &FundedTopics,
    requests: &[Request],
    of: &HashSet<Uuid>,
) -> Result<Balance, Problem> {
    let funders = rows::funders(tx.conn(), call).await?;
    let commitments: BTreeMap<String, Amount> = funders
        .iter()
        .map(|funder| (funder.key.clone(), funder.commitment))
        .collect();
    let these = || {
        let asked = requests.iter();
        asked.filter(move |request| of.contains(&request.proposal_stage))
    };
    let asked = these().filter_map(asks);
    let whole = commitment::balance(&commitments, asked).map_err(Problem::internal)?;
    let mut apart = Vec::new();
    for key in &topics.keys {
        let own = funders.iter().map(|funder| {
            let money = funder.topics.get(key);
            let committed = money.map_or(Amount::ZERO, |money| money.indicative);
            (funder.key.clone(), committed)
        });
        let own: BTreeMap<String, Amount> = own.collect();
        let here = these().filter(|one| topics.topic(one.proposal_stage) == Some(key.as_str()));
        let one = commitment::balance(&own, here.filter_map(asks)).map_err(Problem::internal)?;
        apart.push((key.clone(), one));
    }
    Ok(whole.with_topics(apart))
}

fn asks(request: &Request) -> Option<(&str, Amount)> {
    Some((request.funder.as_deref()?, request.amount()))
}
