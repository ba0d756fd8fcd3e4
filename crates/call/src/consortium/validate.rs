//! What is wrong with the rules themselves.

use kernel::Finding;

use super::{Change, ConsortiumRules, Counted, Trigger};

/// The rules that may name their place in the call text.
const NAMES: [&str; 18] = [
    "partners_min",
    "partners_max",
    "partners_max_counts",
    "countries_min",
    "eu_or_associated_min",
    "eu_or_associated",
    "partners_per_country_max",
    "partners_per_country_counts",
    "partners_per_funder_max",
    "own_funded_max",
    "own_funded_needs_funded",
    "sectors",
    "coordinator_asks_money",
    "coordinator_in_eu_or_associated",
    "coordinator_sectors",
    "proposals_per_coordinator_max",
    "added_partner",
    "changes",
];

impl ConsortiumRules {
    /// All faults of the rules, with pointers from the rules' own root.
    pub fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut require = |holds: bool, field: &str, code: &str, what: String, allowed: &str| {
            if !holds {
                found.push(Finding::fault(format!("/{field}"), code, what, allowed));
            }
        };
        let (least, most) = (self.partners_min, self.partners_max);
        require(
            least >= 1,
            "partners_min",
            "partners_min",
            format!("at least {least} partners"),
            "a consortium has at least one funded partner",
        );
        require(
            least <= most && most <= 100,
            "partners_max",
            "partners_max",
            format!("{most} partners at most, {least} at least"),
            "give a maximum from the minimum to 100",
        );
        require(
            self.countries_min <= most,
            "countries_min",
            "countries_min",
            format!(
                "{} countries need more than {most} partners",
                self.countries_min
            ),
            "give at most as many countries as partners",
        );
        require(
            self.eu_or_associated_min <= self.countries_min,
            "eu_or_associated_min",
            "eu_or_associated_min",
            format!(
                "{} of {} countries",
                self.eu_or_associated_min, self.countries_min
            ),
            "raise countries_min or lower this",
        );
        let per_country = self.partners_per_country_max;
        require(
            per_country.is_none_or(|limit| (1..=most.max(1)).contains(&limit)),
            "partners_per_country_max",
            "partners_per_country_max",
            format!(
                "{} partners of one country",
                per_country.unwrap_or_default()
            ),
            "give 1 to the most partners in all, or leave it out",
        );
        let per_funder = self.partners_per_funder_max;
        require(
            per_funder.is_none_or(|limit| limit >= 1),
            "partners_per_funder_max",
            "partners_per_funder_max",
            "no partner of a funder".to_owned(),
            "give at least 1, or leave it out",
        );
        // Only where own-funded partners count toward the maximum must they fit beside the funded ones.
        let room = most.saturating_sub(least);
        require(
            self.own_funded_max <= room || self.partners_max_counts == Counted::Funded,
            "own_funded_max",
            "own_funded_max",
            format!("beside {least} funded partners {room} fit"),
            "raise partners_max or lower this",
        );
        for (at, rule) in self.sectors.iter().enumerate() {
            require(
                rule.min >= 1 && usize::try_from(rule.min).is_ok_and(|min| min <= rule.of.len()),
                &format!("sectors/{at}"),
                "sectors",
                format!("{} of {} sectors", rule.min, rule.of.len()),
                "give 1 to as many as the sectors named",
            );
        }
        if let Some(added) = &self.added_partner {
            require(
                (1..=10).contains(&added.places) && !added.triggers.is_empty(),
                "added_partner",
                "added_partner",
                format!(
                    "{} places and {} conditions",
                    added.places,
                    added.triggers.len()
                ),
                "give 1 to 10 places and at least one condition",
            );
            require(
                added.triggers.contains(&Trigger::UnderRepresentedCountry)
                    != added.under_represented_countries.is_empty(),
                "added_partner/under_represented_countries",
                "under_represented_countries",
                format!("{} countries", added.under_represented_countries.len()),
                "name the countries exactly where they are a condition",
            );
        }
        require(
            self.changes.add != Change::WithTrigger || self.added_partner.is_some(),
            "changes/add",
            "added_partner_missing",
            "a partner may be added with a condition".to_owned(),
            "say which conditions there are in added_partner",
        );
        for name in self.sources.keys() {
            require(
                NAMES.contains(&name.as_str()),
                &format!("sources/{name}"),
                "rule_unknown",
                format!("there is no rule '{name}'"),
                "name a rule as it is written here",
            );
        }
        found
    }
}
