//! What the total of no assignment at a floor can exceed: by prices of the experts and groups.
//!
//! The loads are priced, not the floors: each proposal takes the set of experts at the floor that is worth most
//! less its price, and what the loads bring is added. This is a bound for any prices, and it knows that a
//! proposal gets whole experts, where that of the linear programme does not. Prices rise where too many
//! are taken and fall where too few are.

use super::grid::Grid;
use super::network::Network;
use super::sets::Offers;

/// What a millionth counts beside prices.
pub(super) const UNIT: i64 = 64;
/// The greatest price: products with the values of a set stay far within 64 bits.
const MOST: f64 = (1_u64 << 31) as f64;
/// How often prices are moved at most, and how many pairs all of this may look at.
const TURNS: usize = 300;
const EFFORT: usize = 120_000_000;

/// Prices of the experts and, behind them, of the groups, with what they prove.
pub(super) struct Priced<'a> {
    grid: &'a Grid,
    base: &'a [i64],
    floor: i64,
    limits: Vec<[u32; 2]>,
    /// Those of the experts, and behind them those of the groups.
    pub prices: Vec<i64>,
}

/// A bound in units, and how often each expert and group is taken.
struct Demand {
    bound: i128,
    taken: Vec<u32>,
}

/// The prices of the loads in a network, those of the groups behind those of the experts; a millionth
/// counts as much as the network's weights say.
pub(super) fn prices_of(network: &Network<'_>) -> Vec<i64> {
    let grid = network.grid;
    let prices = network.simplex.prices();
    let group = |group: usize| match grid.group_load.is_empty() {
        true => 0,
        false => -prices[network.layout.group(group) as usize],
    };
    let expert = |column: usize| {
        let of = grid.group.get(column).map_or(0, |of| group(*of as usize));
        -prices[network.layout.expert(column) as usize] - of
    };
    let experts = (0..grid.columns()).map(expert);
    experts
        .chain((0..grid.group_load.len()).map(group))
        .collect()
}

impl<'a> Priced<'a> {
    pub fn of(grid: &'a Grid, base: &'a [i64], floor: i64, prices: Vec<i64>) -> Self {
        let loads = grid.least.iter().zip(&grid.most);
        let mut limits: Vec<[u32; 2]> = loads.map(|(least, most)| [*least, *most]).collect();
        limits.extend(&grid.group_load);
        let mut priced = Self {
            grid,
            base,
            floor,
            limits,
            prices: Vec::new(),
        };
        let prices: Vec<f64> = prices.iter().map(|price| *price as f64).collect();
        priced.prices = priced.whole(&prices);
        priced
    }

    /// What each expert costs with the group.
    pub fn experts(&self) -> Vec<i64> {
        self.together(&self.prices)
    }

    /// Lowers a bound of the total towards a total that is reached; the prices of the lowest are kept.
    pub fn lower(&mut self, mut bound: i64, total: i64) -> i64 {
        let mut prices: Vec<f64> = self.prices.iter().map(|price| *price as f64).collect();
        let (mut best, mut pace, mut stale) = (i128::MAX, 1.0, 0);
        let turns = (EFFORT / self.grid.affinity.len().max(1)).min(TURNS);
        for _ in 0..turns {
            let whole = self.whole(&prices);
            let Some(demand) = self.demand(&whole) else {
                break;
            };
            let gap = demand.bound - i128::from(total) * i128::from(UNIT);
            if demand.bound < best {
                stale = if best - demand.bound > gap / 2000 {
                    0
                } else {
                    stale + 1
                };
                best = demand.bound;
                self.prices = whole;
            } else {
                stale += 1;
            }
            if stale >= 4 {
                (pace, stale) = (pace * 0.6, 0);
                prices = self.prices.iter().map(|price| *price as f64).collect();
            }
            let proven = i64::try_from(best.div_euclid(i128::from(UNIT))).unwrap_or(i64::MAX);
            bound = bound.min(proven);
            let lack = self.lack(&prices, &demand.taken);
            let norm: f64 = lack.iter().map(|lack| lack * lack).sum();
            if bound <= total || norm == 0.0 || pace < 0.002 {
                break;
            }
            let length = pace * gap as f64 / norm;
            for ((price, lack), [least, _]) in prices.iter_mut().zip(&lack).zip(&self.limits) {
                let lowest = if *least == 0 { 0.0 } else { f64::NEG_INFINITY };
                *price = (*price + length * lack).max(lowest);
            }
        }
        bound
    }

    fn whole(&self, prices: &[f64]) -> Vec<i64> {
        let prices = prices.iter().zip(&self.limits);
        let lowest = |least: u32| if least == 0 { 0.0 } else { -MOST };
        prices
            .map(|(price, [least, _])| price.clamp(lowest(*least), MOST).round() as i64)
            .collect()
    }

    fn together(&self, prices: &[i64]) -> Vec<i64> {
        let columns = self.grid.columns();
        let group = |column: usize| self.grid.group.get(column).map(|of| columns + *of as usize);
        let of = |column| group(column).and_then(|at| prices.get(at)).unwrap_or(&0);
        (0..columns)
            .map(|column| prices[column] + of(column))
            .collect()
    }

    /// `None` where a proposal has no set at the floor.
    fn demand(&self, prices: &[i64]) -> Option<Demand> {
        let columns = self.grid.columns();
        let together = self.together(prices);
        let mut taken = vec![0; prices.len()];
        let mut bound = 0_i128;
        for (row, base) in self.base.iter().enumerate() {
            let offers = Offers::worth(self.grid, row, &together, self.floor - base, UNIT);
            let (cost, set) = offers.cheapest()?;
            bound += i128::from(base * UNIT) - i128::from(cost);
            for column in set.columns {
                taken[column as usize] += 1;
                if columns < taken.len() {
                    taken[columns + self.grid.group[column as usize] as usize] += 1;
                }
            }
        }
        for (price, [least, most]) in prices.iter().zip(&self.limits) {
            let load = if *price > 0 { *most } else { *least };
            bound += i128::from(*price) * i128::from(load);
        }
        Some(Demand { bound, taken })
    }

    /// By how much the loads are missed, in the sense of the price's sign.
    fn lack(&self, prices: &[f64], taken: &[u32]) -> Vec<f64> {
        let all = prices.iter().zip(taken).zip(&self.limits);
        all.map(|((price, taken), [least, most])| {
            let load = match *price {
                price if price > 0.0 => *most,
                price if price < 0.0 => *least,
                _ => (*taken).clamp(*least, *most),
            };
            f64::from(*taken) - f64::from(load)
        })
        .collect()
    }
}
