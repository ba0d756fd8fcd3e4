//! The formulas of the funding modes as they are written, in fractions: slow, and independent of the engine.

use std::collections::{BTreeMap, BTreeSet};

use call::{EuBase, EuShare, Score};
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::{Fraction, FunderInput, ProposalInput, Rating, SelectionInput};

pub(super) type Set<'a> = Vec<&'a ProposalInput>;

pub(super) fn int(number: i64) -> BigRational {
    BigRational::from_integer(number.into())
}

pub(super) fn exact(fraction: Fraction) -> BigRational {
    BigRational::new(fraction.0.into(), 1_000_000.into())
}

pub(super) fn zero() -> BigRational {
    int(0)
}

/// What a set asks of a funder.
pub(super) fn requested(set: &[&ProposalInput], funder: &FunderInput) -> BigRational {
    let asked = set.iter().filter_map(|one| one.requests.get(&funder.code));
    asked.map(|amount| int(amount.0)).sum()
}

pub(super) fn eligible(input: &SelectionInput) -> impl Iterator<Item = &FunderInput> {
    input
        .funders
        .iter()
        .filter(|funder| input.eu.is_some() && funder.eu_eligible)
}

pub(super) fn total(input: &SelectionInput, set: &[&ProposalInput]) -> BigRational {
    eligible(input).map(|funder| requested(set, funder)).sum()
}

/// EU(S)
pub(super) fn earned(input: &SelectionInput, set: &[&ProposalInput]) -> BigRational {
    let Some(eu) = &input.eu else { return zero() };
    (exact(eu.rate) * total(input, set)).min(int(eu.ceiling.0))
}

/// share_f
pub(super) fn share(
    input: &SelectionInput,
    set: &[&ProposalInput],
    funder: &FunderInput,
) -> BigRational {
    let (part, whole) = match input.convention.unwrap().share {
        EuShare::ByCommitment => (
            int(funder.commitment.0),
            eligible(input).map(|one| int(one.commitment.0)).sum(),
        ),
        EuShare::ByRequest => (requested(set, funder), total(input, set)),
    };
    if whole == zero() {
        zero()
    } else {
        part / whole
    }
}

fn base(input: &SelectionInput, set: &[&ProposalInput]) -> BigRational {
    match input.convention.unwrap().base {
        EuBase::Planned => int(input.eu.unwrap().ceiling.0),
        EuBase::Earned => earned(input, set),
    }
}

pub(super) fn gap_share(input: &SelectionInput) -> BigRational {
    exact(input.gap_share.unwrap_or_default())
}

pub(super) fn proportional(
    input: &SelectionInput,
    set: &[&ProposalInput],
    funder: &FunderInput,
) -> BigRational {
    (int(1) - gap_share(input)) * base(input, set) * share(input, set, funder)
}

/// What all funders need of the gap money, with the proportional parts of `held`.
pub(super) fn need(
    input: &SelectionInput,
    set: &[&ProposalInput],
    held: &SelectionInput,
) -> BigRational {
    let beyond = |funder: &FunderInput| {
        let original = held
            .funders
            .iter()
            .find(|one| one.code == funder.code)
            .unwrap();
        requested(set, funder) - int(funder.commitment.0) - proportional(held, set, original)
    };
    eligible(input)
        .map(|funder| beyond(funder).max(zero()))
        .sum()
}

/// Which rules a set breaks: a funder without EU money, the gap money, what is earned, a cap.
pub(super) fn broken(
    input: &SelectionInput,
    set: &[&ProposalInput],
    held: &SelectionInput,
) -> [bool; 4] {
    let with_eu = |funder: &FunderInput| input.eu.is_some() && funder.eu_eligible;
    let own_money = input
        .funders
        .iter()
        .any(|one| !with_eu(one) && requested(set, one) > int(one.commitment.0));
    if input.eu.is_none() {
        return [own_money, false, false, false];
    }
    let gap = need(input, set, held) > gap_share(input) * base(input, set);
    let beyond = |one: &FunderInput| (requested(set, one) - int(one.commitment.0)).max(zero());
    let lacking: BigRational = eligible(input).map(beyond).sum();
    let planned = input.convention.unwrap().base == EuBase::Planned;
    let unearned = planned && lacking > earned(input, set);
    let capped = input.cap.is_some_and(|cap| {
        let most = |one: &FunderInput| int(one.commitment.0) * (int(1) + exact(cap));
        eligible(input).any(|one| requested(set, one) > most(one))
    });
    [own_money, gap, unearned, capped]
}

pub(super) fn payable(input: &SelectionInput, set: &[&ProposalInput]) -> bool {
    broken(input, set, input) == [false; 4]
}

/// The ranking list as groups of equal score, the best in front.
pub(super) fn groups(input: &SelectionInput) -> Vec<Set<'_>> {
    let mut groups: BTreeMap<std::cmp::Reverse<Score>, Set> = BTreeMap::new();
    for one in &input.proposals {
        if !one.withdrawn && one.rating != Rating::NotRecommended {
            groups
                .entry(std::cmp::Reverse(one.score))
                .or_default()
                .push(one);
        }
    }
    groups.into_values().collect()
}

pub(super) fn subsets<'a>(group: &[&'a ProposalInput]) -> Vec<Set<'a>> {
    let members = |mask: usize| (0..group.len()).filter(move |place| mask >> place & 1 == 1);
    (0..1usize << group.len())
        .map(|mask| members(mask).map(|place| group[place]).collect())
        .collect()
}

pub(super) fn codes(set: &[&ProposalInput]) -> Vec<String> {
    let mut codes: Vec<String> = set.iter().map(|one| one.code.clone()).collect();
    codes.sort();
    codes
}

