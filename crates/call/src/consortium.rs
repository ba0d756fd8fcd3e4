use kernel::Faults;
use serde::{Deserialize, Serialize};

/// Who may propose together. Each limit counts whole partners or countries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsortiumRules {
    /// The fewest partners that ask money of a participating funder, the coordinator counted.
    pub partners_min: u32,
    /// The most partners in all, coordinator and own-funded counted.
    pub partners_max: u32,
    /// The fewest countries among the partners that ask money.
    pub countries_min: u32,
    /// How many of these countries must be member states of the EU or associated.
    pub eu_or_associated_min: u32,
    /// The most partners of one country, own-funded counted.
    pub partners_per_country_max: u32,
    /// The most partners that bring their own money.
    pub own_funded_max: u32,
    /// Whether the coordinator must ask money of a participating funder.
    pub coordinator_asks_money: bool,
}

impl ConsortiumRules {
    /// Notes what is wrong with the rules themselves, below `pointer`.
    pub(crate) fn check(&self, pointer: &str, faults: &mut Faults) {
        let mut require = |holds, field: &str, code, detail: String| {
            faults.require(holds, format!("{pointer}/{field}"), code, detail);
        };
        let (least, most) = (self.partners_min, self.partners_max);
        require(
            least >= 1,
            "partners_min",
            "partners_min",
            "a consortium has at least one funded partner".to_owned(),
        );
        require(
            least <= most && most <= 100,
            "partners_max",
            "partners_max",
            format!("{most} partners at most, {least} at least; give {least} to 100"),
        );
        require(
            self.countries_min <= most,
            "countries_min",
            "countries_min",
            format!(
                "{} countries need more than {most} partners",
                self.countries_min
            ),
        );
        require(
            self.eu_or_associated_min <= self.countries_min,
            "eu_or_associated_min",
            "eu_or_associated_min",
            format!(
                "{} of {} countries; raise countries_min or lower this",
                self.eu_or_associated_min, self.countries_min
            ),
        );
        require(
            (1..=most.max(1)).contains(&self.partners_per_country_max),
            "partners_per_country_max",
            "partners_per_country_max",
            format!("give 1 to {most}, the most partners in all"),
        );
        require(
            self.own_funded_max <= most.saturating_sub(least),
            "own_funded_max",
            "own_funded_max",
            format!(
                "beside {least} funded partners {} fit",
                most.saturating_sub(least)
            ),
        );
    }
}
