//! What becomes of a request for redress: the secretariat checks it, the observer examines it, the committee decides.

use access::Action;
use commitment::redress::{self as domain, REDRESS, RedressEvent};
use intake::ProposalState;
use serde::{Deserialize, Serialize};
use store::commitment::redress as rows;
use store::outcome;
use store::view::commitment::RedressView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::names::{ForCoordinator, names_nobody};
use super::tell::{Step, tell_coordinator, tell_next};
use super::{Held, again, held};
use crate::{Answer, Context, Problem, Service, Tx};

/// What the secretariat finds of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressCheck {
    /// Whether it is on the procedure, and in the window.
    pub admissible: bool,
    /// Why; the coordinator reads it.
    pub because: String,
    /// Why the text names nobody, where a word of it is also the name of an expert of the call. The audit trail keeps it.
    #[serde(default)]
    pub despite_names: String,
}

/// What the independent observer finds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressFinding {
    /// Whether the procedure was followed.
    pub followed: bool,
    /// What was looked at and found; the steering committee and the chair of the panel read it, the coordinator does
    /// not.
    pub finding: String,
}

/// What the steering committee decides.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedressDecision {
    /// Whether the request is upheld.
    pub upheld: bool,
    /// Why; the coordinator reads it.
    pub because: String,
    /// Why the text names nobody, where a word of it is also the name of an expert of the call. The audit trail keeps it.
    #[serde(default)]
    pub despite_names: String,
}

/// Records whether a request is admissible.
pub async fn check_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressCheck,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::CheckRedress, &held.object).await?;
        held.precondition(tx)?;
        let event = match input.admissible {
            true => RedressEvent::Admit,
            false => RedressEvent::Dismiss,
        };
        let state = REDRESS.apply(held.row().state()?, event)?;
        let despite = reasons(tx, &held, &input.because, &input.despite_names).await?;
        rows::check(tx.conn(), &permit, held.row(), state, &input.because).await?;
        held.audit(tx, &permit, Some(&input.because), (state, despite))
            .await?;
        match input.admissible {
            true => tell_next(tx, &held.call, &held.proposal, Step::Examine).await?,
            false => tell_coordinator(tx, &held, state, &input.because).await?,
        }
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Files the independent observer's finding.
pub async fn examine_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressFinding,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::ExamineRedress, &held.object).await?;
        held.precondition(tx)?;
        let state = REDRESS.apply(held.row().state()?, RedressEvent::Examine)?;
        domain::words("/finding", &input.finding).or(())?;
        let finding = (input.followed, input.finding.as_str());
        rows::examine(tx.conn(), &permit, held.row(), state, finding).await?;
        held.audit(tx, &permit, None, (state, None)).await?;
        tell_next(tx, &held.call, &held.proposal, Step::Decide).await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Records what the steering committee decides.
pub async fn decide_redress(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RedressDecision,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = held(tx, id).await?;
        let permit = tx.permit(Action::DecideRedress, &held.object).await?;
        held.precondition(tx)?;
        let event = match input.upheld {
            true => RedressEvent::Uphold,
            false => RedressEvent::Reject,
        };
        let state = REDRESS.apply(held.row().state()?, event)?;
        let despite = reasons(tx, &held, &input.because, &input.despite_names).await?;
        rows::decide(tx.conn(), &permit, held.row(), state, &input.because).await?;
        held.audit(tx, &permit, Some(&input.because), (state, despite))
            .await?;
        tell_coordinator(tx, &held, state, &input.because).await?;
        if input.upheld {
            let standing = outcome::find(tx.conn(), held.proposal.id, held.filed.stage).await?;
            let step = match standing.state {
                ProposalState::Ineligible => Step::Revise,
                _ => Step::Reevaluate,
            };
            tell_next(tx, &held.call, &held.proposal, step).await?;
        }
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Refuses reasons that are not fit for the coordinator; answers why they name nobody, where somebody had to say so.
async fn reasons(
    tx: &mut Tx,
    held: &Held,
    because: &str,
    despite_names: &str,
) -> Result<Option<String>, Problem> {
    let mut faults = domain::words("/because", because);
    let text = ForCoordinator {
        pointer: "/because",
        text: because,
        despite_names,
    };
    let despite = names_nobody(tx, held.call.id, text, &mut faults).await?;
    faults.or(())?;
    Ok(despite)
}
