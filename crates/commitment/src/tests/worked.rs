//! The worked case without EU money.

use call::RankingRule;
use kernel::{Amount, Currency};

use super::scene::{proposal, thousand, w2};
use crate::{AdditionalNational, Rating, Reason, Shortfall, explain, select};

#[test]
fn with_gaps_the_walk_goes_on_below_what_cannot_be_paid() {
    let answer = select(&w2(RankingRule::WithGaps)).unwrap();
    assert_eq!(answer.selected, ["P01", "P02", "P05", "P06", "P08"]);
    assert!(answer.ties.is_empty());
    let p03 = &answer.not_funded[0];
    assert_eq!((p03.code.as_str(), p03.reason), ("P03", Reason::Funder));
    assert_eq!(
        p03.blocked_by,
        [Shortfall {
            funder: "DD".into(),
            shortfall: thousand(230)
        }]
    );
    // Beside all that is selected BB has 310 left and P03 asks 400 of it: DD alone would not do.
    let beside_all = AdditionalNational {
        amount: thousand(320),
        at: vec!["BB".into(), "DD".into()],
        parts: vec![thousand(90), thousand(230)],
        confirmed: true,
    };
    assert_eq!(p03.additional_national.as_ref(), Some(&beside_all));
    assert_eq!(answer.funders[3].left, thousand(70));
    assert_eq!(answer.funders[0].national, thousand(2000));
}

#[test]
fn a_binding_ranking_ends_at_the_first_that_cannot_be_paid() {
    let answer = select(&w2(RankingRule::Binding)).unwrap();
    assert_eq!(answer.selected, ["P01", "P02"]);
    assert_eq!(answer.equally_good, [["P01", "P02"]]);
    let reasons: Vec<Reason> = answer.not_funded.iter().map(|one| one.reason).collect();
    assert_eq!(reasons[0], Reason::Funder);
    assert_eq!(reasons[1..], [Reason::BelowLine; 7]);
    assert!(
        answer
            .not_funded
            .iter()
            .all(|one| one.additional_national.as_ref().unwrap().confirmed)
    );
}

#[test]
fn a_tie_takes_the_most_projects_and_names_the_other_choices() {
    let mut input = w2(RankingRule::Binding);
    input.funders.truncate(1);
    input.funders[0].commitment = thousand(500);
    input.proposals = vec![
        proposal("X1", 1000, &[("AA", 500)]),
        proposal("X3", 1000, &[("AA", 200)]),
        proposal("X2", 1000, &[("AA", 300)]),
        proposal("X4", 1000, &[("AA", 300)]),
    ];
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["X2", "X3"]);
    assert_eq!(answer.equally_good, [["X2", "X3"], ["X3", "X4"]]);
    assert_eq!(answer.ties[0].choices, answer.equally_good);
    assert_eq!(answer.not_funded[0].reason, Reason::Tie);
}

#[test]
fn what_is_not_on_the_list_makes_no_gap() {
    let mut input = w2(RankingRule::Binding);
    input.proposals[2].withdrawn = true;
    input.proposals[3].rating = Rating::NotRecommended;
    let answer = select(&input).unwrap();
    assert_eq!(answer.selected, ["P01", "P02", "P05", "P06"]);
    assert_eq!(answer.not_funded[0].reason, Reason::Withdrawn);
    assert_eq!(answer.not_funded[1].reason, Reason::NotRecommended);
    assert_eq!(answer.not_funded[0].additional_national, None);
}

#[test]
fn nothing_to_fund_is_an_answer() {
    let mut input = w2(RankingRule::WithGaps);
    input.proposals.clear();
    assert!(select(&input).unwrap().selected.is_empty());
    input = w2(RankingRule::Binding);
    input
        .funders
        .iter_mut()
        .for_each(|funder| funder.commitment = Amount::ZERO);
    assert!(select(&input).unwrap().selected.is_empty());
}

#[test]
fn the_answer_reads_as_sentences() {
    let answer = select(&w2(RankingRule::WithGaps)).unwrap();
    let lines = explain::selection(&answer, Currency::EUR);
    assert_eq!(
        lines[0],
        "5 proposals are funded: P01, P02, P05, P06 and P08."
    );
    assert_eq!(lines[1], "AA pays 2000000.00 EUR; 680000.00 EUR are left.");
    assert_eq!(
        lines[5],
        "P03 is not funded: too little was left for it when its turn came. DD lacks 230000.00 EUR. \
         320000.00 EUR more national money, at BB and DD, would fund it."
    );
}
