use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where the ethics assessment of one proposal stands.
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
pub enum EthicsState {
    /// Needed by the self-assessment, and nobody looks at it yet.
    Due,
    /// With the ethics experts.
    UnderReview,
    /// The applicants were asked, and have not answered.
    Asked,
    /// Nothing stands in the way, or every condition is met.
    Clear,
    /// May be funded on conditions.
    Conditional,
    /// May not be funded.
    Refused,
}

/// What happens to an ethics assessment.
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
pub enum EthicsEvent {
    /// The secretariat gives it to the ethics experts.
    Begin,
    /// The experts ask the applicants.
    Ask,
    /// The applicants answer.
    Answer,
    /// The experts find that nothing stands in the way.
    Clear,
    /// The experts set conditions.
    Condition,
    /// The experts refuse, with a reason.
    Refuse,
    /// The secretariat finds that every condition is met.
    Meet,
    /// An outcome is looked at again, with a reason, as after a redress.
    Revise,
}

/// The life of an ethics assessment. A proposal whose self-assessment raises nothing has none.
pub static ETHICS: LifeCycle<EthicsState, EthicsEvent> = LifeCycle {
    name: "ethics assessment",
    start: EthicsState::Due,
    rows: &[
        (
            EthicsState::Due,
            EthicsEvent::Begin,
            EthicsState::UnderReview,
        ),
        (
            EthicsState::UnderReview,
            EthicsEvent::Ask,
            EthicsState::Asked,
        ),
        (
            EthicsState::Asked,
            EthicsEvent::Answer,
            EthicsState::UnderReview,
        ),
        (
            EthicsState::UnderReview,
            EthicsEvent::Clear,
            EthicsState::Clear,
        ),
        (
            EthicsState::UnderReview,
            EthicsEvent::Condition,
            EthicsState::Conditional,
        ),
        (
            EthicsState::UnderReview,
            EthicsEvent::Refuse,
            EthicsState::Refused,
        ),
        (
            EthicsState::Conditional,
            EthicsEvent::Meet,
            EthicsState::Clear,
        ),
        (
            EthicsState::Clear,
            EthicsEvent::Revise,
            EthicsState::UnderReview,
        ),
        (
            EthicsState::Conditional,
            EthicsEvent::Revise,
            EthicsState::UnderReview,
        ),
        (
            EthicsState::Refused,
            EthicsEvent::Revise,
            EthicsState::UnderReview,
        ),
    ],
};

impl EthicsState {
    /// Whether there is an outcome.
    pub fn is_decided(self) -> bool {
        use EthicsState::{Clear, Conditional, Refused};
        matches!(self, Clear | Conditional | Refused)
    }

    /// Whether the proposal may be funded as far as ethics go; conditions are met before the grants.
    pub fn lets_fund(self) -> bool {
        matches!(self, EthicsState::Clear | EthicsState::Conditional)
    }
}
