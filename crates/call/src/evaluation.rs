//! How the proposals of a stage are evaluated.

mod conflicts;
mod disagreement;
mod ethics;
mod judged;
mod ranking;
mod rebuttal;
mod validate;
mod weights;

use serde::{Deserialize, Serialize};

use crate::Score;
pub use conflicts::ConflictRules;
pub use disagreement::DisagreementRules;
pub use ethics::EthicsStep;
pub use ranking::RankingLists;
pub use rebuttal::{LimitOf, RebuttalRules};
pub use weights::AffinityWeights;

/// How the proposals of a stage are evaluated. Each stage has its own criteria, so that a criterion or a
/// part of one may stand at the full stage only.
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
    /// Reviews each proposal needs (at least three independent experts at the full stage).
    pub reviewers_per_proposal: u32,
    /// Whether a panel meets at this stage and agrees on the scores.
    #[serde(default = "yes")]
    pub panel: bool,
    /// Who learns whose names.
    #[serde(default)]
    pub names: NameRules,
    /// Whether applicants may answer the reviews before the panel meets, and how.
    #[serde(default)]
    pub rebuttal: Option<RebuttalRules>,
    /// Whether ethics are looked at on their own.
    #[serde(default)]
    pub ethics: EthicsStep,
    /// The call's yes-or-no questions that make the self-assessment, by their keys: a proposal that answers
    /// all of them with no needs no assessment. Without any, each proposal of the step is assessed.
    #[serde(default)]
    pub ethics_questions: Vec<String>,
    /// What makes a conflict of interest.
    #[serde(default)]
    pub conflicts: ConflictRules,
    /// How much keywords, modules and texts count in the affinity of experts and proposals.
    #[serde(default)]
    pub affinity: AffinityWeights,
    /// From which difference on the panel is told of a disagreement.
    #[serde(default)]
    pub disagreement: DisagreementRules,
    /// The least weighted total that may be recommended outright; what passes the thresholds below it is
    /// recommended if funds allow at best. Left out: every proposal that passes.
    #[serde(default)]
    pub recommended_from: Option<Score>,
    /// Whether proposals are ranked in one list or per topic; then each stands in exactly one, by the modules it
    /// chooses.
    #[serde(default, skip_serializing_if = "RankingLists::is_overall")]
    pub ranking: RankingLists,
    /// Whether letters carry what the released reviews say, as advice of reviewers without names.
    #[serde(default)]
    pub reviews_in_letters: bool,
}

/// Who learns whose names. Applicants and the public never learn who reviewed which proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// Whether a reviewer may read the other reviews of the proposal, once the own one is submitted and they are released.
    pub reviews_open_after_own: bool,
    /// Whether the reviewers of a proposal learn each other's names with the reviews.
    pub reviewers_know_each_other: bool,
    /// Whether those who sit on the panel are published as a list with the funded projects. The last stage says so for the
    /// call.
    pub panel_published: bool,
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
    /// The most words of a comment on it: runs of anything but white space.
    #[serde(default)]
    pub max_words: Option<u32>,
    /// What the criterion looks at, for reviewers: not scored on its own.
    #[serde(default)]
    pub parts: Vec<SubCriterion>,
}

/// A part of a criterion. One that applies at the full stage only is listed there only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubCriterion {
    /// Stable name, unique in its criterion.
    pub key: String,
    /// Shown to reviewers and applicants.
    pub title: String,
}

fn once() -> u32 {
    1
}

fn yes() -> bool {
    true
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
            max_words: None,
            parts: Vec::new(),
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
            panel: true,
            names: NameRules::default(),
            rebuttal: None,
            ethics: EthicsStep::None,
            ethics_questions: Vec::new(),
            conflicts: ConflictRules::default(),
            affinity: AffinityWeights::default(),
            disagreement: DisagreementRules::default(),
            recommended_from: None,
            ranking: RankingLists::Overall,
            reviews_in_letters: false,
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
}
