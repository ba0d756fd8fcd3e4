use chrono::{Days, Duration, NaiveDate, NaiveDateTime, Offset};
use chrono_tz::Tz;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn deadline(local: &str) -> Deadline {
    Deadline::at_local(local.parse().unwrap(), Tz::Europe__Berlin).unwrap()
}

fn stage(opens: &str, closes: &str) -> StageDates {
    StageDates {
        opens_at: Some(deadline(opens).at),
        deadline: deadline(closes),
    }
}

fn milestone(kind: MilestoneKind, local: &str) -> Milestone {
    Milestone {
        kind,
        at: (!local.is_empty()).then(|| deadline(local)),
        note: String::new(),
    }
}

/// The calendar of EP PerMed 2024, with the later dates at the middle of what was announced.
fn of_2024() -> Calendar {
    use MilestoneKind as Kind;
    Calendar {
        stages: vec![
            stage("2024-01-12T09:00:00", "2024-03-05T17:00:00"),
            stage("2024-05-20T09:00:00", "2024-06-20T17:00:00"),
        ],
        milestones: vec![
            milestone(Kind::Publication, "2024-01-02T09:00:00"),
            milestone(Kind::InformationDay, "2024-01-15T09:00:00"),
            milestone(Kind::CommissionNotice, "2023-12-01T09:00:00"),
            milestone(Kind::RebuttalOpens, "2024-08-20T09:00:00"),
            milestone(Kind::RebuttalCloses, "2024-08-27T17:00:00"),
            milestone(Kind::Panel, "2024-09-20T09:00:00"),
            milestone(Kind::BudgetFreeze, "2024-10-10T09:00:00"),
            milestone(Kind::SelectionMeeting, "2024-10-10T09:00:00"),
        ],
    }
}

fn codes(found: &[kernel::Finding]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|f| (f.pointer.as_str(), f.code.as_str()))
        .collect()
}

#[test]
fn a_real_calendar_holds_together_also_as_a_co_funded_one() {
    assert_eq!(of_2024().check(true), []);
    // 53 days from the opening of the submission alone would be too short: the publication counts.
    let mut unpublished = of_2024();
    unpublished.milestones.remove(0);
    assert_eq!(
        codes(&unpublished.check(true)),
        [("/stages/0/deadline", "open_days")]
    );
    assert_eq!(unpublished.check(false), []);
}

#[test]
fn milestones_are_named_by_kind_and_numbered_from_the_second_on() {
    use MilestoneKind as Kind;
    let kinds = [Kind::Other, Kind::Panel, Kind::Other];
    let milestones = kinds.map(|kind| milestone(kind, "2024-01-02T09:00:00"));
    let named = Milestone::by_name(milestones.to_vec());
    let names: Vec<&str> = named.keys().map(String::as_str).collect();
    assert_eq!(names, ["other", "other-2", "panel"]);
}

#[test]
fn dates_out_of_order_are_named() {
    let mut calendar = of_2024();
    calendar.stages.swap(0, 1);
    calendar.milestones.clear();
    let found = calendar.check(false);
    assert_eq!(
        codes(&found),
        [
            ("/stages/1/deadline", "deadline_order"),
            ("/stages/1/opens_at", "stages_overlap"),
        ]
    );
    assert!(!found[1].is_fault());

    let mut calendar = of_2024();
    calendar.stages[0].opens_at = Some(calendar.stages[0].deadline.at);
    assert_eq!(
        codes(&calendar.check(false)),
        [("/stages/0/deadline", "deadline_before_opening")]
    );

    let mut calendar = of_2024();
    calendar.milestones[4].at = Some(deadline("2024-08-19T17:00:00"));
    calendar
        .milestones
        .push(milestone(MilestoneKind::Panel, ""));
    assert_eq!(
        codes(&calendar.check(false)),
        [
            ("/milestones/8/kind", "milestone_twice"),
            ("/milestones/8", "not_known"),
            ("/milestones/4/at", "milestone_order"),
        ]
    );

    let mut calendar = of_2024();
    calendar.milestones[0].at = Some(deadline("2024-02-02T09:00:00"));
    assert_eq!(
        codes(&calendar.check(false)),
        [("/milestones/0/at", "milestone_order")]
    );
}

#[test]
fn a_misleading_label_is_a_doubt_and_no_fault() {
    let mut calendar = of_2024();
    calendar.stages[1].deadline.label = "20 June 2024, 17:00 CET".to_owned();
    let found = calendar.check(false);
    assert_eq!(codes(&found), [("/stages/1/deadline/label", "label")]);
    assert!(!found[0].is_fault());
    assert!(
        found[0].found.contains("17:00 CET would be 18:00 CEST"),
        "{}",
        found[0].found
    );
}

/// Both limits at, below and above, to the minute; leap day and changing clocks included.
#[rstest]
#[case("2024-01-01T17:00:00", "2024-03-01T17:00:00", true)] // 29 February makes it 60
#[case("2023-01-01T17:00:00", "2023-03-01T17:00:00", false)]
#[case("2023-01-01T17:00:00", "2023-03-02T17:00:00", true)]
#[case("2024-02-20T17:00:00", "2024-04-20T17:00:00", true)] // an hour is missing, no day is
#[case("2024-02-20T17:01:00", "2024-04-20T17:00:00", false)]
fn sixty_days_by_the_clocks(#[case] opens: &str, #[case] closes: &str, #[case] enough: bool) {
    let calendar = Calendar {
        stages: vec![stage(opens, closes)],
        milestones: vec![milestone(
            MilestoneKind::CommissionNotice,
            "2022-01-01T00:00:00",
        )],
    };
    let expected: &[(&str, &str)] = &[("/stages/0/deadline", "open_days")];
    assert_eq!(
        codes(&calendar.check(true)),
        if enough { &[] } else { expected }
    );
}

