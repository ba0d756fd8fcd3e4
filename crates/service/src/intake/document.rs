use access::Action;
use intake::document::{Document, Heading, document};
use intake::{CheckContext, ProposalState};
use kernel::Code;
use sha2::{Digest, Sha256};
use store::call as calls;
use store::intake as rows;
use uuid::Uuid;

use super::read::rules_of;
use super::{call_words, object_to_read, proposal_view, stage_words};
use crate::call::DocumentFile;
use crate::ports::TypesetFault;
use crate::{Answer, Context, Problem, Service, Tx};

/// The proposal as a PDF: what the viewer may read of it, in the stage of this number or in the last one. It is
/// the same for everybody who reads the same version, and carries the hash that its receipt carries; a partner's
/// leaves out what the others cost, and the hash.
pub async fn typeset_proposal(
    service: &Service,
    context: Context,
    id: Uuid,
    number: Option<i32>,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| read(tx, id, number).await;
    let Answer {
        value: document,
        etag,
        dry_run,
    } = service.read(context, work).await?;
    let files = document.figures.iter().chain(&document.annexes);
    let files = files.map(|one| one.file.clone()).collect();
    let name = format!("{}.pdf", document.number);
    let document = serde_json::to_value(document).map_err(Problem::internal)?;
    // No connection is held while it is set.
    let pdf = service.typesetter().typeset("proposal", document, files);
    let content = pdf.await?;
    let file = DocumentFile {
        name,
        content_type: "application/pdf".to_owned(),
        sha256: hex::encode(Sha256::digest(&content)),
        content,
    };
    Ok(Answer {
        value: file,
        etag,
        dry_run,
    })
}

async fn read(tx: &mut Tx, id: Uuid, number: Option<i32>) -> Result<Document, Problem> {
    let proposal = rows::find(tx.conn(), id).await?;
    let object = object_to_read(tx, &proposal).await?;
    tx.permit(Action::ReadProposal, &object).await?;
    let call = calls::find(tx.conn(), proposal.call_id).await?;
    let view = proposal_view(tx, &call, id).await?;
    let wanted = |stage: i32| number.is_none_or(|number| number == stage);
    let mut stages = view.stages.into_iter().rev();
    let shown = stages.find(|one| wanted(one.stage));
    let shown = shown.ok_or_else(Problem::not_found)?;
    let rules = call.rules()?;
    let stage = rules_of(&rules, shown.stage)?;
    let funders = rows::funder_terms(tx.conn(), call.id).await?;
    let written = matches!(
        shown.state,
        ProposalState::Draft | ProposalState::EditedSince
    );
    let heading = Heading {
        call: call_words(&call),
        stage: stage_words(&shown.kind),
        number: view.number,
        version: shown.submitted_version.filter(|_| !written),
        whole: shown.is_whole(),
        rehearsal: call.rehearsal,
    };
    let context = CheckContext::new(&rules, stage, &funders);
    Ok(document(heading, &shown.content, &context))
}

impl From<TypesetFault> for Problem {
    fn from(fault: TypesetFault) -> Self {
        match fault {
            TypesetFault::Busy => Problem {
                retry_after: Some(10),
                ..Problem::new(
                    Code::Unavailable,
                    "Many documents are being set at this moment; try again in some seconds.",
                )
            },
            TypesetFault::TooHard => Problem::state(
                "The document could not be set: a figure or an annex cannot be read, or it is too long. Take out \
                 what was added last, and try again.",
            ),
            TypesetFault::Failed(cause) => Problem::internal(cause),
        }
    }
}
