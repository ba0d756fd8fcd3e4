//! `jtc select` as it is used in a meeting: a file in, an answer out, no database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::{Command, Output};

use kernel::{Cell, Sheet};
use serde_json::{Value, json};

fn select(file: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    select_in(folder.path(), file.as_bytes(), arguments)
}

fn select_in(folder: &Path, file: &[u8], arguments: &[&str]) -> Output {
    let path = folder.join("call");
    std::fs::write(&path, file).unwrap();
    Command::new(env!("CARGO_BIN_EXE_jtc"))
        // No database, no data folder, no configuration: nothing of it is looked for.
        .env(
            "JTC__DATABASE__URL",
            "postgres://nobody@127.0.0.1:1/nothing",
        )
        .env("JTC__DATA__FOLDER", folder.join("absent"))
        .arg("select")
        .arg("--input")
        .arg(&path)
        .args(arguments)
        .output()
        .unwrap()
}

/// Code, score, and what is asked of each funder, in thousands.
type Row = (&'static str, &'static str, &'static [(&'static str, u32)]);

/// Ten proposals and four funders, all gap-filling.
fn call() -> Value {
    let rows: [Row; 10] = [
        ("P01", "14.5", &[("AA", 400), ("BB", 300), ("DD", 300)]),
        ("P02", "14.0", &[("AA", 400), ("CC", 300), ("DD", 300)]),
        ("P03", "13.5", &[("BB", 400), ("CC", 300), ("DD", 300)]),
        ("P04", "13.0", &[("AA", 500), ("BB", 300), ("DD", 300)]),
        ("P05", "12.5", &[("AA", 500), ("BB", 500)]),
        ("P06", "12.0", &[("AA", 400), ("BB", 400), ("CC", 300)]),
        ("P07", "11.5", &[("AA", 400), ("CC", 400), ("DD", 300)]),
        ("P08", "11.0", &[("AA", 300), ("BB", 500), ("CC", 300)]),
        ("P09", "10.5", &[("AA", 500), ("CC", 500)]),
        ("P10", "10.0", &[("AA", 500), ("BB", 400)]),
    ];
    let proposals = rows.map(|(code, score, asked)| {
        let requests: serde_json::Map<String, Value> = asked
            .iter()
            .map(|(funder, thousands)| ((*funder).to_owned(), json!(format!("{thousands}000.00"))))
            .collect();
        json!({ "code": code, "score": score, "requests": requests })
    });
    json!({
        "currency": "EUR", "ranking_rule": "binding",
        "eu": { "rate": "0.33", "ceiling": "3300000.00" },
        "convention": { "base": "earned", "share": "by_commitment" }, "gap_share": "1",
        "funders": [
            { "code": "AA", "commitment": "2680000.00" }, { "code": "BB", "commitment": "2010000.00" },
            { "code": "CC", "commitment": "1340000.00" }, { "code": "DD", "commitment": "670000.00" },
        ],
        "proposals": proposals,
    })
}

#[test]
fn an_answer_is_one_json_object() {
    let output = select(&call().to_string(), &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["selected"].as_array().unwrap().len(), 9);
    assert_eq!(answer["equally_good"], json!([answer["selected"]]));
    assert_eq!(answer["eu_contribution"], "3102000.00");
    assert_eq!(answer["gap_need"], "2700000.00");
    assert_eq!(
        answer["settlement"][3],
        json!({ "funder": "DD", "requested": "1500000.00", "eu": "870200.00", "national": "629800.00", "transfer": "375200.00" })
    );
    assert_eq!(answer["not_funded"][0]["reason"], "gap");
    assert_eq!(
        answer["not_funded"][0]["additional_national"],
        json!({ "amount": "300000.00", "at": ["AA"], "confirmed": true })
    );
}