#[rstest]
#[case("2023-12-03T09:00:00", &[])]
#[case("2023-12-03T09:01:00", &[("/milestones/2/at", "notice_days")])]
#[case("", &[("/milestones/2", "not_known"), ("/milestones/2", "notice_not_known")])]
fn thirty_days_of_notice(#[case] told: &str, #[case] expected: &[(&str, &str)]) {
    let mut calendar = of_2024();
    calendar.milestones[2] = milestone(MilestoneKind::CommissionNotice, told);
    assert_eq!(codes(&calendar.check(true)), expected);
}

#[test]
fn what_is_not_known_is_a_doubt() {
    let mut calendar = of_2024();
    calendar.stages[0].opens_at = None;
    calendar.milestones = vec![milestone(MilestoneKind::Publication, "")];
    let found = calendar.check(true);
    assert_eq!(
        codes(&found),
        [
            ("/stages/0/opens_at", "not_known"),
            ("/milestones/0", "not_known"),
            ("/stages/0/deadline", "open_days_not_known"),
            ("/milestones", "notice_not_known"),
        ]
    );
    assert!(found.iter().all(|finding| !finding.is_fault()));
}

/// Zones from 12 hours behind UTC to 14 ahead of it, with half hours, and with clocks that change at
/// midnight, by half an hour, or not at all.
const ZONES: [Tz; 14] = [
    Tz::Etc__GMTPlus12,
    Tz::America__St_Johns,
    Tz::America__Havana,
    Tz::Atlantic__Azores,
    Tz::Europe__London,
    Tz::Europe__Berlin,
    Tz::Africa__Cairo,
    Tz::Asia__Beirut,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
    Tz::Pacific__Chatham,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Apia,
];

#[test]
fn the_zones_reach_from_minus_12_to_plus_14() {
    let at: DateTime<Utc> = "2024-01-15T12:00:00Z".parse().unwrap();
    let hours = |zone: &Tz| at.with_timezone(zone).offset().fix().local_minus_utc() / 3600;
    let offsets: Vec<i32> = ZONES.iter().map(hours).collect();
    assert_eq!(
        (offsets.iter().min(), offsets.iter().max()),
        (Some(&-12), Some(&14))
    );
}

fn local() -> impl Strategy<Value = NaiveDateTime> {
    // Every minute from 2020 to 2031, so that all nights of changing clocks and leap days are among them.
    (0i64..366 * 24 * 60 * 11).prop_map(|minutes| {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap();
        first + Duration::minutes(minutes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_deadline_stands_at_the_time_its_label_says(local in local(), zone in prop::sample::select(&ZONES[..])) {
        // A time that does not exist, or twice, is refused; every other is the one people read.
        let Ok(deadline) = Deadline::at_local(local, zone) else { return Ok(()) };
        prop_assert_eq!(deadline.at.with_timezone(&zone).naive_local(), local);
        prop_assert_eq!(deadline.contradiction(), None, "{}", deadline.label);
        prop_assert!(deadline.met_by(deadline.at - Duration::microseconds(1)));
        prop_assert!(!deadline.met_by(deadline.at));
        if let Ok(later) = deadline.shifted_weeks(26) {
            prop_assert_eq!(later.at.with_timezone(&zone).naive_local(), local + Duration::weeks(26));
            prop_assert_eq!(later.shifted_weeks(-26), Ok(deadline));
        }
    }

    #[test]
    fn sixty_days_are_sixty_days_in_every_zone(local in local(), zone in prop::sample::select(&ZONES[..])) {
        let opens = Deadline::at_local(local, zone);
        let minute_later = Deadline::at_local(local + Duration::minutes(1), zone);
        let closes = Deadline::at_local(local + Days::new(60), zone);
        let (Ok(opens), Ok(minute_later), Ok(closes)) = (opens, minute_later, closes) else { return Ok(()) };
        let short = |opens_at: Deadline| {
            let stages = vec![StageDates { opens_at: Some(opens_at.at), deadline: closes.clone() }];
            let calendar = Calendar { stages, milestones: Vec::new() };
            calendar.check(true).iter().any(|finding| finding.code == "open_days")
        };
        prop_assert!(!short(opens));
        prop_assert!(short(minute_later));
    }
}

/// Counting hours instead of days on the clocks is the slip that the property is there for.
#[test]
fn a_planted_count_of_hours_is_told_apart() {
    let (opens, closes) = (
        deadline("2024-02-20T17:00:00"),
        deadline("2024-04-20T17:00:00"),
    );
    assert!(
        closes.at - opens.at < Duration::days(60),
        "the clocks went forward in between"
    );
    let calendar = Calendar {
        stages: vec![StageDates {
            opens_at: Some(opens.at),
            deadline: closes,
        }],
        milestones: Vec::new(),
    };
    assert!(
        calendar
            .check(true)
            .iter()
            .all(|finding| finding.code != "open_days")
    );
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
