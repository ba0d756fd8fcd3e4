use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use good_lp::{
    Expression, ResolutionError, Solution, SolverModel, constraint, variable, variables,
};
use uuid::Uuid;

use super::*;

/// Random numbers that are the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    fn percent(&mut self, of: u64) -> bool {
        self.roll(100) < of
    }
}

fn proposal(n: u64) -> Uuid {
    Uuid::from_u64_pair(1, n)
}

fn expert(n: u64) -> Uuid {
    Uuid::from_u64_pair(2, n)
}

fn small(dice: &mut Dice) -> Problem {
    let proposals = 1 + dice.roll(6);
    let experts = 1 + dice.roll(6);
    let reviewers = 1 + dice.roll(3) as u16;
    let conflicts = dice.roll(40);
    let ties = dice.percent(30);
    let mut problem = Problem {
        proposals: (0..proposals)
            .map(|p| ProposalNode {
                id: proposal(p),
                reviewers: if dice.percent(80) {
                    reviewers
                } else {
                    dice.roll(3) as u16
                },
            })
            .collect(),
        experts: (0..experts)
            .map(|e| {
                let min_load = if dice.percent(40) {
                    dice.roll(3) as u16
                } else {
                    0
                };
                let max_load = min_load + dice.roll(5) as u16;
                ExpertNode {
                    id: expert(e),
                    min_load,
                    max_load,
                }
            })
            .collect(),
        affinity: Vec::new(),
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
    };
    for p in 0..proposals {
        for e in 0..experts {
            problem.affinity.push(match dice.roll(4) {
                0 => 0,
                _ if ties => 250_000 * dice.roll(5) as i64,
                _ => dice.roll(1_000_001) as i64,
            });
            let pair = (proposal(p), expert(e));
            if dice.percent(conflicts) {
                problem.forbidden.insert(pair);
            } else if dice.percent(8) {
                problem.kept.insert(pair);
            }
        }
    }
    problem
}

