//! What stored calls do for an agenda: mapped to several agendas, their projects classified, and every cent
//! of commitments and awards found again in the coverage.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "coverage/scene.rs"]
mod scene;
#[path = "commitment/world.rs"]
mod world;

use access::Role;
use scene::*;
use serde_json::{Value, json};
use testkit::TestApp;

#[tokio::test]
async fn every_cent_of_commitments_and_awards_is_found_in_the_coverage() {
    let (world, early) = decided().await;
    assert_eq!(early.expect(409).code(), "state_conflict");
    let app = &world.app;
    let office = office(app).await;
    let direct = draft(
        &office,
        "JTC2018",
        2018,
        &rules(),
        &["100.01", "33.34", "0.07"],
    )
    .await;
    let thirds =
        json!({"agenda": PLAN, "items": [{"number": "A.1"}, {"number": "A.2"}, {"number": "A.9"}]});
    map(&office, &direct, &thirds).await.expect(200);
    let funders = ["1234567.89", "0.01", "999.99", "50.00"];
    let modules = with_modules(PLAN, "A.9", "A.13");
    let modules = draft(&office, "JTC2026", 2026, &modules, &funders).await;
    for path in [&direct, &modules] {
        open(app, &office, path).await;
    }
    // Not counted: another currency, a rehearsal, a draft, a cancelled call.
    let mut zloty = with_modules(PLAN, "A.1", "A.2");
    zloty["funding"]["currency"] = json!("PLN");
    let zloty = draft(&office, "PLN2020", 2020, &zloty, &["5.00", "5.00", "5.00"]).await;
    open(app, &office, &zloty).await;
    let rehearsed = [
        ("DE-BMBF", "7.00"),
        ("FR-ANR", "7.00"),
        ("ES-ISCIII", "7.00"),
    ];
    let rehearser = app.person("Rita Rehearser").await;
    app.open_call(&rehearser, "REHEARSAL", &rehearsed).await;
    draft(
        &office,
        "DRAFT",
        2026,
        &with_modules(PLAN, "A.1", "A.2"),
        &["9.00"],
    )
    .await;
    let cancelled = with_modules(PLAN, "A.1", "A.2");
    let cancelled = draft(&office, "CANCELLED", 2026, &cancelled, &["3.00"]).await;
    let now = office.read(&cancelled).await;
    let cancel = office.post(&format!("{cancelled}/cancel")).etag(&now.etag);
    let cancel = cancel.json(&json!({"reason": "No money"})).send().await;
    cancel.expect(200);

    let path = format!("/agendas/{PLAN}/coverage");
    let seat = member(app, "DE-BMBF").await;
    let before = seat.read(&path).await.json;
    let counted = "select sum(commitment) from participation p join call c on c.id = p.call_id
                   where c.code in ('JTC2018', 'JTC2031', 'JTC2026')";
    let committed: i64 = app.value(counted).await.parse().unwrap();
    assert_eq!(sums(&before), (committed, 0));
    assert_eq!(codes(&before["calls"]), ["JTC2018", "JTC2031", "JTC2026"]);
    assert_eq!(codes(&before["left_out"]), ["PLN2020"]);
    // Three shares of 33.34, 33.33 and 33.33 %: the cents that do not divide are not lost.
    assert_eq!(item(&before, "A.1")["committed"], "44.50");
    assert_eq!(item(&before, "A.1")["taken_up"], "in_time");
    assert_eq!(item(&before, "A.13")["taken_up"], "later");
    assert_eq!(
        codes(&item(&before, "A.9")["calls"]),
        ["JTC2018", "JTC2026"]
    );
    assert_eq!(item(&before, "B.1")["taken_up"], "not_yet");
    assert!(codes(&before["unserved"]).contains(&"B.1"));
    assert_eq!(item(&before, "A.7")["projects"], json!([]));

    // Two of five projects are classified, each otherwise; the others are not.
    classify(&world, "P01", &json!({"agenda": PLAN, "items": [{"number": "A.7"}, {"number": "A.1"}, {"number": "B.2"}]})).await;
    classify(&world, "P05", &json!({"agenda": PLAN, "items": [{"number": "A.7", "share": 1}, {"number": "A.9", "share": 9999}]})).await;
    assert_eq!(
        seat.read(&path).await.json,
        before,
        "the letters are not out"
    );
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let after = seat.read(&path).await.json;
    let lines = "select sum(national) from sealed.selection_line where state = 'accepted'";
    let awarded: i64 = app.value(lines).await.parse().unwrap();
    assert_ne!(awarded % 100, 0);
    assert_eq!(sums(&after), (committed, awarded));
    assert!(cents(&after["unclassified"]["decided"]) > 0);
    assert_eq!(
        codes(&item(&after, "A.7")["projects"]),
        ["JTC2031/P01", "JTC2031/P05"]
    );
    assert_eq!(codes(&item(&after, "A.9")["projects"]), ["JTC2031/P05"]);
    assert_eq!(item(&after, "B.2")["countries"], json!(["DE", "FR", "IT"]));
    assert_eq!(item(&after, "B.2")["taken_up"], "not_yet");

    // Year by year it is the same in all.
    let mut by_years = (0, 0);
    for years in ["to=2018", "from=2019&to=2019", "from=2020"] {
        let (committed, awarded) = sums(&seat.read(&format!("{path}?{years}")).await.json);
        by_years = (by_years.0 + committed, by_years.1 + awarded);
    }
    assert_eq!(by_years, (committed, awarded));
}

