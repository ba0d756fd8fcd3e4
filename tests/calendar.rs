//! A call's calendar: milestones beside the stages, and an opening that is not known yet.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{FUNDERS, open_call};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

fn at(day: &str, label: &str) -> Value {
    json!({"at": format!("{day}T09:00:00Z"), "zone": "Europe/Paris", "label": label})
}

fn milestone(kind: &str, day: &str) -> Value {
    json!({"kind": kind, "at": at(day, day)})
}

/// A draft open for submission from 20 November 2030 to 4 March 2031, and in its second stage to 17 June.
fn draft() -> Value {
    json!({
        "code": "JTC2031", "title": "Prevention", "topic": "Prevention of disease", "year": 2031,
        "stages": [
            {"opens_at": "2030-11-20T09:00:00Z", "deadline": at("2031-03-04", "4 March 2031")},
            {"deadline": at("2031-06-17", "17 June 2031")}],
        "milestones": [milestone("invitation", "2031-05-05"), milestone("panel", "2031-09-24")]})
}

async fn office(app: &TestApp) -> Client {
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    office
}

fn codes(findings: &Value) -> Vec<String> {
    let findings = findings.as_array().unwrap().iter();
    findings
        .map(|found| format!("{} {}", found["pointer"], found["code"]).replace('"', ""))
        .collect()
}

#[tokio::test]
async fn a_draft_has_milestones_in_the_order_of_a_call() {
    let app = TestApp::start().await;
    let office = office(&app).await;
    let mut input = draft();
    let faults = async |input: &Value| {
        let refused = office.post("/calls").json(input).dry_run().send().await;
        refused.expect(422).faults()
    };
    input["milestones"][0] = milestone("invitation", "2031-02-01");
    assert_eq!(faults(&input).await, ["/milestones/0/at milestone_order"]);
    input["milestones"][0] = milestone("panel", "2031-09-24");
    assert_eq!(faults(&input).await, ["/milestones/1/kind milestone_twice"]);

    // A call with EU money is open for 60 days, and the Commission knows of it 30 days before.
    let mut input = draft();
    input["rules"] = serde_json::to_value(call::Rules::default_two_stage()).unwrap();
    input["rules"]["funding"]["eu"] =
        json!({"rate": "33", "gap_filling": "50", "base": "planned", "share": "by_commitment"});
    input["rules"]["funding"]["ranking"] = json!("binding");
    input["stages"][0]["opens_at"] = json!("2031-01-04T09:00:00Z");
    input["milestones"][0] = milestone("commission_notice", "2030-12-06");
    assert_eq!(
        faults(&input).await,
        [
            "/stages/0/deadline open_days",
            "/milestones/0/at notice_days"
        ]
    );
    input["stages"][0]["opens_at"] = json!("2031-01-03T09:00:00Z");
    input["milestones"] = json!([milestone("panel", "2031-09-24"), {"kind": "letters"}]);
    let call = office.post("/calls").json(&input).send().await.expect(201);
    let path = format!("/calls/{}", call.id());
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(
        codes(&check.json["doubts"]),
        [
            "/rules/funding/eu/max not_known",
            "/stages/1/opens_at not_known",
            "/milestones/1 not_known",
            "/milestones notice_not_known"
        ]
    );
    let edited = office.put(&path).etag(&call.etag).json(&draft());
    let edited = edited.send().await.expect(200);
    assert_eq!(edited.json["milestones"][1]["kind"], "panel");
    assert_eq!(edited.json["milestones"][1]["note"], "");

    let copy = json!({"code": "JTC2032", "title": "The next call", "year": 2032, "weeks": 52});
    let copied = office.post(&format!("{path}/copy")).json(&copy);
    let copied = copied.send().await.expect(201);
    assert_eq!(copied.json["stages"][1]["opens_at"], Value::Null);
    let panel = &copied.json["milestones"][1]["at"];
    assert_eq!(panel["at"], "2032-09-22T09:00:00Z");
    assert_eq!(panel["label"], "22 September 2032, 11:00 CEST");
}

#[tokio::test]
async fn a_call_says_when_it_opens_before_it_is_approved() {
    let app = TestApp::start().await;
    let office = office(&app).await;
    let mut input = draft();
    input["stages"][0]
        .as_object_mut()
        .unwrap()
        .remove("opens_at");
    let call = office.post("/calls").json(&input).send().await.expect(201);
    let path = format!("/calls/{}", call.id());
    assert_eq!(call.json["stages"][0]["opens_at"], Value::Null);
    app.grant(&office, Role::CscChair, Some(&call.id()), None)
        .await;
    let mapping = json!({"agenda": "icpermed-2017", "items": [{"number": "A.7"}]});
    let mapped = office.put(&format!("{path}/action-items")).etag("*");
    mapped.json(&mapping).send().await.expect(200);
    for (key, amount) in FUNDERS {
        let funder = json!({ "organisation": key });
        let added = office.post(&format!("{path}/funders")).json(&funder);
        added.send().await.expect(201);
        let pledge = json!({"amount": amount, "reason": "Letter of commitment"});
        let pledged = office.put(&format!("{path}/funders/{key}/commitment"));
        let pledged = pledged.etag("*").json(&pledge).send().await;
        pledged.expect(200);
    }
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(
        codes(&check.json["faults"]),
        ["/stages/0/opens_at opening_missing"]
    );
    assert_eq!(
        codes(&check.json["doubts"]),
        ["/stages/1/opens_at not_known"]
    );
    let step = async |step: &str| -> Reply {
        let path = format!("{path}/{step}");
        office.post(&path).etag("*").send().await
    };
    let refused = step("approve").await.expect(422);
    assert_eq!(refused.faults(), ["/stages/0/opens_at opening_missing"]);
    let edited = office.put(&path).etag("*").json(&draft());
    edited.send().await.expect(200);
    for advance in ["approve", "pre-announce", "open"] {
        step(advance).await.expect(200);
    }
    app.tick().await;
    let open = app.client().read(&path).await;
    assert_eq!(open.json["stages"][0]["state"], "planned");
    assert_eq!(open.json["stages"][1]["state"], "planned");
}

