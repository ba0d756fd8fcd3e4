use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Over which proposals of a stage one ranking list is made.
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
pub enum RankingLists {
    /// Over all of them.
    #[default]
    Overall,
    /// Over those of each topic: positions are counted within it.
    PerTopic,
}

impl RankingLists {
    /// Whether there is one list. The usual rule is not written, so that older rules read as they were.
    pub(super) fn is_overall(&self) -> bool {
        *self == Self::Overall
    }
}
