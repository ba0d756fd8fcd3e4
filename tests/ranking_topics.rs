//! Ranking per topic: each topic has positions of its own, and invitations read the lists merged by score.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::{Evaluation, Reviewer, nomination, rank_per_topic};
use proposals::{content, open_call, submit};
use serde_json::{Value, json};
use testkit::TestApp;

/// Two topics, each a module of its own, and a module that stands in none.
fn parts() -> Value {
    let part = |key: &str| json!({ "key": key, "title": format!("On {key}") });
    json!({
        "topics": [part("care"), part("prevention")],
        "modules": [part("care"), part("prevention"), part("tools")],
    })
}

/// Reviewed proposals in these modules, and the chair, who has recorded these scores for impact.
async fn judged(modules: [&[&str]; 3], impact: [&str; 3]) -> (Evaluation, Reviewer) {
    let story = Evaluation::per_topic(&parts(), modules).await;
    let experts = story.three().await;
    let chair = story
        .ready(&[nomination(
            "Carla Chair",
            "West University",
            "c@west.example",
            "chair",
        )])
        .await
        .remove(0);
    story.assign(2).await.expect(200);
    story.review_all(&experts).await;
    story.convene().await.expect(200);
    let one = |at: usize| {
        json!({"proposal": story.proposal(at), "rating": "recommended", "comment": "Agreed.",
            "scores": {"excellence": "4.5", "impact": impact[at], "implementation": "3.5"}})
    };
    let all = json!({ "consensus": [one(0), one(1), one(2)] });
    let desk = story.stage("consensus");
    chair.client.post(&desk).json(&all).send().await.expect(200);
    (story, chair)
}

/// The lines of a list as topic, position and proposal.
fn lines(list: &Value) -> Vec<[Value; 3]> {
    let line = |one: &Value| ["topic", "position", "proposal"].map(|field| one[field].clone());
    list.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn topics_are_ranked_apart_and_invited_together() {
    let (story, chair) = judged(
        [&["care"], &["prevention", "tools"], &["prevention"]],
        ["3.0", "4.0", "4.0"],
    )
    .await;
    let line = |topic: Value, position: i32, at: usize| {
        [topic, json!(position), json!(story.proposal(at))]
    };
    let apart = [
        line(json!("care"), 1, 0),
        line(json!("prevention"), 1, 1),
        line(json!("prevention"), 1, 2),
    ];
    let ranking = story.stage("ranking");
    let draft = chair.client.read(&ranking).await;
    assert_eq!(lines(&draft.json["entries"]), apart);
    let adopt = story.stage("ranking/adopt");
    let adopted = chair.client.post(&adopt).etag(&draft.etag).send().await;
    adopted.expect(200);
    let list = story.committee.read(&ranking).await;
    assert_eq!(list.json["state"], "adopted");
    assert_eq!(lines(&list.json["entries"]), apart);
    story.proposals[0].0.get(&ranking).send().await.expect(404);

    let plan = story.office.read(&story.stage("invitations")).await;
    let together = [
        line(Value::Null, 1, 1),
        line(Value::Null, 1, 2),
        line(Value::Null, 3, 0),
    ];
    assert_eq!(lines(&plan.json["invited"]), together);
}

#[tokio::test]
async fn a_list_that_misses_a_topic_is_not_adopted() {
    let (story, chair) = judged([&["care"], &["prevention"], &["prevention"]], ["4.0"; 3]).await;
    let rename = "update call set rules = jsonb_set(rules, '{topics,0,key}', '\"tools\"')";
    story.app.sql(rename).await;
    let draft = chair.client.read(&story.stage("ranking")).await;
    let last = &lines(&draft.json["entries"])[2];
    assert_eq!(
        *last,
        [Value::Null, json!(1), json!(story.proposal(0))],
        "a draft shows it"
    );
    let adopt = story.stage("ranking/adopt");
    let refused = chair.client.post(&adopt).etag(&draft.etag).send().await;
    assert_eq!(refused.expect(422).faults(), ["/proposals topic_unknown"]);
}

#[tokio::test]
async fn a_proposal_chooses_one_topic_and_a_call_has_several() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    rank_per_topic(&app, &call, &parts()).await;
    for (name, modules) in [
        ("Ada", json!(["tools"])),
        ("Bea", json!(["care", "prevention"])),
    ] {
        let coordinator = app.person(name).await;
        let mut content = content();
        content["modules"] = modules;
        let draft = coordinator
            .post(&format!("/calls/{call}/proposals"))
            .json(&json!({ "content": content }))
            .send()
            .await
            .expect(201);
        let path = format!("/proposals/{}", draft.id());
        let refused = submit(&coordinator, &path, &draft.etag).await.expect(422);
        assert_eq!(refused.faults(), ["/modules topic_choice"]);
    }

    let mut rules = serde_json::to_value(call::Rules::default_two_stage()).unwrap();
    rules["stages"][1]["evaluation"]["ranking"] = json!("per_topic");
    rules["topics"] = json!([{"key": "care", "title": "Care"}]);
    let stage = |opens: &str, deadline: &str, label: &str| {
        json!({"opens_at": opens,
            "deadline": {"at": deadline, "zone": "Europe/Paris", "label": label}})
    };
    let input = json!({
    "code": "JTC2097", "title": "Another call", "topic": "Care", "year": 2097, "rehearsal": true,
    "rules": rules,
    "stages": [
        stage("2096-11-01T00:00:00Z", "2097-03-04T16:00:00Z", "4 March 2097, 17:00 CET"),
        stage("2097-06-01T00:00:00Z", "2098-03-04T16:00:00Z", "4 March 2098, 17:00 CET"),
    ]});
    let refused = office.post("/calls").json(&input).dry_run().send().await;
    assert_eq!(
        refused.expect(422).faults(),
        [
            "/rules/stages/1/evaluation/ranking topics",
            "/rules/topics/0/key topic_not_chosen"
        ]
    );
}
