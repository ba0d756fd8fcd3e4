//! The best assignment of a grid: the network simplex on some pairs, and pricing of all others.

use super::columns::{Prices, best};
use super::grid::{CLOSED, Grid};
use super::layout::Layout;
use super::simplex::{Arc, Simplex};
use super::start::{Column, begin};

/// How many pairs of a proposal one round of pricing adds at most.
const MORE: usize = 6;

/// What an assignment is to be best in.
#[derive(Default)]
pub(super) struct Aim {
    /// What a millionth counts, proposal by proposal; empty: one each.
    pub weights: Vec<i64>,
    /// Pairs that are worth something beside their affinity; each once, by row and column.
    pub extra: Vec<(u32, u32, i64)>,
    /// What other arcs than those of pairs cost at most.
    pub least_dear: i64,
}

impl Aim {
    fn weight(&self, row: usize) -> i64 {
        self.weights.get(row).copied().unwrap_or(1)
    }

    fn worth(&self, grid: &Grid, row: usize, column: usize) -> i64 {
        let key = (row as u32, column as u32);
        let extra = self.extra.binary_search_by_key(&key, |(r, c, _)| (*r, *c));
        let extra = extra.map_or(0, |at| self.extra[at].2);
        self.weight(row) * i64::from(grid.value(row, column)) + extra
    }
}

/// A grid with the pairs looked at so far, and a basis.
pub(super) struct Network<'a> {
    pub grid: &'a Grid,
    pub layout: Layout,
    pub simplex: Simplex,
    aim: Aim,
    /// The columns of each row that are in the network.
    pub have: Vec<Vec<u32>>,
    /// How often all pairs were priced.
    pub rounds: u32,
}

impl<'a> Network<'a> {
    /// The network of the best pairs of each proposal, and of those with something extra.
    pub fn of(grid: &'a Grid, aim: Aim) -> Self {
        let layout = Layout::of(grid);
        let rows = grid.need.len();
        let mut have: Vec<Vec<u32>> = vec![Vec::new(); rows];
        let mut found = Vec::new();
        for (row, need) in grid.need.iter().enumerate() {
            if *need > 0 {
                best(grid, row, 3 * *need as usize + 6, &mut found);
                have[row].extend(found.iter().map(|(_, column)| *column));
            }
        }
        for (row, column, _) in &aim.extra {
            have[*row as usize].push(*column);
        }
        let mut pairs = Vec::with_capacity(have.iter().map(Vec::len).sum());
        for (row, have) in have.iter_mut().enumerate() {
            have.sort_unstable();
            have.dedup();
            pairs.extend(have.iter().map(|column| Column {
                row: row as u32,
                column: *column,
                worth: aim.worth(grid, row, *column as usize),
            }));
        }
        let simplex = begin(grid, &layout, &pairs, dear(grid, &layout, &aim));
        Self {
            grid,
            layout,
            simplex,
            aim,
            have,
            rounds: 0,
        }
    }

    /// Makes the assignment the best over all pairs; `false` where there is none that keeps the limits.
    ///
    /// The proof is in the last round of pricing: under the prices of the basis no pair outside the
    /// network would improve the flow.
    pub fn solve(&mut self) -> bool {
        loop {
            self.simplex.run();
            self.rounds += 1;
            if !self.price() {
                return self.simplex.helped() == 0;
            }
        }
    }

    /// Changes the weights and goes on from the basis there is, until the assignment is the best under them.
    pub fn reweigh(&mut self, weights: Vec<i64>) -> bool {
        self.aim.weights = weights;
        let Self {
            simplex,
            layout,
            grid,
            aim,
            ..
        } = self;
        let worth = |arc: &Arc| {
            let (row, column) = layout.pair(grid, arc.from, arc.to);
            -aim.worth(grid, row as usize, column as usize)
        };
        simplex.reprice(worth, layout.first_pair(), dear(grid, layout, aim));
        self.solve()
    }

    /// The pairs of the assignment, by row and column.
    pub fn pairs(&self) -> Vec<(u32, u32)> {
        let first = self.layout.first_pair();
        let arcs = self.simplex.arcs().iter().enumerate().skip(first);
        let mut pairs: Vec<(u32, u32)> = arcs
            .filter(|(at, _)| self.simplex.flow(*at as u32) > 0)
            .map(|(_, arc)| self.layout.pair(self.grid, arc.from, arc.to))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// What the assignment is worth.
    pub fn value(&self) -> i64 {
        -self.simplex.cost()
    }

    /// The greatest worth that any assignment could have: what the prices prove.
    pub fn bound(&self) -> i64 {
        -self.simplex.bound(&self.layout.supply(self.grid))
    }

    /// Adds the pairs that would improve the flow under the prices now; whether there were any.
    fn price(&mut self) -> bool {
        let grid = self.grid;
        let prices = self.simplex.prices();
        let experts: Vec<i64> = (0..grid.columns())
            .map(|column| prices[self.layout.expert(column) as usize])
            .collect();
        let pass = Prices::of(&experts, !self.aim.weights.is_empty());
        let mut seen = vec![u32::MAX; grid.columns()];
        let mut new: Vec<(u32, u32)> = Vec::new();
        let mut better: Vec<(i64, u32)> = Vec::new();
        for (row, need) in grid.need.iter().enumerate() {
            if *need == 0 {
                continue;
            }
            let weight = self.aim.weight(row);
            let nested = !self.layout.nests(row).is_empty();
            let price = prices[self.layout.row(row) as usize];
            let gain = |column: usize| {
                let price = match nested {
                    true => prices[self.layout.tail(grid, row, column) as usize],
                    false => price,
                };
                weight * i64::from(grid.value(row, column)) + experts[column] - price
            };
            if !nested {
                let known = self.have[row].iter();
                let known = known.filter(|column| gain(**column as usize) > 0).count();
                if pass.count(grid.row(row), weight, price) == known {
                    continue;
                }
            }
            for column in &self.have[row] {
                seen[*column as usize] = row as u32;
            }
            better.clear();
            for (column, value) in grid.row(row).iter().enumerate() {
                if *value != CLOSED && seen[column] != row as u32 {
                    let gain = gain(column);
                    if gain > 0 {
                        better.push((-gain, column as u32));
                    }
                }
            }
            if better.len() > MORE {
                better.select_nth_unstable(MORE);
                better.truncate(MORE);
            }
            new.extend(better.iter().map(|(_, column)| (row as u32, *column)));
        }
        for (row, column) in &new {
            let (row, column) = (*row as usize, *column as usize);
            let tail = self.layout.tail(grid, row, column);
            let worth = self.aim.worth(grid, row, column);
            self.simplex
                .add(tail, self.layout.expert(column), 1, -worth);
            self.have[row].push(column as u32);
        }
        !new.is_empty()
    }
}

/// More than any way through the network can cost.
fn dear(grid: &Grid, layout: &Layout, aim: &Aim) -> i64 {
    let weight = aim.weights.iter().max().copied().unwrap_or(1);
    let value = grid.affinity.iter().max().copied().unwrap_or(0).max(1);
    let extra = aim.extra.iter().map(|(_, _, extra)| extra.abs()).max();
    let pair = weight * i64::from(value) + extra.unwrap_or(0);
    pair.max(aim.least_dear) * (layout.nodes as i64 + 1) + 1
}
