//! Topics with money of their own: commitments divided by topic, and a selection that is one for each.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Reply, TestApp};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World};

async fn divided() -> World {
    let world = World::ranked().await;
    world.divide().await;
    world
}

/// Pledges a commitment of one of the funders with its parts for `care` and `tools`.
async fn pledge(world: &World, at: usize, amount: &str, parts: Value) -> Reply {
    let path = world.path(&format!("funders/{}/commitment", FUNDERS[at].0));
    let body = json!({ "amount": amount, "topics": parts, "reason": "Another letter" });
    let put = world.signatories[at].put(&path);
    put.etag("*").json(&body).send().await
}

/// What of a funder's commitment is for each topic, as the chair reads it.
async fn topics(world: &World, at: usize) -> Value {
    let all = world.chair.read(&world.path("commitments")).await.json;
    let funders = all["funders"].as_array().unwrap().iter();
    let mut own = funders.filter(|one| one["organisation"] == FUNDERS[at].0);
    own.next().unwrap()["commitment"]["topics"].clone()
}

fn part(topic: &str, amount: &str, decided: &str) -> Value {
    json!({ "topic": topic, "amount": amount, "available": null, "decided": decided })
}

#[tokio::test]
async fn each_topic_is_decided_with_its_own_money() {
    let world = divided().await;
    let first = world.confirmed().await;
    let seen = world.chair.read(&first).await.json;
    assert_eq!(seen["selected"], json!(["P01", "P05", "P06", "P08"]));
    let apart = &seen["result"]["topics"];
    assert_eq!(
        (&apart[0]["topic"], &apart[0]["result"]["selected"]),
        (&json!("care"), &json!(["P01", "P05"]))
    );
    assert_eq!(apart[1]["result"]["selected"], json!(["P06", "P08"]));
    let why = "Topic care: P02 is not funded: too little was left for it when its turn came. \
               DD-DELTA lacks 265000.00 EUR.";
    let told = seen["explanation"].as_array().unwrap().iter();
    let mut told = told.filter_map(Value::as_str);
    assert!(told.any(|line| line.starts_with(why)), "{seen}");
    assert_eq!(
        seen["lines"][0]["topics"],
        json!({ "care": "900000.00", "tools": "700000.00" })
    );
    world.coordinator.get(&first).send().await.expect(404);
    for look in ["outlook", "sensitivity", "what-if"] {
        let path = world.path(&format!("selection/{look}"));
        world.chair.get(&path).send().await.expect(200);
    }
    world.accept(&first, 0..4).await;
    assert_eq!(world.chair.read(&first).await.json["state"], "final");
    assert_eq!(
        topics(&world, 0).await,
        json!([
            part("care", "1340000.00", "900000.00"),
            part("tools", "1340000.00", "700000.00")
        ])
    );

    let below = json!({ "care": "899999.99", "tools": "1340000.01" });
    let refused = pledge(&world, 0, "2240000.00", below).await.expect(422);
    assert_eq!(refused.faults(), ["/topics/care below_decided"]);

    // Not more in all, but more to `care`: what that pays is decided beside what was.
    let moved = json!({ "care": "600000.00", "tools": "70000.00" });
    pledge(&world, 3, "670000.00", moved).await.expect(200);
    let cause = json!({ "cause": "more_money", "reason": "Delta moves money" });
    let amend = world.secretariat.post(&format!("{first}/amend"));
    let second = amend.etag("*").json(&cause).send().await.expect(201);
    assert_eq!(
        second.json["selected"],
        json!(["P01", "P02", "P05", "P06", "P08"])
    );
    let second = format!("/selections/{}", second.id());
    world.adopt(&second).await;
    let confirm = world.chair.post(&format!("{second}/confirm"));
    confirm.etag("*").send().await.expect(200);
    // P02 asks nothing of BB-BETA: what it accepted stays accepted.
    world.accept(&second, 0..1).await;
    world.accept(&second, 2..4).await;
    assert_eq!(world.chair.read(&second).await.json["state"], "final");
    assert_eq!(
        topics(&world, 3).await,
        json!([
            part("care", "600000.00", "600000.00"),
            part("tools", "70000.00", "0.00")
        ])
    );
}

#[tokio::test]
async fn a_pledge_is_divided_among_the_topics() {
    let world = divided().await;
    let faults = async |amount: &str, parts: Value| {
        let refused = pledge(&world, 0, amount, parts).await.expect(422);
        refused.faults()
    };
    assert_eq!(
        faults("100.00", json!({})).await,
        [
            "/topics/care required",
            "/topics/tools required",
            "/topics not_the_sum"
        ]
    );
    assert_eq!(
        faults("100.00", json!({ "care": "50.00", "tools": "49.99" })).await,
        ["/topics not_the_sum"]
    );
    assert_eq!(
        faults(
            "100.00",
            json!({ "care": "50.00", "tools": "50.00", "food": "0.00" })
        )
        .await,
        ["/topics/food topic_unknown"]
    );
    let parts = json!({ "care": "60.00", "tools": "40.00" });
    let reply = pledge(&world, 0, "100.00", parts.clone()).await.expect(200);
    let history = &reply.json["items"][0]["commitment"]["history"];
    assert_eq!(history[1]["topics"], parts);

    let shared = World::ranked().await;
    let refused = pledge(&shared, 0, "60.00", json!({ "care": "60.00" })).await;
    assert_eq!(refused.expect(422).faults(), ["/topics/care topic_unknown"]);
}

