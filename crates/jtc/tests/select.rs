//! `jtc select` as it is used in a meeting: a file in, an answer out, no database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::process::{Command, Output};

use serde_json::{Value, json};

fn select(file: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.json");
    std::fs::write(&path, file).unwrap();
    Command::new(env!("CARGO_BIN_EXE_jtc"))
        // No database, no data folder, no configuration: nothing of it is looked for.
        .env(
            "JTC__DATABASE__URL",
            "postgres://nobody@127.0.0.1:1/nothing",
        )
        .env("JTC__DATA__FOLDER", folder.path().join("absent"))
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
