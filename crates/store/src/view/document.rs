//! The documents of a call as its readers see them.

use ::call::DocumentKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::document::{DocumentRow, latest};
use crate::{Conn, StoreError, text};

/// A document of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentView {
    /// Its stable name in the call.
    #[schema(example = "guidelines")]
    pub key: String,
    /// What it is for.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// Media type of its bytes.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many bytes it has.
    pub size: i32,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Counted from 1; raised when it is replaced.
    pub version: i32,
    /// Where the bytes of this version are.
    pub link: String,
}

fn document_view(row: DocumentRow) -> Result<DocumentView, StoreError> {
    Ok(DocumentView {
        kind: text::name(&row.kind)?,
        link: format!(
            "/api/v1/calls/{}/documents/{}?version={}",
            row.call_id, row.key, row.number
        ),
        key: row.key,
        title: row.title,
        media_type: row.media_type,
        size: row.size,
        sha256: row.sha256,
        version: row.number,
    })
}

/// The documents of a call by key, without those taken out.
pub async fn documents(conn: &mut Conn, call_id: Uuid) -> Result<Vec<DocumentView>, StoreError> {
    let rows = latest(conn, call_id).await?.into_iter();
    rows.filter(|row| !row.is_removal())
        .map(document_view)
        .collect()
}
