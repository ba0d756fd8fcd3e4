use kernel::Cell;

/// One line of CSV (RFC 4180), with its end. Text that a spreadsheet would take for a formula is defused by an
/// apostrophe before it.
pub fn csv_line(cells: &[Cell]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let texts = cells.iter().map(|cell| match cell {
        Cell::Number(number) => number.clone(),
        Cell::Formula { value, .. } if value.parse::<f64>().is_ok() => value.clone(),
        Cell::Text(text) | Cell::Formula { value: text, .. } => defused(text),
    });
    // Writing into memory does not fail; a line of no cells is empty.
    let written = writer.write_record(texts);
    debug_assert!(written.is_ok());
    writer.into_inner().unwrap_or_default()
}

fn defused(text: &str) -> String {
    let text = text.replace('\0', "");
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let cells = [
            Cell::from("=HYPERLINK(\"http://x\")"),
            Cell::from("+1"),
            Cell::from("@SUM(A1)"),
            Cell::from("\t=1"),
            Cell::from("a, \"b\""),
            Cell::Number("-5.00".into()),
            Cell::Formula {
                formula: "1-8".into(),
                value: "-7".into(),
            },
        ];
        let line = String::from_utf8(csv_line(&cells)).unwrap();
        assert_eq!(
            line,
            "\"'=HYPERLINK(\"\"http://x\"\")\",'+1,'@SUM(A1),'\t=1,\"a, \"\"b\"\"\",-5.00,-7\r\n"
        );
    }

    proptest! {
        #[test]
        fn a_line_is_read_as_it_was_written_and_no_cell_begins_a_formula(texts in prop::collection::vec(".{0,12}", 1..6)) {
            // A mark of the byte order at the very beginning is none of the text.
            let texts: Vec<&str> = ["first"].into_iter().chain(texts.iter().map(String::as_str)).collect();
            let cells: Vec<Cell> = texts.iter().map(|text| Cell::from(*text)).collect();
            let line = csv_line(&cells);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
            let read = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(read.len(), texts.len());
            for (cell, text) in read.iter().zip(&texts) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
                let text = text.replace('\0', "");
                prop_assert_eq!(cell.trim_start_matches('\''), text.trim_start_matches('\''));
            }
        }
    }
}
