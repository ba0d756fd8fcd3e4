//! Conflicts of interest: found, declared, judged, and what they keep away.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, nomination};
use serde_json::{Value, json};

#[tokio::test]
async fn nobody_reviews_a_proposal_of_the_own_institute() {
    let story = Evaluation::begin().await;
    let others = story.three().await;
    let experts = story
        .ready(&[nomination(
            "Wim Own",
            "institute  ADA 0",
            "w@west.example",
            "remote_reviewer",
        )])
        .await;
    let assigned = story.assign(3).await.expect(200);
    let pairs = assigned.json["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 9);
    assert!(
        pairs
            .iter()
            .all(|pair| pair["name"] != "Wim Own" || pair["proposal"] != story.proposal(0))
    );
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected standing"]
    );
    let pair = json!({"proposal": story.proposal(0), "expert": experts[0].id});
    let path = story.stage("assignments");
    let refused = story
        .office
        .post(&path)
        .json(&pair)
        .send()
        .await
        .expect(409);
    assert_eq!(refused.code(), "conflict_of_interest");
    assert_eq!(refused.faults(), ["/expert same_institution"]);
    let detail = refused.json["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Remedy: choose another expert"), "{detail}");
    // Four reviewers of each do not exist for the first proposal; the answer says of whom it is short, and what would
    // mend it.
    let short = story.assign(4).await.expect(409);
    assert_eq!(short.faults(), [" infeasible", " infeasible"]);
    let mend = short.json["errors"][1]["detail"].as_str().unwrap();
    assert!(mend.starts_with("Smallest change: "), "{mend}");
    let why = short.json["errors"][0]["detail"]
        .as_str()
        .unwrap()
        .to_owned();
    let number = pairs
        .iter()
        .find(|pair| pair["proposal"] == story.proposal(0))
        .unwrap();
    assert!(why.contains(number["number"].as_str().unwrap()), "{why}");
    assert_eq!(others.len(), 3);
}

#[tokio::test]
async fn a_conflict_declared_after_submission_voids_the_review_at_the_next_request() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let xenia = &experts[0];
    for review in xenia.reviews().await {
        xenia.write(&review, "4.0").await.expect(200);
    }
    let mine = xenia.client.read("/me/reviews").await;
    let first = mine.json["items"][0].clone();
    let (review, proposal) = (first["id"].as_str().unwrap(), first["proposal"].clone());
    xenia.submit(review).await.expect(200);
    let proposal_path = format!("/proposals/{}", proposal.as_str().unwrap());
    xenia.client.read(&proposal_path).await;
    let conflict = json!([{"proposal": proposal, "reason": "We apply for a patent together"}]);
    xenia.declare(&conflict).await.expect(200);
    xenia
        .client
        .get(&format!("/reviews/{review}"))
        .send()
        .await
        .expect(404);
    xenia.client.get(&proposal_path).send().await.expect(404);
    assert_eq!(xenia.reviews().await.len(), 2);
    let kept = story.office.read(&format!("/reviews/{review}")).await;
    assert_eq!(kept.json["state"], "voided");
    // Noted by the secretariat, before submission.
    let other = &xenia.client.read("/me/reviews").await.json["items"][0].clone();
    let noted = json!({"expert": xenia.id, "proposal": other["proposal"], "reason": "Married",
        "kind": "declared"});
    let path = format!("/calls/{}/conflicts", story.call);
    story
        .office
        .post(&path)
        .json(&noted)
        .send()
        .await
        .expect(201);
    let ended = story
        .office
        .read(&format!("/reviews/{}", other["id"].as_str().unwrap()))
        .await;
    assert_eq!(ended.json["state"], "conflicted");
    let submit = xenia.client.post(&format!(
        "/reviews/{}/submit",
        other["id"].as_str().unwrap()
    ));
    submit.etag("*").send().await.expect(404);
    // The panel's list hides it from a conflicted chair, too.
    story
        .app
        .grant(&xenia.client, Role::PanelChair, Some(&story.call), None)
        .await;
    let lines = xenia.client.read(&story.stage("consensus")).await;
    assert_eq!(lines.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_possible_conflict_waits_and_does_not_come_back_once_judged() {
    let story = Evaluation::begin().await;
    // The coordinators write from example.org, and so does this expert.
    let experts = story
        .ready(&[nomination(
            "Vera Same",
            "Far University",
            "v@example.org",
            "remote_reviewer",
        )])
        .await;
    let detect = story.stage("conflicts/detect");
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["email_domain detected waiting"; 3]
    );
    let refused = story.assign(1).await.expect(409);
    assert_eq!(refused.code(), "state_conflict");
    let list = story
        .office
        .read(&format!("/calls/{}/conflicts", story.call))
        .await;
    let items = list.json["items"].as_array().unwrap().clone();
    let judge = format!("/conflicts/{}/judge", items[0]["id"].as_str().unwrap());
    let verdict = json!({"stands": false, "reason": "A host open to all"});
    story
        .office
        .post(&judge)
        .json(&verdict)
        .send()
        .await
        .expect(200);
    let rest: Vec<Value> = items[1..]
        .iter()
        .map(|item| json!({"conflict": item["id"], "stands": false, "reason": "The same"}))
        .collect();
    let judge_all = format!("/calls/{}/conflicts/judge", story.call);
    let verdicts = json!({ "verdicts": rest });
    story
        .office
        .post(&judge_all)
        .json(&verdicts)
        .send()
        .await
        .expect(200);
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["email_domain detected dismissed"; 3]
    );
    story.assign(1).await.expect(200);
    assert_eq!(experts[0].reviews().await.len(), 3);
}

#[tokio::test]
async fn a_reviewer_who_declines_is_replaced_by_hand() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(1).await.expect(200);
    let all = story.office.read(&story.stage("assignments")).await;
    let first = all.json["items"][0].clone();
    let author = experts
        .iter()
        .find(|one| first["expert"] == one.id)
        .unwrap();
    let other = experts
        .iter()
        .find(|one| first["expert"] != one.id)
        .unwrap();
    let review = format!("/reviews/{}", first["review"].as_str().unwrap());
    let now = story.office.read(&review).await;
    let replacement = json!({"expert": other.id, "reason": "Fell ill"});
    let replace = story
        .office
        .post(&format!("{review}/replace"))
        .json(&replacement);
    let replaced = replace.etag(&now.etag).send().await.expect(200);
    let of_it: Vec<&Value> = replaced.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["proposal"] == first["proposal"])
        .map(|item| &item["state"])
        .collect();
    assert_eq!(of_it.len(), 2);
    assert!(of_it.contains(&&json!("replaced")) && of_it.contains(&&json!("invited")));
    author.client.get(&review).send().await.expect(404);
    let theirs = &other.reviews().await[0];
    let path = format!("/reviews/{theirs}");
    let now = other.client.read(&path).await;
    let decline = other
        .client
        .post(&format!("{path}/decline"))
        .etag(&now.etag);
    decline
        .json(&json!({"reason": "Not my field"}))
        .send()
        .await
        .expect(200);
    other.client.get(&path).send().await.expect(404);
}
