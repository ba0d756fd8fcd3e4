//! What the figures of an evaluation are counted from, besides the reviews themselves.

use ::review::ReviewState;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::sealed::review;
use crate::{Conn, StoreError};

/// How long the reviews of a stage took that are handed in, from being assigned to being handed in last; each with
/// its proposal.
pub async fn times(conn: &mut Conn, stage: Uuid) -> Result<Vec<(Uuid, TimeDelta)>, StoreError> {
    let handed_in = [ReviewState::Submitted, ReviewState::Released].map(|one| one.to_string());
    let rows: Vec<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = review::table
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq_any(handed_in))
        .order(review::id)
        .select((
            review::proposal_id,
            review::assigned_at,
            review::submitted_at,
        ))
        .load(conn)
        .await?;
    let taken = rows
        .into_iter()
        .filter_map(|(proposal, assigned, submitted)| Some((proposal, submitted? - assigned)));
    Ok(taken.collect())
}
