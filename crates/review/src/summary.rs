//! The evaluation summary report of a proposal: what its applicants read of the evaluation.
//!
//! Nothing that names a reviewer goes in, so nothing that names one can come out: reviews enter under their
//! labels, and confidential remarks not at all.

mod draft;
mod lifecycle;
mod text;

use std::collections::BTreeMap;

use call::{EvaluationRules, Score};
use serde::{Deserialize, Serialize};

use crate::ethics::Assessment;
use crate::{Consensus, Marks, Rating};

pub use draft::SummaryDraft;
pub use lifecycle::{SUMMARY, SummaryEvent, SummaryState};
pub use text::as_text;

/// What the report is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// Title of the call.
    pub call: String,
    /// The proposal's number in it.
    pub number: String,
    /// The proposal's acronym.
    pub acronym: String,
    /// The proposal's title.
    pub title: String,
}

/// An evaluation summary report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Summary {
    /// What it is on.
    pub heading: Heading,
    /// The criteria with the agreed scores, in the order of the call.
    pub criteria: Vec<CriterionLine>,
    /// The weighted total.
    pub total: Score,
    /// The best total there is.
    pub best_total: Score,
    /// The least total that passes.
    pub threshold_total: Score,
    /// Whether each score and the total reach their thresholds.
    pub passes: bool,
    /// The panel's advice.
    pub rating: Rating,
    /// The panel's reasons.
    pub comment: String,
    /// What came of the ethics step, where the proposal was in one.
    pub ethics: Option<Assessment>,
    /// What the reviewers said, where the call tells applicants.
    pub reviews: Vec<ReviewLine>,
}

/// A criterion in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CriterionLine {
    /// Its title.
    pub title: String,
    /// The agreed score; none where the consensus has none.
    pub score: Option<Score>,
    /// The best score.
    pub best: Score,
    /// How often it counts in the total.
    pub weight: u32,
    /// The least score that passes.
    pub threshold: Score,
    /// What the panel says on it; empty where the report was made of the consensus alone.
    pub comment: String,
}

/// A review in the report: its comments, without its scores, which the consensus replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReviewLine {
    /// `Reviewer 1` and so on, the same in letters and rebuttal.
    pub label: String,
    /// Title of each criterion with the comment on it; empty comments are left out.
    pub comments: Vec<(String, String)>,
}

/// The report on a proposal. `comments` are the panel's texts by criterion, `told` the reviews that are told to the
/// applicants, each under its label and in their order. One that counts no more and was told is among them: the
/// consensus alone has the scores that count.
pub fn summary(
    rules: &EvaluationRules,
    heading: Heading,
    consensus: &Consensus,
    comments: &BTreeMap<String, String>,
    told: &[(String, Marks)],
    ethics: Option<Assessment>,
) -> Summary {
    let best: Vec<Score> = vec![rules.scale_max; rules.criteria.len()];
    let criteria = rules.criteria.iter().map(|criterion| CriterionLine {
        title: criterion.title.clone(),
        score: consensus.scores.get(&criterion.key).copied(),
        best: rules.scale_max,
        weight: criterion.weight,
        threshold: criterion.threshold,
        comment: comments.get(&criterion.key).cloned().unwrap_or_default(),
    });
    let shown = told.iter().filter(|_| rules.reviews_in_letters);
    let reviews = shown.map(|(label, marks)| ReviewLine {
        label: label.clone(),
        comments: said(rules, marks),
    });
    Summary {
        criteria: criteria.collect(),
        total: consensus.total(rules),
        best_total: rules.total(&best),
        threshold_total: rules.threshold_total,
        passes: consensus.passes_thresholds(rules),
        rating: consensus.rating,
        comment: consensus.comment.clone(),
        ethics,
        reviews: reviews.collect(),
        heading,
    }
}

fn said(rules: &EvaluationRules, marks: &Marks) -> Vec<(String, String)> {
    rules
        .criteria
        .iter()
        .filter_map(|criterion| {
            let comment = marks.get(&criterion.key)?.comment.trim();
            (!comment.is_empty()).then(|| (criterion.title.clone(), comment.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mark;

    fn marks(comment: &str) -> Marks {
        let mark = |comment: &str| Mark {
            score: Score(250),
            comment: comment.to_owned(),
        };
        [
            ("impact".to_owned(), mark(comment)),
            ("excellence".to_owned(), mark(" ")),
        ]
        .into()
    }

    fn made(reviews_in_letters: bool) -> Summary {
        let mut rules = EvaluationRules {
            reviews_in_letters,
            ..EvaluationRules::default()
        };
        rules.criteria[0].weight = 2;
        let consensus = Consensus {
            scores: [("excellence", 400), ("impact", 300)]
                .map(|(key, score)| (key.to_owned(), Score(score)))
                .into(),
            comment: "Agreed.".to_owned(),
            rating: Rating::NotRecommended,
        };
        let told = (1..=12).map(|n| (crate::label(n), marks(&format!("Comment {n}"))));
        let told: Vec<(String, Marks)> = told.collect();
        let heading = Heading {
            call: "JTC 2026".to_owned(),
            number: "P-001".to_owned(),
            acronym: "ACRO".to_owned(),
            title: "A title".to_owned(),
        };
        let comments = [("impact".to_owned(), "Convincing.".to_owned())].into();
        summary(&rules, heading, &consensus, &comments, &told, None)
    }

    #[test]
    fn it_says_what_was_agreed_against_what_was_asked() {
        let report = made(false);
        assert_eq!(
            (report.total, report.best_total),
            (Score(1100), Score(2000))
        );
        assert!(!report.passes);
        let scores: Vec<_> = report
            .criteria
            .iter()
            .map(|one| one.score.map(|s| s.0))
            .collect();
        assert_eq!(scores, [Some(400), Some(300), None]);
        let comments: Vec<_> = report
            .criteria
            .iter()
            .map(|one| one.comment.as_str())
            .collect();
        assert_eq!(comments, ["", "Convincing.", ""]);
        assert_eq!(report.reviews, []);
    }

    #[test]
    fn reviews_stand_under_their_labels_and_nothing_tells_whose_they_are() {
        let report = made(true);
        let labels: Vec<_> = report.reviews.iter().map(|one| one.label.clone()).collect();
        let expected: Vec<String> = (1..=12).map(|n| format!("Reviewer {n}")).collect();
        assert_eq!(labels, expected);
        assert_eq!(
            report.reviews[11].comments,
            [("Impact".to_owned(), "Comment 12".to_owned())]
        );
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains("\"2.5\""), "no single score");
    }
}
