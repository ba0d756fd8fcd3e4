//! The settlement of a decided set: who pays what, to the cent.
//!
//! All money is a whole number over one denominator, the same for all funders: no fraction is ever reduced.

use num_bigint::BigInt;

use crate::pot::{Eu, Pot};

/// What one funder pays and receives, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// EU money among what its applicants get.
    pub(crate) eu: i64,
    /// What it gets of the other funders' reimbursement; below zero where it gives.
    pub(crate) transfer: i64,
}

/// An eligible funder while the money is shared; bounds and money over the common denominator.
struct Share {
    funder: usize,
    low: BigInt,
    high: BigInt,
    weight: i128,
    money: BigInt,
}

/// The shares of all eligible funders.
struct Shares {
    all: Vec<Share>,
    denominator: BigInt,
    /// What the EU pays, in cents.
    paid: BigInt,
}

fn zero() -> BigInt {
    BigInt::ZERO
}

/// Settles what is requested of each funder; `codes` break ties of a cent.
///
/// What the EU pays is rounded down to the cent, and where a cap lies so tight that the last cents fit under
/// nobody's, they are not claimed.
pub(crate) fn settle(pot: &Pot, requested: &[i64], codes: &[&str]) -> Vec<Settled> {
    let mut settled = vec![Settled::default(); requested.len()];
    let Some(eu) = &pot.eu else { return settled };
    let mut shares = Shares::new(pot, eu, requested);
    shares.share_out();
    let names: Vec<&str> = shares.all.iter().map(|one| codes[one.funder]).collect();
    let bounded = shares.all.iter().map(|one| (&one.money, &one.high));
    let received = to_cents(bounded, &shares.denominator, &shares.paid, &names);
    // The EU reimburses in proportion to what is requested.
    let total = BigInt::from(pot.total(requested).max(1));
    let part = |one: &Share| {
        (
            &shares.paid * requested[one.funder],
            &total * requested[one.funder],
        )
    };
    let parts: Vec<(BigInt, BigInt)> = shares.all.iter().map(part).collect();
    let bounded = parts.iter().map(|(part, asked)| (part, asked));
    let reimbursed = to_cents(bounded, &total, &shares.paid, &names);
    for ((share, eu), back) in shares.all.iter().zip(received).zip(reimbursed) {
        settled[share.funder] = Settled {
            eu,
            transfer: eu - back,
        };
    }
    settled
}

impl Shares {
    /// Each funder with its proportional part, kept within its bounds.
    fn new(pot: &Pot, eu: &Eu, requested: &[i64]) -> Self {
        let of = if eu.by_request {
            pot.total(requested)
        } else {
            eu.committed
        };
        // Of what is requested of a funder at most so much is EU money.
        let (most, most_of) = eu.cap.map_or((1, 1), |(times, by)| (times, by + times));
        let unit = BigInt::from(eu.gap.1) * of.max(1);
        let denominator = &unit * most_of;
        let eligible = (0..requested.len()).filter(|funder| pot.eligible[*funder]);
        let high = |funder: usize| BigInt::from(requested[funder]) * most;
        let claimable: BigInt = eligible.clone().map(|funder| high(funder) / most_of).sum();
        let paid = claimable.min(pot.contribution(requested).into());
        let proportional = &paid * eu.proportional() * most_of;
        let share = |funder: usize| {
            let (asked, own) = (requested[funder], pot.commitments[funder]);
            let low = &denominator * (asked - own).max(0);
            let high = &unit * high(funder);
            let weight = i128::from(if eu.by_request { asked } else { own });
            Share {
                funder,
                money: (&proportional * weight).clamp(low.clone(), high.clone()),
                low,
                high,
                weight,
            }
        };
        let all = eligible.map(share).collect();
        Self {
            all,
            denominator,
            paid,
        }
    }

    /// What of the EU's money is not with a funder yet; below zero where they have too much.
    fn rest(&self) -> BigInt {
        &self.paid * &self.denominator - self.all.iter().map(|one| &one.money).sum::<BigInt>()
    }

    /// Everything over a denominator `by` times as large.
    fn refine(&mut self, by: &BigInt) {
        self.denominator *= by;
        for one in &mut self.all {
            one.money *= by;
            one.low *= by;
            one.high *= by;
        }
    }

    /// One more multiple of the weights for all (it may be negative), within the bounds, uses up the rest;
    /// what is left when all with a weight stand at their bounds goes in proportion to the room.
    fn share_out(&mut self) {
        let rising = self.rest() > zero();
        let mut free: Vec<usize> = (0..self.all.len())
            .filter(|place| self.all[*place].weight > 0)
            .collect();
        loop {
            let rest = self.rest();
            let weights: i128 = free.iter().map(|place| self.all[*place].weight).sum();
            if rest == zero() || weights == 0 {
                break;
            }
            let beyond = |place: &usize| {
                let one = &self.all[*place];
                let more = &rest * one.weight;
                if rising {
                    more >= (&one.high - &one.money) * weights
                } else {
                    more <= (&one.low - &one.money) * weights
                }
            };
            let (stopped, moving): (Vec<usize>, Vec<usize>) =
                free.iter().partition(|place| beyond(place));
            if stopped.is_empty() {
                self.refine(&weights.into());
                for place in moving {
                    let one = &mut self.all[place];
                    one.money += &rest * one.weight;
                }
                break;
            }
            for place in stopped {
                let one = &mut self.all[place];
                one.money
                    .clone_from(if rising { &one.high } else { &one.low });
            }
            free = moving;
        }
        let rest = self.rest();
        let room: BigInt = self.all.iter().map(|one| &one.high - &one.money).sum();
        if rest > zero() && room > zero() {
            self.refine(&room);
            for one in &mut self.all {
                // Now both are `room` times as large.
                let own = (&one.high - &one.money) / &room;
                one.money += &rest * own;
            }
        }
    }
}

/// Whole cents that sum to `paid`, of money and bounds over a denominator: the largest remainder first, ties
/// by code, nobody beyond its bound.
fn to_cents<'a>(
    money: impl Iterator<Item = (&'a BigInt, &'a BigInt)>,
    denominator: &BigInt,
    paid: &BigInt,
    codes: &[&str],
) -> Vec<i64> {
    let (mut cents, mut remainders, mut rooms) = (Vec::new(), Vec::new(), Vec::new());
    for (exact, high) in money {
        let whole = exact / denominator;
        remainders.push(exact - &whole * denominator);
        rooms.push(high / denominator - &whole);
        cents.push(i64::try_from(whole).unwrap_or(i64::MAX));
    }
    let mut order: Vec<usize> = (0..cents.len()).collect();
    order.sort_by(|a, b| {
        let remainder = remainders[*b].cmp(&remainders[*a]);
        remainder.then_with(|| codes[*a].cmp(codes[*b]))
    });
    let mut left = paid - cents.iter().sum::<i64>();
    while left > zero() {
        let mut given = false;
        for place in &order {
            if left > zero() && rooms[*place] > zero() {
                cents[*place] += 1;
                rooms[*place] -= 1;
                left -= 1;
                given = true;
            }
        }
        if !given {
            break;
        }
    }
    cents
}
