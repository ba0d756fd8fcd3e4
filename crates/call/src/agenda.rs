use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use kernel::Faults;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::table::{self, Line};

/// The part of the agenda an action item stands in. Stored and shown by the agenda's own letter.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
pub enum Part {
    /// Actionable research items.
    A,
    /// Actionable research-supporting items.
    B,
}

/// When steps towards an action item are to be taken, counted from the agenda's year.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
pub enum TimeFrame {
    /// 2 to 4 years.
    #[serde(rename = "S")]
    #[strum(serialize = "S")]
    Short,
    /// 5 to 7 years.
    #[serde(rename = "M")]
    #[strum(serialize = "M")]
    Medium,
    /// 8 to 12 years.
    #[serde(rename = "L")]
    #[strum(serialize = "L")]
    Long,
}

impl TimeFrame {
    /// The calendar years of the frame, for an agenda of the year `agenda_year`.
    ///
    /// The frames are those of the annex of the ICPerMed Action Plan (2017): the time to take steps,
    /// such as launching a funding programme.
    pub fn years(self, agenda_year: i32) -> RangeInclusive<i32> {
        let (first, last) = match self {
            TimeFrame::Short => (2, 4),
            TimeFrame::Medium => (5, 7),
            TimeFrame::Long => (8, 12),
        };
        agenda_year + first..=agenda_year + last
    }
}

/// On which level an action item is to be worked at.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[schema(as = ActionItemScope)]
pub enum Scope {
    /// By regions and nations.
    #[serde(rename = "R/N")]
    #[strum(serialize = "R/N")]
    RegionalNational,
    /// In Europe.
    #[serde(rename = "E")]
    #[strum(serialize = "E")]
    European,
    /// Worldwide.
    #[serde(rename = "I")]
    #[strum(serialize = "I")]
    International,
}

/// One item of an agenda that calls are mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionItem {
    /// Number within the agenda, such as `A.7`.
    pub number: String,
    /// Part of the agenda.
    pub part: Part,
    /// Heading the agenda lists it under, such as `Data`.
    pub category: String,
    /// Title as published.
    pub title: String,
    /// What it asks for, in our words.
    pub summary: String,
    /// When steps are to be taken.
    pub time_frames: Vec<TimeFrame>,
    /// On which levels.
    pub scopes: Vec<Scope>,
}

/// What an agenda is known to hold: the number of items in each part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct AgendaExpectation {
    /// Items by part, numbered from 1 without a hole.
    pub parts: BTreeMap<Part, usize>,
}

impl AgendaExpectation {
    /// The ICPerMed Action Plan of 2017: A.1 to A.22 and B.1 to B.8.
    pub fn icpermed_2017() -> Self {
        Self {
            parts: BTreeMap::from([(Part::A, 22), (Part::B, 8)]),
        }
    }
}

const COLUMNS: [&str; 7] = [
    "number",
    "part",
    "category",
    "title",
    "time_frame",
    "scope",
    "summary",
];

/// Reads the action items of an agenda from CSV with the columns `number`, `part`, `category`,
/// `title`, `time_frame`, `scope` and `summary`; `;` separates several frames or scopes.
///
/// Faults: all of the file at once, each at its line (`/lines/7/time_frame`).
pub fn parse_action_items(csv_text: &str) -> Result<Vec<ActionItem>, Faults> {
    let mut faults = Faults::default();
    let mut numbers = HashSet::new();
    let mut items = Vec::new();
    for line in table::read(csv_text, &COLUMNS, &[], &mut faults) {
        let number = line.required("number", &mut faults);
        faults.require(
            number.is_empty() || numbers.insert(number.clone()),
            line.pointer("number"),
            "number_twice",
            format!("{number} stands in an earlier line; each item has its own number"),
        );
        let category = line.required("category", &mut faults);
        let title = line.required("title", &mut faults);
        let summary = line.required("summary", &mut faults);
        let parts: Vec<Part> = values(&line, "part", "A or B", &mut faults);
        let time_frames = values(&line, "time_frame", "S, M, L", &mut faults);
        let scopes = values(&line, "scope", "R/N, E, I", &mut faults);
        let [part] = parts[..] else {
            if parts.len() > 1 {
                faults.add(
                    line.pointer("part"),
                    "part",
                    "an item stands in one part: A or B",
                );
            }
            continue;
        };
        faults.require(
            number.starts_with(&format!("{part}.")),
            line.pointer("number"),
            "number_part",
            format!("{number} stands in part {part}; its number begins with '{part}.'"),
        );
        items.push(ActionItem {
            number,
            part,
            category,
            title,
            summary,
            time_frames,
            scopes,
        });
    }
    faults.or(items)
}

