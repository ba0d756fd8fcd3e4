//! The national annex of the guidelines: the terms as applicants read them.

use std::fmt::Write;

use kernel::Currency;

use super::Terms;
use crate::Vocabulary;

impl Terms {
    /// The annex in Markdown, generated from the rules and followed by the free text. `funder` is the
    /// heading, such as `Germany: BMBF`.
    pub fn annex(&self, funder: &str, call_currency: Currency, words: Vocabulary<'_>) -> String {
        let currency = self.currency.unwrap_or(call_currency);
        let mut text = format!("## {funder}\n");
        let mut part = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
                // Writing into a string cannot fail.
                let _ = write!(text, "\n### {title}\n\n{lines}");
            }
        };
        part("Contact", self.contacts.iter().map(contact).collect());
        part("Who may apply", self.who());
        part("How much", self.how_much(currency, call_currency));
        part("Costs", self.which_costs(currency));
        part("What is not funded", self.not_funded(words));
        part("National documents", self.documents_in_words());
        if !self.text.trim().is_empty() {
            let _ = write!(text, "\n### Further information\n\n{}\n", self.text.trim());
        }
        text
    }

    fn who(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for terms in &self.entities {
            let entity = plain(&terms.entity.to_string());
            let line = match (terms.eligible, &terms.instead) {
                (false, Some(other)) => format!("{entity}: not here; apply to {other} instead"),
                (false, None) => format!("{entity}: not eligible"),
                (true, _) => format!("{entity}: eligible"),
            };
            let rate = terms
                .rate
                .map(|rate| format!(", at most {rate} % of the costs"));
            let with: Vec<String> = terms
                .only_with
                .iter()
                .map(|one| plain(&one.to_string()))
                .collect();
            let with =
                (!with.is_empty()).then(|| format!(", only together with {}", with.join(" or ")));
            lines.push(format!(
                "{line}{}{}",
                rate.unwrap_or_default(),
                with.unwrap_or_default()
            ));
        }
        if !self.other_entities {
            lines.push("No other type of institution".to_owned());
        }
        lines.extend(self.counts.iter().map(|rule| {
            format!(
                "At most {} partners in one proposal{}",
                rule.max,
                rule.when.in_words()
            )
        }));
        lines
    }

    fn how_much(&self, currency: Currency, call_currency: Currency) -> Vec<String> {
        let mut lines: Vec<String> = self
            .ceilings
            .iter()
            .map(|ceiling| capital(&ceiling.in_words(currency)))
            .collect();
        if let Some(rate) = self.rate {
            lines.push(format!("1 {call_currency} is {rate} {currency}"));
        }
        if let Some(projects) = &self.projects {
            let more = projects
                .max_with_eu_money
                .map(|max| format!(", up to {max} with EU money"));
            let (min, max) = (projects.min, projects.max);
            lines.push(format!(
                "{min} to {max} projects are expected{}",
                more.unwrap_or_default()
            ));
        }
        lines
    }

    fn which_costs(&self, currency: Currency) -> Vec<String> {
        let mut lines = Vec::new();
        for rule in &self.costs {
            let category = plain(&rule.category.to_string());
            let mut limits = Vec::new();
            if !rule.eligible {
                limits.push("not paid".to_owned());
            }
            limits.extend(rule.max.map(|max| format!("at most {max} {currency}")));
            limits.extend(
                rule.share_max
                    .map(|share| format!("at most {share} % of all costs")),
            );
            lines.push(format!("{category}: {}", limits.join(", ")));
        }
        if let Some(rule) = &self.overheads {
            let how = if rule.flat {
                "a flat rate of"
            } else {
                "at most"
            };
            let without: Vec<String> = rule
                .without
                .iter()
                .map(|category| plain(&category.to_string()).to_lowercase())
                .collect();
            let but = (!without.is_empty()).then(|| format!(" without {}", without.join(" and ")));
            lines.push(format!(
                "Overheads: {how} {} % of the direct costs{}",
                rule.share_max,
                but.unwrap_or_default()
            ));
        }
        lines
    }

    fn not_funded(&self, words: Vocabulary<'_>) -> Vec<String> {
        let titled = |name: &String| match words.title(name) {
            title if title == name => format!("Work in {name}"),
            title => format!("Work in {name}: {title}"),
        };
        self.modules_not_funded.iter().map(titled).collect()
    }

    fn documents_in_words(&self) -> Vec<String> {
        let line = |document: &super::NationalDocument| {
            let due = document
                .due
                .as_ref()
                .map_or("with the proposal".to_owned(), super::Due::in_words);
            let note = document.note.trim();
            let note = if note.is_empty() {
                String::new()
            } else {
                format!(". {note}")
            };
            format!("{}, {due}{note}", document.title)
        };
        self.documents.iter().map(line).collect()
    }
}

fn contact(contact: &super::Contact) -> String {
    let parts = [
        Some(&contact.name),
        contact.email.as_ref(),
        contact.phone.as_ref(),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(", ")
}

/// A name of the rules as words: `research_institute` is `Research institute`.
fn plain(name: &str) -> String {
    capital(&name.replace('_', " "))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
