//! Individual exceptions to a deadline as they are shown.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int4, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Conn, StoreError};

/// An exception in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExceptionView {
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Which one it is of the proposal in the stage, counted from 1; the last one counts.
    pub version: i32,
    /// Until when the proposal can be submitted.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The stage's deadline when it was given.
    pub deadline: DateTime<Utc>,
    /// When it was given.
    pub given_at: DateTime<Utc>,
}

/// The exception that counts for one's own proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnException {
    /// Until when the proposal can be submitted, unless the stage's deadline is later.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it was given.
    pub given_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    proposal_stage_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    proposal_id: Uuid,
    #[diesel(sql_type = Text)]
    of_call: String,
    #[diesel(sql_type = Int4)]
    stage: i32,
    #[diesel(sql_type = Int4)]
    number: i32,
    #[diesel(sql_type = Timestamptz)]
    until: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Timestamptz)]
    deadline_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    given_at: DateTime<Utc>,
}

/// The exceptions of a call, oldest first, each with the row of its proposal in the stage; without those
/// of proposals that the account has a conflict of interest with.
pub async fn exceptions(
    conn: &mut Conn,
    call: Uuid,
    account: Uuid,
) -> Result<Vec<(Uuid, ExceptionView)>, StoreError> {
    let rows: Vec<Row> = diesel::sql_query(
        "select e.proposal_stage_id, ps.proposal_id, p.number as of_call, s.number as stage, e.number,
                e.until, e.reason, e.deadline_at, e.given_at
         from deadline_exception e
         join proposal_stage ps on ps.id = e.proposal_stage_id
         join proposal p on p.id = ps.proposal_id join stage s on s.id = ps.stage_id
         where e.call_id = $1 and not exists (
             select from sealed.wall w where w.account_id = $2 and w.proposal_id = p.id)
         order by e.id",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<SqlUuid, _>(account)
    .load(conn)
    .await?;
    let view = |row: Row| {
        let view = ExceptionView {
            proposal: row.proposal_id,
            number: row.of_call,
            stage: row.stage,
            version: row.number,
            until: row.until,
            reason: row.reason,
            deadline: row.deadline_at,
            given_at: row.given_at,
        };
        (row.proposal_stage_id, view)
    };
    Ok(rows.into_iter().map(view).collect())
}
