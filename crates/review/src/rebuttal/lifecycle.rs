use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where the reply of one proposal stands.
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
pub enum RebuttalState {
    /// The released reviews are open to the consortium; nothing is written.
    Awaited,
    /// Being written; nobody outside the consortium reads it.
    Draft,
    /// What is written is what was submitted.
    Submitted,
    /// Submitted, and written on since; the submitted version counts.
    EditedSince,
    /// The window is over; the last submitted version is what the panel reads.
    Answered,
    /// The window is over, and nothing was submitted.
    Unanswered,
}

/// What happens to a reply.
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
pub enum RebuttalEvent {
    /// The coordinator begins to write, or writes on after submitting.
    Write,
    /// The coordinator hands the reply in.
    Submit,
    /// The window is over.
    Close,
    /// The secretariat gives the applicants time again, with a reason, as when a review was released
    /// after the others. The independent observer sees it.
    Reopen,
}

/// The life of a reply. A submitted version is never lost: opening the window again leads back to it, and
/// closing it again leaves it the one that counts.
pub static REBUTTAL: LifeCycle<RebuttalState, RebuttalEvent> = LifeCycle {
    name: "reply",
    start: RebuttalState::Awaited,
    rows: &[
        (
            RebuttalState::Awaited,
            RebuttalEvent::Write,
            RebuttalState::Draft,
        ),
        (
            RebuttalState::Draft,
            RebuttalEvent::Submit,
            RebuttalState::Submitted,
        ),
        (
            RebuttalState::Submitted,
            RebuttalEvent::Write,
            RebuttalState::EditedSince,
        ),
        (
            RebuttalState::EditedSince,
            RebuttalEvent::Submit,
            RebuttalState::Submitted,
        ),
        (
            RebuttalState::Awaited,
            RebuttalEvent::Close,
            RebuttalState::Unanswered,
        ),
        (
            RebuttalState::Draft,
            RebuttalEvent::Close,
            RebuttalState::Unanswered,
        ),
        (
            RebuttalState::Submitted,
            RebuttalEvent::Close,
            RebuttalState::Answered,
        ),
        (
            RebuttalState::EditedSince,
            RebuttalEvent::Close,
            RebuttalState::Answered,
        ),
        (
            RebuttalState::Unanswered,
            RebuttalEvent::Reopen,
            RebuttalState::Awaited,
        ),
        (
            RebuttalState::Answered,
            RebuttalEvent::Reopen,
            RebuttalState::Submitted,
        ),
    ],
};

impl RebuttalState {
    /// Whether the coordinator may write: the window is open.
    pub fn is_written(self) -> bool {
        !matches!(self, RebuttalState::Answered | RebuttalState::Unanswered)
    }

    /// Whether the panel reads the reply.
    pub fn reaches_panel(self) -> bool {
        self == RebuttalState::Answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn every_open_state_closes_and_only_a_submitted_reply_reaches_the_panel() {
        for state in RebuttalState::iter() {
            let closed = REBUTTAL.apply(state, RebuttalEvent::Close);
            assert_eq!(closed.is_ok(), state.is_written(), "{state}");
            let submitted = matches!(state, RebuttalState::Submitted | RebuttalState::EditedSince);
            if let Ok(closed) = closed {
                assert_eq!(closed.reaches_panel(), submitted, "{state}");
            }
        }
    }

    #[test]
    fn a_submitted_reply_is_never_lost() {
        use RebuttalEvent::*;
        for event in [Write, Submit, Close, Reopen] {
            for state in [
                RebuttalState::Submitted,
                RebuttalState::EditedSince,
                RebuttalState::Answered,
            ] {
                let next = REBUTTAL.apply(state, event);
                assert!(!matches!(
                    next,
                    Ok(RebuttalState::Awaited | RebuttalState::Draft | RebuttalState::Unanswered)
                ));
            }
        }
    }

    #[test]
    fn nothing_is_written_after_the_window() {
        for state in RebuttalState::iter().filter(|state| !state.is_written()) {
            for event in [RebuttalEvent::Write, RebuttalEvent::Submit] {
                assert!(REBUTTAL.apply(state, event).is_err(), "{state} {event}");
            }
        }
    }
}
