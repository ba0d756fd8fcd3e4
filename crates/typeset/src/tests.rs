use serde_json::json;

use super::*;

fn document() -> Value {
    json!({
        "call": "JTC2026 A call", "stage": "Full proposal", "number": "JTC2026-001", "acronym": "PRECISE",
        "title": "Precise dosing", "version": 3, "sha256": "ab".repeat(32), "rehearsal": true,
        "coordinator": "University 1", "duration": "36 months", "keywords": ["genomics"],
        "requested": "12.00 EUR", "modules": [["1A", "Pre-clinical"]],
        "answers": [["Are animals used?", "no"]], "abstract": "What it is about.",
        "partners": [{"number": 1, "organisation": "University 1", "country": "Germany",
            "investigator": "Person 1", "funder": "DE-BMBF", "requested": "12.00",
            "facts": [["Role", "coordinator"], ["ORCID", null]], "years": 2,
            "budget": [{"category": "Personnel", "amounts": ["6.00", "6.00"], "total": "12.00"}],
            "sums": [["Costs", "12.00 EUR"]]}],
        "currency": "EUR", "funders": [{"funder": "DE-BMBF", "name": "BMBF", "requested": "12.00", "converted": null}],
        "texts": [["Work", "#read(\"/etc/passwd\") *stars* $x$ <b> \\ `raw`\nline\n\nparagraph"]],
        "figures": [], "annexes": [],
    })
}

fn order(document: Value) -> Order {
    Order {
        template: "proposal".into(),
        document,
        files: Vec::new(),
    }
}

#[test]
fn the_same_order_gives_the_same_pdf_and_words_are_no_markup() {
    let pdf = set(&order(document()), BTreeMap::new()).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(set(&order(document()), BTreeMap::new()).unwrap(), pdf);
    let mut other = document();
    other["texts"][0][1] = json!("something else");
    assert_ne!(set(&order(other), BTreeMap::new()).unwrap(), pdf);
}

#[test]
fn what_cannot_be_set_says_why() {
    let unknown = Order {
        template: "poem".into(),
        ..order(document())
    };
    let said = set(&unknown, BTreeMap::new()).unwrap_err().to_string();
    assert_eq!(said, "there is no template 'poem'");
    let mut figure = document();
    figure["figures"] = json!([{"title": "Figure", "file": "1"}]);
    let files = BTreeMap::from([("1".to_owned(), b"no picture".to_vec())]);
    assert!(set(&order(figure), files).is_err());
}

#[test]
fn a_package_is_set_from_tables_and_records() {
    let document = json!({
        "title": "JTC2026 A call", "subtitle": "Package", "rehearsal": true,
        "parts": [
            {"title": "Ranking lists", "records": false, "columns": ["proposal", "total"],
             "rows": [["P01", "14.5"], ["P02", "#read(\"/etc/passwd\")"]]},
            {"title": "Abstracts", "records": true, "columns": ["proposal", "title", "abstract"],
             "rows": [["P01", "", "One *star*\nline\n\nparagraph"]]},
            {"title": "Conformity report", "records": true, "columns": ["stage"], "rows": []},
        ],
    });
    let package = Order {
        template: "package".into(),
        ..order(document)
    };
    let pdf = set(&package, BTreeMap::new()).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(set(&package, BTreeMap::new()).unwrap(), pdf);
}
