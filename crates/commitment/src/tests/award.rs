//! What funders pay by project adds up to the settlement.

use call::RankingRule;
use kernel::Amount;

use super::cofunded::{EARNED, cofunded};
use super::scene::{thousand, w2};
use crate::{Award, awards, select};

#[test]
fn the_parts_add_up_to_the_settlement() {
    let mut input = cofunded(EARNED, "1");
    // Not divisible, so that cents are left over.
    for one in &mut input.proposals {
        for amount in one.requests.values_mut() {
            amount.0 -= 7;
        }
    }
    let selection = select(&input).unwrap();
    assert!(selection.eu_contribution > thousand(3000));
    for funder in &selection.funders {
        let parts = awards(&input, &selection, &funder.funder);
        let sum = |of: fn(&Award) -> Amount| Amount(parts.iter().map(|one| of(one).0).sum());
        assert_eq!(sum(|one| one.requested), funder.requested);
        assert_eq!(sum(|one| one.eu), funder.eu);
        assert_eq!(sum(|one| one.national), funder.national);
        let bounded = |one: &Award| (0..=one.requested.0).contains(&one.eu.0);
        assert!(parts.iter().all(bounded));
    }
}

#[test]
fn without_eu_money_all_is_national() {
    let input = w2(RankingRule::WithGaps);
    let selection = select(&input).unwrap();
    let parts = awards(&input, &selection, "DD");
    let codes: Vec<&str> = parts.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["P01", "P02"]);
    assert!(parts.iter().all(|one| one.national == thousand(300)));
}
