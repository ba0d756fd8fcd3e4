use std::collections::{HashMap, HashSet};

use access::{Action, Object};
use call::{BalancingPolicy, Rules, STAGE, StageEvent};
use chrono::{DateTime, Utc};
use intake::{Content, Demand, PROPOSAL, Partner, ProposalEvent, ProposalState};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, StageRow};
use store::commitment::balance as money;
use store::commitment::deviation;
use store::commitment::invitation::{self as rows, RankedEntry};
use store::intake as proposals;
use store::outcome::{self, Standing};
use store::view::commitment::{InvitationsView, Planned, invitations};
use utoipa::ToSchema;
use uuid::Uuid;

use super::balance::balance_of;
use super::balancing::{Ranked, can_be_invited, given_limit, in_words, usual_limit};
use super::holding::walled;
use super::topics::FundedTopics;
use super::{conditions, deviating, last_stage, lock_stage, topics};
use crate::{Answer, Context, Problem, Service, Tx};

/// Whom the steering committee invites to the full stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationsInput {
    /// The proposals invited; all others that were evaluated are not.
    pub invited: Vec<InvitedInput>,
    /// Keys of the funders whose applicants are under-represented among those invited; a further partner
    /// may ask one of them, where the rules say so.
    #[serde(default)]
    pub under_represented: Vec<String>,
    /// Where the decision stands, or why it is so.
    pub reason: String,
    /// The policy that the committee started from; left out, the one of the call's rules, where they name one.
    #[serde(default)]
    pub policy: Option<BalancingPolicy>,
    /// The limit that goes with it, with at most two decimals; left out, the one of the rules, else 3.0.
    #[serde(default)]
    #[schema(example = "3.0")]
    pub limit_ratio: Option<String>,
    /// Each proposal on which the committee decides otherwise than the policy, with the reason.
    #[serde(default)]
    pub deviations: Vec<DeviationInput>,
}

/// A proposal on which the committee decides otherwise than the policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviationInput {
    /// Its id.
    pub proposal: Uuid,
    /// Why it is invited although the policy leaves it out, or the other way round.
    pub reason: String,
}

/// A proposal invited.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitedInput {
    /// Its id.
    pub proposal: Uuid,
    /// What the full proposal has to meet, beside the going of partners that were found ineligible; the coordinator
    /// reads it.
    #[serde(default)]
    pub conditions: Vec<GivenCondition>,
}

/// A condition of an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenCondition {
    /// What is to be met.
    pub demand: Demand,
    /// Until when: in the future, and not after the deadline of full proposals.
    pub until: DateTime<Utc>,
}

/// Whom to invite by a policy, while requested by committed stays at or under the limit; once the committee has
/// decided, whom it invited.
pub async fn plan_invitations(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    limit_ratio: Option<String>,
    policy: Option<BalancingPolicy>,
) -> Result<Answer<InvitationsView>, Problem> {
    let given = limit_ratio.as_deref().map(given_limit).transpose()?;
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        tx.permit(Action::ReadBalance, &stage.object()).await?;
        let rules = calls::find(tx.conn(), call).await?.rules()?;
        let ranking = topics::ranking(tx, &stage, &rules).await?;
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let decided = standings.iter().any(|one| {
            use ProposalState::{Invited, InvitedWithConditions, NotInvited};
            matches!(one.state, Invited | InvitedWithConditions | NotInvited)
        });
        let planned = if decided {
            None
        } else {
            let first_stage = rules.funding.first_stage.as_ref();
            let limit = given.unwrap_or_else(|| usual_limit(first_stage));
            let of_rules = first_stage.map(|rule| rule.policy);
            let policy = policy.or(of_rules).unwrap_or(BalancingPolicy::Aggregate);
            let ranked = Ranked::of(tx, &stage, &rules, &ranking, &standings).await?;
            Some(Planned {
                policy,
                limit_ratio: limit_ratio.unwrap_or_else(|| in_words(limit)),
                invited: ranked.invited(policy, limit),
            })
        };
        view(tx, &stage, &rules, &ranking, planned).await
    };
    service.read(context, work).await
}

