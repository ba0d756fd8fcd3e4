//! What a call says in public: every change a version that anybody can read and compare.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use proposals::{open_call, submitted};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

async fn pointers(client: &Client, call: &str, version: usize) -> Vec<String> {
    let version = client
        .read(&format!("/calls/{call}/versions/{version}"))
        .await;
    let differences = version.json["differences"].as_array().unwrap().clone();
    let pointer = |difference: &Value| difference["pointer"].as_str().unwrap().to_owned();
    differences.iter().map(pointer).collect()
}

#[tokio::test]
async fn every_change_of_a_published_call_is_a_version_anybody_can_compare() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}");
    let public = app.client();
    let now = office.read(&path).await;
    let later = json!({
        "deadline": {"at": "2097-12-11T16:00:00Z", "zone": "Europe/Paris", "label": "11 December 2097, 17:00 CET"},
        "reason": "The network was down"});
    let moved = office
        .post(&format!("{path}/stages/1/extend"))
        .etag(&now.etag)
        .json(&later)
        .send()
        .await
        .expect(200);
    let better = json!({"title": "A better title", "reason": "The title was too narrow"});
    let stale = office
        .post(&format!("{path}/amend"))
        .etag(&now.etag)
        .json(&better);
    stale.send().await.expect(412);
    office
        .post(&format!("{path}/amend"))
        .etag(&moved.etag)
        .json(&better)
        .send()
        .await
        .expect(200);
    let funder = json!({"organisation": "SE-VINNOVA"});
    office
        .post(&format!("{path}/funders"))
        .json(&funder)
        .send()
        .await
        .expect(201);

    let log = public.read(&format!("{path}/changes")).await;
    let changes: Vec<&str> = log.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["change"].as_str().unwrap())
        .collect();
    assert_eq!(changes.len(), 5, "{changes:?}");
    assert_eq!(changes[..2], ["Pre-announced", "Opened"]);
    assert!(changes[2].starts_with("Deadline of stage 1 moved"));
    assert_eq!(
        changes[3..],
        ["Amended: title", "SE-VINNOVA joins as a funder"]
    );
    assert_eq!(log.json["items"][3]["reason"], "The title was too narrow");
    assert_eq!(pointers(&public, &call, 2).await, Vec::<String>::new());
    assert_eq!(
        pointers(&public, &call, 3).await,
        ["/stages/1/deadline/at", "/stages/1/deadline/label"]
    );
    assert_eq!(pointers(&public, &call, 4).await, ["/title"]);
    assert_eq!(pointers(&public, &call, 5).await, ["/funders/SE-VINNOVA"]);
    let over_all = public.read(&format!("{path}/versions/5?against=1")).await;
    assert_eq!(over_all.json["differences"].as_array().unwrap().len(), 4);
    let none = public.get(&format!("{path}/versions/6")).send().await;
    none.expect(404);
}

#[tokio::test]
async fn an_amendment_says_first_what_it_breaks() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    submitted(&ada, &call).await;
    let path = format!("/calls/{call}");
    let now = office.read(&path).await;
    let mut rules = now.json["rules"].clone();
    rules["stages"][0]["consortium"]["partners_min"] = json!(4);
    rules["stages"][0]["consortium"]["own_funded_max"] = json!(1);
    let mut amendment = json!({"rules": rules, "reason": "Larger consortia"});
    let amend = |body: &Value| {
        office
            .post(&format!("{path}/amend"))
            .etag(&now.etag)
            .json(body)
    };
    let refused = amend(&amendment).dry_run().send().await.expect(409);
    assert_eq!(refused.faults(), ["/stages/1 proposals_break"]);
    let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("1 of 1 submitted"), "{detail}");
    let faulty = json!({"title": " ", "reason": ""});
    let faults = amend(&faulty).send().await.expect(422).faults();
    assert_eq!(faults, ["/title required", "/reason required"]);
    amendment["despite_breaking"] = json!(true);
    let amended = amend(&amendment).send().await.expect(200);
    let minimum = &amended.json["rules"]["stages"][0]["consortium"]["partners_min"];
    assert_eq!(minimum, 4);
    let stranger = ada.post(&format!("{path}/amend")).etag("*");
    stranger.json(&amendment).send().await.expect(403);
}

#[tokio::test]
async fn a_funder_leaves_after_what_that_breaks_was_listed() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (proposal, _) = submitted(&ada, &call).await;
    let path = format!("/calls/{call}/funders");
    let now = office.read(&path).await;
    let leave = |body: &Value| {
        office
            .post(&format!("{path}/ES-ISCIII/leave"))
            .etag(&now.etag)
            .json(body)
    };
    let mut leaving = json!({"reason": "No budget"});
    let refused = leave(&leaving).send().await.expect(409);
    assert_eq!(
        refused.faults(),
        ["/stages/1 proposals_break", "/funders funders_missing"]
    );
    leaving["despite_breaking"] = json!(true);
    let left = leave(&leaving).send().await.expect(200);
    assert_eq!(left.json["items"].as_array().unwrap().len(), 2);
    let check = ada.read(&format!("{proposal}/check")).await;
    let faults = check.json["faults"].to_string();
    assert!(faults.contains("/partners/2/funding"), "{faults}");
    let gone = office.post(&format!("{path}/ES-ISCIII/leave")).etag("*");
    gone.json(&leaving).send().await.expect(404);
}

