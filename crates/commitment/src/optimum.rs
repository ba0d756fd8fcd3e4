//! The optimum without the ranking rule: a what-if that shows the price of the rule, and never a selection.

use std::collections::HashSet;

use good_lp::{Expression, ProblemVariables, Variable, constraint, variable};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};

use crate::SelectionInput;
use crate::column::Members;
use crate::edge::best;
use crate::list::List;
use crate::pot::{Eu, Pot};
use crate::search::Steps;
use crate::solver::Solver;
use crate::walk::walk;

/// Steps of the exact search before the solver is asked.
const STEPS: u64 = 300_000;

/// What could be funded if the ranking did not matter. It is no selection: nobody may decide by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WhatIf {
    /// Codes of a largest set of listed proposals that can be paid, in ranking order.
    pub would_fund: Vec<String>,
    /// How many more projects that are than the selection has: the price of the ranking rule.
    pub more_projects: u32,
    /// No payable set has more projects than this.
    pub bound: u32,
    /// Whether the bound is reached.
    pub proven: bool,
    /// What the EU would pay if all of the set earned.
    pub eu_contribution: Amount,
    /// What of that the gaps would cost, since EU money is earned only above the first of them.
    pub eu_lost_to_gaps: Amount,
}

/// Looks for the largest payable set whatever its ranks, beside what the input keeps, for at most about `seconds`. That
/// it can be paid is checked exactly; the bound is the exact search's or, where that is better, the solver's (in floating
/// point, with a margin). The solver is microlp, or CBC with the feature `cbc`.
///
/// Faults: those of the input.
pub fn without_ranking(input: &SelectionInput, seconds: f64) -> Result<WhatIf, Faults> {
    without_ranking_by(input, seconds, Steps(STEPS), Solver::default())
}

/// The same by one of the solvers, after so many steps of the exact search.
pub(crate) fn without_ranking_by(
    input: &SelectionInput,
    seconds: f64,
    steps: Steps,
    solver: Solver,
) -> Result<WhatIf, Faults> {
    input.check().or(())?;
    let topics = input.by_topic();
    if topics.is_empty() {
        return Ok(alone(input, seconds, steps, solver));
    }
    let each = f64::from(u32::try_from(topics.len()).unwrap_or(u32::MAX));
    let mut whole = WhatIf {
        proven: true,
        ..WhatIf::default()
    };
    for (_, topic) in topics {
        let one = alone(&topic, seconds / each, Steps(steps.0), solver);
        whole.would_fund.extend(one.would_fund);
        whole.more_projects += one.more_projects;
        whole.bound += one.bound;
        whole.proven &= one.proven;
    }
    Ok(whole)
}

/// The same of one list with one commitment of each funder.
fn alone(input: &SelectionInput, seconds: f64, mut steps: Steps, solver: Solver) -> WhatIf {
    let list = List::new(input);
    let pot = Pot::new(input);
    let selected = walk(&list, &pot).selected();
    // What was decided before stays, and the rest is tried beside it.
    let kept = 0..list.kept;
    let rows: Vec<&[i64]> = (list.kept..list.proposals.len())
        .map(|place| list.row(place))
        .collect();
    let beside = |found: &[usize]| -> Vec<usize> {
        let rest = found.iter().map(|item| item + list.kept);
        kept.clone().chain(rest).collect()
    };
    let base = list.requested(kept.clone());
    let found = best(&pot, &base, &rows, true, &mut steps);
    let mut bound = list.kept + found.bound;
    let mut most = beside(&found.answers.into_iter().next().unwrap_or_default());
    if selected.len() > most.len() {
        most.clone_from(&selected);
    }
    if bound > most.len() {
        let members = Members {
            pot: &pot,
            base: &base,
            items: &rows,
        };
        let start: Vec<usize> = most
            .iter()
            .filter_map(|at| at.checked_sub(list.kept))
            .collect();
        let (set, limit) = solved(&members, &start, bound - list.kept, seconds, solver);
        let set = beside(&set);
        bound = list.kept + limit;
        if set.len() > most.len() && pot.fits(&list.requested(set.iter().copied())) {
            most = set;
        }
    }
    let would_fund = list.codes_by_rank(&most);
    let eu = pot.contribution(&list.requested(most.iter().copied()));
    WhatIf {
        eu_lost_to_gaps: lost(input, &pot, &would_fund),
        would_fund,
        more_projects: u32::try_from(most.len() - selected.len()).unwrap_or(0),
        bound: u32::try_from(bound.max(most.len())).unwrap_or(u32::MAX),
        proven: bound <= most.len(),
        eu_contribution: Amount(eu),
    }
}

/// What EU money a set would lose because proposals on the list above some of it are left out: it is earned
/// only by the projects above the gap. Codes that are not on the list count for nothing.
///
/// Faults: those of the input.
pub fn eu_lost_to_gaps(input: &SelectionInput, funded: &[String]) -> Result<Amount, Faults> {
    input.check().or(())?;
    Ok(lost(input, &Pot::new(input), funded))
}

/// The same of a checked input. Above the gap is what ranks there, whatever was decided before.
fn lost(input: &SelectionInput, pot: &Pot, funded: &[String]) -> Amount {
    if pot.eu.is_none() {
        return Amount::ZERO;
    }
    let list = List::ranked(input);
    let funded: HashSet<&str> = funded.iter().map(String::as_str).collect();
    let set: Vec<usize> = (0..list.proposals.len())
        .filter(|place| funded.contains(list.proposals[*place].code.as_str()))
        .collect();
    let earned = pot.contribution(&list.requested(set.iter().copied()));
    Amount(earned - pot.contribution(&list.requested(above_the_gap(&list, &set))))
}

