//! What the panel agreed on.

use std::collections::BTreeMap;

use ::call::Score;
use ::review::{Consensus, Rating};
use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::proposal_stage;
use crate::schema::sealed::consensus;
use crate::{Conn, StoreError, text};

/// The consensus on a proposal at a stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = consensus)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ConsensusRow {
    pub proposal_stage_id: Uuid,
    pub call_id: Uuid,
    pub scores: Value,
    pub total: i32,
    pub above_thresholds: bool,
    pub rating: String,
    pub comment: String,
    pub recorded_by: Uuid,
    pub version: i32,
}

impl ConsensusRow {
    /// The advice.
    pub fn rating(&self) -> Result<Rating, StoreError> {
        text::name(&self.rating)
    }

    /// What was agreed on, as it is kept when something else takes its place.
    pub fn kept(&self) -> Value {
        json!({
            "scores": self.scores, "total": Score(self.total), "rating": self.rating,
            "comment": self.comment, "recorded_by": self.recorded_by, "version": self.version,
        })
    }

    /// What was agreed on.
    pub fn consensus(&self) -> Result<Consensus, StoreError> {
        let scores: BTreeMap<String, Score> = text::document(self.scores.clone())?;
        Ok(Consensus {
            scores,
            comment: self.comment.clone(),
            rating: self.rating()?,
        })
    }
}

/// All consensus of a stage.
pub async fn of_stage(conn: &mut Conn, stage: Uuid) -> Result<Vec<ConsensusRow>, StoreError> {
    Ok(consensus::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(consensus::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .select(ConsensusRow::as_select())
        .load(conn)
        .await?)
}

/// The consensus on one proposal at a stage. The caller has locked the proposal's row.
pub async fn find(
    conn: &mut Conn,
    proposal_stage: Uuid,
) -> Result<Option<ConsensusRow>, StoreError> {
    Ok(consensus::table
        .find(proposal_stage)
        .select(ConsensusRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Records a consensus: the first one (version 1), or one in place of the version before.
pub async fn record(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConsensusRow,
) -> Result<(), StoreError> {
    let actions = [
        Action::RecordConsensus,
        Action::ReviseRanking,
        Action::ReevaluateProposal,
    ];
    if !actions.contains(&permit.action()) || permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    if row.version == 1 {
        diesel::insert_into(consensus::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(consensus::table.find(row.proposal_stage_id))
        .filter(consensus::version.eq(row.version - 1))
        .set((
            consensus::scores.eq(&row.scores),
            consensus::total.eq(row.total),
            consensus::above_thresholds.eq(row.above_thresholds),
            consensus::rating.eq(&row.rating),
            consensus::comment.eq(&row.comment),
            consensus::recorded_by.eq(row.recorded_by),
            consensus::recorded_at.eq(sql::<Timestamptz>("clock_timestamp()")),
            consensus::version.eq(row.version),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