async fn view(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &Rules,
    ranking: &[RankedEntry],
    planned: Option<Planned>,
) -> Result<InvitationsView, Problem> {
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let conditions = rows::conditions(tx.conn(), stage.id).await?;
    let requests = money::requests(tx.conn(), stage.id).await?;
    let topics = FundedTopics::of(tx, stage, rules, &standings).await?;
    let nobody = balance_of(tx, stage.call_id, &topics, &[], &HashSet::new()).await?;
    let mut view = invitations(
        stage.number,
        &standings,
        ranking,
        &conditions,
        planned,
        nobody,
    );
    let invited: HashSet<Uuid> = standings
        .iter()
        .filter(|one| {
            view.invited
                .iter()
                .any(|line| line.proposal == one.proposal)
        })
        .map(|one| one.proposal_stage)
        .collect();
    view.balance = balance_of(tx, stage.call_id, &topics, &requests, &invited).await?;
    let stages = calls::stages(tx.conn(), stage.call_id).await?;
    let next = stages
        .into_iter()
        .find(|row| row.number == stage.number + 1);
    view.under_represented = next.map(|row| row.under_represented).unwrap_or_default();
    if let Some(decision) = deviation::find(tx.conn(), stage.id).await? {
        let deviations = deviation::deviations(tx.conn(), stage.id).await?;
        let limit = decision.policy.map(|(_, limit)| in_words(limit));
        view.decided_so(decision, limit, deviations, &standings);
    }
    let walled = walled(tx, stage.call_id).await?;
    Ok(view.without(&walled))
}

/// Records whom the steering committee invites; all others that were evaluated are not invited.
pub async fn decide_invitations(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: InvitationsInput,
) -> Result<Answer<InvitationsView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (row, stage) = lock_stage(tx, call, number).await?;
        let walled = walled(tx, call).await?;
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let object = Object {
            conflicted: standings
                .iter()
                .any(|one| can_be_invited(one) && walled.contains(&one.proposal)),
            ..stage.object()
        };
        let permit = tx.permit(Action::DecideInvitations, &object).await?;
        if last_stage(tx, call).await?.id == stage.id {
            return Err(Problem::state(
                "The last stage is decided by a selection; propose one.",
            ));
        }
        let state = STAGE.apply(stage.state()?, StageEvent::Decide)?;
        let rules = row.rules()?;
        let ranking = topics::ranking(tx, &stage, &rules).await?;
        rows::hold_proposals(tx.conn(), stage.id).await?;
        let standings = outcome::standings(tx.conn(), stage.id).await?;
        let next = calls::stage(tx.conn(), call, number + 1).await?;
        let mut faults = check(&input, &ranking, &standings);
        let funders = money::funders(tx.conn(), call).await?;
        under_represented(&input, &funders, &mut faults);
        let ranked = Ranked::of(tx, &stage, &rules, &ranking, &standings).await?;
        let first_stage = rules.funding.first_stage.as_ref();
        let chosen = deviating::check(&input, first_stage, &ranked, &mut faults);
        let consortia = consortia(tx, stage.id, &input).await?;
        let keys: Vec<&str> = funders.iter().map(|one| one.key.as_str()).collect();
        let now = tx.now().await?;
        for (index, one) in input.invited.iter().enumerate() {
            let partners = consortia.get(&one.proposal).map_or(&[][..], Vec::as_slice);
            let found = conditions::check(one, partners, &keys, now, &next);
            for fault in found.0 {
                let pointer = format!("/invited/{index}{}", fault.pointer);
                faults.add(pointer, &fault.code, fault.detail);
            }
        }
        faults.or(())?;
        let named = |one: &&Standing| input.invited.iter().any(|it| it.proposal == one.proposal);
        let named = standings.iter().filter(named);
        let ids: Vec<Uuid> = named.map(|one| one.proposal_stage).collect();
        let judged = proposals::judged(tx.conn(), &ids).await?;
        let (mut invited, mut kept) = (Vec::new(), Vec::new());
        let evaluated = |one: &&Standing| one.state == ProposalState::Evaluated;
        for standing in standings.iter().filter(evaluated) {
            let given = input
                .invited
                .iter()
                .find(|one| one.proposal == standing.proposal);
            let mut rows = Vec::new();
            if let Some(one) = given {
                let partners = consortia.get(&one.proposal).map_or(&[][..], Vec::as_slice);
                rows = conditions::of(one, standing, partners, &judged, &next)?;
            }
            let condition = conditions::words(&rows, &next)?;
            let event = match (given, &condition) {
                (None, _) => ProposalEvent::DoNotInvite,
                (Some(_), None) => ProposalEvent::Invite,
                (Some(_), Some(_)) => ProposalEvent::InviteWithConditions,
            };
            invited.extend(given.map(|_| standing.number.clone()));
            let state = PROPOSAL.apply(standing.state, event)?;
            outcome::set(tx.conn(), &permit, standing, state, condition.as_deref()).await?;
            kept.extend(rows);
        }
        proposals::insert_conditions(tx.conn(), &permit, stage.id, &kept).await?;
        calls::set_stage_state(tx.conn(), &permit, &stage, state).await?;
        let reason = input.reason.trim();
        deviation::insert(
            tx.conn(),
            &permit,
            &stage,
            chosen.policy,
            reason,
            &chosen.deviations,
        )
        .await?;
        let named = &input.under_represented;
        calls::set_under_represented(tx.conn(), &permit, &next, named).await?;
        tx.audit(
            &permit,
            Some(stage.version + 1),
            Some(&input.reason),
            json!({
                "invited": invited, "under_represented": input.under_represented,
                "policy": chosen.policy.map(|(policy, _)| policy), "deviations": chosen.deviations.len(),
            }),
        )
        .await?;
        view(tx, &stage, &rules, &ranking, None).await
    };
    service.write(context, work).await
}

