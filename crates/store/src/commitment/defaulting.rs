//! That a funder does not pay what it accepted. It stands until the funder pledges anew.

use ::commitment::SelectionState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use intake::GoesOn;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::{commitment_default, selection};
use crate::schema::{commitment, organisation, participation};
use crate::{Conn, StoreError, text};

/// A project that goes on without the money of a funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoingOn {
    /// The proposal's number.
    #[schema(example = "JTC2026-001")]
    pub proposal: String,
    /// How.
    pub how: GoesOn,
}

/// A default on record.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = commitment_default)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct DefaultRow {
    pub participation_id: Uuid,
    pub selection_id: Uuid,
    pub reason: String,
    pub evidence: String,
    pub goes_on: Value,
    pub recorded_at: DateTime<Utc>,
}

impl DefaultRow {
    /// The projects that go on.
    pub fn goes_on(&self) -> Result<Vec<GoingOn>, StoreError> {
        text::document(self.goes_on.clone())
    }
}

/// The defaults of a call that stand, with the funders' keys, by these.
pub async fn standing(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(String, DefaultRow)>, StoreError> {
    let pledged_since = commitment::table
        .filter(commitment::participation_id.eq(commitment_default::participation_id))
        .filter(commitment::pledged_at.gt(commitment_default::recorded_at));
    Ok(commitment_default::table
        .inner_join(
            participation::table.on(participation::id.eq(commitment_default::participation_id)),
        )
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(commitment_default::call_id.eq(call))
        .filter(not(exists(pledged_since)))
        .order((organisation::key, commitment_default::recorded_at))
        .select((organisation::key, DefaultRow::as_select()))
        .load(conn)
        .await?)
}

/// Keys of the funders of a call whose default stands.
pub async fn standing_keys(conn: &mut Conn, call: Uuid) -> Result<Vec<String>, StoreError> {
    let rows = standing(conn, call).await?.into_iter();
    Ok(rows.map(|(key, _)| key).collect())
}

/// The projects of a call that go on without the money of funders, which are named by their keys: because of defaults
/// that stand, and of those that an amendment has taken into account, whatever the funder pledged since.
pub async fn going_on(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(String, DefaultRow)>, StoreError> {
    let pledged_since = commitment::table
        .filter(commitment::participation_id.eq(commitment_default::participation_id))
        .filter(commitment::pledged_at.gt(commitment_default::recorded_at));
    let gave_way = selection::table
        .filter(selection::id.eq(commitment_default::selection_id))
        .filter(selection::state.eq(SelectionState::Amended.to_string()));
    Ok(commitment_default::table
        .inner_join(
            participation::table.on(participation::id.eq(commitment_default::participation_id)),
        )
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(commitment_default::call_id.eq(call))
        .filter(not(exists(pledged_since)).or(exists(gave_way)))
        .order((organisation::key, commitment_default::recorded_at))
        .select((organisation::key, DefaultRow::as_select()))
        .load(conn)
        .await?)
}

/// The last default of a funder's part in the call on a line of this selection, whether it stands or not.
pub async fn of_line(
    conn: &mut Conn,
    selection: Uuid,
    part: Uuid,
) -> Result<Option<DefaultRow>, StoreError> {
    Ok(commitment_default::table
        .filter(commitment_default::selection_id.eq(selection))
        .filter(commitment_default::participation_id.eq(part))
        .order(commitment_default::recorded_at.desc())
        .select(DefaultRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// A default to be kept.
#[derive(Debug, Clone)]
pub struct NewDefault<'a> {
    /// The funder's part in the call.
    pub participation: Uuid,
    /// The selection, whose line it does not pay.
    pub selection: Uuid,
    /// Why.
    pub reason: &'a str,
    /// Where that stands.
    pub evidence: &'a str,
    /// The projects that go on.
    pub goes_on: Value,
}

/// Keeps a default.
pub async fn record(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    new: &NewDefault<'_>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::RecordDefault], new.selection)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(commitment_default::table)
        .values((
            commitment_default::id.eq(kernel::id::new()),
            commitment_default::call_id.eq(call),
            commitment_default::participation_id.eq(new.participation),
            commitment_default::selection_id.eq(new.selection),
            commitment_default::reason.eq(new.reason),
            commitment_default::evidence.eq(new.evidence),
            commitment_default::goes_on.eq(&new.goes_on),
            commitment_default::recorded_by.eq(by),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
