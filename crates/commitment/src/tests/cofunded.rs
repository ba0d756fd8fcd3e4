//! The worked cases with EU money. The first is published by ERA-LEARN, the others are our reading.

use call::{EuBase, EuShare, RankingRule};
use kernel::Amount;
use rstest::rstest;

use super::scene::{proposal, thousand, w2};
use crate::{Convention, EuInput, FunderInput, Reason, Selection, SelectionInput, select};

pub(super) const PLANNED: Convention = Convention {
    base: EuBase::Planned,
    share: EuShare::ByCommitment,
};
pub(super) const EARNED: Convention = Convention {
    base: EuBase::Earned,
    share: EuShare::ByCommitment,
};
const BY_REQUEST: Convention = Convention {
    base: EuBase::Earned,
    share: EuShare::ByRequest,
};

pub(super) fn cofunded(convention: Convention, gap_share: &str) -> SelectionInput {
    SelectionInput {
        eu: Some(EuInput {
            rate: "0.33".parse().unwrap(),
            ceiling: thousand(3300),
        }),
        convention: Some(convention),
        gap_share: Some(gap_share.parse().unwrap()),
        ..w2(RankingRule::Binding)
    }
}

/// Thousands with one decimal.
fn tenths(amount: i64) -> Amount {
    Amount(amount * 10_000)
}

fn eu(answer: &Selection) -> Vec<Amount> {
    answer.funders.iter().map(|one| one.eu).collect()
}

#[rstest]
#[case(PLANNED)]
#[case(EARNED)]
#[case(BY_REQUEST)]
fn five_funders_of_equal_support_get_a_third_each(#[case] convention: Convention) {
    let codes = ["AA", "BB", "CC", "DD", "EE"];
    let mut input = cofunded(convention, "0");
    input.funders = codes
        .map(|code| FunderInput {
            code: code.to_owned(),
            commitment: thousand(1340),
            eu_eligible: true,
            topics: Default::default(),
        })
        .into();
    input.proposals = vec![proposal("P01", 1000, &codes.map(|code| (code, 2000)))];
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["P01"]);
    assert_eq!(answer.eu_contribution, thousand(3300));
    for funder in &answer.funders {
        assert_eq!(
            (funder.eu, funder.national),
            (thousand(660), thousand(1340))
        );
        assert_eq!((funder.transfer, funder.left), (Amount::ZERO, Amount::ZERO));
    }
}

#[rstest]
#[case(PLANNED, "0", 3)]
#[case(EARNED, "0", 2)]
#[case(PLANNED, "1", 9)]
#[case(EARNED, "1", 9)]
#[case(BY_REQUEST, "1", 9)]
fn the_convention_and_the_gap_share_decide_how_far_the_money_reaches(
    #[case] convention: Convention,
    #[case] gap_share: &str,
    #[case] projects: usize,
) {
    let answer = select(&cofunded(convention, gap_share)).unwrap();
    assert_eq!(answer.selected.len(), projects);
    assert_eq!(answer.equally_good, std::slice::from_ref(&answer.selected));
    assert_eq!(answer.convention, Some(convention));
}

#[test]
fn the_first_that_is_not_funded_is_blocked_by_the_funder_that_runs_out() {
    let answer = select(&cofunded(PLANNED, "0")).unwrap();
    let p04 = &answer.not_funded[0];
    assert_eq!((p04.code.as_str(), p04.reason), ("P04", Reason::Funder));
    // It would need 1,200 of the 1,000 that its commitment and its proportional part make.
    assert_eq!(p04.blocked_by.len(), 1);
    assert_eq!(p04.blocked_by[0].funder, "DD");
    assert_eq!(p04.blocked_by[0].shortfall, thousand(200));
}

