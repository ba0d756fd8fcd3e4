//! Where reviews lie apart, and who scores high or low, as far as the viewer reads the reviews.

use std::collections::BTreeMap;

use ::call::{EvaluationRules, Score};
use ::review::ReviewState;
use ::review::disagreement::{Scored, disagreements, leanings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conflict::names;
use super::review::Surroundings;
use super::{Depth, Sight};
use crate::call::StageRow;
use crate::outcome;
use crate::review::{expert as experts, facts, review as reviews};
use crate::{Conn, StoreError};

/// What the panel is told before it agrees on scores. It is a hint to look: no score is changed by it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DisagreementView {
    /// Reviews that lie apart, by the proposals' ids, the total of each before its criteria.
    pub apart: Vec<ApartView>,
    /// How each expert scores against the others on the same proposals, by name.
    pub experts: Vec<LeaningView>,
}

/// Reviews of one proposal that lie apart.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApartView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The key of the criterion; none for the weighted total.
    pub criterion: Option<String>,
    /// The lowest score.
    pub lowest: Score,
    /// The highest score.
    pub highest: Score,
    /// Who stands alone: the one reviewer without whom the others would agree; none where there is no such.
    pub alone: Option<Uuid>,
    /// That reviewer's name.
    pub name: Option<String>,
}

/// How an expert scores against the others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeaningView {
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// How many of the expert's proposals somebody else scored too.
    pub proposals: usize,
    /// By how much the expert scores higher than the others, on the scale of one criterion; negative where lower.
    pub mean: Score,
    /// Whether it is as much as the rules of the call point out, on enough proposals.
    pub striking: bool,
}

/// The disagreement at a stage. It is reckoned from those released reviews alone that the viewer reads with names:
/// nothing of any other follows from it.
pub async fn disagreement(
    conn: &mut Conn,
    stage: &StageRow,
    rules: &EvaluationRules,
    sight: &Sight,
) -> Result<DisagreementView, StoreError> {
    let around = Surroundings::of(conn, stage, None).await?;
    let mut numbers: BTreeMap<Uuid, String> = BTreeMap::new();
    for standing in outcome::standings(conn, stage.id).await? {
        let deep = sight.depth >= Depth::Everything
            || sight.depth == Depth::Panel && around.at_panel(standing.proposal);
        if deep && facts::takes_part(standing.state) && sight.open(standing.proposal) {
            numbers.insert(standing.proposal, standing.number);
        }
    }
    let mut scored = Vec::new();
    for row in reviews::of_stage(conn, stage.id).await? {
        if row.state()? == ReviewState::Released && numbers.contains_key(&row.proposal_id) {
            let scores = row
                .marks()?
                .into_iter()
                .map(|(key, mark)| (key, mark.score));
            scored.push(Scored {
                proposal: row.proposal_id,
                expert: row.expert_id,
                scores: scores.collect(),
            });
        }
    }
    let names = names(&experts::of_call(conn, stage.call_id).await?);
    let name = |expert: &Uuid| names.get(expert).cloned().unwrap_or_default();
    let apart = disagreements(rules, &scored)
        .into_iter()
        .map(|one| ApartView {
            proposal: one.proposal,
            number: numbers.get(&one.proposal).cloned().unwrap_or_default(),
            criterion: one.criterion,
            lowest: one.lowest,
            highest: one.highest,
            name: one.alone.as_ref().map(name),
            alone: one.alone,
        });
    let mut experts: Vec<LeaningView> = leanings(rules, &scored)
        .into_iter()
        .map(|one| LeaningView {
            name: name(&one.expert),
            expert: one.expert,
            proposals: one.proposals,
            mean: one.mean,
            striking: one.striking,
        })
        .collect();
    experts.sort_by(|a, b| (&a.name, a.expert).cmp(&(&b.name, b.expert)));
    Ok(DisagreementView {
        apart: apart.collect(),
        experts,
    })
}
