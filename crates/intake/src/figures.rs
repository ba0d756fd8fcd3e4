//! What the secretariat may know of a stage in figures, also while proposals are still a secret.

use chrono::{DateTime, Utc};
use kernel::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How submissions came in: a point wherever something came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// How many hours one step has: 1, a day, a week, or more weeks, so that the points stay few.
    pub step_hours: i64,
    /// In order of time.
    pub points: Vec<TimelinePoint>,
}

/// How many proposals had come by a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelinePoint {
    /// The end of the step.
    pub until: DateTime<Utc>,
    /// Proposals first submitted by then, whether withdrawn since or not.
    pub submitted: i64,
}

const DAY: i64 = 24;
const WEEK: i64 = 7 * DAY;

/// The timeline of first submissions, counted by the hour (each named by its beginning) in order of time; in
/// the smallest steps that make at most `most` points, of which there is at least one.
pub fn timeline(by_hour: &[(DateTime<Utc>, i64)], most: usize) -> Timeline {
    let mut step_hours = 1;
    loop {
        let points = steps(by_hour, step_hours);
        if points.len() <= most.max(1) {
            return Timeline { step_hours, points };
        }
        step_hours = match step_hours {
            1 => DAY,
            DAY => WEEK,
            weeks => weeks * 2,
        };
    }
}

fn steps(by_hour: &[(DateTime<Utc>, i64)], step_hours: i64) -> Vec<TimelinePoint> {
    let seconds = step_hours * 3600;
    let mut points: Vec<TimelinePoint> = Vec::new();
    let mut sum = 0;
    for (hour, number) in by_hour {
        sum += number;
        let end = (hour.timestamp().div_euclid(seconds) + 1) * seconds;
        let until = DateTime::from_timestamp(end, 0).unwrap_or(*hour);
        match points.last_mut().filter(|last| last.until == until) {
            Some(last) => last.submitted = sum,
            None => points.push(TimelinePoint {
                until,
                submitted: sum,
            }),
        }
    }
    points
}

/// What is asked of one funder, beside what it has committed; in the currency of the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FunderDemand {
    /// Key of the funder in the call.
    #[schema(example = "DE-BMBF")]
    pub funder: String,
    /// What it has committed.
    pub committed: Amount,
    /// Proposals with partners that ask it; none where they are too few to be told before the deadline.
    pub proposals: Option<i64>,
    /// These partners; none as for `proposals`.
    pub partners: Option<i64>,
    /// What they ask together; none as for `proposals`, and rounded to 100,000 before the deadline.
    pub requested: Option<Amount>,
}

/// Fewer proposals than these are not told before the deadline: a sum over one or two is theirs.
const FEWEST: i64 = 3;

/// To what sums are rounded before the deadline, in minor units: what two readings differ in must not be what
/// the proposal asked that came between them.
const ROUNDED_TO: i64 = 100_000 * 100;

impl FunderDemand {
    /// The same as it may be told before the deadline.
    pub fn veiled(self) -> FunderDemand {
        if self.proposals == Some(0) {
            return self;
        }
        let told = self.proposals.is_some_and(|number| number >= FEWEST);
        let round = |Amount(sum): Amount| {
            let half_up = sum.saturating_add(ROUNDED_TO / 2);
            Amount(half_up - half_up.rem_euclid(ROUNDED_TO))
        };
        FunderDemand {
            proposals: self.proposals.filter(|_| told),
            partners: self.partners.filter(|_| told),
            requested: self.requested.filter(|_| told).map(round),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(number: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(number * 3600, 0).unwrap()
    }

    proptest! {
        #[test]
        fn a_timeline_is_short_and_loses_nobody(
            hours in proptest::collection::btree_map(400_000i64..440_000, 1i64..9, 0..300),
            most in 1usize..200,
        ) {
            let by_hour: Vec<_> = hours.iter().map(|(at, number)| (hour(*at), *number)).collect();
            let line = timeline(&by_hour, most);
            prop_assert!(line.points.len() <= most);
            prop_assert!(line.points.windows(2).all(|two| two[0].until < two[1].until));
            for point in &line.points {
                let came: i64 = by_hour.iter().filter(|(at, _)| *at < point.until).map(|(_, number)| number).sum();
                prop_assert_eq!(point.submitted, came);
            }
            let all: i64 = hours.values().sum();
            prop_assert_eq!(line.points.last().map_or(0, |last| last.submitted), all);
        }

        #[test]
        fn before_the_deadline_no_single_proposal_is_told(
            proposals in 0i64..6, requested in 0i64..i64::MAX / 2, more in 0i64..4_900_000,
        ) {
            let demand = |requested| FunderDemand {
                funder: "DE-BMBF".into(), committed: Amount(7), proposals: Some(proposals),
                partners: Some(proposals), requested: Some(Amount(requested)),
            };
            let told = demand(requested).veiled();
            prop_assert_eq!(told.committed, Amount(7));
            prop_assert_eq!(told.requested.is_some(), proposals == 0 || proposals >= FEWEST);
            if let Some(Amount(sum)) = told.requested.filter(|_| proposals > 0) {
                prop_assert_eq!(sum % ROUNDED_TO, 0);
                prop_assert!((sum - requested).abs() <= ROUNDED_TO / 2);
                let Some(Amount(next)) = demand(requested + more).veiled().requested else { unreachable!() };
                prop_assert!(next == sum || next == sum + ROUNDED_TO);
            }
        }
    }

    #[test]
    fn a_rush_is_shown_by_the_hour_and_a_year_by_the_week() {
        let rush = [(hour(0), 3), (hour(1), 5)];
        assert_eq!(timeline(&rush, 100).step_hours, 1);
        let year: Vec<_> = (0..730).map(|half| (hour(half * 12), 1)).collect();
        assert_eq!(timeline(&year, 100).step_hours, WEEK);
        assert_eq!(timeline(&year, 400).step_hours, DAY);
    }
}
