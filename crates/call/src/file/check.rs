//! Whether the content of a call file is sound.

use std::collections::BTreeSet;

use kernel::{Amount, Finding};

use super::{CallFile, KnownDoubt, Standing};
use crate::Mapping;

/// The parts of a file that a doubt may be about.
const PARTS: [&str; 12] = [
    "code",
    "title",
    "topic",
    "year",
    "budget",
    "funders_total",
    "countries_total",
    "serves",
    "doubts",
    "calendar",
    "rules",
    "funders",
];

impl CallFile {
    /// All faults and doubts of the call's set-up, with pointers from the file's root.
    pub fn check(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        self.heading(&mut found);
        let below = |findings: Vec<Finding>, pointer: String| {
            findings
                .into_iter()
                .map(move |finding| finding.below(&pointer))
        };
        found.extend(below(self.rules.validate(), "/rules".to_owned()));
        let co_funded = self.rules.funding.eu.is_some();
        found.extend(below(
            self.calendar.check(co_funded),
            "/calendar".to_owned(),
        ));
        if self.calendar.stages.len() != self.rules.stages.len() {
            found.push(Finding::fault(
                "/calendar/stages",
                "stages",
                format!(
                    "{} stages with dates, and {} with rules",
                    self.calendar.stages.len(),
                    self.rules.stages.len()
                ),
                "give both for each stage",
            ));
        }
        for (at, mapping) in self.serves.iter().enumerate() {
            found.extend(below(mapping.validate(), format!("/serves/{at}")));
            let twice = |other: &Mapping| other.agenda == mapping.agenda;
            if self.serves[..at].iter().any(twice) {
                found.push(Finding::fault(
                    format!("/serves/{at}/agenda"),
                    "agenda_twice",
                    format!("'{}' has an earlier mapping", mapping.agenda),
                    "put its items into one",
                ));
            }
        }
        let mapped_in_parts = self
            .rules
            .topics
            .iter()
            .any(|topic| !topic.serves.is_empty())
            || self
                .rules
                .modules
                .iter()
                .any(|module| !module.serves.is_empty());
        if self.serves.is_empty() && !mapped_in_parts {
            found.push(Finding::doubt(
                "/serves",
                "mapping_empty",
                "the call is mapped to no action item",
                "map it, its topics or its modules, so that coverage of the agenda shows it",
            ));
        }
        self.participations(&mut found);
        found.extend(
            self.doubts
                .iter()
                .enumerate()
                .map(|(at, doubt)| doubt.finding(at)),
        );
        found
    }

    fn heading(&self, found: &mut Vec<Finding>) {
        for (field, text) in [
            ("code", &self.code),
            ("title", &self.title),
            ("topic", &self.topic),
        ] {
            if text.trim().is_empty() {
                let pointer = format!("/{field}");
                found.push(Finding::fault(
                    pointer,
                    "required",
                    format!("the {field} is empty"),
                    "give it",
                ));
            }
        }
        if !(2000..=2100).contains(&self.year) {
            let what = format!("the year {}", self.year);
            found.push(Finding::fault(
                "/year",
                "out_of_range",
                what,
                "give a year from 2000 to 2100",
            ));
        }
    }

    fn participations(&self, found: &mut Vec<Finding>) {
        let mut keys = BTreeSet::new();
        for (at, funder) in self.funders.iter().enumerate() {
            let pointer = format!("/funders/{at}");
            let key = funder.organisation.trim();
            if key.is_empty() || !keys.insert(key) {
                found.push(Finding::fault(
                    format!("{pointer}/organisation"),
                    "organisation",
                    format!("'{key}' is empty or stands in an earlier entry"),
                    "name each funder once, by its key",
                ));
            }
            if funder.commitment.is_some_and(|amount| amount.0 <= 0) {
                found.push(Finding::fault(
                    format!("{pointer}/commitment"),
                    "amount",
                    "no money at all",
                    "give more than 0, or leave it out while it is not known",
                ));
            }
            let terms = self.rules.check_terms(&funder.terms);
            found.extend(
                terms
                    .into_iter()
                    .map(|f| f.below(&format!("{pointer}/terms"))),
            );
        }
        self.totals(found);
    }

