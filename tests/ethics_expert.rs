//! Who is named to look at the ethics of a proposal: what it gets to know, reads and records, and until when.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// Reviews are written, ethics are looked at beside them, and two experts have nothing to review.
async fn story() -> (Evaluation, Reviewer, Reviewer) {
    let story = Evaluation::begin().await;
    story.three().await;
    story.assign(2).await.expect(200);
    story
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,ethics}}', '\"with_review\"') where id = '{}'",
            story.call
        ))
        .await;
    let expert = |name: &str, email: &str| nomination(name, name, email, "remote_reviewer");
    let mut ready = story
        .ready(&[
            expert("Edda Ethos", "edda@ethos.example"),
            expert("Olof Other", "olof@other.example"),
        ])
        .await;
    let (olof, edda) = (ready.remove(1), ready.remove(0));
    (story, edda, olof)
}

fn path(story: &Evaluation, at: usize) -> String {
    format!("{}/ethics", story.proposals[at].1)
}

async fn put(who: &Client, path: &str, input: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(input).send().await
}

/// What waits for somebody of a kind, by object.
async fn tasks(who: &Client, kind: &str) -> Vec<String> {
    let list = who.read("/me/tasks").await;
    let items = list.json["items"].as_array().cloned().unwrap_or_default();
    let own = items.iter().filter(|item| item["kind"] == kind);
    own.map(|item| item["object"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn mails(story: &Evaluation, to: &str, words: &str) -> usize {
    let mails = story.app.mails().await;
    let own = mails.iter().filter(|mail| mail.to == [to]);
    own.filter(|mail| mail.subject().contains(words)).count()
}

#[tokio::test]
async fn who_is_named_is_told_reads_the_proposal_and_records_what_was_found() {
    let (story, edda, olof) = story().await;
    let proposal = story.proposals[0].1.clone();
    let (ethics, desk) = (path(&story, 0), story.stage("ethics"));
    for at in [&proposal, &ethics, &desk] {
        edda.client.get(at).send().await.expect(404);
    }
    put(&story.office, &ethics, &json!({ "expert": edda.id }))
        .await
        .expect(200);
    assert_eq!(
        mails(&story, "edda@ethos.example", "look at the ethics of").await,
        1
    );
    assert_eq!(
        tasks(&edda.client, "assess_ethics").await,
        [story.proposal(0)]
    );
    let own = edda.client.read("/me/experts").await.json;
    assert_eq!(
        own["items"][0]["tasks"],
        json!([{ "task": "assess_ethics", "open": 1 }])
    );
    let own = edda.client.read(&desk).await.json;
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    assert_eq!(own["items"][0]["proposal"], story.proposal(0).as_str());
    let read = edda.client.read(&proposal).await.json;
    assert_eq!(read["stages"][0]["content"]["title"], "The title of Ada");
    let list = edda
        .client
        .read(&format!("/calls/{}/proposals", story.call))
        .await;
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1);
    // Nothing of other proposals, and nothing of who reviews or what they write.
    for at in [story.proposals[1].1.clone(), path(&story, 1)] {
        edda.client.get(&at).send().await.expect(404);
    }
    let reviews = story.stage("assignments");
    let status = edda.client.get(&reviews).send().await.status;
    assert!(matches!(status, 403 | 404), "{status}");
    for at in [&proposal, &ethics, &desk] {
        olof.client.get(at).send().await.expect(404);
    }
    let found = json!({"assessment": {"outcome": "conditions", "conditions": ["Ask the board"]}});
    let stranger = olof.client.put(&ethics).etag("*").json(&found).send().await;
    stranger.expect(404);

    let passed = json!({ "expert": olof.id });
    let refused = put(&edda.client, &ethics, &passed).await.expect(422);
    assert_eq!(refused.faults(), ["/expert not_yours"]);
    let recorded = put(&edda.client, &ethics, &found).await.expect(200);
    assert_eq!(recorded.json["state"], "conditional");
    // What is done is not read any more; the own finding stays.
    edda.client.get(&proposal).send().await.expect(404);
    assert!(tasks(&edda.client, "assess_ethics").await.is_empty());
    let kept = edda.client.read(&ethics).await.json;
    assert_eq!(kept["assessment"]["conditions"], json!(["Ask the board"]));
    put(&edda.client, &ethics, &found).await.expect(409);
    // Looked at again, it is with the same expert.
    let again = json!({ "reason": "The board has answered" });
    put(&story.office, &ethics, &again).await.expect(200);
    edda.client.read(&proposal).await;
    assert_eq!(
        mails(&story, "edda@ethos.example", "look at the ethics of").await,
        2
    );
}

#[tokio::test]
async fn who_is_replaced_or_has_a_conflict_reads_no_more() {
    let (story, edda, olof) = story().await;
    let proposal = story.proposals[0].1.clone();
    let ethics = path(&story, 0);
    for expert in [&edda, &olof] {
        put(&story.office, &ethics, &json!({ "expert": expert.id }))
            .await
            .expect(200);
        expert.client.read(&proposal).await;
    }
    assert_eq!(mails(&story, "edda@ethos.example", "any more").await, 1);
    assert_eq!(mails(&story, "olof@other.example", "any more").await, 0);
    for at in [proposal.clone(), ethics.clone(), story.stage("ethics")] {
        edda.client.get(&at).send().await.expect(404);
    }
    assert!(tasks(&edda.client, "assess_ethics").await.is_empty());
    let clear = json!({"assessment": {"outcome": "clear"}});
    let late = edda.client.put(&ethics).etag("*").json(&clear).send().await;
    late.expect(404);

    let conflict = json!([{ "proposal": story.proposal(0), "reason": "We are married" }]);
    olof.declare(&conflict).await.expect(200);
    assert!(tasks(&olof.client, "assess_ethics").await.is_empty());
    let walled = olof.client.get(&proposal).send().await.expect(409);
    assert_eq!(walled.code(), "conflict_of_interest");
    let own = olof.client.read("/me/experts").await.json;
    assert_eq!(own["items"][0]["tasks"], json!([]));
}
