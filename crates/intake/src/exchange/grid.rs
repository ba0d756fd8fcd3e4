use std::fmt::Display;
use std::str::FromStr;

use kernel::{Cell, Faults, Sheet};

/// A sheet with a heading that is understood.
pub(super) struct Grid<'a> {
    sheet: &'a Sheet,
    /// The names of the columns, each with its place.
    columns: Vec<(&'a str, usize)>,
}

/// A row of a sheet that says something.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    grid: &'a Grid<'a>,
    /// Its place, from 0.
    place: usize,
}

impl<'a> Grid<'a> {
    /// Finds the sheet and its columns. One that is missing, unknown or there twice is a fault.
    pub(super) fn open(
        sheets: &'a [Sheet],
        name: &str,
        required: &[&str],
        known: impl Fn(&str) -> bool,
        faults: &mut Faults,
    ) -> Option<Grid<'a>> {
        let pointer = format!("/{name}");
        let Some(sheet) = sheets.iter().find(|sheet| sheet.name == name) else {
            let detail =
                format!("the sheet '{name}' is missing; take the template, and keep its sheets");
            faults.add(pointer, "sheet_missing", detail);
            return None;
        };
        let mut columns: Vec<(&str, usize)> = Vec::new();
        for (at, cell) in sheet.rows.first().into_iter().flatten().enumerate() {
            let column = cell.as_str().trim();
            let said =
                |what: &str| format!("{name}!{}1: the column '{column}' {what}", letters(at));
            if column.is_empty() {
                continue;
            }
            if columns.iter().any(|(there, _)| *there == column) {
                faults.add(
                    &pointer,
                    "column_repeated",
                    said("is there twice; take one out"),
                );
            } else if required.contains(&column) || known(column) {
                columns.push((column, at));
            } else {
                let detail = said("is not one of the template's; take it out, or name it as there");
                faults.add(&pointer, "column_unknown", detail);
            }
        }
        for column in required {
            let there = columns.iter().any(|(name, _)| name == column);
            let detail =
                format!("{name}: the column '{column}' is missing; put it into the first row");
            faults.require(there, &pointer, "column_missing", detail);
        }
        Some(Grid { sheet, columns })
    }

    /// The rows that say something.
    pub(super) fn rows(&'a self) -> impl Iterator<Item = Row<'a>> {
        let says = |place: &usize| {
            self.sheet.rows[*place]
                .iter()
                .any(|cell| !cell.as_str().trim().is_empty())
        };
        let places = (1..self.sheet.rows.len()).filter(says);
        places.map(|place| Row { grid: self, place })
    }
}

impl<'a> Row<'a> {
    fn at(&self, column: &str) -> Option<usize> {
        let mut columns = self.grid.columns.iter();
        columns.find(|(name, _)| *name == column).map(|(_, at)| *at)
    }

    /// What the cell says, trimmed; nothing where there is none.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let cells: &[Cell] = &self.grid.sheet.rows[self.place];
        let cell = self.at(column).and_then(|at| cells.get(at));
        cell.map_or("", |cell| cell.as_str().trim())
    }

    /// The cell where it says something.
    pub(super) fn filled(&self, column: &str) -> Option<String> {
        Some(self.text(column))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// The columns whose names begin so: the rest of the name, and what the cell says.
    pub(super) fn prefixed(&self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let row = *self;
        let columns = row.grid.columns.iter();
        columns.filter_map(move |(name, _)| Some((name.strip_prefix(prefix)?, row.text(name))))
    }

    /// The items of a list.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = String> {
        let items = self.text(column).split(';').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned)
    }

    /// A fault of a cell, which says where it stands.
    pub(super) fn fault(
        &self,
        column: &str,
        code: &str,
        detail: impl Display,
        faults: &mut Faults,
    ) {
        let (sheet, row) = (&self.grid.sheet.name, self.place + 1);
        let letters = self.at(column).map(letters).unwrap_or_default();
        faults.add(
            format!("/{sheet}/{row}/{column}"),
            code,
            format!("{sheet}!{letters}{row}: {detail}"),
        );
    }

    /// What the cell must say.
    pub(super) fn needed(&self, column: &str, faults: &mut Faults) -> &'a str {
        let text = self.text(column);
        if text.is_empty() {
            self.fault(
                column,
                "cell_empty",
                format_args!("the {column} is missing; fill it in"),
                faults,
            );
        }
        text
    }

    /// The cell as a value, where it says something; `form` says what could stand there.
    pub(super) fn parsed<T: FromStr>(
        &self,
        column: &str,
        form: &str,
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            let detail = format_args!("'{text}' is no {column}; give {form}");
            self.fault(column, "cell_unreadable", detail, faults);
        }
        value
    }

    /// The cell as yes or no.
    pub(super) fn yes_no(&self, column: &str, faults: &mut Faults) -> Option<bool> {
        match self.text(column).to_lowercase().as_str() {
            "" => None,
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            _ => {
                let detail = "this is neither yes nor no; give one of them, or nothing";
                self.fault(column, "cell_unreadable", detail, faults);
                None
            }
        }
    }
}

/// The letters of a column: A to Z, then AA.
fn letters(at: usize) -> String {
    let (before, last) = (at / 26, (b'A'..=b'Z').nth(at % 26));
    let last = last.map(char::from).unwrap_or_default();
    match before {
        0 => last.to_string(),
        _ => format!("{}{last}", letters(before - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        let told: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(letters).into();
        assert_eq!(told, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
