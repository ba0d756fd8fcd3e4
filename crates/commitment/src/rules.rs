//! Faults of the funding rules of an input: what does not go together, and what could not be kept exactly.

use call::{EuBase, EuShare, RankingRule};
use kernel::Faults;

use crate::SelectionInput;
use crate::input::check_amount;

/// The largest product that a decision may form; twelve bits of room for sums of many.
const LARGEST: i128 = i128::MAX >> 12;
/// The largest common denominator of two gap needs that are compared.
const DENOMINATOR: i128 = 1 << 62;

pub(crate) fn check(input: &SelectionInput) -> Faults {
    let mut faults = Faults::default();
    match &input.eu {
        Some(_) => with_eu(input, &mut faults),
        None => {
            let stray = [
                ("/convention", input.convention.is_some()),
                ("/gap_share", input.gap_share.is_some()),
                ("/cap", input.cap.is_some()),
            ];
            for (pointer, given) in stray {
                faults.require(
                    !given,
                    pointer,
                    "eu_missing",
                    "says how EU money is shared, and there is none; give eu, or leave it out",
                );
            }
        }
    }
    faults
}

fn with_eu(input: &SelectionInput, faults: &mut Faults) {
    let Some(eu) = &input.eu else { return };
    faults.require(
        input.ranking_rule == RankingRule::Binding,
        "/ranking_rule",
        "ranking_not_binding",
        "the ranking of a co-funded call binds; write binding, or leave eu out",
    );
    faults.require(
        eu.rate.is_part(),
        "/eu/rate",
        "share",
        format!("the EU pays {} of the support; give 0 to 1", eu.rate),
    );
    check_amount(eu.ceiling, || "/eu/ceiling".to_owned(), faults);
    let gap_share = input.gap_share.unwrap_or_default();
    faults.require(
        gap_share.is_part(),
        "/gap_share",
        "share",
        format!("{gap_share} of the EU money fill gaps; give 0 to 1"),
    );
    match input.convention {
        None => faults.add(
            "/convention",
            "convention_missing",
            "EU money without the convention by which it is shared; give base and share",
        ),
        Some(convention) => faults.require(
            convention.base == EuBase::Earned || convention.share == EuShare::ByCommitment,
            "/convention/share",
            "convention",
            "a planned base goes with by_commitment only: requests are not known when it is planned",
        ),
    }
    let (rate, of) = eu.rate.lowest();
    if let Some(cap) = input.cap {
        let (times, by) = cap.lowest();
        // With less, the eligible funders could not take the money that their projects earn.
        faults.require(
            !eu.rate.is_part() || times * (of - rate) >= rate * by,
            "/cap",
            "cap_too_low",
            format!("{cap} times the national part; give at least rate / (1 - rate)"),
        );
    }
    let sum = |amounts: &mut dyn Iterator<Item = i64>| {
        amounts.fold(0i128, |sum, amount| sum + i128::from(amount.max(0)))
    };
    let committed = sum(&mut input.funders.iter().map(|funder| funder.commitment.0));
    let requests = input.proposals.iter().flat_map(|one| one.requests.values());
    let whole =
        committed + sum(&mut requests.map(|amount| amount.0)) + i128::from(eu.ceiling.0.max(0));
    let denominator = of
        .checked_mul(gap_share.lowest().1)
        .and_then(|product| product.checked_mul(whole.max(1)));
    let exact = denominator.is_some_and(|denominator| {
        denominator <= DENOMINATOR
            && denominator
                .checked_mul(whole.max(1))
                .is_some_and(|product| product <= LARGEST)
    });
    faults.require(
        exact,
        "",
        "amount_too_large",
        "amounts and shares together are finer than can be computed exactly; give shares with fewer decimal places",
    );
}
