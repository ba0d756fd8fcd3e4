//! A greater total at a floor, by annealing: two proposals trade experts, or one takes an expert with room
//! for another.
//!
//! The loads are kept at every step. The floor may be missed on the way, at a price: most exchanges that
//! lead to a greater total in the end take something from a proposal that is at the floor.

use super::dice::Dice;
use super::grid::{CLOSED, Grid};
use super::nests::allow;
use super::sets::Offers;
use super::total::UNIT;

/// From how many sets of experts the columns are taken that a proposal may get.
const SETS: usize = 100;
/// How warm annealing is at first and at last, in how far the total is from its bound for each proposal,
/// and what a millionth below the floor costs at first.
#[derive(Clone, Copy)]
pub(super) struct Heat {
    hot: f64,
    cold: f64,
    miss: f64,
}

/// The floor is missed on the way, then hardly: where few assignments reach it the first finds none.
pub(super) const HEATS: [Heat; 2] = [
    Heat {
        hot: 2.0,
        cold: 0.5,
        miss: 2.0,
    },
    Heat {
        hot: 1.0,
        cold: 0.3,
        miss: DEAREST,
    },
];
/// What a millionth below the floor costs at most; by how much more where a proposal stays below, and how
/// this wears off where it does not.
const DEAREST: f64 = 1000.0;
const GROW: f64 = 1.1;
const WEAR: f64 = 0.999;
/// To what a shortfall, however small, is lengthened, in how far the total is from its bound for each
/// proposal: else many proposals would stay a little below.
const FEE: f64 = 0.25;
/// How many tries for each proposal lie between two looks at who is below.
const LOOK: usize = 1000;

/// An assignment that is being exchanged.
struct Trade<'a> {
    grid: &'a Grid,
    floor: i64,
    rows: Vec<Vec<u32>>,
    experts: Vec<Vec<u32>>,
    group_load: Vec<u32>,
    sums: Vec<i64>,
    /// What a millionth below the floor costs each row.
    miss: Vec<f64>,
    fee: f64,
    below: usize,
    total: i64,
}

/// What is exchanged: the row gives `out` for `new`, and who has `new` takes `out`.
#[derive(Clone, Copy)]
struct Swap {
    row: u32,
    out: u32,
    new: u32,
    other: Option<u32>,
}

/// What a change is worth.
struct Gain {
    total: i64,
    /// How many rows more are below the floor.
    below: isize,
    cost: f64,
}

/// Pairs of a greater total than these with every proposal at the floor, where any are found in so many
/// tries. `prices` are those of the experts, and `bound` is what the total cannot exceed.
pub(super) fn trade(
    grid: &Grid,
    base: &[i64],
    (floor, bound): (i64, i64),
    prices: &[i64],
    pairs: &[(u32, u32)],
    (heat, tries): (Heat, usize),
) -> Option<Vec<(u32, u32)>> {
    let mut trade = Trade::of(grid, base, floor, pairs);
    let choice: Vec<Vec<u32>> = (0..base.len())
        .map(|row| choice(grid, row, floor - base[row], prices))
        .collect();
    let rows: Vec<u32> = (0..base.len() as u32)
        .filter(|row| !trade.rows[*row as usize].is_empty() && !choice[*row as usize].is_empty())
        .collect();
    if rows.is_empty() {
        return None;
    }
    let scale = ((bound - trade.total) as f64 / base.len() as f64).max(1.0);
    trade.fee = FEE * scale;
    trade.miss.fill(heat.miss);
    let mut dice = Dice(0);
    let mut best = trade.total;
    let mut found = None;
    let mut temperature = heat.hot * scale;
    for time in 0..tries {
        if time % 1000 == 0 {
            temperature =
                heat.hot * scale * (heat.cold / heat.hot).powf(time as f64 / tries as f64);
            if best >= bound {
                break;
            }
        }
        if time % (LOOK * base.len()) == 0 {
            trade.look();
        }
        let row = rows[dice.below(rows.len())];
        let outs = &trade.rows[row as usize];
        let out = outs[dice.below(outs.len())];
        let of = &choice[row as usize];
        let new = of[dice.below(of.len())];
        let Some((swap, sums)) = trade.swap(row, out, new, &mut dice) else {
            continue;
        };
        let gain = trade.gain(&swap, sums);
        let cost = gain.cost - gain.total as f64;
        if cost > 0.0 && (cost > 12.0 * temperature || dice.share() >= (-cost / temperature).exp())
        {
            continue;
        }
        trade.apply(&swap, sums);
        trade.total += gain.total;
        trade.below = trade.below.saturating_add_signed(gain.below);
        if trade.below == 0 && trade.total > best {
            best = trade.total;
            found = Some(trade.rows.clone());
        }
    }
    let rows = found?;
    let mut pairs: Vec<(u32, u32)> = (rows.iter().zip(0..))
        .flat_map(|(columns, row)| columns.iter().map(move |column| (row, *column)))
        .collect();
    pairs.sort_unstable();
    Some(pairs)
}

