//! That a funder may change its commitment once although the budget is frozen.

use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::call::ParticipationRow;
use crate::error::demand;
use crate::schema::commitment;
use crate::schema::sealed::budget_unfreezing;
use crate::{Conn, StoreError};

/// One unfreezing.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = budget_unfreezing)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct UnfreezingRow {
    pub id: Uuid,
    pub participation_id: Uuid,
    pub reason: String,
    pub granted_at: DateTime<Utc>,
}

/// All of a call, in their order, and which of them a change has used up.
pub async fn of_call(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(UnfreezingRow, bool)>, StoreError> {
    let rows: Vec<UnfreezingRow> = budget_unfreezing::table
        .filter(budget_unfreezing::call_id.eq(call))
        .order((budget_unfreezing::granted_at, budget_unfreezing::id))
        .select(UnfreezingRow::as_select())
        .load(conn)
        .await?;
    let used: Vec<Option<Uuid>> = commitment::table
        .filter(commitment::call_id.eq(call))
        .filter(commitment::unfreezing_id.is_not_null())
        .select(commitment::unfreezing_id)
        .load(conn)
        .await?;
    let with_use = |row: UnfreezingRow| {
        let used = used.contains(&Some(row.id));
        (row, used)
    };
    Ok(rows.into_iter().map(with_use).collect())
}

/// The unfreezing that a funder has not used up yet.
pub async fn open(
    conn: &mut Conn,
    of: &ParticipationRow,
) -> Result<Option<UnfreezingRow>, StoreError> {
    let all = of_call(conn, of.call_id).await?.into_iter();
    let mut open = all.filter(|(row, used)| row.participation_id == of.id && !used);
    Ok(open.next().map(|(row, _)| row))
}

/// Unfreezes a funder's commitment for one change.
pub async fn grant(
    conn: &mut Conn,
    permit: &Permit,
    of: &ParticipationRow,
    reason: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::UnfreezeCommitment], of.id)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(budget_unfreezing::table)
        .values((
            budget_unfreezing::id.eq(kernel::id::new()),
            budget_unfreezing::call_id.eq(of.call_id),
            budget_unfreezing::participation_id.eq(of.id),
            budget_unfreezing::reason.eq(reason),
            budget_unfreezing::granted_by.eq(by),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
