//! Small random calls.

use call::{EuBase, EuShare, RankingRule, Score};
use kernel::{Amount, Currency};
use proptest::prelude::*;

use crate::{Convention, EuInput, Fraction, FunderInput, ProposalInput, Rating, SelectionInput};

/// Two thousand instances when the environment asks for the whole figure, else a tenth.
#[allow(
    clippy::disallowed_methods,
    reason = "a test run is told by its environment how thorough it is"
)]
pub(super) fn cases() -> ProptestConfig {
    let whole = std::env::var("JTC_TRUST").is_ok_and(|value| value == "whole");
    ProptestConfig::with_cases(if whole { 2_500 } else { 200 })
}

type Money = (EuInput, Convention, Fraction, Option<Fraction>);

fn fraction(texts: &'static [&'static str]) -> impl Strategy<Value = Fraction> {
    prop::sample::select(texts).prop_map(|text| text.parse().unwrap())
}

fn money(largest: i64) -> impl Strategy<Value = Money> {
    let conventions = prop::sample::select(vec![
        (EuBase::Planned, EuShare::ByCommitment),
        (EuBase::Earned, EuShare::ByCommitment),
        (EuBase::Earned, EuShare::ByRequest),
    ]);
    // All caps are at least rate / (1 - rate).
    let cap = prop::option::weighted(0.4, fraction(&["0.5", "0.7501", "1", "2"]));
    (
        fraction(&["0.33", "0.3", "0.25", "0.125", "0.3333"]),
        0..largest * 4,
        conventions,
        fraction(&["0", "0.25", "0.4", "0.5", "0.617", "1"]),
        cap,
    )
        .prop_map(|(rate, ceiling, (base, share), gap_share, cap)| {
            let eu = EuInput {
                rate,
                ceiling: Amount(ceiling),
            };
            (eu, Convention { base, share }, gap_share, cap)
        })
}

fn proposals(largest: i64) -> impl Strategy<Value = Vec<ProposalInput>> {
    let rating = prop_oneof![
        6 => Just(Rating::Recommended),
        2 => Just(Rating::IfFundsAllow),
        1 => Just(Rating::NotRecommended),
    ];
    let requests = prop::collection::btree_map(0usize..4, 0..largest, 0..4);
    let one = (0i32..5, rating, prop::bool::weighted(0.1), requests);
    prop::collection::vec(one, 0..11).prop_map(|all| {
        let count = all.len();
        let proposal = |(index, (score, rating, withdrawn, requests)): (
            usize,
            (i32, Rating, bool, std::collections::BTreeMap<usize, i64>),
        )| ProposalInput {
            // Codes run against the order of the input, so that neither can pass for the other.
            code: format!("P{:02}", count - index),
            score: Score(score * 50),
            topic: None,
            rating,
            withdrawn,
            requests: requests
                .into_iter()
                .map(|(funder, cents)| (format!("F{funder}"), Amount(cents)))
                .collect(),
        };
        all.into_iter().enumerate().map(proposal).collect()
    })
}

/// A call with requests below `largest` cents: small ones meet the bounds often, large ones the fractions.
fn sized(rule: RankingRule, with_eu: bool, largest: i64) -> impl Strategy<Value = SelectionInput> {
    let eu = if with_eu {
        money(largest).prop_map(Some).boxed()
    } else {
        Just(None).boxed()
    };
    let funders = prop::collection::vec((0..largest * 3, prop::bool::weighted(0.8)), 4);
    (funders, eu, proposals(largest)).prop_map(move |(funders, money, proposals)| SelectionInput {
        currency: Currency::EUR,
        ranking_rule: rule,
        eu: money.map(|one| one.0),
        convention: money.map(|one| one.1),
        gap_share: money.map(|one| one.2),
        cap: money.and_then(|one| one.3),
        kept: Vec::new(),
        no_more: Default::default(),
        chosen: Vec::new(),
        funders: funders
            .into_iter()
            .enumerate()
            .map(|(index, (cents, eu_eligible))| FunderInput {
                code: format!("F{index}"),
                commitment: Amount(cents),
                eu_eligible,
                topics: Default::default(),
            })
            .collect(),
        proposals,
    })
}

fn any_size(rule: RankingRule, with_eu: bool) -> impl Strategy<Value = SelectionInput> {
    prop_oneof![
        2 => sized(rule, with_eu, 9),
        1 => sized(rule, with_eu, 3),
        2 => sized(rule, with_eu, 100_000),
    ]
}

/// With EU money, a binding ranking.
pub(super) fn cofunded() -> impl Strategy<Value = SelectionInput> {
    any_size(RankingRule::Binding, true)
}

/// Without EU money.
pub(super) fn virtual_pot(rule: RankingRule) -> impl Strategy<Value = SelectionInput> {
    any_size(rule, false)
}
