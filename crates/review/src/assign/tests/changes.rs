//! Assignments that change, are fair, or keep a balance, against what trying everything finds.

use super::oracle::figure;
use super::*;

type Pairs = BTreeSet<(Uuid, Uuid)>;

fn pairs(assignment: &Assignment) -> Pairs {
    let pairs = assignment.pairs.iter();
    pairs.map(|pair| (pair.proposal, pair.expert)).collect()
}

/// All assignments of a problem without kept pairs and partition.
fn everything(problem: &Problem) -> Vec<Pairs> {
    let mut all = vec![Pairs::new()];
    for node in &problem.proposals {
        let open = problem.experts.iter().map(|expert| (node.id, expert.id));
        let open: Vec<_> = open
            .filter(|pair| !problem.forbidden.contains(pair))
            .collect();
        let sets =
            (0_u32..1 << open.len()).filter(|set| set.count_ones() == u32::from(node.reviewers));
        let chosen: Vec<Vec<_>> = sets
            .map(|set| {
                (0..open.len())
                    .filter(|at| set >> at & 1 == 1)
                    .map(|at| open[at])
                    .collect()
            })
            .collect();
        let with = |before: &Pairs| {
            let before = before.clone();
            let more = chosen
                .iter()
                .map(move |more: &Vec<_>| before.iter().chain(more).copied().collect::<Pairs>());
            more.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all.retain(|pairs| {
        problem.experts.iter().all(|node| {
            let load = pairs.iter().filter(|pair| pair.1 == node.id).count() as u16;
            (node.min_load..=node.max_load).contains(&load)
        })
    });
    all
}

fn sums(problem: &Problem, pairs: &Pairs) -> (i64, i64) {
    let mut rows = vec![0; problem.proposals.len()];
    for (p, proposal) in problem.proposals.iter().enumerate() {
        for (e, expert) in problem.experts.iter().enumerate() {
            if pairs.contains(&(proposal.id, expert.id)) {
                rows[p] += problem.affinity[p * problem.experts.len() + e];
            }
        }
    }
    (rows.iter().min().copied().unwrap_or(0), rows.iter().sum())
}

/// Small problems with assignments, and all of these.
fn tiny(dice: &mut Dice) -> (Problem, Vec<Pairs>) {
    loop {
        let mut problem = small(dice);
        problem.partition = None;
        problem.kept.clear();
        problem.proposals.truncate(4);
        problem.experts.truncate(5);
        let size = problem.proposals.len() * problem.experts.len();
        problem.affinity.truncate(size);
        problem.affinity.resize(size, 0);
        let all = everything(&problem);
        if !all.is_empty() {
            return (problem, all);
        }
    }
}

#[test]
fn fewest_changes_come_before_affinity() {
    let mut dice = Dice(11);
    for round in 0..figure(1000) {
        let (problem, all) = tiny(&mut dice);
        let before = all[dice.roll(all.len() as u64) as usize].clone();
        let mut now = problem.clone();
        if let Some(pair) = before.first() {
            now.forbidden.insert(*pair);
        }
        let key = |pairs: &Pairs| (pairs.intersection(&before).count(), sums(&problem, pairs).1);
        let allowed = all.iter().filter(|pairs| pairs.is_disjoint(&now.forbidden));
        let best = allowed.map(key).max();
        let found = reassign(&now, &before);
        assert_eq!(
            found
                .as_ref()
                .ok()
                .map(|found| key(&pairs(&found.assignment))),
            best,
            "round {round}"
        );
        if let Ok(found) = found {
            assert_eq!(found.assignment.gap, 0);
            assert_eq!(found.dropped.len(), found.added.len());
        }
    }
}

#[test]
fn an_expert_who_drops_out_is_replaced() {
    let mut problem = two_by_two();
    problem.experts.push(ExpertNode {
        id: expert(2),
        min_load: 0,
        max_load: 1,
    });
    problem.affinity = vec![9, 8, 0, 7, 1, 0];
    let before = pairs(&assign(&problem).unwrap());
    problem.kept = before.clone();
    let found = replace(&problem, &before, expert(0)).unwrap();
    assert_eq!(found.dropped, [(proposal(1), expert(0))]);
    assert_eq!(found.added, [(proposal(1), expert(2))]);
}

#[test]
fn a_wish_costs_what_the_total_loses() {
    let mut dice = Dice(12);
    for round in 0..figure(500) {
        let (problem, all) = tiny(&mut dice);
        let Some(node) = problem.proposals.first() else {
            continue;
        };
        let pair = (node.id, problem.experts[0].id);
        let best = |wanted: Option<bool>| {
            let fits = all
                .iter()
                .filter(|pairs| wanted.is_none_or(|w| pairs.contains(&pair) == w));
            fits.map(|pairs| sums(&problem, pairs).1).max()
        };
        let whole = best(None).unwrap();
        for (wish, wanted) in [(Manual::Demand, true), (Manual::Forbid, false)] {
            let expected = best(Some(wanted)).map(|total| whole - total);
            assert_eq!(
                cost(&problem, pair, wish),
                Ok(expected),
                "round {round}: {wish:?} {problem:?}"
            );
        }
    }
}

#[test]
fn fair_answers_keep_the_rules_and_their_bounds_hold() {
    let mut dice = Dice(13);
    let (mut floors, mut totals, rounds) = (0, 0, figure(1000));
    for round in 0..rounds {
        let (problem, all) = tiny(&mut dice);
        let found = assign_for(&problem, Objective::Fair).unwrap();
        assert_eq!(
            keeps_rules(&problem, &found),
            Ok(()),
            "round {round}: {problem:?}"
        );
        let best = all.iter().map(|pairs| sums(&problem, pairs)).max().unwrap();
        assert!(
            found.bound >= best.0 && found.worst <= best.0,
            "round {round}: {problem:?}"
        );
        assert_eq!(found.gap, 0, "round {round}: {problem:?}");
        floors += u32::from(found.worst == best.0);
        totals += u32::from((found.worst, found.total) == best);
    }
    println!("of {rounds}: highest floor {floors}, greatest total at it too {totals}");
    // So small grids are gone through to the end.
    assert_eq!((floors, totals), (rounds, rounds));
}

#[test]
fn balances_over_two_partitions_are_kept_at_the_best_total() {
    let mut dice = Dice(14);
    let (mut solved, mut refused) = (0, 0);
    for round in 0..figure(500) {
        let (problem, all) = tiny(&mut dice);
        let set = |dice: &mut Dice| -> BTreeSet<Uuid> {
            problem
                .experts
                .iter()
                .map(|node| node.id)
                .filter(|_| dice.percent(50))
                .collect()
        };
        let balances = [(1, None), (0, Some(1))].map(|(least, most)| Balance {
            name: String::new(),
            members: set(&mut dice),
            per_proposal: Limits { least, most },
        });
        let allowed = |chosen: &Pairs| {
            problem.proposals.iter().all(|node| {
                balances.iter().all(|balance| {
                    let of = |pair: &&(Uuid, Uuid)| {
                        pair.0 == node.id && balance.members.contains(&pair.1)
                    };
                    let count = chosen.iter().filter(of).count() as u16;
                    let limits = balance.per_proposal;
                    count >= limits.least && limits.most.is_none_or(|most| count <= most)
                })
            })
        };
        let best = all
            .iter()
            .filter(|pairs| allowed(pairs))
            .map(|pairs| sums(&problem, pairs).1)
            .max();
        let found = assign_balanced(&problem, &balances).unwrap_or(None);
        assert_eq!(
            found.as_ref().map(|found| found.total),
            best,
            "round {round}: {problem:?} {balances:?}"
        );
        match found {
            Some(found) => {
                assert!(found.bound >= found.total);
                solved += 1;
            }
            None => refused += 1,
        }
    }
    assert!(solved > 5 && refused > 5, "{solved} {refused}");
}
