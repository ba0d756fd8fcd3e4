//! Every legal set of small random calls, tried one by one, against the answer.

use std::collections::{BTreeMap, BTreeSet};

use call::{RankingRule, Score};
use kernel::{Amount, Currency};
use proptest::prelude::*;

use crate::{FunderInput, ProposalInput, Rating, Reason, SelectionInput, select};

/// Whether a set of proposals can be paid.
fn payable(input: &SelectionInput, set: &[&ProposalInput]) -> bool {
    input.funders.iter().all(|funder| {
        let asked = set.iter().filter_map(|one| one.requests.get(&funder.code));
        asked.map(|amount| amount.0).sum::<i64>() <= funder.commitment.0
    })
}

fn subsets<'a>(group: &[&'a ProposalInput]) -> Vec<Vec<&'a ProposalInput>> {
    (0..1usize << group.len())
        .map(|mask| {
            (0..group.len())
                .filter(|i| mask >> i & 1 == 1)
                .map(|i| group[i])
                .collect()
        })
        .collect()
}

fn codes(set: &[&ProposalInput]) -> Vec<String> {
    let mut codes: Vec<String> = set.iter().map(|one| one.code.clone()).collect();
    codes.sort();
    codes
}

fn groups(input: &SelectionInput) -> Vec<Vec<&ProposalInput>> {
    let mut groups: BTreeMap<std::cmp::Reverse<Score>, Vec<&ProposalInput>> = BTreeMap::new();
    for one in &input.proposals {
        if !one.withdrawn && one.rating != Rating::NotRecommended {
            groups
                .entry(std::cmp::Reverse(one.score))
                .or_default()
                .push(one);
        }
    }
    groups.into_values().collect()
}

/// All legal sets of a binding ranking that can be paid with the most projects, by sorted codes.
fn oracle_binding(input: &SelectionInput) -> BTreeSet<Vec<String>> {
    let groups = groups(input);
    let mut payable_sets = BTreeSet::from([Vec::new()]);
    for j in 0..groups.len() {
        for subset in subsets(&groups[j]) {
            let set: Vec<&ProposalInput> = groups[..j]
                .iter()
                .flatten()
                .copied()
                .chain(subset)
                .collect();
            if payable(input, &set) {
                payable_sets.insert(codes(&set));
            }
        }
    }
    let most = payable_sets.iter().map(Vec::len).max().unwrap_or(0);
    payable_sets.retain(|set| set.len() == most);
    payable_sets
}

/// What the walk with gaps funds, and per group the number of equally good choices.
fn oracle_with_gaps(input: &SelectionInput) -> (Vec<String>, Vec<usize>) {
    let mut funded: Vec<&ProposalInput> = Vec::new();
    let mut choices = Vec::new();
    for group in groups(input) {
        let beside = |subset: &Vec<&ProposalInput>| {
            payable(
                input,
                &funded.iter().chain(subset).copied().collect::<Vec<_>>(),
            )
        };
        let mut fitting: Vec<_> = subsets(&group).into_iter().filter(beside).collect();
        let most = fitting.iter().map(Vec::len).max().unwrap_or(0);
        fitting.retain(|subset| subset.len() == most);
        choices.push(fitting.len());
        fitting.sort_by_key(|subset| codes(subset));
        funded.extend(&fitting[0]);
    }
    (codes(&funded), choices)
}

fn instance(rule: RankingRule) -> impl Strategy<Value = SelectionInput> {
    let rating = prop_oneof![
        5 => Just(Rating::Recommended),
        2 => Just(Rating::IfFundsAllow),
        1 => Just(Rating::NotRecommended),
    ];
    let requests = prop::collection::btree_map(0usize..4, 0i64..9, 0..4);
    let one = (0i32..4, rating, prop::bool::weighted(0.1), requests);
    let proposals = prop::collection::vec(one, 0..10);
    (prop::collection::vec(0i64..20, 4), proposals).prop_map(move |(commitments, proposals)| {
        let funder = |index: usize| format!("F{index}");
        let funders = commitments
            .iter()
            .enumerate()
            .map(|(index, cents)| FunderInput {
                code: funder(index),
                commitment: Amount(*cents),
            });
        let count = proposals.len();
        let proposals = proposals.into_iter().enumerate().map(
            |(index, (score, rating, withdrawn, requests))| ProposalInput {
                // Codes run against the order of the input, so that neither can pass for the other.
                code: format!("P{}", count - index),
                score: Score(score * 50),
                rating,
                withdrawn,
                requests: requests
                    .into_iter()
                    .map(|(f, cents)| (funder(f), Amount(cents)))
                    .collect(),
            },
        );
        SelectionInput {
            currency: Currency::EUR,
            ranking_rule: rule,
            funders: funders.collect(),
            proposals: proposals.collect(),
        }
    })
}

fn sorted(mut codes: Vec<String>) -> Vec<String> {
    codes.sort();
    codes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn binding_equals_the_exhaustive_oracle(input in instance(RankingRule::Binding)) {
        let answer = select(&input).unwrap();
        let expected: Vec<Vec<String>> = oracle_binding(&input).into_iter().collect();
        let found: Vec<Vec<String>> = answer.equally_good.iter().cloned().map(sorted).collect();
        prop_assert_eq!(&found, &expected, "in the order of their sorted codes");
        prop_assert_eq!(&answer.selected, &answer.equally_good[0]);
    }

    #[test]
    fn with_gaps_equals_the_exhaustive_oracle(input in instance(RankingRule::WithGaps)) {
        let answer = select(&input).unwrap();
        let (expected, choices) = oracle_with_gaps(&input);
        prop_assert_eq!(sorted(answer.selected.clone()), expected);
        let ties: Vec<usize> = answer.ties.iter().map(|tie| tie.choices.len()).collect();
        prop_assert_eq!(ties, choices.into_iter().filter(|n| *n > 1).collect::<Vec<_>>());
    }

    #[test]
    fn every_proposal_is_funded_or_explained(input in instance(RankingRule::WithGaps), binding: bool) {
        let mut input = input;
        if binding {
            input.ranking_rule = RankingRule::Binding;
        }
        let answer = select(&input).unwrap();
        prop_assert_eq!(answer.selected.len() + answer.not_funded.len(), input.proposals.len());
        for funder in &answer.funders {
            prop_assert!(funder.left >= Amount::ZERO);
        }
        for one in &answer.not_funded {
            let off = matches!(one.reason, Reason::Withdrawn | Reason::NotRecommended);
            prop_assert_eq!(one.blocked_by.is_empty(), off);
            let Some(more) = &one.additional_national else { continue };
            let proposal = input.proposals.iter().find(|p| p.code == one.code).unwrap();
            let mut raised = input.clone();
            let mut sum = 0;
            for (funder, result) in raised.funders.iter_mut().zip(&answer.funders) {
                let asked = proposal.requests.get(&funder.code).map_or(0, |amount| amount.0);
                let lacking = if binding {
                    let by = one.blocked_by.iter().find(|by| by.funder == funder.code);
                    by.map_or(0, |by| by.shortfall.0)
                } else {
                    (asked - result.left.0).max(0)
                };
                prop_assert_eq!(more.at.contains(&funder.code), lacking > 0);
                funder.commitment.0 += lacking;
                sum += lacking;
            }
            prop_assert_eq!(more.amount, Amount(sum));
            prop_assert_eq!(more.confirmed, select(&raised).unwrap().selected.contains(&one.code));
        }
    }
}
