//! The rule over modules: which of them a proposal must choose together.

mod parse;
mod why;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use kernel::Finding;
use serde::{Deserialize, Serialize};

pub use parse::NotARule;
pub(crate) use parse::is_name;

use crate::Vocabulary;

/// A boolean expression over modules, areas and yes/no questions, such as `RA3 and (RA1 or RA2)`.
///
/// The words are `and`, `or`, `not` and `at least n of (a, b, c)`. Where `and` and `or` meet, brackets
/// are demanded: a call text that leaves the order open is no rule. A string in JSON and TOML, kept as
/// it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "RA3 and (RA1 or RA2)")]
pub struct ModuleRule(Written);

/// A rule as it was written, and as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    text: String,
    expression: Expression,
}

/// The expression of a rule, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A module, an area or a question answered with yes.
    Name(String),
    /// What must not hold.
    Not(Box<Expression>),
    /// All of them.
    And(Vec<Expression>),
    /// One of them, or more.
    Or(Vec<Expression>),
    /// So many of them, or more.
    AtLeast(usize, Vec<Expression>),
}

impl ModuleRule {
    /// The expression.
    pub fn expression(&self) -> &Expression {
        &self.0.expression
    }

    /// Whether the choice satisfies the rule. `chosen` holds modules and questions answered with yes.
    pub fn holds(&self, chosen: &BTreeSet<String>, words: Vocabulary<'_>) -> bool {
        self.0.expression.holds(chosen, words)
    }

    /// Why the choice does not satisfy the rule, one sentence for each thing to change; nothing when it does.
    pub fn explain(&self, chosen: &BTreeSet<String>, words: Vocabulary<'_>) -> Vec<String> {
        why::explain(&self.0.expression, chosen, words)
    }

    /// The rule for people: names with their titles.
    pub fn in_words(&self, words: Vocabulary<'_>) -> String {
        why::in_words(&self.0.expression, words)
    }

    /// Checks a proposal's choice. Modules that the call does not have are faults too.
    pub fn check(
        &self,
        chosen: &BTreeSet<String>,
        words: Vocabulary<'_>,
        source: Option<&str>,
    ) -> Vec<Finding> {
        let broken = self.explain(chosen, words).into_iter().map(|reason| {
            Finding::fault(
                "/modules",
                "module_rule",
                reason,
                format!("the call asks for {self}"),
            )
            .said_in(source)
        });
        words.unknown(chosen).into_iter().chain(broken).collect()
    }

    /// All choices that satisfy the rule, where they are few enough to be tried.
    pub(crate) fn admitted(&self, words: Vocabulary<'_>) -> Option<Vec<BTreeSet<String>>> {
        let every = names(words);
        let holds = |some: &BTreeSet<String>| self.holds(some, words);
        (every.len() <= TRIED).then(|| subsets(&every).filter(holds).collect())
    }

    /// What is wrong with the rule itself: names that the call does not have, numbers that cannot be reached.
    pub(crate) fn validate(&self, words: Vocabulary<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        for (column, name) in parse::names(&self.0.text) {
            if !words.knows(&name) {
                found.push(Finding::fault(
                    "/module_rule",
                    "name_unknown",
                    format!("column {column}: the call has no module or question '{name}'"),
                    "name it in the modules, or correct the rule",
                ));
            }
        }
        let every = names(words);
        // Beyond so many trying them all takes too long; nothing is said then.
        if found.is_empty()
            && every.len() <= TRIED
            && !subsets(&every).any(|some| self.holds(&some, words))
        {
            found.push(Finding::fault(
                "/module_rule",
                "never_satisfied",
                "no choice of modules satisfies the rule",
                "correct it, so that proposals can",
            ));
        }
        found
    }
}

/// How many names there are at most where all choices are tried.
const TRIED: usize = 12;

/// All that a proposal can choose or answer with yes.
fn names(words: Vocabulary<'_>) -> BTreeSet<String> {
    words
        .choices()
        .into_iter()
        .map(str::to_owned)
        .chain(words.questions.iter().map(|question| question.key.clone()))
        .collect()
}

/// All subsets of a set of at most 63 names.
fn subsets(names: &BTreeSet<String>) -> impl Iterator<Item = BTreeSet<String>> {
    (0u64..1 << names.len()).map(|chosen| {
        names
            .iter()
            .enumerate()
            .filter(|(at, _)| chosen >> at & 1 == 1)
            .map(|(_, name)| name.clone())
            .collect()
    })
}

impl Expression {
    fn holds(&self, chosen: &BTreeSet<String>, words: Vocabulary<'_>) -> bool {
        match self {
            Self::Name(name) => words.leaves(name).iter().any(|leaf| chosen.contains(*leaf)),
            Self::Not(inner) => !inner.holds(chosen, words),
            Self::And(parts) => parts.iter().all(|part| part.holds(chosen, words)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(chosen, words)),
            Self::AtLeast(least, parts) => {
                parts
                    .iter()
                    .filter(|part| part.holds(chosen, words))
                    .count()
                    >= *least
            }
        }
    }

    /// Whether it is printed as one word or with brackets of its own, so that `not` needs none around it.
    fn is_closed(&self) -> bool {
        matches!(self, Self::Name(_) | Self::AtLeast(..) | Self::Not(_))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Expression], between: &str| {
            for (at, part) in parts.iter().enumerate() {
                let before = if at == 0 { "" } else { between };
                if part.is_closed() || between == ", " {
                    write!(f, "{before}{part}")?;
                } else {
                    write!(f, "{before}({part})")?;
                }
            }
            Ok(())
        };
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Not(inner) if inner.is_closed() => write!(f, "not {inner}"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(parts) => list(f, parts, " and "),
            Self::Or(parts) => list(f, parts, " or "),
            Self::AtLeast(least, parts) => {
                write!(f, "at least {least} of (")?;
                list(f, parts, ", ")?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for ModuleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expression.fmt(f)
    }
}

impl FromStr for ModuleRule {
    type Err = NotARule;
    fn from_str(text: &str) -> Result<Self, NotARule> {
        Ok(Self(Written {
            expression: parse::parse(text)?,
            text: text.to_owned(),
        }))
    }
}

impl TryFrom<String> for ModuleRule {
    type Error = NotARule;
    fn try_from(text: String) -> Result<Self, NotARule> {
        text.parse()
    }
}

impl From<ModuleRule> for String {
    fn from(rule: ModuleRule) -> String {
        rule.0.text
    }
}