/// The greatest total by the simplex method of another library; `None` where there is no assignment.
fn oracle(problem: &Problem) -> Option<i64> {
    let mut vars = variables!();
    let mut total = Expression::from(0);
    let mut by_proposal = vec![Expression::from(0); problem.proposals.len()];
    let mut by_expert = vec![Expression::from(0); problem.experts.len()];
    for (p, proposal) in problem.proposals.iter().enumerate() {
        for (e, expert) in problem.experts.iter().enumerate() {
            let pair = (proposal.id, expert.id);
            if problem.forbidden.contains(&pair) {
                continue;
            }
            let kept = if problem.kept.contains(&pair) {
                1.0
            } else {
                0.0
            };
            let x = vars.add(variable().min(kept).max(1.0));
            total += x * problem.affinity[p * problem.experts.len() + e] as f64;
            by_proposal[p] += x;
            by_expert[e] += x;
        }
    }
    let mut model = vars.maximise(total.clone()).using(good_lp::microlp);
    for (p, sum) in by_proposal.into_iter().enumerate() {
        let node = &problem.proposals[p];
        let kept = problem.kept.iter().filter(|pair| pair.0 == node.id).count() as u16;
        model = model.with(constraint!(sum == f64::from(node.reviewers.max(kept))));
    }
    for (e, sum) in by_expert.into_iter().enumerate() {
        let node = &problem.experts[e];
        let kept = problem.kept.iter().filter(|pair| pair.1 == node.id).count() as u16;
        model = model.with(constraint!(sum.clone() >= f64::from(node.min_load)));
        model = model.with(constraint!(sum <= f64::from(node.max_load.max(kept))));
    }
    match model.solve() {
        Ok(solution) => Some(solution.eval(&total).round() as i64),
        Err(ResolutionError::Infeasible) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn totals_are_those_of_an_exact_oracle() {
    let mut dice = Dice(2017);
    let (mut solved, mut refused, mut with_kept, mut with_least) = (0, 0, 0, 0);
    for round in 0..600 {
        let problem = small(&mut dice);
        let expected = oracle(&problem);
        match assign(&problem) {
            Ok(found) => {
                assert_eq!(Some(found.total), expected, "round {round}: {problem:?}");
                assert_eq!(certificate(&problem, &found), Ok(()));
                solved += 1;
                with_kept += u32::from(!problem.kept.is_empty());
                with_least += u32::from(problem.experts.iter().any(|e| e.min_load > 0));
            }
            Err(why) => {
                assert_eq!(expected, None, "round {round}: {why} {problem:?}");
                refused += 1;
            }
        }
    }
    println!(
        "{solved} solved, {with_kept} with kept pairs, {with_least} with least loads, {refused} refused"
    );
    assert!(solved >= 200 && refused >= 100 && with_kept >= 50 && with_least >= 50);
}

#[test]
fn each_shortage_is_one_by_counting() {
    let mut dice = Dice(36);
    let (mut proposals, mut experts) = (0, 0);
    for _ in 0..600 {
        let problem = small(&mut dice);
        let Err(why) = assign(&problem) else { continue };
        assert!(!why.shortages.is_empty(), "{problem:?}");
        for shortage in &why.shortages {
            assert!(shortage.room < shortage.needed, "{shortage:?} {problem:?}");
            assert_eq!(
                shortage.room,
                shortage.available.iter().map(|(_, n)| n).sum::<u32>()
            );
            match shortage.side {
                Side::Proposals => proposals += 1,
                Side::Experts => experts += 1,
            }
        }
        assert_eq!(
            why.sentences(|id| id.to_string()).len(),
            why.shortages.len()
        );
    }
    assert!(proposals >= 50 && experts >= 20, "{proposals} {experts}");
}

#[test]
fn the_order_of_the_lists_changes_nothing() {
    let mut dice = Dice(7);
    let mut compared = 0;
    for _ in 0..200 {
        let problem = small(&mut dice);
        let mut turned = problem.clone();
        turned.proposals.reverse();
        turned.experts.reverse();
        turned.affinity.reverse();
        assert_eq!(assign(&problem), assign(&turned));
        compared += usize::from(assign(&problem).is_ok_and(|found| !found.pairs.is_empty()));
    }
    assert!(compared > 50);
}

/// Two proposals and two experts, where the greedy choice of 9 costs the better sum.
fn two_by_two() -> Problem {
    Problem {
        proposals: (0..2)
            .map(|p| ProposalNode {
                id: proposal(p),
                reviewers: 1,
            })
            .collect(),
        experts: (0..2)
            .map(|e| ExpertNode {
                id: expert(e),
                min_load: 0,
                max_load: 1,
            })
            .collect(),
        affinity: vec![9, 8, 7, 1],
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
    }
}

#[test]
fn the_best_sum_is_not_the_best_pair() {
    let found = assign(&two_by_two()).unwrap();
    assert_eq!((found.total, found.worst), (15, 7));
    let pairs: Vec<_> = found
        .pairs
        .iter()
        .map(|pair| (pair.proposal, pair.expert))
        .collect();
    assert_eq!(pairs, [(proposal(0), expert(1)), (proposal(1), expert(0))]);
}

#[test]
fn the_certificate_refuses_what_is_not_best_or_not_allowed() {
    let problem = two_by_two();
    let pair = |p, e, affinity| Pair {
        proposal: proposal(p),
        expert: expert(e),
        affinity,
        kept: false,
    };
    let worse = Assignment {
        pairs: vec![pair(0, 0, 9), pair(1, 1, 1)],
        total: 10,
        worst: 1,
    };
    assert!(
        certificate(&problem, &worse)
            .unwrap_err()
            .contains("better")
    );
    let boasting = Assignment {
        total: 16,
        ..worse.clone()
    };
    assert!(
        certificate(&problem, &boasting)
            .unwrap_err()
            .contains("sums")
    );
    let overloaded = Assignment {
        pairs: vec![pair(0, 0, 9), pair(1, 0, 7)],
        total: 16,
        worst: 7,
    };
    assert!(
        certificate(&problem, &overloaded)
            .unwrap_err()
            .contains("load")
    );
    let missing = Assignment {
        pairs: vec![pair(0, 0, 9)],
        total: 9,
        worst: 0,
    };
    assert!(
        certificate(&problem, &missing)
            .unwrap_err()
            .contains("too few")
    );
    let best = assign(&problem).unwrap();
    let mut conflicted = problem.clone();
    conflicted.forbidden.insert((proposal(0), expert(1)));
    assert!(
        certificate(&conflicted, &best)
            .unwrap_err()
            .contains("may not review")
    );
    let mut standing = problem.clone();
    standing.kept.insert((proposal(0), expert(1)));
    assert!(certificate(&standing, &best).is_err());
}

#[test]
fn a_least_load_is_met_at_a_loss() {
    let mut problem = two_by_two();
    problem.experts[0].max_load = 2;
    assert_eq!(assign(&problem).unwrap().total, 16);
    problem.experts[1].min_load = 1;
    assert_eq!(assign(&problem).unwrap().total, 15);
}

#[test]
fn kept_pairs_stay_where_they_break_a_load_and_nothing_is_added() {
    let mut problem = two_by_two();
    problem
        .kept
        .extend([(proposal(0), expert(0)), (proposal(1), expert(0))]);
    let found = assign(&problem).unwrap();
    assert!(found.pairs.iter().all(|pair| pair.kept));
    assert_eq!(found.total, 16);
}

#[test]
fn a_shortage_names_proposals_experts_and_loads() {
    let mut problem = two_by_two();
    problem.proposals[1].reviewers = 2;
    problem.forbidden.insert((proposal(1), expert(0)));
    let why = assign(&problem).unwrap_err();
    assert_eq!(why.short_proposals(), BTreeSet::from([proposal(1)]));
    let name = |id: Uuid| match id {
        id if id == proposal(1) => "P-2".to_owned(),
        id if id == expert(1) => "Dr Two".to_owned(),
        other => panic!("{other} has no part in it"),
    };
    let sentences = why.sentences(name);
    let [sentence] = sentences.as_slice() else {
        panic!("{sentences:?}")
    };
    assert!(
        sentence.starts_with("P-2: 2 more reviewers needed"),
        "{sentence}"
    );
    assert!(
        sentence.contains("can take 1: Dr Two (1). Missing: 1."),
        "{sentence}"
    );
}

#[test]
fn a_problem_that_denies_itself_is_told_so() {
    let mut problem = two_by_two();
    problem
        .kept
        .extend([(proposal(0), expert(0)), (proposal(0), expert(9))]);
    problem.forbidden.insert((proposal(0), expert(0)));
    problem.experts[1].min_load = 3;
    problem.affinity.pop();
    problem.proposals.push(problem.proposals[0].clone());
    let why = assign(&problem).unwrap_err();
    assert_eq!(why.contradictions.len(), 5);
    assert_eq!(why.sentences(|id| id.to_string()).len(), 5);
}

#[test]
fn nothing_to_assign_is_an_assignment() {
    let empty = Problem {
        proposals: vec![],
        experts: vec![],
        affinity: vec![],
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
    };
    assert_eq!(
        assign(&empty).map(|found| (found.total, found.pairs.len())),
        Ok((0, 0))
    );
}

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
