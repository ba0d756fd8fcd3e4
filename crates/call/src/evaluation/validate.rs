//! What is wrong with the rules of an evaluation.

use std::collections::HashSet;

use kernel::Finding;

use super::EvaluationRules;

impl EvaluationRules {
    /// All faults of the rules, with pointers from their own root.
    pub fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut require =
            |holds: bool, pointer: String, code: &str, what: String, allowed: &str| {
                if !holds {
                    found.push(Finding::fault(pointer, code, what, allowed));
                }
            };
        let scale_fits = (1..=10_000).contains(&self.scale_max.0);
        require(
            scale_fits,
            "/scale_max".to_owned(),
            "scale",
            format!("the best score is {}", self.scale_max),
            "it lies between 0.01 and 100",
        );
        require(
            self.step.0 > 0 && scale_fits && self.scale_max.0 % self.step.0 == 0,
            "/step".to_owned(),
            "step",
            format!(
                "steps of {} do not lead from 0 to {}",
                self.step, self.scale_max
            ),
            "give a step that divides the best score",
        );
        require(
            (1..=10).contains(&self.reviewers_per_proposal),
            "/reviewers_per_proposal".to_owned(),
            "reviewers",
            format!("{} reviews", self.reviewers_per_proposal),
            "a proposal needs 1 to 10 reviews",
        );
        require(
            (1..=20).contains(&self.criteria.len()),
            "/criteria".to_owned(),
            "criteria",
            format!("{} criteria", self.criteria.len()),
            "give 1 to 20",
        );
        let mut keys = HashSet::new();
        for (index, criterion) in self.criteria.iter().enumerate() {
            let at = |field: &str| format!("/criteria/{index}/{field}");
            require(
                !criterion.key.is_empty() && keys.insert(&criterion.key),
                at("key"),
                "key",
                format!(
                    "'{}' is empty or stands in an earlier criterion",
                    criterion.key
                ),
                "each criterion has a key of its own",
            );
            require(
                !criterion.title.is_empty(),
                at("title"),
                "required",
                "the criterion has no title".to_owned(),
                "give a title",
            );
            require(
                (1..=10).contains(&criterion.weight),
                at("weight"),
                "weight",
                format!("a weight of {}", criterion.weight),
                "a weight is a whole number from 1 to 10; write 1 : 1.5 as 2 : 3",
            );
            require(
                criterion.threshold.0 >= 0 && criterion.threshold <= self.scale_max,
                at("threshold"),
                "threshold",
                format!(
                    "{} is not within 0 and {}",
                    criterion.threshold, self.scale_max
                ),
                "give a score of the scale",
            );
            require(
                criterion
                    .max_words
                    .is_none_or(|most| (1..=20_000).contains(&most)),
                at("max_words"),
                "limit",
                "the limit of a comment is none".to_owned(),
                "give 1 to 20000 words, or leave it out",
            );
            let mut parts = HashSet::new();
            for (part, sub) in criterion.parts.iter().enumerate() {
                require(
                    !sub.key.is_empty() && !sub.title.is_empty() && parts.insert(&sub.key),
                    format!("/criteria/{index}/parts/{part}"),
                    "key",
                    format!(
                        "'{}' has no title, no key, or stands in an earlier part",
                        sub.key
                    ),
                    "each part has a title, and a key of its own in its criterion",
                );
            }
        }
        let best = self.total(&vec![self.scale_max; self.criteria.len()]);
        require(
            self.threshold_total.0 >= 0 && self.threshold_total <= best,
            "/threshold_total".to_owned(),
            "threshold",
            format!(
                "{} is not within 0 and {best}, the best total",
                self.threshold_total
            ),
            "give a total that can be reached",
        );
        require(
            self.recommended_from
                .is_none_or(|from| (self.threshold_total..=best).contains(&from)),
            "/recommended_from".to_owned(),
            "threshold",
            format!(
                "it is not within {}, the threshold, and {best}, the best total",
                self.threshold_total
            ),
            "give a total from the threshold on, or leave it out",
        );
        require(
            !self.names.reviewers_know_each_other || self.names.reviews_open_after_own,
            "/names/reviewers_know_each_other".to_owned(),
            "names",
            "reviewers learn names with reviews that they may not read".to_owned(),
            "open the reviews after the own one, or keep the names",
        );
        let mut add = |field: &str, faults: Vec<Finding>| {
            found.extend(faults.into_iter().map(|fault| fault.below(field)));
        };
        if let Some(rebuttal) = &self.rebuttal {
            add("/rebuttal", rebuttal.validate());
        }
        add("/conflicts", self.conflicts.validate());
        add("/affinity", self.affinity.validate());
        add("/disagreement", self.disagreement.validate());
        if self.panel
            && self
                .criteria
                .iter()
                .all(|criterion| criterion.threshold.0 == 0)
            && self.threshold_total.0 == 0
        {
            found.push(Finding::doubt(
                "/threshold_total",
                "threshold_missing",
                "no score and no total has a threshold",
                "10 of 15 in all and 3 in each are usual",
            ));
        }
        found
    }
}
