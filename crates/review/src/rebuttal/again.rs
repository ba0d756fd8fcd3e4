use call::RebuttalRules;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Faults;

/// The days that are left at least where time given again is cut short, unless the rules give fewer to all. Whoever is
/// writing hears of it in time, and nobody outside the consortium learns whether somebody is.
const NOTICE: u32 = 3;

/// Whether the applicants of one proposal may be given time again until `until`: ahead, and no longer than the rules give
/// all of them. `told` is the end that they were told, where they may still write: it may be moved, and comes earlier only
/// as far as they can rely on it.
pub fn check_time_again(
    rules: &RebuttalRules,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    told: Option<DateTime<Utc>>,
) -> Faults {
    let mut faults = Faults::default();
    let days = |days: u32| TimeDelta::days(i64::from(days));
    let latest = now + days(rules.days);
    let notice = NOTICE.min(rules.days);
    let earliest = told.map(|told| told.min(now + days(notice)));
    // An hour is left to whoever sends what was named here.
    let hour = TimeDelta::hours(1);
    if until <= now {
        faults.add(
            "/until",
            "past",
            "the window is to close in the future; give a later time",
        );
    } else if let Some(earliest) = earliest.filter(|earliest| until + hour < *earliest) {
        faults.add(
            "/until",
            "notice_short",
            format!(
                "the applicants were told of a later end, and whoever is writing has {notice} days at least; give {} or \
                 later",
                words(earliest)
            ),
        );
    }
    faults.require(
        until <= latest,
        "/until",
        "time_long",
        format!(
            "the rules of the call give all applicants {} days, and time again is no longer; give {} at the latest",
            rules.days,
            words(latest)
        ),
    );
    faults
}

fn words(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use call::LimitOf;

    fn found(days: u32, until: i64, told: Option<i64>) -> Vec<String> {
        let rules = RebuttalRules {
            days,
            max_characters: None,
            max_words: Some(3),
            limit_of: LimitOf::WholeReply,
        };
        let now = DateTime::UNIX_EPOCH;
        let at = |hours: i64| now + TimeDelta::hours(hours);
        let faults = check_time_again(&rules, now, at(until), told.map(at));
        faults.0.into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn time_again_lies_ahead_and_is_no_longer_than_the_rules_give() {
        assert_eq!(found(7, 0, None), ["past"]);
        assert_eq!(found(7, 1, None), Vec::<String>::new());
        assert_eq!(found(7, 168, None), Vec::<String>::new());
        assert_eq!(found(7, 169, None), ["time_long"]);
        assert_eq!(found(7, 24 * 365 * 36, Some(12)), ["time_long"]);
    }

    #[test]
    fn what_was_told_comes_earlier_only_with_notice() {
        assert_eq!(found(7, 70, Some(160)), ["notice_short"]);
        assert_eq!(found(7, 71, Some(160)), Vec::<String>::new());
        assert_eq!(found(7, 0, Some(160)), ["past"]);
        // What ends sooner anyway stays, or gets longer.
        assert_eq!(found(7, 18, Some(20)), ["notice_short"]);
        assert_eq!(found(7, 19, Some(20)), Vec::<String>::new());
        assert_eq!(found(7, 40, Some(20)), Vec::<String>::new());
        // Nobody has more notice than time by the rules.
        assert_eq!(found(1, 22, Some(200)), ["notice_short"]);
        assert_eq!(found(1, 23, Some(200)), Vec::<String>::new());
    }
}
