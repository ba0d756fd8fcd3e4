//! What funders keep on their applicants beside the verdict: notes of their own, and which of the documents
//! they demand were received.

use access::{Action, Permit};
use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::JudgedPartner;
use crate::error::{demand, one_row};
use crate::schema::received_document;
use crate::schema::sealed::note;
use crate::{Conn, StoreError};

/// A document that was received from a partner.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = received_document)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ReceivedRow {
    pub proposal_stage_id: Uuid,
    pub partner_id: Uuid,
    pub title: String,
    pub received_on: NaiveDate,
    pub note: String,
}

impl ReceivedRow {
    /// Whether it is the document with this title, of this partner.
    pub fn is_of(&self, row: &JudgedPartner, title: &str) -> bool {
        (self.proposal_stage_id, self.partner_id) == (row.proposal_stage_id, row.partner_id)
            && self.title == title
    }
}

/// A funder's note on its applicant, with its version; nothing where none was written.
pub async fn note(
    conn: &mut Conn,
    row: &JudgedPartner,
) -> Result<Option<(String, i32)>, StoreError> {
    let Some(organisation) = row.funder_id else {
        return Ok(None);
    };
    Ok(note::table
        .find((row.proposal_stage_id, row.partner_id, organisation))
        .select((note::text, note::version))
        .first(conn)
        .await
        .optional()?)
}

/// Writes a funder's note over the version that was read, which is none for the first.
pub async fn write_note(
    conn: &mut Conn,
    permit: &Permit,
    row: &JudgedPartner,
    before: Option<i32>,
    text: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::WriteNote], row.id)?;
    let call = permit.call().ok_or(StoreError::Permit)?;
    let written_by = permit.account().ok_or(StoreError::Permit)?;
    let organisation = row.funder_id.ok_or(StoreError::Permit)?;
    let Some(version) = before else {
        diesel::insert_into(note::table)
            .values((
                note::proposal_stage_id.eq(row.proposal_stage_id),
                note::partner_id.eq(row.partner_id),
                note::organisation_id.eq(organisation),
                note::call_id.eq(call),
                note::text.eq(text.trim()),
                note::written_by.eq(written_by),
            ))
            .execute(conn)
            .await?;
        return Ok(());
    };
    let key = (row.proposal_stage_id, row.partner_id, organisation);
    let changed = diesel::update(note::table.find(key))
        .filter(note::version.eq(version))
        .set((
            note::text.eq(text.trim()),
            note::written_by.eq(written_by),
            note::written_at.eq(sql::<Timestamptz>("clock_timestamp()")),
            note::version.eq(version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// The documents received from partners of proposals in a stage.
pub async fn received(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<ReceivedRow>, StoreError> {
    Ok(received_document::table
        .filter(received_document::proposal_stage_id.eq_any(proposal_stages))
        .order((
            received_document::proposal_stage_id,
            received_document::partner_id,
            received_document::title,
        ))
        .select(ReceivedRow::as_select())
        .load(conn)
        .await?)
}

/// Records which documents were received from a partner, in the place of what was recorded before.
pub async fn receive(
    conn: &mut Conn,
    permit: &Permit,
    row: &JudgedPartner,
    documents: &[(String, NaiveDate, String)],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReceiveDocuments], row.id)?;
    let call = permit.call().ok_or(StoreError::Permit)?;
    let recorded_by = permit.account().ok_or(StoreError::Permit)?;
    let of_partner = received_document::table
        .filter(received_document::proposal_stage_id.eq(row.proposal_stage_id))
        .filter(received_document::partner_id.eq(row.partner_id));
    diesel::delete(of_partner).execute(conn).await?;
    let rows: Vec<_> = documents
        .iter()
        .map(|(title, received_on, note)| {
            (
                received_document::proposal_stage_id.eq(row.proposal_stage_id),
                received_document::partner_id.eq(row.partner_id),
                received_document::title.eq(title),
                received_document::call_id.eq(call),
                received_document::received_on.eq(received_on),
                received_document::note.eq(note.trim()),
                received_document::recorded_by.eq(recorded_by),
            )
        })
        .collect();
    diesel::insert_into(received_document::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}
