//! Adopted ranking lists, every version kept.

use std::collections::{BTreeMap, BTreeSet};

use ::review::{Entry, RankingState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::ranking_list;
use crate::schema::{proposal_stage, stage, submission};
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
    pub input: Value,
    pub entries: Value,
    pub adopted_by: Option<Uuid>,
    pub adopted_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub corrected: Option<Value>,
    pub version: i32,
}

/// The proposal of a consensus that a version corrects.
#[derive(Deserialize)]
struct Corrected {
    proposal: Uuid,
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

    /// The proposals whose consensus was corrected with this version.
    pub fn corrects(&self) -> Result<Vec<Uuid>, StoreError> {
        let Some(corrected) = self.corrected.clone() else {
            return Ok(Vec::new());
        };
        let all: Vec<Corrected> = text::document(corrected)?;
        Ok(all.into_iter().map(|one| one.proposal).collect())
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

/// Whether the chair corrected the ranking list of a stage after this moment, so that what was computed from it then
/// rests on what the panel did not agree on.
pub async fn corrected_since(
    conn: &mut Conn,
    stage: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let later = ranking_list::table
        .filter(ranking_list::stage_id.eq(stage))
        .filter(ranking_list::reason.is_not_null())
        .filter(ranking_list::adopted_at.gt(at));
    Ok(diesel::select(exists(later)).get_result(conn).await?)
}

/// Every version of every ranking list of a call, by stage and number.
pub async fn all(conn: &mut Conn, call: Uuid) -> Result<Vec<RankingRow>, StoreError> {
    Ok(ranking_list::table
        .inner_join(stage::table.on(stage::id.eq(ranking_list::stage_id)))
        .filter(ranking_list::call_id.eq(call))
        .order((stage::number, ranking_list::number))
        .select(RankingRow::as_select())
        .load(conn)
        .await?)
}

/// The modules that the proposals of a stage choose, in the version that counts.
pub async fn modules(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<BTreeMap<Uuid, BTreeSet<String>>, StoreError> {
    let rows: Vec<(Uuid, Value)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::stage_id.eq(stage))
        .select((
            proposal_stage::proposal_id,
            sql::<Jsonb>("coalesce(submission.content -> 'modules', '[]')"),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(proposal, modules)| Ok((proposal, text::document(modules)?)))
        .collect()
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

/// Puts the next version of a stage's ranking list into force in the place of `before`, which is kept as it was. The
/// caller has locked the stage.
pub async fn succeed(
    conn: &mut Conn,
    permit: &Permit,
    before: &RankingRow,
    next: &RankingRow,
) -> Result<(), StoreError> {
    let actions = [Action::ReviseRanking, Action::ReevaluateProposal];
    if !actions.contains(&permit.action()) || permit.call() != Some(next.call_id) {
        return Err(StoreError::Permit);
    }
    let revised = diesel::update(ranking_list::table.find(before.id))
        .filter(ranking_list::state.eq(&before.state))
        .filter(ranking_list::version.eq(before.version))
        .set((
            ranking_list::state.eq(RankingState::Revised.to_string()),
            ranking_list::version.eq(before.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(revised)?;
    diesel::insert_into(ranking_list::table)
        .values(next)
        .execute(conn)
        .await?;
    Ok(())
}
