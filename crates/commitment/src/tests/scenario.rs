//! Scenarios: what they change, and what is wrong with them.

use call::RankingRule;
use kernel::Amount;

use super::cofunded::{EARNED, PLANNED, cofunded};
use super::scene::{thousand, w2};
use crate::{OtherCommitment, Overrides, compare, select};

fn other(funder: &str, amount: i64) -> OtherCommitment {
    OtherCommitment {
        funder: funder.to_owned(),
        topic: None,
        amount: thousand(amount),
    }
}

#[test]
fn a_scenario_changes_what_it_names_and_no_more() {
    let input = cofunded(PLANNED, "0");
    let overrides = Overrides {
        commitments: vec![other("DD", 870)],
        gap_share: Some("1".parse().unwrap()),
        excluded: vec!["P02".to_owned()],
    };
    let applied = overrides.apply(&input).unwrap();
    assert_eq!(applied.funders[3].commitment, thousand(870));
    assert_eq!(applied.funders[..3], input.funders[..3]);
    assert!(applied.proposals[1].withdrawn && !applied.proposals[0].withdrawn);
    let (before, after) = (select(&input).unwrap(), select(&applied).unwrap());
    let side_by_side = compare(&before, &after);
    assert_eq!(side_by_side.both, ["P01", "P03"]);
    assert_eq!(side_by_side.only_a, ["P02"]);
    assert!(side_by_side.only_b.contains(&"P04".to_owned()));
    let dd = &side_by_side.funders[3];
    let national = |one: &Option<crate::FunderResult>| one.as_ref().unwrap().national.0;
    assert_eq!(dd.national_difference.0, national(&dd.b) - national(&dd.a));
}

/// The EU pays nothing for what is funded below a proposal that is left out.
#[test]
fn what_is_left_out_costs_eu_money() {
    let input = cofunded(EARNED, "1");
    let overrides = Overrides {
        excluded: vec!["P02".to_owned()],
        ..Overrides::default()
    };
    let applied = overrides.apply(&input).unwrap();
    let selection = select(&applied).unwrap();
    let lost = overrides.eu_lost(&applied, &selection).unwrap();
    // Only P01 earns: 33 % of 1,000,000.
    assert_eq!(lost, Amount(selection.eu_contribution.0 - thousand(330).0));
    // It is the same for whoever has P02 on the list, and where it was withdrawn there is no gap.
    let whole = Overrides::default().eu_lost(&input, &selection).unwrap();
    let nothing = Overrides::default().eu_lost(&applied, &selection).unwrap();
    assert_eq!((whole, nothing), (lost, Amount::ZERO));
}

#[test]
fn all_faults_are_named_at_once() {
    let overrides = Overrides {
        commitments: vec![other("DD", -1), other("DD", 1), other("ZZ", 1)],
        gap_share: Some("1.5".parse().unwrap()),
        excluded: vec!["P01".to_owned(), "P01".to_owned(), "P99".to_owned()],
    };
    let faults = overrides.apply(&w2(RankingRule::WithGaps)).unwrap_err();
    let found: Vec<(&str, &str)> = faults
        .0
        .iter()
        .map(|one| (one.pointer.as_str(), one.code.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("/commitments/0/amount", "amount_negative"),
            ("/commitments/1/funder", "twice"),
            ("/commitments/2/funder", "funder_unknown"),
            ("/gap_share", "eu_missing"),
            ("/gap_share", "share"),
            ("/excluded/1", "twice"),
            ("/excluded/2", "not_on_the_list"),
        ]
    );
}
