//! What a funder notes for itself on its commitment.

use access::{Action, Object, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;

use crate::call::ParticipationRow;
use crate::error::{demand, one_row};
use crate::schema::sealed::commitment_note;
use crate::{Conn, StoreError};

/// The note as the policy sees it: its funder's alone.
pub fn object(of: &ParticipationRow) -> Object {
    Object {
        organisation: Some(of.organisation_id),
        ..Object::of_call("commitment_note", of.id, of.call_id)
    }
}

/// The note with its version; nothing where none was written.
pub async fn find(
    conn: &mut Conn,
    of: &ParticipationRow,
) -> Result<Option<(String, i32)>, StoreError> {
    Ok(commitment_note::table
        .find(of.id)
        .select((commitment_note::text, commitment_note::version))
        .first(conn)
        .await
        .optional()?)
}

/// Writes the note over the version that was read, which is none for the first.
pub async fn write(
    conn: &mut Conn,
    permit: &Permit,
    of: &ParticipationRow,
    before: Option<i32>,
    text: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::WriteCommitmentNote], of.id)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    let Some(version) = before else {
        diesel::insert_into(commitment_note::table)
            .values((
                commitment_note::participation_id.eq(of.id),
                commitment_note::call_id.eq(of.call_id),
                commitment_note::text.eq(text),
                commitment_note::written_by.eq(by),
            ))
            .execute(conn)
            .await?;
        return Ok(());
    };
    let changed = diesel::update(commitment_note::table.find(of.id))
        .filter(commitment_note::version.eq(version))
        .set((
            commitment_note::text.eq(text),
            commitment_note::written_by.eq(by),
            commitment_note::written_at.eq(sql::<Timestamptz>("clock_timestamp()")),
            commitment_note::version.eq(version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
