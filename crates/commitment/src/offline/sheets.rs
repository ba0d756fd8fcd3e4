//! The input as the sheets of a workbook: what a secretariat has at hand. The sheets are read into the same
//! document as a JSON file, and each fault is then told with the cell that it came from.

use std::collections::HashMap;

use kernel::{Cell, Faults, Sheet, token};

use super::node::Node;
use super::reader;
use crate::SelectionInput;

/// The sheets of an input.
pub const SHEETS: [&str; 4] = ["Call", "Funders", "Proposals", "Requests"];

/// Their columns: those that must be there, and those that may be left out.
pub(super) const COLUMNS: [(&[&str], &[&str]); 4] = [
    (&["field", "value"], &[]),
    (&["code", "commitment"], &["eu_eligible", "no_more"]),
    (
        &["code", "score"],
        &["rating", "withdrawn", "kept", "chosen"],
    ),
    (&["proposal", "funder", "amount"], &[]),
];

/// The fields of the sheet Call: names there, and where they stand in the document.
const FIELDS: [(&str, &str); 8] = [
    ("currency", "/currency"),
    ("ranking_rule", "/ranking_rule"),
    ("rate", "/eu/rate"),
    ("ceiling", "/eu/ceiling"),
    ("base", "/convention/base"),
    ("share", "/convention/share"),
    ("gap_share", "/gap_share"),
    ("cap", "/cap"),
];

/// Reads an input from its sheets; others are left aside.
///
/// Faults: all at once, each with sheet and cell (`Funders!B3`). Where a sheet or a column is missing, that
/// alone is said.
pub fn read(sheets: &[Sheet]) -> Result<SelectionInput, Faults> {
    let mut faults = Faults::default();
    let tables = [0, 1, 2, 3].map(|place| Table::new(sheets, place, &mut faults));
    let [Some(call), Some(funders), Some(proposals), Some(requests)] = tables else {
        return Err(faults);
    };
    let mut document = Document {
        faults,
        places: HashMap::new(),
    };
    let mut fields = document.call(&call);
    let texts = ["code", "commitment", "no_more"];
    let mut funders = document.list(&funders, "funders", &texts, &["eu_eligible"]);
    fields.extend(document.no_more(&mut funders));
    let texts = ["code", "score", "rating"];
    let flags = ["withdrawn", "kept", "chosen"];
    let mut proposals = document.list(&proposals, "proposals", &texts, &flags);
    fields.extend(document.flagged("kept", &mut proposals));
    fields.extend(document.flagged("chosen", &mut proposals));
    document.requests(&requests, &mut proposals);
    for (name, list) in [("funders", funders), ("proposals", proposals)] {
        let list = list.into_iter().map(Node::Fields).collect();
        fields.push((name.to_owned(), Node::List(list)));
    }
    let read = reader::input(&Node::Fields(fields));
    let mut faults = document.faults;
    match read {
        Ok(input) => faults.or(input),
        Err(found) => {
            for mut fault in found.0 {
                fault.pointer = place_of(&document.places, &fault.pointer);
                faults.0.push(fault);
            }
            Err(faults)
        }
    }
}

/// The cell of the field, or of what it stands in, or the sheet.
fn place_of(places: &HashMap<String, String>, pointer: &str) -> String {
    let mut at = pointer;
    while let Some((above, _)) = at.rsplit_once('/') {
        if let Some(place) = places.get(at) {
            return place.clone();
        }
        at = above;
    }
    let sheet = match pointer.split('/').nth(1) {
        None => "",
        Some("funders") => "Funders",
        Some("proposals") => "Proposals",
        Some(_) => "Call",
    };
    sheet.to_owned()
}

