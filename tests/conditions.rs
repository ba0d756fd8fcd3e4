//! Conditions of an invitation: set by the committee, met by the full proposal or noted by the secretariat.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::World;

const UNTIL: &str = "2097-05-01T00:00:00Z";

/// When the full proposals are due.
const DEADLINE: &str = "2097-06-01T00:00:00Z";

fn condition(demand: Value, until: &str) -> Value {
    json!({"demand": demand, "until": until})
}

async fn invite(world: &World, conditions: Value) -> Reply {
    let invited = json!([
        {"proposal": world.id_of("P01"), "conditions": conditions},
        {"proposal": world.id_of("P02")},
    ]);
    let body = json!({"invited": invited, "reason": "Meeting of 12 May"});
    let path = world.path("stages/1/invitations");
    world.secretariat.post(&path).json(&body).send().await
}

/// The id of the partner at the second place of P01.
async fn second(world: &World) -> String {
    let row = world.proposals[0].2;
    let query = format!(
        "select partner_id from partner where proposal_stage_id = '{row}' and position = 1"
    );
    world.app.value(&query).await
}

async fn met(world: &World, who: &Client) -> Vec<Value> {
    let path = format!("/proposals/{}/conditions", world.id_of("P01"));
    let items = who.read(&path).await.json["items"].clone();
    let items = items.as_array().unwrap().iter();
    items.map(|item| item["met"].clone()).collect()
}

/// How many conditions the coordinator's check finds unmet, as faults and as doubts.
async fn unmet(world: &World) -> (usize, usize) {
    let path = format!("/proposals/{}/check", world.id_of("P01"));
    let check = world.coordinator.read(&path).await.json;
    let count = |side: &str| {
        let found = check[side].as_array().unwrap().iter();
        found.filter(|one| one["code"] == "condition_unmet").count()
    };
    (count("faults"), count("doubts"))
}