/// Each is a funder of the call, and named once.
fn under_represented(input: &InvitationsInput, funders: &[money::Funder], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for (index, key) in input.under_represented.iter().enumerate() {
        let known = funders.iter().any(|funder| funder.key == *key);
        faults.require(
            known && seen.insert(key),
            format!("/under_represented/{index}"),
            "funder_unknown",
            format!("'{key}' is no funder of this call, or named before; leave it out"),
        );
    }
}

/// The partners of those invited, as they are now.
async fn consortia(
    tx: &mut Tx,
    stage: Uuid,
    input: &InvitationsInput,
) -> Result<HashMap<Uuid, Vec<Partner>>, Problem> {
    let ids: Vec<Uuid> = input.invited.iter().map(|one| one.proposal).collect();
    let contents = proposals::submitted_contents(tx.conn(), stage, &ids).await?;
    contents
        .into_iter()
        .map(|(id, content)| {
            let content: Content = store::text::document(content)?;
            Ok((id, content.partners))
        })
        .collect()
}

fn check(input: &InvitationsInput, ranking: &[RankedEntry], standings: &[Standing]) -> Faults {
    let mut faults = Faults::default();
    let mut seen = HashSet::new();
    faults.require(
        !input.invited.is_empty(),
        "/invited",
        "nobody_invited",
        "invite at least one proposal, or cancel the call",
    );
    faults.require(
        !input.reason.trim().is_empty(),
        "/reason",
        "required",
        "say where the decision stands",
    );
    for (index, one) in input.invited.iter().enumerate() {
        let pointer = format!("/invited/{index}");
        let listed = ranking.iter().any(|entry| entry.proposal == one.proposal);
        faults.require(
            listed,
            format!("{pointer}/proposal"),
            "not_ranked",
            "it is not on the adopted ranking list; only what is ranked can be invited",
        );
        let there = standings.iter().any(|standing| {
            standing.proposal == one.proposal && standing.state == ProposalState::Evaluated
        });
        faults.require(
            there || !listed,
            format!("{pointer}/proposal"),
            "not_evaluated",
            "it was withdrawn or excluded since; leave it out",
        );
        faults.require(
            seen.insert(one.proposal),
            format!("{pointer}/proposal"),
            "twice",
            "it is in the list already",
        );
    }
    faults
}
