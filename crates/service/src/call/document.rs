//! The documents of a call: added, replaced, taken out, handed out.

use access::{Action, Permit};
use bytes::Bytes;
use call::{CALL, CallEvent, CallState, DocumentFormat, DocumentKind, check_document};
use kernel::Code;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::call as rows;
use store::document::{self as documents, DocumentRow};
use store::view::call::CallView;
use strum::IntoEnumIterator;
use uuid::Uuid;

use super::read::visible;
use super::refreshed;
use super::version::publish;
use crate::{Answer, Context, Problem, Service, Tx};

/// What is said about a document that is sent; of one that is replaced, what is left out stays.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentHeading {
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub kind: Option<DocumentKind>,
    /// Why, for the public log of changes.
    pub reason: Option<String>,
}

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct SentFile {
    /// The `Content-Type`.
    pub content_type: String,
    /// The bytes.
    pub content: Vec<u8>,
}

/// A file to be handed out.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentFile {
    /// What it may be called where it is kept.
    pub name: String,
    /// The media type, for text with its encoding.
    pub content_type: String,
    /// SHA-256 of the bytes, in hexadecimal digits.
    pub sha256: String,
    /// The bytes.
    #[serde(skip)]
    pub content: Bytes,
}

/// Adds a document to a call or replaces one. Of a published call that is a change which its public log
/// tells; former versions stay to be read.
pub async fn put_document(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    heading: DocumentHeading,
    file: SentFile,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (permit, former) = begin(tx, id, &key, Action::PutDocument, heading.kind).await?;
        let format = DocumentFormat::of(&file.content_type).ok_or_else(not_taken)?;
        let row = checked(
            id,
            key,
            heading.title,
            heading.kind,
            former.as_ref(),
            format,
            &file,
        )?;
        documents::add(tx.conn(), &permit, &row, Some(&file.content)).await?;
        let change = match former {
            Some(former) if !former.is_removal() => {
                format!("Document '{}' replaced: version {}", row.title, row.number)
            }
            _ => format!("Document '{}' added", row.title),
        };
        kept(tx, &permit, &row, &change, heading.reason).await
    };
    service.write(context, work).await
}

/// Takes a document out of a call; its versions stay to be read.
pub async fn remove_document(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    reason: Option<String>,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (permit, former) = begin(tx, id, &key, Action::RemoveDocument, None).await?;
        let former = former.filter(|former| !former.is_removal());
        let former = former.ok_or_else(Problem::not_found)?;
        let row = DocumentRow {
            id: kernel::id::new(),
            number: former.number + 1,
            size: 0,
            sha256: String::new(),
            ..former
        };
        documents::add(tx.conn(), &permit, &row, None).await?;
        let change = format!("Document '{}' taken out", row.title);
        kept(tx, &permit, &row, &change, reason).await
    };
    service.write(context, work).await
}

/// Locks the call, asks whether this may be done to it now, and reads the version there is.
async fn begin(
    tx: &mut Tx,
    id: Uuid,
    key: &str,
    action: Action,
    kind: Option<DocumentKind>,
) -> Result<(Permit, Option<DocumentRow>), Problem> {
    let row = rows::lock(tx.conn(), id).await?;
    let permit = tx.permit(action, &row.object()).await?;
    let current = refreshed(tx, id).await?;
    tx.precondition(&current)?;
    let former = match documents::find(tx.conn(), id, key).await {
        Ok(former) => Some(former),
        Err(StoreError::NotFound) => None,
        Err(other) => return Err(other.into()),
    };
    let kinds = [
        kind.map(|kind| kind.to_string()),
        former.as_ref().map(|row| row.kind.clone()),
    ];
    let form = DocumentKind::CommissionTemplate.to_string();
    let is_form = kinds.iter().flatten().all(|kind| *kind == form) && kinds != [None, None];
    // The Commission's form comes when the package is made, and changes nothing for applicants.
    let reported = matches!(
        row.state()?,
        CallState::Selected | CallState::Granting | CallState::Monitoring
    );
    if !(is_form && reported) {
        CALL.apply(row.state()?, CallEvent::Amend)?;
    }
    Ok((permit, former))
}

fn not_taken() -> Problem {
    let taken: Vec<String> = DocumentFormat::iter().map(|one| one.to_string()).collect();
    Problem::new(
        Code::UnsupportedMediaType,
        format!(
            "Send the document's bytes as the body, with one of these as Content-Type: {}.",
            taken.join(", ")
        ),
    )
}

/// The next version, when everything about it is in order.
fn checked(
    call_id: Uuid,
    key: String,
    title: Option<String>,
    kind: Option<DocumentKind>,
    former: Option<&DocumentRow>,
    format: DocumentFormat,
    file: &SentFile,
) -> Result<DocumentRow, Problem> {
    let title = title.or_else(|| former.map(|row| row.title.clone()));
    let title = title.unwrap_or_default().trim().to_owned();
    let kind = kind.map(|kind| kind.to_string());
    let kind = kind.or_else(|| former.map(|row| row.kind.clone()));
    let mut faults = check_document(&key, &title, format, &file.content);
    faults.require(
        kind.is_some(),
        "/kind",
        "required",
        "say what the document is for (?kind=)",
    );
    let size = i32::try_from(file.content.len()).map_err(Problem::internal)?;
    Ok(faults.or(DocumentRow {
        id: kernel::id::new(),
        call_id,
        key,
        number: former.map_or(0, |row| row.number) + 1,
        kind: kind.unwrap_or_default(),
        title,
        media_type: format.to_string(),
        size,
        sha256: hex::encode(Sha256::digest(&file.content)),
    })?)
}

/// Publishes what became of a document and puts it on record; answers the call.
async fn kept(
    tx: &mut Tx,
    permit: &Permit,
    row: &DocumentRow,
    change: &str,
    reason: Option<String>,
) -> Result<CallView, Problem> {
    let reason = reason.unwrap_or_default();
    let reason = reason.trim();
    publish(tx, permit, row.call_id, change, reason).await?;
    let detail = json!({ "document": row.key, "number": row.number, "sha256": row.sha256 });
    let said = (!reason.is_empty()).then_some(reason);
    tx.audit(permit, None, said, detail).await?;
    refreshed(tx, row.call_id).await
}

/// The bytes of a document: of the version that counts, or of another one. Versions that were replaced
/// before the call was published stay among those who wear a role in it.
pub async fn read_document(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    number: Option<i32>,
) -> Result<Answer<DocumentFile>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = visible(tx, id).await?;
        let insider = tx.wears_a_role(&call.object());
        let row = match number {
            Some(number) => documents::version(tx.conn(), id, &key, number, insider).await?,
            None => documents::find(tx.conn(), id, &key).await?,
        };
        let format = row.format()?;
        let encoding = if format.is_text() {
            "; charset=utf-8"
        } else {
            ""
        };
        Ok(DocumentFile {
            name: format!("{key}-v{}.{}", row.number, format.extension()),
            content_type: format!("{format}{encoding}"),
            content: documents::content(tx.conn(), row.id).await?.into(),
            sha256: row.sha256,
        })
    };
    service.read(context, work).await
}
