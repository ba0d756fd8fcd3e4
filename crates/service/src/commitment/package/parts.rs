//! The parts of the Commission's package, as tables: the same in the workbook, in CSV and in the document.

mod evaluation;
mod money;
mod proposals;

use intake::Partner;
use kernel::{Amount, Cell, Sheet};
use store::view::commitment::Package;

use crate::Problem;

/// A part of the package.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Name of its file and sheet.
    pub key: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Whether its rows say much: the document sets them one below the other.
    pub records: bool,
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// As many cells as columns each.
    pub rows: Vec<Vec<Cell>>,
}

impl Part {
    /// The part as a sheet of a workbook.
    pub fn sheet(&self) -> Sheet {
        Sheet {
            name: self.key.to_owned(),
            rows: self.lines().collect(),
        }
    }

    /// Heading and rows.
    pub fn lines(&self) -> impl Iterator<Item = Vec<Cell>> {
        let heading = self.columns.iter().map(|name| Cell::from(*name));
        std::iter::once(heading.collect()).chain(self.rows.iter().cloned())
    }
}

/// All parts, in the order in which the Commission asks for them.
pub(super) fn parts(package: &Package) -> Result<Vec<Part>, Problem> {
    Ok(vec![
        evaluation::rankings(package),
        evaluation::conformity(package)?,
        money::selection(package)?,
        money::commitments(package),
        proposals::participants(package)?,
        proposals::investigators(package),
        proposals::abstracts(package),
    ])
}

fn country(partner: &Partner) -> String {
    let country = partner.country.map(|country| country.to_string());
    country.unwrap_or_default()
}

fn number<T: ToString>(number: T) -> Cell {
    Cell::Number(number.to_string())
}

fn amount(amount: Amount) -> Cell {
    Cell::Number(amount.to_string())
}

fn text(text: &Option<String>) -> Cell {
    Cell::Text(text.clone().unwrap_or_default())
}

fn yes_no(answer: bool) -> Cell {
    Cell::from(if answer { "yes" } else { "no" })
}