#[tokio::test]
async fn the_secretariat_classifies_funded_projects_and_nobody_outside_learns_of_it() {
    let (world, _) = decided().await;
    let funded = world.path("funded");
    let path = format!("/proposals/{}/action-items", world.id_of("P01"));
    let mapping = json!({"agenda": PLAN, "items": [{"number": "A.7"}, {"number": "A.13"}]});
    for (who, status) in [
        (&world.app.client(), 401),
        (&world.coordinator, 403),
        (&world.chair, 404),
        (&world.signatories[0], 404),
    ] {
        who.put(&path)
            .etag("*")
            .json(&mapping)
            .send()
            .await
            .expect(status);
    }
    let list = world.secretariat.read(&funded).await;
    let put = |body: &Value| world.secretariat.put(&path).json(body);
    put(&mapping).send().await.expect(428);
    put(&mapping).etag("\"old\"").send().await.expect(412);
    let wrong = json!({"agenda": PLAN, "items": [{"number": "A.7", "share": 1}, {"number": "Z.1", "share": 2}]});
    let wrong = put(&wrong).etag(&list.etag).send().await.expect(422);
    assert_eq!(
        wrong.faults(),
        ["/items shares_sum", "/items/1/number unknown_item"]
    );
    let nowhere = json!({"agenda": "nowhere", "items": []});
    let nowhere = put(&nowhere).etag(&list.etag).send().await.expect(422);
    assert_eq!(nowhere.faults(), ["/agenda unknown_agenda"]);
    let reserve = format!("/proposals/{}/action-items", world.id_of("P03"));
    let reserve = world.secretariat.put(&reserve).etag("*").json(&mapping);
    reserve.send().await.expect(409);
    let dry = put(&mapping).etag(&list.etag).dry_run().send().await;
    assert_eq!(
        dry.expect(200).json["items"][0]["action_items"][0]["share"],
        5000
    );
    assert_eq!(world.secretariat.read(&funded).await.json, list.json);

    let done = classify(&world, "P01", &mapping).await;
    assert_eq!(done.json["items"][0]["action_items"][1]["number"], "A.13");
    assert_eq!(done.json["items"][1]["action_items"], json!([]));
    // Each agenda for itself: the second beside the first, changed, and taken back.
    load_second(&world.app).await;
    classify(
        &world,
        "P01",
        &json!({"agenda": "sria-2023", "items": [{"number": "A.1"}]}),
    )
    .await;
    let other = json!({"agenda": PLAN, "items": [{"number": "B.1"}]});
    let both = classify(&world, "P01", &other).await.json;
    let items = both["items"][0]["action_items"].as_array().unwrap();
    let numbers: Vec<&Value> = items.iter().map(|item| &item["number"]).collect();
    assert_eq!(numbers, ["B.1", "A.1"]);
    let none = json!({"agenda": "sria-2023", "items": []});
    let one = classify(&world, "P01", &none).await.json;
    assert_eq!(one["items"][0]["action_items"].as_array().unwrap().len(), 1);
    let trail = "select count(*) from audit where action = 'classify_project'";
    assert_eq!(world.app.value(trail).await, "4");

    // Inside they know since the selection is final; outside not before the letters, and never by funder.
    for insider in [&world.chair, &world.observer, &world.signatories[2]] {
        let seen = insider.read(&funded).await.json;
        assert_eq!(seen["items"][0]["awards"][0]["organisation"], "AA-ALPHA");
    }
    for outsider in [&world.app.client(), &world.coordinator] {
        outsider.get(&funded).send().await.expect(404);
    }
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let told = world.app.client().read(&funded).await.json;
    assert_eq!(told["items"][0]["action_items"][0]["number"], "B.1");
    assert_eq!(told["items"][0]["awards"], Value::Null);
    assert_eq!(told["total"], one["total"]);
}

