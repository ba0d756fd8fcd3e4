//! How many experts of each class each proposal gets, by linear programme: whole numbers are demanded
//! only where its answer is fractional.

use std::collections::BTreeSet;

use good_lp::{Expression, Solution, SolverModel, Variable, constraint, variable};

use super::classes::{Classes, Counts};
use super::grid::Grid;
use super::model::{LOAD, Model};

/// What the programme looks for.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// The greatest sum of affinities.
    Total,
    /// The greatest sum of the worst row, with what each has already.
    Floor(&'a [i64]),
}

/// An answer in numbers that need not be whole.
pub(super) struct Relaxed {
    /// What the goal comes to, with a margin for rounding.
    pub value: f64,
    shares: Vec<Vec<f64>>,
}

/// Some rows and classes.
pub(super) type Cells = BTreeSet<(usize, usize)>;

/// The cells whose numbers are not whole.
pub(super) fn fractional(shares: &[Vec<f64>]) -> Cells {
    let rows = shares.iter().enumerate();
    let cells = rows.flat_map(|(row, shares)| {
        let shares = shares.iter().enumerate();
        let part = shares.filter(|(_, share)| (**share - share.round()).abs() > 1e-6);
        part.map(move |(class, _)| (row, class))
    });
    cells.collect()
}

pub(super) fn rounded(shares: &[Vec<f64>]) -> Counts {
    let whole = |shares: &Vec<f64>| shares.iter().map(|share| share.round() as u32).collect();
    shares.iter().map(whole).collect()
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
        let fractional = fractional(&relaxed.shares);
        if fractional.is_subset(&whole) {
            return Some((relaxed.value, rounded(&relaxed.shares)));
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
    let mut model = Model::new(false);
    let share = |_| model.variables.add(variable().min(0).max(1));
    let shares: Vec<Variable> = pairs.iter().map(share).collect();
    let mut cells = vec![vec![Expression::default(); classes.len()]; grid.need.len()];
    let mut loads = vec![Expression::default(); grid.columns()];
    let mut worth = vec![Expression::default(); grid.need.len()];
    for ((row, column), share) in pairs.iter().zip(&shares) {
        let (row, column) = (*row as usize, *column as usize);
        cells[row][classes.of[column] as usize] += *share;
        loads[column] += *share;
        worth[row] += f64::from(grid.value(row, column)) * *share;
    }
    model.keep(grid, classes, &cells);
    for (row, class) in whole {
        let number = variable().integer().min(0).max(grid.need[*row]);
        let number = model.variables.add(number);
        let sum = cells[*row][*class].clone();
        model.rows.push(constraint!(sum == number));
    }
    let bounds = grid.least.iter().zip(&grid.most);
    for (load, (least, most)) in loads.into_iter().zip(bounds) {
        model.within(load, [*least, *most], grid.need.len() as u32, LOAD);
    }
    let goal: Expression = match goal {
        Goal::Total => worth.into_iter().sum(),
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
