use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A deadline: the instant, the IANA zone it was announced in, and the label as published.
///
/// The instant alone decides. The label is kept because people read it, and pointed out where it
/// contradicts the instant ("17:00 CET" in July: CET is not the time of a summer's day).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The instant (UTC). What is complete at the server before it is in time.
    pub at: DateTime<Utc>,
    /// IANA zone, such as `Europe/Berlin`.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub zone: Tz,
    /// As published, such as `5 March 2024, 17:00 CET`.
    pub label: String,
}

/// A local time that names no instant, or two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineFault {
    /// The clocks jump over this time.
    #[error("{0} does not exist in {1}: the clocks are put forward over it; choose another time")]
    Skipped(NaiveDateTime, Tz),
    /// The clocks go through this time twice.
    #[error("{0} happens twice in {1}: the clocks are put back; choose another time")]
    Twice(NaiveDateTime, Tz),
}

impl Deadline {
    /// The deadline at a local time of a zone, labelled with the zone's abbreviation of that day.
    pub fn at_local(local: NaiveDateTime, zone: Tz) -> Result<Self, DeadlineFault> {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => Ok(Self {
                at: at.to_utc(),
                zone,
                label: at.format("%-d %B %Y, %H:%M %Z").to_string(),
            }),
            LocalResult::None => Err(DeadlineFault::Skipped(local, zone)),
            LocalResult::Ambiguous(_, _) => Err(DeadlineFault::Twice(local, zone)),
        }
    }

    /// Whether something that was complete at `arrived` is in time. The instant itself is too late.
    pub fn met_by(&self, arrived: DateTime<Utc>) -> bool {
        arrived < self.at
    }

    /// What the label says that the instant denies, in a sentence; `None` where they agree.
    pub fn contradiction(&self) -> Option<String> {
        let local = self.at.with_timezone(&self.zone);
        let abbreviation = local.format("%Z").to_string();
        let named = [
            "CET", "CEST", "WET", "WEST", "EET", "EEST", "GMT", "BST", "UTC",
        ]
        .into_iter()
        .find(|name| {
            self.label
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == *name)
        });
        if let Some(named) = named.filter(|named| *named != abbreviation) {
            return Some(format!(
                "the label says {named}, but on that day {} keeps {abbreviation}; write {}",
                self.zone,
                local.format("%H:%M %Z")
            ));
        }
        let clock = local.format("%H:%M").to_string();
        let said = self.label.split_whitespace().find(|word| {
            let word = word.trim_matches(|c: char| !c.is_ascii_digit());
            word.len() == 5 && word.as_bytes().get(2) == Some(&b':')
        })?;
        let said = said.trim_matches(|c: char| !c.is_ascii_digit());
        (said != clock).then(|| {
            format!(
                "the label says {said}, but the instant is {clock} in {}",
                self.zone
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn the_instant_itself_is_too_late() {
        let deadline =
            Deadline::at_local(local("2024-03-05T17:00:00"), Tz::Europe__Berlin).unwrap();
        assert_eq!(deadline.label, "5 March 2024, 17:00 CET");
        assert!(deadline.met_by(deadline.at - chrono::Duration::microseconds(1)));
        assert!(!deadline.met_by(deadline.at));
    }

    #[test]
    fn nights_of_changing_clocks_are_pointed_out() {
        let spring = Deadline::at_local(local("2024-03-31T02:30:00"), Tz::Europe__Berlin);
        assert!(matches!(spring, Err(DeadlineFault::Skipped(..))));
        let autumn = Deadline::at_local(local("2024-10-27T02:30:00"), Tz::Europe__Berlin);
        assert!(matches!(autumn, Err(DeadlineFault::Twice(..))));
    }

    #[test]
    fn a_label_that_contradicts_its_instant_is_pointed_out() {
        let july = Deadline {
            label: "26 July 2018, 17:00 CET".into(),
            ..Deadline::at_local(local("2018-07-26T17:00:00"), Tz::Europe__Berlin).unwrap()
        };
        assert!(july.contradiction().unwrap().contains("CEST"));
        let wrong_hour = Deadline {
            label: "26 July 2018, 16:00 CEST".into(),
            ..july.clone()
        };
        assert!(wrong_hour.contradiction().unwrap().contains("16:00"));
        let right = Deadline {
            label: "26 July 2018, 17:00 CEST".into(),
            ..july
        };
        assert_eq!(right.contradiction(), None);
    }
}