#[tokio::test]
async fn a_member_reports_what_it_did_in_a_year() {
    let (world, _) = decided().await;
    let app = &world.app;
    classify(
        &world,
        "P01",
        &json!({"agenda": PLAN, "items": [{"number": "A.7"}]}),
    )
    .await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let own = member(app, "AA-ALPHA").await;
    let path = format!("/agendas/{PLAN}/members/AA-ALPHA/report");
    let report = own.read(&format!("{path}?year=2019")).await.json;
    assert_eq!(report["calls"], json!(["JTC2031"]));
    assert_eq!(report["committed"], "2680000.00");
    let line = "select l.national from sealed.selection_line l join participation p on p.id = l.participation_id
                join organisation o on o.id = p.organisation_id where o.key = 'AA-ALPHA'";
    let line: i64 = app.value(line).await.parse().unwrap();
    assert_eq!(cents(&report["awarded"]["decided"]), line);
    let items = report["items"].as_array().unwrap();
    let parts: i64 = items
        .iter()
        .map(|item| cents(&item["awarded"]["decided"]))
        .sum();
    assert_eq!(parts, line);
    // The call's mapping is A.7 alone, as P01's; the other projects are under no item.
    assert_eq!(items[0]["item"], "A.7");
    assert_eq!(items[1]["item"], Value::Null);
    assert_eq!(own.read(&path).await.json["calls"], json!([]), "this year");

    let editor = app.person("Edith Editor").await;
    app.grant(&editor, Role::AgendaEditor, None, None).await;
    let administrator = app.person("Adam Administrator").await;
    app.grant(&administrator, Role::Administrator, None, None)
        .await;
    let rival = member(app, "BB-BETA").await;
    let coverage = format!("/agendas/{PLAN}/coverage");
    for (who, report, whole) in [
        (&app.client(), 401, 401),
        (&world.secretariat, 403, 403),
        (&world.signatories[0], 403, 403),
        (&rival, 403, 200),
        (&editor, 200, 200),
        (&administrator, 200, 200),
    ] {
        who.get(&path).send().await.expect(report);
        who.get(&coverage).send().await.expect(whole);
    }
    for nothing in [
        format!("/agendas/{PLAN}/members/ZZ-NOBODY/report"),
        "/agendas/nowhere/members/AA-ALPHA/report".to_owned(),
        "/agendas/nowhere/coverage".to_owned(),
    ] {
        editor.get(&nothing).send().await.expect(404);
    }
    let reversed = editor.get(&format!("{coverage}?from=2020&to=2019"));
    assert_eq!(
        reversed.send().await.expect(422).faults(),
        ["/from out_of_range"]
    );
}

