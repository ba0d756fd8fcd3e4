//! How the call steering committee decides.

use kernel::Finding;
use serde::{Deserialize, Serialize};

use crate::Percent;

/// When a vote of the call steering committee counts, as its rules of procedure have it. Each funder that takes
/// part in the call is a member with one vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionRules {
    /// The part of the members that has to take part, at least.
    pub quorum: Percent,
    /// The part of the votes for and against that have to be for, to be exceeded: 50 is the simple majority,
    /// 66.66 two thirds. Abstentions do not count.
    pub majority: Percent,
    /// How many days a written procedure is open, at least; it may end earlier when all members have answered.
    pub written_days: u32,
}

impl Default for DecisionRules {
    fn default() -> Self {
        Self {
            quorum: Percent(5_000),
            majority: Percent(5_000),
            written_days: 10,
        }
    }
}

impl DecisionRules {
    /// Whether so many of the members are enough to decide.
    pub fn has_quorum(&self, present: usize, members: usize) -> bool {
        present > 0 && parts(present) >= share(self.quorum) * count(members)
    }

    /// Whether so many votes carry.
    pub fn carries(&self, votes_for: usize, votes_against: usize) -> bool {
        parts(votes_for) > share(self.majority) * count(votes_for + votes_against)
    }

    /// All faults, with pointers from the rules themselves.
    pub(crate) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut require = |holds: bool, pointer: &str, what: String, allowed: &str| {
            if !holds {
                found.push(Finding::fault(pointer, "decision", what, allowed));
            }
        };
        require(
            self.quorum.is_part() && self.quorum.0 > 0,
            "/quorum",
            format!("{} percent of the members", self.quorum),
            "more than 0 and at most 100 percent; 50 is usual",
        );
        require(
            (5_000..Percent::WHOLE.0).contains(&self.majority.0),
            "/majority",
            format!("{} percent of the votes have to be exceeded", self.majority),
            "50 for the simple majority, 66.66 for two thirds, 99.99 for unanimity",
        );
        require(
            (1..=60).contains(&self.written_days),
            "/written_days",
            format!("{} days", self.written_days),
            "a written procedure is open for 1 to 60 days; 10 are usual",
        );
        found
    }
}

fn share(percent: Percent) -> i128 {
    i128::from(percent.0)
}

fn count(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

fn parts(number: usize) -> i128 {
    i128::from(Percent::WHOLE.0).saturating_mul(count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_members_and_more_than_half_of_the_votes() {
        let rules = DecisionRules::default();
        assert_eq!(rules.validate(), []);
        assert!(rules.has_quorum(2, 4) && !rules.has_quorum(2, 5) && !rules.has_quorum(0, 0));
        assert!(rules.carries(2, 1) && !rules.carries(1, 1) && !rules.carries(0, 0));
        let strict = DecisionRules {
            majority: Percent(6_666),
            ..rules
        };
        assert!(strict.carries(2, 1) && !strict.carries(5, 3));
    }

    #[test]
    fn every_fault_has_its_place() {
        let broken = DecisionRules {
            quorum: Percent(0),
            majority: Percent(4_999),
            written_days: 61,
        };
        let places: Vec<String> = broken.validate().into_iter().map(|f| f.pointer).collect();
        assert_eq!(places, ["/quorum", "/majority", "/written_days"]);
        let read: DecisionRules = serde_json::from_str(r#"{"quorum": "66.67"}"#).unwrap();
        assert_eq!((read.quorum, read.written_days), (Percent(6_667), 10));
    }
}
