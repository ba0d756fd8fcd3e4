//! The tables of an expert, a review and a ranking list.

use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where an expert of a call stands.
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
pub enum ExpertState {
    /// Put forward by a funder or the secretariat.
    Nominated,
    /// On the panel that the steering committee approved.
    Approved,
    /// Asked by mail.
    Invited,
    /// Said yes.
    Accepted,
    /// Said no.
    Declined,
    /// Signed the confidentiality and the rules: only now may anything confidential be read.
    Contracted,
}

/// What happens to an expert.
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
pub enum ExpertEvent {
    /// The steering committee approves the panel.
    Approve,
    /// The secretariat sends the invitation.
    Invite,
    /// The expert says yes.
    Accept,
    /// The expert says no.
    Decline,
    /// The expert signs the confidentiality and the rules.
    Contract,
}

/// The life of an expert in one call.
pub static EXPERT: LifeCycle<ExpertState, ExpertEvent> = LifeCycle {
    name: "expert",
    start: ExpertState::Nominated,
    rows: &[
        (
            ExpertState::Nominated,
            ExpertEvent::Approve,
            ExpertState::Approved,
        ),
        (
            ExpertState::Approved,
            ExpertEvent::Invite,
            ExpertState::Invited,
        ),
        (
            ExpertState::Invited,
            ExpertEvent::Accept,
            ExpertState::Accepted,
        ),
        (
            ExpertState::Invited,
            ExpertEvent::Decline,
            ExpertState::Declined,
        ),
        (
            ExpertState::Accepted,
            ExpertEvent::Contract,
            ExpertState::Contracted,
        ),
    ],
};

/// Where one expert's review of one proposal stands.
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
pub enum ReviewState {
    /// Assigned, and not yet told to the expert.
    Proposed,
    /// The expert was asked.
    Invited,
    /// The expert will not review it.
    Declined,
    /// A conflict of interest was found before anything was submitted.
    Conflicted,
    /// The expert declared to have no conflict and will review it.
    Accepted,
    /// Being written; nobody else reads it.
    Draft,
    /// With the secretariat, which checks that scores fit the text, identity and tone.
    Submitted,
    /// Given back by the secretariat with what to mend.
    Returned,
    /// Checked. Only released reviews reach the rebuttal, the consensus and the letters.
    Released,
    /// Another expert took the place.
    Replaced,
    /// A conflict was found after it was submitted: it counts nowhere and stays on file.
    Voided,
}

/// What happens to a review.
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
pub enum ReviewEvent {
    /// The secretariat asks the expert.
    Invite,
    /// The expert says no.
    Decline,
    /// The expert declares to have no conflict and says yes.
    Accept,
    /// The expert begins to write, or to mend.
    Write,
    /// The expert hands the review in.
    Submit,
    /// The secretariat gives it back; a released one only as long as nobody who reads released reviews was told of it.
    Return,
    /// The secretariat releases it.
    Release,
    /// A conflict of interest is declared or found; the state decides whether anything is voided.
    FindConflict,
    /// The secretariat gives the place to another expert.
    Replace,
}

/// The life of a review.
///
/// A draft that follows a return still counts as unsubmitted: a conflict found then ends it as
/// `conflicted`, and its submitted version stays in the history.
pub static REVIEW: LifeCycle<ReviewState, ReviewEvent> = LifeCycle {
    name: "review",
    start: ReviewState::Proposed,
    rows: &[
        (
            ReviewState::Proposed,
            ReviewEvent::Invite,
            ReviewState::Invited,
        ),
        (
            ReviewState::Invited,
            ReviewEvent::Accept,
            ReviewState::Accepted,
        ),
        (
            ReviewState::Invited,
            ReviewEvent::Decline,
            ReviewState::Declined,
        ),
        (
            ReviewState::Accepted,
            ReviewEvent::Write,
            ReviewState::Draft,
        ),
        (
            ReviewState::Draft,
            ReviewEvent::Submit,
            ReviewState::Submitted,
        ),
        (
            ReviewState::Submitted,
            ReviewEvent::Return,
            ReviewState::Returned,
        ),
        (
            ReviewState::Returned,
            ReviewEvent::Write,
            ReviewState::Draft,
        ),
        (
            ReviewState::Submitted,
            ReviewEvent::Release,
            ReviewState::Released,
        ),
        (
            ReviewState::Released,
            ReviewEvent::Return,
            ReviewState::Returned,
        ),
        (
            ReviewState::Proposed,
            ReviewEvent::FindConflict,
            ReviewState::Conflicted,
        ),
        (
            ReviewState::Invited,
            ReviewEvent::FindConflict,
            ReviewState::Conflicted,
        ),
        (
            ReviewState::Accepted,
            ReviewEvent::FindConflict,
            ReviewState::Conflicted,
        ),
        (
            ReviewState::Draft,
            ReviewEvent::FindConflict,
            ReviewState::Conflicted,
        ),
        (
            ReviewState::Submitted,
            ReviewEvent::FindConflict,
            ReviewState::Voided,
        ),
        (
            ReviewState::Returned,
            ReviewEvent::FindConflict,
            ReviewState::Voided,
        ),
        (
            ReviewState::Released,
            ReviewEvent::FindConflict,
            ReviewState::Voided,
        ),
        (
            ReviewState::Proposed,
            ReviewEvent::Replace,
            ReviewState::Replaced,
        ),
        (
            ReviewState::Invited,
            ReviewEvent::Replace,
            ReviewState::Replaced,
        ),
        (
            ReviewState::Accepted,
            ReviewEvent::Replace,
            ReviewState::Replaced,
        ),
        (
            ReviewState::Draft,
            ReviewEvent::Replace,
            ReviewState::Replaced,
        ),
        (
            ReviewState::Returned,
            ReviewEvent::Replace,
            ReviewState::Replaced,
        ),
    ],
};

