//! Experts from a table that people made in a spreadsheet.

mod places;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use call::table::{self, Line};
use kernel::identifiers::is_ror;
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};

use crate::conflict::{Organisation, Person};
use crate::{Affiliation, ExpertRole, Gender, MOST_LOAD};

/// An expert as a line of the table has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterLine {
    /// The line of the file, from 1, which has the heading.
    pub line: u64,
    /// Who.
    pub person: Person,
    /// Where the expert works.
    pub organisation: Organisation,
    /// Country of the organisation.
    pub country: Option<Country>,
    /// Other places of work and former ones.
    pub affiliations: Vec<Affiliation>,
    /// As the expert gives it; for the balance of the panel alone.
    pub gender: Option<Gender>,
    /// Languages by their two letters of ISO 639-1, in small letters.
    pub languages: Vec<String>,
    /// Fields of expertise.
    pub keywords: Vec<String>,
    /// Modules of the call, by their keys; areas are spelt out as their modules.
    pub modules: Vec<String>,
    /// What the expert works on, in a few sentences.
    pub statement: String,
    /// What the expert shall do.
    pub role: ExpertRole,
    /// The most proposals at one stage.
    pub max_load: i32,
    /// Another most at single stages, by the number of the stage.
    pub stage_loads: BTreeMap<String, i32>,
}

const REQUIRED: [&str; 5] = ["email", "name", "organisation", "keywords", "max_load"];
const OPTIONAL: [&str; 12] = [
    "department",
    "ror",
    "orcid",
    "country",
    "affiliations",
    "gender",
    "languages",
    "modules",
    "statement",
    "role",
    STAGES[0].1,
    STAGES[1].1,
];

/// The stages that a call can have, and the columns of their loads.
const STAGES: [(&str, &str); 2] = [("1", "max_load_stage_1"), ("2", "max_load_stage_2")];

/// Reads experts from CSV with a heading. Columns: `email`, `name`, `organisation`, `keywords`, `max_load`;
/// and, where there is something to say, `department`, `ror`, `orcid`, `country` (two letters), `affiliations`
/// (other and former places, such as `University of Example [03yrm5c26] 2019-01-01..2022-12-31; Institute 2023..`),
/// `gender` (`woman`, `man`, `non_binary`), `languages`, `modules`, `statement`, `role` (left out:
/// `remote_reviewer`), and `max_load_stage_1` and `max_load_stage_2` (empty: `max_load` holds). A cell with several
/// entries has a semicolon between them. `modules` are those of the call that can be chosen.
///
/// Faults: all of the file at once, each at its line and column, such as `/lines/7/email`.
pub fn parse_roster(csv_text: &str, modules: &[&str]) -> Result<Vec<RosterLine>, Faults> {
    let mut faults = Faults::default();
    let mut found = Vec::new();
    let mut lines: HashMap<String, String> = HashMap::new();
    for line in table::read(csv_text, &REQUIRED, &OPTIONAL, &mut faults) {
        let person = person(&line, &mut faults);
        let earlier = lines.insert(person.email.to_lowercase(), line.pointer("email"));
        if let Some(earlier) = earlier.filter(|_| !person.email.is_empty()) {
            faults.add(
                line.pointer("email"),
                "expert_twice",
                format!("the address stands at {earlier} too; keep one line for each expert"),
            );
        }
        found.push(RosterLine {
            line: line.number(),
            person,
            organisation: organisation(&line, &mut faults),
            country: read(&line, "country", &mut faults),
            affiliations: places::places(&line, &mut faults),
            gender: named(
                &line,
                "gender",
                "write woman, man or non_binary",
                &mut faults,
            ),
            languages: languages(&line, &mut faults),
            keywords: keywords(&line, &mut faults),
            modules: chosen(&line, modules, &mut faults),
            statement: line.cell("statement").to_owned(),
            role: named(&line, "role", ROLES, &mut faults).unwrap_or(ExpertRole::RemoteReviewer),
            max_load: max_load(&line, &mut faults),
            stage_loads: stage_loads(&line, &mut faults),
        });
    }
    if faults.is_empty() && found.is_empty() {
        faults.add(
            "/lines",
            "empty",
            "the table has no expert; give one in each line",
        );
    }
    faults.or(found)
}

const ROLES: &str =
    "write chair, rapporteur, panel_member, remote_reviewer, patient_reviewer or substitute";

