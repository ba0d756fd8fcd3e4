//! The form in which a reviewer scores a proposal away from the network: sheets that go out with what is saved so
//! far, and come back filled in.

mod read;
#[cfg(test)]
mod tests;

use call::{Criterion, EvaluationRules};
use kernel::{Cell, Sheet};
use uuid::Uuid;

use crate::scores::Marks;

pub use read::{Filled, read};

/// The sheets that are read again.
pub const SHEETS: [&str; 3] = ["scores", "remark", "form"];

/// The longest text of a cell, in units of UTF-16: a limit of spreadsheets.
pub const LONGEST: usize = 32_767;

/// What stands in the place of a text that no cell holds; where it comes back, the text stays as it is saved.
pub const TOO_LONG: &str = "(too long for a spreadsheet; what is saved stays as it is)";

/// The rows of the sheet `form` that only say what the form belongs to, from 0.
pub const HIDDEN_ROWS: [u32; 2] = [1, 2];

/// The place of the score in the sheet `scores`, from 0.
pub const SCORE_COLUMN: u16 = 6;

const SCORES: [&str; 8] = [
    "criterion",
    "title",
    "looks_at",
    "weight",
    "threshold",
    "most_words",
    "score",
    "comment",
];

/// What must be there to read the scores.
const READ: [&str; 3] = ["criterion", "score", "comment"];

const NOTES: [&str; 7] = [
    "scores: give each criterion a score and a comment; all other cells stay as they are. A criterion may wait: leave both empty.",
    "scores: the applicants read the comments. Do not name yourself or your institution there.",
    "remark: what you write into the cell A2 is for the panel alone; the applicants never read it.",
    "form: says which review this is, and which version of it; leave it as it is. The form of one review cannot be sent for another.",
    "Send the workbook back as it is called, as XLSX. What it says replaces the draft of your review; nothing is handed in by that: submit the review when it is ready.",
    "If you change the review in the meantime, fetch the form again: it holds what is saved.",
    "This file belongs to a confidential evaluation. Delete it when the review is submitted.",
];

/// The review that a form is of.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The rules of the stage.
    pub rules: &'a EvaluationRules,
    /// The review.
    pub review: Uuid,
    /// Its version.
    pub version: i32,
    /// The code of the call.
    pub call: &'a str,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// The proposal's number.
    pub proposal: &'a str,
    /// The marks that are saved.
    pub marks: &'a Marks,
    /// The confidential remark that is saved.
    pub remark: &'a str,
}

impl Form<'_> {
    /// The sheets of the form, notes last.
    pub fn sheets(&self) -> Vec<Sheet> {
        let sheet = |name: &str, rows: Vec<Vec<Cell>>| Sheet {
            name: name.to_owned(),
            rows,
        };
        let mut scores = vec![heading(&SCORES)];
        scores.extend(self.rules.criteria.iter().map(|one| self.row(one)));
        let remark = vec![
            vec!["remark (for the panel alone)".into()],
            vec![fitting(self.remark)],
        ];
        let form = vec![
            heading(&["what", "value"]),
            vec!["review".into(), self.review.to_string().into()],
            vec!["version".into(), Cell::Number(self.version.to_string())],
            vec!["call".into(), self.call.into()],
            vec!["stage".into(), Cell::Number(self.stage.to_string())],
            vec!["proposal".into(), self.proposal.into()],
        ];
        let scale = format!("scores: {}", scale(self.rules));
        let notes = std::iter::once(scale.as_str()).chain(NOTES);
        let notes = std::iter::once("notes").chain(notes);
        vec![
            sheet("scores", scores),
            sheet("remark", remark),
            sheet("form", form),
            sheet("notes", notes.map(|note| vec![Cell::from(note)]).collect()),
        ]
    }

    fn row(&self, criterion: &Criterion) -> Vec<Cell> {
        let parts: Vec<&str> = criterion
            .parts
            .iter()
            .map(|one| one.title.as_str())
            .collect();
        let mark = self.marks.get(&criterion.key);
        let words = criterion
            .max_words
            .map(|most| Cell::Number(most.to_string()));
        vec![
            criterion.key.clone().into(),
            criterion.title.clone().into(),
            parts.join("; ").into(),
            Cell::Number(criterion.weight.to_string()),
            Cell::Number(criterion.threshold.to_string()),
            words.unwrap_or_else(|| "".into()),
            mark.map_or_else(|| "".into(), |mark| Cell::Number(mark.score.to_string())),
            mark.map_or_else(|| "".into(), |mark| fitting(&mark.comment)),
        ]
    }
}

/// The scale in words: what may be given.
pub fn scale(rules: &EvaluationRules) -> String {
    format!("0 to {} in steps of {}", rules.scale_max, rules.step)
}

fn heading(columns: &[&str]) -> Vec<Cell> {
    columns.iter().map(|column| Cell::from(*column)).collect()
}

/// The text as a cell holds it.
fn fitting(text: &str) -> Cell {
    Cell::from(if fits(text) { text } else { TOO_LONG })
}

fn fits(text: &str) -> bool {
    text.encode_utf16().count() <= LONGEST
}
