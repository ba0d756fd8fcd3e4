//! The end of an upload: hashed, looked at, kept or refused.

use kernel::Fault;
use serde_json::json;
use store::intake::{self as rows, FileRow};
use store::view::intake::{UploadView, upload_view};
use uuid::Uuid;

use super::upload::permit;
use crate::ports::{self, Verdict};
use crate::{Answer, Context, Problem, Service, Tx};

/// Ends an upload whose bytes are all there, with the answer for good: a file of the proposal, or refused.
pub(super) async fn complete(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<UploadView>, Problem> {
    let files = service.files();
    let sha256 = ports::sha256(files.parts.read(id).await?).await?;
    let verdict = files.checker.check(id).await?;
    let work = async move |tx: &mut Tx| {
        let row = rows::upload(tx.conn(), id).await?;
        let permit = permit(tx, &row).await?;
        let announced = row.announced_sha256.as_ref();
        match verdict {
            _ if announced.is_some_and(|announced| *announced != sha256) => {
                let fault = Fault::new(
                    "/sha256",
                    "sha256_differs",
                    format!(
                        "what came has the SHA-256 {sha256}, which is not what was announced; upload it anew"
                    ),
                );
                rows::refuse(tx.conn(), &permit, &row, json!([fault])).await?;
            }
            Verdict::Refused(fault) => {
                rows::refuse(tx.conn(), &permit, &row, json!([fault])).await?;
            }
            Verdict::Sound { media_type, pages } => {
                let file = FileRow {
                    id: kernel::id::new(),
                    call_id: row.call_id,
                    proposal_id: row.proposal_id,
                    sha256,
                    name: named(&row.name, &media_type),
                    bytes: row.bytes,
                    media_type,
                    pages,
                    uploaded_by: row.uploaded_by,
                };
                rows::lock_bytes(tx.conn(), &file.sha256).await?;
                let files = tx.service.files().clone();
                let bytes = files.parts.read(id).await?;
                files.store.put(&file.sha256, bytes).await?;
                rows::accept(tx.conn(), &permit, &row, &file).await?;
            }
        }
        let row = rows::upload(tx.conn(), id).await?;
        Ok(upload_view(tx.conn(), row).await?)
    };
    let answer = service.write(context, work).await?;
    files.parts.discard(id).await?;
    Ok(answer)
}

/// A name that ends as its kind of file does.
fn named(name: &str, media_type: &str) -> String {
    let endings: &[&str] = match media_type {
        "application/pdf" => &["pdf"],
        "image/png" => &["png"],
        _ => &["jpg", "jpeg"],
    };
    let given = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase());
    match given {
        Some(given) if endings.contains(&given.as_str()) => name.to_owned(),
        _ => format!("{name}.{}", endings[0]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_its_kind_of_file_does() {
        for (name, media_type, expected) in [
            ("a.pdf", "application/pdf", "a.pdf"),
            ("a.PDF", "application/pdf", "a.PDF"),
            ("a.html", "application/pdf", "a.html.pdf"),
            ("photo.jpeg", "image/jpeg", "photo.jpeg"),
            ("photo", "image/png", "photo.png"),
        ] {
            assert_eq!(named(name, media_type), expected);
        }
    }
}
