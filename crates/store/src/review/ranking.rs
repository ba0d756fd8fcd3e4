//! Adopted ranking lists, every version kept.

use ::review::{Entry, RankingState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::ranking_list;
use crate::{Conn, StoreError, text};

/// One version of a stage's ranking list.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ranking_list)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct RankingRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub stage_id: Uuid,
    pub number: i32,
    pub state: String,
    pub entries: Value,
    pub adopted_by: Option<Uuid>,
    pub adopted_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl RankingRow {
    /// The state.
    pub fn state(&self) -> Result<RankingState, StoreError> {
        text::name(&self.state)
    }

    /// The lines.
    pub fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        text::document(self.entries.clone())
    }
}

/// The version of a stage's ranking list that is in force, if one was adopted.
pub async fn adopted(conn: &mut Conn, stage: Uuid) -> Result<Option<RankingRow>, StoreError> {
    Ok(ranking_list::table
        .filter(ranking_list::stage_id.eq(stage))
        .filter(ranking_list::state.eq(RankingState::Adopted.to_string()))
        .order(ranking_list::number.desc())
        .select(RankingRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Stores an adopted list.
pub async fn insert(conn: &mut Conn, permit: &Permit, row: &RankingRow) -> Result<(), StoreError> {
    demand(permit, &[Action::AdoptRanking], row.stage_id)?;
    diesel::insert_into(ranking_list::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}
