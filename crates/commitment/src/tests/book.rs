//! What the formulas of the workbook give, computed here as a spreadsheet does, against the settlement.

mod evaluate;

use call::RankingRule;
use proptest::prelude::*;

use kernel::{Cell, Sheet};

use self::evaluate::Workbook;
use super::cofunded::EARNED;
use super::instance::{cases, cofunded, virtual_pot};
use crate::offline::{read_sheets, workbook};
use crate::{SelectionInput, select};

/// The formulas whose value is not the one that stands beside them.
fn wrong(sheets: &[Sheet]) -> Vec<String> {
    let workbook = Workbook(sheets);
    let mut wrong = Vec::new();
    for sheet in sheets {
        for (row, cells) in sheet.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                if let Cell::Formula { formula, value } = cell
                    && workbook.evaluate(&evaluate::qualified(formula, &sheet.name))
                        != evaluate::constant(value)
                {
                    let letter = char::from(b'A' + u8::try_from(column).unwrap());
                    wrong.push(format!("{}!{letter}{}", sheet.name, row + 1));
                }
            }
        }
    }
    wrong
}

fn check(input: &SelectionInput) -> Result<(), TestCaseError> {
    let answer = select(input).unwrap();
    let sheets = workbook(input, &answer);
    prop_assert_eq!(wrong(&sheets), Vec::<String>::new());
    prop_assert_eq!(&read_sheets(&sheets).unwrap(), input);
    let settlement = sheets.iter().find(|one| one.name == "Settlement").unwrap();
    for (one, row) in answer.funders.iter().zip(&settlement.rows[1..]) {
        let told: Vec<&str> = [0, 2, 3, 4, 6, 7].map(|column| row[column].as_str()).into();
        let money = [one.requested, one.eu, one.national, one.transfer, one.left];
        let mut expected = vec![one.funder.clone()];
        expected.extend(money.map(|amount| amount.to_string()));
        prop_assert_eq!(told, expected);
        prop_assert!(row[8..].iter().all(|cell| !matches!(cell.as_str(), "no")));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_formulas_of_cofunded_calls_give_the_settlement(input in cofunded()) {
        check(&input)?;
    }

    #[test]
    fn the_formulas_of_virtual_pots_give_the_settlement(input in virtual_pot(RankingRule::WithGaps)) {
        check(&input)?;
    }
}

/// Codes that SUMIF takes for the same are told apart, and what was decided before is read again.
#[test]
fn codes_are_told_apart_as_the_engine_does_and_what_was_kept_comes_back() {
    let mut input = super::scene::w2(RankingRule::WithGaps);
    for (place, code) in ["1", "01", "1.0", "P*"].into_iter().enumerate() {
        input.proposals[place].code = code.to_owned();
    }
    for (from, to) in [("BB", "aa"), ("CC", "*"), ("DD", ">0")] {
        for funder in input.funders.iter_mut().filter(|one| one.code == from) {
            funder.code = to.to_owned();
        }
        for one in &mut input.proposals {
            if let Some(amount) = one.requests.remove(from) {
                one.requests.insert(to.to_owned(), amount);
            }
        }
    }
    check(&input).unwrap();
    input.proposals[0].withdrawn = true;
    input.kept = vec!["P08".to_owned(), "P09".to_owned()];
    check(&input).unwrap();
    let mut barred = input.clone();
    barred.bar(&["AA".to_owned()]);
    check(&barred).unwrap();
    let kept = select(&input).unwrap();
    let read = read_sheets(&workbook(&input, &kept)).unwrap();
    assert_eq!(select(&read).unwrap(), kept);
    // Decided anew 1.0 and P06 would be funded, and P09 not.
    input.kept.clear();
    assert_ne!(select(&input).unwrap(), kept);
}

/// The evaluation would find a line that is left out of the sums, and one cent too many.
#[test]
fn a_wrong_line_is_found() {
    let input = super::cofunded::cofunded(EARNED, "1");
    let sheets = workbook(&input, &select(&input).unwrap());
    assert_eq!(wrong(&sheets), Vec::<String>::new());
    let mut cent = sheets.clone();
    let lines = cent.iter_mut().find(|one| one.name == "Lines").unwrap();
    lines.rows[1][3] = Cell::Number("132000.01".into());
    assert!(
        wrong(&cent).contains(&"Settlement!D2".to_owned()),
        "{:?}",
        wrong(&cent)
    );
    let mut line = sheets;
    let lines = line.iter_mut().find(|one| one.name == "Lines").unwrap();
    lines.rows.pop();
    assert!(
        wrong(&line)
            .iter()
            .any(|one| one.starts_with("Settlement!C"))
    );
}
