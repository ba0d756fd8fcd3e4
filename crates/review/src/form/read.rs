//! Reading a form that was filled in: all faults at once, each with sheet, cell and remedy.

use std::collections::BTreeMap;

use call::Score;
use kernel::{Cell, Faults, Sheet};

use super::{Form, READ, SCORES, SHEETS, TOO_LONG, fits, scale};
use crate::scores::{Mark, Marks, check_marks, pointer};

/// What a form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The marks; a criterion may be left out.
    pub marks: Marks,
    /// The confidential remark.
    pub remark: String,
}

/// Reads the form of a review, or tells all that is wrong with it. The review may stay incomplete, but what the form
/// says must be sayable: nothing that people wrote into it is passed over in silence.
pub fn read(sheets: &[Sheet], form: &Form<'_>) -> Result<Filled, Faults> {
    let mut faults = Faults::default();
    let mut find = |name: &str| {
        let found = sheets.iter().find(|sheet| sheet.name == name);
        let detail = format!("the sheet '{name}' is missing; fetch the form, and keep its sheets");
        faults.require(found.is_some(), format!("/{name}"), "sheet_missing", detail);
        found
    };
    let [scores, remark, about] = SHEETS.map(&mut find);
    let mut reading = Reading { form, faults };
    if let Some(sheet) = about {
        reading.about(sheet);
    }
    let marks = scores.map(|sheet| reading.scores(sheet));
    let remark = remark.map(|sheet| reading.remark(sheet));
    reading.faults.or(Filled {
        marks: marks.unwrap_or_default(),
        remark: remark.unwrap_or_default(),
    })
}

struct Reading<'a> {
    form: &'a Form<'a>,
    faults: Faults,
}