/// The values of a cell, separated by `;`: at least one, each known, none twice.
fn values<T: FromStr + Ord + Copy + Display>(
    line: &Line,
    column: &str,
    allowed: &str,
    faults: &mut Faults,
) -> Vec<T> {
    let cell = line.required(column, faults);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for word in cell.split(';').map(str::trim).filter(|_| !cell.is_empty()) {
        match word.parse::<T>() {
            Ok(value) if seen.insert(value) => found.push(value),
            Ok(value) => {
                faults.add(
                    line.pointer(column),
                    "value_twice",
                    format!("remove one '{value}'"),
                );
            }
            Err(_) => faults.add(
                line.pointer(column),
                "value_unknown",
                format!("'{word}' is not known here; write {allowed}, separated by ';'"),
            ),
        }
    }
    found
}

/// Whether the items are the expected ones: each part numbered from 1 to its count without a hole.
pub fn check_agenda(items: &[ActionItem], expected: &AgendaExpectation) -> Faults {
    let mut faults = Faults::default();
    let wanted: BTreeSet<String> = expected
        .parts
        .iter()
        .flat_map(|(part, count)| (1..=*count).map(move |n| format!("{part}.{n}")))
        .collect();
    let found: BTreeSet<String> = items.iter().map(|item| item.number.clone()).collect();
    for number in wanted.difference(&found) {
        faults.add(
            "/lines",
            "item_missing",
            format!("{number} is missing; add its line"),
        );
    }
    for number in found.difference(&wanted) {
        faults.add(
            "/lines",
            "item_unexpected",
            format!("the agenda has no {number}; remove it"),
        );
    }
    faults.require(
        found.len() == items.len(),
        "/lines",
        "number_twice",
        "a number stands twice; each item has its own",
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "number,part,category,title,time_frame,scope,summary\n";

    fn agenda() -> String {
        let line = |part: &str, n: usize| {
            format!("{part}.{n},{part},Data,\"Title, quoted\",S;L,R/N;E,Summary\n")
        };
        let lines = (1..=22)
            .map(|n| line("A", n))
            .chain((1..=8).map(|n| line("B", n)));
        HEADING.to_owned() + &lines.collect::<String>()
    }

    #[test]
    fn reads_an_agenda_and_counts_it() {
        let items = parse_action_items(&agenda()).unwrap();
        assert_eq!(items.len(), 30);
        assert_eq!(items[0].time_frames, [TimeFrame::Short, TimeFrame::Long]);
        assert_eq!(items[0].scopes, [Scope::RegionalNational, Scope::European]);
        assert_eq!(
            check_agenda(&items, &AgendaExpectation::icpermed_2017()),
            Faults::default()
        );
        let faults = check_agenda(&items[1..], &AgendaExpectation::icpermed_2017());
        assert!(faults.0[0].detail.contains("A.1 is missing"));
    }

    #[test]
    fn names_every_fault_with_its_line() {
        let text = HEADING.to_owned()
            + "A.1,A,Data,Title,S,E,Summary\n"
            + "A.2,A,Data,,X;S;S,,Summary\n"
            + "A.1,C,Data,Title,S,E,Summary\n"
            + "A.3,A,Data\n";
        let faults = parse_action_items(&text).unwrap_err();
        let places: Vec<(&str, &str)> = faults
            .0
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                ("/lines/5", "cells"),
                ("/lines/3/title", "required"),
                ("/lines/3/time_frame", "value_unknown"),
                ("/lines/3/time_frame", "value_twice"),
                ("/lines/3/scope", "required"),
                ("/lines/4/number", "number_twice"),
                ("/lines/4/part", "value_unknown"),
            ]
        );
        let faults = parse_action_items("number,part,colour\n").unwrap_err();
        assert_eq!(faults.0.len(), 6, "five columns missing, one unknown");
    }

    #[test]
    fn frames_are_counted_from_the_agendas_year() {
        assert_eq!(TimeFrame::Short.years(2017), 2019..=2021);
        assert_eq!(TimeFrame::Medium.years(2017), 2022..=2024);
        assert_eq!(TimeFrame::Long.years(2017), 2025..=2029);
    }
}