impl ReviewState {
    /// Whether the review holds one of the expert's places: it is to be written, or was.
    pub fn holds_a_place(self) -> bool {
        !matches!(
            self,
            ReviewState::Declined
                | ReviewState::Conflicted
                | ReviewState::Replaced
                | ReviewState::Voided
        )
    }

    /// Whether a conflict of interest ended it.
    pub fn ended_by_conflict(self) -> bool {
        matches!(self, ReviewState::Conflicted | ReviewState::Voided)
    }

    /// Whether its author has yet to hand it in.
    pub fn is_waited_for(self) -> bool {
        self.holds_a_place() && !matches!(self, ReviewState::Submitted | ReviewState::Released)
    }
}

/// Where a version of a ranking list stands.
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
pub enum RankingState {
    /// Computed from the consensus; changes with it.
    Draft,
    /// Adopted by the panel and signed by its chair: frozen.
    Adopted,
    /// A later version was adopted; this one is kept as it was.
    Revised,
}

/// What happens to a version of a ranking list.
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
pub enum RankingEvent {
    /// The panel adopts it and its chair signs.
    Adopt,
    /// The next version is adopted: redress was upheld, or the chair corrects what was recorded wrong.
    Revise,
}

/// The life of one version of a ranking list; the next version is a new list that starts as draft.
pub static RANKING: LifeCycle<RankingState, RankingEvent> = LifeCycle {
    name: "ranking list",
    start: RankingState::Draft,
    rows: &[
        (
            RankingState::Draft,
            RankingEvent::Adopt,
            RankingState::Adopted,
        ),
        (
            RankingState::Adopted,
            RankingEvent::Revise,
            RankingState::Revised,
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    fn follow(events: &[ReviewEvent]) -> Result<ReviewState, kernel::Refused> {
        events
            .iter()
            .try_fold(REVIEW.start, |state, event| REVIEW.apply(state, *event))
    }

    #[test]
    fn a_returned_review_is_written_again_and_released() {
        use ReviewEvent::*;
        let way = [
            Invite, Accept, Write, Submit, Return, Write, Submit, Release,
        ];
        assert_eq!(follow(&way), Ok(ReviewState::Released));
    }

    #[test]
    fn a_conflict_voids_what_was_submitted_and_only_that() {
        use ReviewEvent::*;
        assert_eq!(
            follow(&[Invite, Accept, Write, FindConflict]),
            Ok(ReviewState::Conflicted)
        );
        assert_eq!(
            follow(&[Invite, Accept, Write, Submit, FindConflict]),
            Ok(ReviewState::Voided)
        );
        let released = [Invite, Accept, Write, Submit, Release, FindConflict];
        assert_eq!(follow(&released), Ok(ReviewState::Voided));
    }

    #[test]
    fn nothing_leads_out_of_a_state_that_holds_no_place() {
        for state in ReviewState::iter().filter(|state| !state.holds_a_place()) {
            for event in ReviewEvent::iter() {
                assert!(REVIEW.apply(state, event).is_err(), "{state} {event}");
            }
        }
    }

    #[test]
    fn a_released_review_goes_back_to_its_author_and_to_nobody_else() {
        use ReviewEvent::*;
        let way = [
            Invite, Accept, Write, Submit, Release, Return, Write, Submit, Release,
        ];
        assert_eq!(follow(&way), Ok(ReviewState::Released));
        for event in [Replace, Write] {
            assert!(REVIEW.apply(ReviewState::Released, event).is_err());
        }
    }

    #[test]
    fn every_state_is_reached_and_no_state_has_an_event_twice() {
        fn check<S: Copy + PartialEq + std::fmt::Debug, E: PartialEq + Copy>(
            cycle: &LifeCycle<S, E>,
            states: impl Iterator<Item = S>,
        ) {
            for state in states {
                let reached = cycle.rows.iter().any(|(_, _, to)| *to == state);
                assert!(
                    reached || state == cycle.start,
                    "{state:?} is never reached"
                );
            }
            for (i, (from, by, _)) in cycle.rows.iter().enumerate() {
                let again = cycle.rows[..i].iter().any(|(f, b, _)| f == from && b == by);
                assert!(!again, "{from:?} has an event twice");
            }
        }
        check(&EXPERT, ExpertState::iter());
        check(&REVIEW, ReviewState::iter());
        check(&RANKING, RankingState::iter());
        check(&crate::REBUTTAL, crate::RebuttalState::iter());
        check(&crate::ETHICS, crate::EthicsState::iter());
    }

    #[test]
    fn an_expert_signs_only_after_saying_yes() {
        assert!(
            EXPERT
                .apply(ExpertState::Invited, ExpertEvent::Contract)
                .is_err()
        );
        assert!(
            EXPERT
                .apply(ExpertState::Declined, ExpertEvent::Accept)
                .is_err()
        );
        let contracted = EXPERT.apply(ExpertState::Accepted, ExpertEvent::Contract);
        assert_eq!(contracted, Ok(ExpertState::Contracted));
    }

    #[test]
    fn an_adopted_ranking_is_never_a_draft_again() {
        assert!(
            RANKING
                .rows
                .iter()
                .all(|(_, _, to)| *to != RankingState::Draft)
        );
        assert!(
            RANKING
                .apply(RankingState::Draft, RankingEvent::Revise)
                .is_err()
        );
    }
}
