//! What a deadline does to proposals: to those that came in time, those that did not, and those between.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{draft, open_call, save, submit, submitted};
use serde_json::{Value, json};
use testkit::TestApp;

fn stage(reply: &testkit::Reply) -> Value {
    reply.json["stages"][0].clone()
}

#[tokio::test]
async fn new_content_one_second_late_is_refused_and_a_lost_receipt_is_given_again() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, first) = submitted(&ada, &call).await;
    let now = ada.read(&path).await;
    let edited = save(&ada, &path, &now.etag, json!({"title": "Late"}))
        .await
        .expect(200);
    let bob = app.person("Bob").await;
    let (other, on_time) = submitted(&bob, &call).await;
    app.set_deadline(&call, 1, -1).await;

    let late = ada.read(&path).await;
    let refused = submit(&ada, &path, &late.etag).await.expect(409);
    assert_eq!(refused.code(), "deadline_passed");
    assert!(
        refused.json["detail"]
            .as_str()
            .unwrap()
            .contains("deadline was")
    );
    let refused = save(&ada, &path, &late.etag, json!({"title": "Later"}))
        .await
        .expect(409);
    assert_eq!(refused.code(), "deadline_passed");
    let again = bob
        .post(&format!("{other}/submit"))
        .etag("\"stale\"")
        .send()
        .await
        .expect(200);
    assert_eq!(again.json, on_time.json);
    let drafts = format!("/calls/{call}/proposals");
    assert_eq!(
        bob.post(&drafts).send().await.expect(409).code(),
        "deadline_passed"
    );

    // An extension lets everybody edit again, and what was submitted stays so.
    app.set_deadline(&call, 1, 600).await;
    let reopened = ada.read(&path).await;
    assert_eq!(stage(&reopened)["submitted_version"], 1);
    let second = submit(&ada, &path, &reopened.etag).await.expect(200);
    assert_eq!(second.json["receipt"]["receipt"]["version"], 2);
    assert_ne!(second.json["receipt"], first.json["receipt"]);
    assert_eq!(stage(&edited)["content"]["title"], "Late");

    app.close_stage(&call, 1).await;
    let replayed = submit(&ada, &path, &reopened.etag).await.expect(200);
    assert_eq!(replayed.json["receipt"], second.json["receipt"]);
    assert_eq!(replayed.json["state"], "locked");
}

#[tokio::test]
async fn a_stage_stays_open_until_what_arrived_is_decided() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let arrival = app.service.arrive();
    app.close_stage(&call, 1).await;
    let state = format!("select state from stage where call_id = '{call}' and number = 1");
    assert_eq!(app.value(&state).await, "open");
    drop(arrival);
    app.tick().await;
    assert_eq!(app.value(&state).await, "checking");
}

#[tokio::test]
async fn an_extended_deadline_is_told_to_everybody_concerned() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let fred = app.person("Fred Funder").await;
    for role in [Role::CscRepresentative, Role::Signatory] {
        app.grant(&fred, role, Some(&call), Some("DE-BMBF")).await;
    }
    submitted(&ada, &call).await;
    draft(&ada, &call).await;
    draft(&bob, &call).await;
    let now = office.read(&format!("/calls/{call}")).await;
    let later = |year: u16| {
        json!({
        "deadline": {"at": format!("{year}-03-11T16:00:00Z"), "zone": "Europe/Paris", "label": format!("11 March {year}, 17:00 CET")},
        "reason": "The network was down"})
    };
    let extend = format!("/calls/{call}/stages/1/extend");
    // The full proposals are due in 2098.
    let too_late = office.post(&extend).etag(&now.etag).json(&later(2099));
    let refused = too_late.send().await.expect(422);
    assert_eq!(refused.faults(), ["/deadline deadline_order"]);
    office
        .post(&extend)
        .etag(&now.etag)
        .json(&later(2097))
        .send()
        .await
        .expect(200);
    let mails = app.mails().await;
    let told: Vec<String> = mails
        .iter()
        .filter(|mail| mail.subject().contains("New deadline"))
        .map(|mail| mail.header("To"))
        .collect();
    // Once each: Ada has two proposals, Fred two roles.
    assert_eq!(told.len(), 3, "{told:?}");
}

#[tokio::test]
async fn an_extension_between_reading_and_submitting_refuses_nobody() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let read = draft(&ada, &call).await;
    app.set_deadline(&call, 1, 600).await;
    let path = format!("/proposals/{}", read.id());
    submit(&ada, &path, &read.etag).await.expect(200);
}

