//! Who may propose together, per call and stage.

mod change;
mod check;
mod member;
mod validate;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::{Country, CountryGroup};
use serde::{Deserialize, Serialize};

pub use change::{Change, ChangeRules};
pub use member::{Consortium, Counted, Member, Sector, Trigger};

/// Who may propose together. Each limit counts whole partners or countries; each rule that is left out
/// is not asked for.
///
/// The usual values are those of the calls of ERA PerMed and EP PerMed. Rules marked as a sister call's
/// are shapes that calls of the same agencies use; no call of the programme is known to have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsortiumRules {
    /// The fewest partners that ask money of a participating funder, the coordinator counted (3 in all
    /// calls of the programme).
    pub partners_min: u32,
    /// The most partners, coordinator counted (6 at the pre-proposal stage).
    pub partners_max: u32,
    /// Who counts toward the most partners: all, or only those that ask money (sister calls differ).
    #[serde(default)]
    pub partners_max_counts: Counted,
    /// The fewest countries among the partners that ask money (3).
    pub countries_min: u32,
    /// How many of these countries must be member states of the EU or associated (2; one summary of 2024
    /// says 3).
    pub eu_or_associated_min: u32,
    /// The countries that count as member states or associated, where the call's year had others than
    /// today's.
    #[serde(default)]
    pub eu_or_associated: Option<Vec<Country>>,
    /// The most partners of one country (2 by a second-hand notice).
    #[serde(default)]
    pub partners_per_country_max: Option<u32>,
    /// Who counts toward the most partners of one country or funder.
    #[serde(default)]
    pub partners_per_country_counts: Counted,
    /// The most partners that ask money of one funder (a sister call's rule).
    #[serde(default)]
    pub partners_per_funder_max: Option<u32>,
    /// The most partners that bring their own money (1 by a second-hand notice).
    pub own_funded_max: u32,
    /// How many partners must ask money before one may bring its own (3 by a second-hand notice).
    #[serde(default)]
    pub own_funded_needs_funded: u32,
    /// Sectors that must take part (sister calls: two of academia, clinical and public health, private).
    #[serde(default)]
    pub sectors: Vec<SectorRule>,
    /// Whether the coordinator must ask money of a participating funder (all calls of the programme).
    pub coordinator_asks_money: bool,
    /// Whether the coordinator must work in a member state or an associated country.
    #[serde(default)]
    pub coordinator_in_eu_or_associated: bool,
    /// The sectors the coordinator may come from; any where none is named.
    #[serde(default)]
    pub coordinator_sectors: Vec<Sector>,
    /// How many proposals of the call one person may coordinate (1 in sister calls).
    #[serde(default)]
    pub proposals_per_coordinator_max: Option<u32>,
    /// Places beyond the most partners for those that meet a condition (sister calls: a 7th at the full stage).
    #[serde(default)]
    pub added_partner: Option<AddedPartner>,
    /// What may change since the stage before; at the first stage nothing is compared.
    #[serde(default)]
    pub changes: ChangeRules,
    /// Where the call text says so, by the name of the rule above.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
}

/// So many of these sectors must take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectorRule {
    /// The least number of different sectors.
    pub min: u32,
    /// The sectors that count.
    pub of: Vec<Sector>,
}

/// Places for partners that meet a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedPartner {
    /// How many partners beyond the usual maximum.
    pub places: u32,
    /// Conditions, of which each added partner meets one.
    pub triggers: Vec<Trigger>,
    /// The countries that count as under-represented, for that trigger.
    #[serde(default)]
    pub under_represented_countries: Vec<Country>,
}

impl Default for ConsortiumRules {
    /// What the calls of the programme share at the pre-proposal stage, and no more.
    fn default() -> Self {
        Self {
            partners_min: 3,
            partners_max: 6,
            partners_max_counts: Counted::All,
            countries_min: 3,
            eu_or_associated_min: 2,
            eu_or_associated: None,
            partners_per_country_max: Some(2),
            partners_per_country_counts: Counted::All,
            partners_per_funder_max: None,
            own_funded_max: 1,
            own_funded_needs_funded: 0,
            sectors: Vec::new(),
            coordinator_asks_money: true,
            coordinator_in_eu_or_associated: false,
            coordinator_sectors: Vec::new(),
            proposals_per_coordinator_max: None,
            added_partner: None,
            changes: ChangeRules::default(),
            sources: BTreeMap::new(),
        }
    }
}

impl ConsortiumRules {
    /// Where the call text has the rule.
    pub fn source(&self, rule: &str) -> Option<&str> {
        self.sources.get(rule).map(String::as_str)
    }

    /// Whether the country counts as a member state of the EU or associated in this call.
    pub fn is_eu_or_associated(&self, country: Country) -> bool {
        match &self.eu_or_associated {
            Some(countries) => countries.contains(&country),
            None => country.group() != CountryGroup::Third,
        }
    }
}
