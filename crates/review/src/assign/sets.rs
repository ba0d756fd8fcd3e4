//! Sets of experts for one proposal that reach a floor: the cheapest under prices of the experts, and those
//! that cost little more.
//!
//! Of a set that reaches the floor the price is at least its price less a rate times what it is worth beyond
//! the floor, whatever the rate. The best rate leaves few experts who can be in a set worth looking
//! at, and those are tried exhaustively.

use super::grid::{CLOSED, Grid};

/// How many partial sets are tried for one proposal.
const TRIES: u32 = 20_000;
/// More than any two sets of at most [`MOST_NEEDED`] experts differ in price.
const DEAREST: i64 = 1 << 37;
/// Up to so many experts of a proposal all products stay within 64 bits.
pub(super) const MOST_NEEDED: u32 = 10;

/// An expert whom the proposal may get.
#[derive(Clone, Copy)]
struct Offer {
    price: i64,
    value: i64,
    column: u32,
}

/// Some experts together.
#[derive(Clone, Default)]
pub(super) struct Set {
    pub price: i64,
    pub value: i64,
    pub columns: Vec<u32>,
}

/// What experts a proposal may get, and how many of them to which floor.
pub(super) struct Offers {
    offers: Vec<Offer>,
    need: usize,
    floor: i64,
}

/// The rate at which worth is paid, as a fraction, and the cheapest sets at that rate below and
/// above the floor.
struct Rate {
    over: i64,
    under: i64,
    low: Set,
    high: Set,
}

impl Offers {
    pub fn of(grid: &Grid, row: usize, prices: &[i64], floor: i64) -> Self {
        Self::worth(grid, row, prices, floor, 0)
    }

    /// The same where a millionth that an expert is worth lowers the price by `unit`.
    pub fn worth(grid: &Grid, row: usize, prices: &[i64], floor: i64, unit: i64) -> Self {
        let all = grid.row(row).iter().zip(prices).zip(0..);
        let open = all.filter(|((value, _), _)| **value != CLOSED);
        let offer = |((value, price), column): ((&i32, &i64), u32)| Offer {
            price: *price - unit * i64::from(*value),
            value: i64::from(*value),
            column,
        };
        Self {
            offers: open.map(offer).collect(),
            need: grid.need[row] as usize,
            floor,
        }
    }

    /// A price below which there is no set at the floor, and a set there that is cheapest or nearly so;
    /// `None` where no set reaches the floor.
    pub fn cheapest(&self) -> Option<(i64, Set)> {
        let rate = self.rate()?;
        let mut best = rate.high.clone();
        if rate.low.value >= self.floor {
            return Some((best.price, best));
        }
        let mut walk = Walk::of(self, &rate, best.price - 1, true);
        walk.go(0, self.need, Set::default(), 0);
        let whole = walk.left > 0;
        if let Some(found) = walk.found.pop() {
            best = found;
        }
        let least = if whole {
            best.price
        } else {
            rate.least(self.floor).min(best.price)
        };
        Some((least, best))
    }

    /// At most `most` sets at the floor, the cheapest first, that `allow` lets pass: those that cost little
    /// more than the cheapest.
    pub fn good(&self, most: usize, step: i64, allow: impl Fn(&[u32]) -> bool) -> Vec<Set> {
        let Some(rate) = self.rate() else {
            return Vec::new();
        };
        let least = rate.least(self.floor);
        let mut good: Vec<Set> = Vec::new();
        let mut slack = step.max(1);
        while slack < DEAREST {
            let mut walk = Walk::of(self, &rate, least + slack, false);
            walk.go(0, self.need, Set::default(), 0);
            let cut = walk.left == 0;
            let mut found = walk.found;
            found.retain(|set| allow(&set.columns));
            if found.len() >= good.len() {
                good = found;
            }
            if good.len() >= most || cut {
                break;
            }
            slack *= 2;
        }
        good.sort_unstable_by(|a, b| (a.price, &a.columns).cmp(&(b.price, &b.columns)));
        good.truncate(most);
        good
    }

