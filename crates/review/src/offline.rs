//! An assignment from tables: reading and checking them, solving, and writing the answer.
//!
//! Pure: the caller reads the files and says what the command was.

mod groups;
mod lines;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

pub use groups::{GroupLimits, Groups};
pub(crate) use read::millionths;

use crate::assign::{Chosen, Fair, Grid, Infeasible, Objective, fair, greatest};

/// The texts of the files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    /// `proposal,reviewer,affinity`; a pair that is not listed has none, and may be used.
    pub affinity: &'a str,
    /// `proposal,reviewer`.
    pub conflicts: Option<&'a str>,
    /// `reviewer,min_load,max_load,group`; where a load is empty the command's holds. The
    /// groups count where [`Tables::limit`] says so; an empty one is none.
    pub experts: Option<&'a str>,
}

/// What the command says for all.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// Reviewers of each proposal.
    pub per_proposal: u16,
    /// Least load of a reviewer.
    pub min_load: u16,
    /// Greatest load of a reviewer.
    pub max_load: u16,
}

/// Which table a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The affinities.
    Affinity,
    /// The conflicts.
    Conflicts,
    /// The experts.
    Experts,
}

/// Something wrong in a table, with its remedy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableFault {
    /// Where.
    pub source: Source,
    /// The line, from 1 on.
    pub line: u64,
    /// What is wrong and what to do.
    pub text: String,
}

/// The tables as a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Names of the proposals, sorted: the rows.
    pub proposals: Vec<String>,
    /// Names of the reviewers, sorted: the columns.
    pub reviewers: Vec<String>,
    /// The groups of the reviewers; `None` where the table of experts has no column for them.
    pub groups: Option<Groups>,
    /// What was said of the groups.
    limits: GroupLimits,
    /// The problem.
    pub grid: Grid,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Row and column of each pair.
    pub pairs: Vec<(u32, u32)>,
    /// The sum of all, in millionths.
    pub total: i64,
    /// The lowest sum of a proposal, in millionths.
    pub worst: i64,
    /// What the objective asked for cannot exceed, in millionths.
    pub bound: i64,
    /// How far it is from that bound, in millionths.
    pub gap: i64,
}

impl Tables {
    /// Reads the tables, or names everything that is wrong in them.
    pub fn read(files: Files<'_>, defaults: Defaults) -> Result<Self, Vec<TableFault>> {
        read::read(files, defaults)
    }

    /// The assignment that is best in the objective, or why there is none, in sentences.
    pub fn assign(&self, objective: Objective) -> Result<Answer, Vec<String>> {
        let found = match objective {
            Objective::Total => greatest(&self.grid),
            Objective::Fair => fair(&self.grid).map(|found: Fair| Chosen {
                pairs: found.pairs,
                value: found.value,
                bound: found.bound,
            }),
        };
        let Some(found) = found else {
            let why = Infeasible::of(&self.grid, self.group_names());
            let mut said: Vec<String> = self.limited().into_iter().collect();
            said.extend(why.sentences(|id| self.name(id)));
            return Err(said);
        };
        let sums = self.grid.sums(&found.pairs);
        Ok(Answer {
            total: sums.iter().sum(),
            worst: sums.iter().min().copied().unwrap_or(0),
            bound: found.bound,
            gap: found.bound - found.value,
            pairs: found.pairs,
        })
    }

    /// The answer as a table: `proposal,reviewer,affinity`.
    pub fn csv(&self, answer: &Answer) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory does not fail.
        let mut written = writer.write_record(["proposal", "reviewer", "affinity"]);
        for (row, column) in &answer.pairs {
            let (row, column) = (*row as usize, *column as usize);
            let affinity = decimal(i64::from(self.grid.value(row, column)));
            let record = [&self.proposals[row], &self.reviewers[column], &affinity];
            written = written.and_then(|()| writer.write_record(record));
        }
        debug_assert!(written.is_ok());
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    fn name(&self, id: uuid::Uuid) -> String {
        let (side, number) = id.as_u64_pair();
        let names = if side == 0 {
            &self.proposals
        } else {
            &self.reviewers
        };
        names.get(number as usize).cloned().unwrap_or_default()
    }
}

impl Source {
    /// What the table is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affinity => "affinity",
            Self::Conflicts => "conflicts",
            Self::Experts => "experts",
        }
    }
}

impl fmt::Display for TableFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, line {}: {}",
            self.source.name(),
            self.line,
            self.text
        )
    }
}

/// Millionths as a decimal number, without zeros at its end.
pub fn decimal(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let digits = millionths.unsigned_abs();
    let text = format!("{sign}{}.{:06}", digits / 1_000_000, digits % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
