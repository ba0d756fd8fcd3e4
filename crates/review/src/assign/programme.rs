//! How many experts of each class each proposal gets, by linear programme: whole numbers are demanded
//! only where its answer is fractional.

use std::collections::BTreeSet;

use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable,
};

use super::classes::{Classes, Counts};
use super::grid::Grid;

/// What the programme looks for.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// The greatest sum of affinities.
    Total,
    /// The greatest sum of the worst row, with what each has already.
    Floor(&'a [i64]),
    /// The fewest moves of limits, which may all be moved.
    Changes,
}

/// What a move costs: all alike but for the choice between equals. A rule of a proposal is moved first,
/// then the load of an expert, that of a group, and last a proposal is left with fewer reviewers.
const COST: [f64; 4] = [1e5, 1e5 + 1.0, 1e5 + 2.0, 1e5 + 3.0];

/// An answer in numbers that need not be whole.
pub(super) struct Relaxed {
    /// What the goal comes to, with a margin for rounding.
    pub value: f64,
    shares: Vec<Vec<f64>>,
}

/// Some rows and classes.
type Cells = BTreeSet<(usize, usize)>;

impl Relaxed {
    fn fractional(&self) -> Cells {
        let rows = self.shares.iter().enumerate();
        let cells = rows.flat_map(|(row, shares)| {
            let shares = shares.iter().enumerate();
            let part = shares.filter(|(_, share)| (**share - share.round()).abs() > 1e-6);
            part.map(move |(class, _)| (row, class))
        });
        cells.collect()
    }

    fn counts(&self) -> Counts {
        let rows = self.shares.iter();
        rows.map(|shares| shares.iter().map(|share| share.round() as u32).collect())
            .collect()
    }
}

/// The best whole numbers over these pairs and what they come to, with a margin for rounding; `None` where
/// there are none.
pub(super) fn counts(
    grid: &Grid,
    classes: &Classes,
    pairs: &[(u32, u32)],
    goal: Goal<'_>,
) -> Option<(f64, Counts)> {
    let mut whole = Cells::new();
    loop {
        let relaxed = relaxed(grid, classes, pairs, goal, &whole)?;
        let fractional = relaxed.fractional();
        if fractional.is_subset(&whole) {
            return Some((relaxed.value, relaxed.counts()));
        }
        // What is fractional in a row moves to others of its classes: all are made whole at once.
        for (row, _) in fractional {
            whole.extend((0..classes.len()).map(|class| (row, class)));
        }
    }
}

/// The programme over these pairs, with whole numbers in some cells.
pub(super) fn relaxed(
    grid: &Grid,
    classes: &Classes,
    pairs: &[(u32, u32)],
    goal: Goal<'_>,
    whole: &Cells,
) -> Option<Relaxed> {
    let mut variables = ProblemVariables::new();
    let shares: Vec<Variable> = pairs
        .iter()
        .map(|_| variables.add(variable().min(0).max(1)))
        .collect();
    let mut cells = vec![vec![Expression::default(); classes.len()]; grid.need.len()];
    let mut loads = vec![Expression::default(); grid.columns()];
    let mut worth = vec![Expression::default(); grid.need.len()];
    for ((row, column), share) in pairs.iter().zip(&shares) {
        let (row, column) = (*row as usize, *column as usize);
        cells[row][classes.of[column] as usize] += *share;
        loads[column] += *share;
        worth[row] += f64::from(grid.value(row, column)) * *share;
    }
    let mut model = Model {
        elastic: matches!(goal, Goal::Changes),
        cost: Expression::default(),
        rows: Vec::new(),
        variables,
    };
    for (row, class) in whole {
        let number = model
            .variables
            .add(variable().integer().min(0).max(grid.need[*row]));
        let sum = cells[*row][*class].clone();
        model.rows.push(constraint!(sum == number));
    }
    for (row, cells) in cells.iter().enumerate() {
        for (at, rule) in classes.rules.iter().enumerate() {
            let of = cells.iter().zip(&classes.within);
            let sum = of
                .filter(|(_, within)| within[at])
                .map(|(sum, _)| sum.clone());
            model.within(sum.sum(), rule.limits[row], grid.need[row], COST[0]);
        }
        let need = grid.need[row];
        let all = cells.iter().cloned().sum::<Expression>() + model.short(need, COST[3]);
        model.rows.push(constraint!(all == f64::from(need)));
    }
    let bounds = grid.least.iter().zip(&grid.most);
    for (load, (least, most)) in loads.iter().zip(bounds) {
        let rows = grid.need.len() as u32;
        model.within(load.clone(), [*least, *most], rows, COST[1]);
    }
    for (group, limits) in grid.group_load.iter().enumerate() {
        let of = grid.group.iter().zip(&loads);
        let sum = of
            .filter(|(of, _)| **of as usize == group)
            .map(|(_, load)| load.clone());
        model.within(sum.sum(), *limits, u32::MAX, COST[2]);
    }
    let goal = match goal {
        Goal::Total => worth.into_iter().sum(),
        Goal::Changes => -model.cost.clone(),
        Goal::Floor(base) => {
            let floor = model.variables.add(variable().min(0));
            for (worth, base) in worth.into_iter().zip(base) {
                let base = *base as f64;
                model.rows.push(constraint!(worth + base >= floor));
            }
            floor.into()
        }
    };
    let mut solver = model
        .variables
        .maximise(goal.clone())
        .using(good_lp::microlp);
    for row in model.rows {
        solver = solver.with(row);
    }
    let solution = solver.solve().ok()?;
    let value = |sum: &Expression| solution.eval(sum);
    Some(Relaxed {
        value: value(&goal) + 1e-3,
        shares: cells
            .iter()
            .map(|row| row.iter().map(value).collect())
            .collect(),
    })
}

/// The rows of the programme while they are gathered.
struct Model {
    variables: ProblemVariables,
    rows: Vec<Constraint>,
    /// Whether limits may be moved.
    elastic: bool,
    cost: Expression,
}

impl Model {
    /// The sum, which can come to `reach` at most, is within the limits, or they are moved at this cost.
    fn within(&mut self, sum: Expression, [least, most]: [u32; 2], reach: u32, cost: f64) {
        if least == most && !self.elastic {
            self.rows.push(constraint!(sum == f64::from(least)));
            return;
        }
        if least > 0 {
            let low = sum.clone() + self.short(least, cost);
            self.rows.push(constraint!(low >= f64::from(least)));
        }
        if most < reach {
            let high = sum - self.short(u32::MAX, cost);
            self.rows.push(constraint!(high <= f64::from(most)));
        }
    }

    /// By how much a limit is moved: by nothing where none may be.
    fn short(&mut self, most: u32, cost: f64) -> Expression {
        if !self.elastic {
            return Expression::default();
        }
        let by = self.variables.add(variable().min(0).max(most));
        self.cost += cost * by;
        by.into()
    }
}
