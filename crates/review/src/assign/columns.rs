//! Which pairs the network looks at: the best of each proposal first, then those that pricing finds.

use super::grid::{CLOSED, Grid};

/// How many entries of a row are looked at in one go.
const CHUNK: usize = 32;

/// The columns of the greatest affinity of a row, `count` of them where there are as many.
///
/// Each row begins to look at another column, so that rows full of equal values do not all choose the
/// same experts.
pub(super) fn best(grid: &Grid, row: usize, count: usize, found: &mut Vec<(i32, u32)>) {
    found.clear();
    let values = grid.row(row);
    if values.is_empty() || count == 0 {
        return;
    }
    let start = row.wrapping_mul(0x9E37_79B1) % values.len();
    let room = count + CHUNK.max(count);
    let mut above = CLOSED;
    for (from, to) in [(start, values.len()), (0, start)] {
        let mut at = from;
        while at < to {
            let chunk = &values[at..to.min(at + CHUNK)];
            if chunk.iter().fold(CLOSED, |most, value| most.max(*value)) > above {
                for (offset, value) in chunk.iter().enumerate() {
                    if *value > above {
                        found.push((*value, (at + offset) as u32));
                    }
                }
                if found.len() >= room {
                    above = shorten(found, count);
                }
            }
            at += CHUNK;
        }
    }
    if found.len() > count {
        shorten(found, count);
    }
}

/// Keeps the `count` greatest, and answers the least of them.
fn shorten(found: &mut Vec<(i32, u32)>, count: usize) -> i32 {
    found.select_nth_unstable_by(count - 1, |a, b| b.cmp(a));
    found.truncate(count);
    found[count - 1].0
}

/// Prices of the experts, as narrow as their range allows: a narrow pass over a large matrix takes half
/// the time.
pub(super) enum Prices {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Prices {
    /// Narrow where no sum of an affinity and a price can leave the range.
    pub fn of(experts: &[i64], weighted: bool) -> Self {
        const RANGE: i64 = 1 << 29;
        let narrow = |price: &i64| i32::try_from(*price).ok().filter(|_| price.abs() < RANGE);
        match experts.iter().map(narrow).collect::<Option<Vec<i32>>>() {
            Some(narrow) if !weighted => Self::Narrow(narrow),
            _ => Self::Wide(experts.to_vec()),
        }
    }

    /// How many entries of a row, times `weight` and with the expert's price, are worth more than
    /// `price`.
    pub fn count(&self, values: &[i32], weight: i64, price: i64) -> usize {
        match self {
            Self::Narrow(experts) => {
                // Below the range everything is worth more, above it nothing; closed pairs are never.
                const RANGE: i64 = 1 << 29;
                let price = price.clamp(-RANGE, 2 * RANGE - 1) as i32;
                count(values, experts, price)
            }
            Self::Wide(experts) => {
                let entries = values.iter().zip(experts);
                let open = entries.filter(|(value, _)| **value != CLOSED);
                open.filter(|(value, expert)| i64::from(**value) * weight + **expert > price)
                    .count()
            }
        }
    }
}

fn count(values: &[i32], experts: &[i32], price: i32) -> usize {
    let worth = values.iter().zip(experts);
    worth
        .map(|(value, expert)| u32::from(value + expert > price))
        .sum::<u32>() as usize
}
