//! The lines of a table, one after the other.

use std::collections::BTreeSet;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::{Source, TableFault};

/// A table that is being read.
pub(super) struct Lines<'a> {
    source: Source,
    reader: Reader<&'a [u8]>,
    record: StringRecord,
    /// The line read last.
    pub line: u64,
    pub faults: Vec<TableFault>,
    /// How many cells the first line has.
    width: usize,
    /// Where each column asked for stands.
    columns: Vec<Option<usize>>,
}

impl<'a> Lines<'a> {
    /// Reads the first line of a table with these columns, the first `needed` of which must be there.
    pub fn of(source: Source, text: &'a str, names: &[&str], needed: usize) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut lines = Self {
            source,
            reader,
            record: StringRecord::new(),
            line: 1,
            faults: Vec::new(),
            width: 0,
            columns: vec![None; names.len()],
        };
        if lines.read() {
            let place = |name: &&str| lines.record.iter().position(|cell| cell == *name);
            let columns: Vec<Option<usize>> = names.iter().map(place).collect();
            let known = lines.record.iter().all(|cell| names.contains(&cell));
            let once = lines.record.iter().collect::<BTreeSet<_>>().len() == lines.record.len();
            if known && once && columns.iter().take(needed).all(Option::is_some) {
                lines.width = lines.record.len();
                lines.columns = columns;
            }
        }
        if lines.width == 0 {
            lines.fault(format!(
                "the first line must name the columns {}",
                names.join(",")
            ));
        }
        lines
    }

    /// Goes to the next line that has a cell for each column; `false` at the end, or where the first
    /// line is at fault.
    pub fn advance(&mut self) -> bool {
        while self.width > 0 && self.read() {
            if self.record.len() == self.width {
                return true;
            }
            let (found, width) = (self.record.len(), self.width);
            self.fault(format!(
                "{found} cells instead of {width}; give one for each column"
            ));
        }
        false
    }

    fn read(&mut self) -> bool {
        let read = self.reader.read_record(&mut self.record).unwrap_or(false);
        if let Some(position) = self.record.position().filter(|_| read) {
            self.line = position.line();
        }
        read
    }

    /// Whether the table has a column asked for.
    pub fn has(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(Option::is_some)
    }

    /// The cell of a column asked for, empty where the table has not got the column.
    pub fn cell(&self, column: usize) -> &str {
        let at = self.columns.get(column).copied().flatten();
        at.and_then(|at| self.record.get(at)).unwrap_or("")
    }

    /// A cell with a whole number; `None` where it is empty or at fault.
    pub fn number(&mut self, column: usize, what: &str) -> Option<u16> {
        let cell = self.cell(column);
        let number = cell.parse().ok();
        if number.is_none() && !cell.is_empty() {
            let text = format!("{what} {cell:?} is not a whole number up to 65535");
            self.fault(text);
        }
        number
    }

    /// A name must stand in the cell.
    pub fn named(&mut self, column: usize, what: &str) {
        if self.cell(column).is_empty() {
            self.fault(format!("the {what} is empty; name it"));
        }
    }

    pub fn fault(&mut self, text: String) {
        let (source, line) = (self.source, self.line);
        self.faults.push(TableFault { source, line, text });
    }
}