/// The name of a cell, both counted from nothing.
pub(super) fn cell_name(row: usize, column: usize) -> String {
    let mut letters = String::new();
    let mut left = column + 1;
    while left > 0 {
        let letter = b'A' + u8::try_from((left - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(letter));
        left = (left - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// A sheet whose columns are known.
struct Table<'a> {
    name: &'a str,
    columns: HashMap<&'a str, usize>,
    rows: &'a [Vec<Cell>],
}

impl<'a> Table<'a> {
    fn new(sheets: &'a [Sheet], place: usize, faults: &mut Faults) -> Option<Self> {
        let name = SHEETS[place];
        let (required, optional) = COLUMNS[place];
        let columns = [required, optional].concat();
        let listed = columns.join(", ");
        let Some(sheet) = sheets.iter().find(|sheet| sheet.name == name) else {
            let detail = format!("there is no sheet '{name}'; add it, with the columns {listed}");
            faults.add(name, "sheet_missing", detail);
            return None;
        };
        let heading: &[Cell] = sheet.rows.first().map_or(&[], Vec::as_slice);
        let mut found = HashMap::new();
        for (column, cell) in heading.iter().enumerate() {
            let text = cell.as_str().trim();
            let place = || format!("{name}!{}", cell_name(0, column));
            if text.is_empty() {
                continue;
            }
            if !columns.contains(&text) {
                let detail = format!("'{text}' is no column here; there are {listed}");
                faults.add(place(), "column_unknown", detail);
            } else if found.insert(text, column).is_some() {
                let detail = format!("'{text}' stands here twice; keep one of the two");
                faults.add(place(), "column_twice", detail);
            }
        }
        let mut whole = true;
        for column in required.iter().filter(|one| !found.contains_key(**one)) {
            let place = format!("{name}!{}", cell_name(0, heading.len()));
            let detail = format!("the column '{column}' is missing; add it");
            faults.add(place, "column_missing", detail);
            whole = false;
        }
        whole.then_some(Self {
            name,
            columns: found,
            rows: sheet.rows.get(1..).unwrap_or_default(),
        })
    }

    /// The rows that say something, with their numbers.
    fn filled(&self) -> impl Iterator<Item = usize> {
        let says = |row: &usize| {
            let cells = &self.rows[*row];
            cells.iter().any(|cell| !cell.as_str().trim().is_empty())
        };
        (0..self.rows.len()).filter(says)
    }

    /// What a cell says; nothing where it is empty.
    fn text(&self, row: usize, column: &str) -> Option<&str> {
        let cell = self.rows[row].get(*self.columns.get(column)?)?;
        Some(cell.as_str().trim()).filter(|text| !text.is_empty())
    }

    fn place(&self, row: usize, column: &str) -> String {
        let column = self.columns.get(column).copied().unwrap_or_default();
        format!("{}!{}", self.name, cell_name(row + 1, column))
    }
}

type Fields = Vec<(String, Node)>;

/// What was found in the cells, and from which cell each field came.
struct Document {
    faults: Faults,
    places: HashMap<String, String>,
}

impl Document {
    fn call(&mut self, table: &Table) -> Fields {
        let mut given: HashMap<&str, Node> = HashMap::new();
        for row in table.filled() {
            let name = table.text(row, "field").unwrap_or_default();
            let Some((name, pointer)) = FIELDS.iter().find(|field| field.0 == name) else {
                let known = FIELDS.map(|field| field.0).join(", ");
                let detail = format!("'{name}' is no field here; there are {known}");
                let place = table.place(row, "field");
                self.faults.add(place, "field_unknown", detail);
                continue;
            };
            let place = table.place(row, "value");
            if self.places.contains_key(*pointer) {
                let detail = format!("'{name}' stands here twice; keep one of the two");
                self.faults.add(&place, "field_twice", detail);
            }
            self.places.insert((*pointer).to_owned(), place);
            if let Some(text) = table.text(row, "value") {
                given.insert(pointer, Node::Text(text.to_owned()));
            }
        }
        let mut fields = Fields::new();
        for within in ["", "/eu", "/convention"] {
            let own: Fields = FIELDS
                .iter()
                .filter(|(_, pointer)| pointer.rsplit_once('/').is_some_and(|at| at.0 == within))
                .filter_map(|(name, pointer)| Some(((*name).to_owned(), given.remove(pointer)?)))
                .collect();
            match within.strip_prefix('/') {
                None => fields.extend(own),
                Some(_) if own.is_empty() => {}
                Some(name) => fields.push((name.to_owned(), Node::Fields(own))),
            }
        }
        fields
    }

    /// The rows of a table as objects of texts and of yes or no.
    fn list(&mut self, table: &Table, list: &str, texts: &[&str], flags: &[&str]) -> Vec<Fields> {
        let mut all = Vec::new();
        for row in table.filled() {
            let mut fields = Fields::new();
            for column in texts.iter().chain(flags) {
                let place = table.place(row, column);
                let pointer = format!("/{list}/{}/{column}", all.len());
                self.places.insert(pointer, place.clone());
                let Some(text) = table.text(row, column) else {
                    continue;
                };
                let value = match text.to_lowercase().as_str() {
                    _ if texts.contains(column) => Node::Text(text.to_owned()),
                    "yes" | "true" => Node::Bool(true),
                    "no" | "false" => Node::Bool(false),
                    _ => {
                        let detail = format!("'{text}' is neither; write yes or no");
                        self.faults.add(place, "value", detail);
                        continue;
                    }
                };
                fields.push(((*column).to_owned(), value));
            }
            all.push(fields);
        }
        all
    }

    /// What was decided before, or chosen among equals: a list of its own in the document, and here a column of the
    /// proposals.
    fn flagged(&mut self, list: &str, proposals: &mut [Fields]) -> Option<(String, Node)> {
        let mut flagged = Vec::new();
        for (number, fields) in proposals.iter_mut().enumerate() {
            let Some(at) = fields.iter().position(|(name, _)| name == list) else {
                continue;
            };
            if fields.remove(at).1 != Node::Bool(true) {
                continue;
            }
            if let Some((_, code @ Node::Text(_))) = fields.iter().find(|(name, _)| name == "code")
            {
                let place = self.places.get(&format!("/proposals/{number}/{list}"));
                if let Some(place) = place.cloned() {
                    let pointer = format!("/{list}/{}", flagged.len());
                    self.places.insert(pointer, place);
                }
                flagged.push(code.clone());
            }
        }
        (!flagged.is_empty()).then(|| (list.to_owned(), Node::List(flagged)))
    }

    /// What is requested of those that pay for nothing new: amounts by funder in the document, and here a column.
    fn no_more(&mut self, funders: &mut [Fields]) -> Option<(String, Node)> {
        let mut barred = Fields::new();
        for (number, fields) in funders.iter_mut().enumerate() {
            let Some(at) = fields.iter().position(|(name, _)| name == "no_more") else {
                continue;
            };
            let amount = fields.remove(at).1;
            if let Some((_, Node::Text(code))) = fields.iter().find(|(name, _)| name == "code") {
                let place = self.places.get(&format!("/funders/{number}/no_more"));
                if let Some(place) = place.cloned() {
                    self.places
                        .insert(format!("/no_more/{}", token(code)), place);
                }
                barred.push((code.clone(), amount));
            }
        }
        (!barred.is_empty()).then(|| ("no_more".to_owned(), Node::Fields(barred)))
    }

    /// Gives each proposal its requests.
    fn requests(&mut self, table: &Table, proposals: &mut [Fields]) {
        let code = |fields: &Fields| match fields.first() {
            Some((name, Node::Text(code))) if name == "code" => Some(code.clone()),
            _ => None,
        };
        let codes = proposals.iter().enumerate();
        let mut numbers = HashMap::new();
        for (number, fields) in codes {
            if let Some(code) = code(fields) {
                numbers.entry(code).or_insert(number);
            }
        }
        let mut requests: Vec<Fields> = vec![Fields::new(); proposals.len()];
        for row in table.filled() {
            let mut needed = |column: &str| {
                let text = table.text(row, column);
                if text.is_none() {
                    let detail = format!("'{column}' is missing; give it, or clear the row");
                    let place = table.place(row, column);
                    self.faults.add(place, "field_missing", detail);
                }
                text
            };
            let (proposal, funder) = (needed("proposal"), needed("funder"));
            let amount = needed("amount");
            let (Some(proposal), Some(funder), Some(amount)) = (proposal, funder, amount) else {
                continue;
            };
            let Some(number) = numbers.get(proposal) else {
                let detail =
                    format!("'{proposal}' is not among the proposals; add it or correct the code");
                let place = table.place(row, "proposal");
                self.faults.add(place, "proposal_unknown", detail);
                continue;
            };
            let pointer = format!("/proposals/{number}/requests/{}", token(funder));
            self.places.insert(pointer, table.place(row, "amount"));
            requests[*number].push((funder.to_owned(), Node::Text(amount.to_owned())));
        }
        for (fields, own) in proposals.iter_mut().zip(requests) {
            fields.push(("requests".to_owned(), Node::Fields(own)));
        }
    }
}

#[cfg(test)]
mod tests;