/// The columns of the sets at the floor that are worth most, their price taken off.
fn choice(grid: &Grid, row: usize, floor: i64, prices: &[i64]) -> Vec<u32> {
    let offers = Offers::worth(grid, row, prices, floor, UNIT);
    let allow = |columns: &[u32]| allow(grid, row, columns.iter().copied());
    let good = offers.good(SETS, 2000 * UNIT, allow);
    let mut all: Vec<u32> = good.into_iter().flat_map(|set| set.columns).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl<'a> Trade<'a> {
    fn of(grid: &'a Grid, base: &[i64], floor: i64, pairs: &[(u32, u32)]) -> Self {
        let mut trade = Self {
            grid,
            floor,
            rows: vec![Vec::new(); grid.need.len()],
            experts: vec![Vec::new(); grid.columns()],
            group_load: vec![0; grid.group_load.len()],
            sums: base.to_vec(),
            miss: vec![0.0; base.len()],
            fee: 0.0,
            below: 0,
            total: 0,
        };
        for (row, column) in pairs {
            trade.rows[*row as usize].push(*column);
            trade.experts[*column as usize].push(*row);
            trade.sums[*row as usize] += i64::from(grid.value(*row as usize, *column as usize));
            if !grid.group_load.is_empty() {
                trade.group_load[grid.group[*column as usize] as usize] += 1;
            }
        }
        trade.total = trade.sums.iter().sum();
        trade.below = trade.sums.iter().filter(|sum| **sum < floor).count();
        trade
    }

    /// The exchange and the sums after it, if it keeps the rules.
    fn swap(&self, row: u32, out: u32, new: u32, dice: &mut Dice) -> Option<(Swap, [i64; 2])> {
        let sum = self.after(row, out, new)?;
        let holders = &self.experts[new as usize];
        // A place with room is one more way to take the expert.
        let at = dice.below(holders.len() + usize::from(self.ends(out, new)));
        let Some(other) = holders.get(at).copied() else {
            if !self.ends(out, new) {
                return None;
            }
            let other = None;
            return Some((
                Swap {
                    row,
                    out,
                    new,
                    other,
                },
                [sum, 0],
            ));
        };
        let back = self.after(other, new, out)?;
        let other = Some(other);
        Some((
            Swap {
                row,
                out,
                new,
                other,
            },
            [sum, back],
        ))
    }

    fn after(&self, row: u32, out: u32, new: u32) -> Option<i64> {
        let value = self.grid.value(row as usize, new as usize);
        let has = &self.rows[row as usize];
        if value == CLOSED || has.contains(&new) {
            return None;
        }
        let lost = i64::from(self.grid.value(row as usize, out as usize));
        let allowed = self.grid.nests.is_empty() || {
            let then = has
                .iter()
                .map(|column| if *column == out { new } else { *column });
            allow(self.grid, row as usize, then)
        };
        allowed.then_some(self.sums[row as usize] - lost + i64::from(value))
    }

    /// Whether one expert may have one pair fewer and the other one more.
    fn ends(&self, freed: u32, last: u32) -> bool {
        let grid = self.grid;
        let load = |column: u32| self.experts[column as usize].len() as u32;
        if load(freed) <= grid.least[freed as usize] || load(last) >= grid.most[last as usize] {
            return false;
        }
        let group = |column: u32| grid.group[column as usize] as usize;
        grid.group_load.is_empty()
            || group(freed) == group(last)
            || (self.group_load[group(freed)] > grid.group_load[group(freed)][0]
                && self.group_load[group(last)] < grid.group_load[group(last)][1])
    }

    fn gain(&self, swap: &Swap, sums: [i64; 2]) -> Gain {
        let mut gain = Gain {
            total: 0,
            below: 0,
            cost: 0.0,
        };
        let rows = [Some(swap.row), swap.other];
        for (row, sum) in rows.iter().zip(sums) {
            let Some(row) = row.map(|row| row as usize) else {
                continue;
            };
            let before = self.sums[row];
            gain.total += sum - before;
            gain.below += isize::from(sum < self.floor) - isize::from(before < self.floor);
            gain.cost += self.miss[row] * (self.short(sum) - self.short(before));
        }
        gain
    }

    /// By how much the sum is below the floor, and a fee.
    fn short(&self, sum: i64) -> f64 {
        match self.floor - sum {
            short if short > 0 => short as f64 + self.fee,
            _ => 0.0,
        }
    }

    /// Makes it dearer to be below for those who are.
    fn look(&mut self) {
        for (miss, sum) in self.miss.iter_mut().zip(&self.sums) {
            *miss = match *sum < self.floor {
                true => (*miss * GROW).min(DEAREST),
                false => (*miss * WEAR).max(1.0),
            };
        }
    }

    fn apply(&mut self, swap: &Swap, sums: [i64; 2]) {
        let Swap { row, out, new, .. } = *swap;
        put(&mut self.rows[row as usize], out, new);
        self.sums[row as usize] = sums[0];
        match swap.other {
            Some(other) => {
                put(&mut self.rows[other as usize], new, out);
                self.sums[other as usize] = sums[1];
                put(&mut self.experts[out as usize], row, other);
                put(&mut self.experts[new as usize], other, row);
            }
            None => {
                self.experts[out as usize].retain(|held| *held != row);
                self.experts[new as usize].push(row);
                if !self.grid.group_load.is_empty() {
                    self.group_load[self.grid.group[out as usize] as usize] -= 1;
                    self.group_load[self.grid.group[new as usize] as usize] += 1;
                }
            }
        }
    }
}

fn put(list: &mut [u32], before: u32, now: u32) {
    if let Some(entry) = list.iter_mut().find(|entry| **entry == before) {
        *entry = now;
    }
}
