use std::collections::HashSet;

use kernel::Faults;
use serde::{Deserialize, Serialize};

use crate::Score;

/// How the proposals of a stage are scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRules {
    /// The criteria, in the order in which scores are given.
    pub criteria: Vec<Criterion>,
    /// The best score of a criterion; the worst is 0.
    pub scale_max: Score,
    /// Scores are multiples of this.
    pub step: Score,
    /// The least weighted total that passes.
    pub threshold_total: Score,
    /// Reviews each proposal needs.
    pub reviewers_per_proposal: u32,
}

/// One thing that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Stable name, such as `excellence`.
    pub key: String,
    /// Shown to reviewers and applicants.
    pub title: String,
    /// How often the score counts in the total: a whole number, so that totals stay exact.
    #[serde(default = "once")]
    pub weight: u32,
    /// The least score, before weighting, that passes.
    #[serde(default)]
    pub threshold: Score,
}

fn once() -> u32 {
    1
}

impl Default for EvaluationRules {
    /// The custom of Horizon 2020 and after: three criteria of 0 to 5 in half points, 3 in each and
    /// 10 in all to pass, three independent experts.
    fn default() -> Self {
        let criterion = |key: &str, title: &str| Criterion {
            key: key.to_owned(),
            title: title.to_owned(),
            weight: 1,
            threshold: Score(300),
        };
        Self {
            criteria: vec![
                criterion("excellence", "Excellence"),
                criterion("impact", "Impact"),
                criterion(
                    "implementation",
                    "Quality and efficiency of the implementation",
                ),
            ],
            scale_max: Score(500),
            step: Score(50),
            threshold_total: Score(1000),
            reviewers_per_proposal: 3,
        }
    }
}

impl EvaluationRules {
    /// The weighted total of scores given in the order of the criteria.
    pub fn total(&self, scores: &[Score]) -> Score {
        let weighted = self
            .criteria
            .iter()
            .zip(scores)
            .map(|(criterion, score)| i64::from(score.0) * i64::from(criterion.weight));
        Score(i32::try_from(weighted.sum::<i64>()).unwrap_or(i32::MAX))
    }

    /// Whether each score and the total reach their thresholds. A missing score does not.
    pub fn passes_thresholds(&self, scores: &[Score]) -> bool {
        scores.len() == self.criteria.len()
            && self
                .criteria
                .iter()
                .zip(scores)
                .all(|(one, score)| *score >= one.threshold)
            && self.total(scores) >= self.threshold_total
    }

    /// Whether a reviewer may give these scores: one per criterion, on the scale, on a step.
    pub fn check_scores(&self, scores: &[Score]) -> Faults {
        let mut faults = Faults::default();
        let (given, asked) = (scores.len(), self.criteria.len());
        faults.require(
            given == asked,
            "/scores",
            "scores_count",
            format!("{given} scores for {asked} criteria; give one for each"),
        );
        for (index, score) in scores.iter().enumerate() {
            let on_step = self.step.0 > 0 && score.0 % self.step.0 == 0;
            faults.require(
                score.0 >= 0 && *score <= self.scale_max && on_step,
                format!("/scores/{index}"),
                "score_off_scale",
                format!(
                    "{score} is not on the scale; give 0 to {} in steps of {}",
                    self.scale_max, self.step
                ),
            );
        }
        faults
    }

    /// Notes what is wrong with the rules themselves, below `pointer`.
    pub(crate) fn check(&self, pointer: &str, faults: &mut Faults) {
        let at = |field: &str| format!("{pointer}/{field}");
        let scale_fits = (1..=10_000).contains(&self.scale_max.0);
        faults.require(
            scale_fits,
            at("scale_max"),
            "scale",
            "the best score lies between 0.01 and 100",
        );
        faults.require(
            self.step.0 > 0 && scale_fits && self.scale_max.0 % self.step.0 == 0,
            at("step"),
            "step",
            format!(
                "steps of {} do not lead from 0 to {}",
                self.step, self.scale_max
            ),
        );
        faults.require(
            (1..=10).contains(&self.reviewers_per_proposal),
            at("reviewers_per_proposal"),
            "reviewers",
            "a proposal needs 1 to 10 reviews",
        );
        faults.require(
            (1..=20).contains(&self.criteria.len()),
            at("criteria"),
            "criteria",
            "give 1 to 20 criteria",
        );
        let mut keys = HashSet::new();
        for (index, criterion) in self.criteria.iter().enumerate() {
            let at = |field: &str| format!("{pointer}/criteria/{index}/{field}");
            faults.require(
                !criterion.key.is_empty() && keys.insert(&criterion.key),
                at("key"),
                "key",
                "each criterion has a key of its own",
            );
            faults.require(
                !criterion.title.is_empty(),
                at("title"),
                "required",
                "give a title",
            );
            faults.require(
                (1..=10).contains(&criterion.weight),
                at("weight"),
                "weight",
                "a weight is a whole number from 1 to 10; write 1 : 1.5 as 2 : 3",
            );
            faults.require(
                criterion.threshold.0 >= 0 && criterion.threshold <= self.scale_max,
                at("threshold"),
                "threshold",
                format!(
                    "{} is not within 0 and {}",
                    criterion.threshold, self.scale_max
                ),
            );
        }
        let best = self.total(&vec![self.scale_max; self.criteria.len()]);
        faults.require(
            self.threshold_total.0 >= 0 && self.threshold_total <= best,
            at("threshold_total"),
            "threshold",
            format!(
                "{} is not within 0 and {best}, the best total",
                self.threshold_total
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case([300, 300, 400], 1000, true)]
    #[case([300, 300, 350], 950, false)]
    #[case([250, 500, 500], 1250, false)]
    fn totals_and_thresholds(#[case] scores: [i32; 3], #[case] total: i32, #[case] passes: bool) {
        let rules = EvaluationRules::default();
        let scores = scores.map(Score);
        assert_eq!(rules.total(&scores), Score(total));
        assert_eq!(rules.passes_thresholds(&scores), passes);
        assert!(!rules.passes_thresholds(&scores[..2]));
    }

    #[test]
    fn weights_count_exactly() {
        let mut rules = EvaluationRules::default();
        rules.criteria[0].weight = 2;
        assert_eq!(
            rules.total(&[Score(450), Score(333), Score(1)]),
            Score(1234)
        );
    }

    #[test]
    fn scores_off_the_scale_are_named() {
        let rules = EvaluationRules::default();
        assert!(
            rules
                .check_scores(&[Score(0), Score(450), Score(500)])
                .is_empty()
        );
        let faults = rules.check_scores(&[Score(425), Score(550)]);
        let pointers: Vec<&str> = faults.0.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/scores", "/scores/0", "/scores/1"]);
    }
}
