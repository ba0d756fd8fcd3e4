//! What is wrong with the terms themselves.

use kernel::{Currency, Finding};

use super::{Due, Terms};
use crate::Vocabulary;

impl Terms {
    /// All faults and doubts of the terms, with pointers from their own root. `stages` is the number of
    /// the call's stages.
    pub fn validate(
        &self,
        call_currency: Currency,
        words: Vocabulary<'_>,
        stages: usize,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut require = |holds: bool, pointer: String, code: &str, what: &str, allowed: &str| {
            if !holds {
                found.push(Finding::fault(pointer, code, what, allowed));
            }
        };
        let foreign = self
            .currency
            .is_some_and(|currency| currency != call_currency);
        require(
            foreign == self.rate.is_some(),
            "/rate".to_owned(),
            "rate",
            if foreign {
                "another currency without a rate"
            } else {
                "a rate for the call's own currency"
            },
            "give the published rate exactly where the currency is not the call's",
        );
        for (at, ceiling) in self.ceilings.iter().enumerate() {
            let pointer = format!("/ceilings/{at}");
            let limits = [ceiling.min, ceiling.max].into_iter().flatten();
            require(
                ceiling.min.is_some() || ceiling.max.is_some(),
                pointer.clone(),
                "ceiling_empty",
                "neither a most nor a least amount",
                "give max, min or both",
            );
            require(
                limits.clone().all(|limit| limit.0 > 0) && limits.is_sorted(),
                pointer.clone(),
                "ceiling_order",
                "an amount is not above 0, or the least is above the most",
                "give 0 < min <= max",
            );
            require(
                ceiling
                    .months_max
                    .is_none_or(|months| (1..=120).contains(&months)),
                format!("{pointer}/months_max"),
                "months",
                "a time that is not 1 to 120 months",
                "give 1 to 120 months, or leave it out",
            );
        }
        for (at, rule) in self.counts.iter().enumerate() {
            let pointer = format!("/counts/{at}/max");
            require(
                rule.max >= 1,
                pointer,
                "count",
                "no partner at all",
                "give at least 1",
            );
        }
        if let Some(projects) = &self.projects {
            let most = projects.max_with_eu_money.unwrap_or(projects.max);
            require(
                projects.min <= projects.max && projects.max <= most,
                "/projects".to_owned(),
                "projects",
                "the numbers of projects are not in order",
                "give min <= max <= max_with_eu_money",
            );
        }
        for (at, terms) in self.entities.iter().enumerate() {
            let pointer = format!("/entities/{at}");
            let twice = self.entities[..at]
                .iter()
                .any(|other| other.entity == terms.entity);
            require(
                !twice,
                pointer.clone(),
                "entity_twice",
                "this type stands in an earlier entry",
                "keep one",
            );
            require(
                terms.rate.is_none_or(|rate| rate.is_part() && rate.0 > 0),
                format!("{pointer}/rate"),
                "percent",
                "a rate outside 0 to 100 %",
                "give more than 0 and at most 100",
            );
        }
        for (at, terms) in self.costs.iter().enumerate() {
            let pointer = format!("/costs/{at}");
            let twice = self.costs[..at]
                .iter()
                .any(|other| other.category == terms.category);
            require(
                !twice,
                pointer.clone(),
                "category_twice",
                "this category stands in an earlier entry",
                "keep one",
            );
            require(
                terms.share_max.is_none_or(|share| share.is_part())
                    && terms.max.is_none_or(|max| max.0 >= 0),
                pointer,
                "percent",
                "a share outside 0 to 100 %, or an amount below 0",
                "give a share from 0 to 100 and an amount from 0",
            );
        }
        // Overheads above the direct costs are odd, but some funders' flat rates come near.
        let share = self.overheads.as_ref().map(|rule| rule.share_max);
        require(
            share.is_none_or(|share| (0..=20_000).contains(&share.0)),
            "/overheads/share_max".to_owned(),
            "percent",
            "a share outside 0 to 200 % of the direct costs",
            "give 0 to 200",
        );
        for (at, name) in self.modules_not_funded.iter().enumerate() {
            require(
                words.knows(name) && !words.is_question(name),
                format!("/modules_not_funded/{at}"),
                "module_unknown",
                &format!("the call has no module '{name}'"),
                "name a module or an area of the call",
            );
        }
        for (at, document) in self.documents.iter().enumerate() {
            let pointer = format!("/documents/{at}");
            require(
                !document.title.trim().is_empty(),
                format!("{pointer}/title"),
                "required",
                "a document without a title",
                "give it one",
            );
            let Some(due) = &document.due else { continue };
            if let Due::Near(near) = due {
                let there =
                    usize::try_from(near.stage).is_ok_and(|stage| (1..=stages).contains(&stage));
                require(
                    there,
                    format!("{pointer}/due/near/stage"),
                    "stage_unknown",
                    "the call has no such stage",
                    "count the stages from 1",
                );
            }
        }
        self.doubts(&mut found);
        found
    }

    fn doubts(&self, found: &mut Vec<Finding>) {
        for (at, document) in self.documents.iter().enumerate() {
            if let Some(Due::At(deadline)) = &document.due
                && let Some(contradiction) = deadline.contradiction()
            {
                let pointer = format!("/documents/{at}/due/at/label");
                found.push(Finding::doubt(
                    pointer,
                    "label",
                    contradiction,
                    "correct the label",
                ));
            }
        }
    }
}
