//! Gaps in the list of a co-funded call: what they cost, who makes them, and what is said of it.

use kernel::{Amount, Currency};

use super::cofunded::{EARNED, PLANNED, cofunded};
use super::scene::thousand;
use crate::{
    Before, Overrides, SelectionInput, SelectionState, eu_lost_to_gaps, explain, select,
    without_ranking,
};

/// All gap-filling, and P02 asks also a funder that has nothing.
fn with_a_gap() -> SelectionInput {
    let mut input = cofunded(EARNED, "1");
    let mut nothing = input.funders[0].clone();
    nothing.code = "EE".to_owned();
    nothing.commitment = Amount::ZERO;
    nothing.eu_eligible = false;
    input.funders.push(nothing);
    let p02 = &mut input.proposals[1];
    p02.requests.insert("EE".to_owned(), thousand(100));
    input
}

#[test]
fn what_is_kept_below_a_gap_loses_the_money_as_anything_there() {
    let mut input = with_a_gap();
    let all = input.proposals.iter().map(|one| one.code.clone());
    let funded: Vec<String> = all.filter(|code| code != "P02").collect();
    // Of 33 % of 9,300 only the 33 % of the 1,000 of P01 are earned.
    assert_eq!(eu_lost_to_gaps(&input, &funded).unwrap(), thousand(2739));
    assert_eq!(select(&input).unwrap().selected, ["P01"]);
    input.kept = funded[..8].to_vec();
    assert_eq!(input.kept[7], "P09");
    assert_eq!(eu_lost_to_gaps(&input, &funded).unwrap(), thousand(2739));
    let what_if = without_ranking(&input, 5.0).unwrap();
    assert_eq!(what_if.would_fund, funded);
    assert_eq!(what_if.eu_contribution, thousand(3069));
    assert_eq!(what_if.eu_lost_to_gaps, thousand(2739));
}

/// P01 to P09 are final, DD defaults: all that asks it falls, and nothing of it comes back by the EU's money.
#[test]
fn who_defaults_gets_no_line_that_the_eu_alone_would_pay() {
    let input = cofunded(EARNED, "1");
    let result = select(&input).unwrap();
    assert_eq!(result.selected.len(), 9);
    let gone = ["DD".to_owned()];
    let before = Before {
        state: SelectionState::Final,
        input: &input,
        result: &result,
        refused: false,
        defaulted: &gone,
    };
    let mut now = input.clone();
    now.funders[3].commitment = Amount::ZERO;
    now.kept = before.kept(&now);
    assert_eq!(now.kept, ["P05", "P06", "P08", "P09"]);
    // As one that still has a part in the EU's money it would have to sign for the same projects again.
    assert!(select(&now).unwrap().funders[3].requested > Amount::ZERO);
    now.funders[3].eu_eligible = false;
    let amended = select(&now).unwrap();
    assert_eq!(amended.selected, now.kept);
    assert_eq!(amended.funders[3].requested, Amount::ZERO);

    // P01 stands above all of it, so nothing of what the EU would pay is earned.
    let lost = Overrides::default().eu_lost(&now, &amended).unwrap();
    assert_eq!(amended.eu_contribution, thousand(1386));
    assert_eq!(lost, thousand(1386));
    let said = explain::eu_lost(lost, input.currency).unwrap();
    assert!(
        said.starts_with("Of what the EU pays 1386000.00 EUR would be lost"),
        "{said}"
    );
    assert_eq!(explain::eu_lost(Amount::ZERO, input.currency), None);
    let none = Overrides::default().eu_lost(&input, &result).unwrap();
    assert_eq!(none, Amount::ZERO);
}

/// CC is first asked by P02: without it P01 alone is funded, and the others' weights are theirs.
#[test]
fn who_left_is_no_base_of_what_the_eu_pays() {
    let mut input = cofunded(EARNED, "1");
    input.funders[2].commitment = Amount::ZERO;
    assert!(select(&input).unwrap().selected.len() > 1);
    input.funders[2].eu_eligible = false;
    let without = select(&input).unwrap();
    assert_eq!(without.selected, ["P01"]);
    assert_eq!(without.eu_contribution, thousand(330));
    assert_eq!(without.funders[2].requested, Amount::ZERO);
}

/// In the worked case nobody takes the money that P09 would need: the raise at DD makes CC's part smaller.
#[test]
fn of_money_that_would_not_be_enough_nothing_false_is_said() {
    let mut input = cofunded(PLANNED, "0");
    let answer = select(&input).unwrap();
    let p09 = answer
        .not_funded
        .iter()
        .find(|one| one.code == "P09")
        .unwrap();
    let more = p09.additional_national.clone().unwrap();
    assert!(!more.confirmed);
    assert_eq!(more.amount, thousand(600));
    assert_eq!(more.at.join(" "), "CC DD");
    for (code, part) in more.at.iter().zip(&more.parts) {
        let mut all = input.funders.iter_mut();
        let funder = all.find(|one| one.code == *code).unwrap();
        funder.commitment.0 += part.0;
    }
    let again = select(&input).unwrap().selected;
    assert_eq!(again.last().map(String::as_str), Some("P08"));

    let said = explain::proposal(p09, Currency::EUR);
    assert!(
        said.contains("would be needed at least, and may not be enough"),
        "{said}"
    );
    let shrink = "or the others' parts of the EU's money shrink";
    assert!(said.contains(shrink), "{said}");
    let mut outlook = crate::outlook(&answer);
    if let Some(next) = &mut outlook.one_more {
        next.additional.confirmed = false;
    }
    let said = explain::outlook(&outlook, Currency::EUR);
    assert!(said[0].contains(", which may not be enough: "), "{said:?}");
}

#[test]
fn the_engine_is_named_with_its_version() {
    let version = crate::ENGINE.strip_prefix("commitment ").unwrap();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}
