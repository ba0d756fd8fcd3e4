//! A conflict of interest that comes to light at the very moment at which the ranking list is adopted: either it comes
//! first, and nothing rests on the review, or it comes second, and the review stays.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use std::time::Duration;

use evaluation::{Evaluation, nomination};
use serde_json::{Value, json};
use steps::note;
use testkit::{Client, Reply};

/// All reviews are released, the panel agreed on all proposals, and the chair may adopt the list.
async fn agreed() -> (Evaluation, Client) {
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
async fn reviews(story: &Evaluation) -> Vec<Value> {
    let path = format!("{}/reviews", story.proposals[0].1);
    let found = story.office.read(&path).await.json;
    found["items"].as_array().unwrap().clone()
}

/// The states of the reviews of the first proposal.
async fn states(story: &Evaluation) -> String {
    let states = format!(
        "select string_agg(state, ' ' order by state) from sealed.review where proposal_id = '{}'",
        story.proposal(0)
    );
    story.app.value(&states).await
}

/// How many reviews of the first proposal its frozen report tells of.
async fn told(story: &Evaluation) -> String {
    let told = format!(
        "select jsonb_array_length(r.report -> 'reviews') from sealed.summary_report r
         join proposal_stage s on s.id = r.proposal_stage_id where s.proposal_id = '{}'",
        story.proposal(0)
    );
    story.app.value(&told).await
}

/// Lets whoever does this in the database wait until somebody else waits for it, or has overtaken it.
async fn pause(story: &Evaluation, doing: &str, overtaken: &str) {
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
    story.app.sql(&pause).await;
}

/// Waits until somebody pauses.
async fn paused(story: &Evaluation) {
    let holds = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 4711";
    let wait = async { while story.app.value(holds).await == "0" {} };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .unwrap();
}

async fn adopt(story: &Evaluation, chair: &Client) -> Reply {
    let adopt = chair.post(&story.stage("ranking/adopt"));
    adopt.etag("*").send().await
}

/// Notes a conflict of the author of a review of the first proposal.
async fn noted(story: &Evaluation, review: &Value) -> Reply {
    let author = review["inside"]["expert"].as_str().unwrap();
    note(story, author, &story.proposal(0)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_that_is_being_frozen_is_not_voided_behind_the_report() {
    let (story, chair) = agreed().await;
    let before = reviews(&story).await;
    pause(
        &story,
        "insert on sealed.summary_report",
        "select from sealed.review where state = 'voided'",
    )
    .await;
    let late = async {
        paused(&story).await;
        noted(&story, &before[0]).await
    };
    let (adopted, noted) = tokio::join!(adopt(&story, &chair), late);
    assert_eq!(adopted.expect(200).json["state"], "adopted");
    noted.expect(201);
    assert_eq!(states(&story).await, "released released");
    assert_eq!(told(&story).await, "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_not_adopted_on_a_review_that_is_being_voided() {
    let (story, chair) = agreed().await;
    let before = reviews(&story).await;
    pause(
        &story,
        "update on sealed.review",
        "select from sealed.ranking_list",
    )
    .await;
    let late = async {
        paused(&story).await;
        adopt(&story, &chair).await
    };
    let (noted, adopted) = tokio::join!(noted(&story, &before[0]), late);
    noted.expect(201);
    // The panel agreed when the review counted, and is asked whether it stands by that.
    let found = adopted.expect(409).faults().join(" ");
    assert!(found.ends_with(" conflict_since_consensus"), "{found}");
    let despite = chair.post(&story.stage("ranking/adopt")).etag("*");
    let despite = despite.json(&json!({"despite_findings": true}));
    let adopted = despite.send().await.expect(200);
    assert_eq!(adopted.json["state"], "adopted");
    assert_eq!(states(&story).await, "released voided");
    // The applicants had read both, and do not learn that one counts no more.
    assert_eq!(told(&story).await, "2");
}