    /// The rate at which the cheapest sets below and above the floor cost the same.
    fn rate(&self) -> Option<Rate> {
        let mut low = self.least(|offer| (offer.price, -offer.value))?;
        if low.value >= self.floor {
            let high = low.clone();
            return Some(Rate {
                over: 0,
                under: 1,
                low,
                high,
            });
        }
        let mut high = self.least(|offer| (-offer.value, offer.price))?;
        if high.value < self.floor {
            return None;
        }
        loop {
            let (over, under) = (high.price - low.price, high.value - low.value);
            let cost = |set: &Set| under * set.price - over * set.value;
            let next = self.least(|offer| (under * offer.price - over * offer.value, 0))?;
            if cost(&next) >= cost(&low) {
                return Some(Rate {
                    over,
                    under,
                    low,
                    high,
                });
            }
            if next.value >= self.floor {
                high = next;
            } else {
                low = next;
            }
        }
    }

    /// As many experts as needed, of the least keys.
    fn least(&self, key: impl Fn(&Offer) -> (i64, i64)) -> Option<Set> {
        if self.offers.len() < self.need {
            return None;
        }
        let mut chosen: Vec<((i64, i64), Offer)> = Vec::with_capacity(self.need + 1);
        for offer in &self.offers {
            let key = key(offer);
            let full = chosen.len() == self.need;
            if full && chosen.last().is_none_or(|(most, _)| key >= *most) {
                continue;
            }
            let at = chosen.partition_point(|(other, _)| *other <= key);
            chosen.insert(at, (key, *offer));
            chosen.truncate(self.need);
        }
        let mut set = Set::default();
        for (_, offer) in chosen {
            set.take(&offer);
        }
        Some(set)
    }
}

impl Set {
    fn take(&mut self, offer: &Offer) {
        self.price += offer.price;
        self.value += offer.value;
        self.columns.push(offer.column);
    }
}

impl Rate {
    fn cost(&self, offer: &Offer) -> i64 {
        self.under * offer.price - self.over * offer.value
    }

    /// A price below which no set reaches the floor.
    fn least(&self, floor: i64) -> i64 {
        let cost = self.under * self.low.price + self.over * (floor - self.low.value);
        cost.div_euclid(self.under)
    }
}

/// The search for sets of at most a price, through the experts in the order of their cost at the rate.
struct Walk<'a> {
    offers: Vec<(i64, Offer)>,
    rate: &'a Rate,
    floor: i64,
    top: i64,
    /// Whether each set found is to be cheaper than the one before.
    only: bool,
    found: Vec<Set>,
    left: u32,
}

impl<'a> Walk<'a> {
    fn of(from: &Offers, rate: &'a Rate, top: i64, only: bool) -> Self {
        let mut offers: Vec<(i64, Offer)> = (from.offers.iter())
            .map(|offer| (rate.cost(offer), *offer))
            .collect();
        if from.need > 0 && offers.len() >= from.need {
            // Who is too dear even beside the cheapest others is in no set.
            offers.select_nth_unstable_by_key(from.need - 1, |(cost, offer)| (*cost, offer.column));
            let others: i64 = offers[..from.need]
                .iter()
                .map(|(cost, _)| cost)
                .sum::<i64>()
                - offers[from.need - 1].0;
            let limit = rate.under * top - rate.over * from.floor - others;
            offers.retain(|(cost, _)| *cost <= limit);
        }
        offers.sort_unstable_by_key(|(cost, offer)| (*cost, offer.column));
        Self {
            offers,
            rate,
            floor: from.floor,
            top,
            only,
            found: Vec::new(),
            left: TRIES,
        }
    }

    fn go(&mut self, from: usize, need: usize, set: Set, cost: i64) {
        if need == 0 {
            if set.value >= self.floor && set.price <= self.top {
                if self.only {
                    self.top = set.price - 1;
                }
                self.found.push(set);
            }
            return;
        }
        for at in from..(self.offers.len() + 1).saturating_sub(need) {
            let next: i64 = self.offers[at..at + need]
                .iter()
                .map(|(cost, _)| cost)
                .sum();
            let limit = self.rate.under * self.top - self.rate.over * self.floor;
            if cost + next > limit || self.left == 0 {
                return;
            }
            self.left -= 1;
            let (more, offer) = self.offers[at];
            let mut with = set.clone();
            with.take(&offer);
            self.go(at + 1, need - 1, with, cost + more);
        }
    }
}
