use std::collections::BTreeMap;

use kernel::Deadline;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Something that happens once in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What happens.
    pub kind: MilestoneKind,
    /// When; left out while it is not known.
    #[serde(default)]
    pub at: Option<Deadline>,
    /// What people should know of it.
    #[serde(default)]
    pub note: String,
}

impl Milestone {
    /// The milestones by name: their kind, numbered from the second of a kind on (`other-2`), so that a
    /// date that moves keeps its name.
    pub fn by_name(milestones: Vec<Self>) -> BTreeMap<String, Self> {
        let mut named = BTreeMap::new();
        let mut counted = BTreeMap::new();
        for milestone in milestones {
            let count = counted.entry(milestone.kind).or_insert(0u32);
            *count += 1;
            let name = match *count {
                1 => milestone.kind.to_string(),
                count => format!("{}-{count}", milestone.kind),
            };
            named.insert(name, milestone);
        }
        named
    }
}

/// What happens in a call, in the order in which it does.
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
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MilestoneKind {
    /// The Commission is told of a co-funded call.
    CommissionNotice,
    /// It is announced without its documents.
    PreAnnouncement,
    /// Its documents are published; the submission may open later.
    Publication,
    /// Applicants are informed.
    InformationDay,
    /// The panel of the first stage meets.
    FirstPanel,
    /// The results of the first stage go out, with the invitations.
    Invitation,
    /// Applicants may answer the reviews.
    RebuttalOpens,
    /// They no longer may.
    RebuttalCloses,
    /// The panel of the last stage meets.
    Panel,
    /// Funders may no longer change their commitments without a recorded reason.
    BudgetFreeze,
    /// The steering committee selects.
    SelectionMeeting,
    /// The results go out.
    Letters,
    /// The projects start.
    ProjectStart,
    /// Anything else.
    Other,
}

impl MilestoneKind {
    /// Its place in the order of a call, between those of the stages' dates; `None` where it has none.
    pub(super) fn rank(self) -> Option<u8> {
        Some(match self {
            Self::CommissionNotice | Self::PreAnnouncement => 1,
            Self::Publication => 2,
            Self::FirstPanel => 5,
            Self::Invitation => 6,
            Self::RebuttalOpens => 8,
            Self::RebuttalCloses => 9,
            Self::Panel => 10,
            Self::BudgetFreeze => 11,
            Self::SelectionMeeting => 12,
            Self::Letters => 13,
            Self::ProjectStart => 14,
            Self::InformationDay | Self::Other => return None,
        })
    }
}

/// The place of the opening of the first stage among the ranks of the milestones.
pub(super) const OPENING: u8 = 3;
/// The place of the deadline of the first of two stages.
pub(super) const FIRST_DEADLINE: u8 = 4;
/// The place of the deadline of the last stage.
pub(super) const LAST_DEADLINE: u8 = 7;
