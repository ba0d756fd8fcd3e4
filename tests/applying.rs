//! No applicant of a call judges in it, by the account that coordinates a proposal or writes a partner's part of one, whoever
//! the forms list.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "consortium/invite.rs"]
mod consortium;
mod evaluation;
mod proposals;

use evaluation::{Evaluation, nomination};
use proposals::{PARTNERS, content, submit};
use serde_json::{Value, json};

/// What a search finds against a proposal, as `kind state`.
async fn found(story: &Evaluation, at: usize) -> Vec<String> {
    let detect = story.stage("conflicts/detect");
    let reply = story.office.post(&detect).send().await.expect(200);
    let items = reply.json["items"].as_array().unwrap().iter();
    let word = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let of_it = items.filter(|item| item["proposal"] == story.proposal(at));
    let mut found: Vec<String> = of_it
        .map(|item| format!("{} {}", word(item, "kind"), word(item, "state")))
        .collect();
    found.sort_unstable();
    found
}

fn eve() -> Value {
    let (place, email) = ("West University", "e@west.example");
    nomination("Eve West", place, email, "remote_reviewer")
}

#[tokio::test]
async fn an_expert_who_writes_a_partners_part_reviews_nothing_of_the_call() {
    let story = Evaluation::in_time().await;
    let experts = story.invite(&[eve()]).await;
    let eve = &experts[0];
    eve.accept().await;
    let (ada, path) = &story.proposals[0];
    consortium::join(&story.app, ada, path, PARTNERS[1], &eve.client).await;
    story.lock().await;
    // The address of the account is not that of the nomination any more.
    let account = eve.client.account.unwrap();
    story
        .app
        .sql(&format!(
            "update account set email = 'eve@home.example' where id = '{account}'"
        ))
        .await;

    for _ in 0..2 {
        let own = ["applicant standing", "person_listed standing"];
        assert_eq!(found(&story, 0).await, own);
        assert_eq!(found(&story, 1).await, ["applicant standing"]);
        assert_eq!(found(&story, 2).await, ["applicant standing"]);
    }
    eve.declare(&json!([])).await.expect(200);
    let assign = story.stage("assignments");
    story.three().await;
    let assigned = story.assign(1).await.expect(200);
    let pairs = assigned.json["pairs"].to_string();
    assert!(
        pairs.contains("Xenia North") && !pairs.contains("Eve West"),
        "{pairs}"
    );
    for at in 1..3 {
        let pair = json!({"proposal": story.proposal(at), "expert": eve.id});
        let refused = story.office.post(&assign).json(&pair).send().await;
        let refused = refused.expect(409);
        assert_eq!(refused.code(), "conflict_of_interest");
        assert_eq!(refused.faults(), ["/expert applicant"]);
    }
    // She keeps her own proposal, and sees nothing of its rivals.
    eve.client.read(path).await;
    let rival = eve.client.get(&story.proposals[1].1).send().await;
    assert!(matches!(rival.status, 404 | 409), "{}", rival.status);
}

#[tokio::test]
async fn an_expert_who_coordinates_by_the_same_account_is_an_applicant_under_any_address() {
    let story = Evaluation::in_time().await;
    let others = story.invite(&[eve()]).await;
    let eve = &others[0];
    eve.accept().await;
    let drafts = format!("/calls/{}/proposals", story.call);
    let draft = eve.client.post(&drafts);
    let draft = draft.json(&json!({ "content": content() })).send().await;
    let draft = draft.expect(201);
    let path = format!("/proposals/{}", draft.id());
    submit(&eve.client, &path, &draft.etag).await.expect(200);
    let account = eve.client.account.unwrap();
    story
        .app
        .sql(&format!(
            "update account set email = 'evelyn@home.example', name = 'Evelyn Home' where id = '{account}'"
        ))
        .await;
    story.lock().await;
    assert_eq!(found(&story, 0).await, ["applicant standing"]);

    // Who withdraws in the end applies no more: saving the record looks anew.
    let now = eve.client.read(&path).await;
    let withdraw = eve.client.post(&format!("{path}/withdraw")).etag(&now.etag);
    let reason = json!({"reason": "The group moves away"});
    withdraw.json(&reason).send().await.expect(200);
    let record = format!("/experts/{}/record", eve.id);
    let now = story.office.read(&record).await;
    let mut saved = now.json.clone();
    saved["reason"] = json!("She withdrew her proposal");
    saved.as_object_mut().unwrap().remove("expert");
    let put = story.office.put(&record).etag(&now.etag).json(&saved);
    put.send().await.expect(200);
    assert_eq!(found(&story, 0).await, ["applicant taken_back"]);
}

#[tokio::test]
async fn who_applies_is_neither_nominated_nor_contracted() {
    let story = Evaluation::in_time().await;
    let experts = story.invite(&[eve()]).await;
    let eve = &experts[0];
    let (ada, path) = &story.proposals[0];
    let sue = story.app.person("Sue").await;
    for (partner, who) in [(PARTNERS[1], &eve.client), (PARTNERS[2], &sue)] {
        consortium::join(&story.app, ada, path, partner, who).await;
    }
    story.lock().await;
    let accept = format!("/experts/{}/accept", eve.id);
    let yes = eve.client.post(&accept);
    let yes = yes.json(&json!({"confidentiality": true})).send().await;
    let refused = yes.expect(409);
    assert_eq!(refused.code(), "conflict_of_interest");
    let detail = refused.json["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("decline the invitation"), "{detail}");

    let place = "South University";
    let sue = nomination("Sue South", place, &sue.email, "remote_reviewer");
    let nominate = format!("/calls/{}/experts", story.call);
    let nominate = story.office.post(&nominate);
    let refused = nominate.json(&json!({"experts": [sue]})).send().await;
    assert_eq!(refused.expect(422).faults(), ["/experts/0/email applicant"]);
}

#[tokio::test]
async fn who_evaluates_claims_no_part_once_the_deadline_has_passed() {
    let story = Evaluation::in_time().await;
    let experts = story.invite(&[eve()]).await;
    let eve = &experts[0];
    eve.accept().await;
    let (ada, path) = &story.proposals[0];
    let address = Some("somebody@institute.example");
    consortium::invite(ada, path, PARTNERS[1], address)
        .await
        .expect(201);
    let token = consortium::token(&story.app, "somebody@institute.example").await;
    story.lock().await;
    let late = consortium::claim(&eve.client, &token, None).await;
    assert_eq!(late.expect(409).code(), "conflict_of_interest");
    let sue = story.app.person("Sue").await;
    consortium::claim(&sue, &token, None).await.expect(201);
}
