use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where the evaluation summary report of one proposal stands.
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
pub enum SummaryState {
    /// Being written by the rapporteur.
    Draft,
    /// The chair of the panel holds it to be what the panel says.
    Approved,
    /// As it was when the ranking list was adopted: nothing in it changes any more.
    Frozen,
}

/// What happens to a report.
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
pub enum SummaryEvent {
    /// The rapporteur writes.
    Write,
    /// The chair approves.
    Approve,
    /// It is written on, or the consensus it reports is another.
    Reopen,
    /// The ranking list is adopted.
    Freeze,
}

/// The life of a report.
pub static SUMMARY: LifeCycle<SummaryState, SummaryEvent> = LifeCycle {
    name: "evaluation summary report",
    start: SummaryState::Draft,
    rows: &[
        (
            SummaryState::Draft,
            SummaryEvent::Write,
            SummaryState::Draft,
        ),
        (
            SummaryState::Draft,
            SummaryEvent::Approve,
            SummaryState::Approved,
        ),
        (
            SummaryState::Approved,
            SummaryEvent::Reopen,
            SummaryState::Draft,
        ),
        (
            SummaryState::Approved,
            SummaryEvent::Freeze,
            SummaryState::Frozen,
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_frozen_unapproved_and_nothing_thaws() {
        use SummaryState::{Approved, Draft, Frozen};
        assert!(SUMMARY.apply(Draft, SummaryEvent::Freeze).is_err());
        assert_eq!(SUMMARY.apply(Approved, SummaryEvent::Freeze), Ok(Frozen));
        assert!(SUMMARY.rows.iter().all(|(from, ..)| *from != Frozen));
    }
}
