//! What needs a login says so before anything is looked up: to somebody unknown a thing that is there and
//! one that is not answer alike, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;
#[path = "trust/scene.rs"]
mod scene;
#[path = "trust/things.rs"]
mod things;
mod uploading;

use serde_json::Value;
use testkit::{Client, Reply};
use things::Things;

/// Status, headers but those of the clock and the request's id, and the body without its path and id.
fn masked(reply: &Reply) -> (u16, Vec<(String, String)>, Value) {
    let own = ["date", "x-request-id"];
    let mut headers = reply.headers.clone();
    headers.retain(|(name, _)| !own.contains(&name.as_str()));
    headers.sort();
    let mut body = reply.json.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("instance");
        body.remove("request_id");
    }
    (reply.status, headers, body)
}

async fn ask(who: &Client, method: &str, path: &str, described: &Value) -> Reply {
    let request = who.method(&method.to_uppercase(), path);
    // As long as each other, so that the lengths of the answers are comparable.
    let request = request.header("X-Request-Id", "stranger");
    request.example(described).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_of_nothing_whether_it_exists() {
    let scene = scene::decision().await;
    let things = Things::of(&scene.app).await;
    let stranger = scene.app.client();
    let document = serde_json::to_value(web::api::full_document()).unwrap();
    let (mut closed, mut open, mut told) = (0, 0, 0);
    let mut faults = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let there = things.fill(template, true);
            let nowhere = things.fill(template, false);
            let one = ask(&stranger, method, &there, operation).await;
            let other = ask(&stranger, method, &nowhere, operation).await;
            let name = operation["operationId"].as_str().unwrap();
            let needs_login = operation["security"][0] != serde_json::json!({});
            if !needs_login {
                open += 1;
                told += usize::from(masked(&one) != masked(&other));
                if one.code() == "not_authenticated" {
                    faults.push(format!("{name} is said to be open, and asks for a login"));
                }
                continue;
            }
            closed += 1;
            // A body that cannot be read tells a stranger nothing either.
            let odd = serde_json::json!({"requestBody": {"content": {"application/json": {
                "example": {"no such": "field"}}}}});
            let odd = ask(&stranger, method, &there, &odd).await;
            if (one.status, one.code()) != (401, "not_authenticated") {
                faults.push(format!("{name} answers {} without a login", one.status));
            }
            if masked(&one) != masked(&other) || masked(&one) != masked(&odd) {
                faults.push(format!("{name}: {there} and {nowhere} differ"));
            }
        }
    }
    println!("{closed} operations need a login and tell nothing before it; {open} are open");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // The comparison is not blind: an open call and none are told apart.
    assert!(told > 0);
}
