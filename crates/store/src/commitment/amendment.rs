//! What an amendment has to know: the committee's members, what is bound, and whose refusal stands.

use ::commitment::LineState;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::sealed::selection_line;
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
