//! How well experts fit proposals, and why.

use std::collections::{BTreeMap, BTreeSet};

use ::review::affinity::Explained;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sight;
use crate::call::StageRow;
use crate::review::{affinity as rows, facts};
use crate::{Conn, StoreError};

/// The affinities that were imported for a stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedAffinity {
    /// How many pairs have one; all others are computed.
    pub pairs: usize,
    /// The proposals concerned, by number.
    pub proposals: Vec<ImportedLine>,
}

/// A proposal some of whose affinities were imported.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedLine {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// How many experts have an imported affinity to it.
    pub experts: usize,
    /// The highest of them, in millionths.
    pub highest: i32,
}

/// The imported affinities of a stage, but for those of proposals that the viewer may not know about.
pub async fn imported(
    conn: &mut Conn,
    stage: &StageRow,
    sight: &Sight,
) -> Result<ImportedAffinity, StoreError> {
    let numbers = facts::numbers(conn, stage.call_id).await?;
    let mut lines: BTreeMap<Uuid, ImportedLine> = BTreeMap::new();
    let mut pairs = 0;
    for ((proposal, _), value) in rows::imported(conn, stage.id).await? {
        if !sight.open(proposal) {
            continue;
        }
        pairs += 1;
        let line = lines.entry(proposal).or_insert_with(|| ImportedLine {
            proposal,
            number: numbers.get(&proposal).cloned().unwrap_or_default(),
            experts: 0,
            highest: 0,
        });
        line.experts += 1;
        line.highest = line.highest.max(value);
    }
    let mut proposals: Vec<ImportedLine> = lines.into_values().collect();
    proposals.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(ImportedAffinity { pairs, proposals })
}

/// Which experts fit a proposal, the best first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AffinityView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// The experts who may be assigned, or the one asked for.
    pub experts: Vec<ExpertFit>,
}

/// How well one expert fits, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertFit {
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// What the assignment counts, in millionths: the imported value where there is one, else the computed one.
    pub affinity: i64,
    /// The imported value, in millionths.
    pub imported: Option<i64>,
    /// The computed value, part by part.
    pub computed: Explained,
    /// Whether a conflict of interest stands or waits for a verdict, so that the expert is not assigned; left out for
    /// the panel's chair, who does not see all conflicts.
    pub conflicted: Option<bool>,
}

/// How well experts fit a proposal, for a viewer between whom and the proposal nothing stands. `forbidden` are the
/// experts with a conflict of interest.
pub fn explained(
    (proposal, number): (Uuid, &str),
    stage: i32,
    mut experts: Vec<ExpertFit>,
    forbidden: &BTreeSet<Uuid>,
    sight: &Sight,
) -> AffinityView {
    for one in &mut experts {
        one.conflicted = sight.named.then(|| forbidden.contains(&one.expert));
    }
    AffinityView {
        proposal,
        number: number.to_owned(),
        stage,
        experts,
    }
}
