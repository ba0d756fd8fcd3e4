//! A fair assignment under rules that overlap: the numbers of each class are loosened into boxes whose every
//! point keeps the rules, the network of the boxes is assigned fairly, and its numbers are loosened anew.

use super::classes::{Classes, Counts};
use super::fair::{Fair, fair_soon};
use super::grid::Grid;

/// So many rounds that find nothing better end the search; where the bound is reached, the first does.
const PATIENCE: usize = 4;
/// Pairs that all rounds together may look at.
const EFFORT: usize = 400_000;

/// The fairest assignment found from these numbers on; `bound` is what no floor exceeds.
pub(super) fn fairest(
    grid: &Grid,
    classes: &Classes,
    counts: &Counts,
    base: &[i64],
    bound: i64,
) -> Option<Vec<(u32, u32)>> {
    let rounds = (EFFORT / grid.affinity.len().max(1)).clamp(2, 24);
    let mut best: Option<Fair> = None;
    let mut counts = counts.clone();
    let mut stale = 0;
    for round in 0..rounds {
        let boxed = classes.boxed(grid, &counts, |row| {
            classes.loosened(row, &counts[row], row + round)
        });
        let found = fair_soon(&boxed, base)?;
        counts = classes.counts(grid, &found.pairs);
        let rank = |fair: &Fair| (fair.value, fair.total);
        if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
            (best, stale) = (Some(found), 0);
            continue;
        }
        stale += 1;
        if stale >= PATIENCE || best.as_ref().is_some_and(|best| best.value >= bound) {
            break;
        }
    }
    best.map(|best| best.pairs)
}

impl Classes {
    /// The least and greatest number of each class, round those that a row has, loosened one by one from the
    /// class `first` on as far as no choice within them breaks a rule.
    fn loosened(&self, row: usize, counts: &[u32], first: usize) -> Vec<[u32; 2]> {
        let need: u32 = counts.iter().sum();
        let mut within: Vec<[u32; 2]> = counts.iter().map(|number| [*number; 2]).collect();
        let order = (0..counts.len()).map(|at| (at + first) % counts.len().max(1));
        let order: Vec<usize> = order.collect();
        for side in [1, 0] {
            for class in &order {
                loop {
                    let before = within[*class];
                    match side {
                        1 if before[1] < need => within[*class][1] += 1,
                        0 if before[0] > 0 => within[*class][0] -= 1,
                        _ => break,
                    }
                    if !self.keeps(row, need, &within) {
                        within[*class] = before;
                        break;
                    }
                }
            }
        }
        within
    }

    /// Whether every choice within the box that sums to `need` keeps the row's rules.
    fn keeps(&self, row: usize, need: u32, within: &[[u32; 2]]) -> bool {
        self.rules.iter().enumerate().all(|(at, rule)| {
            let sum = |is: bool, end: usize| -> u32 {
                let of = within.iter().zip(&self.within);
                of.filter(|(_, of)| of[at] == is)
                    .map(|(ends, _)| ends[end])
                    .sum()
            };
            let least = sum(true, 0).max(need.saturating_sub(sum(false, 1)));
            let most = sum(true, 1).min(need.saturating_sub(sum(false, 0)));
            least >= rule.limits[row][0] && most <= rule.limits[row][1]
        })
    }
}
