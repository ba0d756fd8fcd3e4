//! The documents of a call: each version as it was sent, and the one that counts.

use ::call::DocumentFormat;
use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::call_document;
use crate::{Conn, StoreError, text};

/// A version of a document without its bytes, which are read only to be handed out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = call_document)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct DocumentRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub key: String,
    pub number: i32,
    pub kind: String,
    pub title: String,
    pub media_type: String,
    pub size: i32,
    pub sha256: String,
}

impl DocumentRow {
    /// Whether this version takes the document out.
    pub fn is_removal(&self) -> bool {
        self.sha256.is_empty()
    }

    /// The kind of file.
    pub fn format(&self) -> Result<DocumentFormat, StoreError> {
        text::name(&self.media_type)
    }
}

/// The last version of every document of a call, by key; taken out ones too.
pub async fn latest(conn: &mut Conn, call_id: Uuid) -> Result<Vec<DocumentRow>, StoreError> {
    Ok(call_document::table
        .filter(call_document::call_id.eq(call_id))
        .distinct_on(call_document::key)
        .order((call_document::key, call_document::number.desc()))
        .select(DocumentRow::as_select())
        .load(conn)
        .await?)
}

/// The last version of one document; `NotFound` where there never was one.
pub async fn find(conn: &mut Conn, call_id: Uuid, key: &str) -> Result<DocumentRow, StoreError> {
    Ok(call_document::table
        .filter(call_document::call_id.eq(call_id))
        .filter(call_document::key.eq(key))
        .order(call_document::number.desc())
        .select(DocumentRow::as_select())
        .first(conn)
        .await?)
}

/// One version of a document. `drafts` are the versions that were replaced before the call was published:
/// the public never sees those.
pub async fn version(
    conn: &mut Conn,
    call_id: Uuid,
    key: &str,
    number: i32,
    drafts: bool,
) -> Result<DocumentRow, StoreError> {
    let mut query = call_document::table
        .filter(call_document::call_id.eq(call_id))
        .filter(call_document::key.eq(key))
        .filter(call_document::number.eq(number))
        .select(DocumentRow::as_select())
        .into_boxed();
    if !drafts {
        query = query.filter(sql::<Bool>(
            "not exists (select from call_document later
                         where later.call_id = call_document.call_id and later.key = call_document.key
                           and later.number = call_document.number + 1
                           and later.at < coalesce((select v.at from call_version v
                                                    where v.call_id = later.call_id and v.number = 1), 'infinity'))",
        ));
    }
    Ok(query.first(conn).await?)
}

/// The bytes of a version; `NotFound` for one that takes the document out.
pub async fn content(conn: &mut Conn, id: Uuid) -> Result<Vec<u8>, StoreError> {
    let content: Option<Vec<u8>> = call_document::table
        .find(id)
        .select(call_document::content)
        .first(conn)
        .await?;
    content.ok_or(StoreError::NotFound)
}

/// Adds a version, with its bytes unless it takes the document out; the call is locked.
pub async fn add(
    conn: &mut Conn,
    permit: &Permit,
    row: &DocumentRow,
    content: Option<&[u8]>,
) -> Result<(), StoreError> {
    let actions = [Action::PutDocument, Action::RemoveDocument];
    demand(permit, &actions, row.call_id)?;
    diesel::insert_into(call_document::table)
        .values((row, call_document::content.eq(content)))
        .execute(conn)
        .await?;
    Ok(())
}
