use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where a call stands.
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
pub enum CallState {
    /// Members state their interest.
    Idea,
    /// The memorandum of understanding stands; the text and the rules are written.
    Draft,
    /// The call steering committee has approved it.
    Approved,
    /// Announced, not yet published.
    PreAnnounced,
    /// Published; proposals come in. Ends when the first stage closes.
    Open,
    /// From the close of the first stage to the selection.
    Evaluation,
    /// The selection is decided.
    Selected,
    /// The letters are out; each funder makes its grants.
    Granting,
    /// Projects run and report.
    Monitoring,
    /// Everything is done.
    Closed,
    /// Given up, with a reason.
    Cancelled,
}

/// What happens to a call.
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
pub enum CallEvent {
    /// Enough members agreed to prepare it.
    Prepare,
    /// The steering committee approves it.
    Approve,
    /// It is announced.
    PreAnnounce,
    /// It is published and its first stage opens.
    Publish,
    /// Its first stage closed.
    Evaluate,
    /// The selection is decided.
    Select,
    /// The letters are released.
    ReleaseLetters,
    /// The grants stand.
    Monitor,
    /// The last project ended.
    Close,
    /// It is given up, with a reason.
    Cancel,
    /// A date, a funder, a text changes: the version is raised by one.
    Amend,
}

/// The life cycle of a call.
pub static CALL: LifeCycle<CallState, CallEvent> = {
    use CallEvent as E;
    use CallState as S;
    LifeCycle {
        name: "call",
        start: S::Idea,
        rows: &[
            (S::Idea, E::Prepare, S::Draft),
            (S::Draft, E::Approve, S::Approved),
            (S::Approved, E::PreAnnounce, S::PreAnnounced),
            (S::PreAnnounced, E::Publish, S::Open),
            (S::Open, E::Evaluate, S::Evaluation),
            (S::Evaluation, E::Select, S::Selected),
            (S::Selected, E::ReleaseLetters, S::Granting),
            (S::Granting, E::Monitor, S::Monitoring),
            (S::Monitoring, E::Close, S::Closed),
            (S::Idea, E::Amend, S::Idea),
            (S::Draft, E::Amend, S::Draft),
            (S::Approved, E::Amend, S::Approved),
            (S::PreAnnounced, E::Amend, S::PreAnnounced),
            (S::Open, E::Amend, S::Open),
            (S::Evaluation, E::Amend, S::Evaluation),
            (S::Idea, E::Cancel, S::Cancelled),
            (S::Draft, E::Cancel, S::Cancelled),
            (S::Approved, E::Cancel, S::Cancelled),
            (S::PreAnnounced, E::Cancel, S::Cancelled),
            (S::Open, E::Cancel, S::Cancelled),
            (S::Evaluation, E::Cancel, S::Cancelled),
        ],
    }
};

/// Where a stage of a call stands.
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
pub enum StageState {
    /// Not yet open.
    Planned,
    /// Proposals may be submitted.
    Open,
    /// The deadline has passed and all that arrived in time is decided.
    Closed,
    /// The secretariat and the funders check; reviewers are assigned beside it.
    Checking,
    /// Reviewers work.
    Reviewing,
    /// Coordinators answer the reviews.
    Rebuttal,
    /// The panel meets.
    Panel,
    /// The ranking list is adopted.
    Ranked,
    /// The steering committee has invited or selected.
    Decided,
    /// The letters are out.
    Communicated,
}

/// What happens to a stage.
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
pub enum StageEvent {
    /// Submission begins.
    Open,
    /// The deadline moves to a later time, with a reason.
    Extend,
    /// The deadline moves to an earlier time: rehearsals only, as the policy decides.
    Shorten,
    /// The deadline has passed.
    Close,
    /// The checks begin.
    Check,
    /// Reviewing begins.
    Review,
    /// The coordinators may answer.
    OpenRebuttal,
    /// The panel meets.
    ConvenePanel,
    /// The ranking list is adopted.
    Rank,
    /// The steering committee decides.
    Decide,
    /// The letters are released.
    Communicate,
}

/// The life cycle of a stage; a two-stage call has two. Rebuttal and panel may be left out.
pub static STAGE: LifeCycle<StageState, StageEvent> = {
    use StageEvent as E;
    use StageState as S;
    LifeCycle {
        name: "stage",
        start: S::Planned,
        rows: &[
            (S::Planned, E::Open, S::Open),
            (S::Open, E::Extend, S::Open),
            (S::Open, E::Shorten, S::Open),
            (S::Open, E::Close, S::Closed),
            (S::Closed, E::Check, S::Checking),
            (S::Checking, E::Review, S::Reviewing),
            (S::Reviewing, E::OpenRebuttal, S::Rebuttal),
            (S::Reviewing, E::ConvenePanel, S::Panel),
            (S::Reviewing, E::Rank, S::Ranked),
            (S::Rebuttal, E::ConvenePanel, S::Panel),
            (S::Rebuttal, E::Rank, S::Ranked),
            (S::Panel, E::Rank, S::Ranked),
            (S::Ranked, E::Decide, S::Decided),
            (S::Decided, E::Communicate, S::Communicated),
        ],
    }
};

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn a_call_may_be_amended_or_cancelled_exactly_until_it_is_selected() {
        use CallState::*;
        for state in CallState::iter() {
            let early = matches!(
                state,
                Idea | Draft | Approved | PreAnnounced | Open | Evaluation
            );
            assert_eq!(
                CALL.apply(state, CallEvent::Amend).is_ok(),
                early,
                "{state}"
            );
            assert_eq!(
                CALL.apply(state, CallEvent::Cancel).is_ok(),
                early,
                "{state}"
            );
        }
    }

    #[test]
    fn deadlines_move_only_while_the_stage_is_open() {
        for state in StageState::iter() {
            for event in [StageEvent::Extend, StageEvent::Shorten] {
                let open = state == StageState::Open;
                assert_eq!(STAGE.apply(state, event).is_ok(), open, "{state}");
            }
        }
    }

    #[test]
    fn no_state_has_two_ways_by_one_event() {
        for (index, (from, event, _)) in CALL.rows.iter().enumerate() {
            assert!(
                !CALL.rows[..index]
                    .iter()
                    .any(|(f, e, _)| f == from && e == event)
            );
        }
        for (index, (from, event, _)) in STAGE.rows.iter().enumerate() {
            assert!(
                !STAGE.rows[..index]
                    .iter()
                    .any(|(f, e, _)| f == from && e == event)
            );
        }
    }
}
