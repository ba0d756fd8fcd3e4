//! Conflicts of interest, and what an expert has to know to declare them.

use std::collections::BTreeMap;

use ::review::ConflictKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Depth, Sight};
use crate::review::conflict::ConflictRow;
use crate::review::expert::ExpertRow;
use crate::review::facts::Candidate;
use crate::review::{conflict as rows, expert as experts, facts, remembered};
use crate::{Conn, StoreError};

/// A conflict of interest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConflictView {
    /// Its id.
    pub id: Uuid,
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number.
    pub number: String,
    /// Why.
    pub kind: ConflictKind,
    /// Whether it stands whatever anybody decides.
    pub certain: bool,
    /// What it rests on.
    pub evidence: String,
    /// Who brought it up: `declared`, `detected` or `secretariat`.
    pub source: String,
    /// Where it stands.
    pub state: ConflictState,
    /// Why it was judged so.
    pub judged_because: Option<String>,
    /// The code of the call whose verdict is followed: of the same person, on the same fact. For the secretariat, which may
    /// judge anew.
    pub remembered_from: Option<String>,
    /// When it was taken back: as the record of the expert was corrected, or as the secretariat had noted it by mistake.
    pub taken_back_at: Option<DateTime<Utc>>,
    /// Raised with every verdict, and when it is withdrawn.
    pub version: i32,
}

/// Where a conflict of interest stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ConflictState {
    /// It keeps the person from everything about the proposal.
    Standing,
    /// Somebody has to decide; until then the expert is not assigned, though nothing that is open closes.
    Waiting,
    /// It was judged not to be one.
    Dismissed,
    /// The fact that it rested on is gone, as the record of the expert was corrected; or the secretariat noted it by mistake.
    TakenBack,
}

/// A conflict in a list.
pub fn conflict(row: &ConflictRow, name: &str, number: &str) -> Result<ConflictView, StoreError> {
    let state = if row.is_taken_back() {
        ConflictState::TakenBack
    } else if row.standing {
        ConflictState::Standing
    } else if row.waits() {
        ConflictState::Waiting
    } else {
        ConflictState::Dismissed
    };
    Ok(ConflictView {
        id: row.id,
        expert: row.expert_id,
        name: name.to_owned(),
        proposal: row.proposal_id,
        number: number.to_owned(),
        kind: row.kind()?,
        certain: row.certain,
        evidence: row.evidence.clone(),
        source: row.source.clone(),
        state,
        judged_because: row.judged_because.clone(),
        remembered_from: None,
        taken_back_at: row.taken_back_at,
        version: row.version,
    })
}

/// The conflicts of a call, but for those on proposals that the viewer may not know about, and those that rest on whom
/// applicants named, for the panel's chair, who sees none before declaring the own ones.
pub async fn conflicts(
    conn: &mut Conn,
    call: Uuid,
    sight: &Sight,
) -> Result<Vec<ConflictView>, StoreError> {
    if sight.depth < Depth::Everything {
        return Ok(Vec::new());
    }
    let names = names(&experts::of_call(conn, call).await?);
    let numbers = facts::numbers(conn, call).await?;
    // In which other calls somebody was an expert is nobody's business but the secretariat's.
    let mut origins = match sight.depth >= Depth::Office {
        true => remembered::origins(conn, call).await?,
        false => BTreeMap::new(),
    };
    let empty = String::new();
    let rows = rows::of_call(conn, call).await?;
    rows.iter()
        .filter(|row| sight.open(row.proposal_id))
        .filter(|row| sight.named || !row.by_applicants())
        .map(|row| {
            let name = names.get(&row.expert_id).unwrap_or(&empty);
            let number = numbers.get(&row.proposal_id).unwrap_or(&empty);
            Ok(ConflictView {
                remembered_from: origins.remove(&row.id),
                ..conflict(row, name, number)?
            })
        })
        .collect()
}

/// Names of experts by id.
pub fn names(experts: &[ExpertRow]) -> BTreeMap<Uuid, String> {
    let named = experts.iter().map(|row| (row.id, row.name.clone()));
    named.collect()
}

/// What an expert declares on: no content, only who is in each proposal and from where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeclarationView {
    /// The expert's id in this call.
    pub expert: Uuid,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Whether the conflicts were declared for the stage: its content opens only then.
    pub declared: bool,
    /// The proposals on which no conflict stands.
    pub proposals: Vec<DeclarationLine>,
    /// What the expert declared already. A declaration is not taken back.
    pub conflicts: Vec<DeclaredConflict>,
}

/// A proposal as an expert may see it before declaring.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeclarationLine {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The partners' institutions.
    pub institutions: Vec<String>,
    /// Everybody the proposal lists.
    pub people: Vec<String>,
}

/// A conflict that the expert declared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeclaredConflict {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The expert's reason.
    pub reason: String,
}

/// What an expert declares on at a stage.
pub async fn declaration(
    conn: &mut Conn,
    expert: &ExpertRow,
    stage: i32,
    candidates: &[Candidate],
) -> Result<DeclarationView, StoreError> {
    let rows = rows::of_expert(conn, expert.id).await?;
    let numbers = facts::numbers(conn, expert.call_id).await?;
    let standing = |proposal| {
        rows.iter()
            .any(|row| row.standing && row.proposal_id == proposal)
    };
    let proposals = candidates
        .iter()
        .filter(|candidate| !standing(candidate.standing.proposal))
        .map(|candidate| {
            let people = candidate.people().into_iter().map(|person| person.name);
            let places = candidate
                .organisations()
                .into_iter()
                .map(|place| place.name);
            DeclarationLine {
                proposal: candidate.standing.proposal,
                number: candidate.standing.number.clone(),
                title: candidate.content.title.clone(),
                institutions: places.collect(),
                people: distinct(people),
            }
        });
    let proposals = proposals.collect();
    let declared = rows
        .iter()
        .filter(|row| row.source == "declared")
        .map(|row| DeclaredConflict {
            proposal: row.proposal_id,
            number: numbers.get(&row.proposal_id).cloned().unwrap_or_default(),
            reason: row.evidence.clone(),
        });
    Ok(DeclarationView {
        expert: expert.id,
        stage,
        declared: expert.declared_stages.contains(&stage),
        proposals,
        conflicts: declared.collect(),
    })
}

/// A coordinator who is the first partner's investigator too is listed once.
fn distinct(people: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for name in people {
        if !name.is_empty() && !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}
