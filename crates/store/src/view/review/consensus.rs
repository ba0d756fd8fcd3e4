//! Consensus.

use std::collections::BTreeMap;

use ::call::{EvaluationRules, Score};
use ::intake::ProposalState;
use ::review::{Marks, Rating, ReviewState, suggest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Depth, Sight};
use crate::call::StageRow;
use crate::outcome::{self, Standing};
use crate::review::consensus::ConsensusRow;
use crate::review::review::ReviewRow;
use crate::review::since::conflicted_since;
use crate::review::{consensus as rows, facts, review as reviews};
use crate::{Conn, StoreError};

/// A proposal on the panel's desk.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsensusLine {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// Where it stands in the evaluation; what is decided later is not told here.
    pub state: ProposalState,
    /// How many reviews are released. A member of the panel is told nothing of them, nor of the consensus, before all
    /// reviews of the proposal are released: nobody's judgement follows another's.
    pub released: usize,
    /// Where the panel may start: the mean of the released reviews in each criterion, on a step.
    pub suggested: BTreeMap<String, Score>,
    /// What the panel agreed on, once it did.
    pub consensus: Option<ConsensusView>,
}

/// What the panel agreed on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConsensusView {
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// The weighted total.
    pub total: Score,
    /// Whether each score and the total reach their thresholds.
    pub above_thresholds: bool,
    /// The advice.
    pub rating: Rating,
    /// The reasons.
    pub comment: String,
    /// Raised with every change.
    pub version: i32,
    /// Whether a conflict of interest of somebody who had a part in it was found afterwards: the panel agrees anew, or
    /// stands by it when the ranking list is adopted. Told to secretariat and observer until then.
    pub conflict_since: bool,
}

/// The panel's desk at a stage, by number; nothing for those who see results only, before there are any.
pub async fn lines(
    conn: &mut Conn,
    stage: &StageRow,
    rules: &EvaluationRules,
    sight: &Sight,
) -> Result<Vec<ConsensusLine>, StoreError> {
    let after_panel = super::after_panel(stage.state()?);
    if sight.depth < Depth::Panel && !(sight.depth == Depth::Results && after_panel) {
        return Ok(Vec::new());
    }
    let mut written: BTreeMap<Uuid, Vec<ReviewRow>> = BTreeMap::new();
    for row in reviews::of_stage(conn, stage.id).await? {
        written.entry(row.proposal_id).or_default().push(row);
    }
    let agreed = rows::of_stage(conn, stage.id).await?;
    let mut lines = Vec::new();
    for standing in outcome::standings(conn, stage.id).await? {
        if facts::takes_part(standing.state) && sight.open(standing.proposal) {
            let of_it = written.remove(&standing.proposal).unwrap_or_default();
            let row = agreed
                .iter()
                .find(|row| row.proposal_stage_id == standing.proposal_stage);
            let hidden = sight.depth == Depth::Panel && !after_panel && !is_ready(&of_it)?;
            lines.push(match hidden {
                true => line(rules, &standing, &[], None)?,
                false => line(rules, &standing, &of_it, row)?,
            });
        }
    }
    mark(conn, stage, sight, &mut lines).await?;
    Ok(lines)
}

/// Marks the consensus after which a conflict of interest was found, for whoever sees those of all roles.
pub async fn mark(
    conn: &mut Conn,
    stage: &StageRow,
    sight: &Sight,
    lines: &mut [ConsensusLine],
) -> Result<(), StoreError> {
    if !sight.named || super::after_panel(stage.state()?) {
        return Ok(());
    }
    let since = conflicted_since(conn, stage.id).await?;
    for line in lines {
        if let Some(agreed) = &mut line.consensus {
            agreed.conflict_since = since.contains(&line.proposal);
        }
    }
    Ok(())
}

/// Whether all reviews of a proposal are released, but for those that were declined or ended otherwise.
pub fn is_ready(written: &[ReviewRow]) -> Result<bool, StoreError> {
    let mut released = false;
    for row in written {
        let state = row.state()?;
        if state.holds_a_place() && state != ReviewState::Released {
            return Ok(false);
        }
        released |= row.ever_released()?;
    }
    Ok(released)
}

/// One proposal on the panel's desk.
pub fn line(
    rules: &EvaluationRules,
    standing: &Standing,
    written: &[ReviewRow],
    row: Option<&ConsensusRow>,
) -> Result<ConsensusLine, StoreError> {
    let mut released: Vec<Marks> = Vec::new();
    for review in written {
        if review.state()? == ReviewState::Released {
            released.push(review.marks()?);
        }
    }
    Ok(ConsensusLine {
        proposal: standing.proposal,
        number: standing.number.clone(),
        state: standing.state.in_evaluation(),
        released: released.len(),
        suggested: suggest(rules, &released),
        consensus: row.map(agreed).transpose()?,
    })
}

fn agreed(row: &ConsensusRow) -> Result<ConsensusView, StoreError> {
    let consensus = row.consensus()?;
    Ok(ConsensusView {
        scores: consensus.scores,
        total: Score(row.total),
        above_thresholds: row.above_thresholds,
        rating: consensus.rating,
        comment: consensus.comment,
        version: row.version,
        conflict_since: false,
    })
}
