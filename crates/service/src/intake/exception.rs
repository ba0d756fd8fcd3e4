//! Individual exceptions to a deadline: given with a reason, told to the coordinator, open to the
//! independent observer.

use access::{Action, Permit};
use call::{CallState, StageState};
use chrono::{DateTime, SubsecRound, Utc};
use intake::{PROPOSAL, ProposalEvent, ProposalState, receipt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::intake::{self as rows, ExceptionRow};
use store::view::intake::{self as view, ExceptionView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Held, call_words, edited_since, hold, stage_words, utc, viewer};
use crate::{Answer, Context, Problem, Service, Tx};

/// An exception to be given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionInput {
    /// Until when the proposal can be submitted: after the stage's deadline, and in the future.
    pub until: DateTime<Utc>,
    /// Why, for the coordinator and the independent observer.
    pub reason: String,
}

/// The exceptions of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Exceptions {
    /// Oldest first; of several for one proposal in one stage the last one counts.
    pub items: Vec<ExceptionView>,
}

/// Lets one proposal be submitted until an instant of its own. What the deadline has closed already is open
/// again, as long as nobody has judged it.
pub async fn give_exception(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ExceptionInput,
) -> Result<Answer<ExceptionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::GiveException, &object).await?;
        checked(tx, &held, &input).await?;
        let reopened = reopen(tx, &permit, &held).await?;
        let row = ExceptionRow {
            id: kernel::id::new(),
            call_id: held.call.id,
            proposal_stage_id: held.content.id,
            number: held.exception.as_ref().map_or(0, |last| last.number) + 1,
            deadline_at: held.stage.deadline_at,
            until: input.until.trunc_subsecs(6),
            reason: input.reason.trim().to_owned(),
            given_by: permit.account().ok_or_else(Problem::not_found)?,
            given_at: tx.now().await?,
        };
        rows::give_exception(tx.conn(), &permit, id, &row).await?;
        let version = reopened.map(|_| held.content.version + 1);
        let detail = json!({ "until": row.until, "number": row.number, "state": reopened });
        tx.audit(&permit, version, Some(&row.reason), detail)
            .await?;
        tell(tx, &held, &row).await?;
        Ok(ExceptionView {
            proposal: id,
            number: held.proposal.number,
            stage: held.stage.number,
            version: row.number,
            until: row.until,
            reason: row.reason,
            deadline: row.deadline_at,
            given_at: row.given_at,
        })
    };
    service.write(context, work).await
}

/// Refuses what comes too late in the life of the stage, or breaks a rule.
async fn checked(tx: &mut Tx, held: &Held, input: &ExceptionInput) -> Result<(), Problem> {
    if !matches!(held.call.state()?, CallState::Open | CallState::Evaluation) {
        return Err(Problem::state(format!(
            "The call is '{}'.",
            held.call.state
        )));
    }
    use StageState::{Checking, Closed, Open};
    if !matches!(held.stage.state()?, Open | Closed | Checking) {
        return Err(Problem::state(
            "The stage is past its checks: its proposals are compared with each other, and none is opened again.",
        ));
    }
    let stages = calls::stages(tx.conn(), held.call.id).await?;
    let next = stages
        .iter()
        .find(|one| one.number == held.stage.number + 1);
    let next = next.map(|next| next.deadline()).transpose()?;
    let (deadline, now) = (held.stage.deadline()?, tx.now().await?);
    let faults =
        intake::exception::check(input.until, &input.reason, &deadline, next.as_ref(), now);
    Ok(faults.or(())?)
}

/// Opens again what the deadline closed; answers the state it comes to, or nothing where it was open.
async fn reopen(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
) -> Result<Option<ProposalState>, Problem> {
    let state = held.content.state()?;
    if state.is_written() {
        return Ok(None);
    }
    let event = match state {
        ProposalState::Locked if edited_since(tx, held).await? => ProposalEvent::ReopenEdited,
        _ => ProposalEvent::Reopen,
    };
    let next = PROPOSAL.apply(state, event)?;
    if rows::judged_upon(tx.conn(), held.content.id).await? {
        return Err(Problem::state(
            "The proposal is being judged as it was locked; an exception can be given before the first verdict.",
        ));
    }
    rows::reopen(tx.conn(), permit, &held.content, next).await?;
    Ok(Some(next))
}

async fn tell(tx: &mut Tx, held: &Held, row: &ExceptionRow) -> Result<(), Problem> {
    let Some(to) = rows::account(tx.conn(), held.proposal.coordinator_id).await? else {
        return Ok(());
    };
    let zone = held.stage.deadline()?.zone;
    let variables = json!({
        "name": to.name,
        "call": call_words(&held.call),
        "stage": stage_words(&held.stage.kind),
        "proposal": held.proposal.number,
        "deadline": held.stage.label,
        "until_utc": utc(row.until),
        "until_local": format!("{} ({zone})", receipt::local(row.until, zone)),
        "reason": row.reason,
        "link": tx.service.api(format_args!("/proposals/{}", held.proposal.id)),
    });
    tx.mail(Some(&held.call), &to.email, "deadline_exception", variables)
        .await
}

/// The exceptions of a call: all for the secretariat and the observer; for the steering committee those of
/// the proposals that it sees.
pub async fn list_exceptions(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Exceptions>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadExceptions, &call.object()).await?;
        let viewer = viewer(tx, call.id).await?;
        let mut items = view::exceptions(tx.conn(), call.id, viewer.account).await?;
        if !viewer.all {
            // Before the deadline a funder learns of no proposal.
            let seen = view::seen(tx.conn(), &viewer, call.id, None).await?;
            items.retain(|(row, _)| seen.iter().any(|seen| seen.id == *row));
        }
        let items = items.into_iter().map(|(_, view)| view).collect();
        Ok(Exceptions { items })
    };
    service.read(context, work).await
}
