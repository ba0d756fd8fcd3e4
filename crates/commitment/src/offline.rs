//! The input and the answer of a selection as files, for a meeting, an auditor, or a secretariat that has
//! nothing but a spreadsheet.

mod book;
mod node;
mod reader;
mod sheets;

use compact_str::CompactString;
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};

use crate::{Reason, Selection, SelectionInput, Shortfall};

pub use book::workbook;
pub use sheets::{SHEETS, read as read_sheets};

/// Reads an input file (JSON).
///
/// Faults: all at once, those of the form and those of the content, each with its place as a JSON pointer.
pub fn read(text: &str) -> Result<SelectionInput, Faults> {
    let document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let mut faults = Faults::default();
            faults.add("", "json", format!("{error}; give one JSON document"));
            return Err(faults);
        }
    };
    reader::input(&document)
}

/// What a file with an answer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Codes of the funded proposals, in ranking order; of several equally good selections the first.
    pub selected: Vec<String>,
    /// All equally good selections, `selected` first.
    pub equally_good: Vec<Vec<String>>,
    /// Whether there may be more equally good selections than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_equally_good: bool,
    /// How many projects there could be at most, where the search was ended before it was proven that no more than are
    /// selected can be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<u32>,
    /// What the EU pays.
    pub eu_contribution: Amount,
    /// What funders need of the gap-filling money, to the nearest cent.
    pub gap_need: Amount,
    /// The money of each funder, in the order of the input.
    pub settlement: Vec<Line>,
    /// What is not funded and why, in ranking order.
    pub not_funded: Vec<Unfunded>,
}

/// The money of one funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its code.
    pub funder: String,
    /// What the selected projects' partners get of it.
    pub requested: Amount,
    /// What of that is EU money.
    pub eu: Amount,
    /// What of that is its own.
    pub national: Amount,
    /// What it gets of other funders' reimbursement; below zero where it gives.
    pub transfer: Amount,
}

/// A proposal that is not funded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfunded {
    /// Its code.
    pub code: String,
    /// Why.
    pub reason: Reason,
    /// The funders that lack money for it.
    pub blocked_by: Vec<Shortfall>,
    /// What would fund it; null for what is not on the list.
    pub additional_national: Option<Additional>,
}

/// The least additional national money that would fund a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additional {
    /// How much in all.
    pub amount: Amount,
    /// Codes of the funders that would have to raise their commitments.
    pub at: Vec<CompactString>,
    /// Whether the selection, run again with that money, funds it.
    pub confirmed: bool,
}

impl From<&Selection> for Answer {
    fn from(selection: &Selection) -> Self {
        let settlement = selection.funders.iter().map(|one| Line {
            funder: one.funder.clone(),
            requested: one.requested,
            eu: one.eu,
            national: one.national,
            transfer: one.transfer,
        });
        let not_funded = selection.not_funded.iter().map(|one| Unfunded {
            code: one.code.clone(),
            reason: one.reason,
            blocked_by: one.blocked_by.clone(),
            additional_national: one.additional_national.as_ref().map(|more| Additional {
                amount: more.amount,
                at: more.at.clone(),
                confirmed: more.confirmed,
            }),
        });
        Answer {
            selected: selection.selected.clone(),
            equally_good: selection.equally_good.clone(),
            more_equally_good: selection.more_equally_good,
            bound: (!selection.is_proven()).then_some(selection.bound),
            eu_contribution: selection.eu_contribution,
            gap_need: selection.gap_need,
            settlement: settlement.collect(),
            not_funded: not_funded.collect(),
        }
    }
}

#[cfg(test)]
mod tests;
