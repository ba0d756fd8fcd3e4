use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Of which money the proposals of several topics are paid.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum TopicMoney {
    /// All topics share the commitments; lists by topic are merged by score.
    #[default]
    Shared,
    /// Each topic has its own: funders divide their commitments among the topics, and each list is walked down with
    /// its own money.
    Own,
}

impl TopicMoney {
    /// Whether all topics share the commitments. The usual rule is not written, so that older rules read as they were.
    pub(super) fn is_shared(&self) -> bool {
        *self == Self::Shared
    }
}
