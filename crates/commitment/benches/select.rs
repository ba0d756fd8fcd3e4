//! The selection down the ranking: 64 proposals by 38 funders, as large as a call of the partnership.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeMap;
use std::hint::black_box;

use commitment::{FunderInput, ProposalInput, Rating, SelectionInput, select};
use criterion::{Criterion, criterion_group, criterion_main};
use kernel::{Amount, Currency};

/// Numbers that look thrown and are the same each time.
fn dice(state: &mut u64, below: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    (*state >> 33) % below
}

fn input(rule: call::RankingRule) -> SelectionInput {
    let mut state = 7;
    let code = |number: u64| format!("F{number:02}");
    let funders = (0..38).map(|number| FunderInput {
        code: code(number),
        commitment: Amount(100_000_000 + 1_000_000 * number.cast_signed()),
    });
    let proposals = (0..64u64).map(|number| {
        let requests: BTreeMap<String, Amount> = (0..5)
            .map(|_| {
                (
                    code(dice(&mut state, 38)),
                    Amount(20_000_000 + dice(&mut state, 9_999_999).cast_signed()),
                )
            })
            .collect();
        ProposalInput {
            code: format!("P{number:02}"),
            score: call::Score(1450 - 50 * i32::try_from(number / 5).unwrap_or_default()),
            rating: Rating::Recommended,
            withdrawn: false,
            requests,
        }
    });
    SelectionInput {
        currency: Currency::EUR,
        ranking_rule: rule,
        funders: funders.collect(),
        proposals: proposals.collect(),
    }
}

fn selection(criterion: &mut Criterion) {
    for rule in [call::RankingRule::WithGaps, call::RankingRule::Binding] {
        let input = input(rule);
        criterion.bench_function(&format!("select 64 x 38 {rule}"), |bencher| {
            bencher.iter(|| select(black_box(&input)));
        });
    }
}

criterion_group!(benches, selection);
criterion_main!(benches);
