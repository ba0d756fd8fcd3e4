//! What the steering committee decides otherwise than the policy it started from: each with a reason.

use std::collections::{BTreeSet, HashSet};

use call::{BalancingPolicy, FirstStageLimit};
use kernel::Faults;
use store::commitment::deviation::Deviation;
use uuid::Uuid;

use super::balancing::{Ranked, in_words, limit, usual_limit};
use super::invitation::{DeviationInput, InvitationsInput};

/// The largest limit that a decision may name: a hundred to one.
const MOST: i64 = 1_000_000;

/// What is recorded of a decision beside whom it invites.
pub(super) struct Chosen {
    /// The policy, and its limit in ten-thousandths.
    pub policy: Option<(BalancingPolicy, i32)>,
    /// Where the decision deviates from it.
    pub deviations: Vec<Deviation>,
}

/// Looks for the decision's deviations from its policy; notes those without a reason, and reasons for none.
pub(super) fn check(
    input: &InvitationsInput,
    first_stage: Option<&FirstStageLimit>,
    ranked: &Ranked,
    faults: &mut Faults,
) -> Chosen {
    let policy = input.policy.or(first_stage.map(|rule| rule.policy));
    faults.require(
        policy.is_some() || input.limit_ratio.is_none(),
        "/limit_ratio",
        "without_policy",
        "a limit goes with a policy; name one, or leave the limit out",
    );
    let given = match &input.limit_ratio {
        None => Some(usual_limit(first_stage)),
        Some(text) => limit(text).filter(|limit| *limit <= MOST),
    };
    faults.require(
        given.is_some(),
        "/limit_ratio",
        "ratio",
        "give a number above 0 and up to 100.00 with at most two decimal places, such as 3.0",
    );
    let policy = policy.zip(given);
    each_has_a_reason(&input.deviations, faults);
    let Some((policy, limit)) = policy else {
        faults.require(
            given.is_none() || input.deviations.is_empty(),
            "/deviations",
            "without_policy",
            "there is no policy to deviate from; name the one the committee started from, or leave them out",
        );
        return Chosen {
            policy: None,
            deviations: Vec::new(),
        };
    };
    let invited = |proposal: Uuid| {
        input
            .invited
            .iter()
            .position(|one| one.proposal == proposal)
    };
    let places = 0..ranked.entries.len();
    let chosen: BTreeSet<usize> = places
        .filter(|at| invited(ranked.entries[*at].proposal).is_some())
        .collect();
    let differing = commitment::deviations(&ranked.fates(policy, limit), &chosen);
    let mut deviations = Vec::new();
    for entry in differing.iter().map(|at| &ranked.entries[*at]) {
        let mut given = input.deviations.iter();
        let reason = given.find(|one| one.proposal == entry.proposal);
        let by = format!("'{policy}' at {}", in_words(limit));
        match (reason, invited(entry.proposal)) {
            (Some(one), at) => deviations.push(Deviation {
                proposal: entry.proposal,
                invited: at.is_some(),
                reason: one.reason.trim().to_owned(),
            }),
            (None, Some(at)) => faults.add(
                format!("/invited/{at}/proposal"),
                "deviation_unexplained",
                format!(
                    "{by} leaves {} out; say in deviations why it is invited, or leave it out",
                    entry.number
                ),
            ),
            (None, None) => faults.add(
                "/deviations",
                "deviation_unexplained",
                format!(
                    "{by} invites {}; say in deviations why it is not, or invite it",
                    entry.number
                ),
            ),
        }
    }
    let known: HashSet<_> = differing
        .iter()
        .map(|at| ranked.entries[*at].proposal)
        .collect();
    for (at, one) in input.deviations.iter().enumerate() {
        faults.require(
            known.contains(&one.proposal),
            format!("/deviations/{at}/proposal"),
            "no_deviation",
            "on this proposal the decision is what the policy says; leave it out",
        );
    }
    Chosen {
        policy: i32::try_from(limit).ok().map(|limit| (policy, limit)),
        deviations,
    }
}

/// Each deviation has a reason and is given once.
fn each_has_a_reason(given: &[DeviationInput], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for (at, one) in given.iter().enumerate() {
        faults.require(
            !one.reason.trim().is_empty(),
            format!("/deviations/{at}/reason"),
            "required",
            "say why the committee decides otherwise",
        );
        faults.require(
            seen.insert(one.proposal),
            format!("/deviations/{at}/proposal"),
            "twice",
            "it is in the list already",
        );
    }
}
