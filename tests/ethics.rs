//! The ethics step after the panel, before the letters.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod world;

use serde_json::{Value, json};
use testkit::Reply;
use world::World;

/// Full proposals, recommended and ranked, in a call that looks at the ethics of what the panel recommends.
async fn world() -> World {
    let world = World::ranked().await;
    world
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{stages,1,evaluation,ethics}}', '\"after_panel\"') where id = '{}'",
            world.call
        ))
        .await;
    world
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
