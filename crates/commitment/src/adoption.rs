use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// How the steering committee adopted a selection, as its secretariat records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// Who took part.
    pub attendance: Vec<String>,
    /// Whether the committee had its quorum.
    pub quorum: bool,
    /// At a meeting or in writing.
    pub procedure: Procedure,
    /// Votes for it.
    pub votes_for: u32,
    /// Votes against it.
    pub votes_against: u32,
    /// Abstentions.
    pub abstentions: u32,
    /// The minutes, or where they are filed.
    pub minutes: String,
    /// Why this one of several equally good selections; needed where the selection has ties.
    #[serde(default)]
    pub tie_reason: String,
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

impl Adoption {
    /// What keeps the committee's vote from carrying: no quorum, no majority of the votes cast, nothing
    /// on file, or (with `ties`) no word on why this selection and not its equals. A tie is never taken
    /// silently.
    pub fn check(&self, ties: bool) -> Faults {
        let mut faults = Faults::default();
        let blank = |text: &str| text.trim().is_empty();
        faults.require(
            self.attendance.iter().any(|name| !blank(name)),
            "/attendance",
            "attendance_missing",
            "name those who took part",
        );
        faults.require(
            self.quorum,
            "/quorum",
            "no_quorum",
            "without a quorum nothing is adopted; convene the committee again",
        );
        let (yes, no) = (self.votes_for, self.votes_against);
        faults.require(
            yes > no,
            "/votes_for",
            "not_carried",
            format!("{yes} for and {no} against do not carry; propose another selection"),
        );
        faults.require(
            !blank(&self.minutes),
            "/minutes",
            "minutes_missing",
            "give the minutes, or where they are filed",
        );
        faults.require(
            !ties || !blank(&self.tie_reason),
            "/tie_reason",
            "tie_undecided",
            "other selections are equally good; say why the committee takes this one",
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adoption() -> Adoption {
        Adoption {
            attendance: vec!["BMBF".into()],
            quorum: true,
            procedure: Procedure::Meeting,
            votes_for: 20,
            votes_against: 3,
            abstentions: 2,
            minutes: "Minutes of 3 July".into(),
            tie_reason: String::new(),
        }
    }

    #[test]
    fn a_vote_carries_or_says_why_not() {
        assert!(adoption().check(false).is_empty());
        assert_eq!(adoption().check(true).0[0].code, "tie_undecided");
        let broken = Adoption {
            attendance: vec![" ".into()],
            quorum: false,
            votes_against: 20,
            minutes: String::new(),
            ..adoption()
        };
        let codes: Vec<String> = broken.check(false).0.into_iter().map(|f| f.code).collect();
        assert_eq!(
            codes,
            [
                "attendance_missing",
                "no_quorum",
                "not_carried",
                "minutes_missing"
            ]
        );
    }
}
