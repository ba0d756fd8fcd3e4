//! The saved versions of a draft.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{account, draft_history, submission};
use crate::{Conn, StoreError};

/// A saved version of a draft; it never changes.
#[derive(Debug, Clone, Queryable)]
pub struct SavedRow {
    /// Its number, counted from 1.
    pub version: i32,
    /// What was saved.
    pub content: Value,
    /// Name of who saved it.
    pub saved_by: String,
    /// When.
    pub saved_at: DateTime<Utc>,
}

/// Saved versions, newest first: those up to the number `last`, or all, but no more than `limit`.
pub async fn saved(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    last: Option<i32>,
    limit: i64,
) -> Result<Vec<SavedRow>, StoreError> {
    Ok(draft_history::table
        .inner_join(account::table.on(account::id.eq(draft_history::saved_by)))
        .filter(draft_history::proposal_stage_id.eq(proposal_stage_id))
        .filter(draft_history::version.le(last.unwrap_or(i32::MAX)))
        .order(draft_history::version.desc())
        .limit(limit)
        .select((
            draft_history::version,
            draft_history::content,
            account::name,
            draft_history::saved_at,
        ))
        .load(conn)
        .await?)
}

/// The saved version with this number.
pub async fn saved_version(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    version: i32,
) -> Result<Option<SavedRow>, StoreError> {
    let mut rows = saved(conn, proposal_stage_id, Some(version), 1).await?;
    Ok(rows.pop().filter(|row| row.version == version))
}

/// When the versions of a proposal in a stage were submitted, by their numbers.
pub async fn submission_times(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
) -> Result<Vec<(i32, DateTime<Utc>)>, StoreError> {
    Ok(submission::table
        .filter(submission::proposal_stage_id.eq(proposal_stage_id))
        .order(submission::number)
        .select((submission::number, submission::submitted_at))
        .load(conn)
        .await?)
}
