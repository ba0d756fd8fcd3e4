//! Balances against a programme in zeros and ones of another library, which knows pairs and no classes.

use good_lp::{
    Expression, ResolutionError, Solution, SolverModel, constraint, variable, variables,
};

use super::oracle::figure;
use super::*;

/// What a limit is known by.
type Key = (Limit, Option<Uuid>, Option<Uuid>, Option<String>);

/// The sum of some pairs, between two limits.
struct Row {
    pairs: Vec<(usize, usize)>,
    limits: [u32; 2],
    keys: [Key; 2],
}

/// All limits of a problem, each of its own, kept pairs counted.
fn rows(problem: &Problem, balances: &[Balance]) -> Vec<Row> {
    let is_kept = |p: usize, e: usize| {
        let pair = (problem.proposals[p].id, problem.experts[e].id);
        problem.kept.contains(&pair)
    };
    let (every, all) = (0..problem.proposals.len(), 0..problem.experts.len());
    let mut rows = Vec::new();
    let mut add = |ps: &[usize], es: &[usize], [least, most]: [u32; 2], keys| {
        let pairs: Vec<_> = ps
            .iter()
            .flat_map(|p| es.iter().map(|e| (*p, *e)))
            .collect();
        let kept = pairs.iter().filter(|(p, e)| is_kept(*p, *e)).count() as u32;
        rows.push(Row {
            pairs,
            limits: [least, most.max(kept)],
            keys,
        });
    };
    let all: Vec<usize> = all.collect();
    let every: Vec<usize> = every.collect();
    for (p, node) in problem.proposals.iter().enumerate() {
        let kept = all.iter().filter(|e| is_kept(p, **e)).count() as u32;
        let need = u32::from(node.reviewers).max(kept);
        let key = || (Limit::Reviewers, Some(node.id), None, None);
        add(&[p], &all, [need; 2], [key(), key()]);
    }
    for (e, node) in problem.experts.iter().enumerate() {
        let key = |limit| (limit, None, Some(node.id), None);
        let keys = [key(Limit::LeastLoad), key(Limit::GreatestLoad)];
        let limits = [node.min_load, node.max_load].map(u32::from);
        add(&every, &[e], limits, keys);
    }
    let partition = problem.partition.clone().unwrap_or_default();
    let of_group = |at| {
        let member = partition.member.clone();
        let of = problem.experts.iter().enumerate();
        of.filter(move |(_, node)| member.get(&node.id) == Some(&at))
            .map(|(e, _)| e)
            .collect::<Vec<usize>>()
    };
    let groups = partition.groups.iter().enumerate();
    let mut sets: Vec<(String, Vec<usize>, Limits)> = groups
        .clone()
        .map(|(at, group)| (group.name.clone(), of_group(at), group.per_proposal))
        .collect();
    sets.extend(balances.iter().map(|balance| {
        let of = problem.experts.iter().enumerate();
        let of = of.filter(|(_, node)| balance.members.contains(&node.id));
        let members = of.map(|(e, _)| e).collect();
        (balance.name.clone(), members, balance.per_proposal)
    }));
    for (name, members, limits) in sets {
        for p in &every {
            let key = |limit| {
                (
                    limit,
                    Some(problem.proposals[*p].id),
                    None,
                    Some(name.clone()),
                )
            };
            let keys = [key(Limit::LeastInProposal), key(Limit::GreatestInProposal)];
            add(&[*p], &members, limits.less(0), keys);
        }
    }
    for (at, group) in groups {
        let key = |limit| (limit, None, None, Some(group.name.clone()));
        let keys = [key(Limit::LeastOfGroup), key(Limit::GreatestOfGroup)];
        add(&every, &of_group(at), group.load.less(0), keys);
    }
    rows
}

#[derive(Clone, Copy, PartialEq)]
enum Best {
    Total,
    Worst,
    FewestChanges,
}

