//! Reading the tables: all faults at once, each with its line.

use std::collections::{HashMap, HashSet};

use super::lines::Lines;
use super::{Defaults, Files, GroupLimits, Groups, Source, TableFault, Tables};
use crate::assign::{CLOSED, Grid};

/// More pairs than this are not held in memory.
const MOST_PAIRS: usize = 500_000_000;

/// The columns of the table of experts.
const EXPERTS: [&str; 4] = ["reviewer", "min_load", "max_load", "group"];

/// Names, numbered as they come.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        match self.0.get(name) {
            Some(number) => *number,
            None => {
                let number = self.0.len() as u32;
                self.0.insert(name.to_owned(), number);
                number
            }
        }
    }

    /// The names in their order, and for each number the place there.
    fn sorted(self) -> (Vec<String>, Vec<usize>) {
        let mut names: Vec<(String, u32)> = self.0.into_iter().collect();
        names.sort_unstable();
        let mut places = vec![0; names.len()];
        for (place, (_, number)) in names.iter().enumerate() {
            places[*number as usize] = place;
        }
        (names.into_iter().map(|(name, _)| name).collect(), places)
    }
}

/// What all tables say together.
#[derive(Default)]
struct Reading {
    proposals: Names,
    reviewers: Names,
    affinity: Vec<(u32, u32, i32)>,
    conflicts: Vec<(u32, u32)>,
    /// Line, reviewer, least and greatest load.
    loads: Vec<(u64, u32, u16, u16)>,
    /// Reviewer and group, where the table has a column for it.
    groups: Option<Vec<(u32, String)>>,
    faults: Vec<TableFault>,
}

pub(super) fn read(files: Files<'_>, defaults: Defaults) -> Result<Tables, Vec<TableFault>> {
    let mut reading = Reading::default();
    reading.affinity(files.affinity);
    if let Some(text) = files.conflicts {
        reading.conflicts(text);
    }
    if let Some(text) = files.experts {
        reading.experts(text, defaults);
    }
    reading.finish(defaults)
}

/// The groups that the lines of a table of experts name; `None` where it has no column for them. And whether its first
/// line names the columns as it must.
pub(super) fn groups(experts: &str) -> (Option<Vec<String>>, bool) {
    let mut table = Lines::of(Source::Experts, experts, &EXPERTS, 1);
    let is_whole = table.faults.is_empty();
    let mut cells = Vec::new();
    while table.advance() {
        cells.push(table.cell(3).to_owned());
    }
    (table.has(3).then_some(cells), is_whole)
}

impl Reading {
    fn affinity(&mut self, text: &str) {
        let columns = ["proposal", "reviewer", "affinity"];
        let mut table = Lines::of(Source::Affinity, text, &columns, 3);
        let mut seen = HashSet::new();
        while table.advance() {
            let (proposal, reviewer) = self.pair(&mut table);
            let value = millionths(table.cell(2));
            if value.is_none() {
                let text = format!(
                    "the affinity {:?} is not a number from 0 to 1 with at most 6 decimals, such as 0.25",
                    table.cell(2)
                );
                table.fault(text);
            }
            if !seen.insert((proposal, reviewer)) {
                let (proposal, reviewer) = (table.cell(0), table.cell(1));
                let text =
                    format!("{proposal} and {reviewer} are listed before; list each pair once");
                table.fault(text);
            }
            self.affinity.push((proposal, reviewer, value.unwrap_or(0)));
        }
        self.faults.append(&mut table.faults);
    }

    fn conflicts(&mut self, text: &str) {
        let mut table = Lines::of(Source::Conflicts, text, &["proposal", "reviewer"], 2);
        while table.advance() {
            let pair = self.pair(&mut table);
            self.conflicts.push(pair);
        }
        self.faults.append(&mut table.faults);
    }

    fn experts(&mut self, text: &str, defaults: Defaults) {
        let mut table = Lines::of(Source::Experts, text, &EXPERTS, 1);
        let mut groups = Vec::new();
        let mut seen: HashMap<u32, u64> = HashMap::new();
        while table.advance() {
            table.named(0, "reviewer");
            let least = table.number(1, "min_load").unwrap_or(defaults.min_load);
            let most = table.number(2, "max_load").unwrap_or(defaults.max_load);
            let reviewer = table.cell(0).to_owned();
            let number = self.reviewers.number(&reviewer);
            if least > most {
                table.fault(format!(
                    "{reviewer} must take at least {least} and at most {most}; lower the one or raise the other"
                ));
            }
            if let Some(before) = seen.insert(number, table.line) {
                table.fault(format!(
                    "{reviewer} is listed in line {before} before; list each once"
                ));
            }
            self.loads.push((table.line, number, least, most));
            groups.push((number, table.cell(3).to_owned()));
        }
        self.groups = table.has(3).then_some(groups);
        self.faults.append(&mut table.faults);
    }

    fn pair(&mut self, table: &mut Lines<'_>) -> (u32, u32) {
        table.named(0, "proposal");
        table.named(1, "reviewer");
        let proposal = self.proposals.number(table.cell(0));
        (proposal, self.reviewers.number(table.cell(1)))
    }

    fn finish(mut self, defaults: Defaults) -> Result<Tables, Vec<TableFault>> {
        let (proposals, rows) = self.proposals.sorted();
        let (reviewers, columns) = self.reviewers.sorted();
        let pairs = proposals.len().saturating_mul(reviewers.len());
        if pairs > MOST_PAIRS {
            self.faults.push(TableFault {
                source: Source::Affinity,
                line: 1,
                text: format!(
                    "{} proposals with {} reviewers are too many pairs; divide them",
                    proposals.len(),
                    reviewers.len()
                ),
            });
        }
        if !self.faults.is_empty() {
            self.faults.sort();
            return Err(self.faults);
        }
        let mut grid = Grid {
            need: vec![u32::from(defaults.per_proposal); proposals.len()],
            least: vec![u32::from(defaults.min_load); reviewers.len()],
            most: vec![u32::from(defaults.max_load); reviewers.len()],
            affinity: vec![0; pairs],
            ..Grid::default()
        };
        for (_, reviewer, least, most) in self.loads {
            let column = columns[reviewer as usize];
            grid.least[column] = u32::from(least);
            grid.most[column] = u32::from(most);
        }
        let at =
            |row: u32, column: u32| rows[row as usize] * reviewers.len() + columns[column as usize];
        for (row, column, value) in self.affinity {
            grid.affinity[at(row, column)] = value;
        }
        for (row, column) in self.conflicts {
            grid.affinity[at(row, column)] = CLOSED;
        }
        let groups = self.groups.map(|named| {
            let mut cells = vec![String::new(); reviewers.len()];
            for (reviewer, group) in named {
                cells[columns[reviewer as usize]] = group;
            }
            Groups::of(&cells)
        });
        Ok(Tables {
            proposals,
            reviewers,
            groups,
            limits: GroupLimits::default(),
            grid,
        })
    }
}

/// A number from 0 to 1 with at most six decimals, in millionths.
pub(crate) fn millionths(text: &str) -> Option<i32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 6 {
        return None;
    }
    let whole: i32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let zeros = 10_i32.pow(6 - decimals.len() as u32);
    let value = whole * 1_000_000 + decimals.parse::<i32>().ok()? * zeros;
    (value <= 1_000_000).then_some(value)
}
