//! Who reviews what: the assignment of the greatest total affinity, exactly.
//!
//! A minimum-cost flow on integers: a unit flows from each place of a proposal through an expert.
//! [`certificate`] proves an assignment best without trusting how it was found.

mod explain;
mod flow;
mod network;
mod remainder;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

pub use explain::{Contradiction, Infeasible, Shortage, Side};
use flow::{Flow, SINK};
use remainder::Remainder;

/// A proposal that needs reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalNode {
    /// The proposal.
    pub id: Uuid,
    /// How many reviewers it gets, those kept among them.
    pub reviewers: u16,
}

/// An expert who may be assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertNode {
    /// The expert.
    pub id: Uuid,
    /// The least number of proposals, those kept among them.
    pub min_load: u16,
    /// The greatest number of proposals, those kept among them.
    pub max_load: u16,
}

/// What is to be assigned. Pairs are (proposal, expert).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The proposals, each once.
    pub proposals: Vec<ProposalNode>,
    /// The experts, each once.
    pub experts: Vec<ExpertNode>,
    /// Millionths, one row for each proposal with one entry for each expert, in their orders above.
    pub affinity: Vec<i64>,
    /// Conflicts of interest, and whatever else must not be.
    pub forbidden: BTreeSet<(Uuid, Uuid)>,
    /// Pairs that stand already. They stay, also where a proposal has more of them than it asks for
    /// or an expert more than the greatest load: then nothing is added.
    pub kept: BTreeSet<(Uuid, Uuid)>,
}

/// One expert for one proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Pair {
    /// The proposal.
    pub proposal: Uuid,
    /// The expert.
    pub expert: Uuid,
    /// Millionths.
    pub affinity: i64,
    /// Whether the pair stood before.
    pub kept: bool,
}

/// An assignment of the greatest total affinity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Assignment {
    /// All pairs, those kept among them, by proposal and expert.
    pub pairs: Vec<Pair>,
    /// The sum of all affinities, in millionths.
    pub total: i64,
    /// The sum of the worst-served proposal, in millionths; 0 without proposals.
    pub worst: i64,
}

/// The assignment of the greatest total affinity, or why there is none.
///
/// Each proposal gets exactly its reviewers, each expert a load between the two bounds, no pair is
/// forbidden and all kept ones stay. The answer depends on the ids, not on the order in which
/// proposals and experts are listed: of assignments equally good the same is always chosen.
pub fn assign(problem: &Problem) -> Result<Assignment, Infeasible> {
    let rest = Remainder::of(problem)?;
    // The network forces the least loads only where they leave a unit for each.
    if rest.least.iter().sum::<u32>() > rest.need.iter().sum() {
        return Err(rest.explain());
    }
    let mut flow = Flow::of(&rest);
    for (p, need) in rest.need.iter().enumerate() {
        for _ in 0..*need {
            if !flow.network.send(flow.proposal(p), SINK) {
                return Err(rest.explain());
            }
        }
    }
    let assignment = flow.assignment(&rest);
    debug_assert_eq!(certificate(problem, &assignment), Ok(()));
    Ok(assignment)
}

/// Checks an assignment against its problem from nothing but the two: that it keeps every rule, that
/// its sums are right, and that no exchange of reviewers would be better. The last is the proof of
/// optimality: prices exist under which no step left in the network has a negative reduced cost.
/// The error says what is wrong.
pub fn certificate(problem: &Problem, assignment: &Assignment) -> Result<(), String> {
    let rest = Remainder::of(problem).map_err(|why| why.to_string())?;
    let mut flow = Flow::of(&rest);
    let mut need = rest.need.clone();
    let mut load = vec![0_u32; rest.experts.len()];
    let mut kept = BTreeSet::new();
    for pair in &assignment.pairs {
        let (proposal, expert) = (pair.proposal, pair.expert);
        if pair.kept {
            if !kept.insert((proposal, expert)) {
                return Err(format!("{expert} is kept for {proposal} twice"));
            }
            continue;
        }
        let open = flow.open_between(&rest, proposal, expert);
        let (p, e, arc) = open.ok_or(format!("{expert} may not review {proposal}"))?;
        let wrong = || format!("{proposal} has too many reviewers, or {expert} is there twice");
        need[p] = need[p].checked_sub(1).ok_or_else(wrong)?;
        flow.network.push(arc).ok_or_else(wrong)?;
        load[e] += 1;
    }
    if kept != problem.kept {
        return Err("the kept pairs are not those that stood".to_owned());
    }
    if need.iter().any(|need| *need > 0) {
        return Err("a proposal has too few reviewers".to_owned());
    }
    for (e, load) in load.iter().enumerate() {
        if *load < rest.least[e] || *load > rest.most[e] {
            return Err(format!("the load of {} is out of bounds", rest.experts[e]));
        }
    }
    if flow.sums(&rest, &assignment.pairs) != (assignment.total, assignment.worst) {
        return Err("the sums are not those of the pairs".to_owned());
    }
    flow.load(&rest, &load)
        .ok_or("the loads do not fit the network")?;
    flow.network
        .prices()
        .map(|_| ())
        .ok_or("an exchange of reviewers would be better".to_owned())
}
