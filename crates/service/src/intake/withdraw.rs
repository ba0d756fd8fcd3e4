//! Withdrawing a proposal, and undoing that before the deadline.

use access::{Action, Role};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use serde_json::{Value, json};
use store::access::holders::holders;
use store::intake as rows;
use store::view::intake::ProposalView;
use uuid::Uuid;

use super::{Held, call_words, edited_since, hold, proposal_view, read, utc};
use crate::call::{Reason, given};
use crate::{Answer, Context, Problem, Service, Tx};

/// Takes a proposal back, with a reason. The secretariat hears of it when something was submitted: of
/// drafts it knows nothing.
pub async fn withdraw_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::WithdrawProposal, &object).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        tx.precondition(&current)?;
        let reason = given(&input.reason)?;
        // The content's own state alone decides: a refusal must not tell what is not yet released.
        let state = PROPOSAL.apply(held.content.state()?, ProposalEvent::Withdraw)?;
        let submitted = held.content.submitted;
        rows::set_state(
            tx.conn(),
            &permit,
            &held.content,
            state,
            submitted,
            Some(reason),
        )
        .await?;
        let version = Some(held.content.version + 1);
        tx.audit(&permit, version, Some(reason), json!({ "state": state }))
            .await?;
        let last = rows::submission(tx.conn(), held.content.id, submitted).await?;
        if let Some(last) = last {
            let more = json!({ "reason": reason });
            tell_secretariat(tx, &held, &last.content, "proposal_withdrawn", more).await?;
        }
        proposal_view(tx, &held.call, id).await
    };
    service.write(context, work).await
}

/// Undoes a withdrawal before the deadline: what was submitted counts again, and what was written on since
/// stays. The secretariat hears of it when it heard of the withdrawal.
pub async fn reinstate_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ProposalView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::ReinstateProposal, &object).await?;
        held.check_in_time(tx).await?;
        let current = proposal_view(tx, &held.call, id).await?;
        tx.precondition(&current)?;
        let submitted = held.content.submitted;
        let edited = edited_since(tx, &held).await?;
        let event = ProposalEvent::undoing_withdrawal(submitted > 0, edited);
        let state = PROPOSAL.apply(held.content.state()?, event)?;
        if state != ProposalState::Draft {
            read::coordinations(tx, &held.call, &held.stage, id).await?;
        }
        rows::set_state(tx.conn(), &permit, &held.content, state, submitted, None).await?;
        let detail = json!({ "state": state, "submitted": submitted });
        tx.audit(&permit, Some(held.content.version + 1), None, detail)
            .await?;
        let last = rows::submission(tx.conn(), held.content.id, submitted).await?;
        if let Some(last) = last {
            let more = json!({ "version": last.number });
            tell_secretariat(tx, &held, &last.content, "proposal_reinstated", more).await?;
        }
        proposal_view(tx, &held.call, id).await
    };
    service.write(context, work).await
}

/// Tells the secretariat in the words of a template, which may want `more` than which proposal it is.
async fn tell_secretariat(
    tx: &mut Tx,
    held: &Held,
    content: &Value,
    template: &str,
    more: Value,
) -> Result<(), Problem> {
    let time_utc = utc(tx.now().await?);
    for to in holders(tx.conn(), held.call.id, &[Role::Secretariat]).await? {
        let mut variables = more.clone();
        variables["name"] = json!(to.name);
        variables["call"] = json!(call_words(&held.call));
        variables["proposal"] = json!(held.proposal.number);
        variables["acronym"] = content["acronym"].clone();
        variables["time_utc"] = json!(time_utc);
        tx.mail(Some(&held.call), &to.email, template, variables)
            .await?;
    }
    Ok(())
}
