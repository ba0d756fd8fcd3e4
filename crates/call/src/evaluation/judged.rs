//! What proposals are judged by: it is the same for all of a stage, and so stays as it is once reviewers are assigned.

use super::{Criterion, EvaluationRules, SubCriterion};

impl EvaluationRules {
    /// Where other rules would judge proposals otherwise, as JSON pointers from the root of these rules: by other
    /// criteria, on another scale, past other thresholds, ranked in other lists, or by other steps. Titles may differ,
    /// so that a slip in one can be corrected.
    pub fn judges_otherwise(&self, other: &EvaluationRules) -> Vec<String> {
        let mut found = Vec::new();
        let keys = |rules: &EvaluationRules| -> Vec<String> {
            let criteria = rules.criteria.iter();
            criteria.map(|criterion| criterion.key.clone()).collect()
        };
        if keys(self) == keys(other) {
            for (index, (before, after)) in self.criteria.iter().zip(&other.criteria).enumerate() {
                let fields = before.judges_otherwise(after).into_iter();
                found.extend(fields.map(|field| format!("/criteria/{index}/{field}")));
            }
        } else {
            found.push("/criteria".to_owned());
        }
        let others = [
            ("/scale_max", self.scale_max != other.scale_max),
            ("/step", self.step != other.step),
            (
                "/threshold_total",
                self.threshold_total != other.threshold_total,
            ),
            (
                "/recommended_from",
                self.recommended_from != other.recommended_from,
            ),
            ("/ranking", self.ranking != other.ranking),
            ("/panel", self.panel != other.panel),
            // Who has read the others' reviews cannot be made not to have.
            (
                "/names/reviews_open_after_own",
                self.names.reviews_open_after_own != other.names.reviews_open_after_own,
            ),
            // Whether applicants may answer is promised; for how long and at what length is a date like others.
            (
                "/rebuttal",
                self.rebuttal.is_some() != other.rebuttal.is_some(),
            ),
        ];
        let differ = others.into_iter().filter(|(_, differs)| *differs);
        found.extend(differ.map(|(pointer, _)| pointer.to_owned()));
        found
    }
}

impl Criterion {
    /// The fields, but titles, in which a criterion of the same key differs.
    fn judges_otherwise(&self, other: &Criterion) -> Vec<&'static str> {
        let parts = |parts: &[SubCriterion]| -> Vec<String> {
            parts.iter().map(|part| part.key.clone()).collect()
        };
        let fields = [
            ("weight", self.weight != other.weight),
            ("threshold", self.threshold != other.threshold),
            ("max_words", self.max_words != other.max_words),
            ("parts", parts(&self.parts) != parts(&other.parts)),
        ];
        let differ = fields.into_iter().filter(|(_, differs)| *differs);
        differ.map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RankingLists, RebuttalRules, Score};

    /// What differs from the custom after a change.
    fn after(change: impl FnOnce(&mut EvaluationRules)) -> Vec<String> {
        let mut changed = EvaluationRules::default();
        change(&mut changed);
        EvaluationRules::default().judges_otherwise(&changed)
    }

    #[test]
    fn each_rule_that_proposals_are_judged_by_is_named_with_its_place() {
        assert!(after(|_| {}).is_empty());
        let weight = after(|rules| {
            rules.criteria[1].weight = 2;
            rules.criteria[1].threshold = Score(350);
            rules.criteria[2].max_words = Some(100);
        });
        assert_eq!(
            weight,
            [
                "/criteria/1/weight",
                "/criteria/1/threshold",
                "/criteria/2/max_words"
            ]
        );
        assert_eq!(after(|rules| rules.criteria.swap(0, 1)), ["/criteria"]);
        assert_eq!(
            after(|rules| rules.criteria.truncate(2)),
            ["/criteria"],
            "one is missing"
        );
        let rest = after(|rules| {
            rules.scale_max = Score(1000);
            rules.step = Score(100);
            rules.threshold_total = Score(900);
            rules.recommended_from = Some(Score(1200));
            rules.ranking = RankingLists::PerTopic;
            rules.panel = false;
            rules.rebuttal = Some(days(7));
        });
        assert_eq!(
            rest,
            [
                "/scale_max",
                "/step",
                "/threshold_total",
                "/recommended_from",
                "/ranking",
                "/panel",
                "/rebuttal"
            ]
        );
    }

    #[test]
    fn a_title_may_be_corrected_and_a_window_moved() {
        let titles = after(|rules| {
            rules.criteria[0].title = "Excellence of the science".to_owned();
            rules.reviewers_per_proposal = 2;
            rules.reviews_in_letters = true;
        });
        assert!(titles.is_empty(), "{titles:?}");
        let with = |length| EvaluationRules {
            rebuttal: Some(days(length)),
            ..EvaluationRules::default()
        };
        assert!(with(7).judges_otherwise(&with(10)).is_empty());
    }

    fn days(days: u32) -> RebuttalRules {
        RebuttalRules {
            days,
            max_characters: None,
            max_words: None,
            limit_of: crate::LimitOf::default(),
        }
    }
}