#[tokio::test]
async fn a_second_agenda_stands_beside_the_first() {
    let app = TestApp::start().await;
    assert_eq!(load_second(&app).await, 3);
    assert_eq!(load_second(&app).await, 0, "it is there as it is");
    let office = office(&app).await;
    let funders = ["100.01", "33.34", "0.07"];
    let path = draft(&office, "JTC2027", 2027, &rules(), &funders).await;
    let plan = json!({"agenda": PLAN, "items": [{"number": "A.19"}, {"number": "A.7"}]});
    map(&office, &path, &plan).await.expect(200);
    let sria = json!({"agenda": "sria-2023", "items": [{"number": "A.1"}, {"number": "A.2"}, {"number": "A.3"}]});
    let both = map(&office, &path, &sria).await.expect(200).json;
    assert_eq!(both["action_items"].as_array().unwrap().len(), 5);

    // The scope of each is doubted by itself, where the call says it.
    let check = office.read(&format!("{path}/check")).await.json;
    let doubts = check["doubts"].as_array().unwrap().iter();
    let scopes: Vec<&Value> = doubts
        .filter(|doubt| doubt["code"] == "scope_not_european")
        .map(|doubt| &doubt["pointer"])
        .collect();
    assert_eq!(scopes, ["/action_items/1", "/action_items/4"]);

    // A draft is mapped to one at least; what is mapped twice can lose one of them.
    let none = json!({"agenda": PLAN, "items": []});
    let one = map(&office, &path, &none).await.expect(200).json;
    assert_eq!(one["action_items"].as_array().unwrap().len(), 3);
    let last = json!({"agenda": "sria-2023", "items": []});
    let last = map(&office, &path, &last).await.expect(422);
    assert_eq!(last.faults(), ["/items mapping_empty"]);
    map(&office, &path, &plan).await.expect(200);
    open(&app, &office, &path).await;

    let seat = member(&app, "DE-BMBF").await;
    for agenda in [PLAN, "sria-2023"] {
        let coverage = seat.read(&format!("/agendas/{agenda}/coverage")).await.json;
        assert_eq!(sums(&coverage), (13_342, 0), "{agenda}");
        assert_eq!(coverage["unmapped"], "0.00", "{agenda}");
    }
    let path = "/agendas/sria-2023/coverage";
    let coverage = seat.read(path).await.json;
    assert_eq!(coverage["items"].as_array().unwrap().len(), 3);
    assert_eq!(item(&coverage, "A.1")["committed"], "44.50");
}

#[tokio::test]
async fn a_call_is_mapped_through_its_modules_to_what_there_is() {
    let app = TestApp::start().await;
    load_second(&app).await;
    let office = office(&app).await;
    let unknown = |first| with_modules("sria-2023", first, "A.2");
    let mut elsewhere = unknown("A.9");
    elsewhere["modules"][1]["serves"][0]["agenda"] = json!("nowhere");
    let faults = [
        "/rules/modules/0/serves/0/items/0/item unknown_item",
        "/rules/modules/1/serves/0/agenda unknown_agenda",
    ];
    let refused = office.post("/calls").json(&input("X", 2027, &elsewhere));
    assert_eq!(refused.send().await.expect(422).faults(), faults);

    let funders = ["10.00", "10.00", "10.00"];
    let path = draft(&office, "JTC2027", 2027, &unknown("A.3"), &funders).await;
    let now = office.read(&path).await;
    let edit = office.put(&path).etag(&now.etag);
    let edit = edit.json(&input("JTC2027", 2027, &elsewhere)).send().await;
    assert_eq!(edit.expect(422).faults(), faults);
    let check = office.read(&format!("{path}/check")).await.json;
    assert_eq!(check["faults"], json!([]));
    let doubts = check["doubts"].as_array().unwrap().iter();
    let scopes: Vec<&Value> = doubts
        .filter(|doubt| doubt["code"] == "scope_not_european")
        .map(|doubt| &doubt["pointer"])
        .collect();
    assert_eq!(scopes, ["/rules/modules/0/serves/0/items/0"]);

    // An item that the next version of the agenda does not have is missed before the call opens.
    let (about, items) = (ABOUT.replace("A = 3", "A = 2"), ITEMS.lines().take(3));
    let items = items.collect::<Vec<_>>().join("\n");
    service::agenda::load_agenda(&app.service, about, items)
        .await
        .unwrap();
    let check = office.read(&format!("{path}/check")).await.json;
    assert_eq!(check["faults"][0]["code"], "unknown_item");
    assert_eq!(
        check["faults"][0]["pointer"],
        "/rules/modules/0/serves/0/items/0/item"
    );
    load_second(&app).await;
    open(&app, &office, &path).await;
    let now = office.read(&path).await;
    let amended = json!({"rules": elsewhere, "reason": "Other modules"});
    let amend = office.post(&format!("{path}/amend")).etag(&now.etag);
    let amend = amend.json(&amended).send().await;
    assert_eq!(amend.expect(422).faults(), faults);
    let seat = member(&app, "DE-BMBF").await;
    let coverage = seat.read("/agendas/sria-2023/coverage").await.json;
    assert_eq!(sums(&coverage), (3_000, 0));
    assert_eq!(item(&coverage, "A.2")["committed"], "22.50");
}