#[test]
fn a_meeting_reads_sentences_and_a_table() {
    let output = select(&call().to_string(), &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("9 proposals are funded: P01, P02,"),
        "{text}"
    );
    let costs = "One more project costs 300000.00 EUR of additional national money, at AA: P10.";
    assert!(text.contains(costs), "{text}");
    assert!(
        text.lines().any(|line| line.starts_with("Funder  ")),
        "{text}"
    );
    assert!(
        text.contains("Only what if, and never a selection"),
        "{text}"
    );
    let engine = format!("Computed by {}.", commitment::ENGINE);
    assert_eq!(text.lines().next_back(), Some(engine.as_str()));
    assert!(!text.contains("would be lost: "), "{text}");
}

#[test]
fn all_equally_good_answers_of_a_walk_with_gaps_are_in_the_file() {
    let proposal = |code: &str, score: &str, funder: &str| json!({ "code": code, "score": score, "requests": { funder: "100.00" } });
    let file = json!({
        "currency": "EUR", "ranking_rule": "with_gaps",
        "funders": [{ "code": "AA", "commitment": "100.00" }, { "code": "BB", "commitment": "100.00" }],
        "proposals": [proposal("P2", "9", "AA"), proposal("P1", "9", "AA"), proposal("P3", "8", "BB")],
    });
    let output = select(&file.to_string(), &["--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["selected"], json!(["P1", "P3"]));
    assert_eq!(answer["equally_good"], json!([["P1", "P3"], ["P2", "P3"]]));
    assert_eq!(answer.get("more_equally_good"), None);
}

/// What was decided below a gap earns nothing, and the meeting reads that.
#[test]
fn what_gaps_cost_is_told() {
    let mut file = call();
    file["kept"] = json!(["P05", "P06", "P08", "P09"]);
    file["funders"][3]["commitment"] = json!("0.00");
    file["funders"][3]["eu_eligible"] = json!(false);
    let output = select(&file.to_string(), &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lost = "Of what the EU pays 1386000.00 EUR would be lost: ";
    assert!(text.contains(lost), "{text}");
}

#[test]
fn nothing_fundable_is_an_answer() {
    let mut file = call();
    file["proposals"] = json!([]);
    let output = select(&file.to_string(), &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&answer["selected"], &answer["equally_good"]),
        (&json!([]), &json!([[]]))
    );
}

#[test]
fn a_faulty_file_is_refused_with_all_its_faults() {
    let mut file = call();
    file["gap_share"] = json!("1.2");
    file["colour"] = json!("blue");
    file["proposals"][1]["code"] = json!("P01");
    file["proposals"][2]["requests"]["ZZ"] = json!("5.00");
    let output = select(&file.to_string(), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let complaint = String::from_utf8(output.stderr).unwrap();
    for place in [
        "/gap_share",
        "/colour",
        "/proposals/1/code",
        "/proposals/2/requests/ZZ",
    ] {
        assert!(
            complaint.contains(&format!(": {place}: ")),
            "{place} in {complaint}"
        );
    }
    assert_eq!(complaint.lines().count(), 4, "{complaint}");
}

/// The call as a secretariat would write it into a workbook.
fn sheets(call: &Value) -> Vec<Sheet> {
    let text = |value: &Value| Cell::from(value.as_str().unwrap());
    let number = |value: &Value| Cell::Number(value.as_str().unwrap().to_owned());
    let sheet = |name: &str, heading: &[&str], rows: Vec<Vec<Cell>>| {
        let mut all = vec![heading.iter().map(|text| Cell::from(*text)).collect()];
        all.extend(rows);
        Sheet {
            name: name.to_owned(),
            rows: all,
        }
    };
    let fields = vec![
        vec!["currency".into(), text(&call["currency"])],
        vec!["ranking_rule".into(), text(&call["ranking_rule"])],
        vec!["rate".into(), number(&call["eu"]["rate"])],
        vec!["ceiling".into(), number(&call["eu"]["ceiling"])],
        vec!["base".into(), text(&call["convention"]["base"])],
        vec!["share".into(), text(&call["convention"]["share"])],
        vec!["gap_share".into(), number(&call["gap_share"])],
    ];
    let funders = call["funders"].as_array().unwrap().iter();
    let funders = funders.map(|one| vec![text(&one["code"]), number(&one["commitment"])]);
    let proposals = call["proposals"].as_array().unwrap();
    let codes = proposals.iter();
    let codes = codes.map(|one| vec![text(&one["code"]), number(&one["score"])]);
    let requests = proposals.iter().flat_map(|one| {
        let asked = one["requests"].as_object().unwrap().iter();
        asked.map(|(funder, amount)| {
            vec![text(&one["code"]), funder.as_str().into(), number(amount)]
        })
    });
    vec![
        sheet("Call", &["field", "value"], fields),
        sheet("Funders", &["code", "commitment"], funders.collect()),
        sheet("Proposals", &["code", "score"], codes.collect()),
        sheet(
            "Requests",
            &["proposal", "funder", "amount"],
            requests.collect(),
        ),
    ]
}

const LIMITS: tables::Limits = tables::Limits {
    unpacked: 1 << 20,
    parts: 50,
    rows: 200,
    columns: 20,
};

#[test]
fn a_workbook_gives_the_same_answer_and_a_workbook_that_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("answer.xlsx");
    let arguments = ["--json", "--out", out.to_str().unwrap()];
    let of_document = select(&call().to_string(), &["--json"]);
    let book = tables::write_workbook(&sheets(&call())).unwrap();
    let of_book = select_in(folder.path(), &book, &arguments);
    assert_eq!(of_book.status.code(), Some(0), "{of_book:?}");
    assert_eq!(of_book.stdout, of_document.stdout);

    let written = std::fs::read(&out).unwrap();
    let read = tables::read_workbook(&written, &["Settlement", "EU"], LIMITS).unwrap();
    let of_dd: Vec<&str> = read[0].rows[4].iter().map(Cell::as_str).collect();
    // Commitment, requested, EU money, national money, reimbursed, transfer, left.
    let figures = [
        "DD", "670000", "1500000", "870200", "629800", "495000", "375200", "40200", "yes",
    ];
    assert_eq!(of_dd, figures);
    assert_eq!(read[1].rows[4][1], Cell::Number("3102000".to_owned()));
    let again = select_in(folder.path(), &written, &["--json"]);
    assert_eq!(again.stdout, of_document.stdout);
}

#[test]
fn faults_of_a_workbook_name_sheet_and_cell() {
    let folder = tempfile::tempdir().unwrap();
    let mut faulty = sheets(&call());
    faulty[1].rows[2][1] = "many".into();
    faulty[3].rows[1][1] = "ZZ".into();
    let book = tables::write_workbook(&faulty).unwrap();
    let output = select_in(folder.path(), &book, &["--out", "never.xlsx"]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    for place in ["Funders!B3", "Requests!C2"] {
        assert!(
            complaint.contains(&format!(": {place}: ")),
            "{place} in {complaint}"
        );
    }
    assert_eq!(complaint.lines().count(), 2, "{complaint}");
    assert!(!Path::new("never.xlsx").exists());
}

#[test]
fn a_file_that_is_no_text_or_not_there_is_at_fault() {
    let folder = tempfile::tempdir().unwrap();
    let latin = b"{\"currency\":\n\"\xe9\"}";
    let output = select_in(folder.path(), latin, &[]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains(", line 2: not UTF-8; save the file as UTF-8"),
        "{complaint}"
    );

    let output = select_in(folder.path(), b"PK and no archive", &[]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("this is no XLSX workbook"),
        "{complaint}"
    );

    let absent = folder.path().join("absent.json");
    let output = Command::new(env!("CARGO_BIN_EXE_jtc"))
        .args(["select", "--input"])
        .arg(&absent)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.starts_with(&format!("{}: ", absent.display())),
        "{complaint}"
    );
}
