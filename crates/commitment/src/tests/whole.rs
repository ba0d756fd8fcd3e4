//! What is said of the whole: one more project, the bottleneck, the grid, the optimum without the rule.

use call::RankingRule;
use kernel::{Amount, Currency};
use proptest::prelude::*;

use super::cofunded::{EARNED, PLANNED, cofunded};
use super::instance::{self, cases};
use super::scene::{thousand, w2};
use crate::{
    Fraction, Raise, SelectionInput, eu_lost_to_gaps, explain, outlook, select, sensitivity,
    without_ranking,
};

fn fraction(text: &str) -> Fraction {
    text.parse().unwrap()
}

fn everybody(by: &str) -> Raise {
    Raise {
        funder: None,
        by: fraction(by),
    }
}

#[test]
fn one_more_project_has_its_price_and_the_bottleneck_a_name() {
    let answer = select(&cofunded(EARNED, "1")).unwrap();
    let said = explain::outlook(&outlook(&answer), Currency::EUR);
    assert_eq!(
        said,
        [
            "One more project costs 300000.00 EUR of additional national money, at AA: P10.",
            "The bottleneck is AA: it lacks money for 1 of the proposals that are not funded, for 0 of them alone.",
        ]
    );
    let answer = select(&w2(RankingRule::WithGaps)).unwrap();
    let outlook = outlook(&answer);
    let bottleneck = outlook.bottleneck.unwrap();
    assert_eq!((bottleneck.funder.as_str(), bottleneck.blocks), ("DD", 3));
    assert_eq!(outlook.unspent, thousand(680 + 310 + 440 + 70));
}

#[test]
fn the_answer_of_a_cofunded_call_reads_as_sentences() {
    let answer = select(&cofunded(EARNED, "1")).unwrap();
    let lines = explain::selection(&answer, Currency::EUR);
    assert_eq!(
        lines[1],
        "The EU pays 3102000.00 EUR. A part of 1 of what the projects earn fills gaps, of which the funders need 2700000.00 EUR; the rest is shared in proportion to the funders' commitments."
    );
    assert_eq!(
        lines[2],
        "AA pays 2519200.00 EUR and has 880800.00 EUR of the EU's, and passes on 241200.00 EUR of its reimbursement; 160800.00 EUR are left."
    );
    assert!(lines[6].starts_with(
        "P10 is not funded: the gap-filling money does not reach for what its funders lack. AA lacks 1220000.00 EUR and BB lacks 790000.00 EUR. 300000.00 EUR more national money, at AA, would fund it."
    ), "{}", lines[6]);
    let table = explain::table(&answer);
    assert_eq!(
        table[0],
        "Funder   requested         EU    national    transfer       left"
    );
    assert_eq!(
        table[4],
        "DD      1500000.00  870200.00   629800.00   375200.00   40200.00"
    );
}

#[test]
fn a_grid_shows_what_another_share_or_more_money_changes() {
    let input = cofunded(PLANNED, "0");
    let raise = Raise {
        funder: Some("DD".to_owned()),
        by: fraction("0.5"),
    };
    let shares = ["0", "1"].map(fraction);
    let points = sensitivity(&input, &shares, &[everybody("0"), raise]).unwrap();
    let projects: Vec<u32> = points.iter().map(|point| point.projects).collect();
    assert_eq!(projects, [3, 6, 9, 10]);
    assert!(points[0].gained.is_empty() && points[0].lost.is_empty());
    assert_eq!(points[1].gained, ["P04", "P05", "P06"]);
    assert_eq!(
        explain::point(&points[1]),
        "With a gap share of 0 and 0.5 more of DD: 6 projects; gained: P04, P05 and P06."
    );
    let unknown = Raise {
        funder: Some("ZZ".to_owned()),
        by: fraction("-1"),
    };
    let faults = sensitivity(&input, &[fraction("1.5")], &[unknown]).unwrap_err();
    let places: Vec<&str> = faults
        .0
        .iter()
        .map(|fault| fault.pointer.as_str())
        .collect();
    assert_eq!(
        places,
        ["/raises/0/funder", "/raises/0/by", "/gap_shares/0"]
    );
    let virtual_pot = w2(RankingRule::Binding);
    assert!(sensitivity(&virtual_pot, &[fraction("1")], &[everybody("0")]).is_err());
    assert_eq!(
        sensitivity(&virtual_pot, &[], &[everybody("0.5")])
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn the_price_of_the_ranking_rule_is_five_projects() {
    let input = cofunded(PLANNED, "0");
    let what_if = without_ranking(&input, 5.0).unwrap();
    assert_eq!(what_if.would_fund.len(), 8);
    assert!(what_if.proven && what_if.bound == 8 && what_if.more_projects == 5);
    let said = explain::what_if(&what_if, Currency::EUR);
    assert!(said.starts_with(
        "Only what if, and never a selection: without the ranking rule 8 projects could be paid (5 more), and no more can."
    ), "{said}");
}

/// EU money is earned only above the gap: of P01, P02 and P05 the last earns nothing.
#[test]
fn a_gap_costs_what_is_below_it() {
    let input = cofunded(EARNED, "1");
    let funded = ["P01", "P02", "P05"].map(str::to_owned);
    assert_eq!(eu_lost_to_gaps(&input, &funded).unwrap(), thousand(330));
    assert_eq!(eu_lost_to_gaps(&input, &funded[..2]).unwrap(), Amount::ZERO);
}

/// The largest payable set of all, by trying every one.
fn largest(input: &SelectionInput) -> usize {
    let mut one_group = input.clone();
    for one in &mut one_group.proposals {
        one.score = call::Score(100);
    }
    select(&one_group).unwrap().selected.len()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_optimum_is_the_largest_payable_set(input in instance::cofunded()) {
        let what_if = without_ranking(&input, 5.0).unwrap();
        prop_assert!(what_if.proven);
        prop_assert_eq!(what_if.would_fund.len(), largest(&input));
    }

    #[test]
    fn a_point_of_the_grid_is_the_selection_there(input in instance::cofunded(), share in 0i64..=4, by in 0i64..=3) {
        let share = Fraction(share * 250_000);
        let by = Fraction(by * 300_000);
        let point = sensitivity(&input, &[share], &[Raise { funder: None, by }]).unwrap().remove(0);
        let mut varied = input.clone();
        varied.gap_share = Some(share);
        for funder in &mut varied.funders {
            funder.commitment.0 += funder.commitment.0 * by.0 / 1_000_000;
        }
        let there = select(&varied).unwrap();
        prop_assert_eq!(point.projects as usize, there.selected.len());
        let here = select(&input).unwrap().selected;
        let gained: Vec<String> = there.selected.iter().filter(|code| !here.contains(code)).cloned().collect();
        prop_assert_eq!(point.gained, gained);
    }
}
