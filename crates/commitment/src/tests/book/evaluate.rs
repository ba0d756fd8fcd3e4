//! As much of a spreadsheet as the workbook needs: references, + - * and comparison, SUM, SUMIF, SUMPRODUCT over EXACT,
//! MIN, IF, ROUND.

use kernel::{Cell, Sheet};

/// What a formula gives.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Text(String),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => (a - b).abs() < 1e-6,
            (Value::Text(a), Value::Text(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// As SUMIF compares: whatever the case, and a text that is a number as that number.
    fn is_alike(&self, other: &Value) -> bool {
        let loose = |value: &Value| match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => match text.parse::<f64>() {
                Ok(number) => number.to_string(),
                Err(_) => text.to_lowercase(),
            },
        };
        loose(self) == loose(other)
    }

    fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            Value::Text(text) => panic!("'{text}' is no number"),
        }
    }
}

pub(super) fn constant(text: &str) -> Value {
    let text_value = || Value::Text(text.to_owned());
    text.parse().map_or_else(|_| text_value(), Value::Number)
}

pub(super) struct Workbook<'a>(pub(super) &'a [Sheet]);

impl Workbook<'_> {
    pub(super) fn evaluate(&self, formula: &str) -> Value {
        let mut parser = Parser {
            book: self,
            left: formula,
        };
        let value = parser.comparison();
        assert_eq!(parser.left, "", "in {formula}");
        value
    }

    fn cell(&self, sheet: &str, row: usize, column: usize) -> Value {
        let sheet = self.0.iter().find(|one| one.name == sheet);
        let sheet = sheet.expect("a sheet that is there");
        match sheet.rows.get(row).and_then(|cells| cells.get(column)) {
            None => Value::Number(0.0),
            Some(Cell::Formula { formula, .. }) => {
                // A reference without a sheet is one to its own.
                let own = qualified(formula, &sheet.name);
                self.evaluate(&own)
            }
            Some(Cell::Number(number)) => Value::Number(number.parse().unwrap()),
            Some(Cell::Text(text)) => Value::Text(text.clone()),
        }
    }
}

/// The formula with every reference to a cell of its own sheet named as such.
pub(super) fn qualified(formula: &str, sheet: &str) -> String {
    let mut whole = String::new();
    let mut left = formula;
    while !left.is_empty() {
        let word = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '$' | '!' | ':' | '.'));
        let end = left.find(word).unwrap_or(left.len());
        let (token, rest) = left.split_at(end);
        let is_cell = token.starts_with(|c: char| c.is_ascii_uppercase())
            && token.ends_with(|c: char| c.is_ascii_digit())
            && !token.contains('!');
        if is_cell {
            whole.push_str(&format!("{sheet}!"));
        }
        whole.push_str(token);
        let next = rest.chars().next().map_or(0, char::len_utf8);
        whole.push_str(&rest[..next]);
        left = &rest[next..];
    }
    whole
}

struct Parser<'a> {
    book: &'a Workbook<'a>,
    left: &'a str,
}

/// A range of one column.
struct Range<'a> {
    sheet: &'a str,
    column: usize,
    rows: std::ops::RangeInclusive<usize>,
}

impl<'a> Parser<'a> {
    fn taken(&mut self, token: &str) -> bool {
        let rest = self.left.strip_prefix(token);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    fn needed(&mut self, token: &str) {
        assert!(self.taken(token), "{token} before {}", self.left);
    }

    fn comparison(&mut self) -> Value {
        let first = self.sum();
        if self.taken(">=") {
            let holds = first.number() >= self.sum().number();
            return Value::Number(f64::from(u8::from(holds)));
        }
        first
    }

    fn sum(&mut self) -> Value {
        let mut value = self.product();
        loop {
            if self.taken("+") {
                value = Value::Number(value.number() + self.product().number());
            } else if self.taken("-") {
                value = Value::Number(value.number() - self.product().number());
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> Value {
        let mut value = self.factor();
        while self.taken("*") {
            value = Value::Number(value.number() * self.factor().number());
        }
        value
    }

    fn factor(&mut self) -> Value {
        if self.taken("\"") {
            let (text, rest) = self.left.split_once('"').unwrap();
            self.left = rest;
            return Value::Text(text.to_owned());
        }
        if self.taken("SUMIF(") {
            let tested = self.range();
            self.needed(",");
            let wanted = self.comparison();
            self.needed(",");
            let added = self.range();
            self.needed(")");
            let rows = tested.rows.clone().zip(added.rows.clone());
            let fitting = rows.filter(|(row, _)| self.at(&tested, *row).is_alike(&wanted));
            return Value::Number(fitting.map(|(_, row)| self.at(&added, row).number()).sum());
        }
        if self.taken("SUMPRODUCT(--EXACT(") {
            let tested = self.range();
            self.needed(",");
            let wanted = self.comparison();
            self.needed("),");
            let added = self.range();
            self.needed(")");
            let rows = tested.rows.clone().zip(added.rows.clone());
            let fitting = rows.filter(|(row, _)| self.at(&tested, *row) == wanted);
            return Value::Number(fitting.map(|(_, row)| self.at(&added, row).number()).sum());
        }
        if self.taken("SUM(") {
            let range = self.range();
            self.needed(")");
            let rows = range.rows.clone();
            return Value::Number(rows.map(|row| self.at(&range, row).number()).sum());
        }
        if self.taken("MIN(") {
            let [a, b] = self.two();
            return Value::Number(a.number().min(b.number()));
        }
        if self.taken("ROUND(") {
            let [a, places] = self.two();
            let unit = 10f64.powf(places.number());
            return Value::Number((a.number() * unit).round() / unit);
        }
        if self.taken("IF(") {
            let holds = self.comparison().number() != 0.0;
            self.needed(",");
            let [yes, no] = self.two();
            return if holds { yes } else { no };
        }
        if self.left.starts_with(|c: char| c.is_ascii_digit()) {
            let end = self.left.find(|c: char| !c.is_ascii_digit() && c != '.');
            let (number, rest) = self.left.split_at(end.unwrap_or(self.left.len()));
            self.left = rest;
            return Value::Number(number.parse().unwrap());
        }
        let range = self.range();
        self.at(&range, *range.rows.start())
    }

    fn two(&mut self) -> [Value; 2] {
        let first = self.comparison();
        self.needed(",");
        let second = self.comparison();
        self.needed(")");
        [first, second]
    }

    fn at(&self, range: &Range, row: usize) -> Value {
        self.book.cell(range.sheet, row, range.column)
    }

    /// `Sheet!$A$2:$A$9` or `Sheet!A2`.
    fn range(&mut self) -> Range<'a> {
        let of = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '$' | '!' | ':'));
        let (text, rest) = self
            .left
            .split_at(self.left.find(of).unwrap_or(self.left.len()));
        self.left = rest;
        let (sheet, cells) = text.split_once('!').unwrap();
        let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
        let place = |cell: &str| -> (usize, usize) {
            let cell = cell.replace('$', "");
            let (letter, row) = cell.split_at(1);
            (
                usize::from(letter.as_bytes()[0] - b'A'),
                row.parse::<usize>().unwrap() - 1,
            )
        };
        let ((column, from), (other, to)) = (place(first), place(last));
        assert_eq!(column, other, "ranges of one column");
        Range {
            sheet,
            column,
            rows: from..=to,
        }
    }
}
