//! Files of proposals, and uploads on their way to become such. The bytes are elsewhere.

use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{file, upload};
use crate::{Conn, StoreError};

/// A file that was uploaded whole to a proposal.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = file)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct FileRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_id: Uuid,
    pub sha256: String,
    pub name: String,
    pub bytes: i64,
    pub media_type: String,
    pub pages: Option<i32>,
    pub uploaded_by: Uuid,
}

/// An upload.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = upload)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct UploadRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_id: Uuid,
    pub name: String,
    pub bytes: i64,
    pub announced_sha256: Option<String>,
    pub received: i64,
    pub file_id: Option<Uuid>,
    pub refused: Option<Value>,
    pub uploaded_by: Uuid,
}

impl UploadRow {
    /// Whether it has become a file, or was refused.
    pub fn has_ended(&self) -> bool {
        self.file_id.is_some() || self.refused.is_some()
    }

    /// The upload as the policy sees it; `coordinator` is its proposal's.
    pub fn object(&self, coordinator: Uuid) -> access::Object {
        access::Object {
            coordinator: Some(coordinator),
            ..access::Object::of_call("upload", self.id, self.call_id)
        }
    }
}

/// Begins an upload; the proposal is locked.
pub async fn insert_upload(
    conn: &mut Conn,
    permit: &Permit,
    row: &UploadRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::UploadFile], row.proposal_id)?;
    diesel::insert_into(upload::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads an upload.
pub async fn upload(conn: &mut Conn, id: Uuid) -> Result<UploadRow, StoreError> {
    Ok(upload::table
        .find(id)
        .select(UploadRow::as_select())
        .first(conn)
        .await?)
}

/// How many bytes the files of a proposal have, and how many uploads go on for how many bytes more.
pub async fn room(conn: &mut Conn, proposal: Uuid) -> Result<(i64, i64, i64), StoreError> {
    let kept: i64 = file::table
        .filter(file::proposal_id.eq(proposal))
        .select(sql::<BigInt>("coalesce(sum(bytes), 0)::bigint"))
        .first(conn)
        .await?;
    let (coming, count) = upload::table
        .filter(upload::proposal_id.eq(proposal))
        .filter(upload::file_id.is_null())
        .filter(upload::refused.is_null())
        .select((
            sql::<BigInt>("coalesce(sum(bytes), 0)::bigint"),
            sql::<BigInt>("count(*)"),
        ))
        .first(conn)
        .await?;
    Ok((kept, coming, count))
}

/// Notes that more of an upload is safe.
pub async fn advance_upload(
    conn: &mut Conn,
    permit: &Permit,
    row: &UploadRow,
    received: i64,
) -> Result<(), StoreError> {
    demand(permit, &[Action::UploadFile], row.id)?;
    let changed = diesel::update(upload::table.find(row.id))
        .filter(upload::received.eq(row.received))
        .filter(upload::file_id.is_null())
        .filter(upload::refused.is_null())
        .set(upload::received.eq(received))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Ends an upload as a file. The same bytes in one proposal are one file, under the name they came with last.
pub async fn accept(
    conn: &mut Conn,
    permit: &Permit,
    of: &UploadRow,
    row: &FileRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::UploadFile], of.id)?;
    let id: Uuid = diesel::insert_into(file::table)
        .values(row)
        .on_conflict((file::proposal_id, file::sha256))
        .do_update()
        .set((
            file::name.eq(&row.name),
            file::at.eq(sql::<Timestamptz>("clock_timestamp()")),
        ))
        .returning(file::id)
        .get_result(conn)
        .await?;
    let changed = diesel::update(upload::table.find(of.id))
        .filter(upload::file_id.is_null())
        .filter(upload::refused.is_null())
        .set(upload::file_id.eq(id))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Ends an upload without a file.
pub async fn refuse(
    conn: &mut Conn,
    permit: &Permit,
    of: &UploadRow,
    why: Value,
) -> Result<(), StoreError> {
    demand(permit, &[Action::UploadFile], of.id)?;
    let changed = diesel::update(upload::table.find(of.id))
        .filter(upload::file_id.is_null())
        .filter(upload::refused.is_null())
        .set(upload::refused.eq(why))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Removes an upload; the file that came of it stays.
pub async fn delete_upload(conn: &mut Conn, permit: &Permit, id: Uuid) -> Result<(), StoreError> {
    demand(permit, &[Action::UploadFile], id)?;
    diesel::delete(upload::table.find(id)).execute(conn).await?;
    Ok(())
}

/// One file of a proposal.
pub async fn file(
    conn: &mut Conn,
    proposal: Uuid,
    sha256: &str,
) -> Result<Option<FileRow>, StoreError> {
    Ok(file::table
        .filter(file::proposal_id.eq(proposal))
        .filter(file::sha256.eq(sha256))
        .select(FileRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// The files with these hashes that a draft is about to name: they count as new, so that none is removed in
/// the same moment.
pub async fn name_files(
    conn: &mut Conn,
    permit: &Permit,
    proposal: Uuid,
    hashes: &[&str],
) -> Result<Vec<FileRow>, StoreError> {
    demand(permit, &[Action::EditProposal], proposal)?;
    Ok(diesel::update(file::table)
        .filter(file::proposal_id.eq(proposal))
        .filter(file::sha256.eq_any(hashes))
        .set(file::at.eq(sql::<Timestamptz>("clock_timestamp()")))
        .returning(FileRow::as_returning())
        .get_results(conn)
        .await?)
}

/// Waits for whoever keeps or removes the bytes with this hash, and holds others off until the transaction ends.
pub async fn lock_bytes(conn: &mut Conn, sha256: &str) -> Result<(), StoreError> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(sha256)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether any proposal has a file with this hash.
pub async fn is_known(conn: &mut Conn, sha256: &str) -> Result<bool, StoreError> {
    let files = file::table.filter(file::sha256.eq(sha256));
    Ok(diesel::select(diesel::dsl::exists(files))
        .get_result(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Hash {
    #[diesel(sql_type = Text)]
    sha256: String,
}

/// The hashes of all files that a submission names.
pub async fn submitted_files(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Hash> = diesel::sql_query(
        "select distinct sha256 from named_file where submitted and sha256 is not null order by 1",
    )
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.sha256).collect())
}

/// Forgets the uploads that began `days` ago, and the files of then that no draft, no version of one and no
/// submission names; answers how many.
pub async fn forget_old(conn: &mut Conn, days: i32) -> Result<usize, StoreError> {
    let old = |column: &str| {
        sql::<Bool>(&format!(
            "{column} < clock_timestamp() - interval '{days} days'"
        ))
    };
    let uploads = diesel::delete(upload::table.filter(old("created_at")))
        .execute(conn)
        .await?;
    let unnamed = "not exists (select from named_file n where n.proposal_id = file.proposal_id and n.sha256 = file.sha256)";
    let files = diesel::delete(file::table.filter(old("at")).filter(sql::<Bool>(unnamed)))
        .execute(conn)
        .await?;
    Ok(uploads + files)
}

/// Which of these uploads are there.
pub async fn uploads_among(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    Ok(upload::table
        .filter(upload::id.eq_any(ids))
        .select(upload::id)
        .load(conn)
        .await?)
}
