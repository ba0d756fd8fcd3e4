use kernel::Sheet;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign,
    Workbook, XlsxError,
};

use crate::workbook::put;

/// A sheet of a workbook that people fill in.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What it says.
    pub sheet: Sheet,
    /// The widths of its columns, in characters; what is left out has the usual one.
    pub widths: Vec<u16>,
    /// Rows that are hidden, from 0: for whoever reads it again, and not for people.
    pub hidden: Vec<u32>,
    /// Cells that take a number only.
    pub asked: Vec<Asked>,
}

/// Cells of a column that take a number from one to another; the spreadsheet says so to who types another.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The column, from 0.
    pub column: u16,
    /// The first and the last row, from 0.
    pub rows: (u32, u32),
    /// The least and the greatest number.
    pub between: (f64, f64),
    /// What is told to who types anything else: at most 255 characters.
    pub told: String,
}

/// Writes a form as an XLSX workbook: the same form as the same bytes. Text is never taken for a formula.
pub fn write_form(pages: &[Page]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let long_ago = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&long_ago));
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for one in pages {
        let page = workbook.add_worksheet();
        page.set_name(&one.sheet.name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, width) in (0..).zip(&one.widths) {
            page.set_column_width(column, f64::from(*width))?;
        }
        for (row, cells) in (0..).zip(&one.sheet.rows) {
            let format = if row == 0 { &bold } else { &wrapped };
            for (column, cell) in (0..).zip(cells) {
                put(page, (row, column), cell, Some(format))?;
            }
        }
        for row in &one.hidden {
            page.set_row_hidden(*row)?;
        }
        for asked in &one.asked {
            let (least, most) = asked.between;
            let rule = DataValidation::new()
                .allow_decimal_number(DataValidationRule::Between(least, most))
                .set_error_message(&asked.told)?;
            let ((first, last), column) = (asked.rows, asked.column);
            page.add_data_validation(first, column, last, column, &rule)?;
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_workbook};
    use kernel::Cell;

    #[test]
    fn a_form_is_read_again_with_its_hidden_rows() {
        let sheet = Sheet {
            name: "scores".to_owned(),
            rows: vec![
                vec!["criterion".into(), "score".into()],
                vec!["=impact".into(), Cell::Number("4.5".into())],
                vec!["excellence".into()],
            ],
        };
        let page = Page {
            sheet: sheet.clone(),
            widths: vec![20, 8],
            hidden: vec![1],
            asked: vec![Asked {
                column: 1,
                rows: (1, 2),
                between: (0.0, 5.0),
                told: "Give 0 to 5".to_owned(),
            }],
        };
        let bytes = write_form(std::slice::from_ref(&page)).unwrap();
        assert_eq!(bytes, write_form(&[page]).unwrap());
        let limits = Limits {
            unpacked: 1 << 20,
            parts: 40,
            rows: 100,
            columns: 20,
        };
        assert_eq!(read_workbook(&bytes, &["scores"], limits).unwrap(), [sheet]);
    }
}
