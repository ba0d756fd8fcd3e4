//! What an amendment has to know: the committee's members, what is bound, and whose refusal stands; and the letters
//! that tell what it changed.

use ::commitment::LineState;
use access::{Action, Permit};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::{amendment_letter, outcome, selection_line};
use crate::schema::{commitment, organisation, participation};
use crate::{Conn, StoreError};

/// Keys of the steering committee's members: the funders that take part in the call.
pub async fn members(conn: &mut Conn, call: Uuid) -> Result<Vec<String>, StoreError> {
    Ok(participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call))
        .filter(participation::left_at.is_null())
        .order(organisation::key)
        .select(organisation::key)
        .load(conn)
        .await?)
}

/// The funders' parts in the call whose refusal of a line of this selection stands, since they have pledged
/// nothing anew; each with the cents that a final selection binds of it.
pub async fn refusing(conn: &mut Conn, of: Uuid) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let pledged_since = commitment::table
        .filter(commitment::participation_id.eq(selection_line::participation_id))
        .filter(
            commitment::pledged_at
                .nullable()
                .gt(selection_line::answered_at),
        );
    Ok(selection_line::table
        .inner_join(participation::table.on(participation::id.eq(selection_line::participation_id)))
        .filter(selection_line::selection_id.eq(of))
        .filter(selection_line::state.eq(LineState::Refused.to_string()))
        .filter(not(exists(pledged_since)))
        .select((participation::id, participation::decided))
        .load(conn)
        .await?)
}

/// A letter to be kept as it was sent.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = amendment_letter)]
pub struct AmendmentLetterRow {
    /// The selection that changed the outcome.
    pub selection_id: Uuid,
    /// The row of the proposal in the stage.
    pub proposal_stage_id: Uuid,
    /// The call.
    pub call_id: Uuid,
    /// The outcome told.
    pub outcome: String,
    /// The text.
    pub body: String,
}

/// Keeps the letters of an amendment, and releases the outcomes that they tell.
pub async fn tell(
    conn: &mut Conn,
    permit: &Permit,
    selection: Uuid,
    letters: &[AmendmentLetterRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReleaseLetters], selection)?;
    diesel::insert_into(amendment_letter::table)
        .values(letters)
        .execute(conn)
        .await?;
    let told = letters.iter().map(|one| one.proposal_stage_id);
    diesel::update(outcome::table)
        .filter(outcome::proposal_stage_id.eq_any(told))
        .filter(outcome::call_id.nullable().eq(permit.call()))
        .set((
            outcome::released_state.eq(outcome::state.nullable()),
            outcome::released_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
