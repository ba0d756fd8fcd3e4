//! Prices of the experts that prove a floor out of reach, where the bound of the linear programme does not.
//!
//! If each proposal bought the cheapest set of experts that reaches the floor, and all of that cost more than
//! all loads together bring, then no assignment reaches the floor: this holds for any prices, and it
//! knows that a proposal gets whole experts. Prices rise where too many buy and fall where too few do.

use super::grid::Grid;
use super::sets::Offers;

/// How often prices are moved for one floor.
const TURNS: usize = 60;
/// The greatest price: products with the values of a set stay far within 64 bits.
const MOST: f64 = (1_u64 << 32) as f64;

/// Prices of the experts, and what they are proven for.
pub(super) struct Proof<'a> {
    grid: &'a Grid,
    base: &'a [i64],
    pub prices: Vec<i64>,
}

impl<'a> Proof<'a> {
    pub fn of(grid: &'a Grid, base: &'a [i64], prices: Vec<i64>) -> Self {
        let most = prices.iter().map(|price| price.abs()).max().unwrap_or(0);
        let scale = MOST / 16.0 / most.max(1) as f64;
        let mut proof = Self { grid, base, prices };
        let scaled: Vec<f64> = proof
            .prices
            .iter()
            .map(|price| *price as f64 * scale)
            .collect();
        proof.prices = proof.whole(&scaled);
        proof
    }

    /// Lowers a bound as far as it can towards a floor that is reached.
    pub fn lower(&mut self, mut bound: i64, floor: i64) -> i64 {
        let mut by = (bound - floor) / 2;
        while by > bound / 4000 {
            let aim = (bound - by).max(floor + 1);
            if self.refutes(aim) {
                bound = aim - 1;
                by = by.min((bound - floor) / 2);
            } else {
                by /= 2;
            }
        }
        bound
    }

    /// Whether prices are found that prove the floor out of reach. Those nearest to it are kept: at them
    /// about as much is bought as there is.
    pub fn refutes(&mut self, floor: i64) -> bool {
        let mut prices: Vec<f64> = self.prices.iter().map(|price| *price as f64).collect();
        let income = self.income(&prices);
        if income <= 0.0 {
            return false;
        }
        let (mut best, mut pace, mut stale) = (i64::MIN, 1.0, 0);
        let mut kept = self.prices.clone();
        for _ in 0..TURNS {
            let whole = self.whole(&prices);
            let Some((excess, bought)) = self.excess(&whole, floor) else {
                return true;
            };
            if excess > best {
                (best, stale) = (excess, 0);
                kept = whole;
            } else {
                stale += 1;
            }
            if excess > 0 {
                break;
            }
            if stale == 5 {
                (pace, stale) = (pace * 0.6, 0);
            }
            // As far as the distance to a proof says (Polyak).
            let lack = self.lack(&prices, &bought);
            let norm: f64 = lack.iter().map(|lack| lack * lack).sum();
            if norm == 0.0 {
                break;
            }
            let length = pace * (income / 2000.0 - excess as f64) / norm;
            for (price, (lack, least)) in prices.iter_mut().zip(lack.iter().zip(&self.grid.least)) {
                let lowest = if *least == 0 { 0.0 } else { f64::NEG_INFINITY };
                *price = (*price + length * lack).max(lowest);
            }
            // All prices times a number prove the same: their scale is kept.
            let now = self.income(&prices);
            if now <= 0.0 {
                break;
            }
            prices.iter_mut().for_each(|price| *price *= income / now);
        }
        self.prices = kept;
        best > 0
    }

    fn income(&self, prices: &[f64]) -> f64 {
        let loads = prices.iter().zip(&self.grid.most);
        loads
            .map(|(price, most)| price.max(0.0) * f64::from(*most))
            .sum()
    }

    fn whole(&self, prices: &[f64]) -> Vec<i64> {
        let prices = prices.iter().zip(&self.grid.least);
        let lowest = |least: &u32| if *least == 0 { 0.0 } else { -MOST };
        prices
            .map(|(price, least)| price.clamp(lowest(least), MOST).round() as i64)
            .collect()
    }

    /// How much more is bought of each expert than there is; what is too much or too little by the price's sign.
    fn lack(&self, prices: &[f64], bought: &[u32]) -> Vec<f64> {
        let loads = self.grid.least.iter().zip(&self.grid.most);
        let all = prices.iter().zip(bought).zip(loads);
        all.map(|((price, bought), (least, most))| {
            let load = match *price {
                price if price > 0.0 => *most,
                price if price < 0.0 => *least,
                _ => (*bought).clamp(*least, *most),
            };
            f64::from(*bought) - f64::from(load)
        })
        .collect()
    }

    /// By how much the cheapest sets at the floor cost more than the loads bring, and how often each
    /// expert is bought; `None` where a proposal has no set at the floor.
    fn excess(&self, prices: &[i64], floor: i64) -> Option<(i64, Vec<u32>)> {
        let mut bought = vec![0; prices.len()];
        let mut excess = 0;
        for (row, base) in self.base.iter().enumerate() {
            let (cost, set) = Offers::of(self.grid, row, prices, floor - base).cheapest()?;
            excess += cost;
            for column in set.columns {
                bought[column as usize] += 1;
            }
        }
        let loads = self.grid.least.iter().zip(&self.grid.most);
        for (price, (least, most)) in prices.iter().zip(loads) {
            excess -= price * i64::from(if *price > 0 { *most } else { *least });
        }
        Some((excess, bought))
    }
}
