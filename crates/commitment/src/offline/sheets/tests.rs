use super::*;

fn table(name: &str, rows: &[&[&str]]) -> Sheet {
    let row = |cells: &&[&str]| cells.iter().map(|text| Cell::from(*text)).collect();
    Sheet {
        name: name.to_owned(),
        rows: rows.iter().map(row).collect(),
    }
}

fn sheets() -> Vec<Sheet> {
    let call = [
        &["field", "value"][..],
        &["currency", "EUR"],
        &["ranking_rule", "binding"],
        &["rate", "0.33"],
        &["ceiling", "3300000"],
        &["base", "earned"],
        &["share", "by_commitment"],
        &["gap_share", "0.5"],
        &["cap", ""],
    ];
    let funders = [
        &["code", "commitment", "eu_eligible"][..],
        &["AA", "2680000"],
        &[],
        &["BB", "100000.50", "no"],
    ];
    let proposals = [
        &["code", "score", "withdrawn"][..],
        &["P01", "14.5"],
        &["P02", "13", "Yes"],
    ];
    let requests = [
        &["proposal", "funder", "amount"][..],
        &["P01", "AA", "400000"],
        &["P01", "BB", "1000.25"],
        &["P02", "AA", "5"],
    ];
    vec![
        table("Call", &call),
        table("Funders", &funders),
        table("Proposals", &proposals),
        table("Requests", &requests),
    ]
}

#[test]
fn sheets_say_the_same_as_a_document() {
    let document = r#"{"currency":"EUR","ranking_rule":"binding","eu":{"rate":"0.33","ceiling":"3300000.00"},
      "convention":{"base":"earned","share":"by_commitment"},"gap_share":"0.5",
      "funders":[{"code":"AA","commitment":"2680000.00"},{"code":"BB","commitment":"100000.50","eu_eligible":false}],
      "proposals":[{"code":"P01","score":"14.5","requests":{"AA":"400000.00","BB":"1000.25"}},
                   {"code":"P02","score":"13","withdrawn":true,"requests":{"AA":"5"}}]}"#;
    assert_eq!(read(&sheets()), crate::offline::read(document));
}

fn faults(sheets: &[Sheet]) -> Vec<String> {
    let faults = read(sheets).unwrap_err().0.into_iter();
    let mut told: Vec<String> = faults
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect();
    told.sort();
    told
}

#[test]
fn each_fault_is_told_with_sheet_and_cell() {
    let mut spoilt = sheets();
    spoilt[0].rows[1][1] = "euro".into();
    spoilt[0].rows[6][0] = "colour".into();
    spoilt[1].rows[1][1] = "many".into();
    spoilt[1].rows[3][2] = "perhaps".into();
    spoilt[2].rows[2][0] = "P01".into();
    spoilt[2].rows[1][1] = "".into();
    spoilt[3].rows[1][2] = "-4".into();
    spoilt[3].rows[2][1] = "ZZ".into();
    spoilt[3].rows[3][0] = "P09".into();
    let again = vec!["P01".into(), "AA".into(), Cell::from("7")];
    spoilt[3].rows.push(again);
    spoilt[3].rows.push(vec!["P01".into(), "AA".into()]);
    assert_eq!(
        faults(&spoilt),
        [
            "Call field_missing",
            "Call!A7 field_unknown",
            "Call!B2 value",
            "Funders!B2 value",
            "Funders!C4 value",
            "Proposals!A3 code",
            "Proposals!B2 field_missing",
            "Requests!A4 proposal_unknown",
            "Requests!C3 funder_unknown",
            "Requests!C5 field_twice",
            "Requests!C6 field_missing",
        ]
    );
    let mut alone = sheets();
    alone[3].rows[1][2] = "-4".into();
    assert_eq!(faults(&alone), ["Requests!C2 amount_negative"]);
}

#[test]
fn sheets_and_columns_that_miss_are_asked_for_first() {
    let mut spoilt = sheets();
    spoilt.remove(2);
    spoilt[1].rows[0][1] = "money".into();
    spoilt[2].rows[0].push("funder".into());
    assert_eq!(
        faults(&spoilt),
        [
            "Funders!B1 column_unknown",
            "Funders!D1 column_missing",
            "Proposals sheet_missing",
            "Requests!D1 column_twice",
        ]
    );
}

#[test]
fn cells_have_the_names_that_people_see() {
    let names =
        [(0, 0), (9, 25), (1, 26), (0, 701), (0, 702)].map(|(row, column)| cell_name(row, column));
    assert_eq!(names, ["A1", "Z10", "AA2", "ZZ1", "AAA1"]);
}
