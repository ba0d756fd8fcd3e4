use std::collections::BTreeMap;

use call::{EvaluationRules, Score};
use kernel::Faults;
use serde::{Deserialize, Serialize};

/// What a reviewer says on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The score, on the call's scale.
    pub score: Score,
    /// The reasons: what the letter quotes and the rebuttal answers.
    pub comment: String,
}

/// The marks of one review, by the key of their criterion.
pub type Marks = BTreeMap<String, Mark>;

/// Whether a review may be submitted: each criterion has a score on the scale and on a step, and a
/// comment within the limit of words, where the call has one. A confidential remark to the panel is no mark
/// and has no limit. Pointers are such as `/scores/impact`.
pub fn check_marks(rules: &EvaluationRules, marks: &Marks) -> Faults {
    let scores = marks
        .iter()
        .map(|(key, mark)| (key.clone(), mark.score))
        .collect();
    let mut faults = check_scores(rules, &scores);
    for (key, mark) in marks {
        faults.require(
            !mark.comment.trim().is_empty(),
            format!("{}/comment", pointer(key)),
            "comment_missing",
            "give the reasons for the score",
        );
        let limit = rules.criteria.iter().find(|one| one.key == *key);
        if let Some(most) = limit.and_then(|one| one.max_words) {
            let words = mark.comment.split_whitespace().count();
            faults.require(
                words <= usize::try_from(most).unwrap_or(usize::MAX),
                format!("{}/comment", pointer(key)),
                "comment_long",
                format!("{words} words are given, at most {most} are allowed; shorten the comment"),
            );
        }
    }
    faults
}

/// Whether each criterion, and nothing else, has a score on the scale and on a step.
pub(crate) fn check_scores(rules: &EvaluationRules, scores: &BTreeMap<String, Score>) -> Faults {
    let mut faults = Faults::default();
    for criterion in &rules.criteria {
        faults.require(
            scores.contains_key(&criterion.key),
            pointer(&criterion.key),
            "score_missing",
            format!("{} has no score; give one", criterion.title),
        );
    }
    for (key, score) in scores {
        faults.require(
            rules.criteria.iter().any(|criterion| criterion.key == *key),
            pointer(key),
            "criterion_unknown",
            "the call has no such criterion; take it out",
        );
        let on_step = rules.step.0 > 0 && score.0 % rules.step.0 == 0;
        faults.require(
            on_step && (Score(0)..=rules.scale_max).contains(score),
            pointer(key),
            "score_off_scale",
            format!(
                "{score} is not on the scale; give 0 to {} in steps of {}",
                rules.scale_max, rules.step
            ),
        );
    }
    faults
}

/// The JSON pointer of a criterion's score, its key escaped (RFC 6901).
pub(crate) fn pointer(key: &str) -> String {
    format!("/scores/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn marks(excellence: i32, impact: i32, implementation: i32) -> Marks {
        [
            ("excellence", excellence),
            ("impact", impact),
            ("implementation", implementation),
        ]
        .map(|(key, score)| {
            (
                key.to_owned(),
                Mark {
                    score: Score(score),
                    comment: "Sound.".to_owned(),
                },
            )
        })
        .into()
    }

    fn faults(marks: &Marks) -> Vec<(String, String)> {
        let faults = check_marks(&EvaluationRules::default(), marks);
        faults
            .0
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), code.to_owned())]
    }

    #[test]
    fn both_ends_of_the_scale_are_on_it() {
        assert_eq!(faults(&marks(0, 250, 500)), []);
    }

    #[rstest]
    #[case(550)]
    #[case(425)]
    #[case(-50)]
    fn a_score_off_the_scale_or_the_step_is_named(#[case] score: i32) {
        assert_eq!(
            faults(&marks(300, score, 300)),
            fault("/scores/impact", "score_off_scale")
        );
    }

    #[test]
    fn each_criterion_is_scored_and_no_other() {
        let mut marks = marks(300, 300, 300);
        let mark = marks.remove("impact").unwrap();
        assert_eq!(faults(&marks), fault("/scores/impact", "score_missing"));
        marks.insert("impact".to_owned(), mark.clone());
        marks.insert("a/b~c".to_owned(), mark);
        assert_eq!(
            faults(&marks),
            fault("/scores/a~1b~0c", "criterion_unknown")
        );
    }

    #[test]
    fn a_score_without_reasons_is_not_enough() {
        let mut marks = marks(300, 300, 300);
        marks.get_mut("impact").unwrap().comment = " \n".to_owned();
        assert_eq!(
            faults(&marks),
            fault("/scores/impact/comment", "comment_missing")
        );
    }

    #[rstest]
    #[case("Two words", None)]
    #[case("Now  three\nwords", Some("comment_long"))]
    fn comments_keep_the_limit_of_their_criterion(
        #[case] comment: &str,
        #[case] expected: Option<&str>,
    ) {
        let mut rules = EvaluationRules::default();
        rules.criteria[1].max_words = Some(2);
        let mut marks = marks(300, 300, 300);
        for mark in marks.values_mut() {
            mark.comment = comment.to_owned();
        }
        let found = check_marks(&rules, &marks).0;
        let codes: Vec<&str> = found.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, expected.as_slice());
        assert!(
            found
                .iter()
                .all(|one| one.pointer == "/scores/impact/comment")
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        assert_eq!(faults(&Marks::new()).len(), 3);
    }

    #[test]
    fn marks_are_read_from_json_and_unknown_fields_refused() {
        let json = r#"{"impact": {"score": "4.5", "comment": "Sound."}}"#;
        let marks: Marks = serde_json::from_str(json).unwrap();
        assert_eq!(marks["impact"].score, Score(450));
        let more = r#"{"impact": {"score": "4.5", "comment": "", "by": "me"}}"#;
        assert!(serde_json::from_str::<Marks>(more).is_err());
    }
}
