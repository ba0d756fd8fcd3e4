//! Deadlines move, with a reason and for everybody.

use access::{Action, Object};
use call::{CALL, CallEvent, STAGE, StageEvent};
use kernel::Deadline;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as rows;
use store::intake::move_conditions;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::refreshed;
use super::version::publish;
use crate::{Answer, Context, Problem, Service, Tx};

/// Another deadline.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeadline {
    /// The new deadline.
    pub deadline: Deadline,
    /// Why, for everybody concerned.
    pub reason: String,
}

/// Moves a deadline to a later time, for everybody, with a reason.
pub async fn extend_stage(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
) -> Result<Answer<CallView>, Problem> {
    move_deadline(service, context, id, number, input, StageEvent::Extend).await
}

/// Moves the deadline of a rehearsal to an earlier time.
pub async fn shorten_stage(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
) -> Result<Answer<CallView>, Problem> {
    move_deadline(service, context, id, number, input, StageEvent::Shorten).await
}

async fn move_deadline(
    service: &Service,
    context: Context,
    id: Uuid,
    number: i32,
    input: NewDeadline,
    event: StageEvent,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = rows::find(tx.conn(), id).await?;
        let stage = rows::stage(tx.conn(), id, number).await?;
        let stage = rows::lock_stage(tx.conn(), stage.id).await?;
        let object = Object {
            public: call.is_published(),
            ..stage.object()
        };
        let action = match event {
            StageEvent::Shorten => Action::ShortenStage,
            _ => Action::ExtendStage,
        };
        let permit = tx.permit(action, &object).await?;
        let current = view::call_view(tx.conn(), &call, true).await?;
        tx.precondition(&current)?;
        // The stage of a call that was cancelled stays open as it was, but nothing of it may be amended.
        CALL.apply(call.state()?, CallEvent::Amend)?;
        STAGE.apply(stage.state()?, event)?;
        if event == StageEvent::Shorten && !call.rehearsal {
            return Err(Problem::state(
                "Only a rehearsal may shorten a deadline; applicants rely on the published one.",
            ));
        }
        let now = tx.now().await?;
        let before = stage.deadline()?;
        let mut faults = match event {
            StageEvent::Shorten => call::check_shortening(&before, &input.deadline, now),
            _ => call::check_extension(&before, &input.deadline),
        };
        let next = rows::stages(tx.conn(), id).await?;
        let next = next.iter().find(|one| one.number == number + 1);
        faults.require(
            next.is_none_or(|next| input.deadline.at < next.deadline_at),
            "/deadline",
            "deadline_order",
            "the deadline of the next stage comes first; choose an earlier one",
        );
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say why",
        );
        faults.or(())?;
        rows::set_deadline(tx.conn(), &permit, &stage, &input.deadline).await?;
        // What the invitations ask for by the deadline of the full proposals is due when they are.
        move_conditions(tx.conn(), &permit, &stage, input.deadline.at).await?;
        let change = format!(
            "Deadline of stage {number} moved from {} to {}",
            before.label, input.deadline.label
        );
        publish(tx, &permit, id, &change, input.reason.trim()).await?;
        tx.audit(
            &permit,
            Some(stage.version + 1),
            Some(&input.reason),
            json!({ "before": before.at, "after": input.deadline.at }),
        )
        .await?;
        crate::intake::tell_of_new_deadline(tx, &call, &stage, &input).await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}
