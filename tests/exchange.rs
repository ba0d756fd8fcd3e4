//! Proposals go out as files, and those of a call begun elsewhere come in.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use kernel::{Cell, Sheet};
use proposals::{FUNDERS, PARTNERS, draft, newcomer, open_call, save, submit, submitted};
use serde_json::{Value, json};
use tables::{Limits, read_workbook, write_workbook};
use testkit::{Client, Reply, TestApp};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const LIMITS: Limits = Limits {
    unpacked: 1 << 26,
    parts: 100,
    rows: 1000,
    columns: 100,
};

const SHEETS: [&str; 5] = ["proposals", "partners", "budgets", "verdicts", "notes"];

fn sheets(reply: &Reply) -> Vec<Sheet> {
    read_workbook(&reply.body, &SHEETS, LIMITS).unwrap()
}

/// A call with two proposals whose deadline has passed; the first is found eligible.
async fn judged(app: &TestApp) -> (Client, String) {
    let (office, call) = open_call(app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let (path, _) = submitted(&ada, &call).await;
    let begun = draft(&bob, &call).await;
    let second = format!("/proposals/{}", begun.id());
    let patch = json!({"acronym": "=HYPERLINK(1)", "keywords": ["a", "b"]});
    let saved = save(&bob, &second, &begun.etag, patch).await.expect(200);
    submit(&bob, &second, &saved.etag).await.expect(200);
    app.close_stage(&call, 1).await;
    let bulk = format!("/calls/{call}/stages/1/eligibility");
    let form = json!({"rulings": [{"proposal": "JTC2026-001", "ruling": {"verdict": "eligible", "reason": "In order"}}]});
    office.post(&bulk).json(&form).send().await.expect(200);
    for (at, (funder, _)) in FUNDERS.iter().enumerate() {
        let contact = app.contact(&call, funder).await;
        let ruling = json!({"verdict": "eligible", "fundable": "150000.00"});
        let ruling = json!({"rulings": [{"proposal": "JTC2026-001", "partner": PARTNERS[at], "ruling": ruling}]});
        contact.post(&bulk).json(&ruling).send().await.expect(200);
    }
    assert_eq!(
        office.read(&path).await.json["stages"][0]["state"],
        "eligible"
    );
    (office, call)
}

#[tokio::test]
async fn a_stage_goes_out_as_tables_as_lines_and_as_documents() {
    let app = TestApp::start().await;
    let (office, call) = judged(&app).await;
    let path = |ending: &str| format!("/calls/{call}/stages/1/proposals.{ending}");

    let csv = office.read(&path("csv")).await;
    let text = String::from_utf8(csv.body.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("\u{feff}proposal,stage,state"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("JTC2026-001,1,eligible,1,PRECISE,"),
        "{text}"
    );
    assert!(
        lines[2].starts_with("JTC2026-002,1,locked,1,'=HYPERLINK(1),"),
        "{text}"
    );
    assert!(
        lines[1].ends_with("DE; ES; FR,DE-BMBF; ES-ISCIII; FR-ANR,480001.50"),
        "{text}"
    );
    let named = csv.header("content-disposition");
    assert!(named.contains("JTC2026-stage-1.csv"));

    let lines = office.read(&path("ndjson")).await;
    let lines: Vec<Value> = lines
        .body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let page = office
        .read(&format!("/proposals/{}", lines[0]["id"].as_str().unwrap()))
        .await;
    assert_eq!(lines[0], page.json);

    let workbook = office.read(&path("xlsx")).await;
    let found = sheets(&workbook);
    assert_eq!(found[1].rows.len(), 7);
    assert_eq!(found[3].rows.len(), 5);
    assert_eq!(workbook.body, office.read(&path("xlsx")).await.body);

    let archive = office.read(&path("zip")).await;
    let there = |needle: &[u8]| {
        archive
            .body
            .windows(needle.len())
            .any(|window| window == needle)
    };
    assert!(there(b"JTC2026-001.pdf") && there(b"JTC2026-002.pdf") && there(b"%PDF"));
    assert!(archive.body.starts_with(b"PK"));

    // What is filtered in the list is filtered here, and nobody takes out what is not theirs to see.
    let one = office
        .read(&format!("{}?state=locked", path("ndjson")))
        .await;
    assert_eq!(one.body.iter().filter(|byte| **byte == b'\n').count(), 1);
    let chair = app.person("Chair").await;
    app.grant(&chair, Role::CscChair, Some(&call), None).await;
    let theirs = chair.read(&path("ndjson")).await;
    assert_eq!(
        theirs.body.iter().filter(|byte| **byte == b'\n').count(),
        1,
        "the eligible one"
    );
    let panel = app.person("Panel").await;
    app.grant(&panel, Role::PanelMember, Some(&call), None)
        .await;
    for ending in ["csv", "ndjson", "xlsx", "zip"] {
        panel.get(&path(ending)).send().await.expect(403);
        let later = format!("/calls/{call}/stages/2/proposals.{ending}");
        office.get(&later).send().await.expect(409);
    }
}

#[tokio::test]
async fn a_changed_consortium_goes_out_as_it_is_now() {
    const NEW: &str = "019a0000-0000-7000-8000-000000000009";
    let app = TestApp::start().await;
    let (office, call) = judged(&app).await;
    let list = office.read(&format!("/calls/{call}/proposals")).await.json;
    let proposal = format!("/proposals/{}", list["items"][0]["id"].as_str().unwrap());
    let mut by = newcomer(NEW, FUNDERS[1].0);
    by["own_contribution"] = json!("1000.00");
    let change = json!({"kind": "replace", "by": by});
    let change = json!({"partner": PARTNERS[1], "change": change, "reason": "Agreed by letter"});
    let now = office.read(&format!("{proposal}/eligibility")).await;
    let changed = office.post(&format!("{proposal}/changes")).etag(&now.etag);
    changed.json(&change).send().await.expect(201);
    let contact = app.person("Second contact").await;
    app.grant(
        &contact,
        Role::ContactPerson,
        Some(&call),
        Some(FUNDERS[1].0),
    )
    .await;
    let ruling = json!({"verdict": "eligible", "fundable": "150000.00"});
    let ruling =
        json!({"rulings": [{"proposal": "JTC2026-001", "partner": NEW, "ruling": ruling}]});
    let bulk = format!("/calls/{call}/stages/1/eligibility");
    contact.post(&bulk).json(&ruling).send().await.expect(200);

    let path = |ending: &str| format!("/calls/{call}/stages/1/proposals.{ending}");
    let csv = String::from_utf8(office.read(&path("csv")).await.body).unwrap();
    assert!(csv.lines().nth(1).unwrap().ends_with(",479001.50"), "{csv}");

    let found = sheets(&office.read(&path("xlsx")).await);
    let column = |sheet: usize, at: usize| -> Vec<&str> {
        let rows = found[sheet].rows.iter().skip(1);
        let rows = rows.filter(|row| row[0].as_str() == "JTC2026-001");
        rows.map(|row| row[at].as_str()).collect()
    };
    assert_eq!(column(1, 3), ["Institute 0", "Newcomer", "Institute 2"]);
    assert_eq!(column(3, 1), ["", "1", "2", "3"]);

    let lines = office.read(&path("ndjson")).await.body;
    let first = lines.split(|byte| *byte == b'\n').next().unwrap();
    let first: Value = serde_json::from_slice(first).unwrap();
    let told = &first["stages"][0]["changes"][0]["becomes"]["organisation"];
    assert_eq!(told, "Newcomer");
    assert_eq!(first, office.read(&proposal).await.json);
}

async fn import(office: &Client, call: &str, sheets: &[Sheet]) -> testkit::Request {
    let body = write_workbook(sheets).unwrap();
    office
        .post(&format!("/calls/{call}/stages/1/import?tell=true"))
        .body(XLSX, body)
}

#[tokio::test]
async fn a_call_begun_elsewhere_is_carried_on_here() {
    let app = TestApp::start().await;
    let (office, call) = judged(&app).await;
    let out = sheets(
        &office
            .read(&format!("/calls/{call}/stages/1/proposals.xlsx"))
            .await,
    );

    let next = app.person("Next office").await;
    let there = app.open_call(&next, "JTC2027", &FUNDERS).await.id();
    import(&next, &there, &out).await.send().await.expect(409);
    app.close_stage(&there, 1).await;
    let template = next
        .read(&format!("/calls/{there}/stages/1/import-template.xlsx"))
        .await;
    let template = sheets(&template);
    assert_eq!(template.len(), 5);
    let empty = import(&next, &there, &template)
        .await
        .send()
        .await
        .expect(422);
    assert_eq!(empty.faults(), ["/proposals number"]);

    let dry = import(&next, &there, &out)
        .await
        .dry_run()
        .send()
        .await
        .expect(200);
    assert_eq!(dry.json["verdicts"], 4);
    let count = format!("select count(*) from proposal where call_id = '{there}'");
    assert_eq!(app.value(&count).await, "0");
    office
        .post(&format!("/calls/{there}/stages/1/import"))
        .body(XLSX, "PK")
        .send()
        .await
        .expect(403);

    let came = import(&next, &there, &out).await.send().await.expect(201);
    assert_eq!(came.json["proposals"][1]["number"], "JTC2027-002");
    assert_eq!(came.json["proposals"][1]["imported_as"], "JTC2026-002");
    let list = next.read(&format!("/calls/{there}/proposals")).await.json;
    assert_eq!(list["items"][0]["state"], "eligible");
    assert_eq!(list["items"][1]["state"], "locked");
    assert_eq!(list["items"][0]["imported_as"], "JTC2026-001");
    let again = sheets(
        &next
            .read(&format!("/calls/{there}/stages/1/proposals.xlsx"))
            .await,
    );
    let bare = |sheets: &[Sheet]| -> Vec<Vec<Vec<Cell>>> {
        let without_number = |row: &Vec<Cell>| row[1..].to_vec();
        sheets
            .iter()
            .map(|sheet| sheet.rows.iter().map(without_number).collect())
            .collect()
    };
    assert_eq!(bare(&out), bare(&again), "it says what it said");

    // The coordinator hears of it, and has no receipt of ours.
    let mails = app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().contains("is carried on here"));
    assert_eq!(told.count(), 2);
    assert_eq!(app.value("select count(*) from account where email = 'person0@example.org' and email_confirmed_at is null").await, "1");
    assert_eq!(
        app.value("select count(*) from submission where receipt is null")
            .await,
        "2"
    );

    // It is judged as any other.
    let bulk = format!("/calls/{there}/stages/1/eligibility");
    let form = json!({"rulings": [{"proposal": "JTC2027-002", "ruling": {"verdict": "eligible"}}]});
    let judged = next.post(&bulk).json(&form).send().await.expect(200);
    assert_eq!(judged.json["recorded"], 1);

    let twice = import(&next, &there, &out).await.send().await.expect(422);
    assert_eq!(
        twice.faults(),
        [
            "/proposals/2/proposal proposal_taken",
            "/proposals/3/proposal proposal_taken"
        ]
    );
}

#[tokio::test]
async fn all_faults_of_a_workbook_are_told_at_once_and_nothing_comes_in() {
    let app = TestApp::start().await;
    let (office, call) = judged(&app).await;
    let mut out = sheets(
        &office
            .read(&format!("/calls/{call}/stages/1/proposals.xlsx"))
            .await,
    );
    let next = app.person("Next office").await;
    let there = app.open_call(&next, "JTC2027", &FUNDERS).await.id();
    app.close_stage(&there, 1).await;
    out[1].rows[2][6] = "Mars".into();
    out[2].rows[1][4] = "1,000".into();
    out[3].rows[2][3] = Cell::Number("999999999".into());
    let refused = import(&next, &there, &out).await.send().await.expect(422);
    let expected = [
        "/partners/3/country cell_unreadable",
        "/budgets/2/amount cell_unreadable",
        "/verdicts/3/fundable fundable_out_of_range",
    ];
    assert_eq!(refused.faults(), expected);
    let details = refused.json["errors"][0]["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        details.starts_with("partners!G3: 'Mars' is no country; give"),
        "{details}"
    );

    let path = format!("/calls/{there}/stages/1/import");
    for (kind, body, status) in [
        (XLSX, b"no workbook".to_vec(), 422),
        ("text/csv", b"a,b".to_vec(), 415),
        (XLSX, vec![b'P'; 11 * 1024 * 1024], 413),
    ] {
        next.post(&path)
            .body(kind, body)
            .send()
            .await
            .expect(status);
    }
    assert_eq!(
        app.value(&format!(
            "select count(*) from proposal where call_id = '{there}'"
        ))
        .await,
        "0"
    );
}
