//! Whether a project goes on when a funder of it does not pay any more.

use call::{Consortium, ConsortiumRules, Member};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;

use crate::consortium::members;
use crate::content::Partner;

/// How a project goes on without the money of a funder.
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
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GoesOn {
    /// The partners whom the funder would have paid bring means of their own.
    OwnMeans,
    /// It goes on without these partners.
    WithoutThem,
}

/// What becomes of a consortium when a funder does not pay any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// The organisations of the partners whom the funder would have paid.
    pub partners: Vec<String>,
    /// Each way to go on, and the rules of the call that the consortium would break then, in words.
    pub broken: [(GoesOn, Vec<String>); 2],
}

impl Shortage {
    /// What the rules say of a consortium without the money of this funder. What opens further places, and what was
    /// at the stage before, is not asked here.
    pub fn of(partners: &[Partner], funder: &str, rules: &ConsortiumRules) -> Shortage {
        let whole = members(partners);
        let paid = |one: &Member| one.funder.as_deref() == Some(funder);
        let concerned = whole.iter().filter(|one| paid(one));
        let names = concerned.map(|one| one.name.clone()).collect();
        let own_means: Vec<Member> = whole
            .iter()
            .map(|one| match paid(one) {
                true => Member {
                    funder: None,
                    own_funded: true,
                    ..one.clone()
                },
                false => one.clone(),
            })
            .collect();
        let rest: Vec<Member> = whole.iter().filter(|one| !paid(one)).cloned().collect();
        let mut without = broken(&rest, rules);
        if whole.iter().any(|one| paid(one) && one.coordinator) {
            without.insert(0, "the coordinator is one of them".to_owned());
        }
        Shortage {
            partners: names,
            broken: [
                (GoesOn::OwnMeans, broken(&own_means, rules)),
                (GoesOn::WithoutThem, without),
            ],
        }
    }

    /// The rules that would be broken if it went on like this.
    pub fn broken_by(&self, how: GoesOn) -> &[String] {
        let found = self.broken.iter().find(|(one, _)| *one == how);
        found
            .map(|(_, broken)| broken.as_slice())
            .unwrap_or_default()
    }
}

fn broken(members: &[Member], rules: &ConsortiumRules) -> Vec<String> {
    let found = rules.check(&Consortium {
        members,
        ..Consortium::default()
    });
    // A place that others left is filled by nobody, and nobody is one too many because of it.
    let found = found
        .into_iter()
        .filter(|one| one.code != "partners_too_many");
    let faults = kernel::faults(found).0;
    faults.into_iter().map(|fault| fault.detail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{consortium_rules, partner};

    #[test]
    fn what_is_left_is_held_against_the_rules() {
        let funders = ["DE-BMBF", "FR-ANR", "ES-ISCIII", "CA-CIHR"];
        let four: Vec<Partner> = (1..).zip(funders).map(|(n, key)| partner(n, key)).collect();
        let rules = consortium_rules();
        let fourth = Shortage::of(&four, "CA-CIHR", &rules);
        assert_eq!(fourth.partners, ["University 4"]);
        assert_eq!(fourth.broken_by(GoesOn::WithoutThem), [] as [&str; 0]);
        assert_eq!(fourth.broken_by(GoesOn::OwnMeans), [] as [&str; 0]);
        let first = Shortage::of(&four, "DE-BMBF", &rules);
        assert!(first.broken_by(GoesOn::WithoutThem)[0].contains("coordinator"));
        let few = Shortage::of(&four[..3], "ES-ISCIII", &rules);
        assert!(!few.broken_by(GoesOn::WithoutThem).is_empty());
        assert!(Shortage::of(&four, "EG-ASRT", &rules).partners.is_empty());
    }
}
