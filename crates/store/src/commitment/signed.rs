//! The signed documents of funders' commitments, and who signed them.

use access::{Action, Permit};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::call::ParticipationRow;
use crate::error::demand;
use crate::schema::sealed::commitment_document;
use crate::{Conn, StoreError};

/// A signed document without its bytes, which are read only to be handed out.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = commitment_document)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct SignedRow {
    pub participation_id: Uuid,
    pub sha256: String,
    pub size: i32,
    pub signed_by: String,
    pub signed_as: String,
    pub signed_on: NaiveDate,
    pub filed_at: DateTime<Utc>,
}

/// A signed document to be filed.
#[derive(Debug, Clone)]
pub struct NewSigned<'a> {
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: &'a str,
    /// Its bytes.
    pub content: &'a [u8],
    /// How many they are.
    pub size: i32,
    /// Who signed it.
    pub signed_by: &'a str,
    /// In which function.
    pub signed_as: &'a str,
    /// When.
    pub signed_on: NaiveDate,
}

/// The signed documents of all funders of a call, in the order in which they were filed.
pub async fn of_call(conn: &mut Conn, call: Uuid) -> Result<Vec<SignedRow>, StoreError> {
    Ok(commitment_document::table
        .filter(commitment_document::call_id.eq(call))
        .order((commitment_document::filed_at, commitment_document::sha256))
        .select(SignedRow::as_select())
        .load(conn)
        .await?)
}

/// Whether a funder filed that document.
pub async fn is_filed(
    conn: &mut Conn,
    participation: Uuid,
    sha256: &str,
) -> Result<bool, StoreError> {
    let found = commitment_document::table.find((participation, sha256));
    let found = diesel::dsl::exists(found);
    Ok(diesel::select(found).get_result(conn).await?)
}

/// The bytes of a document of a funder.
pub async fn content(
    conn: &mut Conn,
    participation: Uuid,
    sha256: &str,
) -> Result<Vec<u8>, StoreError> {
    Ok(commitment_document::table
        .find((participation, sha256))
        .select(commitment_document::content)
        .first(conn)
        .await?)
}

/// Files a document; `Exists` where the funder filed it before.
pub async fn file(
    conn: &mut Conn,
    permit: &Permit,
    of: &ParticipationRow,
    new: &NewSigned<'_>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::FileSignedDocument], of.id)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(commitment_document::table)
        .values((
            commitment_document::participation_id.eq(of.id),
            commitment_document::sha256.eq(new.sha256),
            commitment_document::call_id.eq(of.call_id),
            commitment_document::size.eq(new.size),
            commitment_document::content.eq(new.content),
            commitment_document::signed_by.eq(new.signed_by),
            commitment_document::signed_as.eq(new.signed_as),
            commitment_document::signed_on.eq(new.signed_on),
            commitment_document::filed_by.eq(by),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
