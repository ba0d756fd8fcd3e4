//! Whole calls.

use std::time::{Duration, Instant};

use super::*;

/// A call of the size of the largest: 300 proposals, 120 experts, three reviews each, one pair in ten
/// in conflict. The loads are tight, so that most units have to turn others aside.
fn whole_call(affinity: impl Fn(&mut Dice, u64) -> i64) -> Problem {
    let mut dice = Dice(300);
    let load = |e| ExpertNode {
        id: expert(e),
        min_load: 7,
        max_load: 8,
    };
    let mut problem = Problem {
        proposals: (0..300)
            .map(|p| ProposalNode {
                id: proposal(p),
                reviewers: 3,
            })
            .collect(),
        experts: (0..120).map(load).collect(),
        affinity: (0..36_000)
            .map(|at| affinity(&mut dice, at % 120))
            .collect(),
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
        partition: None,
    };
    for p in 0..300 {
        for e in 0..120 {
            if dice.percent(10) {
                problem.forbidden.insert((proposal(p), expert(e)));
            }
        }
    }
    problem
}

#[test]
fn a_whole_call_is_assigned_in_a_moment() {
    let problems = [
        (
            "shares of keywords",
            whole_call(|dice, _| 50_000 * dice.roll(21) as i64),
        ),
        (
            "no two alike",
            whole_call(|dice, _| dice.roll(1_000_001) as i64),
        ),
        (
            "all want the same",
            whole_call(|dice, e| (8_000 * e + dice.roll(40_000)) as i64),
        ),
        ("nothing known", whole_call(|_, _| 0)),
    ];
    for (shape, problem) in problems {
        let start = Instant::now();
        let found = assign(&problem).unwrap();
        let took = start.elapsed();
        println!(
            "{shape}: total {}, worst {}, {took:?}",
            found.total, found.worst
        );
        assert_eq!(found.pairs.len(), 900);
        assert_eq!(certificate(&problem, &found), Ok(()));
        let limit = if cfg!(debug_assertions) { 3 } else { 1 };
        assert!(took < Duration::from_secs(limit), "{shape}: {took:?}");
    }
}
