//! Small grids, exactly: of each proposal the sets of experts at the floor, and of these every choice that
//! keeps the loads and that prices do not rule out.

use super::grid::{CLOSED, Grid};
use super::nests::allow;
use super::total::UNIT;

/// Up to so many pairs a grid is small.
pub(super) const SMALL: usize = 400;
/// How many sets of experts are looked at for one proposal, and how many choices in all.
const SETS: usize = 5_000;
/// More choices of experts for one proposal are not gone through.
const CHOICES: usize = 50_000;
const STEPS: u32 = 300_000;

/// Row and column of each pair, by row.
type Pairs = Vec<(u32, u32)>;

/// What was found, and whether there can be nothing better.
pub(super) struct Outcome {
    pub pairs: Option<Pairs>,
    pub whole: bool,
}

/// A set of experts with the groups behind them.
struct Set {
    /// By how much it is worth less than the best of its row, prices taken off.
    short: i64,
    value: i64,
    places: Vec<u32>,
}

struct Search<'a> {
    grid: &'a Grid,
    /// Those with the fewest sets first, and for each how many experts it and those behind it need.
    rows: Vec<(u32, u32, Vec<Set>)>,
    limits: Vec<[u32; 2]>,
    load: Vec<u32>,
    chosen: Vec<usize>,
    /// What the prices prove of the total, in units.
    bound: i128,
    /// What the total is to exceed; `None` where any will do.
    total: Option<i64>,
    steps: u32,
    best: Option<Pairs>,
}

/// The assignment of the greatest total above `total` with each proposal at the floor, or any at the floor
/// where `total` is `None`. `prices` are those of the experts and, behind them, of the groups.
pub(super) fn exact(
    grid: &Grid,
    base: &[i64],
    floor: i64,
    total: Option<i64>,
    prices: &[i64],
) -> Outcome {
    let many = grid
        .need
        .iter()
        .any(|need| choose(grid.columns(), *need) > CHOICES);
    if many {
        return Outcome {
            pairs: None,
            whole: false,
        };
    }
    let loads = grid.least.iter().zip(&grid.most);
    let mut limits: Vec<[u32; 2]> = loads.map(|(least, most)| [*least, *most]).collect();
    limits.extend(&grid.group_load);
    let mut bound: i128 = base.iter().map(|base| i128::from(base * UNIT)).sum();
    for (price, [least, most]) in prices.iter().zip(&limits) {
        bound += i128::from(*price) * i128::from(if *price > 0 { *most } else { *least });
    }
    let mut rows = Vec::with_capacity(base.len());
    for (row, base) in base.iter().enumerate() {
        let mut sets = Vec::new();
        let mut whole = gather(grid, row, (floor - base, 0), &mut Vec::new(), &mut sets);
        for set in &mut sets {
            let price = |place: &u32| prices.get(*place as usize).copied().unwrap_or(0);
            set.short = set.places.iter().map(price).sum::<i64>() - UNIT * set.value;
        }
        sets.sort_unstable_by(|a, b| (a.short, &a.places).cmp(&(b.short, &b.places)));
        let least = sets.first().map_or(0, |set| set.short);
        sets.iter_mut().for_each(|set| set.short -= least);
        whole &= sets.len() < SETS;
        if sets.is_empty() || !whole {
            return Outcome { pairs: None, whole };
        }
        bound -= i128::from(least);
        rows.push((row as u32, grid.need[row], sets));
    }
    rows.sort_by_key(|(_, _, sets)| sets.len());
    let mut needed = 0;
    for (_, need, _) in rows.iter_mut().rev() {
        needed += *need;
        *need = needed;
    }
    let mut search = Search {
        grid,
        load: vec![0; limits.len()],
        chosen: Vec::with_capacity(rows.len()),
        rows,
        limits,
        bound,
        total,
        steps: STEPS,
        best: None,
    };
    let there = base.iter().sum();
    search.go(0, there);
    Outcome {
        whole: search.steps > 0,
        pairs: search.best,
    }
}

