//! The call file: the whole set-up of a call as one commented TOML document.

mod check;
mod place;
mod shape;

#[cfg(test)]
mod tests;

use kernel::{Amount, DeadlineFault, Finding};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::{Calendar, Mapping, Participation, Rules};

/// A call as its file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallFile {
    /// Short code, such as `JTC2024`.
    pub code: String,
    /// Title.
    pub title: String,
    /// What the call is about.
    pub topic: String,
    /// Year.
    pub year: i32,
    /// The budget as announced, in the call's currency.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// How many funders take part, where not all of them are named below.
    #[serde(default)]
    pub funders_total: Option<u32>,
    /// From how many countries.
    #[serde(default)]
    pub countries_total: Option<u32>,
    /// The action items that the call serves, one mapping for each agenda.
    #[serde(default)]
    pub serves: Vec<Mapping>,
    /// What is not known, or not from the call itself: doubts and no faults.
    #[serde(default)]
    pub doubts: Vec<KnownDoubt>,
    /// When what happens.
    pub calendar: Calendar,
    /// The rules.
    pub rules: Rules,
    /// The funders that are known.
    #[serde(default)]
    pub funders: Vec<Participation>,
}

/// Something in the file that does not come from the call itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownDoubt {
    /// JSON pointer to what is doubtful; what stands there is a stopgap where it is not known.
    #[schema(example = "/rules/stages/0/consortium/own_funded_max")]
    pub at: String,
    /// How far it can be relied on.
    pub standing: Standing,
    /// What is known of it.
    pub note: String,
}

/// How far something can be relied on.
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
pub enum Standing {
    /// Nobody has found it; what stands in its place is a stopgap.
    NotKnown,
    /// Others say that the call says so.
    SecondHand,
    /// Concluded from something else.
    Inferred,
}

/// A finding with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Located {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Reads a call file and checks it: all that is wrong with its shape, and where the shape allows it all
/// that is wrong or doubtful with its content, in the order of the lines.
///
/// The file is answered as soon as it can be read, also with faults in its content.
pub fn check_file(text: &str) -> (Option<CallFile>, Vec<Located>) {
    let read = shape::read(text);
    let mut located: Vec<Located> = read.faults;
    if let (Some(file), Some(table)) = (&read.file, &read.table) {
        let places = place::Places { text, table };
        located.extend(
            file.check()
                .into_iter()
                .map(|finding| places.locate(finding)),
        );
    }
    located.sort_by_key(|found| (found.line, found.column));
    (read.file, located)
}

/// Findings about a file with their lines, in their order.
pub fn locate(text: &str, findings: Vec<Finding>) -> Vec<Located> {
    let (table, _) = toml::de::DeTable::parse_recoverable(text);
    let table = table.get_ref();
    let places = place::Places { text, table };
    let located = findings.into_iter().map(|finding| places.locate(finding));
    let mut located: Vec<Located> = located.collect();
    located.sort_by_key(|found| (found.line, found.column));
    located
}

impl CallFile {
    /// The same call with its calendar so many weeks later (earlier, when negative).
    ///
    /// # Errors
    ///
    /// Where a time falls into a night of changing clocks.
    pub fn shifted_weeks(&self, weeks: i16) -> Result<Self, DeadlineFault> {
        Ok(Self {
            calendar: self.calendar.shifted_weeks(weeks)?,
            ..self.clone()
        })
    }

    /// The file as text, each section with a line that says what it holds.
    ///
    /// # Errors
    ///
    /// None for a call that was read from a file or from JSON.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut text = format!(
            "# The call {}, as it is set up. Amounts are decimal strings; times are instants with a zone\n\
             # and the label as published. `jtc call check` names what is wrong with it.\n",
            self.code
        );
        let mut told = [false; SECTIONS.len()];
        for line in toml::to_string(self)?.lines() {
            let section = SECTIONS.iter().position(|(heading, _)| line == *heading);
            if let Some(section) =
                section.filter(|section| !std::mem::replace(&mut told[*section], true))
            {
                text.push_str(&format!("# {}\n", SECTIONS[section].1));
            }
            text.push_str(line);
            text.push('\n');
        }
        Ok(text)
    }
}

/// What the sections of an exported file hold.
const SECTIONS: [(&str, &str); 9] = [
    (
        "[[serves]]",
        "The action items of an agenda; equal shares where none is given.",
    ),
    (
        "[[doubts]]",
        "What is not known, or not from the call itself.",
    ),
    ("[[calendar.stages]]", "When each stage is open."),
    ("[[calendar.milestones]]", "What else has a date."),
    (
        "[[rules.stages]]",
        "What each stage asks for: consortium, texts, evaluation.",
    ),
    ("[rules.funding]", "How the money is given."),
    ("[[rules.modules]]", "Modules, and the areas they stand in."),
    ("[[funders]]", "The funders, each with its terms."),
    (
        "[funders.terms]",
        "Left out in terms is what sets no limit.",
    ),
];
