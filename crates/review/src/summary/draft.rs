use std::collections::BTreeMap;

use call::{EvaluationRules, Score};
use kernel::{Faults, token};
use serde::{Deserialize, Serialize};

use crate::scores::check_scores;

/// The longest text on one criterion, in characters.
const LONGEST: usize = 10_000;

/// What a rapporteur drafts: scores to start the panel's talk from, and the text on each criterion. The panel's scores
/// and its reasons in all are the consensus; the report has those, and never the scores proposed here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SummaryDraft {
    /// The scores that the rapporteur proposes, by the key of their criterion; those not given are left to the panel.
    pub scores: BTreeMap<String, Score>,
    /// What the report says on each criterion, by its key.
    pub comments: BTreeMap<String, String>,
}

impl SummaryDraft {
    /// Whether it may be saved: what it says is on criteria of the call and on the scale. Much may be missing.
    pub fn check(&self, rules: &EvaluationRules) -> Faults {
        let mut faults = check_scores(rules, &self.scores);
        faults.0.retain(|fault| fault.code != "score_missing");
        for (key, text) in &self.comments {
            let pointer = format!("/comments/{}", token(key));
            faults.require(
                rules.criteria.iter().any(|criterion| criterion.key == *key),
                pointer.clone(),
                "criterion_unknown",
                "the call has no such criterion; take it out",
            );
            let length = text.chars().count();
            faults.require(
                length <= LONGEST,
                pointer,
                "text_long",
                format!("{length} characters are given, at most {LONGEST} are allowed; shorten it"),
            );
        }
        faults
    }

    /// Whether the chair may approve it: it has a text on each criterion.
    pub fn check_complete(&self, rules: &EvaluationRules) -> Faults {
        let mut faults = Faults::default();
        for criterion in &rules.criteria {
            let text = self.comments.get(&criterion.key);
            faults.require(
                text.is_some_and(|text| !text.trim().is_empty()),
                format!("/comments/{}", token(&criterion.key)),
                "comment_missing",
                format!("the report says nothing on '{}'; write it", criterion.title),
            );
        }
        faults
    }

    /// The texts with where they stand, for those who look at them for names.
    pub fn texts(&self) -> Vec<(String, &str)> {
        let texts = self.comments.iter();
        texts
            .map(|(key, text)| (format!("/comments/{}", token(key)), text.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(scores: &[(&str, i32)], comments: &[(&str, &str)]) -> SummaryDraft {
        let scores = scores.iter().map(|(key, s)| ((*key).to_owned(), Score(*s)));
        let comments = comments
            .iter()
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()));
        SummaryDraft {
            scores: scores.collect(),
            comments: comments.collect(),
        }
    }

    fn found(faults: Faults) -> Vec<(String, String)> {
        let faults = faults.0.into_iter();
        faults.map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_draft_may_be_unfinished_and_not_off_the_criteria() {
        let rules = EvaluationRules::default();
        assert!(draft(&[], &[]).check(&rules).is_empty());
        let odd = draft(&[("impact", 901)], &[("beauty", "Fine.")]);
        let expected = [
            ("/scores/impact", "score_off_scale"),
            ("/comments/beauty", "criterion_unknown"),
        ];
        assert_eq!(
            found(odd.check(&rules)),
            expected.map(|(at, code)| (at.to_owned(), code.to_owned()))
        );
    }

    #[test]
    fn an_approved_report_speaks_to_each_criterion() {
        let rules = EvaluationRules::default();
        let some = draft(&[], &[("excellence", "Sound."), ("impact", " ")]);
        let missing: Vec<String> = found(some.check_complete(&rules))
            .into_iter()
            .map(|(at, _)| at)
            .collect();
        assert_eq!(missing, ["/comments/impact", "/comments/implementation"]);
    }
}
