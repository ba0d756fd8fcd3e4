//! The fewest moves of limits, those of the loads of single experts among them, that leave an assignment.
//!
//! The programme knows numbers of each class alone. What they ask of single experts comes in as cuts: where
//! a maximum flow cannot serve the numbers of a class, the proposals or experts it leaves short are a set that
//! wants more than there is, in these numbers and in all others. Once no set is short, the moves are proven
//! the fewest.

use std::collections::BTreeSet;

use good_lp::{Expression, Solution, SolverModel, Variable, WithMipGap, constraint, variable};

use super::classes::{Classes, Counts};
use super::explain::short_sets;
use super::grid::{CLOSED, Grid};
use super::model::{LOAD, Model};
use super::programme::{Cells, fractional, rounded};

/// After so many rounds the search is given up.
const ROUNDS: usize = 1_000;

/// Some proposals and how many of a class's experts they can share in: the loads of the class have to rise by what
/// they want above it. Or to fall by what they offer below it.
struct Cut {
    class: usize,
    rises: bool,
    rows: Vec<usize>,
    room: u32,
}

/// The numbers of each class that need the fewest moves; `None` where the search was given up.
pub(super) fn fewest(grid: &Grid, classes: &Classes) -> Option<Counts> {
    let pools: Vec<Pool<'_>> = (0..classes.len())
        .map(|class| Pool::of(grid, classes, class))
        .collect();
    let rows: BTreeSet<usize> = (0..grid.need.len()).collect();
    let both = pools.iter().flat_map(|pool| {
        let all = (0..pool.columns.len()).collect();
        let falls = pool.falls(&vec![0; grid.need.len()], &all);
        [pool.rises(&rows), falls]
    });
    let mut cuts: Vec<Cut> = both.collect();
    let mut whole = Cells::new();
    for _ in 0..ROUNDS {
        let (shares, told) = solve(grid, classes, &pools, &cuts, &whole)?;
        let part = fractional(&shares);
        if !part.is_subset(&whole) {
            for (row, _) in part {
                whole.extend((0..classes.len()).map(|class| (row, class)));
            }
            continue;
        }
        let counts = rounded(&shares);
        let known = cuts.len();
        for (pool, told) in pools.iter().zip(&told) {
            let wanted: Vec<u32> = counts.iter().map(|counts| counts[pool.class]).collect();
            cuts.extend(pool.broken(&wanted, *told));
        }
        if cuts.len() == known {
            return Some(counts);
        }
    }
    None
}

/// The experts of a class.
struct Pool<'a> {
    grid: &'a Grid,
    class: usize,
    columns: Vec<usize>,
    least: Vec<u32>,
    most: Vec<u32>,
}

impl<'a> Pool<'a> {
    fn of(grid: &'a Grid, classes: &Classes, class: usize) -> Self {
        let columns = (0..grid.columns()).filter(|at| classes.of[*at] as usize == class);
        let columns: Vec<usize> = columns.collect();
        Self {
            grid,
            class,
            least: columns.iter().map(|column| grid.least[*column]).collect(),
            most: columns.iter().map(|column| grid.most[*column]).collect(),
            columns,
        }
    }

    fn open(&self, row: usize, at: usize) -> bool {
        self.grid.value(row, self.columns[at]) != CLOSED
    }

    /// What the rows can share in at most.
    fn rises(&self, rows: &BTreeSet<usize>) -> Cut {
        let room = |at: usize| {
            let open = rows.iter().filter(|row| self.open(**row, at)).count();
            self.most[at].min(open as u32)
        };
        Cut {
            class: self.class,
            rises: true,
            rows: rows.iter().copied().collect(),
            room: (0..self.columns.len()).map(room).sum(),
        }
    }

