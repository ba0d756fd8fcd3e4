//! What applicants have read of reviews stays theirs, and what they have not read does not become so by what happens to
//! other proposals.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::Evaluation;
use serde_json::{Value, json};
use testkit::Client;

/// Each proposal has one review: that of the second is still to come, the others are released. Answers who reviews the
/// first, with the path of the review, and who the second.
async fn begun() -> (Evaluation, (String, String), String) {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(1).await.expect(200);
    let (mut author, mut to_come) = (None, None);
    for expert in &experts {
        for review in expert.reviews().await {
            let path = format!("/reviews/{review}");
            let of = expert.client.read(&path).await.json["proposal"].clone();
            if of == story.proposal(1) {
                to_come = Some(expert.id.clone());
                continue;
            }
            expert.write(&review, "4.0").await.expect(200);
            expert.submit(&review).await.expect(200);
            let release = story.office.post(&format!("{path}/release"));
            let despite = json!({"despite_findings": true});
            let release = release.etag("*").json(&despite).send().await;
            release.expect(200);
            if of == story.proposal(0) {
                author = Some((expert.id.clone(), path));
            }
        }
    }
    assert_eq!(read(&story, 0).await, 0);
    (story, author.unwrap(), to_come.unwrap())
}

/// How many reviews of a proposal its coordinator reads.
async fn read(story: &Evaluation, at: usize) -> usize {
    let (coordinator, path) = &story.proposals[at];
    let reply = coordinator.read(&format!("{path}/reviews")).await.json;
    reply["items"].as_array().unwrap().len()
}

/// A conflict that waits for its verdict.
async fn possible(story: &Evaluation, expert: &str, at: usize) -> String {
    let proposal = story.proposal(at);
    story
        .app
        .sql(&format!(
            "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
             values (gen_random_uuid(), '{}', '{expert}', '{proposal}', 'email_domain', false, 'lab.example', 'detected', false)",
            story.call
        ))
        .await;
    let waits = format!("select id from sealed.conflict where proposal_id = '{proposal}'");
    story.app.value(&waits).await
}

async fn check(office: &Client, path: &str, verdict: Value) {
    let path = format!("{path}/formal-check");
    let check = office.put(&path).etag("*").json(&verdict).send().await;
    check.expect(200);
}

#[tokio::test]
async fn a_review_that_nobody_had_read_ends_unread_in_whatever_order_verdicts_come() {
    let (story, (author, _), to_come) = begun().await;
    // The one that is waited for first: for a moment nothing is to come any more.
    let second = possible(&story, &to_come, 1).await;
    let first = possible(&story, &author, 0).await;
    let verdicts = [second, first].map(
        |conflict| json!({"conflict": conflict, "stands": true, "reason": "They share an office"}),
    );
    let judge = format!("/calls/{}/conflicts/judge", story.call);
    let judge = story.office.post(&judge);
    let judge = judge.json(&json!({ "verdicts": verdicts })).send().await;
    judge.expect(200);
    assert_eq!(read(&story, 0).await, 0);
}

#[tokio::test]
async fn what_was_read_while_another_proposal_was_out_stays_read() {
    let (story, (author, review), _) = begun().await;
    let path = &story.proposals[1].1;
    check(
        &story.office,
        path,
        json!({"verdict": "ineligible", "reason": "A partner is missing"}),
    )
    .await;
    assert_eq!(read(&story, 0).await, 1);
    check(
        &story.office,
        path,
        json!({"verdict": "eligible", "reason": "It was found"}),
    )
    .await;
    assert_eq!(read(&story, 0).await, 1);
    // Nor does it go back, or vanish with a conflict of interest.
    let back = story.office.post(&format!("{review}/return"));
    let reason = json!({"reason": "Say more"});
    let back = back.etag("*").json(&reason).send().await;
    back.expect(409);
    let conflict =
        json!({"expert": author, "proposal": story.proposal(0), "reason": "They publish together"});
    let noted = format!("/calls/{}/conflicts", story.call);
    let noted = story.office.post(&noted);
    noted.json(&conflict).send().await.expect(201);
    assert_eq!(read(&story, 0).await, 1);
}
