//! A check of an assignment that trusts nothing of how it was found.

use std::collections::BTreeMap;

use super::layout::Layout;
use super::remainder::Remainder;
use super::{Assignment, Problem};

/// Checks an assignment of the greatest total against its problem, from nothing but the two: that it
/// keeps every rule, that its sums are right, and that no exchange of reviewers would be better. The
/// last is the proof of optimality: prices exist under which no step that is left has a negative
/// reduced cost. The error says what is wrong.
pub fn certificate(problem: &Problem, assignment: &Assignment) -> Result<(), String> {
    let left = residual(problem, assignment)?;
    if assignment.bound != assignment.total || assignment.gap != 0 {
        return Err("the bound is not the total".to_owned());
    }
    let nodes = left.iter().map(|step| step.from.max(step.to) as usize + 1);
    match prices(nodes.max().unwrap_or(0), &left) {
        true => Ok(()),
        false => Err("an exchange of reviewers would be better".to_owned()),
    }
}

/// Checks everything but that the assignment is the best.
pub fn keeps_rules(problem: &Problem, assignment: &Assignment) -> Result<(), String> {
    residual(problem, assignment).map(|_| ())
}

/// A step that could still be taken: one more unit through an arc, or one less.
struct Step {
    from: u32,
    to: u32,
    cost: i64,
}

/// Checks the rules and the sums, and answers what could still be changed.
fn residual(problem: &Problem, assignment: &Assignment) -> Result<Vec<Step>, String> {
    let rest = Remainder::of(problem).map_err(|why| why.to_string())?;
    let grid = &rest.grid;
    let layout = Layout::of(grid);
    let mut sums = vec![0_i64; rest.proposals.len()];
    let mut used: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    let mut kept = 0;
    for pair in &assignment.pairs {
        let may_not = || format!("{} may not review {}", pair.expert, pair.proposal);
        let row = rest.proposals.binary_search(&pair.proposal);
        let column = rest.experts.binary_search(&pair.expert);
        let (Ok(row), Ok(column)) = (row, column) else {
            return Err(may_not());
        };
        let stood = problem.kept.contains(&(pair.proposal, pair.expert));
        if pair.kept != stood || !(stood || rest.is_open(row, column)) {
            return Err(may_not());
        }
        if used.insert((row, column), stood).is_some() {
            return Err(format!("{} is there twice", pair.expert));
        }
        kept += usize::from(stood);
        sums[row] += rest.affinity(row, column);
        if pair.affinity != rest.affinity(row, column) {
            return Err("an affinity is not that of the table".to_owned());
        }
    }
    if kept != problem.kept.len() {
        return Err("a kept pair is missing".to_owned());
    }
    let worst = sums.iter().min().copied().unwrap_or(0);
    let first = sums.iter().position(|sum| *sum == worst);
    let first = first.map(|row| rest.proposals[row]);
    let told = (
        assignment.total,
        assignment.worst,
        assignment.worst_proposal,
    );
    if told != (sums.iter().sum(), worst, first) {
        return Err("the sums are not those of the pairs".to_owned());
    }
    used.retain(|_, stood| !*stood);

    let mut steps = Vec::new();
    let mut arc = |from: u32, to: u32, [least, most]: [u32; 2], flow: u32, what: &str| {
        if flow < least || flow > most {
            return Err(format!("{what} is out of bounds"));
        }
        if flow < most {
            steps.push(Step { from, to, cost: 0 });
        }
        if flow > least {
            steps.push(Step {
                from: to,
                to: from,
                cost: 0,
            });
        }
        Ok(())
    };
    let count = |is: &dyn Fn(usize, usize) -> bool| {
        used.keys()
            .filter(|(row, column)| is(*row, *column))
            .count() as u32
    };
    for (row, need) in grid.need.iter().enumerate() {
        let found = count(&|r, _| r == row);
        if found < *need {
            return Err("a proposal has too few reviewers".to_owned());
        } else if found > *need {
            return Err("a proposal has too many reviewers".to_owned());
        }
    }
    for (column, expert) in rest.experts.iter().enumerate() {
        let limits = [grid.least[column], grid.most[column]];
        let to = match grid.group_load.is_empty() {
            true => 0,
            false => layout.group(grid.group[column] as usize),
        };
        let load = count(&|_, c| c == column);
        arc(
            layout.expert(column),
            to,
            limits,
            load,
            &format!("the load of {expert}"),
        )?;
    }
    for (group, limits) in grid.group_load.iter().enumerate() {
        let load = count(&|_, c| grid.group[c] == group as u32);
        arc(layout.group(group), 0, *limits, load, "a group's load")?;
    }
    for (at, nest) in grid.nests.iter().enumerate() {
        let row = nest.row as usize;
        let found = count(&|r, c| r == row && grid.group[c] == nest.group);
        let limits = [nest.least, nest.most];
        arc(
            layout.row(row),
            layout.nest(at),
            limits,
            found,
            "a proposal's number of a group",
        )?;
    }
    for row in 0..grid.need.len() {
        for column in (0..grid.columns()).filter(|column| rest.is_open(row, *column)) {
            let (from, to) = (layout.tail(grid, row, column), layout.expert(column));
            let value = i64::from(grid.value(row, column));
            steps.push(match used.contains_key(&(row, column)) {
                true => Step {
                    from: to,
                    to: from,
                    cost: value,
                },
                false => Step {
                    from,
                    to,
                    cost: -value,
                },
            });
        }
    }
    Ok(steps)
}

/// Whether there are prices under which no step has a negative reduced cost (Bellman and Ford). There
/// are none exactly where a circle of steps has a negative cost.
fn prices(nodes: usize, steps: &[Step]) -> bool {
    let mut price = vec![0_i64; nodes];
    for _ in 0..=nodes {
        let mut changed = false;
        for step in steps {
            let there = price[step.from as usize] + step.cost;
            if there < price[step.to as usize] {
                price[step.to as usize] = there;
                changed = true;
            }
        }
        if !changed {
            return true;
        }
    }
    false
}