#[rstest]
#[case(PLANNED)]
#[case(EARNED)]
#[case(BY_REQUEST)]
fn a_pure_gap_filler_is_short_of_three_hundred_for_the_tenth(#[case] convention: Convention) {
    let answer = select(&cofunded(convention, "1")).unwrap();
    assert_eq!(answer.not_funded.len(), 1);
    let p10 = &answer.not_funded[0];
    assert_eq!((p10.code.as_str(), p10.reason), ("P10", Reason::Gap));
    let blocking: Vec<(&str, Amount)> = p10
        .blocked_by
        .iter()
        .map(|by| (by.funder.as_str(), by.shortfall))
        .collect();
    assert_eq!(blocking, [("AA", thousand(1220)), ("BB", thousand(790))]);
    let more = p10.additional_national.as_ref().unwrap();
    assert_eq!(
        (more.amount, more.at.as_slice()),
        (thousand(300), &["AA".into()][..])
    );
    assert!(more.confirmed);
}

#[test]
fn nine_projects_are_settled_to_the_cent() {
    let answer = select(&cofunded(EARNED, "1")).unwrap();
    assert_eq!(answer.eu_contribution, thousand(3102));
    assert_eq!(answer.gap_need, thousand(2700));
    assert_eq!(eu(&answer), [8808, 5106, 8404, 8702].map(tenths));
    let national: Vec<Amount> = answer.funders.iter().map(|one| one.national).collect();
    assert_eq!(national, [25192, 18894, 12596, 6298].map(tenths));
    let transfers: Vec<Amount> = answer.funders.iter().map(|one| one.transfer).collect();
    assert_eq!(transfers, [-2412, -2814, 1474, 3752].map(tenths));
}

#[test]
fn a_tie_takes_the_most_projects_though_another_choice_spends_more() {
    let mut input = cofunded(EARNED, "1");
    input.proposals.truncate(8);
    input.proposals.extend([
        proposal("X1", 1050, &[("AA", 500), ("BB", 400), ("CC", 500)]),
        proposal("X2", 1050, &[("AA", 300), ("CC", 300)]),
        proposal("X3", 1050, &[("BB", 300), ("DD", 200)]),
        proposal("P12", 1000, &[("AA", 1)]),
    ]);
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected[8..], ["X2", "X3"]);
    assert_eq!(answer.gap_need, thousand(2800));
    assert_eq!(answer.eu_contribution, thousand(3135));
    let reasons: Vec<(&str, Reason)> = answer
        .not_funded
        .iter()
        .map(|one| (one.code.as_str(), one.reason))
        .collect();
    assert_eq!(reasons, [("X1", Reason::Tie), ("P12", Reason::BelowLine)]);
}

/// A funder without EU money lives of its commitment, and its requests earn nothing.
#[test]
fn a_funder_without_eu_money_neither_earns_nor_receives() {
    let mut input = cofunded(EARNED, "1");
    input.funders[3].eu_eligible = false;
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["P01", "P02"]);
    assert_eq!(answer.not_funded[0].reason, Reason::Funder);
    assert_eq!(answer.eu_contribution, thousand(462));
    assert_eq!(
        (answer.funders[3].eu, answer.funders[3].national),
        (Amount::ZERO, thousand(600))
    );
}

/// With c = 1/2 nobody may be asked more than one and a half times its commitment: DD at most 1,005.
#[test]
fn a_cap_binds_whatever_the_others_leave() {
    let mut input = cofunded(EARNED, "1");
    input.cap = Some("0.5".parse().unwrap());
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["P01", "P02", "P03"]);
    let p04 = &answer.not_funded[0];
    assert_eq!(p04.reason, Reason::Cap);
    assert_eq!(p04.blocked_by[0].shortfall, thousand(130));
}

/// The second project cannot be paid beside the first, but the third brings what the EU pays for the
/// second: who stops at the first failure funds one project instead of three.
#[test]
fn a_longer_list_may_be_payable_where_a_shorter_one_is_not() {
    let mut input = cofunded(EARNED, "1");
    for (funder, own) in input.funders.iter_mut().zip([100, 1000, 0, 0]) {
        funder.commitment = thousand(own);
    }
    input.proposals = vec![
        proposal("P1", 1400, &[("AA", 100)]),
        proposal("P2", 1300, &[("AA", 100)]),
        proposal("P3", 1200, &[("BB", 900)]),
    ];
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["P1", "P2", "P3"]);
    input.proposals.pop();
    assert_eq!(select(&input).unwrap().selected, ["P1"]);
}