fn oracle(problem: &Problem, rows: &[Row], best: Best) -> Option<i64> {
    let mut vars = variables!();
    let count = problem.experts.len();
    let mut cell = vec![Expression::default(); problem.affinity.len()];
    for (p, proposal) in problem.proposals.iter().enumerate() {
        for (e, expert) in problem.experts.iter().enumerate() {
            let pair = (proposal.id, expert.id);
            cell[p * count + e] = if problem.kept.contains(&pair) {
                Expression::from(1)
            } else if problem.forbidden.contains(&pair) {
                Expression::from(0)
            } else {
                vars.add(variable().binary()).into()
            };
        }
    }
    let worth = |p: usize| -> Expression {
        let cells = (p * count..(p + 1) * count).map(|at| {
            let value = problem.affinity[at] as f64;
            cell[at].clone() * value
        });
        cells.sum()
    };
    let (mut constraints, mut cost) = (Vec::new(), Expression::default());
    for row in rows {
        let sum: Expression = row
            .pairs
            .iter()
            .map(|(p, e)| cell[p * count + e].clone())
            .sum();
        let (mut low, mut high) = (sum.clone(), sum);
        if best == Best::FewestChanges {
            let less = vars.add(variable().integer().min(0).max(row.limits[0]));
            low += less;
            cost += less;
            if row.keys[0].0 == Limit::Reviewers {
                high += less;
            } else {
                let more = vars.add(variable().integer().min(0).max(100));
                high -= more;
                cost += more;
            }
        }
        constraints.push(constraint!(low >= f64::from(row.limits[0])));
        constraints.push(constraint!(high <= f64::from(row.limits[1])));
    }
    let each = 0..problem.proposals.len();
    let goal: Expression = match best {
        Best::Total => each.map(worth).sum(),
        Best::FewestChanges => -cost,
        Best::Worst => {
            let floor = vars.add(variable().min(0).max(1e7));
            constraints.extend(each.map(|p| constraint!(worth(p) >= floor)));
            floor.into()
        }
    };
    let mut model = vars.maximise(goal.clone()).using(good_lp::microlp);
    for constraint in constraints {
        model = model.with(constraint);
    }
    match model.solve() {
        Ok(solution) => Some(solution.eval(&goal).round() as i64),
        Err(ResolutionError::Infeasible) => None,
        Err(other) => panic!("{other}"),
    }
}

/// Up to three balances that overlap.
fn balances(dice: &mut Dice, problem: &Problem) -> Vec<Balance> {
    let number = 1 + dice.roll(3);
    let balance = |at| {
        let members = problem.experts.iter().filter(|_| dice.percent(50));
        let members = members.map(|node| node.id).collect();
        let least = dice.roll(10).saturating_sub(8) as u16;
        let most = dice.percent(40).then(|| least + dice.roll(3) as u16);
        Balance {
            name: format!("balance {at}"),
            members,
            per_proposal: Limits { least, most },
        }
    };
    (0..number).map(balance).collect()
}

#[test]
fn balances_are_kept_and_totals_those_of_an_exact_oracle() {
    let mut dice = Dice(31);
    let (mut solved, mut fairly, mut reached) = (0, 0, 0);
    for round in 0..figure(2000) {
        let problem = small(&mut dice);
        let balances = balances(&mut dice, &problem);
        let rows = rows(&problem, &balances);
        let told = || format!("round {round}: {problem:?} {balances:?}");
        let expected = oracle(&problem, &rows, Best::Total);
        let Ok(found) = assign_balanced(&problem, &balances) else {
            assert_eq!(expected, None, "{}", told());
            continue;
        };
        let found = found.unwrap_or_else(|| panic!("{}", told()));
        assert_eq!(Some(found.total), expected, "{}", told());
        assert_eq!(found.gap, 0, "{}", told());
        solved += 1;
        if round % 3 > 0 {
            continue;
        }
        let highest = oracle(&problem, &rows, Best::Worst).unwrap();
        let fair = assign_balanced_for(&problem, &balances, Objective::Fair)
            .unwrap()
            .unwrap();
        assert!(
            fair.worst <= highest && highest <= fair.bound,
            "{} {highest} {fair:?}",
            told()
        );
        assert!(
            fair.worst >= found.worst || found.worst == highest,
            "{}",
            told()
        );
        for found in [&found, &fair] {
            assert_eq!(keeps_rules(&problem, found), Ok(()), "{}", told());
            let has = |p: usize, e: usize| {
                let pair = (problem.proposals[p].id, problem.experts[e].id);
                found
                    .pairs
                    .iter()
                    .any(|it| (it.proposal, it.expert) == pair)
            };
            for row in &rows {
                let sum = row.pairs.iter().filter(|(p, e)| has(*p, *e)).count() as u32;
                assert!(sum <= row.limits[1], "{} {:?}", told(), row.keys);
            }
        }
        fairly += 1;
        reached += u32::from(fair.worst == highest);
    }
    println!("{solved} solved, {fairly} of them fairly, the highest floor reached in {reached}");
    assert!(solved >= figure(400), "{solved}");
    assert!(reached * 10 >= fairly * 9, "{reached} of {fairly}");
}