#[tokio::test]
async fn a_question_is_answered_for_everybody_without_saying_who_asked() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let path = format!("/calls/{call}/questions");
    let asked = json!({"question": "May our hospital in Jena take part twice?"});
    app.client()
        .post(&path)
        .json(&asked)
        .send()
        .await
        .expect(401);
    let question = ada.post(&path).json(&asked).send().await.expect(201);
    let count = |reply: &testkit::Reply| reply.json["items"].as_array().unwrap().len();
    assert_eq!(count(&bob.read(&path).await), 0, "the idea is Ada's");
    assert_eq!(count(&ada.read(&path).await), 1);
    let tasks = office.read("/me/tasks").await;
    assert!(tasks.json.to_string().contains("answer_question"));

    let answer = format!("/questions/{}/answer", question.id());
    let said = json!({"question": "May an institution take part twice?", "answer": "Yes."});
    ada.post(&answer)
        .etag("*")
        .json(&said)
        .send()
        .await
        .expect(403);
    bob.post(&answer)
        .etag("*")
        .json(&said)
        .send()
        .await
        .expect(404);
    let seen = office.read(&path).await.json["items"][0].clone();
    assert_eq!(seen["asked"], asked["question"]);
    let first = office.post(&answer).etag("*").json(&said).send().await;
    let first = first.expect(200);
    let better = json!({"question": "May an institution take part twice?", "answer": "Yes, with two groups."});
    let stale = office.post(&answer).etag("\"other\"").json(&better);
    stale.send().await.expect(412);
    let second = office.post(&answer).etag(&first.etag).json(&better);
    second.send().await.expect(200);
    let public = app.client().read(&path).await;
    let shown = public.json["items"][0].clone();
    assert_eq!(shown["asked"], Value::Null);
    assert_eq!(shown["answers"].as_array().unwrap().len(), 2);
    assert_eq!(shown["answers"][1]["answer"], "Yes, with two groups.");
    let mails = app.mails().await;
    let told: Vec<String> = mails
        .iter()
        .filter(|mail| mail.subject().contains("is answered"))
        .map(|mail| mail.header("To"))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|to| to.contains("ada@example.org")));
}

#[tokio::test]
async fn feed_and_calendar_follow_a_deadline_that_moves() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let public = app.client();
    let text = |reply: testkit::Reply| String::from_utf8(reply.body).unwrap();
    let before = text(public.read("//calls.ics").await);
    assert_eq!(before.matches("BEGIN:VEVENT").count(), 2, "{before}");
    assert_eq!(before.matches("SEQUENCE:0").count(), 2);
    assert!(before.contains("DTSTART:20970304T160000Z"), "{before}");
    let path = format!("/calls/{call}");
    let now = office.read(&path).await;
    let later = json!({
        "deadline": {"at": "2097-05-11T15:00:00Z", "zone": "Europe/Paris", "label": "11 May 2097, 17:00 CEST"},
        "reason": "The network was down"});
    office
        .post(&format!("{path}/stages/1/extend"))
        .etag(&now.etag)
        .json(&later)
        .send()
        .await
        .expect(200);
    let after = text(public.read("//calls.ics").await);
    assert_eq!(after.matches("SEQUENCE:1").count(), 1, "{after}");
    assert!(after.contains("DTSTART:20970511T150000Z"), "{after}");
    let atom = text(public.read("//calls.atom").await);
    assert!(atom.contains("The network was down"), "{atom}");
    assert!(atom.contains(&format!("urn:uuid:{call}")));
}

#[tokio::test]
async fn a_call_is_checked_whole_and_copied_some_weeks_later() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}");
    let check = office.read(&format!("{path}/check")).await;
    assert_eq!(check.json["faults"], json!([]));
    let doubts = check.json["doubts"].as_array().unwrap();
    assert_eq!(doubts.len(), 1);
    assert_eq!(doubts[0]["code"], "stages_overlap");
    app.person("Ada")
        .await
        .get(&format!("{path}/check"))
        .send()
        .await
        .expect(403);
    let copy = json!({"code": "JTC2027", "title": "The next call", "year": 2027, "weeks": 53});
    let copied = office.post(&format!("{path}/copy")).json(&copy);
    let copied = copied.send().await.expect(201);
    let stages = &copied.json["stages"];
    // 4 March 2097 and 53 weeks: the same weekday, 17:00 in Paris.
    assert_eq!(stages[0]["deadline"]["at"], "2098-03-10T16:00:00Z");
    assert_eq!(copied.json["action_items"].as_array().unwrap().len(), 1);
    let new = format!("/calls/{}", copied.id());
    let funders = office.read(&format!("{new}/funders")).await;
    assert_eq!(funders.json["items"].as_array().unwrap().len(), 3);
    let check = office.read(&format!("{new}/check")).await;
    assert_eq!(check.json["faults"][0]["code"], "funders_missing");
    let taken = office.post(&format!("{path}/copy")).json(&copy);
    assert_eq!(taken.send().await.expect(422).faults(), ["/code taken"]);
}
