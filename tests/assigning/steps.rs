//! What the stories about assigning do again and again.
#![allow(dead_code, reason = "each story uses some of it")]

use serde_json::{Value, json};
use testkit::Reply;

use crate::evaluation::{Evaluation, Reviewer, nomination};

/// What nobody has.
pub const NOBODY: &str = "019a0000-0000-7000-8000-0000000000ff";

/// What the secretariat reads of who fits a proposal.
pub async fn affinity(story: &Evaluation, at: usize) -> Value {
    let path = story.stage(&format!("affinity/{}", story.proposal(at)));
    story.office.read(&path).await.json
}

pub async fn number(story: &Evaluation, at: usize) -> String {
    let seen = affinity(story, at).await;
    seen["number"].as_str().unwrap().to_owned()
}

pub async fn import(story: &Evaluation, table: &str) -> Reply {
    let path = story.stage("affinity");
    let table = table.to_owned();
    story
        .office
        .post(&path)
        .body("text/csv", table)
        .send()
        .await
}

pub async fn post(story: &Evaluation, path: &str, body: &Value) -> Reply {
    story.office.post(path).json(body).send().await
}

pub async fn dry(story: &Evaluation, path: &str, body: &Value) -> Reply {
    let request = story.office.post(path).json(body);
    request.dry_run().send().await
}

/// The names of a proposal's reviewers in a list of assignments, those that ended left out.
pub fn names(pairs: &Value, proposal: &str) -> Vec<String> {
    let ended = ["declined", "conflicted", "replaced", "voided"];
    let pairs = pairs.as_array().unwrap().iter();
    pairs
        .filter(|pair| pair["proposal"] == proposal)
        .filter(|pair| !ended.contains(&pair["state"].as_str().unwrap()))
        .map(|pair| pair["name"].as_str().unwrap().to_owned())
        .collect()
}

pub async fn now(story: &Evaluation) -> Value {
    let seen = story.office.read(&story.stage("assignments")).await;
    seen.json["items"].clone()
}

pub fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

pub async fn note(story: &Evaluation, expert: &str, proposal: &str) -> Reply {
    let path = format!("/calls/{}/conflicts", story.call);
    let body = json!({"expert": expert, "proposal": proposal, "kind": "co_publication", "reason": "Three papers"});
    post(story, &path, &body).await
}

pub async fn with_substitute(story: &Evaluation) -> Vec<Reviewer> {
    let mut experts = story.three().await;
    let substitute = nomination(
        "Sue Spare",
        "Spare University",
        "s@spare.example",
        "substitute",
    );
    experts.extend(story.ready(&[substitute]).await);
    experts
}
