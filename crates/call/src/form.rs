//! The form of a stage: the texts and keywords it asks for, how long they may be, and when.

use std::collections::{BTreeSet, HashSet};

use kernel::Finding;
use serde::{Deserialize, Serialize};

use crate::{ModuleRule, StageRules, Vocabulary};

/// One text of a proposal. It has a limit in characters or in words, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextSection {
    /// Stable name, such as `summary`.
    pub key: String,
    /// Shown to applicants and reviewers.
    pub title: String,
    /// The most characters (Unicode scalar values, white space included).
    #[serde(default)]
    pub max_characters: Option<u32>,
    /// The most words: runs of anything but white space.
    #[serde(default)]
    pub max_words: Option<u32>,
    /// Whether a proposal without it cannot be submitted.
    #[serde(default = "yes")]
    pub required: bool,
    /// Asked only of proposals whose modules and answers satisfy this expression, such as
    /// `clinical_trial`; left out, of all.
    #[serde(default)]
    pub asked_if: Option<ModuleRule>,
}

/// How many keywords a proposal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeywordCount {
    /// The fewest.
    pub min: u32,
    /// The most.
    pub max: u32,
}

impl TextSection {
    /// A text that all proposals have, still without a limit.
    pub fn required(key: &str, title: &str) -> Self {
        Self {
            key: key.to_owned(),
            title: title.to_owned(),
            max_characters: None,
            max_words: None,
            required: true,
            asked_if: None,
        }
    }

    /// Whether a proposal is asked for it. `chosen` holds its modules and the questions it answers with
    /// yes.
    pub fn asked(&self, chosen: &BTreeSet<String>, words: Vocabulary<'_>) -> bool {
        let rule = self.asked_if.as_ref();
        rule.is_none_or(|rule| rule.holds(chosen, words))
    }
}

fn yes() -> bool {
    true
}

/// What is wrong with the form of a stage, with pointers from the stage.
pub(crate) fn validate(stage: &StageRules, words: Vocabulary<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut require = |holds: bool, pointer: String, code: &str, what: &str, allowed: &str| {
        if !holds {
            found.push(Finding::fault(pointer, code, what, allowed));
        }
    };
    require(
        !stage.texts.is_empty(),
        "/texts".to_owned(),
        "texts",
        "there is no text",
        "a proposal has at least one text",
    );
    if let Some(count) = stage.keywords {
        require(
            count.min <= count.max && (1..=50).contains(&count.max),
            "/keywords".to_owned(),
            "keywords",
            "the numbers do not fit",
            "at most 50 keywords, and at least as many at most as at least",
        );
    }
    let mut keys = HashSet::new();
    for (index, text) in stage.texts.iter().enumerate() {
        let at = |field: &str| format!("/texts/{index}/{field}");
        require(
            !text.key.is_empty() && keys.insert(&text.key),
            at("key"),
            "key",
            "the key is empty or stands in an earlier text",
            "each text has a key of its own",
        );
        require(
            !text.title.is_empty(),
            at("title"),
            "required",
            "the title is empty",
            "give a title",
        );
        require(
            text.max_characters.is_some() || text.max_words.is_some(),
            at("max_characters"),
            "limit_missing",
            "the text has no limit",
            "give max_characters or max_words",
        );
        for (field, limit) in [
            ("max_characters", text.max_characters),
            ("max_words", text.max_words),
        ] {
            require(
                limit.is_none_or(|most| (1..=200_000).contains(&most)),
                at(field),
                field,
                "the limit is out of range",
                "a text has 1 to 200000 characters or words",
            );
        }
    }
    for (index, text) in stage.texts.iter().enumerate() {
        let rule = text.asked_if.iter();
        for finding in rule.flat_map(|rule| rule.validate(words)) {
            // The rule names itself as the call's rule over modules, which here it is not.
            found.push(Finding {
                pointer: format!("/texts/{index}/asked_if"),
                ..finding
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Question, Rules};

    fn faults(texts: Vec<TextSection>) -> Vec<(String, String)> {
        let mut rules = Rules::default_two_stage();
        rules.questions = vec![Question {
            key: "animals".into(),
            title: "Are animals used?".into(),
        }];
        rules.stages[1].texts = texts;
        let faults = rules.check().0.into_iter();
        faults.map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn pair(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn a_text_has_a_limit_and_asks_by_names_that_the_call_has() {
        let fine = TextSection {
            max_words: Some(300),
            asked_if: Some("animals".parse().unwrap()),
            ..TextSection::required("animals", "Use of animals")
        };
        assert_eq!(faults(vec![fine.clone()]), []);
        let unlimited = TextSection {
            max_words: None,
            ..fine.clone()
        };
        let unknown = TextSection {
            key: "plants".into(),
            asked_if: Some("plants".parse().unwrap()),
            ..fine
        };
        assert_eq!(
            faults(vec![unlimited, unknown]),
            [
                pair("/stages/1/texts/0/max_characters", "limit_missing"),
                pair("/stages/1/texts/1/asked_if", "name_unknown"),
            ]
        );
    }
}