impl Reading<'_> {
    /// Whether it is the form of this review, as the review is now.
    fn about(&mut self, sheet: &Sheet) {
        let said = |what: &str| {
            let row = sheet.rows.iter().position(|row| text(row, 0) == what);
            (
                row.unwrap_or_default(),
                row.map_or("", |row| text(&sheet.rows[row], 1)),
            )
        };
        let (row, review) = said("review");
        if review != self.form.review.to_string() {
            let detail = "this is not the form of this review; send it for its own, or fetch the form of this one";
            self.fault(sheet, (row, 1), "form_of_another", detail);
            return;
        }
        let (row, version) = said("version");
        if version != self.form.version.to_string() {
            let now = self.form.version;
            let detail = format!(
                "the form is of version {version:?} of the review, which is {now} now: it was changed since; fetch the form again, which holds what is saved, and put your changes there"
            );
            self.fault(sheet, (row, 1), "form_outdated", &detail);
        }
    }

    fn scores(&mut self, sheet: &Sheet) -> Marks {
        let Some(columns) = self.columns(sheet) else {
            return Marks::new();
        };
        let mut marks = Marks::new();
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for (row, cells) in sheet.rows.iter().enumerate().skip(1) {
            if cells.iter().all(|cell| cell.as_str().trim().is_empty()) {
                continue;
            }
            for column in 0..cells.len() {
                let named = !text(&sheet.rows[0], column).is_empty();
                if !named && !text(cells, column).is_empty() {
                    let detail =
                        "nobody reads this cell; put what it says into the comment, and clear it";
                    self.fault(sheet, (row, column), "text_misplaced", detail);
                }
            }
            let key = text(cells, columns[0]);
            let known = self.form.rules.criteria.iter().find(|one| one.key == key);
            let Some(criterion) = known else {
                let detail = format!(
                    "the call has no criterion {key:?}; put back what stood here, or clear the row"
                );
                self.fault(sheet, (row, columns[0]), "criterion_unknown", &detail);
                continue;
            };
            if rows.insert(&criterion.key, row).is_some() {
                let detail = format!("{key} is there twice; keep one row of it");
                self.fault(sheet, (row, columns[0]), "criterion_repeated", &detail);
                continue;
            }
            let saved = self
                .form
                .marks
                .get(key)
                .map_or("", |mark| mark.comment.as_str());
            let comment = self.kept(sheet, (row, columns[2]), saved);
            match self.score(sheet, (row, columns[1])) {
                Ok(Some(score)) => {
                    marks.insert(key.to_owned(), Mark { score, comment });
                }
                Ok(None) if !comment.is_empty() => {
                    let detail = "a comment is kept with its score only; give one, or clear the comment until then";
                    self.fault(sheet, (row, columns[1]), "score_missing", detail);
                }
                Ok(None) | Err(()) => {}
            }
        }
        for criterion in &self.form.rules.criteria {
            let key = &criterion.key;
            let detail = format!(
                "scores: the row of the criterion {key} is missing; put it back, and leave score and comment empty where it has to wait"
            );
            let there = rows.contains_key(key.as_str());
            self.faults
                .require(there, "/scores", "criterion_missing", detail);
        }
        self.rules(sheet, &marks, &rows, &columns);
        marks
    }

    /// The places of criterion, score and comment; none where one is missing.
    fn columns(&mut self, sheet: &Sheet) -> Option<[usize; 3]> {
        let heading = sheet.rows.first().map(Vec::as_slice).unwrap_or_default();
        for (at, cell) in heading.iter().enumerate() {
            let name = cell.as_str().trim();
            let twice = (0..at).any(|before| text(heading, before) == name);
            if !name.is_empty() && twice {
                let detail = format!("the column {name:?} is there twice; take one out");
                self.fault(sheet, (0, at), "column_repeated", &detail);
            } else if !name.is_empty() && !SCORES.contains(&name) {
                let detail = format!(
                    "the form has no column {name:?}; put what it says into the comments, and take it out"
                );
                self.fault(sheet, (0, at), "column_unknown", &detail);
            }
        }
        let mut complete = true;
        let places = READ.map(|name| {
            let place = (0..heading.len()).find(|at| text(heading, *at) == name);
            let detail =
                format!("scores: the column {name:?} is missing; put it into the first row");
            self.faults
                .require(place.is_some(), "/scores", "column_missing", detail);
            complete &= place.is_some();
            place.unwrap_or_default()
        });
        complete.then_some(places)
    }

    /// A score, or nothing; an error where the cell holds anything else, which is told.
    fn score(&mut self, sheet: &Sheet, at: (usize, usize)) -> Result<Option<Score>, ()> {
        let said = text(&sheet.rows[at.0], at.1);
        if said.is_empty() {
            return Ok(None);
        }
        // Half of Europe writes it with a comma.
        let score = said.replacen(',', ".", 1).parse().ok();
        if score.is_none() {
            let detail = format!("{said:?} is no score; give {}", scale(self.form.rules));
            self.fault(sheet, at, "cell_unreadable", &detail);
        }
        score.map(Some).ok_or(())
    }

    /// What the rules of the stage say to the marks, each fault at its cell.
    fn rules(
        &mut self,
        sheet: &Sheet,
        marks: &Marks,
        rows: &BTreeMap<&str, usize>,
        columns: &[usize; 3],
    ) {
        // The draft may be incomplete.
        let unfinished = ["score_missing", "comment_missing"];
        let found = check_marks(self.form.rules, marks).0.into_iter();
        for fault in found.filter(|one| !unfinished.contains(&one.code.as_str())) {
            let row = rows.iter().find(|(key, _)| {
                let own = pointer(key);
                fault.pointer == own || fault.pointer == format!("{own}/comment")
            });
            let column = if fault.pointer.ends_with("/comment") {
                2
            } else {
                1
            };
            let row = row.map_or(0, |(_, row)| *row);
            self.fault(sheet, (row, columns[column]), &fault.code, &fault.detail);
        }
    }

    fn remark(&mut self, sheet: &Sheet) -> String {
        for (row, cells) in sheet.rows.iter().enumerate().skip(1) {
            for column in 0..cells.len() {
                if (row, column) != (1, 0) && !text(cells, column).is_empty() {
                    let detail = "nobody reads this cell; put what it says into A2, and clear it";
                    self.fault(sheet, (row, column), "text_misplaced", detail);
                }
            }
        }
        self.kept(sheet, (1, 0), self.form.remark)
    }

    /// The text of a cell; what is saved where it says the same but for white space around it, so that a form that
    /// only passed through changes nothing.
    fn kept(&mut self, sheet: &Sheet, at: (usize, usize), saved: &str) -> String {
        let said = sheet.rows.get(at.0).map_or("", |cells| text(cells, at.1));
        if said.contains('\0') {
            let detail = "holds the character U+0000, which is no text; take it out";
            self.fault(sheet, at, "character_forbidden", detail);
        }
        let tidy = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        let same = tidy(said) == tidy(saved) || said == TOO_LONG && !fits(saved);
        if same { saved.to_owned() } else { tidy(said) }
    }

    /// A fault of a cell, by its place from 0.
    fn fault(&mut self, sheet: &Sheet, (row, column): (usize, usize), code: &str, detail: &str) {
        let (name, row) = (&sheet.name, row + 1);
        let letter = (b'A'..=b'Z').nth(column).map_or('?', char::from);
        let pointer = format!("/{name}/{letter}{row}");
        self.faults
            .add(pointer, code, format!("{name}!{letter}{row}: {detail}"));
    }
}

/// What a cell says, trimmed; nothing where there is none.
fn text(cells: &[Cell], column: usize) -> &str {
    cells.get(column).map_or("", |cell| cell.as_str().trim())
}