#[tokio::test]
async fn conditions_are_told_checked_and_noted() {
    let world = World::pre_proposals().await;
    let (office, ada) = (&world.secretariat, &world.coordinator);
    let partner = second(&world).await;
    let wrong = json!([
        condition(
            json!({"kind": "replace_partner", "partner": world.id_of("P01")}),
            "2026-01-01T00:00:00Z"
        ),
        condition(
            json!({"kind": "add_partner", "funders": ["CC-GAMMA", "ZZ"]}),
            "2099-01-01T00:00:00Z"
        ),
        condition(json!({"kind": "other", "text": " "}), UNTIL),
    ]);
    let refused = invite(&world, wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/invited/0/conditions/0/demand/partner unknown_partner",
            "/invited/0/conditions/0/until in_the_past",
            "/invited/0/conditions/1/demand/funders/1 funder_unknown",
            "/invited/0/conditions/1/until deadline_order",
            "/invited/0/conditions/2/demand/text required",
        ]
    );
    let good = json!([
        condition(
            json!({"kind": "replace_partner", "partner": partner}),
            UNTIL
        ),
        condition(
            json!({"kind": "add_partner", "funders": ["CC-GAMMA"]}),
            UNTIL
        ),
        condition(json!({"kind": "other", "text": "Name who leads"}), DEADLINE),
    ]);
    invite(&world, good).await.expect(200);
    let path = format!("/proposals/{}/conditions", world.id_of("P01"));
    assert_eq!(met(&world, ada).await, Vec::<Value>::new(), "not told yet");
    let unknown = vec![Value::Null; 3];
    assert_eq!(met(&world, office).await, unknown);
    assert_eq!(met(&world, &world.observer).await, unknown);
    let release = world.path("stages/1/letters/release");
    let letters = office.post(&release).send().await.expect(200).json;
    let body = letters["items"][0]["body"].as_str().unwrap();
    for part in [
        "to be dropped or replaced: Lab 1 (until 1 May 2097",
        "asks one of: CC-GAMMA",
        "Name who leads",
    ] {
        assert!(body.contains(part), "{body}");
    }
    assert_eq!(met(&world, ada).await, unknown);

    // The full proposal shows by itself what it meets, first to its consortium alone.
    world
        .app
        .sql("update stage set opens_at = clock_timestamp() - interval '1 minute' where number = 2")
        .await;
    world.app.tick().await;
    assert_eq!(
        met(&world, ada).await,
        [json!(false), json!(false), Value::Null]
    );
    assert_eq!(unmet(&world).await, (0, 3));
    // What is due with the full proposals moves with them, and nothing else does.
    let later = json!({
        "deadline": {"at": "2097-07-01T15:00:00Z", "zone": "Europe/Paris", "label": "1 July 2097, 17:00 CEST"},
        "reason": "The network was down",
    });
    let extend = office.post(&world.path("stages/2/extend")).etag("*");
    extend.json(&later).send().await.expect(200);
    let moved = office.read(&path).await.json;
    assert_eq!(moved["items"][0]["until"], UNTIL);
    assert_eq!(moved["items"][2]["until"], "2097-07-01T15:00:00Z");
    let proposal = format!("/proposals/{}", world.id_of("P01"));
    let now = ada.read(&proposal).await;
    let stages = now.json["stages"].as_array().unwrap();
    let mut partners = stages.last().unwrap()["content"]["partners"].clone();
    partners[1]["id"] = json!("019a0000-0000-7000-8000-000000000009");
    partners[1]["funding"]["funder"] = json!("CC-GAMMA");
    let patch = json!({ "partners": partners });
    let save = ada.patch(&proposal).etag(&now.etag).json(&patch);
    let now = save.send().await.expect(200);
    assert_eq!(
        met(&world, ada).await,
        [json!(false), json!(false), Value::Null],
        "the same under another id"
    );
    partners[1]["organisation"] = json!("Lab 9");
    let patch = json!({ "partners": partners });
    let save = ada.patch(&proposal).etag(&now.etag).json(&patch);
    save.send().await.expect(200);
    assert_eq!(
        met(&world, ada).await,
        [json!(true), json!(true), Value::Null]
    );
    assert_eq!(met(&world, office).await, unknown, "a draft is not theirs");
    assert_eq!(unmet(&world).await, (0, 1));
    world
        .app
        .sql("update call set rules = jsonb_set(rules, '{stages,1,conditions_bind}', 'true')")
        .await;
    assert_eq!(unmet(&world).await, (1, 0));

    // Its date passes.
    world
        .app
        .sql("update sealed.invitation_condition set until = clock_timestamp() - interval '1 minute'")
        .await;
    for _ in 0..2 {
        let mails = world.app.mails().await;
        let due: Vec<_> = mails
            .iter()
            .filter(|mail| {
                mail.subject()
                    .contains("Condition of the invitation is due")
            })
            .collect();
        assert_eq!(due.len(), 1);
        assert!(due[0].text().contains("Name who leads"));
    }
    let overdue = office.read(&path).await;
    assert_eq!(overdue.json["items"][2]["overdue"], true);

    let third = format!("{path}/3");
    let input = json!({"met": true, "because": "Letter of 3 May"});
    let stranger = world.app.person("Stranger").await;
    for (who, status) in [
        (ada, 403),
        (&world.observer, 403),
        (&stranger, 404),
        (&world.app.client(), 401),
    ] {
        let put = who.put(&third).etag("*").json(&input);
        put.send().await.expect(status);
    }
    office.put(&third).json(&input).send().await.expect(428);
    let absent = office.put(&format!("{path}/4")).etag("*").json(&input);
    absent.send().await.expect(404);
    let bare = office.put(&third).etag("*").json(&json!({"met": true}));
    assert_eq!(
        bare.send().await.expect(422).faults(),
        ["/because required"]
    );
    let noted = office.put(&third).etag(&overdue.etag).json(&input);
    let noted = noted.send().await.expect(200);
    assert_eq!(noted.json["items"][2]["met"], true);
    assert_eq!(noted.json["items"][2]["met_because"], "Letter of 3 May");
    assert_eq!(unmet(&world).await, (0, 0));
    let back = office.put(&third).etag(&noted.etag);
    let back = back.json(&json!({"met": false})).send().await.expect(200);
    assert_eq!(back.json["items"][2]["met"], Value::Null);
    // Once the full proposals are reviewed it is too late.
    let begin = async |state: &str| {
        let sql = format!("update stage set state = '{state}' where number = 2");
        world.app.sql(&sql).await;
    };
    begin("reviewing").await;
    let late = office.put(&third).etag("*").json(&input);
    assert_eq!(late.send().await.expect(409).code(), "state_conflict");
    begin("open").await;
    let log = "select count(*) from audit where action = 'settle_condition'";
    assert_eq!(world.app.value(log).await, "2");
    stranger.get(&path).send().await.expect(404);
    let none = format!("/proposals/{}/conditions", world.id_of("P02"));
    assert_eq!(ada.read(&none).await.json["items"], json!([]));
}
