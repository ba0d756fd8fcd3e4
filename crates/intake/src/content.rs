//! What a proposal says at one stage.

use std::collections::{BTreeMap, BTreeSet};

use call::Sector;
pub use call::terms::CostCategory;
use call::terms::EntityType;
use kernel::{Amount, Country, MoneyFault};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Annex;
use crate::identifiers::bare;
use crate::search::folded;

/// The content of a proposal at one stage. In a draft everything may be missing; what a submission
/// needs is said by [`crate::check()`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// Short name, as people will speak of the project.
    pub acronym: String,
    /// Full title.
    pub title: String,
    /// Abstract for the public, should the project be funded.
    #[serde(rename = "abstract")]
    pub abstract_text: String,
    /// Keywords, from which reviewers are found.
    pub keywords: Vec<String>,
    /// Planned duration in months.
    pub duration_months: Option<u16>,
    /// The modules of the call that the project works in, by their keys; an area is chosen through its
    /// modules.
    pub modules: BTreeSet<String>,
    /// The answers to the call's yes-or-no questions, by their keys.
    pub answers: BTreeMap<String, bool>,
    /// The consortium, in the order the coordinator gives it.
    pub partners: Vec<Partner>,
    /// Texts by the key of their section, as the stage's rules name them.
    pub texts: BTreeMap<String, String>,
    /// Files by the key of their slot, as the stage's rules name them: annexes and figures.
    pub annexes: BTreeMap<String, Annex>,
}

/// One partner of a consortium: a group at an organisation, led by one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Stays the same through both stages, so that verdicts and grants find their partner.
    pub id: Uuid,
    /// Coordinator or partner.
    #[serde(default)]
    pub role: PartnerRole,
    /// Name of the organisation.
    #[serde(default)]
    pub organisation: String,
    /// Institute or department there: an expert of another one of a large organisation may have no interest in the
    /// proposal.
    #[serde(default)]
    pub department: Option<String>,
    /// Its identifier in the Research Organization Registry, such as `03yrm5c26`.
    #[serde(default)]
    pub ror: Option<String>,
    /// Country the organisation works in.
    #[serde(default)]
    pub country: Option<Country>,
    /// Region, where a regional funder asks for it.
    #[serde(default)]
    pub region: Option<String>,
    /// The part of society it comes from, where the call asks for a mixture.
    #[serde(default)]
    pub sector: Option<Sector>,
    /// Type of the institution, on which some funders' terms depend.
    #[serde(default)]
    pub entity: Option<EntityType>,
    /// The modules the partner works in, among those of the proposal; some funders pay no work in some.
    #[serde(default)]
    pub modules: BTreeSet<String>,
    /// Whether the partner's work has further funding, as its funder's terms mean it.
    #[serde(default)]
    pub cofunded: Option<bool>,
    /// Who leads the partner's work.
    #[serde(default)]
    pub principal_investigator: Person,
    /// Where the partner's money comes from.
    #[serde(default)]
    pub funding: Funding,
    /// Costs by category, an amount for each year of the project, in the currency of the call.
    #[serde(default)]
    pub budget: BTreeMap<CostCategory, Vec<Amount>>,
    /// What the partner pays of these costs itself; it asks its funder for the rest.
    #[serde(default)]
    pub own_contribution: Amount,
}

/// The part a partner plays in its consortium.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum PartnerRole {
    /// Submits for all, and answers to the secretariat.
    Coordinator,
    /// Any other.
    #[default]
    Partner,
}

/// A principal investigator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Name as the person writes it.
    pub name: String,
    /// Address for letters about the proposal.
    pub email: String,
    /// ORCID iD, such as `0000-0002-1825-0097`.
    pub orcid: Option<String>,
    /// Whether the person is at the beginning of the career, as the call means it.
    pub early_career: bool,
    /// How far the person is, by the European framework for research careers.
    pub career_stage: Option<CareerStage>,
}

/// A profile of the European framework for research careers (Council Recommendation C/2023/1640).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
pub enum CareerStage {
    /// First stage: up to the doctorate.
    R1,
    /// Recognised: holds a doctorate or the like, not yet independent.
    R2,
    /// Established: has come to independence.
    R3,
    /// Leading: leads a field of research.
    R4,
}

/// Where a partner's money comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Funding {
    /// Asked of a funder of the call.
    Funder {
        /// The funder's key in the call, such as `DE-BMBF`.
        funder: String,
    },
    /// Means of its own: the partner takes part without money from the call.
    Own {
        /// What the means are, for the secretariat to check.
        means: String,
    },
    /// Not said yet. The braces are there because serde would let unknown fields pass without them.
    Undecided {},
}

impl Default for Funding {
    fn default() -> Self {
        Self::Undecided {}
    }
}

impl Partner {
    /// Whether the partner coordinates its consortium.
    pub fn coordinates(&self) -> bool {
        self.role == PartnerRole::Coordinator
    }

    /// Costs of each category over the whole project.
    pub fn costs_by_category(&self) -> Result<BTreeMap<CostCategory, Amount>, MoneyFault> {
        let sum = |(category, years): (&CostCategory, &Vec<Amount>)| {
            Ok((*category, Amount::sum(years.iter().copied())?))
        };
        self.budget.iter().map(sum).collect()
    }

    /// All costs of the partner, whoever pays them.
    pub fn costs(&self) -> Result<Amount, MoneyFault> {
        Amount::sum(self.budget.values().flatten().copied())
    }

    /// What the partner asks of its funder: its costs without what it pays itself, or nothing without a
    /// funder.
    pub fn requested(&self) -> Result<Amount, MoneyFault> {
        match self.funding {
            Funding::Funder { .. } => self.costs()?.checked_sub(self.own_contribution),
            Funding::Own { .. } | Funding::Undecided {} => Ok(Amount::ZERO),
        }
    }