fn person(line: &Line, faults: &mut Faults) -> Person {
    let email = line.required("email", faults);
    faults.require(
        email.is_empty() || is_address(&email),
        line.pointer("email"),
        "email",
        format!("'{email}' is no e-mail address; the invitation goes there"),
    );
    Person::of_line(line, email, faults)
}

/// As much as can be seen without sending a mail: one `@` between two parts, the second with a point, and
/// nothing that stands in no address.
fn is_address(text: &str) -> bool {
    let clean = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"".contains(c));
    let labels = |host: &str| host.contains('.') && host.split('.').all(|label| !label.is_empty());
    clean
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.contains('@') && labels(host))
}

fn organisation(line: &Line, faults: &mut Faults) -> Organisation {
    let ror = line.filled("ror");
    faults.require(
        ror.as_deref().is_none_or(is_ror),
        line.pointer("ror"),
        "ror",
        "it is no ROR id; copy it from ror.org, such as 03yrm5c26, or leave it empty",
    );
    Organisation {
        name: line.required("organisation", faults),
        ror,
        department: line.cell("department").to_owned(),
    }
}

/// The cell as what it stands for; none where it is empty.
fn read<T>(line: &Line, column: &str, faults: &mut Faults) -> Option<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let value = line.filled(column)?.parse::<T>();
    value
        .map_err(|error| faults.add(line.pointer(column), column, error.to_string()))
        .ok()
}

/// The cell as one of a few names; none where it is empty.
fn named<T: std::str::FromStr>(
    line: &Line,
    column: &str,
    remedy: &str,
    faults: &mut Faults,
) -> Option<T> {
    let cell = line.filled(column)?;
    let value = cell.to_lowercase().replace([' ', '-'], "_").parse::<T>();
    value
        .map_err(|_| {
            let detail = format!("'{cell}' is not known; {remedy}");
            faults.add(line.pointer(column), "value_unknown", detail);
        })
        .ok()
}

/// The entries of a cell, each once and in its order.
fn entries(cell: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let parts = cell.split(';').map(str::trim);
    parts
        .filter(|part| !part.is_empty() && seen.insert(*part))
        .map(str::to_owned)
        .collect()
}

fn languages(line: &Line, faults: &mut Faults) -> Vec<String> {
    let found = entries(&line.cell("languages").to_lowercase());
    for one in &found {
        faults.require(
            one.len() == 2 && one.bytes().all(|byte| byte.is_ascii_lowercase()),
            line.pointer("languages"),
            "language",
            format!("'{one}' is no language; give its two letters of ISO 639-1, such as en"),
        );
    }
    found
}

fn keywords(line: &Line, faults: &mut Faults) -> Vec<String> {
    let found = entries(line.cell("keywords"));
    faults.require(
        !found.is_empty(),
        line.pointer("keywords"),
        "required",
        "proposals are assigned by keywords; give at least one",
    );
    found
}

fn chosen(line: &Line, modules: &[&str], faults: &mut Faults) -> Vec<String> {
    let found = entries(line.cell("modules"));
    for one in &found {
        faults.require(
            modules.contains(&one.as_str()),
            line.pointer("modules"),
            "module_unknown",
            match modules {
                [] => format!("the call has no modules, '{one}' is none; leave the cell empty"),
                some => format!(
                    "the call has no module '{one}'; choose among {}",
                    some.join(", ")
                ),
            },
        );
    }
    found
}

fn max_load(line: &Line, faults: &mut Faults) -> i32 {
    line.required("max_load", faults);
    load(line, "max_load", faults).unwrap_or(0)
}

fn stage_loads(line: &Line, faults: &mut Faults) -> BTreeMap<String, i32> {
    let mut found = BTreeMap::new();
    for (stage, column) in STAGES {
        if let Some(load) = load(line, column, faults) {
            found.insert(stage.to_owned(), load);
        }
    }
    found
}

/// A number of proposals; none where the cell is empty.
fn load(line: &Line, column: &str, faults: &mut Faults) -> Option<i32> {
    let cell = line.filled(column)?;
    let number = cell.parse::<i32>().ok();
    let load = number.filter(|load| (0..=MOST_LOAD).contains(load));
    faults.require(
        load.is_some(),
        line.pointer(column),
        "max_load",
        format!("'{cell}' is no number of proposals; give 0 to {MOST_LOAD}"),
    );
    load
}

#[cfg(test)]
mod tests;
