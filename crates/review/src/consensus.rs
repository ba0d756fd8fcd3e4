use std::collections::BTreeMap;

use call::{EvaluationRules, Score};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::scores::{Marks, check_scores};

/// What the panel advises.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rating {
    /// To be funded.
    Recommended,
    /// To be funded where money is left.
    RecommendedIfFundsAllow,
    /// Not to be funded.
    NotRecommended,
}

/// What the panel agreed on for one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consensus {
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// The reasons, as the letter gives them.
    pub comment: String,
    /// The advice.
    pub rating: Rating,
}

impl Consensus {
    /// Whether the consensus stands: every criterion scored on the scale, reasons given, and nothing
    /// below a threshold recommended.
    pub fn check(&self, rules: &EvaluationRules) -> Faults {
        let mut faults = check_scores(rules, &self.scores);
        faults.require(
            !self.comment.trim().is_empty(),
            "/comment",
            "comment_missing",
            "give the panel's reasons",
        );
        // Thresholds say something only about scores that are all there and on the scale.
        let sound = !faults
            .0
            .iter()
            .any(|fault| fault.pointer.starts_with("/scores"));
        if sound {
            self.check_rating(rules, &mut faults);
        }
        faults
    }

    /// A rating may be worse than the scores allow, for reasons that the panel gives, and never better.
    fn check_rating(&self, rules: &EvaluationRules, faults: &mut Faults) {
        let total = self.total(rules);
        match (self.rating, self.best_rating(rules)) {
            (Rating::Recommended | Rating::RecommendedIfFundsAllow, Rating::NotRecommended) => {
                faults.add(
                    "/rating",
                    "below_threshold",
                    format!(
                        "with {total} in all the proposal is below a threshold; rate it not_recommended"
                    ),
                );
            }
            (Rating::Recommended, Rating::RecommendedIfFundsAllow) => {
                let from = rules.recommended_from.unwrap_or_default();
                faults.add(
                    "/rating",
                    "below_recommended",
                    format!(
                        "with {total} in all the proposal is below {from}; rate it recommended_if_funds_allow or not_recommended"
                    ),
                );
            }
            _ => {}
        }
    }

    /// The best rating that the scores allow by the thresholds of the call: what the panel may start from.
    pub fn best_rating(&self, rules: &EvaluationRules) -> Rating {
        if !self.passes_thresholds(rules) {
            Rating::NotRecommended
        } else if rules
            .recommended_from
            .is_some_and(|from| self.total(rules) < from)
        {
            Rating::RecommendedIfFundsAllow
        } else {
            Rating::Recommended
        }
    }

    /// The weighted total. A missing score counts as 0.
    pub fn total(&self, rules: &EvaluationRules) -> Score {
        rules.total(&self.in_order(rules))
    }

    /// Whether each score and the total reach their thresholds. A missing score counts as 0.
    pub fn passes_thresholds(&self, rules: &EvaluationRules) -> bool {
        rules.passes_thresholds(&self.in_order(rules))
    }

    fn in_order(&self, rules: &EvaluationRules) -> Vec<Score> {
        let score = |key: &String| self.scores.get(key).copied().unwrap_or_default();
        rules
            .criteria
            .iter()
            .map(|criterion| score(&criterion.key))
            .collect()
    }
}

