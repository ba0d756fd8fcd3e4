//! The highest worst-served proposal, then the greatest total at that floor.
//!
//! The bound is first that of the linear programme: for any weights of the proposals that sum to one, the
//! best weighted assignment is worth at least the worst proposal of every assignment. Weights are moved
//! along subgradients, each assignment found on the way is improved by chains of exchanges. Where floor
//! and bound stay apart, prices for whole sets of experts lower the bound, and an assignment of such sets
//! is sought between the two. What is left is told.

use super::chains::Chains;
use super::columns::best;
use super::exact::{SMALL, exact};
use super::grid::Grid;
use super::network::{Aim, Network};
use super::pick::Pool;
use super::proof::Proof;
use super::sets::MOST_NEEDED;
use super::total::{Priced, UNIT, prices_of};
use super::trade::{HEATS, trade};

/// A fair assignment of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fair {
    /// Row and column of each pair, in this order.
    pub pairs: Vec<(u32, u32)>,
    /// The sum of the worst proposal, in millionths.
    pub value: i64,
    /// What the worst proposal of no assignment can exceed, in millionths.
    pub bound: i64,
    /// The sum of all, in millionths.
    pub total: i64,
    /// What the total of no assignment with this floor can exceed, in millionths.
    pub total_bound: i64,
}

/// Weights are whole numbers up to this.
const SCALE: f64 = 4000.0;
/// What a millionth counts when the total is raised at a floor, beside the floors' prices.
const ONE: i64 = UNIT;
/// Up to so many pairs the bound is lowered and a floor looked for beyond the linear programme.
const LARGE: usize = 1_000_000;
/// How many exchanges are tried for each proposal to raise the total.
const TRIES: usize = 60_000;
/// The share of the total that is not worth these tries: one in so many.
const NEAR: i64 = 5000;

/// A fair assignment; `None` where none keeps the limits.
pub fn fair(grid: &Grid) -> Option<Fair> {
    fair_over(grid, &vec![0; grid.need.len()])
}

/// The same where each proposal has something already.
pub(super) fn fair_over(grid: &Grid, base: &[i64]) -> Option<Fair> {
    fair_within(grid, base, true)
}

/// The same, in less time: with the bound of the linear programme for the total, which may stay smaller.
pub(super) fn fair_soon(grid: &Grid, base: &[i64]) -> Option<Fair> {
    fair_within(grid, base, false)
}

fn fair_within(grid: &Grid, base: &[i64], thorough: bool) -> Option<Fair> {
    let mut network = Network::of(grid, Aim::default());
    if !network.solve() {
        return None;
    }
    let rows = grid.need.len();
    let size = rows * grid.columns();
    let turns = (60_000_000 / size.max(1)).clamp(12, 120);
    let choice = choices(grid, &network);
    let mut found = Chains::of(grid, &choice, base, &network.pairs());
    let mut bound = ceiling(grid, base);
    bound = bound.min(weighted_bound(&network, base, &vec![1; rows]));
    found.lift_worst(bound);
    let mut weights = vec![1.0 / rows.max(1) as f64; rows];
    let mut whole = vec![1_i64; rows];
    for _ in 0..turns {
        let floor = found.worst();
        if bound - floor <= bound / 5000 {
            break;
        }
        let now = Chains::of(grid, &choice, base, &network.pairs());
        step(&mut weights, &now.sums, &whole, floor);
        let most = weights
            .iter()
            .fold(0.0_f64, |most, weight| most.max(*weight));
        whole = weights
            .iter()
            .map(|weight| (weight / most * SCALE).round() as i64)
            .collect();
        network.reweigh(whole.clone());
        bound = bound.min(weighted_bound(&network, base, &whole));
        let mut now = Chains::of(grid, &choice, base, &network.pairs());
        if now.worst() > floor - bound / 20 {
            now.lift_worst(bound);
            if now.worst() > floor {
                found = now;
            }
        }
    }
    bound = seek(&network, &mut found, base, &choice, bound);
    let small = thorough && grid.affinity.len() <= SMALL;
    if small {
        bound = climb(grid, &mut found, base, &choice, bound);
    }
    let (mut total_bound, prices) = raise(&mut network, &mut found, base, turns, &choice);
    if thorough && total_bound > found.total() {
        total_bound = close(grid, &mut found, base, &choice, (total_bound, prices));
    }
    let value = found.worst();
    Some(Fair {
        pairs: found.pairs(),
        value,
        bound: bound.max(value),
        total: found.total(),
        total_bound,
    })
}

