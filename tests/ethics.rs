//! The ethics step after the panel, before the letters.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod world;

use serde_json::{Value, json};
use testkit::Reply;
use world::World;

/// Full proposals, recommended and ranked, in a call that looks at the ethics of what the panel recommends.
async fn world() -> World {
    world_with("after_panel").await
}

async fn world_with(step: &str) -> World {
    let world = World::ranked().await;
    world
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{stages,1,evaluation,ethics}}', '\"{step}\"') where id = '{}'",
            world.call
        ))
        .await;
    world
}

/// Finds nothing in the way of what nobody looked at yet, and releases the letters.
async fn release(world: &World) {
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let desk = world.secretariat.read(&world.path("stages/2/ethics")).await;
    for item in desk.json["items"].as_array().unwrap() {
        let clear = json!({"assessment": {"outcome": "clear"}});
        if item["state"] == Value::Null {
            let number = item["number"].as_str().unwrap();
            record(world, number, &clear).await.expect(200);
        }
    }
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
}

fn on(conditions: &[&str]) -> Value {
    json!({"assessment": {"outcome": "conditions", "conditions": conditions}})
}

async fn record(world: &World, number: &str, input: &Value) -> Reply {
    let path = format!("/proposals/{}/ethics", world.id_of(number));
    let now = world.secretariat.read(&path).await;
    world
        .secretariat
        .put(&path)
        .etag(&now.etag)
        .json(input)
        .send()
        .await
}

#[tokio::test]
async fn letters_wait_for_ethics_and_the_coordinator_reads_the_outcome_with_them() {
    let world = world().await;
    let desk = world
        .secretariat
        .read(&world.path("stages/2/ethics"))
        .await
        .json;
    let numbers: Vec<String> = desk["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["number"].as_str().unwrap().to_owned())
        .collect();
    assert!(numbers.contains(&"P01".to_owned()));
    let own = format!("/proposals/{}/ethics", world.id_of("P01"));
    world.coordinator.get(&own).send().await.expect(404);
    world.chair.get(&own).send().await.expect(404);

    let begun = record(&world, "P01", &json!({})).await.expect(200);
    assert_eq!(begun.json["state"], "under_review");
    let wrong = json!({"expert": world.call, "assessment": {"outcome": "conditions"}});
    let refused = record(&world, "P01", &wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/expert expert_unknown",
            "/assessment/conditions conditions"
        ]
    );
    let found = json!({"assessment": {"outcome": "conditions", "conditions": ["Ask the board"]}});
    record(&world, "P01", &found).await.expect(200);
    let again = record(&world, "P01", &found).await.expect(422);
    assert_eq!(again.faults(), ["/reason required"]);
    world.coordinator.get(&own).send().await.expect(404);

    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    let early = world.secretariat.post(&release).send().await.expect(422);
    assert!(
        early
            .faults()
            .iter()
            .all(|fault| fault == "/proposals ethics_open")
    );
    let desk = world
        .secretariat
        .read(&world.path("stages/2/ethics"))
        .await
        .json;
    for item in desk["items"].as_array().unwrap() {
        let clear = json!({"assessment": {"outcome": "clear"}});
        if item["state"] == Value::Null {
            let number = item["number"].as_str().unwrap();
            record(&world, number, &clear).await.expect(200);
        }
    }
    world.secretariat.post(&release).send().await.expect(200);
    let told = world.coordinator.read(&own).await.json;
    assert_eq!(told["assessment"]["conditions"], json!(["Ask the board"]));
    assert_eq!(told["expert"], Value::Null);
}

#[tokio::test]
async fn what_ethics_refuse_is_not_selected() {
    let world = world().await;
    let no = json!({"assessment": {"outcome": "refused", "comment": "No consent is asked."}});
    record(&world, "P01", &no).await.expect(200);
    let selection = world.propose().await;
    let seen = world.secretariat.read(&selection).await.json;
    let selected = seen["selected"].to_string();
    assert!(!selected.contains("P01"), "{selected}");
}

#[tokio::test]
async fn what_a_letter_told_of_ethics_stays_until_a_further_letter() {
    let world = world().await;
    record(&world, "P04", &on(&["Ask the board"]))
        .await
        .expect(200);
    release(&world).await;
    let own = format!("/proposals/{}/ethics", world.id_of("P04"));
    let told = world.coordinator.read(&own).await;
    assert_eq!(
        told.json["assessment"]["conditions"],
        json!(["Ask the board"])
    );

    let filed = json!({"ground": "rules_not_followed", "reasons": "Nobody asked the board"});
    let path = format!("/proposals/{}/stages/2/redress", world.id_of("P04"));
    let filed = world.coordinator.post(&path).json(&filed).send().await;
    let redress = format!("/redress/{}", filed.expect(201).id());
    for (who, deed, input) in [
        (
            &world.secretariat,
            "check",
            json!({"admissible": true, "because": "On the procedure"}),
        ),
        (
            &world.observer,
            "examine",
            json!({"followed": false, "finding": "The board was not asked"}),
        ),
        (
            &world.chair,
            "decide",
            json!({"upheld": true, "because": "Written procedure of 3 May"}),
        ),
    ] {
        let post = who.post(&format!("{redress}/{deed}")).etag("*");
        post.json(&input).send().await.expect(200);
    }

    // Neither that it is looked at again is seen, nor what comes of it.
    let again = json!({"reason": "The board has written"});
    let begun = record(&world, "P04", &again).await.expect(200);
    assert_eq!(begun.json["state"], "under_review");
    let more = on(&["Ask the board", "Train the nurses"]);
    for found in [None, Some(&more)] {
        if let Some(found) = found {
            record(&world, "P04", found).await.expect(200);
        }
        let now = world.coordinator.read(&own).await;
        assert_eq!((&now.json, &now.etag), (&told.json, &told.etag));
    }
    let settle = world
        .secretariat
        .post(&format!("{redress}/settle"))
        .etag("*");
    settle.json(&json!({})).send().await.expect(200);
    let now = world.coordinator.read(&own).await.json;
    assert_eq!(
        now["assessment"]["conditions"],
        more["assessment"]["conditions"]
    );

    // That conditions are met which the applicants know of waits for no letter.
    let clear = json!({"assessment": {"outcome": "clear"}});
    record(&world, "P04", &clear).await.expect(200);
    let now = world.coordinator.read(&own).await.json;
    assert_eq!(now["state"], "clear");
}

#[tokio::test]
async fn what_is_found_after_the_selection_is_read_as_it_is_found() {
    let world = world_with("after_selection").await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let own = format!("/proposals/{}/ethics", world.id_of("P01"));
    world.coordinator.get(&own).send().await.expect(404);
    record(&world, "P01", &on(&["Ask the board"]))
        .await
        .expect(200);
    let told = world.coordinator.read(&own).await;
    assert_eq!(told.json["state"], "conditional");
    // While it is looked at again nothing is taken from the coordinator.
    let again = json!({"reason": "The board has written"});
    record(&world, "P01", &again).await.expect(200);
    let now = world.coordinator.read(&own).await;
    assert_eq!((&now.json, &now.etag), (&told.json, &told.etag));
    let clear = json!({"assessment": {"outcome": "clear"}});
    record(&world, "P01", &clear).await.expect(200);
    let now = world.coordinator.read(&own).await.json;
    assert_eq!(now["state"], "clear");
}
