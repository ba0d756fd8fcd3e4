use std::io::Write;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

const LIMITS: Limits = Limits {
    unpacked: 1 << 20,
    parts: 40,
    rows: 100,
    columns: 20,
};

fn sheet(rows: Vec<Vec<Cell>>) -> Sheet {
    Sheet {
        name: "one".to_owned(),
        rows,
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    read_workbook(bytes, &["one"], LIMITS)
}

#[test]
fn what_was_written_is_read_the_same_and_formulas_stay_text() {
    let one = sheet(vec![
        vec!["name".into(), "amount".into()],
        vec!["=1+1".into(), Cell::Number("150000.55".into())],
        vec!["Zoë".into(), Cell::Number("-7".into())],
    ]);
    let bytes = write_workbook(std::slice::from_ref(&one)).unwrap();
    assert_eq!(bytes, write_workbook(std::slice::from_ref(&one)).unwrap());
    assert_eq!(read(&bytes).unwrap(), [one]);
    assert_eq!(read_workbook(&bytes, &["two"], LIMITS).unwrap(), []);
}

#[test]
fn a_formula_stands_beside_what_it_gives() {
    let sum = Cell::Formula {
        formula: "SUM(A2:A3)".to_owned(),
        value: "7.25".to_owned(),
    };
    let verdict = Cell::Formula {
        formula: "IF(A4>=0,\"yes\",\"no\")".to_owned(),
        value: "yes".to_owned(),
    };
    let number = |text: &str| vec![Cell::Number(text.to_owned())];
    let written = sheet(vec![
        vec!["amount".into()],
        number("3"),
        number("4.25"),
        vec![sum, verdict],
    ]);
    let bytes = write_workbook(&[written]).unwrap();
    let read = read(&bytes).unwrap();
    assert_eq!(read[0].rows[3], [Cell::Number("7.25".into()), "yes".into()]);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes.as_slice())).unwrap();
    let formulas = workbook.worksheet_formula("one").unwrap();
    let formulas: Vec<&String> = formulas.used_cells().map(|cell| cell.2).collect();
    assert_eq!(formulas, ["SUM(A2:A3)", "IF(A4>=0,\"yes\",\"no\")"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn texts_and_cents_survive(texts in prop::collection::vec("[a-zé;=\"<>&' ]{1,20}", 1..6), cents in prop::collection::vec(0i64..100_000_000_000, 1..6)) {
        let texts: Vec<String> = texts.into_iter().map(|text| format!("x{text}x")).collect();
        let numbers = cents.iter().map(|cents| kernel::decimal::print_short(*cents, 2));
        let one = sheet(vec![texts.into_iter().map(Cell::Text).collect(), numbers.map(Cell::Number).collect()]);
        let bytes = write_workbook(std::slice::from_ref(&one)).unwrap();
        prop_assert_eq!(read(&bytes).unwrap(), [one]);
    }

    #[test]
    fn bytes_of_strangers_are_refused_and_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0usize..3000, with in any::<u8>()) {
        prop_assert!(read(&bytes).is_err());
        let mut whole = write_workbook(&[sheet(vec![vec!["a".into()]])]).unwrap();
        let at = at % whole.len();
        whole[at] = with;
        let _ = read(&whole);
    }
}

#[test]
fn a_cell_far_out_and_a_bomb_are_refused() {
    let mut rows = vec![Vec::new(); 500];
    rows.push(vec![Cell::from("far")]);
    let far = write_workbook(&[sheet(rows)]).unwrap();
    assert!(matches!(read(&far), Err(Unreadable::TooLong(..))));

    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    bomb.start_file("xl/workbook.xml", packed).unwrap();
    bomb.write_all(&vec![b' '; 8 << 20]).unwrap();
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 100_000);
    assert!(matches!(read(&bomb), Err(Unreadable::TooLarge(_))));

    // The directory and the head of the part say that it is small.
    let mut liar = bomb.clone();
    let size = (8u32 << 20).to_le_bytes();
    for at in 0..liar.len() - 4 {
        if liar[at..at + 4] == size {
            liar[at..at + 4].copy_from_slice(&9u32.to_le_bytes());
        }
    }
    assert!(read(&liar).is_err());
}

#[test]
fn a_text_that_many_cells_share_is_counted_in_each() {
    let long = "x".repeat(30_000);
    let with = |cells: usize| sheet(vec![vec![Cell::from(long.as_str())]; cells]);
    let few = write_workbook(&[with(20)]).unwrap();
    assert_eq!(read(&few).unwrap(), [with(20)]);
    let many = write_workbook(&[with(60)]).unwrap();
    measure(&many, LIMITS).unwrap();
    assert!(matches!(read(&many), Err(Unreadable::TooLarge(_))));

    // All sheets share what is left.
    let two = Sheet {
        name: "two".to_owned(),
        ..with(20)
    };
    let both = write_workbook(&[with(20), two]).unwrap();
    assert_eq!(read(&both).unwrap(), [with(20)]);
    let both = read_workbook(&both, &["one", "two"], LIMITS);
    assert!(matches!(both, Err(Unreadable::TooLarge(_))));
}

#[test]
fn rows_with_nothing_but_a_last_cell_are_counted_whole() {
    let limits = Limits {
        rows: 2_000,
        columns: 200,
        ..LIMITS
    };
    let wide = |rows: usize| {
        let mut row = vec![Cell::from(""); 199];
        row.push("end".into());
        let mut all = vec![vec![Cell::from("heading")]];
        all.extend(vec![row; rows]);
        sheet(all)
    };
    let few = write_workbook(&[wide(9)]).unwrap();
    assert_eq!(read_workbook(&few, &["one"], limits).unwrap(), [wide(9)]);
    let many = write_workbook(&[wide(1_500)]).unwrap();
    measure(&many, limits).unwrap();
    let many = read_workbook(&many, &["one"], limits);
    assert!(matches!(many, Err(Unreadable::TooLarge(_))));
}
