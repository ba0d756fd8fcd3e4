//! Whether a calendar holds together, and with the rules of co-funded calls.

use chrono::{DateTime, Days, NaiveDateTime, Utc};
use chrono_tz::Tz;
use kernel::{Deadline, Finding};

use super::milestone::{FIRST_DEADLINE, LAST_DEADLINE, OPENING};
use super::{Calendar, MilestoneKind};

/// Days a co-funded call is open for submission at least (EU rules for a co-funded call).
const OPEN_DAYS: u64 = 60;
/// Days before publication by which the Commission is told (EU rules for a co-funded call).
const NOTICE_DAYS: u64 = 30;

impl Calendar {
    /// All faults and doubts of the calendar; `co_funded` calls have rules of the EU on top. Pointers are
    /// from its own root: `/stages/0/deadline`.
    pub fn check(&self, co_funded: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        self.stages_in_order(&mut found);
        self.milestones_in_order(&mut found);
        self.labels(&mut found);
        if co_funded {
            self.open_long_enough(&mut found);
            self.commission_told(&mut found);
        }
        found
    }

    fn stages_in_order(&self, found: &mut Vec<Finding>) {
        let mut before: Option<DateTime<Utc>> = None;
        for (index, stage) in self.stages.iter().enumerate() {
            let pointer = format!("/stages/{index}/deadline");
            let late = |limit: &DateTime<Utc>| stage.deadline.at <= *limit;
            if let Some(limit) = stage.opens_at.filter(late) {
                found.push(Finding::fault(
                    &pointer,
                    "deadline_before_opening",
                    format!("{} is not after the opening, {limit}", stage.deadline.at),
                    "choose a later deadline",
                ));
            } else if let Some(limit) = before.filter(late) {
                found.push(Finding::fault(
                    &pointer,
                    "deadline_order",
                    format!(
                        "{} is not after the deadline of the stage before, {limit}",
                        stage.deadline.at
                    ),
                    "choose a later deadline",
                ));
            }
            if let (Some(opens), Some(closed)) = (stage.opens_at, before)
                && opens < closed
            {
                found.push(Finding::doubt(
                    format!("/stages/{index}/opens_at"),
                    "stages_overlap",
                    format!("it opens at {opens}, before the stage before closes at {closed}"),
                    "a stage usually opens with the invitations to it",
                ));
            }
            if stage.opens_at.is_none() {
                found.push(Finding::doubt(
                    format!("/stages/{index}/opens_at"),
                    "not_known",
                    "when the stage opens is not known",
                    "give the instant before the call is published",
                ));
            }
            before = before.max(Some(stage.deadline.at));
        }
    }

    fn milestones_in_order(&self, found: &mut Vec<Finding>) {
        // What is dated, by its place in the order of a call.
        let mut dated: Vec<(u8, DateTime<Utc>, Option<usize>, String)> = Vec::new();
        if let Some(opens) = self.stages.first().and_then(|stage| stage.opens_at) {
            dated.push((OPENING, opens, None, "the opening".to_owned()));
        }
        let last = self.stages.len().saturating_sub(1);
        for (index, stage) in self.stages.iter().enumerate() {
            let rank = if index == last {
                LAST_DEADLINE
            } else {
                FIRST_DEADLINE
            };
            let name = format!("the deadline of stage {}", index + 1);
            dated.push((rank, stage.deadline.at, None, name));
        }
        for (index, milestone) in self.milestones.iter().enumerate() {
            let rank = milestone.kind.rank();
            let twice = self.milestones[..index]
                .iter()
                .any(|other| other.kind == milestone.kind);
            if twice && rank.is_some() {
                found.push(Finding::fault(
                    format!("/milestones/{index}/kind"),
                    "milestone_twice",
                    format!("'{}' stands here a second time", milestone.kind),
                    "keep one",
                ));
            }
            match (&milestone.at, rank) {
                (None, _) => found.push(Finding::doubt(
                    format!("/milestones/{index}"),
                    "not_known",
                    format!("the date of '{}' is not known", milestone.kind),
                    "give it as soon as it is",
                )),
                (Some(at), Some(rank)) => {
                    dated.push((rank, at.at, Some(index), format!("'{}'", milestone.kind)));
                }
                (Some(_), None) => {}
            }
        }
        dated.sort_by_key(|(rank, ..)| *rank);
        for (place, (rank, at, index, name)) in dated.iter().enumerate() {
            let earlier = dated[..place].iter().filter(|(other, ..)| other < rank);
            let Some((_, limit, other, before)) = earlier.max_by_key(|(_, at, ..)| *at) else {
                continue;
            };
            // Dates of stages among themselves are told by `stages_in_order`.
            let Some(shown) = index.or(*other) else {
                continue;
            };
            if at < limit {
                found.push(Finding::fault(
                    format!("/milestones/{shown}/at"),
                    "milestone_order",
                    format!("{name} is at {at}, before {before} at {limit}"),
                    "put them in their order",
                ));
            }
        }
    }

