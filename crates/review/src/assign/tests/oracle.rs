//! Against the simplex method of another library.

use good_lp::{
    Expression, ResolutionError, Solution, SolverModel, constraint, variable, variables,
};

use super::*;

/// The whole figure under `JTC_TRUST=whole`, a tenth of it otherwise.
#[allow(
    clippy::disallowed_methods,
    reason = "a test run is told by its environment how thorough it is"
)]
pub(super) fn figure(whole: u32) -> u32 {
    match std::env::var("JTC_TRUST").is_ok_and(|value| value == "whole") {
        true => whole,
        false => whole / 10,
    }
}

/// The greatest total by the simplex method of another library; `None` where there is no assignment.
fn oracle(problem: &Problem) -> Option<i64> {
    let mut vars = variables!();
    let mut total = Expression::from(0);
    let mut pairs = Vec::new();
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
            pairs.push((p, e, x));
            by_proposal[p] += x;
            by_expert[e] += x;
        }
    }
    let mut groups: Vec<(Limits, Expression, u16)> = Vec::new();
    if let Some(partition) = &problem.partition {
        for (at, group) in partition.groups.iter().enumerate() {
            let rows = (problem.proposals.iter().enumerate()).map(|(p, _)| p..p + 1);
            let all = std::iter::once(0..problem.proposals.len());
            for (limits, range) in rows
                .map(|row| (group.per_proposal, row))
                .chain(all.map(|all| (group.load, all)))
            {
                let mut sum = Expression::from(0);
                let mut taken = 0;
                for (p, e, x) in &pairs {
                    let id = problem.experts[*e].id;
                    if range.contains(p) && partition.member.get(&id) == Some(&at) {
                        sum += *x;
                        let pair = (problem.proposals[*p].id, id);
                        taken += u16::from(problem.kept.contains(&pair));
                    }
                }
                groups.push((limits, sum, taken));
            }
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
    for (limits, sum, taken) in groups {
        let [least, most] = [limits.least, limits.most.unwrap_or(u16::MAX)];
        model = model.with(constraint!(sum.clone() >= f64::from(least)));
        model = model.with(constraint!(sum <= f64::from(most.max(taken))));
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
    let rounds = figure(2000);
    let (mut solved, mut with_kept, mut with_least, mut with_groups) = (0, 0, 0, 0);
    for round in 0..rounds {
        let problem = small(&mut dice);
        let expected = oracle(&problem);
        match assign(&problem) {
            Ok(found) => {
                assert_eq!(Some(found.total), expected, "round {round}: {problem:?}");
                assert_eq!(
                    certificate(&problem, &found),
                    Ok(()),
                    "round {round}: {problem:?}"
                );
                solved += 1;
                with_kept += u32::from(!problem.kept.is_empty());
                with_least += u32::from(problem.experts.iter().any(|e| e.min_load > 0));
                with_groups += u32::from(problem.partition.is_some());
            }
            Err(why) => assert_eq!(expected, None, "round {round}: {why} {problem:?}"),
        }
    }
    println!(
        "{solved} of {rounds} solved, {with_kept} with kept pairs, {with_least} with least loads, \
         {with_groups} with groups"
    );
    assert!(solved >= rounds / 5 && rounds - solved >= rounds / 10);
    assert!(
        [with_kept, with_least, with_groups]
            .iter()
            .all(|n| *n >= rounds / 20)
    );
}

/// Problems so large that the best pairs of each proposal are not all that an optimum needs.
fn scarce(dice: &mut Dice) -> Grid {
    let (rows, columns) = (12 + dice.roll(10) as usize, 24 + dice.roll(10) as usize);
    let mut affinity = Vec::new();
    for _ in 0..rows {
        for column in 0..columns {
            // All want the same experts, so that the others must be found by pricing.
            let liked = (columns - column) as u64 * 20_000;
            let value = (liked + dice.roll(150_000)) as i32;
            affinity.push(if dice.percent(15) { CLOSED } else { value });
        }
    }
    Grid {
        need: vec![2; rows],
        least: (0..columns).map(|_| dice.roll(2) as u32).collect(),
        most: vec![2; columns],
        affinity,
        ..Grid::default()
    }
}

fn oracle_of(grid: &Grid) -> Option<i64> {
    let rows = 0..grid.need.len() as u64;
    let columns = 0..grid.columns() as u64;
    let node = |column: usize| ExpertNode {
        id: expert(column as u64),
        min_load: grid.least[column] as u16,
        max_load: grid.most[column] as u16,
    };
    let pairs = rows
        .clone()
        .flat_map(|row| columns.clone().map(move |column| (row, column)));
    let closed =
        pairs.filter(|(row, column)| grid.value(*row as usize, *column as usize) == CLOSED);
    oracle(&Problem {
        proposals: rows
            .map(|row| ProposalNode {
                id: proposal(row),
                reviewers: grid.need[row as usize] as u16,
            })
            .collect(),
        experts: (0..grid.columns()).map(node).collect(),
        affinity: grid
            .affinity
            .iter()
            .map(|value| i64::from((*value).max(0)))
            .collect(),
        forbidden: closed
            .map(|(row, column)| (proposal(row), expert(column)))
            .collect(),
        kept: BTreeSet::new(),
        partition: None,
    })
}

#[test]
fn the_best_pairs_alone_are_caught() {
    let mut dice = Dice(2026);
    let (mut caught, rounds) = (0, figure(200));
    for _ in 0..rounds {
        let grid = scarce(&mut dice);
        let expected = oracle_of(&grid);
        assert_eq!(greatest(&grid).map(|found| found.value), expected);
        // The planted bug: the network of the best pairs, never priced.
        let mut unpriced = Network::of(&grid, Aim::default());
        unpriced.simplex.run();
        let found = (unpriced.simplex.helped() == 0).then(|| unpriced.value());
        caught += u32::from(found != expected);
    }
    println!("{caught} of {rounds} caught");
    assert!(caught > rounds / 2);
}

#[test]
fn the_smallest_changes_leave_an_assignment_and_no_smaller_do() {
    let mut dice = Dice(5);
    let mut mended = 0;
    for round in 0..figure(2000) {
        let problem = small(&mut dice);
        let Err(why) = assign(&problem) else { continue };
        assert!(!why.changes.is_empty(), "round {round}: {problem:?}");
        let Some(changed) = changed(&problem, &why.changes) else {
            continue;
        };
        assert!(assign(&changed).is_ok(), "round {round}: {why} {problem:?}");
        mended += 1;
        // One step less leaves none.
        let mut less = why.changes.clone();
        less[0].by -= 1;
        if let Some(still) = self::changed(&problem, &less) {
            assert!(assign(&still).is_err(), "round {round}: {why} {problem:?}");
        }
    }
    assert!(mended >= figure(100), "{mended}");
}

/// The problem after the changes, where they are to loads and reviewers and nothing is kept.
fn changed(problem: &Problem, changes: &[Change]) -> Option<Problem> {
    let mut problem = problem.clone();
    if !problem.kept.is_empty() {
        return None;
    }
    for change in changes {
        let by = change.by as u16;
        let expert = problem
            .experts
            .iter_mut()
            .find(|node| Some(node.id) == change.expert);
        let proposal = problem
            .proposals
            .iter_mut()
            .find(|node| Some(node.id) == change.proposal);
        match (change.limit, expert, proposal) {
            (Limit::GreatestLoad, Some(expert), _) => expert.max_load += by,
            (Limit::LeastLoad, Some(expert), _) => expert.min_load -= by,
            (Limit::Reviewers, _, Some(proposal)) => proposal.reviewers -= by,
            _ => return None,
        }
    }
    Some(problem)
}
