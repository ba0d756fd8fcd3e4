//! Limits over several partitions at once, such as gender and country: no longer a network, so by linear
//! programme on the promising pairs, branching only where its answer is fractional.

use std::collections::BTreeSet;

use good_lp::{
    Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable,
};
use uuid::Uuid;

use super::columns::best;
use super::grid::{CLOSED, Grid};
use super::network::{Aim, Network};
use super::remainder::Remainder;
use super::{Assignment, Infeasible, Limits, Problem};

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
const ALL: usize = 2_000;

/// The best assignment found that keeps the balances too.
///
/// The error says why there is none without the balances. `Ok(None)`: there is one, but none with the
/// balances among the promising pairs. Where all pairs were looked at, the bound is that of the linear
/// programme; otherwise it is the greatest total without the balances. The rules are checked again on
/// whole numbers, whatever the linear programme answers.
pub fn assign_balanced(
    problem: &Problem,
    balances: &[Balance],
) -> Result<Option<Assignment>, Infeasible> {
    let rest = Remainder::of(problem)?;
    let mut network = Network::of(&rest.grid, Aim::default());
    if !network.solve() {
        return Err(rest.explain());
    }
    let kept: i64 = rest.kept_pairs.iter().map(|pair| pair.affinity).sum();
    let mut bound = kept + network.bound();
    let sets = Sets::of(&rest, balances);
    let all = rest.grid.affinity.len() <= ALL;
    let pairs = promising(&rest.grid, &network, &sets, all);
    let Some(relaxed) = solve(&rest.grid, &sets, &pairs, false) else {
        return Ok(None);
    };
    if all {
        bound = bound.min(kept + relaxed.value.ceil() as i64);
    }
    let chosen = match relaxed.pairs {
        Some(whole) => Some(whole),
        None => solve(&rest.grid, &sets, &pairs, true).and_then(|found| found.pairs),
    };
    let Some(chosen) = chosen.filter(|chosen| sets.allow(&rest.grid, chosen)) else {
        return Ok(None);
    };
    let mut assignment = rest.assignment(&chosen);
    if super::keeps_rules(problem, &assignment).is_err() {
        return Ok(None);
    }
    assignment.bound = bound.max(assignment.total);
    assignment.gap = assignment.bound - assignment.total;
    Ok(Some(assignment))
}

/// The balances by columns, with what each row still needs and may take.
struct Sets {
    members: Vec<Vec<bool>>,
    limits: Vec<Vec<[u32; 2]>>,
}

impl Sets {
    fn of(rest: &Remainder, balances: &[Balance]) -> Self {
        let members = |balance: &Balance| {
            rest.experts
                .iter()
                .map(|id| balance.members.contains(id))
                .collect()
        };
        let limits = |balance: &Balance| {
            let taken = |proposal: &Uuid| {
                let kept = rest.kept_pairs.iter();
                let of = kept.filter(|pair| pair.proposal == *proposal);
                of.filter(|pair| balance.members.contains(&pair.expert))
                    .count() as u32
            };
            let rows = rest.proposals.iter();
            rows.map(|proposal| balance.per_proposal.less(taken(proposal)))
                .collect()
        };
        Self {
            members: balances.iter().map(members).collect(),
            limits: balances.iter().map(limits).collect(),
        }
    }

    fn allow(&self, grid: &Grid, pairs: &[(u32, u32)]) -> bool {
        self.members
            .iter()
            .zip(&self.limits)
            .all(|(members, limits)| {
                let mut count = vec![0; grid.need.len()];
                for (row, column) in pairs {
                    count[*row as usize] += u32::from(members[*column as usize]);
                }
                count
                    .iter()
                    .zip(limits)
                    .all(|(count, [least, most])| count >= least && count <= most)
            })
    }
}

