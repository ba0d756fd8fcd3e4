//! The ethics step: which proposals need it, what comes of it, and what waits for it.
//!
//! Applicants assess themselves by the call's questions; who answers all with no needs nothing more. The
//! others are looked at by ethics experts, whose outcome is there before what [`EthicsStep`] names.

mod lifecycle;

use std::collections::BTreeMap;

use call::{EthicsStep, EvaluationRules};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

pub use lifecycle::{ETHICS, EthicsEvent, EthicsState};

/// What a proposal needs of the ethics step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "need", rename_all = "snake_case")]
pub enum Need {
    /// The call has no such step.
    NoStep {},
    /// The applicants answer every question of the self-assessment with no.
    NothingRaised {},
    /// Ethics experts look at it.
    Assessment {
        /// The questions answered with yes, by their keys in the order of the rules.
        raised: Vec<String>,
        /// Those not answered: what nobody ruled out is looked at.
        unanswered: Vec<String>,
    },
}

/// What a proposal needs, by the answers that its applicants gave to the call's questions.
pub fn need(rules: &EvaluationRules, answers: &BTreeMap<String, bool>) -> Need {
    if rules.ethics == EthicsStep::None {
        return Need::NoStep {};
    }
    let with = |answer: Option<bool>| -> Vec<String> {
        let keys = rules.ethics_questions.iter();
        keys.filter(|key| answers.get(*key).copied() == answer)
            .cloned()
            .collect()
    };
    let (raised, unanswered) = (with(Some(true)), with(None));
    let ruled_out = raised.is_empty() && unanswered.is_empty();
    if ruled_out && !rules.ethics_questions.is_empty() {
        Need::NothingRaised {}
    } else {
        Need::Assessment { raised, unanswered }
    }
}

/// What ethics experts find.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EthicsOutcome {
    /// Nothing stands in the way.
    Clear,
    /// It may be funded on conditions.
    Conditions,
    /// It may not be funded.
    Refused,
}

impl EthicsOutcome {
    /// The event by which an assessment comes to it.
    pub fn event(self) -> EthicsEvent {
        match self {
            EthicsOutcome::Clear => EthicsEvent::Clear,
            EthicsOutcome::Conditions => EthicsEvent::Condition,
            EthicsOutcome::Refused => EthicsEvent::Refuse,
        }
    }

    /// Where an assessment stands that came to it.
    pub fn state(self) -> EthicsState {
        match self {
            EthicsOutcome::Clear => EthicsState::Clear,
            EthicsOutcome::Conditions => EthicsState::Conditional,
            EthicsOutcome::Refused => EthicsState::Refused,
        }
    }
}

/// An outcome as the applicants read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The outcome.
    pub outcome: EthicsOutcome,
    /// The conditions, where it has some.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// The reasons.
    #[serde(default)]
    pub comment: String,
}

impl Assessment {
    /// Whether the outcome stands: it has conditions when it says so and only then, and a refusal has
    /// reasons.
    pub fn check(&self) -> Faults {
        let mut faults = Faults::default();
        let on_conditions = self.outcome == EthicsOutcome::Conditions;
        faults.require(
            on_conditions != self.conditions.is_empty(),
            "/conditions",
            "conditions",
            if on_conditions {
                "the outcome has no condition; give one, or say clear"
            } else {
                "only the outcome 'conditions' has conditions; say so, or take them out"
            },
        );
        for (index, condition) in self.conditions.iter().enumerate() {
            faults.require(
                !condition.trim().is_empty(),
                format!("/conditions/{index}"),
                "required",
                "say what the applicants have to do, or take the condition out",
            );
        }
        faults.require(
            self.outcome != EthicsOutcome::Refused || !self.comment.trim().is_empty(),
            "/comment",
            "comment_missing",
            "give the reasons of the refusal",
        );
        faults
    }
}

/// What may have to wait for ethics, in the order in which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Before {
    /// The panel adopts the ranking list.
    Ranking,
    /// The results go out.
    Results,
    /// The grants are made.
    Grants,
}

/// Before what the step has its outcomes; none where the call has no step.
pub fn due_before(step: EthicsStep) -> Option<Before> {
    match step {
        EthicsStep::None => None,
        EthicsStep::WithReview => Some(Before::Ranking),
        EthicsStep::AfterPanel => Some(Before::Results),
        EthicsStep::AfterSelection => Some(Before::Grants),
    }
}

/// A proposal that the step concerns: one that is evaluated, recommended or selected, as the step says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its number in the call.
    pub number: String,
    /// What it needs.
    pub need: Need,
    /// Where its assessment stands; none where nobody began one.
    pub state: Option<EthicsState>,
}

/// Whether ethics let it happen now: every case that needs an assessment has an outcome, and before the
/// grants every condition is met. One fault names each that is missing.
pub fn check_done(step: EthicsStep, now: Before, cases: &[Case]) -> Faults {
    let mut faults = Faults::default();
    if due_before(step).is_none_or(|due| due > now) {
        return faults;
    }
    for case in cases {
        if !matches!(case.need, Need::Assessment { .. }) {
            continue;
        }
        faults.require(
            case.state.is_some_and(EthicsState::is_decided),
            "/proposals",
            "ethics_open",
            format!(
                "the ethics of {} are not assessed; wait for the outcome",
                case.number
            ),
        );
        faults.require(
            now < Before::Grants || case.state != Some(EthicsState::Conditional),
            "/proposals",
            "ethics_conditions_open",
            format!(
                "{} has conditions of the ethics experts that are not met; see to them first",
                case.number
            ),
        );
    }
    faults
}

#[cfg(test)]
mod tests;
