//! A call goes from draft to open, or is cancelled.

use access::Action;
use call::{CALL, CallEvent};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as rows;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::check::complete;
use super::version::publish;
use super::{Reason, given, refreshed};
use crate::{Answer, Context, Problem, Service, Tx};

/// What a draft rests on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Memorandum {
    /// Where the signed memorandum of understanding stands, and who signed it when.
    pub memorandum: String,
}

/// Turns an idea into a draft, on the memorandum of understanding of its members.
pub async fn prepare_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Memorandum,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::PrepareCall, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        let state = CALL.apply(row.state()?, CallEvent::Prepare)?;
        let memorandum = input.memorandum.trim();
        if memorandum.is_empty() {
            return Err(Problem::invalid(
                "/memorandum",
                "required",
                "say where the signed memorandum stands, and who signed it when",
            ));
        }
        rows::prepare(tx.conn(), &permit, &row, state, memorandum).await?;
        let version = Some(row.version + 1);
        let detail = json!({ "state": state });
        tx.audit(&permit, version, Some(memorandum), detail).await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// Approves the draft for the steering committee.
pub async fn approve_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::ApproveCall,
        CallEvent::Approve,
        None,
    )
    .await
}

/// Pre-announces the approved call: from now on the public sees it.
pub async fn pre_announce_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::PreAnnounceCall,
        CallEvent::PreAnnounce,
        None,
    )
    .await
}

/// Publishes and opens the call; its first stage opens at its time.
pub async fn open_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    advance(
        service,
        context,
        id,
        Action::OpenCall,
        CallEvent::Publish,
        None,
    )
    .await
}

/// Cancels the call.
pub async fn cancel_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<CallView>, Problem> {
    let reason = Some(input.reason);
    advance(
        service,
        context,
        id,
        Action::CancelCall,
        CallEvent::Cancel,
        reason,
    )
    .await
}

async fn advance(
    service: &Service,
    context: Context,
    id: Uuid,
    action: Action,
    event: CallEvent,
    reason: Option<String>,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(action, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        let state = CALL.apply(row.state()?, event)?;
        if let Some(reason) = &reason {
            given(reason)?;
        }
        if matches!(event, CallEvent::Approve | CallEvent::Publish) {
            let funders = view::funders(tx.conn(), id, true).await?;
            complete(tx, &current, &funders).await?.or(())?;
        }
        rows::set_state(tx.conn(), &permit, &row, state, reason.as_deref()).await?;
        tx.audit(
            &permit,
            Some(row.version + 1),
            reason.as_deref(),
            json!({ "state": state }),
        )
        .await?;
        let change = match event {
            CallEvent::PreAnnounce => "Pre-announced",
            CallEvent::Publish => "Opened",
            CallEvent::Cancel => "Cancelled",
            _ => "Approved",
        };
        publish(
            tx,
            &permit,
            id,
            change,
            reason.as_deref().unwrap_or_default(),
        )
        .await?;
        if event == CallEvent::Publish {
            open_first_stage(tx, id).await?;
        }
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// The stage is written with the call locked, though everybody else locks the stage first. Nobody waits in a circle: whoever
/// locks a stage that is still planned is refused before coming to its call, and the calendar looks at open calls alone.
async fn open_first_stage(tx: &mut Tx, call: Uuid) -> Result<(), Problem> {
    let first = rows::stage(tx.conn(), call, 1).await?;
    let now = tx.now().await?;
    if first.opens_at.is_some_and(|opens_at| opens_at <= now) {
        crate::calendar::open_stage(tx, &first).await?;
    }
    Ok(())
}