/// The mean of the reviews in each criterion, on the step next to it and half-way up, as where the
/// panel may start. The caller gives released reviews alone; a criterion that nobody scored is left out.
pub fn suggest(rules: &EvaluationRules, released: &[Marks]) -> BTreeMap<String, Score> {
    let mut means = BTreeMap::new();
    for criterion in &rules.criteria {
        let scores: Vec<i64> = released
            .iter()
            .filter_map(|marks| marks.get(&criterion.key))
            .map(|mark| i64::from(mark.score.0))
            .collect();
        let parts = scores.len() as i64 * i64::from(rules.step.0);
        // sum / (n * step) steps, plus one half, rounded down: doubled throughout to stay whole.
        let steps = (2 * scores.iter().sum::<i64>() + parts).checked_div(2 * parts);
        let mean = steps.and_then(|steps| i32::try_from(steps * i64::from(rules.step.0)).ok());
        means.extend(mean.map(|mean| (criterion.key.clone(), Score(mean))));
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::Mark;
    use rstest::rstest;

    fn consensus(scores: [i32; 3], rating: Rating) -> Consensus {
        let keys = ["excellence", "impact", "implementation"].map(str::to_owned);
        Consensus {
            scores: keys.into_iter().zip(scores.map(Score)).collect(),
            comment: "Agreed.".to_owned(),
            rating,
        }
    }

    fn codes(consensus: &Consensus) -> Vec<String> {
        let faults = consensus.check(&EvaluationRules::default());
        faults.0.into_iter().map(|fault| fault.code).collect()
    }

    #[rstest]
    #[case([300, 300, 400], Rating::Recommended, true)]
    #[case([300, 300, 350], Rating::Recommended, false)]
    #[case([300, 300, 350], Rating::RecommendedIfFundsAllow, false)]
    #[case([250, 500, 500], Rating::RecommendedIfFundsAllow, false)]
    #[case([250, 500, 500], Rating::NotRecommended, true)]
    #[case([500, 500, 500], Rating::NotRecommended, true)]
    fn nothing_below_a_threshold_is_recommended(
        #[case] scores: [i32; 3],
        #[case] rating: Rating,
        #[case] stands: bool,
    ) {
        let expected: &[&str] = if stands { &[] } else { &["below_threshold"] };
        assert_eq!(codes(&consensus(scores, rating)), expected);
    }

    #[rstest]
    #[case([400, 400, 400], Rating::Recommended, &[])]
    #[case([400, 400, 350], Rating::Recommended, &["below_recommended"])]
    #[case([400, 400, 350], Rating::RecommendedIfFundsAllow, &[])]
    #[case([400, 400, 400], Rating::RecommendedIfFundsAllow, &[])]
    #[case([300, 300, 350], Rating::Recommended, &["below_threshold"])]
    fn the_call_says_from_where_on_it_recommends_outright(
        #[case] scores: [i32; 3],
        #[case] rating: Rating,
        #[case] expected: &[&str],
    ) {
        let rules = EvaluationRules {
            recommended_from: Some(Score(1200)),
            ..EvaluationRules::default()
        };
        let faults = consensus(scores, rating).check(&rules);
        let codes: Vec<String> = faults.0.into_iter().map(|fault| fault.code).collect();
        assert_eq!(codes, expected);
    }

    #[test]
    fn the_best_rating_always_stands() {
        for from in [None, Some(Score(1200))] {
            let rules = EvaluationRules {
                recommended_from: from,
                ..EvaluationRules::default()
            };
            for scores in [[500; 3], [400, 400, 350], [300, 350, 350], [250, 500, 500]] {
                let mut one = consensus(scores, Rating::NotRecommended);
                one.rating = one.best_rating(&rules);
                assert!(one.check(&rules).is_empty(), "{scores:?} {from:?}");
            }
        }
    }

    #[test]
    fn a_consensus_needs_all_scores_and_reasons() {
        let mut missing = consensus([400, 400, 400], Rating::Recommended);
        missing.scores.remove("impact");
        missing.comment.clear();
        assert_eq!(codes(&missing), ["score_missing", "comment_missing"]);
        assert!(!missing.passes_thresholds(&EvaluationRules::default()));
    }

    #[test]
    fn the_total_is_weighted() {
        let mut rules = EvaluationRules::default();
        rules.criteria[0].weight = 2;
        let one = consensus([450, 300, 300], Rating::Recommended);
        assert_eq!(one.total(&rules), Score(1500));
    }

    fn reviews(scores: &[i32]) -> Vec<Marks> {
        let mark = |score: &i32| Mark {
            score: Score(*score),
            comment: "Sound.".to_owned(),
        };
        scores
            .iter()
            .map(|score| [("impact".to_owned(), mark(score))].into())
            .collect()
    }

    #[rstest]
    #[case(&[300, 350, 400], 350)]
    #[case(&[300, 350], 350)] // 3.25 lies half-way and goes up
    #[case(&[300, 300, 350], 300)] // 3.166...
    #[case(&[300, 350, 350], 350)] // 3.333...
    #[case(&[450, 500], 500)]
    #[case(&[0, 0, 0, 50], 0)]
    #[case(&[0, 50], 50)]
    fn the_mean_lies_on_a_step(#[case] scores: &[i32], #[case] mean: i32) {
        let means = suggest(&EvaluationRules::default(), &reviews(scores));
        assert_eq!(means, [("impact".to_owned(), Score(mean))].into());
    }

    #[test]
    fn without_reviews_there_is_no_suggestion() {
        assert!(suggest(&EvaluationRules::default(), &[]).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn no_other_step_is_nearer(steps in proptest::collection::vec(0..=10_i32, 1..8)) {
            let scores: Vec<i32> = steps.iter().map(|step| step * 50).collect();
            let mean = suggest(&EvaluationRules::default(), &reviews(&scores))["impact"].0;
            // Distances to the mean, times the number of reviews, so that they are whole.
            let n = scores.len() as i32;
            let sum: i32 = scores.iter().sum();
            proptest::prop_assert_eq!(mean % 50, 0);
            proptest::prop_assert!(-25 * n < mean * n - sum && mean * n - sum <= 25 * n);
        }
    }
}
