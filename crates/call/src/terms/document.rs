use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Utc, Weekday};
use kernel::Deadline;
use serde::{Deserialize, Serialize};

/// What a funder demands beside the proposal: a form before the deadline, an application after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NationalDocument {
    /// What it is.
    pub title: String,
    /// When it is due; with nothing said, with the proposal.
    #[serde(default)]
    pub due: Option<Due>,
    /// Where it goes and what it must hold.
    #[serde(default)]
    pub note: String,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

/// When a national document is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Due {
    /// At a time of its own.
    At(Deadline),
    /// So many days before or after the deadline of a stage, until the end of that day.
    Near(Near),
}

/// A day counted from the deadline of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// The stage, from 1.
    pub stage: u32,
    /// Days after its deadline; negative for days before.
    pub days: i32,
    /// Whether only Monday to Friday count. Public holidays are not known here and count as days.
    #[serde(default)]
    pub working: bool,
}

impl Due {
    /// The instant until which the document is in time, given the deadlines of the stages. `None` where
    /// there is no such stage.
    pub fn until(&self, stages: &[Deadline]) -> Option<DateTime<Utc>> {
        match self {
            Self::At(deadline) => Some(deadline.at),
            Self::Near(near) => {
                let index = usize::try_from(near.stage).ok()?.checked_sub(1)?;
                let central = stages.get(index)?;
                let last = near.last_day(central.at.with_timezone(&central.zone).date_naive())?;
                end_of(last, central.zone)
            }
        }
    }

    /// When it is due, for people.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::At(deadline) => format!("until {}", deadline.label),
            Self::Near(near) => {
                let kind = if near.working { "working days" } else { "days" };
                let side = if near.days < 0 { "before" } else { "after" };
                format!(
                    "within {} {kind} {side} the deadline of stage {}",
                    near.days.unsigned_abs(),
                    near.stage
                )
            }
        }
    }
}

impl Near {
    fn last_day(&self, from: NaiveDate) -> Option<NaiveDate> {
        let step = |day: NaiveDate| {
            if self.days < 0 {
                day.checked_sub_days(Days::new(1))
            } else {
                day.checked_add_days(Days::new(1))
            }
        };
        let mut day = from;
        let mut left = self.days.unsigned_abs().min(3_660);
        while left > 0 {
            day = step(day)?;
            let at_rest = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            if !self.working || !at_rest {
                left -= 1;
            }
        }
        Some(day)
    }
}

/// The first instant after a day: midnight, or where the clocks jump over it the first time after.
fn end_of(day: NaiveDate, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1))?;
    (0..24).find_map(|hour| {
        let local = next.and_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&local)
            .earliest()
            .map(|at| at.to_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;
    use rstest::rstest;

    fn stage(local: &str, zone: Tz) -> Deadline {
        Deadline::at_local(local.parse().unwrap(), zone).unwrap()
    }

    #[rstest]
    // FNRS: its own form within 5 working days after the deadline, here a Thursday.
    #[case(
        5,
        true,
        "2024-03-07T17:00:00",
        Tz::Europe__Brussels,
        "2024-03-14T23:00:00Z"
    )]
    #[case(
        1,
        true,
        "2024-03-08T17:00:00",
        Tz::Europe__Brussels,
        "2024-03-11T23:00:00Z"
    )]
    #[case(-7, false, "2024-03-07T17:00:00", Tz::Europe__Rome, "2024-02-29T23:00:00Z")]
    #[case(
        0,
        false,
        "2024-06-20T17:00:00",
        Tz::Europe__Berlin,
        "2024-06-20T22:00:00Z"
    )]
    // The clocks of Beirut jump from midnight to one o'clock on 31 March 2024.
    #[case(
        2,
        false,
        "2024-03-28T17:00:00",
        Tz::Asia__Beirut,
        "2024-03-30T22:00:00Z"
    )]
    fn days_are_counted_from_the_central_deadline(
        #[case] days: i32,
        #[case] working: bool,
        #[case] central: &str,
        #[case] zone: Tz,
        #[case] until: &str,
    ) {
        let near = Due::Near(Near {
            stage: 1,
            days,
            working,
        });
        let stages = [stage(central, zone)];
        assert_eq!(near.until(&stages), Some(until.parse().unwrap()));
        assert_eq!(near.until(&[]), None);
    }
}