    /// What some experts must have, less what rows offer that want more of the class than they may be paired with.
    fn falls(&self, wanted: &[u32], experts: &BTreeSet<usize>) -> Cut {
        let mut room: u32 = experts.iter().map(|at| self.least[*at]).sum();
        let mut rows = Vec::new();
        for (row, wanted) in wanted.iter().enumerate() {
            let open = experts.iter().filter(|at| self.open(row, **at)).count() as u32;
            if *wanted <= open {
                rows.push(row);
            } else {
                room = room.saturating_sub(open);
            }
        }
        Cut {
            class: self.class,
            rises: false,
            rows,
            room,
        }
    }

    /// The cuts that say more of these numbers than what the programme was told.
    fn broken(&self, wanted: &[u32], [rises, falls]: [f64; 2]) -> Vec<Cut> {
        let sum = |rows: &[usize]| rows.iter().map(|row| wanted[*row]).sum::<u32>();
        let short = short_sets(wanted, &self.most, |row, at| self.open(row, at));
        let up = self.rises(&short.into_iter().flatten().collect());
        let short = short_sets(&self.least, wanted, |at, row| self.open(row, at));
        let down = self.falls(wanted, &short.into_iter().flatten().collect());
        let rise = sum(&up.rows).saturating_sub(up.room);
        let fall = down.room.saturating_sub(sum(&down.rows));
        let mut broken = Vec::new();
        if f64::from(rise) > rises + 0.5 {
            broken.push(up);
        }
        if f64::from(fall) > falls + 0.5 {
            broken.push(down);
        }
        broken
    }
}

/// The numbers by row and class, and by how much the loads of each class rise and fall.
type Answer = (Vec<Vec<f64>>, Vec<[f64; 2]>);

fn solve(
    grid: &Grid,
    classes: &Classes,
    pools: &[Pool<'_>],
    cuts: &[Cut],
    whole: &Cells,
) -> Option<Answer> {
    let mut model = Model::new(true);
    let mut numbers: Vec<Vec<Variable>> = Vec::with_capacity(grid.need.len());
    for (row, need) in grid.need.iter().enumerate() {
        let number = |pool: &Pool<'_>| {
            let open = (0..pool.columns.len()).filter(|at| pool.open(row, *at));
            let most = (*need).min(open.count() as u32);
            let number = variable().min(0).max(most);
            model
                .variables
                .add(match whole.contains(&(row, pool.class)) {
                    true => number.integer(),
                    false => number,
                })
        };
        numbers.push(pools.iter().map(number).collect());
    }
    let cells: Vec<Vec<Expression>> = (numbers.iter())
        .map(|row| row.iter().map(|number| (*number).into()).collect())
        .collect();
    model.keep(grid, classes, &cells);
    let moves: Vec<[Expression; 2]> = (pools.iter())
        .map(|_| [model.short(u32::MAX, LOAD), model.short(u32::MAX, LOAD)])
        .collect();
    for cut in cuts {
        let sum: Expression = cut.rows.iter().map(|row| numbers[*row][cut.class]).sum();
        let room = f64::from(cut.room);
        let [rises, falls] = moves[cut.class].clone();
        model.rows.push(match cut.rises {
            true => constraint!(sum - rises <= room),
            false => constraint!(sum + falls >= room),
        });
    }
    // No answer within less than one move of the best is any worse: moves are whole.
    let needs = grid.need.iter().chain(&grid.least).sum::<u32>();
    let groups = grid.group_load.iter().map(|[least, _]| least).sum::<u32>();
    let gap = 0.8 / (1.0 + needs as f32 + groups as f32);
    let solver = model.variables.minimise(model.cost).using(good_lp::microlp);
    let mut solver = solver.with_mip_gap(gap).ok()?;
    for row in model.rows {
        solver = solver.with(row);
    }
    let solution = solver.solve().ok()?;
    let shares = numbers.iter().map(|row| {
        let values = row.iter().map(|number| solution.value(*number));
        values.collect()
    });
    let told = moves
        .iter()
        .map(|both| [0, 1].map(|at| solution.eval(&both[at])));
    Some((shares.collect(), told.collect()))
}
