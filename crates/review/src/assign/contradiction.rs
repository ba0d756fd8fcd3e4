//! Problems that deny themselves.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::grid::MOST;
use super::{Infeasible, Problem};

/// What no assignment could mend, whatever the loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction {
    /// A proposal or an expert is listed twice.
    ListedTwice,
    /// The table of affinities has not one entry for each pair.
    AffinityTable {
        /// Proposals times experts.
        expected: usize,
        /// Entries found.
        given: usize,
    },
    /// An affinity is below none or above a whole.
    AffinityRange {
        /// How many are.
        entries: usize,
    },
    /// An expert's least load is above the greatest.
    LoadBounds {
        /// Who.
        expert: Uuid,
        /// The least load.
        min: u16,
        /// The greatest load.
        max: u16,
    },
    /// A group's least number is above its greatest, or an expert is in a group that is not there.
    Group {
        /// The group's name, or its number.
        name: String,
    },
    /// A kept pair names a proposal or an expert that is not in the problem.
    KeptUnknown {
        /// The pair's proposal.
        proposal: Uuid,
        /// The pair's expert.
        expert: Uuid,
    },
    /// A kept pair is forbidden.
    KeptForbidden {
        /// The pair's proposal.
        proposal: Uuid,
        /// The pair's expert.
        expert: Uuid,
    },
}

impl Contradiction {
    pub(super) fn sentence(&self, name: &impl Fn(Uuid) -> String) -> String {
        match self {
            Self::ListedTwice => {
                "A proposal or an expert is listed twice; list each once.".to_owned()
            }
            Self::AffinityTable { expected, given } => format!(
                "The table of affinities has {given} entries instead of {expected}, one for each pair."
            ),
            Self::AffinityRange { entries } => format!(
                "{entries} affinities are below 0 or above one whole; give millionths from 0 to {MOST}."
            ),
            Self::LoadBounds { expert, min, max } => format!(
                "{} must take at least {min} and at most {max} proposals; lower the one or raise the other.",
                name(*expert)
            ),
            Self::Group { name } => format!(
                "The limits of the group {name} contradict each other, or it is not listed; correct the groups."
            ),
            Self::KeptUnknown { proposal, expert } => format!(
                "{} is kept for {}, but one of them is not in this assignment; release the pair first.",
                name(*expert),
                name(*proposal)
            ),
            Self::KeptForbidden { proposal, expert } => format!(
                "{} is kept for {} and has a conflict of interest there; release the pair first.",
                name(*expert),
                name(*proposal)
            ),
        }
    }
}

/// All of them at once.
pub(super) fn contradictions(problem: &Problem) -> Result<(), Infeasible> {
    let proposals: BTreeSet<Uuid> = problem.proposals.iter().map(|node| node.id).collect();
    let experts: BTreeSet<Uuid> = problem.experts.iter().map(|node| node.id).collect();
    let mut found = Vec::new();
    if proposals.len() < problem.proposals.len() || experts.len() < problem.experts.len() {
        found.push(Contradiction::ListedTwice);
    }
    let expected = problem.proposals.len() * problem.experts.len();
    if problem.affinity.len() != expected {
        let given = problem.affinity.len();
        found.push(Contradiction::AffinityTable { expected, given });
    }
    let whole = 0..=i64::from(MOST);
    let outside = problem
        .affinity
        .iter()
        .filter(|value| !whole.contains(value));
    match outside.count() {
        0 => {}
        entries => found.push(Contradiction::AffinityRange { entries }),
    }
    for node in &problem.experts {
        if node.min_load > node.max_load {
            found.push(Contradiction::LoadBounds {
                expert: node.id,
                min: node.min_load,
                max: node.max_load,
            });
        }
    }
    if let Some(partition) = &problem.partition {
        for group in &partition.groups {
            let bad = |limits: super::Limits| limits.most.is_some_and(|most| most < limits.least);
            if bad(group.per_proposal) || bad(group.load) {
                let name = group.name.clone();
                found.push(Contradiction::Group { name });
            }
        }
        let unknown: BTreeSet<usize> = (partition.member.values().copied())
            .filter(|group| *group >= partition.groups.len())
            .collect();
        found.extend(unknown.into_iter().map(|group| Contradiction::Group {
            name: group.to_string(),
        }));
    }
    for (proposal, expert) in &problem.kept {
        let (proposal, expert) = (*proposal, *expert);
        if !proposals.contains(&proposal) || !experts.contains(&expert) {
            found.push(Contradiction::KeptUnknown { proposal, expert });
        } else if problem.forbidden.contains(&(proposal, expert)) {
            found.push(Contradiction::KeptForbidden { proposal, expert });
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Infeasible {
            contradictions: found,
            ..Infeasible::default()
        })
    }
}
