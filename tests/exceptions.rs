//! Individual exceptions to a deadline: one proposal may be submitted until an instant of its own.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{draft, open_call, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

/// Before the deadline of the second stage, and after that of the first.
const UNTIL: &str = "2097-04-01T15:00:00Z";

async fn give(who: &Client, path: &str, until: &str, reason: &str) -> Reply {
    let input = json!({"until": until, "reason": reason});
    let give = who.post(&format!("{path}/exceptions")).json(&input);
    give.send().await
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

async fn state(app: &TestApp, path: &str) -> String {
    let id = id(path);
    app.value(&format!(
        "select state from proposal_stage where proposal_id = '{id}'"
    ))
    .await
}

async fn items(who: &Client, call: &str) -> Vec<Value> {
    let list = who.read(&format!("/calls/{call}/exceptions")).await;
    list.json["items"].as_array().unwrap().clone()
}

async fn people(app: &TestApp, call: &str) -> (Client, Client) {
    let (observer, funder) = (app.person("Observer").await, app.person("Funder").await);
    app.grant(&observer, Role::Observer, Some(call), None).await;
    let role = Role::CscRepresentative;
    app.grant(&funder, role, Some(call), Some("DE-BMBF")).await;
    (observer, funder)
}

#[tokio::test]
async fn an_exception_given_before_the_deadline_outlasts_the_closing_and_ends_by_itself() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (observer, funder) = people(&app, &call).await;
    let (ada, bob, eve) = (
        app.person("Ada").await,
        app.person("Bob").await,
        app.person("Eve").await,
    );
    let (with, _) = submitted(&ada, &call).await;
    let (without, _) = submitted(&bob, &call).await;
    let late = format!("/proposals/{}", draft(&eve, &call).await.id());
    let given = give(&office, &with, UNTIL, " A flood ").await.expect(201);
    assert_eq!(given.json["version"], 1);
    assert_eq!(given.json["reason"], "A flood");
    give(&office, &late, UNTIL, "A flood").await.expect(201);

    let seen = ada.read(&with).await.json["stages"][0]["exception"].clone();
    assert_eq!(
        (&seen["until"], &seen["reason"]),
        (&json!(UNTIL), &json!("A flood"))
    );
    assert_eq!(
        bob.read(&without).await.json["stages"][0]["exception"],
        Value::Null
    );
    for who in [&office, &observer] {
        assert_eq!(items(who, &call).await.len(), 2);
    }
    assert_eq!(
        items(&funder, &call).await.len(),
        0,
        "it learns of no draft"
    );
    let list = format!("/calls/{call}/exceptions");
    bob.get(&list).send().await.expect(403);
    app.client().get(&list).send().await.expect(401);
    let mails = app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().contains("Individual exception"));
    let told: Vec<String> = told.map(|mail| mail.header("To")).collect();
    assert_eq!(told.len(), 2, "{told:?}");

    app.close_stage(&call, 1).await;
    assert_eq!(state(&app, &with).await, "submitted");
    assert_eq!(state(&app, &without).await, "locked");
    assert_eq!(state(&app, &late).await, "draft");
    let query = format!("select state from stage where call_id = '{call}' and number = 1");
    assert_eq!(app.value(&query).await, "checking");
    // What runs is nobody else's to see.
    funder.get(&with).send().await.expect(404);
    office.get(&with).send().await.expect(404);
    let now = bob.read(&without).await;
    let refused = save(&bob, &without, &now.etag, json!({"title": "Late"})).await;
    assert_eq!(refused.expect(409).code(), "deadline_passed");
    let assign = office
        .post(&format!("/calls/{call}/stages/1/assign"))
        .etag("*");
    let refused = assign.json(&json!({})).send().await.expect(409);
    let detail = refused.json["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("exception"), "{detail}");

    let now = ada.read(&with).await;
    let saved = save(&ada, &with, &now.etag, json!({"title": "Better"})).await;
    let again = submit(&ada, &with, &saved.expect(200).etag)
        .await
        .expect(200);
    assert_eq!(again.json["receipt"]["receipt"]["version"], 2);
    let tasks = eve.read("/me/tasks").await.json.to_string();
    assert!(
        tasks.contains("submit_proposal") && tasks.contains(UNTIL),
        "{tasks}"
    );

    // One second after its own instant the exception is over, before and after the calendar has seen to it.
    let now = ada.read(&with).await;
    let saved = save(&ada, &with, &now.etag, json!({"title": "Unfinished"})).await;
    let saved = saved.expect(200);
    for path in [&with, &late] {
        app.set_exception(id(path), -1).await;
    }
    let read = ada.read(&with).await;
    let refused = submit(&ada, &with, &read.etag).await.expect(409);
    assert_eq!(refused.code(), "deadline_passed");
    let detail = refused.json["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("individual exception until"), "{detail}");
    let arrival = app.service.arrive();
    app.tick().await;
    assert_eq!(
        state(&app, &with).await,
        "edited_since",
        "what arrived is decided first"
    );
    drop(arrival);
    app.tick().await;
    assert_eq!(state(&app, &with).await, "locked");
    assert_eq!(state(&app, &late).await, "lapsed");
    let refused = submit(&ada, &with, &saved.etag).await.expect(409);
    assert_eq!(refused.code(), "deadline_passed");
    let counted = office.read(&with).await.json["stages"][0].clone();
    assert_eq!(counted["content"]["title"], "Better");
    assert_eq!(counted["submitted_version"], 2);
    let partners = format!("select count(*) from partner where call_id = '{call}'");
    assert_eq!(app.value(&partners).await, "6");
    assert_eq!(
        items(&funder, &call).await.len(),
        2,
        "given and moved, of what it sees now"
    );
}

#[tokio::test]
async fn what_the_deadline_closed_is_open_again_until_somebody_has_judged_it() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let people = ["Ada", "Bob", "Eve", "Ivo"];
    let [ada, bob, eve, ivo] = futures::future::join_all(people.map(|name| app.person(name)))
        .await
        .try_into()
        .unwrap_or_else(|_| unreachable!());
    let (locked, _) = submitted(&ada, &call).await;
    let (edited, _) = submitted(&bob, &call).await;
    let now = bob.read(&edited).await;
    let title = json!({"title": "Written on"});
    save(&bob, &edited, &now.etag, title).await.expect(200);
    let lapsed = format!("/proposals/{}", draft(&eve, &call).await.id());
    let (judged, _) = submitted(&ivo, &call).await;
    app.close_stage(&call, 1).await;
    let check = json!({"verdict": "eligible", "reason": "Complete"});
    let check = office
        .put(&format!("{judged}/formal-check"))
        .etag("*")
        .json(&check);
    check.send().await.expect(200);

    office.read(&locked).await;
    for (path, open) in [
        (&locked, "submitted"),
        (&edited, "edited_since"),
        (&lapsed, "draft"),
    ] {
        give(&office, path, UNTIL, "A flood").await.expect(201);
        assert_eq!(state(&app, path).await, open);
    }
    office.get(&locked).send().await.expect(404);
    let refused = give(&office, &judged, UNTIL, "A flood").await.expect(409);
    assert_eq!(refused.code(), "state_conflict");
    assert_eq!(state(&app, &judged).await, "locked");

    let now = eve.read(&lapsed).await;
    submit(&eve, &lapsed, &now.etag).await.expect(200);
    // A later exception replaces the earlier one.
    let sooner = give(
        &office,
        &lapsed,
        "2097-03-20T15:00:00Z",
        "Until the roof is dry",
    )
    .await;
    assert_eq!(sooner.expect(201).json["version"], 2);
    let seen = eve.read(&lapsed).await.json["stages"][0]["exception"].clone();
    assert_eq!(seen["until"], "2097-03-20T15:00:00Z");
    for path in [&locked, &edited, &lapsed] {
        app.set_exception(id(path), -1).await;
    }
    app.tick().await;
    for path in [&locked, &edited, &lapsed] {
        assert_eq!(state(&app, path).await, "locked");
    }
    let partners = format!("select count(*) from partner where call_id = '{call}'");
    assert_eq!(app.value(&partners).await, "12");
    let log = "select count(*) from audit where action = 'close_exception' and worn = 'system'";
    assert_eq!(app.value(log).await, "3");
}

