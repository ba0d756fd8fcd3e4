//! The rules over all partners of a proposal.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Country, Finding};

use super::{Consortium, ConsortiumRules, Counted, Member, Trigger, change};

impl ConsortiumRules {
    /// Every rule that the consortium breaks. Pointers are into the proposal: `/partners/4/country`.
    ///
    /// The minimum counts partners and countries that ask money of a funder (the call texts: "partners
    /// eligible for funding").
    pub fn check(&self, consortium: &Consortium<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        self.numbers(consortium, &mut found);
        self.countries(consortium.members, &mut found);
        self.own_funded(consortium.members, &mut found);
        self.per_country(consortium.members, &mut found);
        self.per_funder(consortium.members, &mut found);
        self.sectors(consortium.members, &mut found);
        self.coordinator(consortium.members, &mut found);
        if let Some(before) = consortium.before {
            change::check(self, before, consortium, &mut found);
        }
        found
    }

    /// Whether one person may coordinate so many proposals of the call, this one counted.
    pub fn check_coordinations(&self, proposals: u32) -> Option<Finding> {
        let most = self.proposals_per_coordinator_max?;
        (proposals > most).then(|| {
            Finding::fault(
                "/partners",
                "coordinates_too_many",
                format!("this person coordinates {proposals} proposals of the call"),
                format!("at most {most} are allowed; let another person coordinate"),
            )
            .said_in(self.source("proposals_per_coordinator_max"))
        })
    }

    /// A fault over all partners, with the place of the rule that is broken.
    fn broken(&self, code: &str, found: String, allowed: String, rule: &str) -> Finding {
        Finding::fault("/partners", code, found, allowed).said_in(self.source(rule))
    }

    fn numbers(&self, consortium: &Consortium<'_>, found: &mut Vec<Finding>) {
        let members = consortium.members;
        let asking = counted(members, Counted::Funded).count();
        if asking < size(self.partners_min) {
            found.push(self.broken(
                "partners_too_few",
                format!("{asking} partners ask money of a funder"),
                format!("at least {} must; add partners", self.partners_min),
                "partners_min",
            ));
        }
        let there = counted(members, self.partners_max_counts).count();
        let excess = there.saturating_sub(size(self.partners_max));
        if excess == 0 {
            return;
        }
        let who = said(self.partners_max_counts);
        let Some(added) = &self.added_partner else {
            found.push(self.broken(
                "partners_too_many",
                format!("{there} partners"),
                format!(
                    "at most {} are allowed, {who}; leave some out",
                    self.partners_max
                ),
                "partners_max",
            ));
            return;
        };
        let meeting = counted(members, self.partners_max_counts)
            .filter(|member| self.triggers(member, consortium))
            .count();
        if excess > size(added.places) || meeting < excess {
            let triggers: Vec<String> = added.triggers.iter().map(ToString::to_string).collect();
            found.push(self.broken(
                "partners_too_many",
                format!("{there} partners, of whom {meeting} meet a condition for a further place"),
                format!(
                    "at most {} are allowed, {who}, and {} more of whom each meets one of: {}",
                    self.partners_max,
                    added.places,
                    triggers.join(", ")
                ),
                "added_partner",
            ));
        }
    }

    /// Whether a partner meets one of the conditions for a place beyond the maximum.
    pub(super) fn triggers(&self, member: &Member, consortium: &Consortium<'_>) -> bool {
        let Some(added) = &self.added_partner else {
            return false;
        };
        added.triggers.iter().any(|trigger| match trigger {
            Trigger::UnderRepresentedFunder => member
                .funder
                .as_ref()
                .is_some_and(|funder| consortium.under_represented_funders.contains(funder)),
            Trigger::UnderRepresentedCountry => member
                .country
                .is_some_and(|country| added.under_represented_countries.contains(&country)),
            Trigger::EarlyCareer => member.early_career,
            Trigger::Sme => member.sme,
        })
    }

    fn countries(&self, members: &[Member], found: &mut Vec<Finding>) {
        let countries: BTreeSet<Country> = counted(members, Counted::Funded)
            .filter_map(|member| member.country)
            .collect();
        let codes: Vec<&str> = countries.iter().map(Country::code).collect();
        if countries.len() < size(self.countries_min) {
            found.push(self.broken(
                "countries_too_few",
                format!(
                    "the partners that ask money come from {} ({})",
                    countries.len(),
                    codes.join(", ")
                ),
                format!(
                    "at least {} countries are needed; add partners of other countries",
                    self.countries_min
                ),
                "countries_min",
            ));
        }
        let close = countries
            .iter()
            .filter(|country| self.is_eu_or_associated(**country))
            .count();
        if close < size(self.eu_or_associated_min) {
            found.push(self.broken(
                "member_or_associated_too_few",
                format!("{close} of the countries are EU member states or associated countries"),
                format!(
                    "at least {} must be; add partners of such countries",
                    self.eu_or_associated_min
                ),
                "eu_or_associated_min",
            ));
        }
    }

