use std::collections::BTreeSet;

use kernel::Finding;
use serde::{Deserialize, Serialize};

use crate::{Mapping, Percent};

/// A topic of a call, each with a ranking list of its own where a stage ranks per topic: then its key is that of a
/// module or an area, and proposals choose it with their modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Stable name, such as `prevention`.
    pub key: String,
    /// Shown to applicants.
    pub title: String,
    /// Its part of the call's money in coverage of an agenda; equal parts where no topic says.
    #[serde(default)]
    pub share: Option<Percent>,
    /// The action items it serves.
    #[serde(default)]
    pub serves: Vec<Mapping>,
}

/// A piece of work that a call asks for, or an area that holds several of them.
///
/// The calls of ERA PerMed have research areas (RA1) with modules in them (1A, 1B): an area counts as
/// chosen when one of its modules is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Name in the call text and in the rule over modules, such as `1A`.
    pub key: String,
    /// Shown to applicants.
    pub title: String,
    /// The area it stands in.
    #[serde(default)]
    pub within: Option<String>,
    /// Its part of the call's money in coverage of an agenda; equal parts where no module says.
    #[serde(default)]
    pub share: Option<Percent>,
    /// The action items it serves.
    #[serde(default)]
    pub serves: Vec<Mapping>,
}

/// A question that applicants answer with yes or no, and that the rule over modules may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Name in the rule, such as `clinical_trial`.
    pub key: String,
    /// As applicants read it.
    pub title: String,
}

/// The names that a rule over modules may use.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary<'a> {
    /// Modules and areas.
    pub modules: &'a [Module],
    /// Questions.
    pub questions: &'a [Question],
}

impl<'a> Vocabulary<'a> {
    /// Whether the name is a module, an area or a question.
    pub fn knows(&self, name: &str) -> bool {
        self.is_question(name) || self.modules.iter().any(|module| module.key == name)
    }

    /// Whether the name is a question.
    pub fn is_question(&self, name: &str) -> bool {
        self.questions.iter().any(|question| question.key == name)
    }

    /// What can be chosen under a name: the modules of an area, in their order; else the name itself.
    pub fn leaves(&self, name: &'a str) -> Vec<&'a str> {
        let within: Vec<&str> = self
            .modules
            .iter()
            .filter(|module| module.within.as_deref() == Some(name))
            .map(|module| module.key.as_str())
            .collect();
        if within.is_empty() {
            vec![name]
        } else {
            within
        }
    }

    /// The title of a name, or the name itself.
    pub fn title(&self, name: &'a str) -> &'a str {
        let module = self.modules.iter().find(|module| module.key == name);
        let question = self.questions.iter().find(|question| question.key == name);
        module
            .map(|module| module.title.as_str())
            .or(question.map(|question| question.title.as_str()))
            .unwrap_or(name)
    }

    /// All that applicants can choose: modules that are no areas.
    pub fn choices(&self) -> Vec<&'a str> {
        let areas: BTreeSet<&str> = self
            .modules
            .iter()
            .filter_map(|module| module.within.as_deref())
            .collect();
        self.modules
            .iter()
            .map(|module| module.key.as_str())
            .filter(|key| !areas.contains(key))
            .collect()
    }

    /// Faults at names of a choice that the call does not have, or that are areas: those are chosen
    /// through their modules.
    pub(crate) fn unknown(&self, chosen: &BTreeSet<String>) -> Vec<Finding> {
        let choices = self.choices();
        let unknown = chosen
            .iter()
            .filter(|name| !choices.contains(&name.as_str()) && !self.is_question(name));
        unknown
            .map(|name| {
                Finding::fault(
                    "/modules",
                    "module_unknown",
                    format!("the call has no module '{name}'"),
                    match choices.as_slice() {
                        [] => "it has none; leave the choice empty".to_owned(),
                        some => format!("choose among {}", some.join(", ")),
                    },
                )
            })
            .collect()
    }

    /// What is wrong with the names: each has one meaning, and an area is a module that stands in none.
    pub(crate) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let modules = self.modules.iter().map(|module| &module.key);
        let questions = self.questions.iter().map(|question| &question.key);
        let places = modules
            .enumerate()
            .map(|(at, key)| (format!("/modules/{at}/key"), key))
            .chain(
                questions
                    .enumerate()
                    .map(|(at, key)| (format!("/questions/{at}/key"), key)),
            );
        for (pointer, key) in places {
            if !crate::module_rule::is_name(key) {
                found.push(Finding::fault(
                    &pointer,
                    "name",
                    format!("'{key}' is no name"),
                    "a name has letters, digits, '_', '-' and '.', and is none of the words of a rule",
                ));
            }
            if !seen.insert(key) {
                found.push(Finding::fault(
                    &pointer,
                    "name_twice",
                    format!("'{key}' stands here a second time"),
                    "each module, area and question has a name of its own",
                ));
            }
        }
        for (at, module) in self.modules.iter().enumerate() {
            let Some(area) = module.within.as_deref() else {
                continue;
            };
            let sound = self
                .modules
                .iter()
                .any(|other| other.key == area && other.within.is_none() && area != module.key);
            if !sound {
                found.push(Finding::fault(
                    format!("/modules/{at}/within"),
                    "area_unknown",
                    format!("'{area}' is no area"),
                    "an area is a module of its own that stands in no other",
                ));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(key: &str, within: Option<&str>) -> Module {
        Module {
            key: key.to_owned(),
            title: format!("Title of {key}"),
            within: within.map(str::to_owned),
            share: None,
            serves: Vec::new(),
        }
    }

    #[test]
    fn an_area_is_chosen_through_its_modules() {
        let modules = [
            module("RA1", None),
            module("1A", Some("RA1")),
            module("1B", Some("RA1")),
            module("2", None),
        ];
        let words = Vocabulary {
            modules: &modules,
            questions: &[],
        };
        assert_eq!(words.leaves("RA1"), ["1A", "1B"]);
        assert_eq!(words.choices(), ["1A", "1B", "2"]);
        assert_eq!(words.title("1A"), "Title of 1A");
        assert_eq!(words.validate(), []);
    }

    #[test]
    fn names_are_single_and_areas_are_there() {
        let modules = [
            module("1A", Some("RA1")),
            module("1A", None),
            module("at", None),
            module("2", Some("2")),
        ];
        let words = Vocabulary {
            modules: &modules,
            questions: &[],
        };
        let codes: Vec<String> = words.validate().into_iter().map(|f| f.code).collect();
        assert_eq!(
            codes,
            ["name_twice", "name", "area_unknown", "area_unknown"]
        );
    }
}
