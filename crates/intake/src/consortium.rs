//! The rules over all partners of a proposal. They run at each submission, and again over the partners
//! that remain when one is found ineligible.

use std::collections::{BTreeMap, BTreeSet};

use call::ConsortiumRules;
use kernel::{Country, CountryGroup, Faults};

use crate::content::Partner;

/// What the consortium rules look at in a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Where the partner works, once it is said.
    pub country: Option<Country>,
    /// Whether it brings its own means.
    pub own_funded: bool,
}

impl From<&Partner> for Member {
    fn from(partner: &Partner) -> Self {
        Self {
            country: partner.country,
            own_funded: partner.own_funded(),
        }
    }
}

/// Every rule of the consortium that the members break.
///
/// The minimum counts partners and countries that ask money of a funder (joint-call texts: "partners
/// eligible for funding"); the maximum and the limit per country count all partners, own-funded too.
pub fn faults(members: &[Member], rules: &ConsortiumRules) -> Faults {
    let mut faults = Faults::default();
    let own = members.iter().filter(|member| member.own_funded).count();
    let asking = members.len() - own;
    let countries: BTreeSet<Country> = members
        .iter()
        .filter(|member| !member.own_funded)
        .filter_map(|member| member.country)
        .collect();
    let close = countries
        .iter()
        .filter(|country| country.group() != CountryGroup::Third)
        .count();

    faults.require(
        asking >= count(rules.partners_min),
        "/partners",
        "partners_too_few",
        format!(
            "{asking} partners ask money of a funder; at least {} must; add partners",
            rules.partners_min
        ),
    );
    faults.require(
        members.len() <= count(rules.partners_max),
        "/partners",
        "partners_too_many",
        format!(
            "{} partners; at most {} are allowed, own-funded ones counted; leave some out",
            members.len(),
            rules.partners_max
        ),
    );
    faults.require(
        countries.len() >= count(rules.countries_min),
        "/partners",
        "countries_too_few",
        format!(
            "the partners that ask money come from {} ({}); at least {} countries are needed; \
             add partners of other countries",
            countries.len(),
            list(&countries),
            rules.countries_min
        ),
    );
    faults.require(
        close >= count(rules.eu_or_associated_min),
        "/partners",
        "member_or_associated_too_few",
        format!(
            "{close} of the countries are EU member states or associated countries; at least {} must \
             be; add partners of such countries",
            rules.eu_or_associated_min
        ),
    );
    faults.require(
        own <= count(rules.own_funded_max),
        "/partners",
        "own_funded_too_many",
        format!(
            "{own} partners bring their own means; at most {} may; leave some out or ask a funder",
            rules.own_funded_max
        ),
    );
    per_country(members, rules, &mut faults);
    faults
}

/// The fault stands at the first partner that is one too many.
fn per_country(members: &[Member], rules: &ConsortiumRules, faults: &mut Faults) {
    let mut counted: BTreeMap<Country, Vec<usize>> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        if let Some(country) = member.country {
            counted.entry(country).or_default().push(at);
        }
    }
    for (country, places) in counted {
        if let Some(excess) = places.get(count(rules.partners_per_country_max)) {
            faults.add(
                format!("/partners/{excess}/country"),
                "country_too_often",
                format!(
                    "{} partners work in {}; at most {} may, own-funded ones counted; leave some out",
                    places.len(),
                    country.name(),
                    rules.partners_per_country_max
                ),
            );
        }
    }
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn list(countries: &BTreeSet<Country>) -> String {
    countries
        .iter()
        .map(Country::code)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use rstest::rstest;

    /// Members from a list such as `DE FR own:IT -`.
    fn members(text: &str) -> Vec<Member> {
        text.split_whitespace()
            .map(|word| match word.strip_prefix("own:") {
                Some(code) => Member {
                    country: code.parse().ok(),
                    own_funded: true,
                },
                None => Member {
                    country: word.parse().ok(),
                    own_funded: false,
                },
            })
            .collect()
    }

    // The sample: 3 to 6 partners, 3 countries, 2 of them in or associated to the EU, 2 per country, 1 own-funded.
    #[rstest]
    #[case("DE FR", &["partners_too_few", "countries_too_few"])]
    #[case("DE FR IT", &[])]
    #[case("DE FR IT ES", &[])]
    #[case("DE FR own:IT", &["partners_too_few", "countries_too_few"])]
    #[case("DE FR IT ES PL", &[])]
    #[case("DE FR IT ES PL SE", &[])]
    #[case("DE FR IT ES PL SE own:AT", &["partners_too_many"])]
    #[case("DE DE FR FR", &["countries_too_few"])]
    #[case("DE FR -", &["countries_too_few"])]
    #[case("DE EG CN", &["member_or_associated_too_few"])]
    #[case("DE CH EG", &[])]
    #[case("DE FR IT own:ES", &[])]
    #[case("DE FR IT own:ES own:PL", &["own_funded_too_many"])]
    #[case("DE DE FR IT", &[])]
    #[case("DE DE FR IT own:DE", &["country_too_often"])]
    fn at_below_and_above_each_limit(#[case] consortium: &str, #[case] expected: &[&str]) {
        let found = faults(&members(consortium), &sample::consortium_rules());
        let codes: Vec<&str> = found.0.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, expected, "{found:?}");
    }

    #[test]
    fn the_fault_points_at_the_partner_that_is_one_too_many() {
        let found = faults(&members("DE FR DE IT DE DE"), &sample::consortium_rules());
        assert_eq!(found.0[0].pointer, "/partners/4/country");
        assert!(
            found.0[0].detail.contains("4 partners work in Germany"),
            "{found:?}"
        );
    }
}
