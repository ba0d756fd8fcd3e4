/// A cell of a table that people work on in a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, whatever it looks like.
    Text(String),
    /// A number, as a decimal with a point.
    Number(String),
    /// A formula as spreadsheets write it, without the equals sign, and what it gives: shown where nothing is
    /// computed. It names cells and never holds what people typed.
    Formula {
        /// Names of functions in English, arguments apart by commas.
        formula: String,
        /// A decimal with a point, or a text.
        value: String,
    },
}

impl Cell {
    /// What it says.
    pub fn as_str(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Number(text) => text,
            Cell::Formula { value, .. } => value,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

/// A table of a workbook. The first row is the heading; row 1 of people is row 0 here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows; each may be shorter than the heading.
    pub rows: Vec<Vec<Cell>>,
}