/// The pairs of the network, and for each proposal the best in and outside each set.
fn promising(grid: &Grid, network: &Network<'_>, sets: &Sets, all: bool) -> Vec<(u32, u32)> {
    let mut pairs = BTreeSet::new();
    let mut found = Vec::new();
    for (row, need) in grid.need.iter().enumerate().filter(|(_, need)| **need > 0) {
        let mut add = |column: u32| pairs.insert((row as u32, column));
        best(grid, row, grid.columns(), &mut found);
        found.sort_unstable_by(|a, b| b.cmp(a));
        let wanted = 2 * *need as usize + 2;
        for members in &sets.members {
            for side in [true, false] {
                let of = found
                    .iter()
                    .filter(|(_, column)| members[*column as usize] == side);
                of.take(wanted).for_each(|(_, column)| {
                    add(*column);
                });
            }
        }
        network.have[row].iter().for_each(|column| {
            add(*column);
        });
        if all {
            found.iter().for_each(|(_, column)| {
                add(*column);
            });
        }
    }
    let open = |(row, column): &(u32, u32)| grid.value(*row as usize, *column as usize) != CLOSED;
    pairs.into_iter().filter(open).collect()
}

struct Solved {
    value: f64,
    /// The pairs, where the answer is whole.
    pairs: Option<Vec<(u32, u32)>>,
}

/// The linear programme, or with `whole` its best answer in whole numbers.
fn solve(grid: &Grid, sets: &Sets, pairs: &[(u32, u32)], whole: bool) -> Option<Solved> {
    let mut variables = ProblemVariables::new();
    let share = if whole {
        variable().binary()
    } else {
        variable().min(0).max(1)
    };
    let shares: Vec<Variable> = pairs.iter().map(|_| variables.add(share.clone())).collect();
    let both = || pairs.iter().zip(&shares);
    let worth = |((row, column), share): (&(u32, u32), &Variable)| {
        f64::from(grid.value(*row as usize, *column as usize)) * *share
    };
    let total: Expression = both().map(worth).sum();
    let mut rows = vec![Expression::from(0); grid.need.len()];
    let mut columns = vec![Expression::from(0); grid.columns()];
    let mut in_sets = vec![vec![Expression::from(0); grid.need.len()]; sets.members.len()];
    let mut in_nests = vec![Expression::from(0); grid.nests.len()];
    let mut groups = vec![Expression::from(0); grid.group_load.len()];
    for ((row, column), share) in both() {
        let (at, of) = (*row as usize, *column as usize);
        rows[at] += *share;
        columns[of] += *share;
        for (members, sums) in sets.members.iter().zip(&mut in_sets) {
            if members[of] {
                sums[at] += *share;
            }
        }
        let Some(group) = grid.group.get(of) else {
            continue;
        };
        let nest = grid
            .nests
            .iter()
            .position(|nest| nest.row == *row && nest.group == *group);
        if let Some(nest) = nest {
            in_nests[nest] += *share;
        }
        if let Some(sum) = groups.get_mut(*group as usize) {
            *sum += *share;
        }
    }
    let mut model = variables.maximise(total.clone()).using(good_lp::microlp);
    for (sum, need) in rows.into_iter().zip(&grid.need) {
        model = model.with(constraint!(sum == f64::from(*need)));
    }
    let loads = columns.into_iter().zip(grid.least.iter().zip(&grid.most));
    let loads = loads.map(|(sum, (least, most))| (sum, [*least, *most]));
    let sets = in_sets
        .into_iter()
        .flatten()
        .zip(sets.limits.iter().flatten().copied());
    let nests = in_nests
        .into_iter()
        .zip(grid.nests.iter().map(|nest| [nest.least, nest.most]));
    let groups = groups.into_iter().zip(grid.group_load.iter().copied());
    for (sum, [least, most]) in loads.chain(sets).chain(nests).chain(groups) {
        if least > 0 {
            model = model.with(constraint!(sum.clone() >= f64::from(least)));
        }
        model = model.with(constraint!(sum <= f64::from(most)));
    }
    let solution = model.solve().ok()?;
    let near = |share: &Variable| {
        let value = solution.value(*share);
        (value - value.round()).abs() < 1e-6
    };
    let chosen = both().filter(|(_, share)| solution.value(**share) > 0.5);
    Some(Solved {
        value: solution.eval(&total) + 1e-3,
        pairs: shares
            .iter()
            .all(near)
            .then(|| chosen.map(|(pair, _)| *pair).collect()),
    })
}
