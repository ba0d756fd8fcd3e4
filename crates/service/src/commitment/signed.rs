//! The signed documents of commitments: filed with who signed them, and handed out to the steering committee.

use access::Action;
use call::{DocumentFormat, check_document};
use chrono::NaiveDate;
use intake::query::words;
use kernel::{Code, Faults};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::agenda;
use store::call as calls;
use store::commitment::signed::{self as rows, NewSigned};
use store::view::commitment::SignedDocument;
use uuid::Uuid;

use super::tell::{Commitment, tell};
use crate::call::{DocumentFile, SentFile, funders, lock_funder};
use crate::{Answer, Context, Problem, Service, Tx};

/// Who signed a document.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Signature {
    /// The person who signed; it has to be given.
    #[param(example = "Dr Maria Muster")]
    pub signed_by: Option<String>,
    /// In which function; it has to be given.
    #[param(example = "Head of division")]
    pub signed_as: Option<String>,
    /// On which day; it has to be given.
    pub signed_on: Option<NaiveDate>,
}

/// The name under which a document of a commitment is handed out.
const NAME: &str = "commitment";

/// Files a signed document of a funder's commitment. A pledge names it by the SHA-256 that is answered.
pub async fn file_signed_document(
    service: &Service,
    context: Context,
    call: Uuid,
    key: String,
    signature: Signature,
    file: SentFile,
) -> Result<Answer<SignedDocument>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (of_call, row) = lock_funder(tx, call, &key).await?;
        let permit = tx.permit(Action::FileSignedDocument, &row.object()).await?;
        if row.left_at.is_some() {
            return Err(Problem::not_found());
        }
        if DocumentFormat::of(&file.content_type) != Some(DocumentFormat::Pdf) {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "Send the signed document as a PDF: its bytes as the body, with application/pdf as Content-Type.",
            ));
        }
        let today = tx.now().await?.date_naive();
        let (signed_by, signed_as, signed_on) = check(&signature, &file, today)?;
        let sha256 = hex::encode(Sha256::digest(&file.content));
        let new = NewSigned {
            sha256: &sha256,
            content: &file.content,
            size: i32::try_from(file.content.len()).map_err(Problem::internal)?,
            signed_by: &signed_by,
            signed_as: &signed_as,
            signed_on,
        };
        let filed = rows::file(tx.conn(), &permit, &row, &new).await;
        filed.map_err(|error| match error {
            StoreError::Exists(_) => Problem::invalid(
                "",
                "taken",
                "the funder filed this document already; a pledge can name it as it is",
            ),
            other => other.into(),
        })?;
        let detail = json!({
            "sha256": sha256, "signed_by": signed_by, "signed_as": signed_as, "signed_on": signed_on,
        });
        tx.audit(&permit, None, None, detail).await?;
        let all = funders(tx, call, true).await?.items;
        let named = all.iter().find(|one| one.organisation == key);
        let name = named.map_or_else(|| key.clone(), |one| one.name.clone());
        let funder = (row.organisation_id, name.as_str());
        let words = format!("{signed_by}, {signed_as}, {signed_on}");
        tell(tx, &of_call, funder, Commitment::Signed, &words).await?;
        let all = all.into_iter();
        let commitments = all.filter_map(|funder| funder.commitment);
        let mut documents = commitments.flat_map(|one| one.documents);
        let filed = documents.find(|one| one.sha256 == sha256);
        filed.ok_or_else(|| Problem::internal("a filed document is not there"))
    };
    service.write(context, work).await
}

fn check(
    signature: &Signature,
    file: &SentFile,
    today: NaiveDate,
) -> Result<(String, String, NaiveDate), Problem> {
    let mut faults = Faults::default();
    let given = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    let (signed_by, signed_as) = (given(&signature.signed_by), given(&signature.signed_as));
    words("/signed_by", &signed_by, &mut faults);
    words("/signed_as", &signed_as, &mut faults);
    let signed_on = signature.signed_on.unwrap_or(today);
    faults.require(
        signature.signed_on.is_some(),
        "/signed_on",
        "required",
        "say on which day it was signed (?signed_on=2026-10-12)",
    );
    // Somewhere on Earth it is tomorrow already.
    faults.require(
        today
            .succ_opt()
            .is_none_or(|tomorrow| signed_on <= tomorrow),
        "/signed_on",
        "in_the_future",
        "that day is still to come; give the day on which it was signed",
    );
    let found = check_document(NAME, NAME, DocumentFormat::Pdf, &file.content);
    faults.0.extend(found.0);
    Ok(faults.or((signed_by, signed_as, signed_on))?)
}

/// The bytes of a signed document, for the steering committee.
pub async fn read_signed_document(
    service: &Service,
    context: Context,
    call: Uuid,
    key: String,
    sha256: String,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadCommitments, &row.object()).await?;
        let organisation = agenda::organisation_id(tx.conn(), &key)
            .await?
            .ok_or_else(Problem::not_found)?;
        let part = calls::find_participation(tx.conn(), call, organisation).await?;
        let content = rows::content(tx.conn(), part.id, &sha256).await?;
        Ok(DocumentFile {
            name: format!("{NAME}-{key}.{}", DocumentFormat::Pdf.extension()),
            content_type: DocumentFormat::Pdf.to_string(),
            content: content.into(),
            sha256,
        })
    };
    service.read(context, work).await
}
