//! The settlement of a decided set: who pays what, to the cent.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::pot::{Eu, Pot};

/// What one funder pays and receives, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// EU money among what its applicants get.
    pub(crate) eu: i64,
    /// What it gets of the other funders' reimbursement; below zero where it gives.
    pub(crate) transfer: i64,
}

fn whole(number: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(number.into())
}

fn part((numerator, denominator): (i128, i128)) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// An eligible funder while the money is shared.
struct Share {
    funder: usize,
    requested: i64,
    low: BigRational,
    high: BigRational,
    weight: BigRational,
    money: BigRational,
}

/// Settles what is requested of each funder; `codes` break ties of a cent.
///
/// What the EU pays is rounded down to the cent, and where a cap lies so tight that the last cents fit under
/// nobody's, they are not claimed.
pub(crate) fn settle(pot: &Pot, requested: &[i64], codes: &[&str]) -> Vec<Settled> {
    let mut settled = vec![Settled::default(); requested.len()];
    let Some(eu) = &pot.eu else { return settled };
    let mut shares = shares(pot, eu, requested);
    let room: BigInt = shares
        .iter()
        .map(|share| share.high.floor().to_integer())
        .sum();
    let paid = whole(room.min(pot.contribution(requested).into()));
    share_out(&mut shares, &paid, eu);
    let money: Vec<_> = shares
        .iter()
        .map(|one| (one.money.clone(), one.high.clone()))
        .collect();
    let names: Vec<&str> = shares.iter().map(|share| codes[share.funder]).collect();
    let received = to_cents(&money, &paid, &names);
    let total: BigRational = shares.iter().map(|share| whole(share.requested)).sum();
    let reimbursed: Vec<_> = shares
        .iter()
        .map(|share| {
            let asked = whole(share.requested);
            let part = if total == whole(0) {
                asked.clone()
            } else {
                &paid * &asked / &total
            };
            (part, asked)
        })
        .collect();
    let reimbursed = to_cents(&reimbursed, &paid, &names);
    for ((share, eu), back) in shares.iter().zip(received).zip(reimbursed) {
        settled[share.funder] = Settled {
            eu,
            transfer: eu - back,
        };
    }
    settled
}

fn shares(pot: &Pot, eu: &Eu, requested: &[i64]) -> Vec<Share> {
    let eligible = (0..requested.len()).filter(|funder| pot.eligible[*funder]);
    let of = if eu.by_request {
        pot.total(requested)
    } else {
        eu.committed
    };
    let share = |funder: usize| {
        let (asked, own) = (requested[funder], pot.commitments[funder]);
        let high = match eu.cap {
            Some((times, by)) => whole(asked) * part((times, by + times)),
            None => whole(asked),
        };
        let weight = if eu.by_request { asked } else { own };
        Share {
            funder,
            requested: asked,
            low: whole((asked - own).max(0)),
            high,
            weight: part((weight.into(), of.max(1))),
            money: whole(0),
        }
    };
    eligible.map(share).collect()
}

/// Shares `paid` by weight within the bounds: the proportional part first, then one more multiple of the
/// weights (it may be negative) that uses up the rest, and what is left when all with a weight stand at
/// their bounds in proportion to the room.
fn share_out(shares: &mut [Share], paid: &BigRational, eu: &Eu) {
    let proportional = part((eu.proportional(), eu.gap.1)) * paid;
    for share in shares.iter_mut() {
        let start = &proportional * &share.weight;
        share.money = start.clamp(share.low.clone(), share.high.clone());
    }
    let given: BigRational = shares.iter().map(|share| share.money.clone()).sum();
    let rising = given < *paid;
    let mut free: Vec<usize> = (0..shares.len())
        .filter(|place| shares[*place].weight > whole(0))
        .collect();
    loop {
        let rest = paid
            - shares
                .iter()
                .map(|share| share.money.clone())
                .sum::<BigRational>();
        let weights: BigRational = free.iter().map(|place| shares[*place].weight.clone()).sum();
        if rest == whole(0) || weights == whole(0) {
            break;
        }
        let each = rest / weights;
        let bound = |share: &Share| {
            if rising {
                share.high.clone()
            } else {
                share.low.clone()
            }
        };
        let beyond = |place: &usize| {
            let share = &shares[*place];
            let money = &share.money + &each * &share.weight;
            if rising {
                money >= bound(share)
            } else {
                money <= bound(share)
            }
        };
        let (stopped, moving): (Vec<usize>, Vec<usize>) =
            free.iter().partition(|place| beyond(place));
        if stopped.is_empty() {
            for place in moving {
                let more = &each * &shares[place].weight;
                shares[place].money += more;
            }
            break;
        }
        for place in stopped {
            shares[place].money = bound(&shares[place]);
        }
        free = moving;
    }
    let rest = paid
        - shares
            .iter()
            .map(|share| share.money.clone())
            .sum::<BigRational>();
    let room: BigRational = shares.iter().map(|share| &share.high - &share.money).sum();
    if rest > whole(0) && room > whole(0) {
        for share in shares.iter_mut() {
            let more = &rest * (&share.high - &share.money) / &room;
            share.money += more;
        }
    }
}

/// Whole cents that sum to `paid`: the largest remainder first, ties by code, nobody beyond its bound.
fn to_cents(money: &[(BigRational, BigRational)], paid: &BigRational, codes: &[&str]) -> Vec<i64> {
    let mut cents: Vec<BigInt> = money
        .iter()
        .map(|(exact, _)| exact.floor().to_integer())
        .collect();
    let mut order: Vec<usize> = (0..money.len()).collect();
    order.sort_by(|a, b| {
        let remainder = |place: &usize| money[*place].0.fract();
        remainder(b)
            .cmp(&remainder(a))
            .then_with(|| codes[*a].cmp(codes[*b]))
    });
    let mut left = paid.to_integer() - cents.iter().sum::<BigInt>();
    let one = BigInt::from(1);
    while left > BigInt::from(0) {
        let before = left.clone();
        for place in &order {
            let next = &cents[*place] + &one;
            if left > BigInt::from(0) && whole(next.clone()) <= money[*place].1 {
                cents[*place] = next;
                left -= &one;
            }
        }
        if left == before {
            break;
        }
    }
    cents
        .iter()
        .map(|cent| i64::try_from(cent).unwrap_or(i64::MAX))
        .collect()
}
