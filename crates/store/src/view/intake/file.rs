use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::Fault;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::gate::{Viewer, seen};
use super::proposal::contents;
use crate::intake::{FileRow, UploadRow};
use crate::schema::file;
use crate::{Conn, StoreError, text};

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// More is to come from `offset` on; when all has come, an empty PATCH asks what becomes of it.
    Receiving,
    /// It is a file of the proposal.
    Accepted,
    /// The file is not taken; `faults` says why.
    Refused,
}

/// An upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    /// Its id.
    pub id: Uuid,
    /// The proposal it is for.
    pub proposal: Uuid,
    /// What the file is called.
    pub name: String,
    /// How many bytes the file has.
    pub bytes: i64,
    /// How many of them are safe here; the next ones are sent from there on.
    pub offset: i64,
    /// Where it stands.
    pub state: UploadState,
    /// The file it has become.
    pub file: Option<FileView>,
    /// What is wrong with the file, and how to mend it.
    pub faults: Vec<Fault>,
}

/// A file of a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of its bytes, in hexadecimal; a draft names the file by it.
    pub sha256: String,
    /// What it is called.
    pub name: String,
    /// How many bytes it has.
    pub bytes: i64,
    /// What it is, by its bytes.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// How many pages a PDF has.
    pub pages: Option<i32>,
    /// Where its bytes are.
    pub link: String,
}

impl From<FileRow> for FileView {
    fn from(row: FileRow) -> FileView {
        FileView {
            link: format!("/api/v1/proposals/{}/files/{}", row.proposal_id, row.sha256),
            id: row.id,
            sha256: row.sha256,
            name: row.name,
            bytes: row.bytes,
            media_type: row.media_type,
            pages: row.pages,
        }
    }
}

/// An upload as who writes the proposal sees it.
pub async fn upload_view(conn: &mut Conn, row: UploadRow) -> Result<UploadView, StoreError> {
    let became = match row.file_id {
        Some(id) => Some(
            file::table
                .find(id)
                .select(FileRow::as_select())
                .first(conn)
                .await?,
        ),
        None => None,
    };
    let faults: Vec<Fault> = match row.refused {
        Some(faults) => text::document(faults)?,
        None => Vec::new(),
    };
    let state = match (&became, faults.is_empty()) {
        (Some(_), _) => UploadState::Accepted,
        (None, true) => UploadState::Receiving,
        (None, false) => UploadState::Refused,
    };
    Ok(UploadView {
        id: row.id,
        proposal: row.proposal_id,
        name: row.name,
        bytes: row.bytes,
        offset: row.received,
        state,
        file: became.map(FileView::from),
        faults,
    })
}

/// A file of a proposal, for its coordinator, and for everybody else who may read a version that names it.
pub async fn readable_file(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    proposal: Uuid,
    sha256: &str,
) -> Result<Option<FileRow>, StoreError> {
    let rows = seen(conn, viewer, call, Some(proposal)).await?;
    let mut readable = rows.iter().any(|row| row.own());
    if !readable {
        let said = contents(conn, &rows).await?;
        readable = said
            .values()
            .flat_map(|content| content.annexes.values())
            .any(|annex| annex.file == sha256);
    }
    match readable {
        true => crate::intake::file(conn, proposal, sha256).await,
        false => Ok(None),
    }
}