/// Every legal set of a binding ranking.
pub(super) fn legal(input: &SelectionInput) -> Vec<Set<'_>> {
    let groups = groups(input);
    let mut seen = BTreeSet::new();
    let mut sets = vec![Vec::new()];
    seen.insert(Vec::new());
    for group in 0..groups.len() {
        for subset in subsets(&groups[group]) {
            let set: Set = groups[..group]
                .iter()
                .flatten()
                .copied()
                .chain(subset)
                .collect();
            if seen.insert(codes(&set)) {
                sets.push(set);
            }
        }
    }
    sets
}

/// All legal sets that can be paid with the most projects and then the smallest gap need, by sorted codes.
pub(super) fn binding(input: &SelectionInput) -> Vec<Vec<String>> {
    let mut best: Vec<Vec<String>> = Vec::new();
    let mut best_key = None;
    for set in legal(input).iter().filter(|set| payable(input, set)) {
        let need = if input.eu.is_some() {
            need(input, set, input)
        } else {
            zero()
        };
        let key = (set.len(), -need);
        if best_key.as_ref().is_none_or(|best| key > *best) {
            best.clear();
            best_key = Some(key.clone());
        }
        if Some(key) == best_key {
            best.push(codes(set));
        }
    }
    best.sort();
    best
}

/// EU money and transfers by the settlement rule, per funder of the input in whole cents.
pub(super) fn settlement(input: &SelectionInput, set: &[&ProposalInput]) -> Vec<(i64, i64)> {
    let mut all = vec![(0, 0); input.funders.len()];
    if input.eu.is_none() {
        return all;
    }
    let places: Vec<usize> = (0..all.len())
        .filter(|place| input.funders[*place].eu_eligible)
        .collect();
    let of = |place: &usize| &input.funders[*place];
    let asked: Vec<BigRational> = places
        .iter()
        .map(|place| requested(set, of(place)))
        .collect();
    let low: Vec<BigRational> = places
        .iter()
        .zip(&asked)
        .map(|(place, asked)| (asked - int(of(place).commitment.0)).max(zero()))
        .collect();
    let high: Vec<BigRational> = asked
        .iter()
        .map(|asked| match input.cap {
            Some(cap) => asked * exact(cap) / (int(1) + exact(cap)),
            None => asked.clone(),
        })
        .collect();
    let shares: Vec<BigRational> = places
        .iter()
        .map(|place| share(input, set, of(place)))
        .collect();
    let claimable: BigRational = high.iter().map(BigRational::floor).sum();
    let paid = earned(input, set).floor().min(claimable);
    let clamp =
        |place: usize, money: BigRational| money.clamp(low[place].clone(), high[place].clone());
    let start: Vec<BigRational> = (0..places.len())
        .map(|place| clamp(place, (int(1) - gap_share(input)) * &paid * &shares[place]))
        .collect();
    let at = |k: &BigRational| -> Vec<BigRational> {
        (0..places.len())
            .map(|place| clamp(place, &start[place] + k * &shares[place]))
            .collect()
    };
    // The sum is linear between the values of k at which a funder meets a bound.
    let mut kinks = vec![zero()];
    for place in (0..places.len()).filter(|place| shares[*place] > zero()) {
        kinks.push((&low[place] - &start[place]) / &shares[place]);
        kinks.push((&high[place] - &start[place]) / &shares[place]);
    }
    kinks.sort();
    let sum = |k: &BigRational| at(k).iter().sum::<BigRational>();
    let below = kinks.iter().rev().find(|k| sum(k) <= paid).unwrap();
    let above = kinks.iter().find(|k| sum(k) >= paid).unwrap_or(below);
    let (from, to) = (sum(below), sum(above));
    let k = if from == to {
        below.clone()
    } else {
        below + (above - below) * (&paid - &from) / (to - &from)
    };
    let mut money = at(&k);
    let rest = &paid - money.iter().sum::<BigRational>();
    let room: BigRational = high
        .iter()
        .zip(&money)
        .map(|(high, money)| high - money)
        .sum();
    if rest > zero() {
        for (money, high) in money.iter_mut().zip(&high) {
            *money += &rest * (high - &*money) / &room;
        }
    }
    let total = total(input, set);
    let due: Vec<BigRational> = asked
        .iter()
        .map(|asked| {
            if total == zero() {
                zero()
            } else {
                &paid * asked / &total
            }
        })
        .collect();
    let names: Vec<&str> = places.iter().map(|place| of(place).code.as_str()).collect();
    let eu = cents(&money, &high, &paid, &names);
    let due = cents(&due, &asked, &paid, &names);
    for (place, (eu, due)) in places.iter().zip(eu.into_iter().zip(due)) {
        all[*place] = (eu, eu - due);
    }
    all
}

/// The largest remainder first, ties by code, nobody beyond what it may get.
fn cents(
    money: &[BigRational],
    high: &[BigRational],
    paid: &BigRational,
    codes: &[&str],
) -> Vec<i64> {
    let mut cents: Vec<BigRational> = money.iter().map(BigRational::floor).collect();
    while cents.iter().sum::<BigRational>() < *paid {
        let next = (0..money.len())
            .filter(|place| &cents[*place] + int(1) <= high[*place])
            .max_by(|a, b| {
                let left = |place: &usize| &money[*place] - &cents[*place];
                left(a).cmp(&left(b)).then_with(|| codes[*b].cmp(codes[*a]))
            })
            .unwrap();
        cents[next] += int(1);
    }
    let one = BigInt::from(1);
    assert!(cents.iter().all(|cents| *cents.denom() == one));
    cents
        .iter()
        .map(|cents| i64::try_from(cents.to_integer()).unwrap())
        .collect()
}
