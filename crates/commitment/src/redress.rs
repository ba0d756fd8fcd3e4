//! Redress: a coordinator holds that the procedure was not followed.

mod letter;

use call::RedressRules;
use kernel::{Faults, LifeCycle};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

pub use letter::RedressLetter;

use crate::letter::LetterOutcome;

/// Where a request for redress stands.
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
pub enum RedressState {
    /// The coordinator has filed it.
    Received,
    /// The secretariat found that it is none: not on the procedure, or on nothing the call knows.
    Inadmissible,
    /// The independent observer is to look into it.
    Admissible,
    /// The observer's finding is filed; the steering committee is to decide.
    Examined,
    /// The committee found the procedure followed.
    Rejected,
    /// The committee found that it was not.
    Upheld,
    /// The panel has judged the proposal again, and a new ranking list is adopted.
    Reevaluated,
    /// The coordinator has the letter that says what comes of it.
    Settled,
}

impl RedressState {
    /// The state as far as the coordinator hears of it: what is being written and not yet told shows nowhere.
    pub fn told(self) -> RedressState {
        match self {
            RedressState::Examined => RedressState::Admissible,
            RedressState::Reevaluated => RedressState::Upheld,
            other => other,
        }
    }
}

/// What happens to a request for redress.
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
pub enum RedressEvent {
    /// The secretariat finds it admissible.
    Admit,
    /// The secretariat finds it inadmissible.
    Dismiss,
    /// The independent observer files the finding.
    Examine,
    /// The committee rejects it.
    Reject,
    /// The committee upholds it.
    Uphold,
    /// The panel judges the proposal again.
    Reevaluate,
    /// The letter goes out.
    Settle,
}

/// The life cycle of a request for redress. What cannot change the outcome is settled without judging again.
pub static REDRESS: LifeCycle<RedressState, RedressEvent> = {
    use RedressEvent as E;
    use RedressState as S;
    LifeCycle {
        name: "redress",
        start: S::Received,
        rows: &[
            (S::Received, E::Dismiss, S::Inadmissible),
            (S::Received, E::Admit, S::Admissible),
            (S::Admissible, E::Examine, S::Examined),
            (S::Examined, E::Reject, S::Rejected),
            (S::Examined, E::Uphold, S::Upheld),
            (S::Upheld, E::Reevaluate, S::Reevaluated),
            (S::Upheld, E::Settle, S::Settled),
            (S::Reevaluated, E::Settle, S::Settled),
        ],
    }
};

/// The longest reason, finding or remark.
const LONGEST: usize = 20_000;

/// Whether there is anything to ask for after this outcome: who has what the proposal asked for has not.
pub fn is_open_to(outcome: LetterOutcome) -> bool {
    use LetterOutcome::*;
    matches!(outcome, Ineligible | NotInvited | Reserve | NotFunded)
}

/// Whether the panel can judge a proposal with this outcome again: what is ineligible has no scores, and its funders
/// revise their verdicts first.
pub fn can_be_judged_again(outcome: LetterOutcome) -> bool {
    is_open_to(outcome) && outcome != LetterOutcome::Ineligible
}

/// What is wrong with a request.
pub fn check(rules: &RedressRules, ground: &str, reasons: &str) -> Faults {
    let mut faults = Faults::default();
    if rules.ground(ground).is_none() {
        let keys: Vec<&str> = rules.grounds.iter().map(|one| one.key.as_str()).collect();
        faults.add(
            "/ground",
            "ground_unknown",
            format!(
                "'{ground}' is no ground for redress in this call; the judgement of the panel is none; take one of: {}",
                keys.join(", ")
            ),
        );
    }
    let most = usize::try_from(rules.max_characters).unwrap_or(usize::MAX);
    said("/reasons", reasons, most, &mut faults);
    faults
}

/// What is wrong with a reason, a finding or a remark.
pub fn words(pointer: &str, text: &str) -> Faults {
    let mut faults = Faults::default();
    said(pointer, text, LONGEST, &mut faults);
    faults
}

fn said(pointer: &str, text: &str, most: usize, faults: &mut Faults) {
    faults.require(
        !text.trim().is_empty(),
        pointer,
        "required",
        "say it in at least one character",
    );
    let length = text.trim().chars().count();
    faults.require(
        length <= most,
        pointer,
        "too_long",
        format!("{length} characters; at most {most} are allowed; shorten it"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_procedure_is_a_ground_and_all_faults_are_named() {
        let rules = RedressRules::default();
        assert!(check(&rules, "conflict_of_interest", "She works with them").is_empty());
        let faults = check(&rules, "score_too_low", &"x".repeat(5_001)).0;
        let codes: Vec<&str> = faults.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["ground_unknown", "too_long"]);
        assert_eq!(words("/because", " ").0[0].code, "required");
    }

    #[test]
    fn nothing_is_decided_before_the_observer_has_looked() {
        use RedressEvent::*;
        let follow = |events: &[RedressEvent]| {
            let mut state = REDRESS.start;
            for event in events {
                state = REDRESS.apply(state, *event)?;
            }
            Ok::<_, kernel::Refused>(state)
        };
        assert!(follow(&[Admit, Uphold]).is_err());
        assert!(follow(&[Dismiss, Examine]).is_err());
        let whole = follow(&[Admit, Examine, Uphold, Reevaluate, Settle]);
        assert_eq!(whole.unwrap(), RedressState::Settled);
        assert_eq!(RedressState::Reevaluated.told(), RedressState::Upheld);
    }
}
