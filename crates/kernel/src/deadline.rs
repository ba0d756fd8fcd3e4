use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
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

    /// The deadline so many weeks later (earlier, when negative) at the same time of its clocks, with a
    /// label that fits the new day.
    pub fn shifted_weeks(&self, weeks: i16) -> Result<Self, DeadlineFault> {
        let local = self.at.with_timezone(&self.zone).naive_local();
        Self::at_local(local + Duration::weeks(i64::from(weeks)), self.zone)
    }

    /// What the label says that the instant denies, in a sentence; `None` where they agree.
    ///
    /// The label is read for an abbreviation of a zone, for a time such as `17:00`, and for a date such
    /// as `5 March 2024`; what it does not say is not missed.
    pub fn contradiction(&self) -> Option<String> {
        self.zone_denied()
            .or_else(|| self.clock_denied())
            .or_else(|| self.date_denied())
    }

    fn zone_denied(&self) -> Option<String> {
        let local = self.at.with_timezone(&self.zone);
        let kept = local.offset().fix().local_minus_utc();
        let words = || self.label.split(|c: char| !c.is_alphanumeric());
        let (name, hours) = ABBREVIATIONS
            .into_iter()
            .find(|(name, _)| words().any(|word| word == *name))?;
        if hours * 3600 == kept {
            return None;
        }
        let other = self.at + Duration::seconds(i64::from(kept - hours * 3600));
        Some(format!(
            "the label says {name}, but on that day {} keeps {}: {} {name} would be {}; write {}",
            self.zone,
            local.format("%Z"),
            local.format("%H:%M"),
            other.with_timezone(&self.zone).format("%H:%M %Z"),
            local.format("%H:%M %Z")
        ))
    }

    fn clock_denied(&self) -> Option<String> {
        let clock = self
            .at
            .with_timezone(&self.zone)
            .format("%H:%M")
            .to_string();
        let said = self
            .label
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()))
            .find(|word| word.len() == 5 && word.as_bytes().get(2) == Some(&b':'))?;
        (said != clock).then(|| {
            format!(
                "the label says {said}, but the instant is {clock} in {}",
                self.zone
            )
        })
    }

    fn date_denied(&self) -> Option<String> {
        let local = self.at.with_timezone(&self.zone).date_naive();
        let words: Vec<&str> = self
            .label
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let said = words
            .windows(3)
            .find_map(|day| NaiveDate::parse_from_str(&day.join(" "), "%d %B %Y").ok())?;
        (said != local).then(|| {
            format!(
                "the label says {}, but the instant is on {} in {}",
                said.format("%-d %B %Y"),
                local.format("%-d %B %Y"),
                self.zone
            )
        })
    }
}

/// The abbreviations that labels of European calls use, with their hours ahead of UTC.
const ABBREVIATIONS: [(&str, i32); 9] = [
    ("CET", 1),
    ("CEST", 2),
    ("WET", 0),
    ("WEST", 1),
    ("EET", 2),
    ("EEST", 3),
    ("GMT", 0),
    ("BST", 1),
    ("UTC", 0),
];

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
    #[test]
    fn the_other_reading_of_a_contradictory_label_is_named() {
        let july = Deadline {
            label: "26 July 2018, 17:00 CET".into(),
            ..Deadline::at_local(local("2018-07-26T17:00:00"), Tz::Europe__Berlin).unwrap()
        };
        let said = july.contradiction().unwrap();
        assert!(said.contains("17:00 CET would be 18:00 CEST"), "{said}");
        let wrong_day = Deadline {
            label: "25 July 2018, 17:00 CEST".into(),
            ..july.clone()
        };
        assert!(wrong_day.contradiction().unwrap().contains("25 July 2018"));
        let lagos = Deadline {
            label: "17:00 CET".into(),
            ..Deadline::at_local(local("2018-07-26T17:00:00"), Tz::Africa__Lagos).unwrap()
        };
        assert_eq!(
            lagos.contradiction(),
            None,
            "an hour ahead of UTC by any name"
        );
    }

    #[test]
    fn weeks_are_counted_by_the_clocks_of_the_zone() {
        let winter = Deadline::at_local(local("2024-03-05T17:00:00"), Tz::Europe__Berlin).unwrap();
        let summer = winter.shifted_weeks(10).unwrap();
        assert_eq!(summer.label, "14 May 2024, 17:00 CEST");
        assert_eq!(
            summer.at - winter.at,
            chrono::Duration::hours(10 * 7 * 24 - 1)
        );
        assert_eq!(summer.shifted_weeks(-10).unwrap(), winter);
    }
}
