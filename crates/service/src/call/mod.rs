//! Calls: drafting, mapping to action items, funders and their commitments, opening, deadlines.

mod deadline;
mod draft;
mod funders;
mod progress;
mod read;

use serde::{Deserialize, Serialize};
use store::call as rows;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Problem, Tx};

pub use deadline::{NewDeadline, extend_stage, shorten_stage};
pub use draft::{
    CallInput, MappingInput, MappingItem, StageInput, draft_call, edit_call, map_call,
};
pub use funders::{FunderInput, Funders, PledgeInput, add_funder, list_funders, pledge_commitment};
pub use progress::{approve_call, cancel_call, open_call, pre_announce_call};
pub(crate) use read::visible;
pub use read::{Calls, by_code, list_calls, published, read_call};

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
