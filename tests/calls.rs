//! The seven real calls, set up from their files and opened, their calendars shifted into the future.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use call::{CallFile, check_file};
use rstest::rstest;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

/// Ten years and a bit: late enough for the first of them, and the weekdays stay.
const WEEKS: i16 = 800;

/// A call's file as it comes with the program.
fn file(name: &str) -> CallFile {
    let path = format!("{}/../config/calls/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    check_file(&std::fs::read_to_string(path).unwrap())
        .0
        .unwrap()
}

async fn office(app: &TestApp) -> Client {
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    office
}

async fn import(office: &Client, file: &CallFile) -> Reply {
    office.post("/calls/import").json(file).send().await
}

async fn exported(client: &Client, call: &str) -> CallFile {
    let reply = client.read(&format!("/calls/{call}/file")).await;
    serde_json::from_value(reply.json).unwrap()
}

/// Commits money for every funder that has not, and adds funders of further countries.
async fn fund(office: &Client, path: &str, eu: bool) {
    for key in ["FR-ANR", "ES-ISCIII", "IT-MOH"] {
        let funder = json!({ "organisation": key, "terms": {"eu_money": eu} });
        let added = office.post(&format!("{path}/funders")).json(&funder);
        added.send().await.expect(201);
    }
    let funders = office.read(&format!("{path}/funders")).await;
    for funder in funders.json["items"].as_array().unwrap() {
        if funder["commitment"]["amount"] != "0.00" {
            continue;
        }
        let key = funder["organisation"].as_str().unwrap();
        let pledge = json!({"amount": "900000.00", "reason": "Letter of commitment"});
        let commitment = format!("{path}/funders/{key}/commitment");
        let pledged = office.put(&commitment).etag("*").json(&pledge);
        pledged.send().await.expect(200);
    }
}

#[rstest]
#[case("jtc2018")]
#[case("jtc2019")]
#[case("jtc2020")]
#[case("jtc2021")]
#[case("jtc2022")]
#[case("ep-permed-jtc2024")]
#[case("ep-permed-jtc2025")]
#[tokio::test]
async fn a_real_call_is_set_up_from_its_file_and_opens(#[case] name: &str) {
    let app = TestApp::start().await;
    let office = office(&app).await;
    let real = file(name);
    let imported = import(&office, &real).await.expect(201);
    assert_eq!(
        exported(&office, &imported.id()).await,
        real,
        "{name} comes back as it went in"
    );
    let mut shifted = real.shifted_weeks(WEEKS).unwrap();
    shifted.code = format!("{}-AGAIN", real.code);
    let call = import(&office, &shifted).await.expect(201);
    let id = call.id();
    let path = format!("/calls/{id}");
    assert_eq!(exported(&office, &id).await, shifted);

    if shifted.serves.is_empty() {
        let mapping = json!({"agenda": "icpermed-2017", "items": [{"number": "A.7"}]});
        let mapped = office.put(&format!("{path}/action-items")).etag("*");
        mapped.json(&mapping).send().await.expect(200);
    }
    fund(&office, &path, shifted.rules.funding.eu.is_some()).await;
    if shifted.calendar.stages[0].opens_at.is_none() {
        draft_with_opening(&office, &path, &shifted).await;
    }
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(check.json["faults"], json!([]), "{name}");
    let doubts = check.json["doubts"].as_array().unwrap();
    for known in &shifted.doubts {
        let told = doubts.iter().any(|doubt| doubt["found"] == known.note);
        assert!(told, "{name}: {}", known.note);
    }
    app.grant(&office, Role::CscChair, Some(&id), None).await;
    let outside = app.client();
    outside
        .get(&format!("{path}/file"))
        .send()
        .await
        .expect(404);
    for step in ["approve", "pre-announce", "open"] {
        let step = office.post(&format!("{path}/{step}")).etag("*");
        step.send().await.expect(200);
    }
    let listed = outside.read("/calls").await;
    assert!(listed.json.to_string().contains(&shifted.code));
    let text = |reply: Reply| String::from_utf8(reply.body).unwrap();
    let feed = text(outside.read("//calls.atom").await);
    assert!(feed.contains(&id), "{feed}");
    let calendar = text(outside.read("//calls.ics").await);
    let dated = shifted.calendar.milestones.iter();
    let dates = shifted.calendar.stages.len() + dated.filter(|one| one.at.is_some()).count();
    assert_eq!(
        calendar.matches("BEGIN:VEVENT").count(),
        dates,
        "{calendar}"
    );
    let seen = exported(&outside, &id).await;
    assert!(
        seen.funders
            .iter()
            .all(|funder| funder.commitment.is_none())
    );
    let inside = exported(&office, &id).await;
    assert!(
        inside
            .funders
            .iter()
            .all(|funder| funder.commitment.is_some())
    );
    println!(
        "{name}: {} doubts, {dates} dates, {} funders",
        doubts.len(),
        inside.funders.len()
    );
}

/// Gives the instant of the opening, a hundred days before the first deadline.
async fn draft_with_opening(office: &Client, path: &str, file: &CallFile) {
    let deadline = &file.calendar.stages[0].deadline;
    let refused = office.read(&format!("{path}/check")).await;
    assert_eq!(
        refused.json["faults"][0]["pointer"], "/stages/0/opens_at",
        "{}",
        refused.json
    );
    let mut file = serde_json::to_value(file).unwrap();
    let opens_at = deadline.at - chrono::TimeDelta::days(100);
    file["calendar"]["stages"][0]["opens_at"] = json!(opens_at);
    let mut input = json!({});
    for field in [
        "code",
        "title",
        "topic",
        "year",
        "rules",
        "budget",
        "funders_total",
        "countries_total",
        "doubts",
    ] {
        input[field] = file[field].clone();
    }
    input["stages"] = file["calendar"]["stages"].clone();
    input["milestones"] = file["calendar"]["milestones"].clone();
    let edited = office.put(path).etag("*").json(&input);
    edited.send().await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_at_once_and_nothing_is_drafted() {
    let app = TestApp::start().await;
    let office = office(&app).await;
    let mut wrong = serde_json::to_value(file("jtc2018")).unwrap();
    wrong["title"] = json!(" ");
    wrong["serves"] = json!([
        {"agenda": "icpermed-2017", "items": [{"item": "A.7"}, {"item": "A.99"}]},
        {"agenda": "icpermed-1917", "items": [{"item": "A.1"}]}]);
    wrong["rules"]["modules"][0]["serves"][0]["items"][0]["item"] = json!("C.1");
    wrong["funders"][0]["organisation"] = json!("XX-NOBODY");
    let refused = office.post("/calls/import").json(&wrong).send().await;
    assert_eq!(
        refused.expect(422).faults(),
        [
            "/title required",
            "/rules/modules/0/serves/0/items/0/item unknown_item",
            "/serves/0/items/1/item unknown_item",
            "/serves/1/agenda unknown_agenda",
            "/funders/0/organisation unknown_organisation",
        ]
    );
    let none = office.read("/calls").await;
    assert_eq!(none.json["items"], json!([]));

    let right = file("jtc2018");
    let dry = office.post("/calls/import").json(&right).dry_run();
    dry.send().await.expect(200);
    let call = import(&office, &right).await.expect(201);
    assert_eq!(
        import(&office, &right).await.expect(422).faults(),
        ["/code taken"]
    );
    let stranger = app.person("Stranger").await;
    import(&stranger, &right).await.expect(404);
    let path = format!("/calls/{}", call.id());
    let file = format!("{path}/file");
    stranger.get(&file).send().await.expect(404);
    let funders = office.read(&format!("{path}/funders")).await;
    let pledged = funders.json["items"].as_array().unwrap().iter();
    let pledged: Vec<&Value> = pledged
        .flat_map(|one| one["commitment"]["history"].as_array().unwrap())
        .collect();
    assert_eq!(pledged.len(), 2, "MIZS and Saxony");
    assert!(
        pledged
            .iter()
            .all(|one| one["reason"] == "As the call file has it" && one["number"] == 1)
    );
    let mut wrong = office.read(&path).await.json;
    let input = wrong.as_object_mut().unwrap();
    input.retain(|key, _| {
        [
            "code", "title", "topic", "year", "rules", "stages", "doubts",
        ]
        .contains(&key.as_str())
    });
    for stage in input["stages"].as_array_mut().unwrap() {
        let stage = stage.as_object_mut().unwrap();
        stage.retain(|key, _| ["opens_at", "deadline"].contains(&key.as_str()));
    }
    input.insert("budget".to_owned(), json!("0.00"));
    input["doubts"][0]["at"] = json!("/nowhere");
    let edited = office.put(&path).etag("*").json(&wrong).send().await;
    assert_eq!(
        edited.expect(422).faults(),
        [
            "/stages/0/deadline open_days",
            "/budget out_of_range",
            "/doubts/0/at pointer"
        ],
        "without its milestones the call opens for submission when its stage does"
    );
}
