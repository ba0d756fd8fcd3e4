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

/// Groups beyond what can be proven: the effort is bounded in steps, and what was not looked at is told.
#[test]
fn a_larger_tie_ends_with_its_bound() {
    for count in [24, 40, 60] {
        let items: Vec<Vec<i64>> = (0..count).map(|item| asked(item, 40)).collect();
        let items: Vec<&[i64]> = items.iter().map(Vec::as_slice).collect();
        let sums = (0..40).map(|funder| items.iter().map(|item| item[funder]).sum::<i64>());
        let own: Vec<i64> = sums.map(|sum| sum * 55 / 100).collect();
        let base = vec![0; 40];
        // A thirtieth of those of a selection.
        let mut steps = Steps(STEPS / 30);
        let found = best(&pot(&own), &base, &items, true, &mut steps);
        let size = found.answers[0].len();
        println!(
            "{count}: {size} of at most {}, {} steps left",
            found.bound, steps.0
        );
        assert!(found.bound >= size);
        // Either the bound is reached, or the steps were used up and it says that there may be more.
        assert!(
            found.bound == size || (found.more && steps.0 == 0),
            "{count}"
        );
        for answer in &found.answers {
            assert_eq!(answer.len(), size);
            let asked = |funder: usize| answer.iter().map(|item| items[*item][funder]).sum::<i64>();
            assert!((0..40).all(|funder| asked(funder) <= own[funder]));
        }
        // What is found in another way is never above the bound.
        assert!(greedy(&items, &own) <= found.bound, "{count}");
    }
}

/// What an item asks of five funders, spread like thrown dice.
fn asked(item: u64, funders: usize) -> Vec<i64> {
    let mut state = item * 7_919 + 13;
    let mut sums = vec![0; funders];
    for _ in 0..5 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        sums[(state >> 33) as usize % funders] += 200_000 + (state >> 40) as i64 % 99_999;
    }
    sums
}

/// A set taken greedily, the one that asks least of what is left first.
fn greedy(items: &[&[i64]], own: &[i64]) -> usize {
    let mut left = own.to_vec();
    let mut order: Vec<&&[i64]> = items.iter().collect();
    order.sort_by_key(|item| item.iter().sum::<i64>());
    let mut taken = 0;
    for item in order {
        if item.iter().zip(&left).all(|(asked, left)| asked <= left) {
            left.iter_mut()
                .zip(*item)
                .for_each(|(left, asked)| *left -= asked);
            taken += 1;
        }
    }
    taken
}