    fn labels(&self, found: &mut Vec<Finding>) {
        let stages = self
            .stages
            .iter()
            .enumerate()
            .map(|(index, stage)| (format!("/stages/{index}/deadline/label"), &stage.deadline));
        let milestones = self
            .milestones
            .iter()
            .enumerate()
            .filter_map(|(index, milestone)| {
                Some((
                    format!("/milestones/{index}/at/label"),
                    milestone.at.as_ref()?,
                ))
            });
        for (pointer, deadline) in stages.chain(milestones) {
            if let Some(contradiction) = deadline.contradiction() {
                found.push(Finding::doubt(
                    pointer,
                    "label",
                    contradiction,
                    "the instant alone decides; correct the label, for people read it",
                ));
            }
        }
    }

    fn milestone(&self, kind: MilestoneKind) -> Option<(usize, Option<&Deadline>)> {
        let place = self
            .milestones
            .iter()
            .position(|milestone| milestone.kind == kind)?;
        Some((place, self.milestones[place].at.as_ref()))
    }

    /// When the call became public: its publication, else the opening of the first stage. `None` while
    /// that is not known.
    fn public_from(&self) -> Option<DateTime<Utc>> {
        match self.milestone(MilestoneKind::Publication) {
            Some((_, at)) => at.map(|at| at.at),
            None => self.stages.first()?.opens_at,
        }
    }

    fn open_long_enough(&self, found: &mut Vec<Finding>) {
        let Some(first) = self.stages.first() else {
            return;
        };
        let pointer = "/stages/0/deadline";
        let allowed = format!("a co-funded call is open for at least {OPEN_DAYS} days");
        let Some(from) = self.public_from() else {
            found.push(Finding::doubt(
                pointer,
                "open_days_not_known",
                "since when the call is public is not known",
                allowed,
            ));
            return;
        };
        let (from, until) = (
            on_clocks(from, first.deadline.zone),
            on_clocks(first.deadline.at, first.deadline.zone),
        );
        let least = from.checked_add_days(Days::new(OPEN_DAYS));
        // A deadline before the opening is a fault of its own.
        if from < until && least.is_none_or(|least| until < least) {
            let days = (until - from).num_days();
            found.push(Finding::fault(
                pointer,
                "open_days",
                format!("{days} full days from {from} to {until}"),
                allowed,
            ));
        }
    }

    fn commission_told(&self, found: &mut Vec<Finding>) {
        let allowed = format!(
            "the Commission is told of a co-funded call at least {NOTICE_DAYS} days before its publication"
        );
        let notice = self.milestone(MilestoneKind::CommissionNotice);
        let (Some((place, Some(told))), Some(public)) = (notice, self.public_from()) else {
            let pointer = notice.map_or("/milestones".to_owned(), |(place, _)| {
                format!("/milestones/{place}")
            });
            let what = "when the Commission is told, or the call published, is not known";
            found.push(Finding::doubt(pointer, "notice_not_known", what, allowed));
            return;
        };
        let (told, public) = (on_clocks(told.at, told.zone), on_clocks(public, told.zone));
        if told
            .checked_add_days(Days::new(NOTICE_DAYS))
            .is_none_or(|least| public < least)
        {
            found.push(Finding::fault(
                format!("/milestones/{place}/at"),
                "notice_days",
                format!(
                    "{} full days from {told} to {public}",
                    (public - told).num_days()
                ),
                allowed,
            ));
        }
    }
}

/// Days are counted by the clocks of a zone: a night of changing clocks makes no day longer.
fn on_clocks(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}
