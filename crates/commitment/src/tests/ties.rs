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

#[test]
fn with_gaps_each_choice_leads_on_and_all_are_listed() {
    let all = [
        ["P1", "P2", "P4"],
        ["P1", "P2", "P5"],
        ["P1", "P3", "P4"],
        ["P2", "P3", "P4"],
    ];
    let answer = select(&tied(RankingRule::WithGaps)).unwrap();
    assert_eq!(answer.equally_good, all);
    let file = offline::Answer::from(&answer);
    assert_eq!(file.equally_good, all);
    assert!(!file.more_equally_good && file.selected == all[0]);

    // What was chosen comes first, and the others are as good still.
    let mut chosen = tied(RankingRule::WithGaps);
    chosen.chosen = vec!["P2".to_owned(), "P3".to_owned()];
    let answer = select(&chosen).unwrap();
    assert_eq!(answer.equally_good[0], all[3]);
    assert_eq!(answer.equally_good.len(), 4);
}

#[test]
fn that_not_all_are_listed_is_said() {
    // One of two at each of eight totals: 256 ways.
    let mut input = w2(RankingRule::WithGaps);
    input.proposals.clear();
    for total in 0..8 {
        let mut funder = input.funders[0].clone();
        funder.code = format!("F{total}");
        funder.commitment = thousand(100);
        for letter in ["A", "B"] {
            let code = format!("{letter}{total}");
            let requests = [(funder.code.as_str(), 100)];
            input
                .proposals
                .push(proposal(&code, 1000 + total, &requests));
        }
        input.funders.push(funder);
    }
    let answer = select(&input).unwrap();
    assert_eq!((answer.selected.len(), answer.ties.len()), (8, 8));
    assert_eq!(answer.equally_good.len(), crate::WAYS_MAX);
    assert_eq!(answer.equally_good[0], answer.selected);
    let mut once = answer.equally_good.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), crate::WAYS_MAX);
    assert!(offline::Answer::from(&answer).more_equally_good);
    let said = crate::explain::selection(&answer, kernel::Currency::EUR);
    let more = "There may be more equally good selections than the 100 that are listed.";
    assert!(said.iter().any(|line| line == more), "{said:?}");
}
