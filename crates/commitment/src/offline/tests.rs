use super::*;
use crate::select;

const FILE: &str = r#"{"currency":"EUR","ranking_rule":"binding",
 "eu":{"rate":"0.33","ceiling":"3300000.00"},
 "convention":{"base":"planned","share":"by_commitment"},"gap_share":"0.5","cap":"2",
 "funders":[{"code":"AA","commitment":"2680000.00","eu_eligible":true},{"code":"BB","commitment":"100000"}],
 "proposals":[
  {"code":"P01","score":"14.5","rating":"recommended","withdrawn":false,"requests":{"AA":"400000.00"}},
  {"code":"P02","score":"14.50","requests":{"AA":"9000000"}},
  {"code":"P03","score":"3","rating":"not_recommended","requests":{}}]}"#;

fn faults(text: &str) -> Vec<(String, String)> {
    let faults = read(text).unwrap_err().0.into_iter();
    faults.map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn a_file_leads_to_an_answer() {
    let input = read(FILE).unwrap();
    assert!(input.funders[1].eu_eligible);
    let answer = Answer::from(&select(&input).unwrap());
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "selected": ["P01"], "equally_good": [["P01"]],
            "eu_contribution": "132000.00", "gap_need": "0.00",
            "settlement": [
                {"funder": "AA", "requested": "400000.00", "eu": "132000.00", "national": "268000.00", "transfer": "0.00"},
                {"funder": "BB", "requested": "0.00", "eu": "0.00", "national": "0.00", "transfer": "0.00"},
            ],
            "not_funded": [
                {"code": "P02", "reason": "gap",
                 "blocked_by": [{"funder": "AA", "shortfall": "5129352.52"}],
                 "additional_national": {"amount": "3618000.00", "at": ["AA"], "confirmed": true}},
                {"code": "P03", "reason": "not_recommended", "blocked_by": [], "additional_national": null},
            ],
        })
    );
}

#[test]
fn what_is_not_proven_is_said_although_no_choice_is_left() {
    let input = read(FILE).unwrap();
    let mut selection = select(&input).unwrap();
    let said = |selection: &crate::Selection| {
        let lines = crate::explain::selection(selection, input.currency);
        lines.iter().any(|line| line.contains("not proven"))
    };
    assert!(!said(&selection) && !selection.is_open());
    assert_eq!(Answer::from(&selection).bound, None);
    // The search of the group below was ended without an answer, so there is no tie.
    selection.bound = 2;
    assert!(said(&selection) && selection.is_open() && selection.ties.is_empty());
    assert_eq!(Answer::from(&selection).bound, Some(2));
}

#[test]
fn nothing_fundable_is_an_answer() {
    let text = FILE.replace("2680000.00", "0");
    let answer = Answer::from(&select(&read(&text).unwrap()).unwrap());
    assert!(answer.selected.is_empty());
    assert_eq!(answer.equally_good, [Vec::<String>::new()]);
}

#[test]
fn every_fault_is_named_with_its_place() {
    let text = FILE
        .replace("\"currency\":\"EUR\"", "\"currency\":\"euro\",\"colour\":1")
        .replace("\"commitment\":\"100000\"", "\"commitment\":100000")
        .replace("\"gap_share\":\"0.5\"", "\"gap_share\":\"1.5\"")
        .replace(
            "\"AA\":\"400000.00\"",
            "\"AA\":\"1\",\"AA\":\"2.005\",\"A/C\":\"-3\"",
        )
        .replace("\"code\":\"P02\"", "\"code\":\"P01\"")
        .replace(
            "\"rating\":\"not_recommended\"",
            "\"rating\":\"bad\",\"withdrawn\":\"no\"",
        );
    let expected = [
        ("/currency", "value"),
        ("/colour", "field_unknown"),
        ("/funders/1/commitment", "type"),
        ("/gap_share", "share"),
        ("/proposals/0/requests/AA", "field_twice"),
        ("/proposals/0/requests/AA", "value"),
        ("/proposals/0/requests/A~1C", "amount_negative"),
        ("/proposals/0/requests/A~1C", "funder_unknown"),
        ("/proposals/1/code", "code"),
        ("/proposals/2/rating", "value"),
        ("/proposals/2/withdrawn", "type"),
    ];
    let mut expected: Vec<(String, String)> = expected
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
        .into();
    expected.sort();
    let mut found = faults(&text);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_stands_together_is_asked_for_together() {
    let without = |what: &str| faults(&FILE.replace(what, ""));
    let fault = |at: &str, code: &str| (at.to_owned(), code.to_owned());
    assert_eq!(
        without("\"convention\":{\"base\":\"planned\",\"share\":\"by_commitment\"},"),
        [fault("/convention", "convention_missing")]
    );
    assert_eq!(
        without("\"eu\":{\"rate\":\"0.33\",\"ceiling\":\"3300000.00\"},"),
        ["/convention", "/gap_share", "/cap"].map(|at| fault(at, "eu_missing"))
    );
    assert_eq!(
        faults(&FILE.replace("\"cap\":\"2\"", "\"cap\":\"0.49\"")),
        [fault("/cap", "cap_too_low")]
    );
    assert_eq!(
        faults(&FILE.replace("binding", "with_gaps")),
        [fault("/ranking_rule", "ranking_not_binding")]
    );
    assert_eq!(
        faults(&FILE.replace("by_commitment", "by_request")),
        [fault("/convention/share", "convention")]
    );
    assert_eq!(faults("[]"), [fault("", "type")]);
    assert_eq!(faults("{"), [fault("", "json")]);
}
