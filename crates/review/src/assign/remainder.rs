//! What is left to decide once the kept pairs stand.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::contradiction::contradictions;
use super::grid::{CLOSED, Grid, Nest};
use super::{Infeasible, Pair, Problem};

/// The problem without its kept pairs, in the order of the ids, so that nothing depends on the order
/// in which a caller lists things.
pub(super) struct Remainder {
    /// Sorted.
    pub proposals: Vec<Uuid>,
    /// Sorted.
    pub experts: Vec<Uuid>,
    /// What is still needed and what may still be taken; kept pairs are closed.
    pub grid: Grid,
    pub kept_pairs: Vec<Pair>,
    /// What the groups are called, by number.
    pub groups: Vec<String>,
    /// The affinity of all pairs, kept and forbidden ones too.
    pub affinity: Vec<i32>,
}

impl Remainder {
    pub fn of(problem: &Problem) -> Result<Self, Infeasible> {
        contradictions(problem)?;
        let mut proposals: Vec<(Uuid, usize)> = (problem.proposals.iter().map(|node| node.id))
            .zip(0..)
            .collect();
        let mut experts: Vec<(Uuid, usize)> = (problem.experts.iter().map(|node| node.id))
            .zip(0..)
            .collect();
        proposals.sort_unstable();
        experts.sort_unstable();

        let nodes = || experts.iter().map(|(_, at)| &problem.experts[*at]);
        let mut grid = Grid {
            need: (proposals.iter())
                .map(|(_, at)| u32::from(problem.proposals[*at].reviewers))
                .collect(),
            least: nodes().map(|node| u32::from(node.min_load)).collect(),
            most: nodes().map(|node| u32::from(node.max_load)).collect(),
            ..Grid::default()
        };
        let mut kept_pairs = Vec::with_capacity(problem.kept.len());
        let mut affinity = Vec::with_capacity(problem.affinity.len());
        for (row, (proposal, from)) in proposals.iter().enumerate() {
            for (column, (expert, at)) in experts.iter().enumerate() {
                let pair = (*proposal, *expert);
                let value = problem.affinity[from * experts.len() + at];
                affinity.push(value as i32);
                let kept = problem.kept.contains(&pair);
                let closed = kept || problem.forbidden.contains(&pair);
                grid.affinity
                    .push(if closed { CLOSED } else { value as i32 });
                if kept {
                    for left in [
                        &mut grid.need[row],
                        &mut grid.least[column],
                        &mut grid.most[column],
                    ] {
                        *left = left.saturating_sub(1);
                    }
                    kept_pairs.push(Pair {
                        proposal: *proposal,
                        expert: *expert,
                        affinity: value,
                        kept,
                    });
                }
            }
        }
        let mut rest = Self {
            proposals: proposals.into_iter().map(|(id, _)| id).collect(),
            experts: experts.into_iter().map(|(id, _)| id).collect(),
            grid,
            kept_pairs,
            groups: (problem
                .partition
                .iter()
                .flat_map(|partition| &partition.groups))
            .map(|group| group.name.clone())
            .collect(),
            affinity,
        };
        rest.part(problem);
        Ok(rest)
    }

    /// Takes over the limits of the groups, less what is kept.
    fn part(&mut self, problem: &Problem) {
        let Some(partition) = &problem.partition else {
            return;
        };
        let none = partition.groups.len();
        let group_of = |expert: &Uuid| partition.member.get(expert).copied().unwrap_or(none);
        self.grid.group = self.experts.iter().map(|id| group_of(id) as u32).collect();
        let mut taken: BTreeMap<(Uuid, usize), u32> = BTreeMap::new();
        let mut load = vec![0_u32; none + 1];
        for pair in &self.kept_pairs {
            let group = group_of(&pair.expert);
            *taken.entry((pair.proposal, group)).or_default() += 1;
            load[group] += 1;
        }
        for (row, proposal) in self.proposals.iter().enumerate() {
            let need = self.grid.need[row];
            for (group, limits) in partition.groups.iter().enumerate() {
                let taken = taken.get(&(*proposal, group)).copied().unwrap_or(0);
                let [least, most] = limits.per_proposal.less(taken);
                if least > 0 || most < need {
                    self.grid.nests.push(Nest {
                        row: row as u32,
                        group: group as u32,
                        least,
                        most: most.min(need.max(least)),
                    });
                }
            }
        }
        if partition.groups.iter().any(|group| group.load.binds()) {
            let limits = partition.groups.iter().zip(&load);
            self.grid.group_load = limits
                .map(|(group, taken)| group.load.less(*taken))
                .collect();
            self.grid.group_load.push([0, u32::MAX >> 1]);
        }
    }

    /// Whether the pair may be added.
    pub fn is_open(&self, row: usize, column: usize) -> bool {
        self.grid.value(row, column) != CLOSED
    }

    /// Millionths, also of pairs that may not be added.
    pub fn affinity(&self, row: usize, column: usize) -> i64 {
        i64::from(self.affinity[row * self.experts.len() + column])
    }
}
