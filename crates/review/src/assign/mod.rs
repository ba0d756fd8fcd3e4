//! Who reviews what: the assignment of the greatest total affinity, exactly.
//!
//! A network simplex on integers looks at the best pairs of each proposal first, then prices all
//! others and takes in those that would improve, until there are none: that proves the assignment best
//! over all pairs. [`certificate`] proves it once more, without trusting how it was found.

mod balance;
mod boxes;
mod certificate;
mod chains;
mod change;
mod classes;
mod columns;
mod contradiction;
mod dice;
mod exact;
mod explain;
mod fair;
mod fewest;
mod grid;
mod imbalance;
mod layout;
mod model;
mod nests;
mod network;
mod pick;
mod problem;
mod programme;
mod proof;
mod relax;
mod remainder;
mod sets;
mod simplex;
mod start;
#[cfg(test)]
mod tests;
mod total;
mod trade;
mod tree;

use uuid::Uuid;

pub use balance::{Balance, assign_balanced, assign_balanced_for};
pub use certificate::{certificate, keeps_rules};
pub use change::{Manual, Reassignment, cost, reassign, replace};
pub use contradiction::Contradiction;
pub use explain::{Class, Infeasible, Shortage, Side};
use fair::fair_over;
pub use fair::{Fair, fair};
pub use grid::{CLOSED, Grid, MOST, Nest};
use network::{Aim, Network};
pub use problem::{
    Assignment, ExpertNode, Group, Limits, Objective, Pair, Partition, Problem, ProposalNode,
};
pub use relax::{Change, Limit};
use remainder::Remainder;

/// The best assignment of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Row and column of each pair, in this order.
    pub pairs: Vec<(u32, u32)>,
    /// What the objective comes to, in millionths: the sum of all, or that of the worst row.
    pub value: i64,
    /// What no assignment can exceed in the objective, in millionths.
    pub bound: i64,
}

/// The assignment of the greatest total affinity; `None` where none keeps the limits.
pub fn greatest(grid: &Grid) -> Option<Chosen> {
    let mut network = Network::of(grid, Aim::default());
    network.solve().then(|| Chosen {
        pairs: network.pairs(),
        value: network.value(),
        bound: network.bound(),
    })
}

/// The assignment of the greatest total affinity, or why there is none.
///
/// Each proposal gets exactly its reviewers, each expert a load between the two bounds, each group as
/// many as its limits say, no pair is forbidden and all kept ones stay. The answer depends on the ids,
/// not on the order in which proposals and experts are listed: of assignments equally good the same is
/// always chosen.
pub fn assign(problem: &Problem) -> Result<Assignment, Infeasible> {
    let rest = Remainder::of(problem)?;
    let chosen = greatest(&rest.grid).ok_or_else(|| rest.explain())?;
    let mut assignment = rest.assignment(&chosen.pairs);
    assignment.bound = assignment.total - chosen.value + chosen.bound;
    assignment.gap = assignment.bound - assignment.total;
    Ok(assignment)
}

/// The assignment that is best in the objective, or why there is none.
pub fn assign_for(problem: &Problem, objective: Objective) -> Result<Assignment, Infeasible> {
    if objective == Objective::Total {
        return assign(problem);
    }
    let rest = Remainder::of(problem)?;
    let chosen = fair_over(&rest.grid, &rest.base()).ok_or_else(|| rest.explain())?;
    let mut assignment = rest.assignment(&chosen.pairs);
    assignment.bound = chosen.bound;
    assignment.gap = chosen.bound - assignment.worst;
    Ok(assignment)
}

impl Remainder {
    /// What each proposal has by its kept pairs, in millionths.
    fn base(&self) -> Vec<i64> {
        let mut base = vec![0; self.proposals.len()];
        for pair in &self.kept_pairs {
            if let Ok(row) = self.proposals.binary_search(&pair.proposal) {
                base[row] += pair.affinity;
            }
        }
        base
    }

    /// The kept pairs and these, with their sums; the total as bound.
    fn assignment(&self, chosen: &[(u32, u32)]) -> Assignment {
        let mut pairs = self.kept_pairs.clone();
        pairs.extend(chosen.iter().map(|(row, column)| Pair {
            proposal: self.proposals[*row as usize],
            expert: self.experts[*column as usize],
            affinity: self.affinity(*row as usize, *column as usize),
            kept: false,
        }));
        pairs.sort_by_key(|pair| (pair.proposal, pair.expert));
        let mut sums: Vec<(i64, Uuid)> = self.proposals.iter().map(|id| (0, *id)).collect();
        for pair in &pairs {
            if let Ok(row) = self.proposals.binary_search(&pair.proposal) {
                sums[row].0 += pair.affinity;
            }
        }
        let total = sums.iter().map(|(sum, _)| sum).sum();
        let worst = sums.iter().min();
        Assignment {
            total,
            worst: worst.map_or(0, |(sum, _)| *sum),
            worst_proposal: worst.map(|(_, id)| *id),
            bound: total,
            gap: 0,
            pairs,
        }
    }
}
