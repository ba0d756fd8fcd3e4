use std::collections::HashSet;

use call::DecisionRules;
use chrono::NaiveDate;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// How the steering committee adopted a selection, as its secretariat records it. The committee's members are
/// the funders that take part in the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// At a meeting or in writing.
    pub procedure: Procedure,
    /// Keys of the members who were present or represented; in a written procedure of those who answered.
    pub attendance: Vec<String>,
    /// How each of them voted.
    pub votes: Vec<MemberVote>,
    /// When a written procedure was opened.
    #[serde(default)]
    pub opened_on: Option<NaiveDate>,
    /// When a written procedure ended.
    #[serde(default)]
    pub closed_on: Option<NaiveDate>,
    /// The minutes, or where they are filed.
    pub minutes: String,
    /// Why this one of several equally good selections; needed where the selection has ties.
    #[serde(default)]
    pub tie_reason: String,
}

/// How one member of the committee voted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberVote {
    /// The member's key.
    pub member: String,
    /// Its vote.
    pub vote: Vote,
}

/// A vote.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schema(as = CommitteeVote)]
pub enum Vote {
    /// For the selection.
    For,
    /// Against it.
    Against,
    /// Neither.
    Abstain,
}

/// How the committee decides.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Procedure {
    /// At a meeting.
    Meeting,
    /// In a written procedure.
    Written,
}

/// By what a vote is measured.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    /// The rules of the call.
    pub rules: &'a DecisionRules,
    /// Keys of the committee's members.
    pub members: &'a [String],
    /// Whether other selections are equally good.
    pub ties: bool,
    /// What day it is.
    pub today: NaiveDate,
    /// On which day the selection was proposed, where that day begins last.
    pub proposed: NaiveDate,
}

impl Adoption {
    /// How many voted so.
    pub fn count(&self, vote: Vote) -> usize {
        self.votes.iter().filter(|one| one.vote == vote).count()
    }

    /// What keeps the committee's vote from carrying: no quorum, no majority, a written procedure that was too
    /// short or began before there was anything to adopt, votes of nobody who took part, nothing on file, or no word on why this selection and not its
    /// equals. A tie is never taken silently.
    pub fn check(&self, by: Measure) -> Faults {
        let mut faults = Faults::default();
        self.check_attendance(by, &mut faults);
        self.check_votes(by, &mut faults);
        if self.procedure == Procedure::Written {
            self.check_dates(by, &mut faults);
        }
        let blank = |text: &str| text.trim().is_empty();
        faults.require(
            !blank(&self.minutes),
            "/minutes",
            "minutes_missing",
            "give the minutes, or where they are filed",
        );
        faults.require(
            !by.ties || !blank(&self.tie_reason),
            "/tie_reason",
            "tie_undecided",
            "other selections are equally good; say why the committee takes this one",
        );
        faults
    }

    fn check_attendance(&self, by: Measure, faults: &mut Faults) {
        let mut seen = HashSet::new();
        for (at, member) in self.attendance.iter().enumerate() {
            faults.require(
                by.members.contains(member),
                format!("/attendance/{at}"),
                "not_a_member",
                format!("'{member}' is no funder of the call; give the keys of those who are"),
            );
            faults.require(
                seen.insert(member),
                format!("/attendance/{at}"),
                "twice",
                format!("'{member}' stands here twice; give it once"),
            );
        }
        let members = seen.iter().filter(|one| by.members.contains(one)).count();
        faults.require(
            by.rules.has_quorum(members, by.members.len()),
            "/attendance",
            "no_quorum",
            format!(
                "{members} of {} members took part, and {} percent have to; convene the committee again",
                by.members.len(),
                by.rules.quorum
            ),
        );
    }

    fn check_votes(&self, by: Measure, faults: &mut Faults) {
        let mut seen = HashSet::new();
        for (at, one) in self.votes.iter().enumerate() {
            let pointer = format!("/votes/{at}/member");
            faults.require(
                self.attendance.contains(&one.member),
                pointer.as_str(),
                "not_present",
                format!(
                    "'{}' did not take part; correct the attendance or the vote",
                    one.member
                ),
            );
            faults.require(
                seen.insert(one.member.as_str()),
                pointer,
                "twice",
                format!("'{}' voted already; a member has one vote", one.member),
            );
        }
        let silent = self
            .attendance
            .iter()
            .filter(|one| !seen.contains(one.as_str()));
        let silent: Vec<&str> = silent.map(String::as_str).collect();
        faults.require(
            silent.is_empty(),
            "/votes",
            "vote_missing",
            format!(
                "there is no vote of {}; who took part and did not vote abstained",
                silent.join(", ")
            ),
        );
        let (yes, no) = (self.count(Vote::For), self.count(Vote::Against));
        faults.require(
            by.rules.carries(yes, no),
            "/votes",
            "not_carried",
            format!(
                "{yes} for and {no} against do not carry: more than {} percent have to be for; propose another selection",
                by.rules.majority
            ),
        );
    }

    fn check_dates(&self, by: Measure, faults: &mut Faults) {
        for (pointer, given) in [
            ("/opened_on", self.opened_on),
            ("/closed_on", self.closed_on),
        ] {
            faults.require(
                given.is_some(),
                pointer,
                "required",
                "say when the written procedure was opened and when it ended",
            );
        }
        let (Some(opened), Some(closed)) = (self.opened_on, self.closed_on) else {
            return;
        };
        faults.require(
            opened >= by.proposed,
            "/opened_on",
            "before_proposed",
            format!(
                "it was opened on {opened}, and what it is to adopt was proposed on {}; votes on another selection do not \
                 count for it",
                by.proposed
            ),
        );
        let days = closed.signed_duration_since(opened).num_days();
        let all = by.members.iter().all(|one| self.attendance.contains(one));
        faults.require(
            days >= i64::from(by.rules.written_days) || (all && days >= 0),
            "/closed_on",
            "too_short",
            format!(
                "it was open for {days} days, and is for {} unless all members answer earlier",
                by.rules.written_days
            ),
        );
        faults.require(
            closed <= by.today,
            "/closed_on",
            "not_yet",
            format!("it ends on {closed}; record the votes when it has ended"),
        );
    }
}

#[cfg(test)]
mod tests;