#[test]
fn no_assignment_keeps_the_balances_and_the_changes_are_the_fewest() {
    let mut dice = Dice(32);
    let (mut only_balanced, mut mended, mut caught, mut short) = (0, 0, 0, 0);
    for round in 0..figure(2000) {
        let problem = small(&mut dice);
        let balances = balances(&mut dice, &problem);
        let Err(why) = assign_balanced(&problem, &balances) else {
            continue;
        };
        let told = || format!("round {round}: {why} {problem:?} {balances:?}");
        let mut rows = rows(&problem, &balances);
        assert_eq!(oracle(&problem, &rows, Best::Total), None, "{}", told());
        let fewest = oracle(&problem, &rows, Best::FewestChanges).map(|cost| -cost);
        let all: u32 = why.changes.iter().map(|change| change.by).sum();
        assert_eq!(Some(i64::from(all)), fewest, "{}", told());
        let without = assign(&problem);
        only_balanced += u32::from(without.is_ok());
        // The planted bug: each balance explained alone, as if nothing else took its experts.
        let alone = why
            .shortages
            .iter()
            .map(Shortage::missing)
            .max()
            .unwrap_or(0);
        caught += u32::from(alone != all);
        for shortage in &why.shortages {
            assert!(shortage.missing() > 0, "{}", told());
            if let Some(class) = &shortage.class {
                assert!(why.to_string().contains(&class.name));
                short += 1;
            }
        }
        for change in why.changes.clone() {
            let Change {
                limit,
                proposal,
                expert,
                group,
                by,
            } = change;
            let key = (limit, proposal, expert, group);
            for row in &mut rows {
                if row.keys[0] == key {
                    row.limits[0] -= by;
                }
                if row.keys[1] == key {
                    let up = limit != Limit::Reviewers;
                    row.limits[1] = if up {
                        row.limits[1] + by
                    } else {
                        row.limits[1] - by
                    };
                }
            }
        }
        assert!(oracle(&problem, &rows, Best::Total).is_some(), "{}", told());
        mended += 1;
    }
    println!(
        "{mended} explained, {only_balanced} of them impossible by the balances alone; {short} shortages \
         of a balance or group; the planted bug is caught {caught} times"
    );
    assert!(mended >= figure(400) && only_balanced >= figure(200));
    assert!(short >= figure(100) && caught >= figure(50));
}

#[test]
fn who_is_missing_is_said_in_words() {
    let mut problem = two_by_two();
    problem.forbidden.insert((proposal(1), expert(0)));
    let women = Balance {
        name: "woman".to_owned(),
        members: BTreeSet::from([expert(0)]),
        per_proposal: Limits {
            least: 1,
            most: None,
        },
    };
    let why = assign_balanced(&problem, std::slice::from_ref(&women)).unwrap_err();
    assert_eq!(why.short_proposals(), BTreeSet::from([proposal(1)]));
    let name = |id: Uuid| {
        if id == proposal(1) {
            "P-2".to_owned()
        } else {
            "Dr One".to_owned()
        }
    };
    assert_eq!(
        why.sentences(name),
        [
            "P-2: 1 more reviewers of woman needed, but those without a conflict and with room can take 0: nobody. \
             Missing: 1. Invite experts, raise a load, demand fewer of woman, or ask for fewer reviewers.",
            "Smallest change: demand 1 fewer of woman in P-2.",
        ]
    );
    let none = Limits {
        least: 2,
        most: Some(1),
    };
    let why = assign_balanced(
        &problem,
        &[Balance {
            per_proposal: none,
            ..women
        }],
    )
    .unwrap_err();
    assert_eq!(why.contradictions.len(), 1);
}

/// Two experts in five are women, three in twelve of one country: more pairs than are all looked at.
#[test]
fn a_call_is_balanced_or_told_why_not() {
    let mut dice = Dice(45);
    let each = 0..45;
    let problem = Problem {
        proposals: each
            .clone()
            .map(|p| ProposalNode {
                id: proposal(p),
                reviewers: 3,
            })
            .collect(),
        experts: each
            .clone()
            .map(|e| ExpertNode {
                id: expert(e),
                min_load: 1,
                max_load: 4,
            })
            .collect(),
        affinity: (0..45 * 45).map(|_| dice.roll(1_000_001) as i64).collect(),
        forbidden: each.clone().map(|n| (proposal(n), expert(n))).collect(),
        kept: BTreeSet::new(),
        partition: None,
    };
    let balance = |name: &str, is: &dyn Fn(u64) -> bool, least, most| Balance {
        name: name.to_owned(),
        members: each.clone().filter(|e| is(*e)).map(expert).collect(),
        per_proposal: Limits { least, most },
    };
    let country = balance("DE", &|e| e % 12 < 3, 0, Some(1));
    let women = |least| balance("woman", &|e| e % 5 < 2, least, None);
    let best = assign_balanced(&problem, &[women(1), country.clone()])
        .unwrap()
        .unwrap();
    let fair = [women(1), country.clone()];
    let fair = assign_balanced_for(&problem, &fair, Objective::Fair)
        .unwrap()
        .unwrap();
    println!(
        "total {} of {}, worst {} of {}",
        best.total, best.bound, fair.worst, fair.bound
    );
    assert!(best.gap * 50 < best.total && fair.gap * 20 < fair.worst && fair.worst > best.worst);
    // 18 women take 72 reviews; two in each of 45 proposals are 90.
    let why = assign_balanced(&problem, &[women(2), country]).unwrap_err();
    let by: Vec<u32> = why.changes.iter().map(|change| change.by).collect();
    assert_eq!(by.iter().sum::<u32>(), 18, "{why}");
    let short: Vec<u32> = why.shortages.iter().map(Shortage::missing).collect();
    assert_eq!(short, [18], "{why}");
}