/// Where the floor stays below the bound: lowers the bound by prices of the experts, and looks between the
/// two for a higher floor. Answers the bound.
fn seek<'a>(
    network: &Network<'a>,
    found: &mut Chains<'a>,
    base: &[i64],
    choice: &'a [Vec<u32>],
    bound: i64,
) -> i64 {
    let grid = network.grid;
    let near = bound / 400;
    let large = base.len() * grid.columns() > LARGE;
    let many = grid.need.iter().any(|need| *need > MOST_NEEDED);
    if bound - found.worst() <= near || large || many {
        return bound;
    }
    let of = |column| -network.simplex.prices()[network.layout.expert(column) as usize];
    let mut proof = Proof::of(grid, base, (0..grid.columns()).map(of).collect());
    let bound = proof.lower(bound, found.worst());
    // The prices that go with the bound lead to good sets for the floors below it too; of floors far
    // below the prices say nothing, since there everybody can buy. What is at `high` or above was
    // aimed at in vain.
    let mut pool = Pool::of(grid, base);
    let (mut high, mut by) = (bound + 1, bound / 400);
    while high - found.worst() > near.max(1) {
        let floor = found.worst();
        let middle = floor + (high - floor) / 2;
        let aim = (high - by).max(middle).clamp(floor + 1, high - 1);
        by = bound / 1000;
        match pool.pick(&proof.prices, aim) {
            Some(pairs) => {
                *found = Chains::of(grid, choice, base, &pairs);
                found.lift_worst(bound);
            }
            None => high = aim,
        }
    }
    bound
}

/// Lifts the floor of a small grid as long as trying everything does. Answers the bound.
fn climb<'a>(
    grid: &'a Grid,
    found: &mut Chains<'a>,
    base: &[i64],
    choice: &'a [Vec<u32>],
    bound: i64,
) -> i64 {
    while found.worst() < bound {
        let higher = exact(grid, base, found.worst() + 1, None, &[]);
        match higher.pairs {
            Some(pairs) => {
                *found = Chains::of(grid, choice, base, &pairs);
                found.lift_worst(bound);
            }
            None if higher.whole => return found.worst(),
            None => break,
        }
    }
    bound
}

/// Lowers the bound of the total by prices of the loads, and looks for a greater total beneath it. Answers
/// the bound.
fn close<'a>(
    grid: &'a Grid,
    found: &mut Chains<'a>,
    base: &[i64],
    choice: &'a [Vec<u32>],
    (mut bound, prices): (i64, Vec<i64>),
) -> i64 {
    let large = grid.affinity.len() > LARGE;
    if large || grid.need.iter().any(|need| *need > MOST_NEEDED) {
        return bound;
    }
    let floor = found.worst();
    let mut priced = Priced::of(grid, base, floor, prices);
    bound = priced.lower(bound, found.total());
    let small = grid.affinity.len() <= SMALL;
    if small {
        bound = search(grid, found, base, choice, bound, (floor, &priced.prices));
    }
    let before = found.total();
    for heat in HEATS {
        if bound - found.total() <= bound / NEAR {
            break;
        }
        let experts = priced.experts();
        let tries = (heat, TRIES * base.len());
        let pairs = trade(grid, base, (floor, bound), &experts, &found.pairs(), tries);
        if let Some(pairs) = pairs {
            *found = Chains::of(grid, choice, base, &pairs);
            found.raise_total(floor);
        }
    }
    if found.total() > before {
        bound = priced.lower(bound, found.total());
        if small {
            bound = search(grid, found, base, choice, bound, (floor, &priced.prices));
        }
    }
    bound
}

/// Looks for the greatest total of a small grid by trying everything below the bound. Answers the bound.
fn search<'a>(
    grid: &'a Grid,
    found: &mut Chains<'a>,
    base: &[i64],
    choice: &'a [Vec<u32>],
    bound: i64,
    (floor, prices): (i64, &[i64]),
) -> i64 {
    if found.total() >= bound {
        return bound;
    }
    let better = exact(grid, base, floor, Some(found.total()), prices);
    if let Some(pairs) = better.pairs {
        *found = Chains::of(grid, choice, base, &pairs);
    }
    match better.whole {
        true => found.total(),
        false => bound,
    }
}

