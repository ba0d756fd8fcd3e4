//! When and where the panel of a stage meets.

use chrono::{DateTime, Utc};
use kernel::Faults;
use serde::{Deserialize, Serialize};

/// The longest place, in characters.
const LONGEST_PLACE: usize = 500;

/// A meeting of the panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Meeting {
    /// When it begins.
    pub meets_at: DateTime<Utc>,
    /// Where: an address, the link of a conference, or both; at most 500 characters.
    #[serde(default)]
    pub place: String,
    /// Whether it meets online. Then the place may come later.
    #[serde(default)]
    pub online: bool,
}

impl Meeting {
    /// Whether people can come to it: it lies ahead, and says where it is.
    pub fn check(&self, now: DateTime<Utc>) -> Faults {
        let mut faults = Faults::default();
        faults.require(
            now < self.meets_at,
            "/meets_at",
            "past",
            "the panel is told of a meeting to come; give a later time",
        );
        faults.require(
            self.online || !self.place.trim().is_empty(),
            "/place",
            "required",
            "say where the panel meets, or that it meets online",
        );
        let length = self.place.chars().count();
        faults.require(
            length <= LONGEST_PLACE,
            "/place",
            "text_long",
            format!(
                "{length} characters are given, at most {LONGEST_PLACE} are allowed; shorten it"
            ),
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_meeting_lies_ahead_and_is_somewhere() {
        let now = DateTime::UNIX_EPOCH;
        let of = |hours: i64, place: &str, online: bool| {
            let meeting = Meeting {
                meets_at: now + TimeDelta::hours(hours),
                place: place.to_owned(),
                online,
            };
            let faults = meeting.check(now).0.into_iter();
            faults
                .map(|fault| format!("{} {}", fault.pointer, fault.code))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(1, "Berlin", false), [""; 0]);
        assert_eq!(of(1, "", true), [""; 0]);
        assert_eq!(of(0, " ", false), ["/meets_at past", "/place required"]);
        assert_eq!(of(1, &"x".repeat(501), true), ["/place text_long"]);
    }
}
