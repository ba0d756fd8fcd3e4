//! The evaluation: experts, conflicts of interest, assignment, reviews, consensus, ranking.

mod adoption;
pub mod affinity;
mod applying;
pub mod assign;
pub mod assignment;
mod bereft;
pub mod conflict;
pub mod conformity;
pub mod consensus;
pub mod convening;
pub mod correction;
pub mod declaration;
mod desk;
mod detection;
pub mod disagreement;
pub mod discussion;
pub mod ethics;
pub mod expert;
mod fit;
pub mod form;
mod freezing;
mod grouping;
mod infeasible;
pub mod invitation;
pub mod load;
mod memory;
mod naming;
pub mod nomination;
pub mod own_conflict;
pub mod own_verdict;
mod panel;
pub mod price;
pub mod progress;
pub mod publication;
pub mod ranking;
pub mod rapporteur;
pub mod reassign;
pub mod rebuttal;
mod recall;
pub mod release;
#[expect(clippy::module_inception, reason = "the thing is called review")]
pub mod review;
pub mod revision;
pub(crate) mod seat;
mod second_look;
pub mod statistics;
pub mod substitute;
pub mod summary;
mod table;
mod topics;
mod walls;
mod window;
pub mod wishes;
pub mod withdrawal;

pub(crate) use self::review::remember_told;
pub(crate) use detection::look_again;
pub(crate) use freezing::freeze_again;
pub(crate) use summary::for_the_panel;
pub use topics::fingerprint as ranking_fingerprint;
pub(crate) use topics::{adopted_row, ranked, ranking_input};

use access::Object;
use call::EvaluationRules;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use store::call::{self as calls, CallRow, StageRow};
use store::intake::ProposalRow;
use store::review::conflict as conflicts;
use store::view::review::{self as view, Depth, Sight};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::call::given;
use crate::{Problem, Tx};

/// Some experts by their ids, or all that there are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenExperts {
    /// Which; left out: all.
    #[serde(default)]
    pub experts: Option<Vec<Uuid>>,
}

/// How long an expert has to answer an invitation.
const TIME_TO_ANSWER: TimeDelta = TimeDelta::days(14);

/// What a viewer sees of what belongs to the evaluation of a call, and to no stage of it. `object` belongs to the call.
async fn sight(tx: &mut Tx, object: &Object) -> Result<Sight, Problem> {
    look(tx, object, None).await
}

/// What a viewer sees of the evaluation of a stage of the call that `object` belongs to.
async fn sight_at(tx: &mut Tx, object: &Object, stage: i32) -> Result<Sight, Problem> {
    look(tx, object, Some(stage)).await
}

async fn look(tx: &mut Tx, object: &Object, stage: Option<i32>) -> Result<Sight, Problem> {
    let roles = access::worn(&tx.context.actor, object);
    let account = tx.context.actor.account();
    let call = object.call.unwrap_or_default();
    Ok(view::sight(tx.conn(), account, &roles, call, stage).await?)
}

/// Refuses the chair of the panel who is an expert of the call and has not declared conflicts of interest for the stage.
pub(crate) async fn require_declared(
    tx: &mut Tx,
    object: &Object,
    stage: i32,
) -> Result<(), Problem> {
    if sight_at(tx, object, stage).await?.depth >= Depth::Panel {
        return Ok(());
    }
    Err(Problem::state(format!(
        "Declare your conflicts of interest for stage {stage} first (PUT /experts/{{expert}}/declaration); the panel's \
         work opens to you with it."
    )))
}

/// Whether the actor sees nothing of what is said on the proposal: a conflict of interest stands, or it is the actor's own,
/// whatever other role is worn.
async fn is_walled(tx: &mut Tx, proposal: &ProposalRow) -> Result<bool, Problem> {
    let account = tx.context.actor.account();
    let walled = conflicts::walled(tx.conn(), account, proposal.call_id).await?;
    Ok(walled.contains(&proposal.id))
}

/// The rules by which a stage is scored.
fn evaluation(call: &CallRow, stage: i32) -> Result<EvaluationRules, Problem> {
    let index = usize::try_from(stage - 1).unwrap_or_default();
    let stages = call.rules()?.stages;
    let rules = stages.into_iter().nth(index);
    rules
        .map(|stage| stage.evaluation)
        .ok_or_else(|| Problem::internal(format!("the rules have no stage {stage}")))
}

/// The stage asked for, or the last one whose proposals are locked.
async fn stage_or_current(
    tx: &mut Tx,
    call: Uuid,
    asked: Option<i32>,
) -> Result<StageRow, Problem> {
    if let Some(number) = asked {
        return Ok(calls::stage(tx.conn(), call, number).await?);
    }
    let current = calls::current_stage(tx.conn(), call).await?;
    current.ok_or_else(|| {
        Problem::state("No stage of the call is evaluated yet; wait until its deadline has passed.")
    })
}

/// The stage with this id.
async fn stage_of_id(tx: &mut Tx, call: Uuid, id: Uuid) -> Result<StageRow, Problem> {
    let stages = calls::stages(tx.conn(), call).await?;
    stages
        .into_iter()
        .find(|stage| stage.id == id)
        .ok_or_else(Problem::not_found)
}

/// A call, a stage and a day as mails write them.
fn call_words(call: &CallRow) -> String {
    format!("{} ({})", call.title, call.code)
}

fn stage_words(stage: &StageRow) -> &'static str {
    match stage.kind.as_str() {
        "pre_proposal" => "pre-proposals",
        _ => "full proposals",
    }
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}
