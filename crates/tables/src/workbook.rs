use std::io::{self, Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use kernel::{Cell, Sheet};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

/// The longest text of a cell, which is a limit of the format.
pub const LONGEST: usize = 32_767;

/// How many rows a sheet can have, which is a limit of the format.
pub const MOST_ROWS: usize = 1_048_576;

/// Writes tables as an XLSX workbook: the same tables as the same bytes. Text is never taken for a formula; what is
/// too long for a cell is said to be. A formula stands there with what it gives.
pub fn write_workbook(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let long_ago = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&long_ago));
    let bold = Format::new().set_bold();
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(&sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (row, cells) in (0..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                let format = (row == 0).then_some(&bold);
                put(page, (row, column), cell, format)?;
            }
        }
    }
    workbook.save_to_buffer()
}

/// Writes one cell; text in this format, where there is one.
pub(crate) fn put(
    page: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    format: Option<&Format>,
) -> Result<(), XlsxError> {
    let text = match cell {
        Cell::Number(text) => match text.parse::<f64>() {
            Ok(number) => {
                page.write_number(row, column, number)?;
                return Ok(());
            }
            Err(_) => text.as_str(),
        },
        Cell::Formula { formula, value } => {
            let formula = Formula::new(formula).set_result(value);
            page.write_formula(row, column, formula)?;
            return Ok(());
        }
        Cell::Text(text) if text.encode_utf16().count() > LONGEST => "(too long for a cell)",
        Cell::Text(text) => text.as_str(),
    };
    match format {
        Some(format) => page.write_string_with_format(row, column, text, format)?,
        None => page.write_string(row, column, text)?,
    };
    Ok(())
}

/// How much a workbook may hold that is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all its parts together, unpacked; and of all that is read of it, since cells share their texts and
    /// rows are filled up to their last cell.
    pub unpacked: u64,
    /// Parts, of which each sheet is one.
    pub parts: usize,
    /// Rows of a sheet, the heading included.
    pub rows: u32,
    /// Columns of a sheet.
    pub columns: u32,
}

/// Why a workbook is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not an XLSX workbook.
    #[error(
        "this is no XLSX workbook; save it as one from the spreadsheet program, without a password"
    )]
    NoWorkbook,
    /// It unpacks to too much.
    #[error(
        "unpacked, the workbook has more than {0} bytes or too many parts; take out what is not asked for, or send it in parts"
    )]
    TooLarge(u64),
    /// A sheet has too many rows or columns.
    #[error(
        "the sheet '{0}' has a cell beyond row {1} or column {2}; clear what is there, or send it in parts"
    )]
    TooLong(String, u32, u32),
}

/// Reads the sheets of these names that a workbook has.
pub fn read_workbook(
    bytes: &[u8],
    names: &[&str],
    limits: Limits,
) -> Result<Vec<Sheet>, Unreadable> {
    measure(bytes, limits)?;
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable::NoWorkbook)?;
    let there = workbook.sheet_names().to_vec();
    let mut sheets = Vec::new();
    let mut left = limits.unpacked;
    for name in names
        .iter()
        .filter(|name| there.iter().any(|is| is == *name))
    {
        sheets.push(read_sheet(&mut workbook, name, limits, &mut left)?);
    }
    Ok(sheets)
}

/// Unpacks every part and counts, since what the directory says of their sizes need not be true.
fn measure(bytes: &[u8], limits: Limits) -> Result<(), Unreadable> {
    let no_workbook = |_| Unreadable::NoWorkbook;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(no_workbook)?;
    let too_large = || Unreadable::TooLarge(limits.unpacked);
    if archive.len() > limits.parts {
        return Err(too_large());
    }
    let mut left = limits.unpacked;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(no_workbook)?;
        if part.size() > left {
            return Err(too_large());
        }
        let mut part = part.take(left + 1);
        let found = io::copy(&mut part, &mut io::sink()).map_err(|_| Unreadable::NoWorkbook)?;
        left = left.checked_sub(found).ok_or_else(too_large)?;
    }
    Ok(())
}

/// Reads cell by cell: a range from the first to the last one could be as large as a sheet can be. What is read is
/// taken off the bytes that are left.
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    limits: Limits,
    left: &mut u64,
) -> Result<Sheet, Unreadable> {
    let no_workbook = |_| Unreadable::NoWorkbook;
    let too_large = || Unreadable::TooLarge(limits.unpacked);
    let mut cells = workbook.worksheet_cells_reader(name).map_err(no_workbook)?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while let Some(found) = cells.next_cell().map_err(no_workbook)? {
        let value = found.get_value();
        if let DataRef::SharedString(text) = value
            && text.len() as u64 > *left
        {
            return Err(too_large());
        }
        let Some(cell) = cell(value) else {
            continue;
        };
        let (row, column) = found.get_position();
        if row >= limits.rows || column >= limits.columns {
            return Err(Unreadable::TooLong(
                name.to_owned(),
                limits.rows,
                limits.columns,
            ));
        }
        let (row, column) = (row as usize, column as usize);
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        let cells = &mut rows[row];
        let added = (column + 1).saturating_sub(cells.len());
        let size = cell.as_str().len() + added * size_of::<Cell>();
        *left = left.checked_sub(size as u64).ok_or_else(too_large)?;
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Text(String::new()));
        }
        cells[column] = cell;
    }
    Ok(Sheet {
        name: name.to_owned(),
        rows,
    })
}

fn cell(value: &DataRef<'_>) -> Option<Cell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(plain(*number)),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::from(*text),
        DataRef::Bool(yes) => Cell::Text(if *yes { "yes" } else { "no" }.to_owned()),
        DataRef::DateTime(at) => Cell::Number(plain(at.as_f64())),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::Error(error) => Cell::Text(error.to_string()),
    })
}

/// A number as people wrote it: what a spreadsheet computed is off by less than the sixth place.
fn plain(number: f64) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

#[cfg(test)]
mod tests;
