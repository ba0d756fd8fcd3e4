//! Two deeds at one moment: the one waits in the database until the other waits for it, or has overtaken it.
#![allow(dead_code, reason = "each story uses some of it")]

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

use crate::evaluation::{Evaluation, nomination};
use crate::steps::note;

/// All reviews are released, the panel agreed on all proposals, and the chair may adopt the list.
pub async fn agreed() -> (Evaluation, Client) {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let carla = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let chair = story.ready(&[carla]).await.remove(0).client;
    let shown = format!(
        "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,reviews_in_letters}}', 'true') where id = '{}'",
        story.call
    );
    story.app.sql(&shown).await;
    story.assign(2).await.expect(200);
    story.review_all(&reviewers).await;
    story.convene().await.expect(200);
    let line = |at: usize| {
        json!({"proposal": story.proposal(at), "rating": "recommended", "comment": "Sound throughout.",
            "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}})
    };
    let list = json!({"consensus": [line(0), line(1), line(2)]});
    let agree = chair.post(&story.stage("consensus")).json(&list);
    agree.send().await.expect(200);
    (story, chair)
}

/// The reviews of the first proposal.
pub async fn reviews(story: &Evaluation) -> Vec<Value> {
    let path = format!("{}/reviews", story.proposals[0].1);
    let found = story.office.read(&path).await.json;
    found["items"].as_array().unwrap().clone()
}

/// Lets whoever does this in the database wait until somebody else waits for it, or has overtaken it.
pub async fn pause(app: &TestApp, doing: &str, overtaken: &str) {
    let pause = format!(
        "create function pause() returns trigger language plpgsql as $$
         begin
             perform pg_advisory_xact_lock(4711);
             for turn in 1..1000 loop
                 exit when exists ({overtaken}) or exists (
                     select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)));
                 perform pg_sleep(0.01);
             end loop;
             return null;
         end $$;
         create trigger pause before {doing} for each statement execute function pause()"
    );
    app.sql(&pause).await;
}

/// Waits until somebody pauses.
pub async fn paused(app: &TestApp) {
    let holds = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 4711";
    let wait = async { while app.value(holds).await == "0" {} };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .unwrap();
}

/// Adopts the list, whatever was read of it.
pub async fn adopt(story: &Evaluation, chair: &Client) -> Reply {
    let adopt = chair.post(&story.stage("ranking/adopt"));
    adopt.etag("*").send().await
}

/// Notes a conflict of the author of a review of the first proposal.
pub async fn noted(story: &Evaluation, review: &Value) -> Reply {
    let author = review["inside"]["expert"].as_str().unwrap();
    note(story, author, &story.proposal(0)).await
}
