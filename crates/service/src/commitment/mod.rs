//! Money and decision: commitments, balance, invitations, scenarios, the selection, its lines and amendments,
//! the letters, the funded list.

mod amendment;
mod balance;
mod balancing;
mod commitments;
mod conditions;
mod decision;
mod defaulting;
mod deviating;
mod finality;
mod funded;
mod holding;
mod invitation;
mod letter;
mod line;
mod note;
mod outlook;
mod package;
mod promotion;
mod redress;
mod scenario;
mod selection;
mod signed;
mod tell;
mod ties;
mod topics;
mod undecided;

pub use amendment::{AmendmentInput, amend_selection, list_selections};
pub use balance::read_balance;
pub use balancing::compare_policies;
pub use commitments::{read_commitments, unfreeze_commitment};
pub use decision::{adopt_selection, confirm_selection};
pub use defaulting::{DefaultInput, read_default, record_default};
pub use funded::{classify_project, list_funded};
pub(crate) use holding::as_a_whole;
pub use invitation::{
    DeviationInput, GivenCondition, InvitationsInput, InvitedInput, decide_invitations,
    plan_invitations,
};
pub use letter::{preview_letters, read_letters, release_letters, tell_amendment};
pub use line::{accept_line, read_line, refuse_line};
pub use note::{read_commitment_note, write_commitment_note};
pub use outlook::{Grid, read_outlook, read_sensitivity, read_what_if};
pub use package::read_package;
pub use promotion::propose_scenario;
pub use redress::{
    RedressCheck, RedressDecision, RedressFinding, RedressInput, RedressList, Reevaluation,
    SettleInput, check_redress, decide_redress, examine_redress, file_redress, list_call_redress,
    list_redress, read_redress, reevaluate_proposal, settle_redress,
};
pub use scenario::{
    ScenarioInput, compare_scenarios, drop_scenario, list_scenarios, make_scenario, read_scenario,
};
pub(crate) use selection::fingerprint;
pub use selection::{current_selection, propose_selection, read_selection};
pub use signed::{Signature, file_signed_document, read_signed_document};
pub use undecided::undecided;

use store::call::{self as calls, CallRow, StageRow};
use uuid::Uuid;

use crate::{Problem, Tx};

/// The stage and its call, the stage locked: whoever decides on a stage takes this lock first.
async fn lock_stage(tx: &mut Tx, call: Uuid, number: i32) -> Result<(CallRow, StageRow), Problem> {
    let found = calls::stage(tx.conn(), call, number).await?;
    lock_stage_by_id(tx, found.id).await
}

async fn lock_stage_by_id(tx: &mut Tx, stage: Uuid) -> Result<(CallRow, StageRow), Problem> {
    let stage = calls::lock_stage(tx.conn(), stage).await?;
    let call = calls::find(tx.conn(), stage.call_id).await?;
    Ok((call, stage))
}

/// The last stage of a call: the one that a selection decides.
async fn last_stage(tx: &mut Tx, call: Uuid) -> Result<StageRow, Problem> {
    calls::stages(tx.conn(), call)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}
