use access::{Action, Permit};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use intake::{
    Content, PROPOSAL, ProposalEvent, ProposalState, Receipt, SignedReceipt, receipt, submission,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::intake::{self as rows, SubmissionRow};
use utoipa::ToSchema;
use uuid::Uuid;

use super::read::findings;
use super::{Held, call_words, hold, proposal_view, stage_words, utc};
use crate::{Answer, Context, Problem, Service, Tx};

/// The answer to a submission.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// Where the proposal stands now.
    pub state: ProposalState,
    /// What was submitted, when, and the signature over it.
    pub receipt: SignedReceipt,
}

/// Submits the draft as it stands. Content that is the last submitted version already answers with its
/// receipt, whenever and with whatever ETag: an acknowledgement that was lost is given again.
pub async fn submit_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Submitted>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::SubmitProposal, &object).await?;
        let arrived = held.arrived_at(tx).await?.trunc_subsecs(6);
        let (draft, _) = rows::draft(tx.conn(), held.content.id).await?;
        let content: Content = store::text::document(draft)?;
        let sha256 = submission::content_sha256(&content);
        let last = rows::submission(tx.conn(), held.content.id, held.content.submitted).await?;
        let earliest = last
            .as_ref()
            .map(|last| last.submitted_at + TimeDelta::microseconds(1));
        if let Some(last) = last.filter(|last| last.content_sha256 == sha256) {
            return again(tx, &permit, &held, last, arrived).await;
        }
        held.in_time(arrived)?;
        // The clock's reading is a little early, and must not put a version before the one it follows.
        let at = earliest.map_or(arrived, |earliest| arrived.max(earliest));
        let current = proposal_view(tx, &held.call, id).await?;
        tx.precondition(&current)?;
        let state = PROPOSAL.apply(held.content.state()?, ProposalEvent::Submit)?;
        let drafted = Some(held.content.id);
        let found = findings(tx, &held.call, &held.stage, id, &content, drafted).await?;
        found.faults.or(())?;
        let number = held.content.submitted + 1;
        let detail = json!({ "version": number, "content_sha256": sha256 });
        let entry = tx
            .audit(&permit, Some(held.content.version + 1), None, detail)
            .await?;
        let receipt = sign(tx, &held, number, sha256.clone(), at, &entry.digest)?;
        let row = SubmissionRow {
            id: kernel::id::new(),
            call_id: held.call.id,
            proposal_stage_id: held.content.id,
            number,
            content: serde_json::to_value(&content).map_err(Problem::internal)?,
            content_sha256: sha256,
            submitted_by: permit.account().ok_or_else(Problem::not_found)?,
            submitted_at: at,
            receipt: Some(serde_json::to_value(&receipt).map_err(Problem::internal)?),
        };
        rows::insert_submission(tx.conn(), &permit, id, &row).await?;
        rows::set_state(tx.conn(), &permit, &held.content, state, number, None).await?;
        acknowledge(tx, &held, &content, &receipt.receipt).await?;
        Ok(Submitted { state, receipt })
    };
    service.write(context, work).await
}

/// Gives the receipt of what is submitted already. Who edited and went back to it has submitted it.
async fn again(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
    last: SubmissionRow,
    arrived: DateTime<Utc>,
) -> Result<Submitted, Problem> {
    let receipt = last.receipt.ok_or_else(|| {
        Problem::state("This was submitted elsewhere, and has no receipt of this installation.")
    })?;
    let receipt = store::text::document(receipt)?;
    let mut state = held.content.state()?;
    let open = held.in_time(arrived).is_ok();
    if state == ProposalState::EditedSince && open {
        state = PROPOSAL.apply(state, ProposalEvent::Submit)?;
        rows::set_state(tx.conn(), permit, &held.content, state, last.number, None).await?;
        let detail = json!({ "version": last.number, "content_sha256": last.content_sha256 });
        tx.audit(permit, Some(held.content.version + 1), None, detail)
            .await?;
    }
    Ok(Submitted { state, receipt })
}

fn sign(
    tx: &Tx,
    held: &Held,
    version: i32,
    content_sha256: String,
    at: DateTime<Utc>,
    audit_digest: &[u8],
) -> Result<SignedReceipt, Problem> {
    let zone = held.stage.deadline()?.zone;
    let number = held.proposal.number.rsplit('-').next().unwrap_or_default();
    let receipt = Receipt {
        call: held.call.code.clone(),
        proposal: held.proposal.id,
        proposal_number: number.parse().map_err(Problem::internal)?,
        stage: store::text::name(&held.stage.kind)?,
        version,
        content_sha256,
        submitted_at: at,
        submitted_at_local: receipt::local(at, zone),
        zone,
        audit_digest: hex::encode(audit_digest),
        key_id: tx.service.keys().key_id(),
    };
    let (_, signature) = tx.service.keys().sign(&receipt.signed_bytes());
    Ok(SignedReceipt {
        receipt,
        signature: hex::encode(signature),
    })
}

async fn acknowledge(
    tx: &mut Tx,
    held: &Held,
    content: &Content,
    receipt: &Receipt,
) -> Result<(), Problem> {
    let Some(to) = rows::account(tx.conn(), held.proposal.coordinator_id).await? else {
        return Ok(());
    };
    let variables = json!({
        "name": to.name,
        "call": call_words(&held.call),
        "stage": stage_words(&held.stage.kind),
        "proposal": held.proposal.number,
        "acronym": content.acronym,
        "version": receipt.version,
        "sha256": receipt.content_sha256,
        "time_utc": utc(receipt.submitted_at),
        "time_local": format!("{} ({})", receipt.submitted_at_local, receipt.zone),
        "digest": receipt.audit_digest,
        "link": tx.service.api(format_args!("/proposals/{}/receipts", held.proposal.id)),
        "key_link": tx.service.api("/installation/key"),
    });
    tx.mail(Some(&held.call), &to.email, "submission_receipt", variables)
        .await
}