    fn totals(&self, found: &mut Vec<Finding>) {
        let named = self.funders.len();
        let total = self
            .funders_total
            .and_then(|total| usize::try_from(total).ok());
        match total {
            Some(total) if named > total => found.push(Finding::fault(
                "/funders_total",
                "funders_total",
                format!("{named} funders are named, and {total} take part"),
                "correct the number",
            )),
            Some(total) if named < total => found.push(Finding::doubt(
                "/funders",
                "not_known",
                format!("{named} of {total} funders are named"),
                "add the others with their terms",
            )),
            Some(_) => {}
            None if named == 0 => found.push(Finding::doubt(
                "/funders",
                "not_known",
                "no funder is named",
                "add the funders with their terms",
            )),
            None => {}
        }
        let unsaid = self
            .funders
            .iter()
            .filter(|funder| funder.commitment.is_none())
            .count();
        if unsaid > 0 {
            found.push(Finding::doubt(
                "/funders",
                "commitment_not_known",
                format!("{unsaid} of the {named} funders named have no commitment"),
                "give what each means to commit before the call opens",
            ));
        }
        if !self.rules.funded_topics().is_empty() {
            let named = self.funders.iter().enumerate();
            let given = named.filter(|(_, funder)| funder.commitment.is_some());
            found.extend(given.map(|(at, _)| {
                Finding::fault(
                    format!("/funders/{at}/commitment"),
                    "topic_money",
                    "a commitment that is not divided among the topics",
                    "each topic has money of its own; leave it out, and pledge it by topic",
                )
            }));
        }
        let committed = Amount::sum(self.funders.iter().filter_map(|funder| funder.commitment));
        match (committed, self.budget) {
            (Ok(committed), Some(budget)) if committed > budget => found.push(Finding::doubt(
                "/budget",
                "budget",
                format!("the commitments are {committed}"),
                format!("{budget} is announced; correct one of them"),
            )),
            (Err(error), _) => {
                found.push(Finding::fault(
                    "/funders",
                    "amount",
                    error.to_string(),
                    "correct the commitments",
                ));
            }
            (Ok(_), Some(_)) => {}
            (Ok(_), None) => found.push(Finding::doubt(
                "/budget",
                "not_known",
                "the budget is not known",
                "give what is announced",
            )),
        }
        let eu_funders = self
            .funders
            .iter()
            .filter(|funder| funder.terms.eu_money)
            .count();
        if self.rules.funding.eu.is_some() && eu_funders == 0 {
            found.push(Finding::doubt(
                "/funders",
                "eu_money_not_known",
                "no funder named earns and receives EU money",
                "mark those that are beneficiaries and of a member state or an associated country",
            ));
        }
    }
}

impl KnownDoubt {
    /// What it says as a finding at its place; a fault where there is no such place. `at` is its own place
    /// among the doubts.
    pub fn finding(&self, at: usize) -> Finding {
        let part = self.at.split('/').nth(1).unwrap_or_default();
        if !self.at.starts_with('/') || !PARTS.contains(&part) {
            return Finding::fault(
                format!("/doubts/{at}/at"),
                "pointer",
                format!("'{}' is no place in a call file", self.at),
                "write a JSON pointer such as /rules/stages/0/consortium/partners_max",
            );
        }
        let (code, allowed) = match self.standing {
            Standing::NotKnown => (
                "not_known",
                "what stands here is a stopgap; find it out before use",
            ),
            Standing::SecondHand => ("second_hand", "look it up in the call's own text"),
            Standing::Inferred => ("inferred", "look it up in the call's own text"),
        };
        Finding::doubt(&self.at, code, &self.note, allowed)
    }
}
