//! The assignment of reviewers: 283 proposals with three of 120 experts each, as in the rehearsal.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use review::assign::{ExpertNode, Objective, Problem, ProposalNode, assign};
use review::offline::{Defaults, Files, Tables};
use uuid::Uuid;

fn problem() -> Problem {
    let mut state = 11u64;
    let mut dice = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let proposals: Vec<ProposalNode> = (0..283)
        .map(|number| ProposalNode {
            id: Uuid::from_u128(number),
            reviewers: 3,
        })
        .collect();
    let experts: Vec<ExpertNode> = (0..120)
        .map(|number| ExpertNode {
            id: Uuid::from_u128(1_000 + number),
            min_load: 0,
            max_load: 9,
        })
        .collect();
    let pairs = proposals.len() * experts.len();
    Problem {
        affinity: (0..pairs)
            .map(|_| i64::try_from(dice(6)).unwrap_or_default() * 200_000)
            .collect(),
        proposals,
        experts,
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
        partition: None,
    }
}

fn assignment(criterion: &mut Criterion) {
    let problem = problem();
    criterion.bench_function("assign 283 x 120 x 3", |bencher| {
        bencher.iter(|| assign(black_box(&problem)));
    });
}

fn tables(criterion: &mut Criterion) {
    let problem = problem();
    let mut text = "proposal,reviewer,affinity\n".to_owned();
    for (at, value) in problem.affinity.iter().enumerate() {
        text += &format!("P{},E{},{}\n", at / 120, at % 120, *value as f64 / 1e6);
    }
    let files = Files {
        affinity: &text,
        ..Files::default()
    };
    let defaults = Defaults {
        per_proposal: 3,
        min_load: 0,
        max_load: 9,
    };
    criterion.bench_function("tables 283 x 120 x 3", |bencher| {
        bencher.iter(|| {
            let tables = Tables::read(black_box(files), defaults).ok()?;
            let answer = tables.assign(Objective::Total).ok()?;
            Some(tables.csv(&answer))
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = assignment, tables
}
criterion_main!(benches);
