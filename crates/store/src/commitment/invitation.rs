//! The adopted ranking, and the conditions of invitations.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::proposal_stage;
use crate::schema::sealed::{outcome, ranking_list};
use crate::{Conn, StoreError, text};

/// A line of the adopted ranking list.
pub type RankedEntry = review::Entry;

/// The ranking list in force, best first, lists by topic merged into one; none before the panel adopted one.
pub async fn adopted_ranking(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<Option<Vec<RankedEntry>>, StoreError> {
    let entries = adopted_lists(conn, stage).await?;
    Ok(entries.map(review::merged))
}

/// The same with lists by topic one after the other, each best first.
pub async fn adopted_lists(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<Option<Vec<RankedEntry>>, StoreError> {
    let entries: Option<serde_json::Value> = ranking_list::table
        .filter(ranking_list::stage_id.eq(stage))
        .filter(ranking_list::state.eq("adopted"))
        .order(ranking_list::number.desc())
        .select(ranking_list::entries)
        .first(conn)
        .await
        .optional()?;
    entries.map(text::document).transpose()
}

/// The conditions of the stage's outcomes, by the row of the proposal in the stage.
pub async fn conditions(conn: &mut Conn, stage: Uuid) -> Result<HashMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, Option<String>)> = outcome::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(outcome::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(outcome::condition.is_not_null())
        .select((outcome::proposal_stage_id, outcome::condition))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, condition)| Some((id, condition?)))
        .collect())
}

/// Keeps the proposals of a stage from being withdrawn until the transaction ends.
pub async fn hold_proposals(conn: &mut Conn, stage: Uuid) -> Result<(), StoreError> {
    let _: Vec<Uuid> = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .order(proposal_stage::id)
        .select(proposal_stage::id)
        .for_share()
        .load(conn)
        .await?;
    Ok(())
}
