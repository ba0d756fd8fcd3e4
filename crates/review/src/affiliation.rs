//! Where an expert works or worked, and when.

use chrono::NaiveDate;
use kernel::identifiers::is_ror;
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};

use crate::conflict::Organisation;

/// A place where an expert works beside the main one, or worked before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Affiliation {
    /// Name of the organisation.
    pub organisation: String,
    /// Institute or department; empty where it is not known.
    #[serde(default)]
    pub department: String,
    /// ROR id of the organisation.
    #[serde(default)]
    pub ror: Option<String>,
    /// Country of the organisation.
    #[serde(default)]
    pub country: Option<Country>,
    /// First day; left out: not known.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; left out: it goes on.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// The most places beside the main one.
const MOST: usize = 20;

impl Affiliation {
    /// Whether it was over before a day.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.to.is_some_and(|last| last < today)
    }

    /// The place, as conflicts are looked for with it.
    pub fn place(&self) -> Organisation {
        Organisation {
            name: self.organisation.clone(),
            ror: self.ror.clone(),
            department: self.department.clone(),
        }
    }
}

/// What is wrong with an expert's places, with pointers below `at`, such as `/experts/0/affiliations`.
pub fn check_affiliations(at: &str, all: &[Affiliation], faults: &mut Faults) {
    faults.require(
        all.len() <= MOST,
        at,
        "count",
        format!("give at most {MOST} places"),
    );
    for (index, one) in all.iter().enumerate() {
        faults.require(
            !one.organisation.trim().is_empty(),
            format!("{at}/{index}/organisation"),
            "required",
            "name the organisation",
        );
        faults.require(
            one.ror.as_deref().is_none_or(is_ror),
            format!("{at}/{index}/ror"),
            "ror",
            "it is no ROR id; copy it from ror.org, such as 03yrm5c26, or leave it out",
        );
        faults.require(
            one.from.zip(one.to).is_none_or(|(from, to)| from <= to),
            format!("{at}/{index}/to"),
            "before_it_began",
            "it ends before it begins; correct one of the two days",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(from: &str, to: &str) -> Affiliation {
        Affiliation {
            organisation: "University".to_owned(),
            from: from.parse().ok(),
            to: to.parse().ok(),
            ..Affiliation::default()
        }
    }

    #[test]
    fn the_last_day_still_counts_and_no_last_day_goes_on() {
        let today = "2030-05-03".parse().unwrap();
        assert!(place("2020-01-01", "2030-05-02").is_over(today));
        assert!(!place("2020-01-01", "2030-05-03").is_over(today));
        assert!(!place("2020-01-01", "").is_over(today));
    }

    #[test]
    fn every_fault_has_its_pointer() {
        let nowhere = Affiliation {
            ror: Some("x".to_owned()),
            ..Affiliation::default()
        };
        let mut faults = Faults::default();
        let all = [
            place("2021-01-01", "2020-01-01"),
            nowhere,
            place("", "2020-01-01"),
        ];
        check_affiliations("/at", &all, &mut faults);
        let told: Vec<&str> = faults.0.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(told, ["/at/0/to", "/at/1/organisation", "/at/1/ror"]);
    }
}
