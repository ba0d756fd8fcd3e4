//! Figures of an evaluation that may be shown to people who must not learn about persons: small counts are
//! hidden, and so many others that no hidden one can be computed from what is shown.

mod agreement;
mod figures;
mod hiding;

use serde::{Deserialize, Serialize};

pub use agreement::{Agreement, agreement, krippendorff_alpha};
pub use figures::{TimeTaken, experts_by, load, scores_given, time_taken};

/// A count, or nothing where it is hidden.
pub type Count = Option<u32>;

/// Counts of one list with their sum. Hidden ones are small, or protect small ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Distribution {
    /// Each item with its count.
    pub items: Vec<(String, Option<u32>)>,
    /// The sum.
    pub total: Option<u32>,
}

/// Counts by two properties with their sums. Hidden ones are small, or protect small ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CrossTable {
    /// What the rows are.
    pub rows: Vec<String>,
    /// What the columns are.
    pub columns: Vec<String>,
    /// The counts, row by row.
    pub cells: Vec<Vec<Option<u32>>>,
    /// The sum of each row.
    pub row_totals: Vec<Option<u32>>,
    /// The sum of each column.
    pub column_totals: Vec<Option<u32>>,
    /// The sum of all.
    pub total: Option<u32>,
}

impl Distribution {
    /// The counts as they may be shown: none from 1 to below `least`, and none from which one of these
    /// could be computed.
    pub fn of(counts: Vec<(String, u32)>, least: u32) -> Self {
        let values: Vec<u32> = counts.iter().map(|(_, count)| *count).collect();
        let mut shown = hiding::list(&values, least).into_iter();
        let mut next = || shown.next().flatten();
        let total = next();
        let items = counts.into_iter().map(|(item, _)| (item, next()));
        Self {
            items: items.collect(),
            total,
        }
    }
}

impl CrossTable {
    /// The counts as they may be shown: none from 1 to below `least`, sums included, and none from which one
    /// of these could be computed. `cells` has a row for each of `rows`, each as long as `columns`.
    pub fn of(rows: Vec<String>, columns: Vec<String>, cells: &[Vec<u32>], least: u32) -> Self {
        let mut shown = hiding::table(cells, columns.len(), least).into_iter();
        let mut next = || shown.next().flatten();
        let total = next();
        let row_totals = rows.iter().map(|_| next()).collect();
        let column_totals = columns.iter().map(|_| next()).collect();
        let cells = rows
            .iter()
            .map(|_| columns.iter().map(|_| next()).collect());
        Self {
            cells: cells.collect(),
            rows,
            columns,
            row_totals,
            column_totals,
            total,
        }
    }
}