    /// Key of the funder that is asked, if one is.
    pub fn funder(&self) -> Option<&str> {
        match &self.funding {
            Funding::Funder { funder } => Some(funder),
            Funding::Own { .. } | Funding::Undecided {} => None,
        }
    }

    /// Whether the partner brings its own means.
    pub fn own_funded(&self) -> bool {
        matches!(self.funding, Funding::Own { .. })
    }

    /// Whether both are one partner: by the id, or by organisation and principal investigator, since who writes a
    /// proposal may write a partner down anew.
    pub fn same_as(&self, other: &Partner) -> bool {
        let organisation = |one: &Partner| Known::by(one.ror.as_deref(), &one.organisation);
        let person = |one: &Partner| {
            let person = &one.principal_investigator;
            Known::by(person.orcid.as_deref(), &person.name)
        };
        self.id == other.id
            || organisation(self).is(&organisation(other)) && person(self).is(&person(other))
    }
}

/// By what an organisation or a person is known.
struct Known {
    /// Its identifier, without the address that may stand before it; empty without one.
    identifier: String,
    /// Its name as names are compared.
    name: String,
}

impl Known {
    fn by(identifier: Option<&str>, name: &str) -> Known {
        Known {
            identifier: bare(identifier.unwrap_or_default()).to_lowercase(),
            name: folded(name),
        }
    }

    /// Where both have identifiers these decide, else the names; what has neither is like nothing.
    fn is(&self, other: &Known) -> bool {
        if self.identifier.is_empty() || other.identifier.is_empty() {
            return !self.name.is_empty() && self.name == other.name;
        }
        self.identifier == other.identifier
    }
}

impl Content {
    /// How many years the project begins, once its duration is said; at least one.
    pub fn years(&self) -> Option<usize> {
        let months = self.duration_months?;
        Some(usize::from(months.div_ceil(12).max(1)))
    }

    /// The coordinator, when exactly one partner is.
    pub fn coordinator(&self) -> Option<&Partner> {
        let mut coordinators = self.partners.iter().filter(|partner| partner.coordinates());
        match (coordinators.next(), coordinators.next()) {
            (Some(coordinator), None) => Some(coordinator),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_may_be_empty_but_not_misspelt() {
        assert_eq!(
            serde_json::from_str::<Content>("{}").unwrap(),
            Content::default()
        );
        for unknown in [
            r#"{"titel":"x"}"#,
            r#"{"abstract_text":"x"}"#,
            r#"{"partners":[{"id":"00000000-0000-0000-0000-000000000001","funder":"DE-BMBF"}]}"#,
            r#"{"partners":[{"id":"00000000-0000-0000-0000-000000000001","budget":{"coffee":"1.00"}}]}"#,
            r#"{"partners":[{"id":"00000000-0000-0000-0000-000000000001","funding":{"kind":"own","means":"x","funder":"y"}}]}"#,
            r#"{"partners":[{"id":"00000000-0000-0000-0000-000000000001","funding":{"kind":"undecided","funder":"y"}}]}"#,
        ] {
            assert!(
                serde_json::from_str::<Content>(unknown).is_err(),
                "{unknown}"
            );
        }
    }

    #[test]
    fn a_partner_is_known_again_under_another_id() {
        fn again(change: fn(&mut Partner)) -> bool {
            let old = crate::sample::partner(2, "FR-ANR");
            let mut new = old.clone();
            new.id = Uuid::from_u128(9);
            change(&mut new);
            assert_eq!(new.same_as(&old), old.same_as(&new));
            new.same_as(&old)
        }
        assert!(again(|_| {}));
        assert!(again(
            |new| new.ror = Some("https://ror.org/03YRM5C26".into())
        ));
        assert!(
            again(|new| new.organisation = "Elsewhere".into()),
            "one ROR"
        );
        assert!(again(|new| new.ror = None));
        assert!(again(
            |new| new.principal_investigator.name = " PERSON  2".into()
        ));
        assert!(!again(|new| new.ror = Some("05dxps055".into())));
        assert!(!again(|new| {
            new.ror = None;
            new.organisation = "Elsewhere".into();
        }));
        assert!(!again(
            |new| new.principal_investigator.name = "Person 9".into()
        ));
        assert!(!again(|new| new.principal_investigator.name.clear()));
        let mut old = crate::sample::partner(2, "FR-ANR");
        old.principal_investigator.orcid = Some("0000-0002-1825-0097".into());
        let mut new = old.clone();
        new.id = Uuid::from_u128(9);
        new.principal_investigator.name = "P. Two".into();
        assert!(new.same_as(&old), "one ORCID iD");
        new.principal_investigator.orcid = Some("0000-0001-5109-3700".into());
        new.principal_investigator.name = "Person 2".into();
        assert!(!new.same_as(&old), "two people with one name");
    }

    #[test]
    fn only_a_funded_partner_requests() {
        let mut partner = crate::sample::content().partners.remove(0);
        partner.budget = [
            (CostCategory::Personnel, vec![Amount(2), Amount(3)]),
            (CostCategory::Travel, vec![Amount(7)]),
        ]
        .into();
        assert_eq!(partner.requested(), Ok(Amount(12)));
        partner.own_contribution = Amount(4);
        assert_eq!(partner.requested(), Ok(Amount(8)));
        partner.funding = Funding::Own {
            means: "own staff".into(),
        };
        assert_eq!(
            (partner.costs(), partner.requested()),
            (Ok(Amount(12)), Ok(Amount::ZERO))
        );
        partner
            .budget
            .insert(CostCategory::Overheads, vec![Amount(i64::MAX)]);
        assert_eq!(partner.costs(), Err(MoneyFault::TooLarge));
    }
}
