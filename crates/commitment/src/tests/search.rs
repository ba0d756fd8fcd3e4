//! The search alone.

use kernel::{Amount, Currency};
use proptest::prelude::*;

use crate::edge::{Best, STEPS, best};
use crate::pot::Pot;
use crate::search::{ANSWERS_MAX, Steps};
use crate::{FunderInput, SelectionInput};

/// A pot without EU money.
fn pot(commitments: &[i64]) -> Pot {
    let funder = |(place, own): (usize, &i64)| FunderInput {
        code: format!("F{place:02}"),
        commitment: Amount(*own),
        eu_eligible: true,
        topics: Default::default(),
    };
    Pot::new(&SelectionInput {
        currency: Currency::EUR,
        ranking_rule: call::RankingRule::WithGaps,
        eu: None,
        convention: None,
        gap_share: None,
        cap: None,
        kept: Vec::new(),
        no_more: Default::default(),
        chosen: Vec::new(),
        funders: commitments.iter().enumerate().map(funder).collect(),
        proposals: Vec::new(),
    })
}

fn largest(items: &[&[i64]], commitments: &[i64]) -> Best {
    let base = vec![0; commitments.len()];
    best(&pot(commitments), &base, items, true, &mut Steps(STEPS))
}

#[test]
fn the_largest_subset_is_found_and_all_of_its_size() {
    let items: [&[i64]; 4] = [&[5, 0], &[2, 2], &[3, 1], &[0, 9]];
    let found = largest(&items, &[5, 3]);
    assert_eq!(
        found,
        Best {
            answers: vec![vec![1, 2]],
            more: false,
            bound: 2
        }
    );
    let found = largest(&items[..3], &[4, 3]);
    assert_eq!(found.answers, [vec![1], vec![2]]);
    assert_eq!(largest(&[], &[]).answers, [Vec::<usize>::new()]);
}

#[test]
fn a_tie_of_two_dozen_over_forty_funders_is_proven() {
    let items: Vec<Vec<i64>> = (0..24i64)
        .map(|i| {
            (0..40i64)
                .map(|f| {
                    if (i * 7 + f * 5) % 9 < 2 {
                        100 + i * f % 50
                    } else {
                        0
                    }
                })
                .collect()
        })
        .collect();
    let items: Vec<&[i64]> = items.iter().map(Vec::as_slice).collect();
    let found = largest(&items, &[330; 40]);
    assert_eq!(found.bound, found.answers[0].len());
}

#[test]
fn what_cannot_be_proven_says_so() {
    let items: Vec<Vec<i64>> = (0..300i64)
        .map(|i| vec![1_000 + i * i % 97, 1_100 - i * i % 89])
        .collect();
    let items: Vec<&[i64]> = items.iter().map(Vec::as_slice).collect();
    let found = largest(&items, &[150_000, 150_000]);
    assert!(found.more);
    assert!(found.bound >= found.answers[0].len());
}

/// The largest payable subsets by trying all.
fn exhaustive(items: &[&[i64]], left: &[i64]) -> Vec<Vec<usize>> {
    let mut best = Vec::new();
    let mut size = 0;
    for mask in 0..1usize << items.len() {
        let set: Vec<usize> = (0..items.len())
            .filter(|item| mask >> item & 1 == 1)
            .collect();
        let pays = |f: usize| set.iter().map(|item| items[*item][f]).sum::<i64>() <= left[f];
        if set.len() < size || !(0..left.len()).all(pays) {
            continue;
        }
        if set.len() > size {
            size = set.len();
            best.clear();
        }
        best.push(set);
    }
    best.sort();
    best
}

proptest! {
    #[test]
    fn equals_trying_all(
        items in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0), 0i64..100], 5), 0..12),
        left in prop::collection::vec(0i64..300, 5),
    ) {
        let items: Vec<&[i64]> = items.iter().map(Vec::as_slice).collect();
        let found = largest(&items, &left);
        let expected = exhaustive(&items, &left);
        prop_assert_eq!(found.bound, expected[0].len());
        prop_assert_eq!(found.more, expected.len() > ANSWERS_MAX);
        prop_assert_eq!(&found.answers[..], &expected[..expected.len().min(ANSWERS_MAX)]);
    }
}
