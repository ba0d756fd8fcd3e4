//! Imported affinities, and the texts from which affinities are computed.

use std::collections::{BTreeMap, BTreeSet};

use ::review::affinity::GivenAffinity;
use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::call::StageRow;
use crate::error::demand;
use crate::schema::sealed::affinity;
use crate::schema::{proposal_stage, submission};
use crate::{Conn, StoreError};

#[derive(Insertable)]
#[diesel(table_name = affinity)]
struct AffinityRow {
    stage_id: Uuid,
    proposal_id: Uuid,
    expert_id: Uuid,
    call_id: Uuid,
    millionths: i32,
}

/// Keeps the affinities of a table for a stage, in the place of those before; none takes them back. Those of the
/// proposals in `kept` stay as they are. Answers how many were there before, those that stay left out.
pub async fn replace(
    conn: &mut Conn,
    permit: &Permit,
    stage: &StageRow,
    kept: &BTreeSet<Uuid>,
    given: &[GivenAffinity],
) -> Result<usize, StoreError> {
    demand(permit, &[Action::ImportAffinity], stage.id)?;
    let before = diesel::delete(affinity::table)
        .filter(affinity::stage_id.eq(stage.id))
        .filter(affinity::proposal_id.ne_all(kept.iter().copied().collect::<Vec<_>>()))
        .execute(conn)
        .await?;
    let rows: Vec<AffinityRow> = given
        .iter()
        .map(|one| AffinityRow {
            stage_id: stage.id,
            proposal_id: one.proposal,
            expert_id: one.expert,
            call_id: stage.call_id,
            millionths: one.millionths,
        })
        .collect();
    for some in rows.chunks(1000) {
        diesel::insert_into(affinity::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(before)
}

/// The imported affinities of a stage, in millionths, by proposal and expert.
pub async fn imported(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<BTreeMap<(Uuid, Uuid), i32>, StoreError> {
    let rows: Vec<(Uuid, Uuid, i32)> = affinity::table
        .filter(affinity::stage_id.eq(stage))
        .select((
            affinity::proposal_id,
            affinity::expert_id,
            affinity::millionths,
        ))
        .load(conn)
        .await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(proposal, expert, value)| ((proposal, expert), value))
        .collect())
}

/// The abstracts that were submitted at a stage, by the proposal's row in it.
pub async fn abstracts(conn: &mut Conn, stage: Uuid) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, String)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::stage_id.eq(stage))
        .select((
            proposal_stage::id,
            sql::<Text>("coalesce(submission.content ->> 'abstract', '')"),
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
