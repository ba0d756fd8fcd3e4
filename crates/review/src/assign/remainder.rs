//! What is left to decide once the kept pairs stand.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::explain::{Contradiction, Infeasible};
use super::{Pair, Problem};

/// The problem without its kept pairs, in the order of the ids, so that nothing depends on the order
/// in which a caller lists things.
pub(super) struct Remainder {
    /// Sorted.
    pub proposals: Vec<Uuid>,
    /// Sorted.
    pub experts: Vec<Uuid>,
    /// How many reviewers each proposal still needs.
    pub need: Vec<u32>,
    /// How many proposals each expert must still take.
    pub least: Vec<u32>,
    /// How many proposals each expert may still take, at least as many as `least`.
    pub most: Vec<u32>,
    pub kept_pairs: Vec<Pair>,
    affinity: Vec<i64>,
    open: Vec<bool>,
}

impl Remainder {
    pub fn of(problem: &Problem) -> Result<Self, Infeasible> {
        let proposals: BTreeMap<Uuid, (usize, u16)> = problem
            .proposals
            .iter()
            .enumerate()
            .map(|(at, node)| (node.id, (at, node.reviewers)))
            .collect();
        let experts: BTreeMap<Uuid, (usize, u16, u16)> = problem
            .experts
            .iter()
            .enumerate()
            .map(|(at, node)| (node.id, (at, node.min_load, node.max_load)))
            .collect();
        contradictions(problem, &proposals, &experts)?;

        let mut affinity = Vec::with_capacity(problem.affinity.len());
        let mut open = Vec::with_capacity(problem.affinity.len());
        let mut kept_pairs = Vec::with_capacity(problem.kept.len());
        let mut need: Vec<u32> = proposals.values().map(|(_, n)| u32::from(*n)).collect();
        let mut least: Vec<u32> = experts
            .values()
            .map(|(_, min, _)| u32::from(*min))
            .collect();
        let mut most: Vec<u32> = experts
            .values()
            .map(|(_, _, max)| u32::from(*max))
            .collect();
        for (p, (proposal, (row, _))) in proposals.iter().enumerate() {
            for (e, (expert, (column, _, _))) in experts.iter().enumerate() {
                let pair = (*proposal, *expert);
                let value = problem.affinity[row * experts.len() + column];
                let kept = problem.kept.contains(&pair);
                if kept {
                    need[p] = need[p].saturating_sub(1);
                    least[e] = least[e].saturating_sub(1);
                    most[e] = most[e].saturating_sub(1);
                    kept_pairs.push(Pair {
                        proposal: *proposal,
                        expert: *expert,
                        affinity: value,
                        kept,
                    });
                }
                affinity.push(value);
                open.push(!kept && !problem.forbidden.contains(&pair));
            }
        }
        Ok(Self {
            proposals: proposals.into_keys().collect(),
            experts: experts.into_keys().collect(),
            need,
            least,
            most,
            kept_pairs,
            affinity,
            open,
        })
    }

    /// Whether the pair may be added.
    pub fn is_open(&self, p: usize, e: usize) -> bool {
        self.open[p * self.experts.len() + e]
    }

    /// Millionths.
    pub fn affinity(&self, p: usize, e: usize) -> i64 {
        self.affinity[p * self.experts.len() + e]
    }
}

/// What no assignment could mend, whatever the loads.
fn contradictions(
    problem: &Problem,
    proposals: &BTreeMap<Uuid, (usize, u16)>,
    experts: &BTreeMap<Uuid, (usize, u16, u16)>,
) -> Result<(), Infeasible> {
    let mut found = Vec::new();
    if proposals.len() < problem.proposals.len() || experts.len() < problem.experts.len() {
        found.push(Contradiction::ListedTwice);
    }
    let expected = problem.proposals.len() * problem.experts.len();
    if problem.affinity.len() != expected {
        let given = problem.affinity.len();
        found.push(Contradiction::AffinityTable { expected, given });
    }
    for (expert, (_, min, max)) in experts {
        if min > max {
            found.push(Contradiction::LoadBounds {
                expert: *expert,
                min: *min,
                max: *max,
            });
        }
    }
    for (proposal, expert) in &problem.kept {
        let (proposal, expert) = (*proposal, *expert);
        if !proposals.contains_key(&proposal) || !experts.contains_key(&expert) {
            found.push(Contradiction::KeptUnknown { proposal, expert });
        } else if problem.forbidden.contains(&(proposal, expert)) {
            found.push(Contradiction::KeptForbidden { proposal, expert });
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Infeasible {
            contradictions: found,
            shortages: Vec::new(),
        })
    }
}
