//! How far the reviews of a stage are.

use std::collections::BTreeMap;

use ::review::ReviewState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conflict::names;
use super::{Depth, Sight};
use crate::call::StageRow;
use crate::review::progress::dues;
use crate::review::{expert as experts, facts, review as rows};
use crate::{Conn, StoreError};

/// How far the reviews of a stage are, by expert and by proposal. Reviews that somebody declined, or that were given
/// to another, are not counted, nor those of proposals that were withdrawn or excluded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProgressView {
    /// The experts, those with the most overdue first.
    pub experts: Vec<ExpertProgress>,
    /// The proposals, by number.
    pub proposals: Vec<ProposalProgress>,
}

/// How far one expert is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpertProgress {
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
    /// How far the reviews are.
    pub reviews: ReviewSteps,
    /// Until when the first one is due that is not handed in.
    pub next_due: Option<DateTime<Utc>>,
    /// When the expert was reminded last.
    pub reminded_at: Option<DateTime<Utc>>,
}

/// How far the reviews of one proposal are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposalProgress {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// How far its reviews are.
    pub reviews: ReviewSteps,
}

/// How many reviews are how far; each is in one of the first five.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewSteps {
    /// Nothing is written.
    pub asked: u32,
    /// There is a draft.
    pub begun: u32,
    /// Given back, and not handed in again.
    pub returned: u32,
    /// Handed in, and not released.
    pub submitted: u32,
    /// Released.
    pub released: u32,
    /// Of the first three: those that are due already.
    pub overdue: u32,
}

impl ReviewSteps {
    /// Counts one; answers whether its author has yet to hand it in.
    fn count(&mut self, state: ReviewState, overdue: bool) -> bool {
        let step = match state {
            ReviewState::Draft => &mut self.begun,
            ReviewState::Returned => &mut self.returned,
            ReviewState::Submitted => &mut self.submitted,
            ReviewState::Released => &mut self.released,
            _ => &mut self.asked,
        };
        *step += 1;
        let waiting = state.is_waited_for();
        self.overdue += u32::from(waiting && overdue);
        waiting
    }
}

/// How far the reviews of a stage are at an instant, as far as somebody sees who reviews what before the panel meets.
pub async fn progress(
    conn: &mut Conn,
    stage: &StageRow,
    sight: &Sight,
    now: DateTime<Utc>,
) -> Result<ProgressView, StoreError> {
    let names = names(&experts::of_call(conn, stage.call_id).await?);
    let numbers = facts::numbers(conn, stage.call_id).await?;
    let dues = dues(conn, stage.id, None).await?;
    let taking_part = facts::taking_part(conn, stage.id).await?;
    let mut experts: BTreeMap<Uuid, ExpertProgress> = BTreeMap::new();
    let mut proposals: BTreeMap<Uuid, ProposalProgress> = BTreeMap::new();
    for row in rows::of_stage(conn, stage.id).await? {
        let state = row.state()?;
        let known = sight.open(row.proposal_id) && taking_part.contains(&row.proposal_id);
        let seen = sight.depth >= Depth::Everything && known;
        let Some((due, reminded)) = dues.get(&row.id).filter(|_| seen && state.holds_a_place())
        else {
            continue;
        };
        let expert = experts
            .entry(row.expert_id)
            .or_insert_with(|| ExpertProgress {
                expert: row.expert_id,
                name: names.get(&row.expert_id).cloned().unwrap_or_default(),
                reviews: ReviewSteps::default(),
                next_due: None,
                reminded_at: None,
            });
        if expert.reviews.count(state, *due <= now) {
            expert.next_due = expert.next_due.into_iter().chain([*due]).min();
        }
        expert.reminded_at = expert.reminded_at.max(*reminded);
        let proposal = proposals
            .entry(row.proposal_id)
            .or_insert_with(|| ProposalProgress {
                proposal: row.proposal_id,
                number: numbers.get(&row.proposal_id).cloned().unwrap_or_default(),
                reviews: ReviewSteps::default(),
            });
        proposal.reviews.count(state, *due <= now);
    }
    let mut experts: Vec<ExpertProgress> = experts.into_values().collect();
    experts.sort_by(|a, b| {
        let late = b.reviews.overdue.cmp(&a.reviews.overdue);
        late.then_with(|| (&a.name, a.expert).cmp(&(&b.name, b.expert)))
    });
    let mut proposals: Vec<ProposalProgress> = proposals.into_values().collect();
    proposals.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(ProgressView { experts, proposals })
}
