mod balance;
mod changes;
mod fair;
mod oracle;
mod sizes;

use std::collections::BTreeSet;

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
    let conflicts = dice.roll(30);
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
                let max_load = min_load + dice.roll(7) as u16;
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
        partition: None,
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
    if dice.percent(60) {
        problem.partition = Some(partition(dice, experts));
    }
    problem
}

/// Up to three groups with random limits; some experts are in none.
fn partition(dice: &mut Dice, experts: u64) -> Partition {
    let groups = 1 + dice.roll(3);
    let limits = |dice: &mut Dice, most: u64| {
        let least = if dice.percent(8) { 1 } else { 0 };
        Limits {
            least,
            most: dice.percent(40).then(|| 1 + dice.roll(most) as u16),
        }
    };
    let group = |number, dice: &mut Dice| Group {
        name: format!("group {number}"),
        per_proposal: limits(dice, 3),
        load: limits(dice, 9),
    };
    Partition {
        groups: (0..groups).map(|number| group(number, dice)).collect(),
        member: (0..experts)
            .filter_map(|e| {
                let group = dice.roll(groups + 1);
                (group < groups).then_some((expert(e), group as usize))
            })
            .collect(),
    }
}

#[test]
fn each_shortage_is_one_by_counting() {
    let mut dice = Dice(36);
    let (mut proposals, mut experts) = (0, 0);
    for _ in 0..600 {
        let mut problem = small(&mut dice);
        problem.partition = None;
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
            why.shortages.len() + 1
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
        partition: None,
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
        worst_proposal: Some(proposal(1)),
        bound: 10,
        gap: 0,
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
        ..worse.clone()
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
        ..worse.clone()
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
    let [sentence, remedy] = sentences.as_slice() else {
        panic!("{sentences:?}")
    };
    assert_eq!(remedy, "Smallest change: ask for 1 fewer reviewers of P-2.");
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
    problem.affinity[0] = -1;
    let why = assign(&problem).unwrap_err();
    assert_eq!(why.contradictions.len(), 6);
    assert_eq!(why.sentences(|id| id.to_string()).len(), 6);
}

#[test]
fn nothing_to_assign_is_an_assignment() {
    let empty = Problem {
        proposals: vec![],
        experts: vec![],
        affinity: vec![],
        forbidden: BTreeSet::new(),
        kept: BTreeSet::new(),
        partition: None,
    };
    assert_eq!(
        assign(&empty).map(|found| (found.total, found.pairs.len())),
        Ok((0, 0))
    );
}