#[tokio::test]
async fn a_milestone_that_moves_is_a_version_and_raises_its_sequence() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}");
    let amend = async |milestones: Value, status: u16| -> Reply {
        let change = json!({"milestones": milestones, "reason": "The hotel was booked out"});
        let amendment = office.post(&format!("{path}/amend")).etag("*");
        amendment.json(&change).send().await.expect(status)
    };
    let before = milestone("panel", "2097-09-24");
    let wrong = amend(json!([before]), 422).await;
    assert_eq!(
        wrong.faults(),
        ["/milestones/0/at milestone_order"],
        "the last deadline is in 2098"
    );
    let of = |panel: &str| {
        let mut meeting = milestone("information_day", "2096-01-10");
        meeting["note"] = json!("In Paris");
        json!([meeting, milestone("information_day", "2096-02-10"), milestone("panel", panel), {"kind": "letters"}])
    };
    amend(of("2098-09-24"), 200).await;
    let text = async || {
        let reply = app.client().read("//calls.ics").await;
        // Long lines are folded (RFC 5545).
        String::from_utf8(reply.body).unwrap().replace("\r\n ", "")
    };
    let event = |feed: &str, name: &str| -> String {
        let found = feed
            .split("BEGIN:VEVENT")
            .find(|event| event.contains(name));
        found.unwrap().to_owned()
    };
    let feed = text().await;
    assert_eq!(feed.matches("BEGIN:VEVENT").count(), 5, "{feed}");
    assert_eq!(feed.matches("SEQUENCE:0").count(), 5, "{feed}");
    let uid = format!("UID:{call}-panel");
    assert!(event(&feed, &uid).contains("DTSTART:20980924T090000Z"));
    let first = event(&feed, &format!("UID:{call}-information_day\r"));
    assert!(first.contains("In Paris"), "{first}");

    amend(of("2098-09-25"), 200).await;
    let mut other = of("2098-09-26");
    other[2]["note"] = json!("Online");
    amend(other, 200).await;
    let feed = text().await;
    let panel = event(&feed, &uid);
    assert!(panel.contains("SEQUENCE:2"), "{panel}");
    assert!(panel.contains("DTSTART:20980926T090000Z"), "{panel}");
    assert_eq!(feed.matches("SEQUENCE:0").count(), 4, "{feed}");
    let version = app.client().read(&format!("{path}/versions/4")).await;
    let changed = version.json["differences"].as_array().unwrap().iter();
    let pointers: Vec<&str> = changed
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        ["/milestones/panel/at/at", "/milestones/panel/at/label"]
    );
    let log = app.client().read(&format!("{path}/changes")).await;
    assert_eq!(log.json["items"][4]["change"], "Amended: milestones");

    // A stage that is extended past a milestone leaves it behind; what is amended then is not refused for it.
    let later = json!({"deadline": at("2098-12-01", "1 December 2098"), "reason": "A strike"});
    let extend = office.post(&format!("{path}/stages/1/extend")).etag("*");
    let refused = extend.json(&later).send().await.expect(422);
    assert_eq!(refused.faults(), ["/deadline deadline_order"]);
    app.sql(&format!(
        "update stage set deadline_at = '2098-12-01T16:00:00Z' where call_id = '{call}' and number = 2"
    ))
    .await;
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(
        codes(&check.json["faults"]),
        ["/milestones/2/at milestone_order"]
    );
    amend(of("2098-09-26"), 200).await;
    let too_early = amend(of("2098-09-27"), 422).await;
    assert_eq!(too_early.faults(), ["/milestones/2/at milestone_order"]);
    let mut rules = office.read(&path).await.json["rules"].clone();
    rules["funding"]["eu"] =
        json!({"rate": "33", "gap_filling": "50", "base": "planned", "share": "by_commitment"});
    rules["funding"]["ranking"] = json!("binding");
    let to_eu = json!({"rules": rules, "reason": "EU money comes on top"});
    let to_eu = office.post(&format!("{path}/amend")).etag("*").json(&to_eu);
    to_eu.send().await.expect(200);
}