#[tokio::test]
async fn the_later_of_stage_and_exception_counts() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    give(&office, &path, UNTIL, "A flood").await.expect(201);
    app.set_deadline(&call, 1, 600).await;
    app.set_exception(id(&path), -1).await;
    app.tick().await;
    assert_eq!(state(&app, &path).await, "submitted", "the stage is open");
    let now = ada.read(&path).await;
    let saved = save(&ada, &path, &now.etag, json!({"title": "In time"})).await;
    submit(&ada, &path, &saved.expect(200).etag)
        .await
        .expect(200);
    app.close_stage(&call, 1).await;
    assert_eq!(state(&app, &path).await, "locked");
}

#[tokio::test]
async fn an_exception_is_refused_with_its_faults_and_to_everybody_else() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (observer, funder) = people(&app, &call).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let (path, _) = submitted(&ada, &call).await;
    let faults = give(&office, &path, "2026-01-01T00:00:00Z", " ")
        .await
        .expect(422);
    let expected = [
        "/until before_deadline",
        "/until in_the_past",
        "/reason required",
    ];
    assert_eq!(faults.faults(), expected);
    let faults = give(&office, &path, "2099-01-01T00:00:00Z", "A flood").await;
    assert_eq!(faults.expect(422).faults(), ["/until deadline_order"]);
    for (who, status) in [(&ada, 403), (&bob, 404), (&observer, 404), (&funder, 404)] {
        give(who, &path, UNTIL, "A flood").await.expect(status);
    }
    give(&app.client(), &path, UNTIL, "A flood")
        .await
        .expect(401);
    let input = json!({"until": UNTIL, "reason": "A flood"});
    let exceptions = format!("{path}/exceptions");
    let dry = office.post(&exceptions).dry_run().json(&input);
    dry.send().await.expect(200);
    assert_eq!(items(&office, &call).await.len(), 0);
    let once = async || {
        let post = office.post(&exceptions).key("once").json(&input);
        post.send().await.expect(201).json
    };
    assert_eq!(once().await, once().await);
    assert_eq!(items(&office, &call).await.len(), 1);
    let now = ada.read(&path).await;
    let reason = json!({"reason": "Enough"});
    let withdraw = ada.post(&format!("{path}/withdraw")).etag(&now.etag);
    withdraw.json(&reason).send().await.expect(200);
    let withdrawn = give(&office, &path, UNTIL, "A flood").await;
    assert_eq!(withdrawn.expect(409).code(), "state_conflict");
}
