//! What is asked, and what is answered.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

/// A proposal that needs reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalNode {
    /// The proposal.
    pub id: Uuid,
    /// How many reviewers it gets, those kept among them.
    pub reviewers: u16,
}

/// An expert who may be assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertNode {
    /// The expert.
    pub id: Uuid,
    /// The least number of proposals, those kept among them.
    pub min_load: u16,
    /// The greatest number of proposals, those kept among them.
    pub max_load: u16,
}

/// A least and a greatest number, kept pairs counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// At least so many.
    pub least: u16,
    /// At most so many; `None`: any number.
    pub most: Option<u16>,
}

impl Limits {
    pub(super) fn binds(&self) -> bool {
        *self != Self::default()
    }

    /// What is left of the limits once so many are taken.
    pub(super) fn less(&self, taken: u32) -> [u32; 2] {
        let most = self.most.map_or(u32::MAX >> 1, u32::from);
        [u32::from(self.least), most].map(|limit| limit.saturating_sub(taken))
    }
}

/// Experts that count together, such as those of a country or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// How many of a proposal's reviewers are of this group.
    pub per_proposal: Limits,
    /// How many pairs the group takes in all.
    pub load: Limits,
}

/// One partition of the experts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// The groups.
    pub groups: Vec<Group>,
    /// The number of each expert's group. Who is not named is in none, and no limit applies.
    pub member: BTreeMap<Uuid, usize>,
}

/// What is to be assigned. Pairs are (proposal, expert).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The proposals, each once.
    pub proposals: Vec<ProposalNode>,
    /// The experts, each once.
    pub experts: Vec<ExpertNode>,
    /// Millionths, from none to a whole; one row for each proposal with one entry for each expert, in
    /// their orders above.
    pub affinity: Vec<i64>,
    /// Conflicts of interest, and whatever else must not be.
    pub forbidden: BTreeSet<(Uuid, Uuid)>,
    /// Pairs that stand already. They stay, also where a proposal has more of them than it asks for
    /// or an expert or a group more than the greatest load: then nothing is added.
    pub kept: BTreeSet<(Uuid, Uuid)>,
    /// Limits by country or organisation.
    pub partition: Option<Partition>,
}

/// What the assignment is to be best in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Objective {
    /// The greatest sum of all affinities.
    #[default]
    Total,
    /// The greatest sum of the worst-served proposal; then the greatest sum of all at that floor.
    Fair,
}

/// One expert for one proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Pair {
    /// The proposal.
    pub proposal: Uuid,
    /// The expert.
    pub expert: Uuid,
    /// Millionths.
    pub affinity: i64,
    /// Whether the pair stood before.
    pub kept: bool,
}

/// An assignment that keeps all limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Assignment {
    /// All pairs, those kept among them, by proposal and expert.
    pub pairs: Vec<Pair>,
    /// The sum of all affinities, in millionths.
    pub total: i64,
    /// The sum of the worst-served proposal, in millionths; 0 without proposals.
    pub worst: i64,
    /// The worst-served proposal; of several the first by id.
    pub worst_proposal: Option<Uuid>,
    /// What no assignment can exceed, in millionths: in the total, or for the fair objective in the sum
    /// of the worst-served proposal.
    pub bound: i64,
    /// How far from the bound this one is, in millionths. Of the total it is 0: the best is proven.
    pub gap: i64,
}
