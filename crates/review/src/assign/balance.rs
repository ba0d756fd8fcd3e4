//! Limits over several partitions at once, such as gender and country: no longer a network. A linear
//! programme on the promising pairs says how many experts of each class a proposal gets, branching only
//! where its answer is fractional; with these numbers it is a network again, solved over all pairs.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::boxes::fairest;
use super::classes::Classes;
use super::columns::best;
use super::contradiction::Contradiction;
use super::fair::fair_soon;
use super::fewest::fewest;
use super::grid::{CLOSED, Grid};
use super::network::{Aim, Network};
use super::programme::{Goal, counts, relaxed};
use super::remainder::Remainder;
use super::{Assignment, Infeasible, Limits, Objective, Problem, greatest};

/// Experts of whom each proposal has at least and at most so many. Sets may overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// What they are called.
    pub name: String,
    /// The experts.
    pub members: BTreeSet<Uuid>,
    /// How many of a proposal's reviewers, kept ones counted.
    pub per_proposal: Limits,
}

/// Where there are so few pairs, all of them are promising.
const ALL: usize = 5_000;

/// The assignment of the greatest total found that keeps the balances too, as [`assign_balanced_for`].
pub fn assign_balanced(
    problem: &Problem,
    balances: &[Balance],
) -> Result<Option<Assignment>, Infeasible> {
    assign_balanced_for(problem, balances, Objective::Total)
}

/// The best assignment found that keeps the balances too, or why there is none.
///
/// The error names, beside what stands in the way without balances, for each balance taken alone the proposals
/// that cannot get whom it demands, and the fewest changes of limits, those of the balances among them.
/// `Ok(None)`: none was found, and the proof that there is none was given up.
///
/// Total: with at most 5,000 pairs the bound is the programme's over all of them, otherwise the greatest
/// total without the balances. Fair: the floor is found by search and need not be the highest; its bound is
/// the lower one of the fair bound without balances and, with at most 5,000 pairs, of the linear programme.
pub fn assign_balanced_for(
    problem: &Problem,
    balances: &[Balance],
    objective: Objective,
) -> Result<Option<Assignment>, Infeasible> {
    let rest = remainder(problem, balances)?;
    let grid = &rest.grid;
    let classes = Classes::of(&rest, balances);
    let mut network = Network::of(grid, Aim::default());
    let feasible = network.solve();
    let few = grid.affinity.len() <= ALL;
    let pairs = promising(grid, &network, &classes, few);
    let found = match feasible {
        true => counts(grid, &classes, &pairs, Goal::Total),
        false => None,
    };
    let kept = |(_, counts): &(f64, _)| classes.moves(grid, counts).is_empty();
    let (numbers, value) = match found.filter(kept) {
        Some((value, numbers)) => (numbers, few.then_some(value)),
        None => {
            let Some(numbers) = fewest(grid, &classes) else {
                return Ok(None);
            };
            let moves = classes.all_moves(&rest, &numbers);
            if !moves.is_empty() {
                return Err(classes.explain(&rest, moves));
            }
            (numbers, None)
        }
    };
    let (chosen, bound) = match objective {
        Objective::Total => {
            let Some(chosen) = greatest(&classes.fixed(grid, &numbers)) else {
                return Ok(None);
            };
            let bound = value.map_or(i64::MAX, |value| value as i64);
            (
                chosen.pairs,
                bound.min(network.bound()) + rest.base().iter().sum::<i64>(),
            )
        }
        Objective::Fair => {
            let base = rest.base();
            let mut bound = fair_soon(grid, &base).map_or(i64::MAX, |fair| fair.bound);
            let goal = Goal::Floor(&base);
            if few && let Some(floor) = relaxed(grid, &classes, &pairs, goal, &BTreeSet::new()) {
                bound = bound.min(floor.value as i64);
            }
            let Some(pairs) = fairest(grid, &classes, &numbers, &base, bound) else {
                return Ok(None);
            };
            (pairs, bound)
        }
    };
    let mut assignment = rest.assignment(&chosen);
    let rules = classes.moves(grid, &classes.counts(grid, &chosen));
    if !rules.is_empty() || super::keeps_rules(problem, &assignment).is_err() {
        return Ok(None);
    }
    let value = match objective {
        Objective::Total => assignment.total,
        Objective::Fair => assignment.worst,
    };
    assignment.bound = bound.max(value);
    assignment.gap = assignment.bound - value;
    Ok(Some(assignment))
}

/// What is left to decide; contradictions of the problem and of the balances at once.
fn remainder(problem: &Problem, balances: &[Balance]) -> Result<Remainder, Infeasible> {
    let rest = Remainder::of(problem);
    let denied = |balance: &&Balance| {
        let Limits { least, most } = balance.per_proposal;
        most.is_some_and(|most| most < least)
    };
    let denied = balances.iter().filter(denied).map(|balance| {
        let name = balance.name.clone();
        Contradiction::Group { name }
    });
    let mut why = rest.as_ref().err().cloned().unwrap_or_default();
    why.contradictions.extend(denied);
    match why.contradictions.is_empty() {
        true => rest,
        false => Err(why),
    }
}

/// The pairs of the network, and for each proposal the best in and outside each rule's set.
fn promising(grid: &Grid, network: &Network<'_>, classes: &Classes, all: bool) -> Vec<(u32, u32)> {
    let rows = (0..grid.need.len()).filter(|row| grid.need[*row] > 0);
    if all {
        return open(grid, rows);
    }
    let mut pairs = BTreeSet::new();
    let mut found = Vec::new();
    for row in rows {
        let mut add = |column: u32| pairs.insert((row as u32, column));
        best(grid, row, grid.columns(), &mut found);
        found.sort_unstable_by(|a, b| b.cmp(a));
        let wanted = 2 * grid.need[row] as usize + 2;
        for rule in &classes.rules {
            for side in [true, false] {
                let of = found
                    .iter()
                    .filter(|(_, column)| rule.members[*column as usize] == side);
                of.take(wanted).for_each(|(_, column)| {
                    add(*column);
                });
            }
        }
        network.have[row].iter().for_each(|column| {
            add(*column);
        });
    }
    let is_open =
        |(row, column): &(u32, u32)| grid.value(*row as usize, *column as usize) != CLOSED;
    pairs.into_iter().filter(is_open).collect()
}

/// All open pairs of the rows.
fn open(grid: &Grid, rows: impl Iterator<Item = usize>) -> Vec<(u32, u32)> {
    let pairs = rows.flat_map(|row| {
        let columns = grid.row(row).iter().zip(0..);
        let open = columns.filter(|(value, _)| **value != CLOSED);
        open.map(move |(_, column)| (row as u32, column))
    });
    pairs.collect()
}
