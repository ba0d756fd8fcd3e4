//! Equally good selections, and the call's criteria.

use std::collections::BTreeMap;

use call::{RankingRule, Score, TieBreak};

use super::scene::{proposal, thousand, w2};
use crate::{SelectionInput, offline, select, select_by};

/// Two of P1, P2 and P3 can be paid, and one of P4 and P5 below.
fn tied(rule: RankingRule) -> SelectionInput {
    let mut input = w2(rule);
    for (funder, amount) in input.funders.iter_mut().zip([500, 300, 300, 0]) {
        funder.commitment = thousand(amount);
    }
    input.proposals = vec![
        proposal("P1", 1400, &[("AA", 200)]),
        proposal("P2", 1400, &[("AA", 200), ("BB", 100)]),
        proposal("P3", 1400, &[("AA", 200), ("CC", 200)]),
        proposal("P4", 1300, &[("AA", 100), ("BB", 200)]),
        proposal("P5", 1300, &[("AA", 100), ("CC", 200)]),
    ];
    input
}

fn scores(first: [i32; 5], second: [i32; 5]) -> BTreeMap<String, [Score; 2]> {
    let codes = ["P1", "P2", "P3", "P4", "P5"];
    let both = first.into_iter().zip(second);
    let all = codes.into_iter().zip(both);
    all.map(|(code, (first, second))| (code.to_owned(), [Score(first), Score(second)]))
        .collect()
}

fn by(
    rule: RankingRule,
    criteria: &[TieBreak],
    scores: &BTreeMap<String, [Score; 2]>,
) -> Vec<String> {
    let (input, selection) = select_by(tied(rule), criteria, scores).unwrap();
    // Whoever selects from the input comes to the same, also from a file.
    assert_eq!(select(&input).unwrap(), selection);
    let read = offline::read(&serde_json::to_string(&input).unwrap()).unwrap();
    assert_eq!(select(&read).unwrap(), selection);
    let sheets = offline::workbook(&input, &selection);
    let read = offline::read_sheets(&sheets).unwrap();
    assert_eq!(select(&read).unwrap(), selection);
    selection.selected
}

#[test]
fn the_criteria_of_the_call_come_before_the_alphabet() {
    use TieBreak::*;
    let gaps = RankingRule::WithGaps;
    let equal = scores([400; 5], [400; 5]);
    assert_eq!(by(gaps, &[], &equal), ["P1", "P2", "P4"]);
    assert_eq!(
        by(gaps, &[FirstCriterion, SecondCriterion], &equal),
        ["P1", "P2", "P4"]
    );
    let first = scores([300, 400, 450, 400, 450], [450, 400, 300, 300, 300]);
    assert_eq!(by(gaps, &[FirstCriterion], &first), ["P2", "P3", "P4"]);
    assert_eq!(by(gaps, &[SecondCriterion], &first), ["P1", "P2", "P4"]);
    let later = scores([400; 5], [300, 400, 450, 400, 450]);
    assert_eq!(
        by(gaps, &[FirstCriterion, SecondCriterion], &later),
        ["P2", "P3", "P4"]
    );
    // P3 draws on CC, which would keep all of its 300.
    assert_eq!(by(gaps, &[UnderSpentFunder], &equal), ["P1", "P3", "P4"]);
}

#[test]
fn a_binding_ranking_has_one_edge_to_choose_at() {
    let equal = scores([400; 5], [400, 300, 400, 400, 400]);
    let binding = RankingRule::Binding;
    assert_eq!(by(binding, &[], &equal), ["P1", "P2"]);
    assert_eq!(
        by(binding, &[TieBreak::SecondCriterion], &equal),
        ["P1", "P3"]
    );
}