/// Clients that edit and submit as fast as they can while the deadline passes and the stage closes.
#[tokio::test]
async fn at_the_deadline_nothing_acknowledged_is_lost_and_nothing_late_counts() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let mut proposals = Vec::new();
    for number in 0..6 {
        let person = app.person(&format!("Person {number}")).await;
        let (path, _) = submitted(&person, &call).await;
        proposals.push((person, path));
    }
    app.set_deadline(&call, 1, 1).await;
    let closing = app.service.clone();
    let closer = tokio::spawn(async move {
        while service::calendar::turn(&closing).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    });
    let mut writers = tokio::task::JoinSet::new();
    for (person, path) in proposals {
        writers.spawn(async move {
            let mut acknowledged = 1;
            for round in 0.. {
                let now = person.read(&path).await;
                let title = json!({"title": format!("Round {round}")});
                let saved = save(&person, &path, &now.etag, title).await;
                if saved.status != 200 {
                    assert_eq!(saved.code(), "deadline_passed");
                    break;
                }
                let reply = submit(&person, &path, &saved.etag).await;
                if reply.status != 200 {
                    assert_eq!(reply.code(), "deadline_passed");
                    break;
                }
                acknowledged = reply.json["receipt"]["receipt"]["version"]
                    .as_i64()
                    .unwrap();
            }
            (path, acknowledged)
        });
    }
    while let Some(done) = writers.join_next().await {
        let (path, acknowledged) = done.unwrap();
        let id = path.rsplit('/').next().unwrap();
        let kept = format!("select submitted from proposal_stage where proposal_id = '{id}'");
        assert_eq!(app.value(&kept).await, acknowledged.to_string());
        assert!(
            acknowledged > 1,
            "the deadline came before anything was tried"
        );
    }
    closer.await.unwrap();
    let late = "select count(*) from submission x join stage s using (call_id)
                where s.number = 1 and x.submitted_at >= s.deadline_at";
    assert_eq!(app.value(late).await, "0");
    let locked = "select count(*) from proposal_stage where state = 'locked'";
    assert_eq!(app.value(locked).await, "6");
    assert_eq!(app.value("select count(*) from partner").await, "18");
}

/// Who was reminded since the last time, and of how much time.
async fn reminded(app: &TestApp, before: &mut usize) -> Vec<String> {
    app.tick().await;
    let mails = app.mails().await;
    let mut told: Vec<String> = mails[*before..]
        .iter()
        .filter(|mail| mail.subject().contains("to the deadline of"))
        .map(|mail| format!("{} {}", mail.header("To"), mail.subject()))
        .collect();
    *before = mails.len();
    told.sort();
    told
}

#[tokio::test]
async fn who_has_not_submitted_is_reminded_once_for_each_time() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let (ada, bob, eve) = (
        app.person("Ada").await,
        app.person("Bob").await,
        app.person("Eve").await,
    );
    draft(&ada, &call).await;
    submitted(&bob, &call).await;
    let (path, _) = submitted(&eve, &call).await;
    let now = eve.read(&path).await;
    save(&eve, &path, &now.etag, json!({"title": "Another title"}))
        .await
        .expect(200);
    let mut seen = 0;
    // What was begun after the moment of a reminder is not reminded of it.
    app.set_deadline(&call, 1, 2 * 3600).await;
    assert_eq!(reminded(&app, &mut seen).await, Vec::<String>::new());
    app.sql("update proposal set created_at = created_at - interval '60 days'")
        .await;
    app.set_deadline(&call, 1, 6 * 86_400).await;
    let week = reminded(&app, &mut seen).await;
    assert_eq!(week.len(), 1, "{week:?}");
    assert!(week[0].contains("ada") && week[0].contains("PRECISE: less than 7 days"));
    assert_eq!(reminded(&app, &mut seen).await, Vec::<String>::new());
    app.set_deadline(&call, 1, 2 * 3600).await;
    let last = reminded(&app, &mut seen).await;
    assert_eq!(last.len(), 2, "{last:?}");
    assert!(last.iter().all(|one| one.contains("less than 3 hours")));
    assert!(
        last[0].contains("ada") && last[1].contains("eve"),
        "{last:?}"
    );
    assert_eq!(reminded(&app, &mut seen).await, Vec::<String>::new());
}
