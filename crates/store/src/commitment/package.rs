//! What the Commission's package on a call is made of.

use ::call::DocumentKind;
use ::intake::{Content, ProposalState};
use ::review::{Entry, RankingState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::call::stages;
use crate::document::{self, DocumentRow};
use crate::intake::submitted_contents;
use crate::outcome::{Standing, standings};
use crate::schema::sealed::{ranking_list, redress};
use crate::schema::{proposal, proposal_stage, stage};
use crate::{Conn, StoreError, text};

/// A version of a stage's ranking list.
#[derive(Debug, Clone)]
pub struct PackedRanking {
    /// Number of the stage.
    pub stage: i32,
    /// Version of the list.
    pub number: i32,
    /// Whether it is in force.
    pub state: RankingState,
    /// When the panel adopted it.
    pub adopted_at: Option<DateTime<Utc>>,
    /// Number of the proposal whose redress it came of, or what the chair corrected with it.
    pub because_of: Option<String>,
    /// Its lines.
    pub entries: Vec<Entry>,
}

/// Every version of the ranking lists of a call that was adopted, by stage and version.
pub async fn rankings(conn: &mut Conn, call: Uuid) -> Result<Vec<PackedRanking>, StoreError> {
    type Row = (
        i32,
        i32,
        String,
        Option<DateTime<Utc>>,
        Value,
        Option<String>,
        Option<String>,
    );
    let rows: Vec<Row> = ranking_list::table
        .inner_join(stage::table.on(stage::id.eq(ranking_list::stage_id)))
        .left_join(redress::table.on(redress::ranking_list_id.eq(ranking_list::id.nullable())))
        .left_join(proposal_stage::table.on(proposal_stage::id.eq(redress::proposal_stage_id)))
        .left_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(ranking_list::call_id.eq(call))
        .order((stage::number, ranking_list::number))
        .select((
            stage::number,
            ranking_list::number,
            ranking_list::state,
            ranking_list::adopted_at,
            ranking_list::entries,
            proposal::number.nullable(),
            ranking_list::reason,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(
            |(stage, number, state, adopted_at, entries, redress, reason)| {
                Ok(PackedRanking {
                    stage,
                    number,
                    state: text::name(&state)?,
                    adopted_at,
                    because_of: redress.or(reason),
                    entries: text::document(entries)?,
                })
            },
        )
        .collect()
}

/// A proposal as it was when the last deadline that it met had passed.
#[derive(Debug, Clone)]
pub struct PackedProposal {
    /// Its number in the call.
    pub number: String,
    /// Number of the stage.
    pub stage: i32,
    /// What came of it there.
    pub state: ProposalState,
    /// What it says, with its consortium as it is now.
    pub content: Content,
}

/// The proposals of a call by number, each at the last stage that it reached; not those that were withdrawn, or never
/// submitted.
pub async fn proposals(conn: &mut Conn, call: Uuid) -> Result<Vec<PackedProposal>, StoreError> {
    let mut found: Vec<PackedProposal> = Vec::new();
    // From the last stage to the first, so that each proposal is found where it came furthest.
    for stage in stages(conn, call).await?.into_iter().rev() {
        let mut reached = standings(conn, stage.id).await?;
        reached.retain(|one| is_told(one) && found.iter().all(|known| known.number != one.number));
        let ids: Vec<Uuid> = reached.iter().map(|one| one.proposal).collect();
        let contents = submitted_contents(conn, stage.id, &ids).await?;
        for (id, content) in contents {
            let Some(standing) = reached.iter().find(|one| one.proposal == id) else {
                continue;
            };
            found.push(PackedProposal {
                number: standing.number.clone(),
                stage: stage.number,
                state: standing.state,
                content: text::document(content)?,
            });
        }
    }
    found.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(found)
}

fn is_told(one: &Standing) -> bool {
    use ProposalState::{Draft, EditedSince, Lapsed, Submitted, Withdrawn};
    !matches!(
        one.state,
        Draft | EditedSince | Submitted | Lapsed | Withdrawn
    )
}

/// The Commission's own forms among the documents of a call, by key, with their bytes.
pub async fn forms(conn: &mut Conn, call: Uuid) -> Result<Vec<(DocumentRow, Vec<u8>)>, StoreError> {
    let kind = DocumentKind::CommissionTemplate.to_string();
    let mut found = Vec::new();
    for row in document::latest(conn, call).await? {
        if row.kind == kind && !row.is_removal() {
            let content = document::content(conn, row.id).await?;
            found.push((row, content));
        }
    }
    Ok(found)
}