    fn own_funded(&self, members: &[Member], found: &mut Vec<Finding>) {
        let own = members.iter().filter(|member| member.own_funded).count();
        if own > size(self.own_funded_max) {
            found.push(self.broken(
                "own_funded_too_many",
                format!("{own} partners bring their own means"),
                format!(
                    "at most {} may; leave some out or ask a funder",
                    self.own_funded_max
                ),
                "own_funded_max",
            ));
        }
        let asking = members.len() - own;
        if own > 0 && asking < size(self.own_funded_needs_funded) {
            found.push(self.broken(
                "own_funded_needs_funded",
                format!("a partner brings its own means, and {asking} ask money of a funder"),
                format!(
                    "an own-funded partner may join where at least {} ask money",
                    self.own_funded_needs_funded
                ),
                "own_funded_needs_funded",
            ));
        }
    }

    /// The fault stands at the first partner that is one too many.
    fn per_country(&self, members: &[Member], found: &mut Vec<Finding>) {
        let Some(most) = self.partners_per_country_max else {
            return;
        };
        let who = self.partners_per_country_counts;
        for (country, places) in grouped(members, who, |member| member.country) {
            if let Some(excess) = places.get(size(most)) {
                found.push(
                    Finding::fault(
                        format!("/partners/{excess}/country"),
                        "country_too_often",
                        format!("{} partners work in {}", places.len(), country.name()),
                        format!("at most {most} may, {}; leave some out", said(who)),
                    )
                    .said_in(self.source("partners_per_country_max")),
                );
            }
        }
    }

    fn per_funder(&self, members: &[Member], found: &mut Vec<Finding>) {
        let Some(most) = self.partners_per_funder_max else {
            return;
        };
        for (funder, places) in grouped(members, Counted::Funded, |member| member.funder.clone()) {
            if let Some(excess) = places.get(size(most)) {
                found.push(
                    Finding::fault(
                        format!("/partners/{excess}/funding"),
                        "funder_too_often",
                        format!("{} partners ask money of {funder}", places.len()),
                        format!("at most {most} may; leave some out or ask another funder"),
                    )
                    .said_in(self.source("partners_per_funder_max")),
                );
            }
        }
    }

    fn sectors(&self, members: &[Member], found: &mut Vec<Finding>) {
        let present: BTreeSet<_> = members.iter().filter_map(|member| member.sector).collect();
        let unsaid = members
            .iter()
            .filter(|member| member.sector.is_none())
            .count();
        for rule in &self.sectors {
            let there = rule
                .of
                .iter()
                .filter(|sector| present.contains(sector))
                .count();
            let missing = size(rule.min).saturating_sub(there);
            if missing == 0 {
                continue;
            }
            let names: Vec<String> = rule.of.iter().map(ToString::to_string).collect();
            let allowed = format!(
                "at least {} of {} must take part",
                rule.min,
                names.join(", ")
            );
            // Partners that have not said their sector may be what is missing.
            let finding = if unsaid >= missing {
                let what = format!("{unsaid} partners have not said their sector");
                Finding::doubt("/partners", "sector_missing", what, allowed)
            } else {
                let what = format!("{there} of the sectors take part");
                Finding::fault("/partners", "sectors_too_few", what, allowed)
            };
            found.push(finding.said_in(self.source("sectors")));
        }
    }

    fn coordinator(&self, members: &[Member], found: &mut Vec<Finding>) {
        let coordinators = members
            .iter()
            .enumerate()
            .filter(|(_, member)| member.coordinator);
        for (at, member) in coordinators {
            let mut add = |field: &str, code: &str, what: String, allowed: String, rule: &str| {
                let finding =
                    Finding::fault(format!("/partners/{at}/{field}"), code, what, allowed);
                found.push(finding.said_in(self.source(rule)));
            };
            if self.coordinator_asks_money && member.own_funded {
                add(
                    "funding",
                    "coordinator_not_funded",
                    "the coordinator brings its own means".to_owned(),
                    "it must ask money of a participating funder; ask one, or let another partner coordinate"
                        .to_owned(),
                    "coordinator_asks_money",
                );
            }
            let far = |country: &Country| !self.is_eu_or_associated(*country);
            if self.coordinator_in_eu_or_associated
                && let Some(country) = member.country.filter(far)
            {
                add(
                    "country",
                    "coordinator_country",
                    format!("the coordinator works in {}", country.name()),
                    "it must work in an EU member state or an associated country".to_owned(),
                    "coordinator_in_eu_or_associated",
                );
            }
            let named = &self.coordinator_sectors;
            if let Some(sector) = member.sector.filter(|sector| !named.contains(sector))
                && !named.is_empty()
            {
                let names: Vec<String> = named.iter().map(ToString::to_string).collect();
                add(
                    "sector",
                    "coordinator_sector",
                    format!("the coordinator's sector is {sector}"),
                    format!("it must be one of {}", names.join(", ")),
                    "coordinator_sectors",
                );
            }
        }
    }
}

fn counted(members: &[Member], who: Counted) -> impl Iterator<Item = &Member> {
    members
        .iter()
        .filter(move |member| who == Counted::All || !member.own_funded)
}

/// The places of the counted members by what they have in common.
fn grouped<K: Ord>(
    members: &[Member],
    who: Counted,
    key: impl Fn(&Member) -> Option<K>,
) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        if who == Counted::Funded && member.own_funded {
            continue;
        }
        if let Some(key) = key(member) {
            groups.entry(key).or_default().push(at);
        }
    }
    groups
}

fn said(who: Counted) -> &'static str {
    match who {
        Counted::All => "own-funded ones counted",
        Counted::Funded => "own-funded ones not counted",
    }
}

fn size(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
