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

/// The funders pledge for each topic: enough for one proposal in `care`, too little for two in `prevention`.
async fn money_of_their_own(story: &Evaluation) {
    let own = "update call set rules = jsonb_set(jsonb_set(rules, '{stages,1,evaluation,ranking}', '\"per_topic\"'),
               '{funding,topic_money}', '\"own\"')";
    story.app.sql(own).await;
    let topics = json!({ "care": "300000.00", "prevention": "100000.00" });
    let pledge = json!({ "amount": "400000.00", "topics": topics, "reason": "Divided" });
    for (funder, _) in proposals::FUNDERS {
        let path = format!("/calls/{}/funders/{funder}/commitment", story.call);
        let put = story.office.put(&path).etag("*");
        put.json(&pledge).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_topic_with_money_of_its_own_is_balanced_by_itself() {
    let (story, chair) = judged(
        [&["care"], &["prevention", "tools"], &["prevention"]],
        ["3.0", "4.0", "4.0"],
    )
    .await;
    money_of_their_own(&story).await;
    let draft = chair.client.read(&story.stage("ranking")).await;
    let adopt = chair.client.post(&story.stage("ranking/adopt"));
    adopt.etag(&draft.etag).send().await.expect(200);
    let path = story.stage("balancing?limit_ratio=1.0");
    let seen = story.office.read(&path).await.json;
    let care = &seen["balance"]["topics"][0];
    assert_eq!(
        ["topic", "total"].map(|field| care[field].clone()),
        [
            json!("care"),
            json!({"funder": "", "requested": "480001.50", "committed": "900000.00", "ratio": "0.53",
                   "unspendable": "419998.50"})
        ]
    );
    // In all more is asked of it than it commits, and yet a part of its money for `care` cannot be spent.
    let line = &seen["balance"]["funders"][0];
    assert_eq!(
        ["requested", "committed", "unspendable"].map(|field| line[field].clone()),
        ["480001.50", "400000.00", "139999.50"]
    );
    assert_eq!(seen["cannot_spend"].as_array().unwrap().len(), 3);
    let policies = seen["policies"].as_array().unwrap().iter();
    let mut gaps = policies.filter(|one| one["policy"] == "per_funder_with_gaps");
    let gaps = gaps.next().unwrap();
    assert_eq!(
        lines(&gaps["invited"]),
        [[json!("care"), json!(1), json!(story.proposal(0))]]
    );
    let left_out = &gaps["left_out"];
    assert_eq!(lines(left_out).len(), 2);
    assert_eq!(left_out[0]["because"], "breaks_limit");
    assert_eq!(left_out[0]["broken"][0]["most"], "100000.00");
    let balance = story.office.read(&story.stage("balance")).await.json;
    assert_eq!(balance, seen["balance"]);
    let plan = story.stage("invitations?limit_ratio=1.0&policy=per_funder_with_gaps");
    let plan = story.office.read(&plan).await;
    assert_eq!(lines(&plan.json["invited"]), lines(&gaps["invited"]));
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