/// Raises the total with every proposal at the floor: the prices of the floors rise where a proposal is
/// below and fall where it is above; each assignment on the way is mended and improved. Answers what the
/// total cannot exceed, and the prices of the loads that go with it.
fn raise<'a>(
    network: &mut Network<'a>,
    found: &mut Chains<'a>,
    base: &[i64],
    turns: usize,
    choice: &'a [Vec<u32>],
) -> (i64, Vec<i64>) {
    let floor = found.worst();
    let (mut total_bound, mut prices) = (i64::MAX, Vec::new());
    found.raise_total(floor);
    let mut price = vec![0.0_f64; base.len()];
    let mut pace = 1.0;
    for _ in 0..turns {
        let weights: Vec<i64> = price
            .iter()
            .map(|price| ONE + (price * ONE as f64).round() as i64)
            .collect();
        network.reweigh(weights.clone());
        // Worth of the assignment and of what is there already, less what the floors would cost.
        let there: i128 = (weights.iter().zip(base))
            .map(|(weight, base)| i128::from(*weight) * i128::from(*base))
            .sum();
        let floors: i128 = weights.iter().map(|weight| i128::from(weight - ONE)).sum();
        let bound = i128::from(network.bound()) + there - floors * i128::from(floor);
        let bound = i64::try_from(bound.div_euclid(i128::from(ONE))).unwrap_or(i64::MAX);
        if bound >= total_bound {
            pace *= 0.7;
        } else {
            prices = prices_of(network);
            total_bound = bound;
        }
        let mut now = Chains::of(network.grid, choice, base, &network.pairs());
        let miss: Vec<f64> = now.sums.iter().map(|sum| (floor - sum) as f64).collect();
        let active = |(miss, price): (&f64, &f64)| {
            if *miss > 0.0 || *price > 0.0 {
                miss * miss
            } else {
                0.0
            }
        };
        let norm: f64 = miss.iter().zip(&price).map(active).sum();
        if now.lift_all(floor) {
            now.raise_total(floor);
            if now.total() > found.total() {
                *found = now;
            }
        }
        let gap = (total_bound - found.total()) as f64;
        if norm == 0.0 || gap < 1.0 {
            break;
        }
        for (price, miss) in price.iter_mut().zip(&miss) {
            *price = (*price + pace * gap.max(0.0) * miss / norm).clamp(0.0, 1000.0);
        }
    }
    (total_bound, prices)
}

/// What the weights prove: the weighted optimum, over their sum.
fn weighted_bound(network: &Network<'_>, base: &[i64], weights: &[i64]) -> i64 {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let there: i128 = (weights.iter().zip(base))
        .map(|(weight, base)| i128::from(*weight) * i128::from(*base))
        .sum();
    match all {
        0 => i64::MAX,
        all => {
            let bound = (i128::from(network.bound()) + there).div_euclid(all);
            i64::try_from(bound).unwrap_or(i64::MAX)
        }
    }
}

/// What no proposal's sum can exceed, the loads left aside: the least of the sums of the best.
fn ceiling(grid: &Grid, base: &[i64]) -> i64 {
    let mut found = Vec::new();
    let rows = grid.need.iter().enumerate().map(|(row, need)| {
        best(grid, row, *need as usize, &mut found);
        base[row]
            + found
                .iter()
                .map(|(value, _)| i64::from(*value))
                .sum::<i64>()
    });
    rows.min().unwrap_or(0)
}

/// The columns an exchange may bring in: all where the grid is small, else the best and those that
/// pricing found.
fn choices(grid: &Grid, network: &Network<'_>) -> Vec<Vec<u32>> {
    if grid.need.len() * grid.columns() > 40_000 {
        let mut found = Vec::new();
        let rows = network.have.iter().enumerate();
        return rows
            .map(|(row, have)| {
                best(grid, row, 40, &mut found);
                let mut all = have.clone();
                all.extend(found.iter().map(|(_, column)| *column));
                all.sort_unstable();
                all.dedup();
                all
            })
            .collect();
    }
    vec![(0..grid.columns() as u32).collect(); grid.need.len()]
}

/// Moves the weights along the subgradient as far as the distance to the floor says (Polyak), back onto
/// weights of at least none that sum to one.
fn step(weights: &mut [f64], sums: &[i64], whole: &[i64], floor: i64) {
    let all: i64 = whole.iter().sum();
    for (weight, whole) in weights.iter_mut().zip(whole) {
        *weight = *whole as f64 / all.max(1) as f64;
    }
    let value: f64 = weights.iter().zip(sums).map(|(w, s)| w * *s as f64).sum();
    let mean = sums.iter().sum::<i64>() as f64 / sums.len().max(1) as f64;
    let norm: f64 = sums.iter().map(|sum| (*sum as f64 - mean).powi(2)).sum();
    if norm == 0.0 {
        return;
    }
    let length = (value - floor as f64) / norm;
    for (weight, sum) in weights.iter_mut().zip(sums) {
        *weight -= length * (*sum as f64 - mean);
    }
    // The nearest point of the simplex: what all are lowered by.
    let mut sorted = weights.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut lower) = (0.0, 0.0);
    for (count, weight) in sorted.iter().enumerate() {
        sum += weight;
        let by = (sum - 1.0) / (count + 1) as f64;
        if *weight > by {
            lower = by;
        }
    }
    for weight in weights {
        *weight = (*weight - lower).max(0.0);
    }
}
