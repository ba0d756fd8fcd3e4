//! Individual exceptions to a stage's deadline: one proposal may be submitted until an instant of its own.

use chrono::{DateTime, Utc};
use kernel::{Deadline, Faults};

/// The deadline that counts for a proposal with an exception until `until`, or with none: the later of the
/// two, so that an extension of the stage never shortens an exception, nor the other way round.
pub fn effective(stage: &Deadline, until: Option<DateTime<Utc>>) -> Deadline {
    match until {
        Some(at) if at > stage.at => Deadline {
            at,
            zone: stage.zone,
            label: format!(
                "individual exception until {}",
                at.with_timezone(&stage.zone)
                    .format("%-d %B %Y, %H:%M:%S %Z")
            ),
        },
        _ => stage.clone(),
    }
}

/// What is wrong with an exception: there is no hidden grace, so it says why, and it ends after the stage's
/// deadline, in the future, and before the deadline of the stage that follows.
pub fn check(
    until: DateTime<Utc>,
    reason: &str,
    stage: &Deadline,
    next: Option<&Deadline>,
    now: DateTime<Utc>,
) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        until > stage.at,
        "/until",
        "before_deadline",
        format!(
            "the deadline of the stage is {}; an exception ends after it",
            stage.label
        ),
    );
    faults.require(
        until > now,
        "/until",
        "in_the_past",
        "that instant has passed; give one in the future",
    );
    if let Some(next) = next {
        faults.require(
            until < next.at,
            "/until",
            "deadline_order",
            format!(
                "the deadline of the next stage, {}, comes first; choose an earlier instant",
                next.label
            ),
        );
    }
    faults.require(
        !reason.trim().is_empty(),
        "/reason",
        "required",
        "say why, for the coordinator and the independent observer",
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(time: &str) -> Deadline {
        Deadline::at_local(time.parse().unwrap(), chrono_tz::Tz::Europe__Paris).unwrap()
    }

    #[test]
    fn the_later_of_stage_and_exception_counts() {
        let stage = at("2031-03-04T17:00:00");
        let later = stage.at + TimeDelta::days(2);
        assert_eq!(effective(&stage, None), stage);
        assert_eq!(effective(&stage, Some(stage.at)), stage);
        let sooner = stage.at - TimeDelta::days(2);
        assert_eq!(effective(&stage, Some(sooner)), stage);
        let own = effective(&stage, Some(later));
        assert_eq!((own.at, own.zone), (later, stage.zone));
        assert_eq!(
            own.label,
            "individual exception until 6 March 2031, 17:00:00 CET"
        );
    }

    #[test]
    fn all_faults_of_an_exception_are_named() {
        let (stage, next) = (at("2031-03-04T17:00:00"), at("2031-06-17T17:00:00"));
        let codes = |until, reason, now| {
            let faults = check(until, reason, &stage, Some(&next), now).0;
            let codes: Vec<String> = faults.into_iter().map(|fault| fault.code).collect();
            codes.join(" ")
        };
        let (day, now) = (TimeDelta::days(1), stage.at);
        assert_eq!(codes(now + day, "A flood", now), "");
        assert_eq!(
            codes(now, " ", now + day),
            "before_deadline in_the_past required"
        );
        assert_eq!(codes(next.at, "A flood", now), "deadline_order");
        assert_eq!(codes(now + day, "A flood", now + day), "in_the_past");
    }
}
