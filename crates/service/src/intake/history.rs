//! The saved versions of a draft: listed, read, compared, restored. They are the coordinator's alone: what
//! another partner wrote into its budget is in them.

use access::Action;
use intake::Content;
use serde::{Deserialize, Serialize};
use store::intake as rows;
use store::view::intake::{self as view, DraftContent, DraftVersion, ProposalView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{draft, hold, own, proposal_view};
use crate::{Answer, Context, Problem, Service, Tx};

/// The saved versions of a draft.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftHistory {
    /// Newest first.
    pub items: Vec<DraftVersion>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Lists the saved versions of the current stage's draft, from the number `cursor` on downwards.
pub async fn list_drafts(
    service: &Service,
    context: Context,
    id: Uuid,
    cursor: Option<i32>,
    limit: u16,
) -> Result<Answer<DraftHistory>, Problem> {
    let work = async move |tx: &mut Tx| {
        own(tx, id).await?;
        let (content, _) = rows::current_stage(tx.conn(), id).await?;
        let limit = limit.clamp(1, 200);
        let items = view::history(tx.conn(), content, cursor, limit).await?;
        let last = items.last().map_or(1, |last| last.version);
        let next = (last > 1).then(|| (last - 1).to_string());
        Ok(DraftHistory { items, next })
    };
    service.read(context, work).await
}

/// Reads one saved version, compared with another where its number is given.
pub async fn read_draft(
    service: &Service,
    context: Context,
    id: Uuid,
    version: i32,
    against: Option<i32>,
) -> Result<Answer<DraftContent>, Problem> {
    let work = async move |tx: &mut Tx| {
        own(tx, id).await?;
        let (content, _) = rows::current_stage(tx.conn(), id).await?;
        view::draft_version(tx.conn(), content, version, against)
            .await?
            .ok_or_else(Problem::not_found)
    };
    service.read(context, work).await
}

/// Saves what an earlier version said as a new one.
pub async fn restore_draft(
    service: &Service,
    context: Context,
    id: Uuid,
    version: i32,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::EditProposal, &object).await?;
        held.check_in_time(tx).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        tx.precondition(&current)?;
        let earlier = rows::saved_version(tx.conn(), held.content.id, version).await?;
        let earlier = earlier.ok_or_else(Problem::not_found)?;
        let content: Content = store::text::document(earlier.content)?;
        let (before, version) = draft::drafted(tx, &held).await?;
        let state = draft::save(tx, &permit, &held, (&before, version), &content).await?;
        Ok(current.written(content, state))
    };
    service.write(context, work).await
}
