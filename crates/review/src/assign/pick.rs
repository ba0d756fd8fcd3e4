//! One set of experts for each proposal, all at a floor, so that the loads are kept: by annealing.
//!
//! The sets to choose from are those that cost little under prices at which as much is bought as there
//! is, so that few loads are missed from the outset. Where a floor was aimed at in vain its sets are kept
//! for the next one: lower floors are reached by cheaper sets, and of these alone no choice would fill
//! the loads of the experts whom all want.

use super::dice::Dice;
use super::grid::Grid;
use super::nests::allow;
use super::sets::{Offers, Set};

/// How many sets a proposal may choose from more with each floor.
const SETS: usize = 50;
/// How often annealing begins anew where it ends near the loads.
const ROUNDS: usize = 3;
/// How many exchanges are tried for each proposal.
const TRIES: usize = 25_000;
/// What a load missed by one costs, and the temperatures from the first to the last, in how much the sets
/// of a proposal differ in price.
const MISS: f64 = 3.0;
const HOT: f64 = 0.5;
const COLD: f64 = 0.1;

/// The sets found so far, for each proposal: by experts and, behind these, by groups.
pub(super) struct Pool<'a> {
    grid: &'a Grid,
    base: &'a [i64],
    sets: Vec<Vec<Set>>,
}

impl<'a> Pool<'a> {
    pub fn of(grid: &'a Grid, base: &'a [i64]) -> Self {
        let sets = vec![Vec::new(); base.len()];
        Self { grid, base, sets }
    }

    /// An assignment with each proposal at the floor, by row and column; `None` where none is found.
    pub fn pick(&mut self, prices: &[i64], floor: i64) -> Option<Vec<(u32, u32)>> {
        self.add(prices, floor);
        let mut choice = Choice::of(self, floor)?;
        for _ in 0..ROUNDS {
            choice.anneal();
            if choice.missed as usize > 1 + self.base.len() / 100 {
                break;
            }
        }
        if choice.missed > 0 {
            return None;
        }
        let columns = self.grid.columns() as u32;
        let rows = choice.sets.iter().zip(&choice.at).zip(0..);
        let mut pairs: Vec<(u32, u32)> = rows
            .flat_map(|((sets, at), row)| {
                sets[*at].columns.iter().map(move |column| (row, *column))
            })
            .filter(|(_, column)| *column < columns)
            .collect();
        pairs.sort_unstable();
        Some(pairs)
    }

    /// Adds the sets at the floor that cost least.
    fn add(&mut self, prices: &[i64], floor: i64) {
        let columns = self.grid.columns() as u32;
        let step = prices.iter().max().map_or(1, |most| most / 10_000);
        for (row, (base, known)) in self.base.iter().zip(&mut self.sets).enumerate() {
            let allow = |columns: &[u32]| allow(self.grid, row, columns.iter().copied());
            let offers = Offers::of(self.grid, row, prices, floor - base);
            for mut set in offers.good(SETS, step, allow) {
                set.columns.sort_unstable();
                if !self.grid.group_load.is_empty() {
                    let group = |column: &u32| columns + self.grid.group[*column as usize];
                    let groups: Vec<u32> = set.columns.iter().map(group).collect();
                    set.columns.extend(groups);
                }
                if known.iter().all(|known| known.columns != set.columns) {
                    known.push(set);
                }
            }
            known.sort_unstable_by(|a, b| (a.price, &a.columns).cmp(&(b.price, &b.columns)));
        }
    }
}

/// What is chosen from and what is chosen.
struct Choice<'a> {
    sets: Vec<Vec<&'a Set>>,
    at: Vec<usize>,
    load: Vec<u32>,
    limits: Vec<[u32; 2]>,
    missed: i64,
}

impl<'a> Choice<'a> {
    /// The cheapest set of each proposal among those at the floor; `None` where a proposal has none.
    fn of(pool: &'a Pool<'_>, floor: i64) -> Option<Self> {
        let grid = pool.grid;
        let loads = grid.least.iter().zip(&grid.most);
        let mut limits: Vec<[u32; 2]> = loads.map(|(least, most)| [*least, *most]).collect();
        limits.extend(&grid.group_load);
        let mut choice = Self {
            sets: Vec::with_capacity(pool.sets.len()),
            at: vec![0; pool.sets.len()],
            load: vec![0; limits.len()],
            limits,
            missed: 0,
        };
        for (known, base) in pool.sets.iter().zip(pool.base) {
            let sets: Vec<&Set> = known
                .iter()
                .filter(|set| base + set.value >= floor)
                .collect();
            for place in &sets.first()?.columns {
                choice.load[*place as usize] += 1;
            }
            choice.sets.push(sets);
        }
        let loads = choice.load.iter().zip(&choice.limits);
        choice.missed = loads.map(|(load, limits)| miss(*load, *limits)).sum();
        Some(choice)
    }

    /// Exchanges sets until no load is missed or the tries are used up.
    fn anneal(&mut self) {
        let rows = self.sets.len();
        let spread = |sets: &Vec<&Set>| (sets[20.min(sets.len() - 1)].price - sets[0].price) as f64;
        let unit = self.sets.iter().map(spread).sum::<f64>() / rows.max(1) as f64;
        let unit = unit.max(1.0);
        let tries = TRIES * rows;
        let mut temperature = HOT * unit;
        let cool = (COLD / HOT).powf(100.0 / tries.max(1) as f64);
        let mut dice = Dice(0);
        let mut bad: Vec<usize> = Vec::new();
        for time in 0..tries {
            if self.missed == 0 {
                return;
            }
            if time % 100 == 0 {
                temperature *= cool;
                bad = (0..rows).filter(|row| self.misses(*row)).collect();
            }
            // Half of the time a proposal that has part in a load missed.
            let row = match !bad.is_empty() && dice.below(2) == 0 {
                true => bad[dice.below(bad.len())],
                false => dice.below(rows),
            };
            let to = dice.below(self.sets[row].len());
            let from = self.at[row];
            if to == from {
                continue;
            }
            let dearer = (self.sets[row][to].price - self.sets[row][from].price) as f64;
            let missed = self.exchange(row, to);
            let cost = missed as f64 * MISS * unit + dearer;
            if cost > 0.0 && dice.share() >= (-cost / temperature).exp() {
                self.exchange(row, from);
            }
        }
    }

    fn misses(&self, row: usize) -> bool {
        let mut places = self.sets[row][self.at[row]].columns.iter();
        places.any(|place| {
            let at = *place as usize;
            miss(self.load[at], self.limits[at]) > 0
        })
    }

    /// Gives the row another set; answers by how much more is missed.
    fn exchange(&mut self, row: usize, to: usize) -> i64 {
        let before = self.missed;
        let sets = &self.sets[row];
        for place in &sets[self.at[row]].columns {
            let (load, limits) = (
                &mut self.load[*place as usize],
                self.limits[*place as usize],
            );
            self.missed -= miss(*load, limits);
            *load -= 1;
            self.missed += miss(*load, limits);
        }
        for place in &sets[to].columns {
            let (load, limits) = (
                &mut self.load[*place as usize],
                self.limits[*place as usize],
            );
            self.missed -= miss(*load, limits);
            *load += 1;
            self.missed += miss(*load, limits);
        }
        self.at[row] = to;
        self.missed - before
    }
}

/// By how much a load is beyond its limits.
fn miss(load: u32, [least, most]: [u32; 2]) -> i64 {
    i64::from(load.saturating_sub(most)) + i64::from(least.saturating_sub(load))
}