#[tokio::test]
async fn money_that_was_moved_away_is_not_decided() {
    let world = divided().await;
    let path = world.confirmed().await;
    let moved = json!({ "care": "800000.00", "tools": "1880000.00" });
    pledge(&world, 0, "2680000.00", moved).await.expect(200);
    world.accept(&path, 1..4).await;
    let line = format!("{path}/lines/{}", FUNDERS[0].0);
    let accept = world.signatories[0].post(&format!("{line}/accept"));
    let refused = accept.etag("*").send().await.expect(409);
    let told = refused.json["detail"].as_str().unwrap();
    assert!(told.contains("the topic 'care'"), "{told}");
    assert_eq!(world.chair.read(&path).await.json["state"], "confirmed");
    assert_eq!(topics(&world, 1).await[0]["decided"], "0.00");
}

#[tokio::test]
async fn who_refuses_pays_in_no_topic() {
    let world = divided().await;
    let path = world.confirmed().await;
    let line = format!("{path}/lines/{}", FUNDERS[3].0);
    let refuse = world.signatories[3].post(&format!("{line}/refuse"));
    let refuse = refuse.etag("*").json(&json!({ "reason": "No budget" }));
    refuse.send().await.expect(200);
    let cause = json!({ "cause": "refusal", "reason": "Delta pays nothing" });
    let amend = world.secretariat.post(&format!("{path}/amend"));
    let second = amend.etag("*").json(&cause).send().await.expect(201);
    assert_eq!(second.json["selected"], json!(["P05", "P06", "P08"]));
}

#[tokio::test]
async fn a_scenario_supposes_more_for_a_topic() {
    let world = divided().await;
    let all = world.path("scenarios");
    let make = async |commitment: Value| {
        let body = json!({ "name": "Delta raises", "visibility": "shared",
                           "overrides": { "commitments": [commitment] } });
        world.secretariat.post(&all).json(&body).send().await
    };
    let refused = make(json!({ "funder": "DD-DELTA", "amount": "600000.00" })).await;
    assert_eq!(
        refused.expect(422).faults(),
        ["/overrides/commitments/0/topic topic_unknown"]
    );
    let more = json!({ "funder": "DD-DELTA", "topic": "care", "amount": "600000.00" });
    let made = make(more).await.expect(201);
    assert_eq!(
        made.json["result"]["selected"],
        json!(["P01", "P02", "P05", "P06", "P08"])
    );
    let propose = format!("/scenarios/{}/propose", made.id());
    let propose = || world.secretariat.post(&propose).etag("*").send();
    assert_eq!(
        propose().await.expect(422).faults(),
        ["/overrides/commitments/0/amount not_pledged"]
    );
    let raised = json!({ "care": "600000.00", "tools": "335000.00" });
    pledge(&world, 3, "935000.00", raised).await.expect(200);
    let proposed = propose().await.expect(201);
    assert_eq!(proposed.json["selected"], made.json["result"]["selected"]);
}

/// A draft of one's own with these rules.
fn draft(rules: &call::Rules) -> Value {
    let stage = |opens: &str, deadline: &str, label: &str| json!({ "opens_at": opens, "deadline": { "at": deadline, "zone": "Europe/Paris", "label": label } });
    json!({
        "code": "JTC2097", "title": "Another call", "topic": "Care", "year": 2097, "rehearsal": true,
        "rules": rules,
        "stages": [
            stage("2096-11-01T00:00:00Z", "2097-03-04T16:00:00Z", "4 March 2097, 17:00 CET"),
            stage("2097-06-01T00:00:00Z", "2098-03-04T16:00:00Z", "4 March 2098, 17:00 CET"),
        ] })
}

#[tokio::test]
async fn the_draft_says_whose_the_money_is_and_keeps_to_it() {
    let app = TestApp::start().await;
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    let shared = call::Rules::default_two_stage();
    let mut own = shared.clone();
    own.funding.topic_money = call::TopicMoney::Own;
    let refused = office.post("/calls").json(&draft(&own)).send().await;
    assert_eq!(
        refused.expect(422).faults(),
        [
            "/rules/stages/0/evaluation/ranking topic_money",
            "/rules/stages/1/evaluation/ranking topic_money"
        ]
    );
    for stage in &mut own.stages {
        stage.evaluation.ranking = call::RankingLists::PerTopic;
    }
    let parts = json!([{ "key": "care", "title": "Care" }, { "key": "tools", "title": "Tools" }]);
    own.topics = serde_json::from_value(parts.clone()).unwrap();
    own.modules = serde_json::from_value(parts).unwrap();

    let made = office.post("/calls").json(&draft(&shared)).send().await;
    let path = format!("/calls/{}", made.expect(201).id());
    let edit = async |rules: &call::Rules| {
        let put = office.put(&path).etag("*");
        put.json(&draft(rules)).send().await
    };
    edit(&own).await.expect(200);
    edit(&shared).await.expect(200);
    let funder = json!({ "organisation": "DE-BMBF" });
    let join = office.post(&format!("{path}/funders"));
    join.json(&funder).send().await.expect(201);
    let pledge = json!({ "amount": "3000000.00", "reason": "Letter of commitment" });
    let put = office.put(&format!("{path}/funders/DE-BMBF/commitment"));
    put.etag("*").json(&pledge).send().await.expect(200);
    let refused = edit(&own).await.expect(422);
    assert_eq!(refused.faults(), ["/rules/funding/topic_money committed"]);
}
