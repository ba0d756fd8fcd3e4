//! Questions of a funder to its own applicant while eligibility is checked, and the one answer to each.

use chrono::{DateTime, Utc};
use kernel::{Faults, LifeCycle};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// The longest question or answer, in characters.
pub const LONGEST: usize = 4_000;

/// Where a query stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum QueryState {
    /// The applicant is to answer.
    Waiting,
    /// The coordinator has answered.
    Answered,
    /// It was closed without an answer.
    Closed,
}

/// What can happen to a query.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum QueryEvent {
    /// The coordinator answers.
    Answer,
    /// The secretariat closes it with a reason, or a verdict makes it pointless.
    Close,
}

/// A query is settled once: by its answer or without one.
pub static QUERY: LifeCycle<QueryState, QueryEvent> = {
    use QueryEvent::*;
    use QueryState::*;
    LifeCycle {
        name: "query",
        start: Waiting,
        rows: &[(Waiting, Answer, Answered), (Waiting, Close, Closed)],
    }
};

/// What is wrong with a query: it asks something, and leaves time to answer.
pub fn check(question: &str, answer_by: DateTime<Utc>, now: DateTime<Utc>) -> Faults {
    let mut faults = Faults::default();
    words("/question", question, &mut faults);
    faults.require(
        answer_by > now,
        "/answer_by",
        "in_the_past",
        "that instant has passed; give one in the future",
    );
    faults
}

/// What is wrong with an answer.
pub fn check_answer(answer: &str) -> Faults {
    let mut faults = Faults::default();
    words("/answer", answer, &mut faults);
    faults
}

/// Notes a text that says nothing, or too much.
pub fn words(pointer: &str, text: &str, faults: &mut Faults) {
    faults.require(
        !text.trim().is_empty(),
        pointer,
        "required",
        "give at least one character",
    );
    let length = text.chars().count();
    faults.require(
        length <= LONGEST,
        pointer,
        "too_long",
        format!("{length} characters; at most {LONGEST} are allowed; shorten it"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_query_asks_something_and_leaves_time() {
        let now = DateTime::UNIX_EPOCH;
        let codes = |question: &str, seconds| {
            let faults = check(question, now + TimeDelta::seconds(seconds), now).0;
            let codes: Vec<String> = faults.into_iter().map(|fault| fault.code).collect();
            codes.join(" ")
        };
        assert_eq!(codes("Who employs her?", 1), "");
        assert_eq!(codes(" ", 0), "required in_the_past");
        assert_eq!(codes(&"x".repeat(LONGEST + 1), 1), "too_long");
        assert_eq!(check_answer("The clinic.").0, []);
        assert_eq!(check_answer("").0.len(), 1);
    }

    #[test]
    fn a_query_is_settled_once() {
        for event in [QueryEvent::Answer, QueryEvent::Close] {
            let settled = QUERY.apply(QueryState::Waiting, event).unwrap();
            assert!(QUERY.apply(settled, QueryEvent::Answer).is_err());
            assert!(QUERY.apply(settled, QueryEvent::Close).is_err());
        }
    }
}
