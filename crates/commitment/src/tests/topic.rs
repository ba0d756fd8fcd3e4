//! Topics with money of their own: each is selected by itself, and together they are the call's selection.

use std::collections::BTreeMap;

use call::RankingRule;
use kernel::{Amount, Faults};

use super::scene::{proposal, thousand, w2};
use crate::{
    Fraction, OtherCommitment, Overrides, Raise, SelectionInput, awards, explain, outlook, select,
    sensitivity, without_ranking,
};

/// The worked case with its first five proposals in `care` and the others in `tools`; of DD's money a part is for each,
/// of the others' half.
fn divided(rule: RankingRule) -> SelectionInput {
    let mut input = w2(rule);
    for (place, one) in input.proposals.iter_mut().enumerate() {
        let topic = if place < 5 { "care" } else { "tools" };
        one.topic = Some(topic.to_owned());
    }
    for funder in &mut input.funders {
        let care = match funder.code.as_str() {
            "DD" => thousand(300),
            _ => Amount(funder.commitment.0 / 2),
        };
        funder.topics = BTreeMap::from([
            ("care".to_owned(), care),
            ("tools".to_owned(), Amount(funder.commitment.0 - care.0)),
        ]);
    }
    input
}

fn codes(found: Faults) -> Vec<String> {
    let faults = found.0.into_iter();
    faults
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect()
}

#[test]
fn each_topic_is_selected_on_its_own_list_and_money() {
    for rule in [RankingRule::Binding, RankingRule::WithGaps] {
        let input = divided(rule);
        let whole = select(&input).unwrap();
        let mut selected = Vec::new();
        for ((topic, alone), one) in input.by_topic().into_iter().zip(&whole.topics) {
            assert_eq!(topic, one.topic);
            assert!(alone.topics().is_empty());
            let result = select(&alone).unwrap();
            assert_eq!(result, one.result, "the same as a call of its own");
            selected.extend(result.selected);
        }
        assert_eq!(whole.selected, selected);
        assert_eq!(whole.selected.len() + whole.not_funded.len(), 10);
        for (funder, own) in whole.funders.iter().zip(&input.funders) {
            assert_eq!(funder.national.0 + funder.left.0, own.commitment.0);
            let paid = awards(&input, &whole, &own.code);
            let paid: i64 = paid.iter().map(|one| one.national.0).sum();
            assert_eq!(paid, funder.national.0);
        }
    }
}

/// One of two equals in each topic: four ways in all.
#[test]
fn what_is_equally_good_in_each_topic_is_so_with_one_another() {
    let mut input = divided(RankingRule::WithGaps);
    for funder in &mut input.funders {
        let own = i64::from(funder.code == "AA") * 100;
        for part in funder.topics.values_mut() {
            *part = thousand(own);
        }
        funder.commitment = thousand(2 * own);
    }
    let one = |code: &str, topic: &str| {
        let mut one = proposal(code, 1000, &[("AA", 100)]);
        one.topic = Some(topic.to_owned());
        one
    };
    input.proposals = vec![
        one("P1", "care"),
        one("P2", "care"),
        one("P3", "tools"),
        one("P4", "tools"),
    ];
    let whole = select(&input).unwrap();
    let all = [["P1", "P3"], ["P1", "P4"], ["P2", "P3"], ["P2", "P4"]];
    assert_eq!(whole.equally_good, all);
    assert_eq!(whole.selected, all[0]);
    assert!(!whole.more_equally_good);
}

/// DD has money for one project of `care`, which ends that list; the other goes on to P07, for which CC lacks money.
#[test]
fn a_gap_in_one_topic_stops_no_other() {
    let whole = select(&divided(RankingRule::Binding)).unwrap();
    assert_eq!(whole.topics[0].result.selected, ["P01"]);
    assert_eq!(whole.topics[1].result.selected, ["P06"]);
    assert_eq!(whole.selected, ["P01", "P06"]);
    let told = explain::selection(&whole, kernel::Currency::EUR);
    let blocked = "Topic care: P02 is not funded: too little was left for it when its turn came. DD lacks 300000.00 EUR.";
    assert!(
        told.iter().any(|line| line.starts_with(blocked)),
        "{told:#?}"
    );
}

#[test]
fn what_is_said_of_the_whole_is_said_of_all_topics() {
    let input = divided(RankingRule::Binding);
    let whole = select(&input).unwrap();
    let next = outlook(&whole);
    assert_eq!(next.one_more.unwrap().code, "P07");
    let left: i64 = whole.funders.iter().map(|one| one.left.0).sum();
    assert_eq!(next.unspent.0, left);
    let raise = Raise {
        funder: Some("DD".to_owned()),
        by: Fraction::WHOLE,
    };
    let points = sensitivity(&input, &[], &[raise]).unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].gained[0], "P02");
    assert!(points[0].lost.is_empty());
    let optimum = without_ranking(&input, 1.0).unwrap();
    assert!(optimum.proven);
    assert_eq!(
        optimum.would_fund.len(),
        whole.selected.len() + optimum.more_projects as usize
    );
}

#[test]
fn a_scenario_names_the_topic_that_more_is_committed_to() {
    let input = divided(RankingRule::Binding);
    let other = |topic: Option<&str>| Overrides {
        commitments: vec![OtherCommitment {
            funder: "DD".to_owned(),
            topic: topic.map(str::to_owned),
            amount: thousand(600),
        }],
        ..Overrides::default()
    };
    let applied = other(Some("care")).apply(&input).unwrap();
    assert_eq!(applied.funders[3].commitment, thousand(600 + 370));
    assert_eq!(
        select(&applied).unwrap().topics[0].result.selected,
        ["P01", "P02"]
    );
    for wrong in [None, Some("food")] {
        let found = other(wrong).apply(&input).unwrap_err();
        assert_eq!(codes(found), ["/commitments/0/topic topic_unknown"]);
    }
    let found = other(Some("care"))
        .apply(&w2(RankingRule::Binding))
        .unwrap_err();
    assert_eq!(codes(found), ["/commitments/0/topic topic_unknown"]);
    let found = other(Some("care")).promote(&applied, &input).unwrap_err();
    assert_eq!(
        codes(found),
        ["/overrides/commitments/0/amount not_pledged"]
    );
}

#[test]
fn what_was_decided_stays_in_its_topic() {
    let mut input = divided(RankingRule::Binding);
    input.kept = vec!["P05".to_owned(), "P09".to_owned()];
    let whole = select(&input).unwrap();
    assert_eq!(whole.topics[0].result.selected[0], "P01");
    for code in &input.kept {
        assert!(whole.selected.contains(code));
    }
}

#[test]
fn the_division_is_whole_and_there_is_no_eu_money() {
    let mut input = divided(RankingRule::Binding);
    input.funders[0].topics.insert("care".to_owned(), Amount(1));
    input.funders[1].topics.remove("tools");
    input.proposals.push(proposal("P11", 900, &[]));
    assert_eq!(
        codes(input.check()),
        [
            "/funders/0/topics not_the_sum",
            "/funders/1/topics/tools required",
            "/funders/1/topics not_the_sum",
            "/proposals/10/topic required",
        ]
    );
    let mut input = super::cofunded::cofunded(super::cofunded::EARNED, "1");
    for proposal in &mut input.proposals {
        proposal.topic = Some("care".to_owned());
    }
    for funder in &mut input.funders {
        funder.topics = BTreeMap::from([("care".to_owned(), funder.commitment)]);
    }
    assert_eq!(codes(input.check()), ["/eu topic_money"]);
}
