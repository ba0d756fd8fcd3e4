//! Changing an assignment that stands: with as few changes as possible, for an expert who drops out, or
//! by hand at a price.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::grid::{CLOSED, MOST};
use super::network::{Aim, Network};
use super::remainder::Remainder;
use super::{Assignment, Infeasible, Problem, assign};

/// An assignment beside the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassignment {
    /// What holds now. Its bound is that of the total among all assignments with as few changes.
    pub assignment: Assignment,
    /// Pairs (proposal, expert) of before that are gone, in this order.
    pub dropped: Vec<(Uuid, Uuid)>,
    /// Pairs that were not there before, in this order.
    pub added: Vec<(Uuid, Uuid)>,
}

/// What somebody wants of a pair by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manual {
    /// The pair must be.
    Demand,
    /// The pair must not be.
    Forbid,
}

/// Assigns anew with as few changes of the pairs before as the limits allow, and of those assignments
/// the one of the greatest total: no gain in affinity outweighs a change. Pairs of before that are now
/// forbidden, or whose proposal or expert is no longer there, are changes that cannot be avoided.
pub fn reassign(
    problem: &Problem,
    before: &BTreeSet<(Uuid, Uuid)>,
) -> Result<Reassignment, Infeasible> {
    let rest = Remainder::of(problem)?;
    let mut extra = Vec::new();
    // More than the affinities of all pairs together.
    let stay = i64::from(MOST)
        * (rest
            .grid
            .need
            .iter()
            .map(|need| i64::from(*need))
            .sum::<i64>()
            + 1);
    for (proposal, expert) in before {
        let row = rest.proposals.binary_search(proposal);
        let column = rest.experts.binary_search(expert);
        if let (Ok(row), Ok(column)) = (row, column)
            && rest.grid.value(row, column) != CLOSED
        {
            extra.push((row as u32, column as u32, stay));
        }
    }
    extra.sort_unstable();
    let aim = Aim {
        extra,
        ..Aim::default()
    };
    let mut network = Network::of(&rest.grid, aim);
    if !network.solve() {
        return Err(rest.explain());
    }
    let mut assignment = rest.assignment(&network.pairs());
    assignment.gap = network.bound() - network.value();
    assignment.bound = assignment.total + assignment.gap;
    let pairs = assignment.pairs.iter();
    let now: BTreeSet<(Uuid, Uuid)> = pairs.map(|pair| (pair.proposal, pair.expert)).collect();
    Ok(Reassignment {
        dropped: before.difference(&now).copied().collect(),
        added: now.difference(before).copied().collect(),
        assignment,
    })
}

/// Finds others for the pairs of an expert who drops out, kept ones too, with as few changes of all
/// other pairs as the limits allow. `before` is the assignment that stands.
pub fn replace(
    problem: &Problem,
    before: &BTreeSet<(Uuid, Uuid)>,
    expert: Uuid,
) -> Result<Reassignment, Infeasible> {
    let mut without = problem.clone();
    without.kept.retain(|(_, kept)| *kept != expert);
    if let Some(node) = without.experts.iter_mut().find(|node| node.id == expert) {
        node.min_load = 0;
        node.max_load = 0;
    }
    let proposals = problem.proposals.iter();
    without
        .forbidden
        .extend(proposals.map(|node| (node.id, expert)));
    reassign(&without, before)
}

/// What a wish for one pair costs: the greatest total less the greatest with the wish granted, in
/// millionths. `None` where no assignment grants it.
pub fn cost(
    problem: &Problem,
    pair: (Uuid, Uuid),
    wish: Manual,
) -> Result<Option<i64>, Infeasible> {
    let best = assign(problem)?;
    let granted = match wish {
        Manual::Forbid if problem.kept.contains(&pair) => None,
        Manual::Forbid => {
            let mut without = problem.clone();
            without.forbidden.insert(pair);
            assign(&without).ok()
        }
        Manual::Demand => {
            let with = reassign(problem, &BTreeSet::from([pair]))?;
            with.dropped.is_empty().then_some(with.assignment)
        }
    };
    Ok(granted.map(|granted| best.total - granted.total))
}
