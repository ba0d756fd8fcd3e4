use chrono::{DateTime, Utc};
use kernel::{Deadline, Fault, Faults};

/// What a check of a calendar found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarCheck {
    /// What must be changed before the call may be published.
    pub faults: Faults,
    /// What is allowed but likely to mislead: labels that contradict their instants.
    pub doubts: Vec<Fault>,
}

/// Checks a call's calendar: it opens before its first deadline, and the deadlines of its stages
/// follow each other. `deadlines` are those of the stages in their order.
pub fn check_calendar(opens: DateTime<Utc>, deadlines: &[Deadline]) -> CalendarCheck {
    let mut check = CalendarCheck::default();
    let mut before = opens;
    for (index, deadline) in deadlines.iter().enumerate() {
        let pointer = format!("/stages/{index}/deadline");
        if deadline.at <= before {
            let (code, what) = if index == 0 {
                ("deadline_before_opening", "the opening of the call")
            } else {
                ("deadline_order", "the deadline of the stage before")
            };
            check.faults.add(
                &pointer,
                code,
                format!(
                    "{} is not after {what}, {before}; choose a later one",
                    deadline.at
                ),
            );
        }
        if let Some(contradiction) = deadline.contradiction() {
            check.doubts.push(Fault::new(
                format!("{pointer}/label"),
                "label",
                contradiction,
            ));
        }
        before = before.max(deadline.at);
    }
    check
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn deadline(local: &str) -> Deadline {
        Deadline::at_local(local.parse().unwrap(), Tz::Europe__Berlin).unwrap()
    }

    #[test]
    fn opening_and_deadlines_follow_each_other() {
        let opens = "2024-01-08T00:00:00Z".parse().unwrap();
        let (pre, full) = (
            deadline("2024-03-05T17:00:00"),
            deadline("2024-06-20T17:00:00"),
        );
        assert_eq!(
            check_calendar(opens, &[pre.clone(), full.clone()]),
            CalendarCheck::default()
        );
        let turned = check_calendar(opens, &[full.clone(), pre.clone()]);
        assert_eq!(turned.faults.0[0].pointer, "/stages/1/deadline");
        assert_eq!(turned.faults.0[0].code, "deadline_order");
        let late = check_calendar(pre.at, std::slice::from_ref(&pre));
        assert_eq!(late.faults.0[0].code, "deadline_before_opening");
    }

    #[test]
    fn a_misleading_label_is_a_doubt_and_no_fault() {
        let opens = "2018-01-08T00:00:00Z".parse().unwrap();
        let july = Deadline {
            label: "26 July 2018, 17:00 CET".to_owned(),
            ..deadline("2018-07-26T17:00:00")
        };
        let check = check_calendar(opens, &[july]);
        assert!(check.faults.is_empty());
        assert_eq!(check.doubts[0].pointer, "/stages/0/deadline/label");
    }

    #[test]
    fn extended_is_later_and_shortened_is_earlier_but_not_past() {
        let (early, late) = (
            deadline("2024-03-05T17:00:00"),
            deadline("2024-03-06T17:00:00"),
        );
        assert!(check_extension(&early, &late).is_empty());
        assert!(!check_extension(&early, &early).is_empty());
        assert!(check_shortening(&late, &early, early.at).is_empty());
        assert!(!check_shortening(&early, &late, early.at).is_empty());
        assert_eq!(
            check_shortening(&late, &early, late.at).0[0].code,
            "deadline_past"
        );
    }
}
