use super::*;
use crate::Mark;
use call::Score;
use kernel::Faults;
use proptest::prelude::*;

fn marks(comment: &str) -> Marks {
    let mark = Mark {
        score: Score(450),
        comment: comment.to_owned(),
    };
    Marks::from([("impact".to_owned(), mark)])
}

/// What a changed form says, for a review with one mark and a remark.
fn filled(change: impl FnOnce(&mut Vec<Sheet>)) -> Result<Filled, Faults> {
    let mut rules = EvaluationRules::default();
    rules.criteria[0].max_words = Some(2);
    let saved = marks(" Sound,\r\nand planned. ");
    let form = Form {
        rules: &rules,
        review: Uuid::from_u128(7),
        version: 3,
        call: "JTC2026",
        stage: 1,
        proposal: "JTC2026-001",
        marks: &saved,
        remark: "Fund it",
    };
    let mut sheets = form.sheets();
    change(&mut sheets);
    read(&sheets, &form)
}

fn faults(change: impl FnOnce(&mut Vec<Sheet>)) -> Vec<String> {
    let found = filled(change).unwrap_err().0.into_iter();
    found
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect()
}

fn put(sheet: &mut Sheet, (row, column): (usize, usize), cell: Cell) {
    if sheet.rows.len() <= row {
        sheet.rows.resize(row + 1, Vec::new());
    }
    let cells = &mut sheet.rows[row];
    if cells.len() <= column {
        cells.resize(column + 1, "".into());
    }
    cells[column] = cell;
}

#[test]
fn a_form_that_only_passed_through_changes_nothing() {
    let same = filled(|sheets| {
        // Spreadsheets make their own ends of lines.
        put(&mut sheets[0], (2, 7), "Sound,\nand planned.".into());
        put(&mut sheets[0], (9, 0), " ".into());
    })
    .unwrap();
    assert_eq!(same.marks, marks(" Sound,\r\nand planned. "));
    assert_eq!(same.remark, "Fund it");
}

#[test]
fn what_was_filled_in_is_read_and_the_columns_may_stand_otherwise() {
    let read = filled(|sheets| {
        put(&mut sheets[0], (1, 6), "4,5".into());
        put(&mut sheets[0], (1, 7), " Convincing. ".into());
        put(&mut sheets[0], (2, 6), "".into());
        put(&mut sheets[0], (2, 7), "".into());
        put(&mut sheets[1], (1, 0), "".into());
        for row in &mut sheets[0].rows {
            row.swap(0, 6);
        }
    })
    .unwrap();
    let mark = Mark {
        score: Score(450),
        comment: "Convincing.".to_owned(),
    };
    assert_eq!(read.marks, Marks::from([("excellence".to_owned(), mark)]));
    assert_eq!(read.remark, "");
}

#[test]
fn all_faults_are_told_at_once_each_with_its_cell() {
    let found = faults(|sheets| {
        put(&mut sheets[0], (0, 9), "my notes".into());
        put(&mut sheets[0], (1, 6), Cell::Number("4.25".into()));
        put(&mut sheets[0], (1, 7), "Three whole words".into());
        put(&mut sheets[0], (1, 8), "lost".into());
        put(&mut sheets[0], (2, 6), "good".into());
        put(&mut sheets[0], (3, 7), "No score".into());
        put(&mut sheets[0], (4, 7), "No criterion".into());
        put(&mut sheets[1], (2, 0), "And more".into());
        put(&mut sheets[2], (2, 1), Cell::Number("2".into()));
    });
    assert_eq!(
        found,
        [
            "/form/B3 form_outdated",
            "/scores/J1 column_unknown",
            "/scores/I2 text_misplaced",
            "/scores/G3 cell_unreadable",
            "/scores/G4 score_missing",
            "/scores/A5 criterion_unknown",
            "/scores/G2 score_off_scale",
            "/scores/H2 comment_long",
            "/remark/A3 text_misplaced",
        ]
    );
}

#[test]
fn no_row_is_lost_or_there_twice_and_no_sheet_is_missing() {
    let found = faults(|sheets| {
        let row = sheets[0].rows[1].clone();
        sheets[0].rows[2] = row;
    });
    let expected = ["/scores/A3 criterion_repeated", "/scores criterion_missing"];
    assert_eq!(found, expected);
    let none = faults(Vec::clear);
    assert_eq!(none.len(), 3, "{none:?}");
    let told = filled(|sheets| sheets[0].rows[0][6] = "points".into()).unwrap_err();
    assert!(told.0.iter().any(|fault| fault.code == "column_missing"));
}

#[test]
fn the_form_of_another_review_is_refused() {
    let found = faults(|sheets| {
        put(
            &mut sheets[2],
            (1, 1),
            Uuid::from_u128(8).to_string().into(),
        )
    });
    assert_eq!(found, ["/form/B2 form_of_another"]);
    let found = faults(|sheets| sheets[2].rows.truncate(1));
    assert_eq!(found, ["/form/B1 form_of_another"]);
}

#[test]
fn a_text_that_no_cell_holds_stays_as_it_is_saved() {
    let long = "word ".repeat(8000);
    let (rules, saved) = (EvaluationRules::default(), marks(&long));
    let form = Form {
        rules: &rules,
        review: Uuid::from_u128(7),
        version: 1,
        call: "JTC2026",
        stage: 1,
        proposal: "JTC2026-001",
        marks: &saved,
        remark: &long,
    };
    let sheets = form.sheets();
    assert_eq!(sheets[1].rows[1][0].as_str(), TOO_LONG);
    let read = read(&sheets, &form).unwrap();
    assert_eq!((read.marks, read.remark), (saved.clone(), long.clone()));
}

#[test]
fn the_hidden_rows_and_the_score_stand_where_it_is_said() {
    assert_eq!(SCORES[usize::from(SCORE_COLUMN)], "score");
    let _ = filled(|sheets| {
        let hidden = HIDDEN_ROWS.map(|row| sheets[2].rows[row as usize][0].as_str().to_owned());
        assert_eq!(hidden, ["review", "version"]);
    });
}

proptest! {
    #[test]
    fn no_cell_makes_it_fail_otherwise_than_by_telling(
        sheet in 0usize..3, row in 0usize..8, column in 0usize..40, said in ".{0,20}",
    ) {
        if let Err(faults) = filled(|sheets| put(&mut sheets[sheet], (row, column), said.into())) {
            prop_assert!(faults.0.iter().all(|fault| !fault.detail.is_empty()));
        }
    }
}
