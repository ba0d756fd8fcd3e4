//! Experts who are alike to all rules of a proposal, and those rules: how many of whom it has.
//!
//! Once each proposal's number of each class is known the rest is a network again, even where the rules
//! overlap. So only these numbers are left to the linear programme.

use std::collections::BTreeMap;

use super::Balance;
use super::grid::{Grid, Nest};
use super::relax::{Limit, Move};
use super::remainder::Remainder;

/// How many experts of each class each row has.
pub(super) type Counts = Vec<Vec<u32>>;

/// A set of experts of whom each row must and may have so many.
pub(super) struct Rule {
    /// By column.
    pub members: Vec<bool>,
    /// The least and the greatest number, by row.
    pub limits: Vec<[u32; 2]>,
}

/// The rules of a problem: those of its groups first, then the balances.
pub(super) struct Classes {
    pub names: Vec<String>,
    pub rules: Vec<Rule>,
    /// The class of each column.
    pub of: Vec<u32>,
    /// By class, whether it is of each rule.
    pub within: Vec<Vec<bool>>,
    /// The group of each class; empty where nothing is said of groups.
    pub group: Vec<u32>,
}

impl Classes {
    pub fn of(rest: &Remainder, balances: &[Balance]) -> Self {
        let grid = &rest.grid;
        let groups = rest.groups.iter().enumerate().map(|(group, name)| {
            let members = grid.group.iter().map(|of| *of as usize == group);
            let mut limits: Vec<[u32; 2]> = grid.need.iter().map(|need| [0, *need]).collect();
            for nest in grid.nests.iter().filter(|n| n.group as usize == group) {
                limits[nest.row as usize] = [nest.least, nest.most];
            }
            let members = members.collect();
            (name.clone(), Rule { members, limits })
        });
        let balances = balances.iter().map(|balance| {
            let members = rest.experts.iter().map(|id| balance.members.contains(id));
            let limits = rest.proposals.iter().map(|proposal| {
                let kept = rest.kept_pairs.iter();
                let of = kept.filter(|pair| pair.proposal == *proposal);
                let taken = of.filter(|pair| balance.members.contains(&pair.expert));
                balance.per_proposal.less(taken.count() as u32)
            });
            let (members, limits) = (members.collect(), limits.collect());
            (balance.name.clone(), Rule { members, limits })
        });
        let (names, rules): (Vec<String>, Vec<Rule>) = groups.chain(balances).unzip();
        let mut known: BTreeMap<Vec<bool>, u32> = BTreeMap::new();
        let (mut within, mut group) = (Vec::new(), Vec::new());
        let of = (0..grid.columns()).map(|column| {
            let sign: Vec<bool> = rules.iter().map(|rule| rule.members[column]).collect();
            *known.entry(sign.clone()).or_insert_with(|| {
                within.push(sign);
                group.extend(grid.group.get(column));
                within.len() as u32 - 1
            })
        });
        let of = of.collect();
        Self {
            names,
            rules,
            of,
            within,
            group,
        }
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.within.len()
    }

    pub fn counts(&self, grid: &Grid, pairs: &[(u32, u32)]) -> Counts {
        let mut counts = vec![vec![0; self.len()]; grid.need.len()];
        for (row, column) in pairs {
            counts[*row as usize][self.of[*column as usize] as usize] += 1;
        }
        counts
    }

    /// How far each limit, loads of experts left aside, must be moved for these numbers to keep all.
    pub fn moves(&self, grid: &Grid, counts: &Counts) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut add = |[short, over]: [Limit; 2], row, group, by: [u32; 2]| {
            for (limit, by) in [(short, by[0]), (over, by[1])] {
                if by > 0 {
                    moves.push(Move {
                        limit,
                        row,
                        column: None,
                        group,
                        by,
                    });
                }
            }
        };
        for (row, counts) in counts.iter().enumerate() {
            for (at, rule) in self.rules.iter().enumerate() {
                let of = counts.iter().zip(&self.within);
                let number = of.filter(|(_, within)| within[at]).map(|(n, _)| n).sum();
                let limits = [Limit::LeastInProposal, Limit::GreatestInProposal];
                let by = outside(number, rule.limits[row]);
                add(limits, Some(row), Some(at), by);
            }
            let need = grid.need[row];
            let by = outside(counts.iter().sum(), [need, need]);
            add([Limit::Reviewers; 2], Some(row), None, by);
        }
        for (group, limits) in grid.group_load.iter().enumerate() {
            let of = self.group.iter().map(|of| *of as usize == group);
            let sum = |counts: &Vec<u32>| -> u32 {
                let of = counts.iter().zip(of.clone());
                of.filter(|(_, is)| *is).map(|(n, _)| n).sum()
            };
            let by = outside(counts.iter().map(sum).sum(), *limits);
            let limits = [Limit::LeastOfGroup, Limit::GreatestOfGroup];
            add(limits, None, Some(group), by);
        }
        moves
    }

    /// The grid in which each row may have numbers of each class within a box, whose every point keeps
    /// the rules: a network. Where groups have loads, the load of each class stays as it is.
    pub fn boxed(
        &self,
        grid: &Grid,
        counts: &Counts,
        box_of: impl Fn(usize) -> Vec<[u32; 2]>,
    ) -> Grid {
        let mut boxed = Grid {
            need: counts.iter().map(|counts| counts.iter().sum()).collect(),
            least: grid.least.clone(),
            most: grid.most.clone(),
            affinity: grid.affinity.clone(),
            group: self.of.clone(),
            ..Grid::default()
        };
        for row in 0..grid.need.len() {
            let nests = box_of(row).into_iter().zip(0..);
            boxed.nests.extend(nests.map(|([least, most], group)| Nest {
                row: row as u32,
                group,
                least,
                most,
            }));
        }
        if !grid.group_load.is_empty() {
            let load = |class: usize| counts.iter().map(|counts| counts[class]).sum();
            boxed.group_load = (0..self.len()).map(|class| [load(class); 2]).collect();
        }
        boxed
    }

    /// The grid in which each row has exactly these numbers.
    pub fn fixed(&self, grid: &Grid, counts: &Counts) -> Grid {
        self.boxed(grid, counts, |row| {
            counts[row].iter().map(|number| [*number; 2]).collect()
        })
    }
}

/// By how much a number is below the least and above the greatest.
fn outside(number: u32, [least, most]: [u32; 2]) -> [u32; 2] {
    [least.saturating_sub(number), number.saturating_sub(most)]
}
