//! Reading CSV tables that people made: every fault of a file at once, each at its line.

use std::collections::{HashMap, HashSet};

use kernel::Faults;

/// One line of a CSV table: its number in the file (the heading is line 1) and its cells by column.
pub struct Line {
    number: u64,
    cells: HashMap<String, String>,
}

impl Line {
    /// Its number in the file.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The cell of a column, trimmed; empty where the table has no such column.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }

    /// The cell, or `None` where it is empty.
    pub fn filled(&self, column: &str) -> Option<String> {
        Some(self.cell(column))
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
    }

    /// The JSON pointer of a cell, such as `/lines/7/time_frame`.
    pub fn pointer(&self, column: &str) -> String {
        format!("/lines/{}/{column}", self.number)
    }

    /// The cell, with a fault when it is empty.
    pub fn required(&self, column: &str, faults: &mut Faults) -> String {
        let cell = self.cell(column);
        faults.require(
            !cell.is_empty(),
            self.pointer(column),
            "required",
            format!("the cell is empty; fill in the {column}"),
        );
        cell.to_owned()
    }
}

/// Reads a CSV table with a heading. The columns may come in any order; a missing, unknown or
/// repeated column and a line of another length are faults.
pub fn read(text: &str, required: &[&str], optional: &[&str], faults: &mut Faults) -> Vec<Line> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let heading: Vec<String> = match reader.headers() {
        Ok(heading) => heading.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => {
            faults.add(
                "/lines/1",
                "not_csv",
                format!("the heading cannot be read: {error}"),
            );
            return Vec::new();
        }
    };
    for column in required
        .iter()
        .filter(|column| !heading.iter().any(|name| name == *column))
    {
        faults.add(
            "/lines/1",
            "column_missing",
            format!("add the column '{column}'"),
        );
    }
    let mut seen = HashSet::new();
    for column in &heading {
        let known = required.iter().chain(optional).any(|name| name == column);
        if !known {
            faults.add(
                "/lines/1",
                "column_unknown",
                format!("remove the column '{column}'"),
            );
        } else if !seen.insert(column) {
            faults.add(
                "/lines/1",
                "column_twice",
                format!("keep one column '{column}'"),
            );
        }
    }
    if !faults.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let number = error.position().map_or(0, csv::Position::line);
                faults.add(format!("/lines/{number}"), "not_csv", format!("{error}"));
                continue;
            }
        };
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != heading.len() {
            let (found, asked) = (record.len(), heading.len());
            faults.add(
                format!("/lines/{number}"),
                "cells",
                format!("the line has {found} cells, the heading {asked}; quote cells with commas"),
            );
            continue;
        }
        let cells = heading
            .iter()
            .cloned()
            .zip(record.iter().map(str::to_owned))
            .collect();
        lines.push(Line { number, cells });
    }
    lines
}