/// The members, which stand in rising order, down to and including the first group of equals of which one is left out.
fn above_the_gap(list: &List, set: &[usize]) -> Vec<usize> {
    let whole = |range: &&std::ops::Range<usize>| {
        (*range)
            .clone()
            .all(|place| set.binary_search(&place).is_ok())
    };
    let end = list
        .groups
        .iter()
        .find(|range| !whole(range))
        .map_or(list.proposals.len(), |range| range.end);
    set.iter().copied().filter(|place| *place < end).collect()
}

/// Money as the solver sees it, in thousands.
#[allow(
    clippy::cast_precision_loss,
    reason = "what the solver finds is checked exactly"
)]
fn thousands(cents: i128) -> f64 {
    cents as f64 / 100_000.0
}

#[allow(
    clippy::cast_precision_loss,
    reason = "what the solver finds is checked exactly"
)]
fn ratio((numerator, denominator): (i128, i128)) -> f64 {
    numerator as f64 / denominator as f64
}

/// The solver's best set and its bound, starting from a payable set and a bound that is known.
fn solved(
    members: &Members,
    start: &[usize],
    most: usize,
    seconds: f64,
    solver: Solver,
) -> (Vec<usize>, usize) {
    let count = members.items.len();
    let mut vars = ProblemVariables::new();
    let taken: Vec<Variable> = (0..count)
        .map(|item| {
            vars.add(
                variable()
                    .binary()
                    .initial(f64::from(u8::from(start.contains(&item)))),
            )
        })
        .collect();
    let asked = |funder: usize| -> Expression {
        let parts = members
            .items
            .iter()
            .zip(&taken)
            .filter(|(item, _)| item[funder] > 0);
        let rest: Expression = parts
            .map(|(item, taken)| thousands(item[funder].into()) * *taken)
            .sum();
        rest + thousands(members.base[funder].into())
    };
    let mut rows = Vec::new();
    let all = members.all();
    for funder in (0..all.len()).filter(|funder| all[*funder] > members.pot.limits[*funder]) {
        rows.push(constraint!(
            asked(funder) <= thousands(members.pot.limits[funder].into())
        ));
    }
    if let Some(eu) = &members.pot.eu {
        let total = (0..all.len())
            .filter(|funder| members.pot.eligible[*funder])
            .map(asked)
            .sum();
        shared(members, eu, &all, &mut vars, &asked, total, &mut rows);
    }
    let projects: Expression = taken.iter().sum();
    // A set as large as the bound ends the solver's search.
    rows.push(constraint!(projects.clone() <= whole(most)));
    let problem = vars.maximise(projects);
    let Some(found) = solver.solve(problem, rows, &taken, [seconds, whole(most)]) else {
        return (Vec::new(), most);
    };
    let set: Vec<usize> = (0..count).filter(|item| found.taken[*item]).collect();
    let limit = match found.bound {
        _ if found.optimal => set.len(),
        Some(bound) => set.len().max(down(bound + 1e-6)),
        None => most,
    };
    (set, limit.min(most))
}

#[allow(clippy::cast_precision_loss, reason = "a number of proposals")]
fn whole(count: usize) -> f64 {
    count as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of proposals, not below nothing"
)]
fn down(number: f64) -> usize {
    number.max(0.0) as usize
}

/// The rules of the shared EU money. A share by request of a contribution that has reached its ceiling is
/// not linear: there the rows allow a little more than the rules, and the bound is a bound still.
fn shared(
    members: &Members,
    eu: &Eu,
    all: &[i64],
    vars: &mut ProblemVariables,
    asked: &dyn Fn(usize) -> Expression,
    total: Expression,
    rows: &mut Vec<good_lp::Constraint>,
) {
    let ceiling = thousands(eu.ceiling);
    let (rate, gap) = (ratio(eu.rate), ratio(eu.gap));
    let paid = vars.add(variable().min(0.0).max(ceiling));
    rows.push(constraint!(paid <= rate * total));
    let mut need = Expression::default();
    let mut lacking = Expression::default();
    for (funder, whole) in all.iter().enumerate() {
        let own = members.pot.commitments[funder];
        if !members.pot.eligible[funder] || *whole <= own {
            continue;
        }
        let own = i128::from(own);
        let part = ratio((own, eu.committed.max(1))) * (1.0 - gap);
        let short = vars.add(variable().min(0.0));
        need += short;
        let left = if eu.by_request {
            asked(funder) * (1.0 - (1.0 - gap) * rate) - short
        } else if eu.planned {
            asked(funder) - part * ceiling - short
        } else {
            asked(funder) - part * paid - short
        };
        rows.push(constraint!(left <= thousands(own)));
        if eu.planned {
            let short = vars.add(variable().min(0.0));
            lacking += short;
            rows.push(constraint!(asked(funder) - short <= thousands(own)));
        }
    }
    if eu.planned {
        rows.push(constraint!(need <= gap * ceiling));
        rows.push(constraint!(lacking <= paid));
    } else {
        rows.push(constraint!(need <= gap * paid));
    }
}
