use std::collections::HashSet;

use kernel::Finding;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::EvaluationRules;
use crate::Vocabulary;

/// Whether and when ethics are looked at on their own.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum EthicsStep {
    /// Not by the call.
    #[default]
    None,
    /// With the reviews, for every proposal that is evaluated; before the ranking list is adopted.
    WithReview,
    /// For what the panel recommends; before the results go out.
    AfterPanel,
    /// For what is selected; before the grants.
    AfterSelection,
}

impl EvaluationRules {
    /// Faults at questions of the self-assessment that the call does not ask, or that stand twice.
    pub(crate) fn validate_ethics(&self, words: Vocabulary<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for (at, key) in self.ethics_questions.iter().enumerate() {
            if !words.is_question(key) || !seen.insert(key) {
                found.push(Finding::fault(
                    format!("/ethics_questions/{at}"),
                    "question_unknown",
                    format!("'{key}' is no question of the call, or stands here a second time"),
                    "name each yes-or-no question once by its key",
                ));
            }
        }
        if !self.ethics_questions.is_empty() && self.ethics == EthicsStep::None {
            found.push(Finding::fault(
                "/ethics_questions",
                "ethics_step",
                "the stage has no ethics step that would read a self-assessment",
                "say when ethics are looked at, or take the questions out",
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Question;

    #[test]
    fn a_self_assessment_asks_what_the_call_asks_once_and_is_read() {
        let questions = [Question {
            key: "animals".to_owned(),
            title: "Does the project use animals?".to_owned(),
        }];
        let words = Vocabulary {
            modules: &[],
            questions: &questions,
        };
        let mut rules = EvaluationRules {
            ethics: EthicsStep::AfterPanel,
            ethics_questions: vec!["animals".to_owned()],
            ..EvaluationRules::default()
        };
        assert_eq!(rules.validate_ethics(words), []);
        rules.ethics_questions.push("animals".to_owned());
        rules.ethics_questions.push("humans".to_owned());
        rules.ethics = EthicsStep::None;
        let found = rules.validate_ethics(words);
        let places: Vec<&str> = found.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "/ethics_questions/1",
                "/ethics_questions/2",
                "/ethics_questions"
            ]
        );
    }
}
