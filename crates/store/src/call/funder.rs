//! The funders of a call: on which terms they take part, and what they commit.

use access::{Action, Permit};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::participation;
use crate::{Conn, StoreError, text};

/// A funder's part in a call.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = participation)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ParticipationRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub organisation_id: Uuid,
    pub commitment: i64,
    pub decided: i64,
    pub available: Option<i64>,
    pub terms: Value,
    pub version: i32,
    pub joined: Option<NaiveDate>,
    pub left_at: Option<DateTime<Utc>>,
}

impl ParticipationRow {
    /// On which terms the funder takes part.
    pub fn terms(&self) -> Result<::call::Terms, StoreError> {
        text::document(self.terms.clone())
    }

    /// The participation as the policy sees it: its funder's business.
    pub fn object(&self) -> access::Object {
        access::Object {
            organisation: Some(self.organisation_id),
            ..access::Object::of_call("participation", self.id, self.call_id)
        }
    }
}

/// Adds a funder to a call, or takes one back that had left; its pledges are then those it had.
pub async fn add_participation(
    conn: &mut Conn,
    permit: &Permit,
    row: &ParticipationRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageFunders], row.call_id)?;
    let back = diesel::update(participation::table)
        .filter(participation::call_id.eq(row.call_id))
        .filter(participation::organisation_id.eq(row.organisation_id))
        .filter(participation::left_at.is_not_null())
        .set((
            participation::left_at.eq(None::<DateTime<Utc>>),
            participation::terms.eq(&row.terms),
            participation::version.eq(participation::version + 1),
        ))
        .execute(conn)
        .await?;
    if back == 0 {
        diesel::insert_into(participation::table)
            .values(row)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Sets the terms on which a funder takes part.
pub async fn set_terms(
    conn: &mut Conn,
    permit: &Permit,
    row: &ParticipationRow,
    terms: &Value,
) -> Result<(), StoreError> {
    demand(permit, &[Action::SetTerms], row.id)?;
    let changed = diesel::update(participation::table.find(row.id))
        .filter(participation::version.eq(row.version))
        .set((
            participation::terms.eq(terms),
            participation::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Lets a funder leave a call. What it pledged stays on file.
pub async fn end_participation(
    conn: &mut Conn,
    permit: &Permit,
    row: &ParticipationRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageFunders], row.call_id)?;
    let changed = diesel::update(participation::table.find(row.id))
        .filter(participation::version.eq(row.version))
        .filter(participation::left_at.is_null())
        .set((
            participation::left_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            participation::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// The funders of a call that have not left it.
pub async fn participations(
    conn: &mut Conn,
    call_id: Uuid,
) -> Result<Vec<ParticipationRow>, StoreError> {
    Ok(participation::table
        .filter(participation::call_id.eq(call_id))
        .filter(participation::left_at.is_null())
        .order(participation::id)
        .select(ParticipationRow::as_select())
        .load(conn)
        .await?)
}

/// Reads a funder's part in a call.
pub async fn find_participation(
    conn: &mut Conn,
    call_id: Uuid,
    organisation_id: Uuid,
) -> Result<ParticipationRow, StoreError> {
    Ok(participation::table
        .filter(participation::call_id.eq(call_id))
        .filter(participation::organisation_id.eq(organisation_id))
        .filter(participation::left_at.is_null())
        .select(ParticipationRow::as_select())
        .first(conn)
        .await?)
}

/// Reads a funder's part in a call, locked: whoever commits, decides or withdraws money takes this lock.
pub async fn lock_participation(
    conn: &mut Conn,
    call_id: Uuid,
    organisation_id: Uuid,
) -> Result<ParticipationRow, StoreError> {
    Ok(participation::table
        .filter(participation::call_id.eq(call_id))
        .filter(participation::organisation_id.eq(organisation_id))
        .select(ParticipationRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}