/// In how many ways so many of all can be chosen, as far as it matters here.
fn choose(all: usize, count: u32) -> usize {
    let factor = |ways: usize, at: usize| ways.saturating_mul(all.saturating_sub(at)) / (at + 1);
    (0..count as usize).fold(1, factor)
}

/// All sets of the row from a column on that are at the floor and keep the nests; `false` where there are
/// too many.
fn gather(
    grid: &Grid,
    row: usize,
    (floor, from): (i64, usize),
    taken: &mut Vec<u32>,
    sets: &mut Vec<Set>,
) -> bool {
    if taken.len() == grid.need[row] as usize {
        if floor <= 0 && allow(grid, row, taken.iter().copied()) {
            let mut places = taken.clone();
            if !grid.group_load.is_empty() {
                let group = |at: &u32| grid.columns() as u32 + grid.group[*at as usize];
                places.extend(taken.iter().map(group));
            }
            let value = |at: &u32| i64::from(grid.value(row, *at as usize));
            sets.push(Set {
                short: 0,
                value: taken.iter().map(value).sum(),
                places,
            });
        }
        return sets.len() < SETS;
    }
    for column in from..grid.columns() {
        let value = grid.value(row, column);
        if value == CLOSED {
            continue;
        }
        taken.push(column as u32);
        let next = (floor - i64::from(value), column + 1);
        let whole = gather(grid, row, next, taken, sets);
        taken.pop();
        if !whole {
            return false;
        }
    }
    true
}

impl Search<'_> {
    /// Chooses for the rows from this one on, those before having this total; `false` where there is
    /// no need to go on.
    fn go(&mut self, at: usize, total: i64) -> bool {
        let Some((_, needed, sets)) = self.rows.get(at) else {
            if self.missing() == 0 {
                self.keep(total);
            }
            return self.total.is_some();
        };
        // Those still to come cannot fill what is missing from the least loads.
        if self.missing() > *needed {
            return true;
        }
        for choice in 0..sets.len() {
            let Some((_, _, sets)) = self.rows.get(at) else {
                break;
            };
            let set = &sets[choice];
            let limit = self
                .total
                .map(|total| i128::from(total + 1) * i128::from(UNIT));
            if limit.is_some_and(|limit| self.bound - i128::from(set.short) < limit) {
                break;
            }
            if self.steps == 0 {
                return false;
            }
            self.steps -= 1;
            let (short, value, places) = (i128::from(set.short), set.value, set.places.clone());
            places.iter().for_each(|at| self.load[*at as usize] += 1);
            let fits = |at: &u32| self.load[*at as usize] <= self.limits[*at as usize][1];
            let mut more = true;
            if places.iter().all(fits) {
                self.bound -= short;
                self.chosen.push(choice);
                more = self.go(at + 1, total + value);
                self.chosen.pop();
                self.bound += short;
            }
            places.iter().for_each(|at| self.load[*at as usize] -= 1);
            if !more {
                return false;
            }
        }
        true
    }

    /// How many pairs the least loads still ask for: of the experts, or of the groups where more.
    fn missing(&self) -> u32 {
        let miss = |from: usize, to: usize| -> u32 {
            let loads = self.limits[from..to].iter().zip(&self.load[from..to]);
            loads
                .map(|([least, _], load)| least.saturating_sub(*load))
                .sum()
        };
        let columns = self.grid.columns();
        miss(0, columns).max(miss(columns, self.limits.len()))
    }

    fn keep(&mut self, total: i64) {
        if self.total.is_some_and(|most| total <= most) {
            return;
        }
        self.total = self.total.map(|_| total);
        let columns = self.grid.columns() as u32;
        let rows = self.rows.iter().zip(&self.chosen);
        let mut pairs: Pairs = rows
            .flat_map(|((row, _, sets), choice)| {
                let experts = sets[*choice].places.iter().filter(|at| **at < columns);
                experts.map(move |column| (*row, *column))
            })
            .collect();
        pairs.sort_unstable();
        self.best = Some(pairs);
    }
}
