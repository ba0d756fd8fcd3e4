//! When a call is open and what happens when: instants, each with its zone and its published label.

mod check;
mod milestone;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::{Deadline, DeadlineFault, Faults};
use serde::{Deserialize, Serialize};

pub use milestone::{Milestone, MilestoneKind};

/// The calendar of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// When each stage is open, in their order.
    pub stages: Vec<StageDates>,
    /// What else has a date.
    #[serde(default)]
    pub milestones: Vec<Milestone>,
}

/// When a stage is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageDates {
    /// From when proposals can be submitted; left out while it is not known.
    #[serde(default)]
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when.
    pub deadline: Deadline,
}

impl Calendar {
    /// The calendar so many weeks later (earlier, when negative), at the same times of its clocks. Labels
    /// are written anew.
    ///
    /// # Errors
    ///
    /// Where a time falls into a night of changing clocks.
    pub fn shifted_weeks(&self, weeks: i16) -> Result<Self, DeadlineFault> {
        let mut shifted = self.clone();
        for stage in &mut shifted.stages {
            if let Some(opens_at) = stage.opens_at {
                let opening = Deadline {
                    at: opens_at,
                    ..stage.deadline.clone()
                };
                stage.opens_at = Some(opening.shifted_weeks(weeks)?.at);
            }
            stage.deadline = stage.deadline.shifted_weeks(weeks)?;
        }
        for milestone in &mut shifted.milestones {
            if let Some(at) = &milestone.at {
                milestone.at = Some(at.shifted_weeks(weeks)?);
            }
        }
        Ok(shifted)
    }
}

/// Checks an extension: the new deadline is later than the current one.
pub fn check_extension(current: &Deadline, new: &Deadline) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        new.at > current.at,
        "/deadline",
        "extension_not_later",
        format!(
            "{} is not after {}, the current deadline; give a later one",
            new.at, current.at
        ),
    );
    faults
}

/// Checks a shortening, which the policy allows to rehearsals only: the new deadline is earlier than
/// the current one and not past at `now`.
pub fn check_shortening(current: &Deadline, new: &Deadline, now: DateTime<Utc>) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        new.at < current.at,
        "/deadline",
        "shortening_not_earlier",
        format!(
            "{} is not before {}, the current deadline; extend it",
            new.at, current.at
        ),
    );
    faults.require(
        new.at >= now,
        "/deadline",
        "deadline_past",
        format!("{} is past; it is {now} now", new.at),
    );
    faults
}
