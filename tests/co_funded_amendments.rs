//! What is decided anew in a co-funded call: with the part for gaps that the committee took, and without a line of a
//! funder that refused or defaulted, which the EU's money alone would pay.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::Reply;

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World};

fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

fn payers(selection: &Value) -> Vec<&str> {
    let lines = selection["lines"].as_array().unwrap().iter();
    lines
        .map(|line| line["organisation"].as_str().unwrap())
        .collect()
}

fn path(reply: &Reply) -> String {
    format!("/selections/{}", reply.id())
}

async fn amend(world: &World, selection: &str, cause: &str) -> Reply {
    let request = world.secretariat.post(&format!("{selection}/amend"));
    let body = json!({ "cause": cause, "reason": "As the committee was told" });
    request.etag("*").json(&body).send().await
}

/// Adopted, confirmed, and accepted by all that are asked.
async fn made_final(world: &World, selection: &str) {
    confirmed(world, selection).await;
    for (at, (key, ..)) in FUNDERS.into_iter().enumerate() {
        let line = format!("{selection}/lines/{key}");
        let lines = world.secretariat.read(selection).await.json;
        let open = lines["lines"].as_array().unwrap().iter();
        let mut open = open.filter(|one| one["state"] == "open");
        if open.any(|one| one["organisation"] == key) {
            let accept = world.signatories[at].post(&format!("{line}/accept"));
            accept.etag("*").send().await.expect(200);
        }
    }
    let state = world.secretariat.read(selection).await.json["state"].clone();
    assert_eq!(state, "final");
}

async fn confirmed(world: &World, selection: &str) {
    world.adopt(selection).await;
    let confirm = world.chair.post(&format!("{selection}/confirm"));
    confirm.etag("*").send().await.expect(200);
}

#[tokio::test]
async fn what_was_decided_with_a_scenario_is_amended_by_its_money() {
    let world = World::co_funded("0", "planned").await;
    let all = world.path("scenarios");
    let make = |name: &str, overrides: Value| {
        let body = json!({ "name": name, "visibility": "secretariat", "overrides": overrides });
        let request = world.secretariat.post(&all).json(&body);
        async move { request.send().await.expect(201) }
    };
    let overrides = json!({
        "gap_share": "1",
        "commitments": [{ "funder": "AA-ALPHA", "amount": "2600000.00" }],
    });
    let scenario = make("All to gaps", overrides).await;
    let gap_share = scenario.json["input"]["gap_share"].clone();
    assert_eq!(texts(&scenario.json["result"]["selected"]).len(), 9);
    let propose = format!("/scenarios/{}/propose", scenario.id());
    let propose = world.secretariat.post(&propose).etag("*").send().await;
    let first = path(&propose.expect(201));
    made_final(&world, &first).await;

    // What is tried beside what is decided is tried with that money too.
    let beside = make("As it is", json!({})).await.json;
    assert_eq!(beside["input"]["gap_share"], gap_share);
    assert_eq!(texts(&beside["input"]["kept"]).len(), 9);

    world.withdraw("P09").await;
    let more = amend(&world, &first, "more_money").await.expect(422);
    assert_eq!(more.faults(), ["/cause no_more_money"]);
    let amended = amend(&world, &first, "withdrawal").await.expect(201);
    let second = path(&amended);
    let view = &amended.json;
    assert_eq!(view["input"]["gap_share"], gap_share);
    assert_eq!(view["input"]["funders"][0]["commitment"], "2600000.00");
    assert_eq!(texts(&view["input"]["kept"]).len(), 8);
    assert_eq!(texts(&view["difference"]["lost"]), ["P09"]);
    assert_eq!(texts(&view["difference"]["gained"]), ["P10"]);
    assert_eq!(view["eu_lost_to_gaps"], "0.00");
    made_final(&world, &second).await;

    // And so it is with what amends the amendment, until the funder pledges anew.
    let funders = world.path("funders");
    let pledge = world.signatories[0].put(&format!("{funders}/AA-ALPHA/commitment"));
    let etag = world.signatories[0].read(&funders).await.etag;
    let body = json!({ "amount": "3600000.00", "reason": "Another letter" });
    pledge.etag(&etag).json(&body).send().await.expect(200);
    world.withdraw("P10").await;
    let third = amend(&world, &second, "withdrawal").await.expect(201).json;
    assert_eq!(third["input"]["gap_share"], gap_share);
    assert_eq!(third["input"]["funders"][0]["commitment"], "3600000.00");
    assert_eq!(texts(&third["selected"]).len(), 8);
}

#[tokio::test]
async fn who_refuses_is_not_asked_for_what_the_eu_would_pay() {
    let world = World::co_funded("100", "earned").await;
    let first = world.confirmed().await;
    let line = format!("{first}/lines/CC-GAMMA");
    let refuse = world.signatories[2].post(&format!("{line}/refuse"));
    let reason = json!({ "reason": "The ministry froze it" });
    refuse.etag("*").json(&reason).send().await.expect(200);
    let second = amend(&world, &first, "refusal").await.expect(201);
    let view = &second.json;
    // P02 asks Gamma, and the ranking binds.
    assert_eq!(texts(&view["selected"]), ["P01"]);
    assert_eq!(payers(view), ["AA-ALPHA", "BB-BETA", "DD-DELTA"]);
    let gamma = &view["input"]["funders"][2];
    assert_eq!(
        (&gamma["commitment"], &gamma["eu_eligible"]),
        (&json!("0.00"), &json!(false))
    );
    assert_eq!(view["result"]["eu_contribution"], "330000.00");
    made_final(&world, &path(&second)).await;
}

#[tokio::test]
async fn who_defaults_has_no_line_any_more_and_what_that_costs_is_told() {
    let world = World::co_funded("100", "earned").await;
    let first = world.propose().await;
    made_final(&world, &first).await;
    let whole = world.secretariat.read(&first).await.json;
    assert_eq!(texts(&whole["selected"]).len(), 9);
    assert_eq!(whole["eu_lost_to_gaps"], "0.00");
    let told = |view: &Value| -> bool {
        let lines = texts(&view["explanation"]).into_iter();
        lines.filter(|line| line.contains("would be lost")).count() == 1
    };
    assert!(!told(&whole));

    let gone = json!({ "reason": "The ministry withdrew the programme", "evidence": "Letter of 3 March",
                       "goes_on": [] });
    let default = format!("{first}/lines/DD-DELTA/default");
    let default = world.secretariat.post(&default).etag("*").json(&gone);
    default.send().await.expect(201);
    let amended = amend(&world, &first, "default").await.expect(201);
    let view = &amended.json;
    assert_eq!(texts(&view["selected"]), ["P05", "P06", "P08", "P09"]);
    assert_eq!(view["selected"], view["input"]["kept"]);
    assert_eq!(payers(view), ["AA-ALPHA", "BB-BETA", "CC-GAMMA"]);
    assert_eq!(view["result"]["eu_contribution"], "1386000.00");
    // P01 stays on the list above all of it.
    assert_eq!(view["eu_lost_to_gaps"], "1386000.00");
    assert!(told(view));

    // A scenario tells the same of what it keeps.
    let body = json!({ "name": "As it is", "visibility": "secretariat" });
    let scenario = world.secretariat.post(&world.path("scenarios")).json(&body);
    let scenario = scenario.send().await.expect(201).json;
    assert_eq!(scenario["eu_lost_to_gaps"], "1386000.00");
    assert!(told(&scenario));
    made_final(&world, &path(&amended)).await;
}
