//! Calls: drafting, mapping to action items, funders and their commitments, opening, deadlines.

mod breakage;
mod check;
mod copy;
mod deadline;
mod draft;
mod funders;
mod join;
mod progress;
mod question;
mod read;
mod version;

use serde::{Deserialize, Serialize};
use store::call as rows;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Problem, Tx};

pub use check::{CallCheck, check_call};
pub use copy::{CopyInput, copy_call};
pub use deadline::{NewDeadline, extend_stage, shorten_stage};
pub use draft::{
    CallInput, MappingInput, MappingItem, StageInput, draft_call, edit_call, map_call,
};
pub use funders::{
    FunderInput, Funders, Leaving, PledgeInput, add_funder, list_funders, pledge_commitment,
    remove_funder,
};
pub use join::{JoinInput, JoinRequests, ask_to_join, decline_join_request, list_join_requests};
pub use progress::{
    Memorandum, approve_call, cancel_call, open_call, pre_announce_call, prepare_call,
};
pub use question::{
    AnswerInput, QuestionInput, Questions, answer_question, ask_question, list_questions,
};
pub(crate) use read::visible;
pub use read::{Calls, by_code, list_calls, published, read_call};
pub use version::{
    Amendment, Changes, Difference, Latest, VersionView, amend_call, dates, latest, list_changes,
    read_version,
};

/// A reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for everybody concerned.
    pub reason: String,
}

async fn refreshed(tx: &mut Tx, id: Uuid) -> Result<CallView, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    let insider = !row.is_published() || tx.wears_a_role(&row.object());
    Ok(view::call_view(tx.conn(), &row, insider).await?)
}
