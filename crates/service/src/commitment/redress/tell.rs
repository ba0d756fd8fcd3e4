//! Who hears of a request for redress.

use access::Role;
use commitment::redress::RedressState;
use serde_json::json;
use store::access::holders::holders;
use store::call::CallRow;
use store::intake::{self as proposals, ProposalRow};
use store::review::summary::chair_is_free;
use store::{outbox, outcome};

use super::Held;
use crate::intake::call_words;
use crate::{Problem, Tx};

/// The next step of a request, and who takes it.
#[derive(Debug, Clone, Copy, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Step {
    Check,
    Examine,
    Decide,
    /// Who was found ineligible is judged again by those whose verdicts these are, and gets reviewers.
    Revise,
    Reevaluate,
    Settle,
}

impl Step {
    fn role(self) -> Role {
        match self {
            Step::Check | Step::Revise | Step::Settle => Role::Secretariat,
            Step::Examine => Role::Observer,
            Step::Decide => Role::CscChair,
            Step::Reevaluate => Role::PanelChair,
        }
    }
}

/// Writes to whoever takes the next step and has no conflict of interest with the proposal. Where every chair of the panel
/// has one, the secretariat records what the panel agrees on.
pub(super) async fn tell_next(
    tx: &mut Tx,
    call: &CallRow,
    proposal: &ProposalRow,
    step: Step,
) -> Result<(), Problem> {
    let walled_off = outcome::addresses_in_conflict(tx.conn(), proposal.id).await?;
    let role = match step {
        Step::Reevaluate if !chair_is_free(tx.conn(), call.id, proposal.id).await? => {
            Role::Secretariat
        }
        _ => step.role(),
    };
    let found = holders(tx.conn(), call.id, &[role]).await?;
    let link = tx
        .service
        .api(format_args!("/proposals/{}/redress", proposal.id));
    let concerned = found
        .into_iter()
        .filter(|one| !walled_off.contains(&one.email));
    let mails: Vec<_> = concerned
        .map(|one| {
            let variables = json!({
                "name": one.name, "call": call_words(call), "proposal": proposal.number,
                "step": step.to_string(), "link": link,
            });
            crate::mail::letter(
                &tx.service,
                Some(call),
                &one.email,
                "redress_waits",
                variables,
            )
        })
        .collect();
    Ok(outbox::queue(tx.conn(), &mails).await?)
}

/// Writes to the coordinator what became of the request.
pub(super) async fn tell_coordinator(
    tx: &mut Tx,
    held: &Held,
    state: RedressState,
    because: &str,
) -> Result<(), Problem> {
    let found = proposals::account(tx.conn(), held.proposal.coordinator_id).await?;
    let Some(to) = found else { return Ok(()) };
    let link = tx
        .service
        .api(format_args!("/proposals/{}/redress", held.proposal.id));
    let variables = json!({
        "name": to.name, "call": call_words(&held.call), "proposal": held.proposal.number,
        "decision": state, "because": because.trim(), "link": link,
    });
    let mail = crate::mail::letter(
        &tx.service,
        Some(&held.call),
        &to.email,
        "redress_decided",
        variables,
    );
    Ok(outbox::queue(tx.conn(), &[mail]).await?)
}
