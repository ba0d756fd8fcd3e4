//! The applicants' reply to the released reviews, from the release to the panel.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

const RULES: &str = r#"{"days": 7, "max_words": 12, "limit_of": "each_part"}"#;

/// Three proposals under review at a stage that has a rebuttal; nothing is released yet.
async fn story() -> (Evaluation, Vec<Reviewer>) {
    let story = Evaluation::begin().await;
    story
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,rebuttal}}', '{RULES}') where id = '{}'",
            story.call
        ))
        .await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    (story, experts)
}

/// The path of a proposal's reply.
fn path(story: &Evaluation, at: usize) -> String {
    format!("{}/rebuttal", story.proposals[at].1)
}

async fn write(who: &Client, path: &str, reply: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(reply).send().await
}

async fn submit(who: &Client, path: &str) -> Reply {
    let now = who.read(path).await;
    let submit = format!("{path}/submit");
    who.post(&submit).etag(&now.etag).send().await
}

/// Lets the window of all proposals end a second ago.
async fn end(story: &Evaluation) {
    story
        .app
        .sql(
            "update sealed.rebuttal set opens_at = opens_at - interval '8 days',
                    closes_at = clock_timestamp() - interval '1 second'",
        )
        .await;
}

/// The number of a task's kind in somebody's list.
async fn tasks(who: &Client, kind: &str) -> usize {
    let list = who.read("/me/tasks").await;
    let items = list.json["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter(|item| item["kind"] == kind).count()
}

fn consensus(story: &Evaluation) -> Value {
    let of = |at: usize| {
        json!({"proposal": story.proposal(at), "rating": "recommended", "comment": "Agreed.",
            "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}})
    };
    json!({ "consensus": [of(0), of(1), of(2)] })
}

#[tokio::test]
async fn the_window_opens_when_the_last_review_is_released_and_for_all_alike() {
    let (story, experts) = story().await;
    let ada = &story.proposals[0].0;
    let own = path(&story, 0);
    for expert in &experts {
        for review in expert.reviews().await {
            expert.write(&review, "4.0").await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    let first = experts[0].reviews().await.remove(0);
    let now = story.office.read(&format!("/reviews/{first}")).await;
    let release = format!("/reviews/{first}/release");
    story
        .office
        .post(&release)
        .etag(&now.etag)
        .send()
        .await
        .expect(200);
    ada.get(&own).send().await.expect(404);
    let one_by_one = format!("{}/reviews", story.proposals[0].1);
    assert_eq!(ada.read(&one_by_one).await.json["items"], json!([]));
    let early = story
        .office
        .post(&story.stage("consensus"))
        .json(&consensus(&story))
        .send()
        .await
        .expect(409);
    assert!(
        early.json["detail"]
            .as_str()
            .unwrap()
            .contains("reply to the reviews first")
    );

    let all = story.stage("reviews/release");
    story
        .office
        .post(&all)
        .json(&json!({}))
        .send()
        .await
        .expect(200);
    let view = ada.read(&own).await;
    assert_eq!(view.json["state"], "awaited");
    let labels: Vec<&Value> = view.json["reviews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|review| &review["label"])
        .collect();
    assert_eq!(labels, ["Reviewer 1", "Reviewer 2"]);
    let text = String::from_utf8_lossy(&view.body).into_owned();
    for secret in [
        "Between us",
        "Xenia",
        "Yann",
        "Zoe",
        "example\"",
        first.as_str(),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let bea = story.proposals[1].0.read(&path(&story, 1)).await;
    for time in ["opens_at", "closes_at"] {
        assert_eq!(view.json[time], bea.json[time], "one window for all");
    }
    let state = format!(
        "select state from stage where call_id = '{}' and number = 1",
        story.call
    );
    assert_eq!(story.app.value(&state).await, "rebuttal");
    assert_eq!(tasks(ada, "answer_reviews").await, 1);
    story.app.tick().await;
    let mails = story.app.mails().await;
    let told: Vec<_> = mails
        .iter()
        .filter(|mail| mail.subject().contains("read the reviews and reply by"))
        .collect();
    assert_eq!(told.len(), 3, "each coordinator is told once");
    assert!(told.iter().all(|mail| !mail.text().contains("Xenia")));
}

#[tokio::test]
async fn the_coordinator_writes_and_submits_and_the_panel_reads_it_after_the_window() {
    let (story, experts) = story().await;
    story.review_all(&experts).await;
    let (ada, own) = (&story.proposals[0].0, path(&story, 0));
    let watcher = story.app.person("Olga").await;
    story
        .app
        .grant(&watcher, Role::Observer, Some(&story.call), None)
        .await;

    // All faults at once; a draft has none.
    submit(ada, &own).await.expect(409);
    let bad = json!({"to_reviews": {"Reviewer 9": "one two three four five six seven eight nine ten eleven twelve thirteen"}});
    write(ada, &own, &bad).await.expect(200);
    let refused = submit(ada, &own).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/to_reviews/Reviewer 9 review_unknown",
            "/to_reviews/Reviewer 9 reply_long"
        ]
    );
    let good = json!({"to_all": "Thank you.", "to_reviews": {"Reviewer 2": "See section 4."}});
    let stale = ada
        .put(&own)
        .etag("\"old\"")
        .json(&good)
        .send()
        .await
        .expect(412);
    assert_eq!(stale.code(), "stale_version");
    ada.put(&own).json(&good).send().await.expect(428);
    write(ada, &own, &good).await.expect(200);
    let done = submit(ada, &own).await.expect(200);
    assert_eq!(done.json["state"], "submitted");
    assert_eq!(tasks(ada, "answer_reviews").await, 0);
    write(ada, &own, &json!({"to_all": "Half a thought"}))
        .await
        .expect(200);
    assert_eq!(tasks(ada, "answer_reviews").await, 1, "written on since");

    // Nobody else reads it while it is written, nor writes it.
    for who in [&story.office, &watcher] {
        let seen = who.read(&own).await;
        assert_eq!(seen.json["state"], Value::Null);
        assert_eq!(seen.json["submitted"], Value::Null);
        assert_eq!(seen.json["draft"], Value::Null);
        who.put(&own)
            .etag(&seen.etag)
            .json(&good)
            .send()
            .await
            .expect(403);
    }
    for who in [&story.proposals[1].0, &experts[0].client, &story.committee] {
        who.get(&own).send().await.expect(404);
    }
    story.app.client().get(&own).send().await.expect(401);

    // The panel waits, and is told until when.
    let desk = story.stage("consensus");
    let early = story
        .office
        .post(&desk)
        .json(&consensus(&story))
        .send()
        .await
        .expect(409);
    assert!(
        early.json["detail"]
            .as_str()
            .unwrap()
            .contains("may reply to the reviews until")
    );

    end(&story).await;
    let late = write(ada, &own, &good).await.expect(409);
    assert_eq!(late.code(), "deadline_passed");
    submit(ada, &own).await.expect(409);
    let seen = story.office.read(&own).await;
    assert_eq!(seen.json["state"], "answered");
    assert_eq!(seen.json["submitted"], good, "the submitted version counts");
    assert_eq!(seen.json["draft"], Value::Null);
    let bea = story.office.read(&path(&story, 1)).await;
    assert_eq!(bea.json["state"], "unanswered");
    story.convene().await.expect(200);
    story
        .office
        .post(&desk)
        .json(&consensus(&story))
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn a_conflict_walls_the_reply_off_and_the_panel_member_reads_it_after_declaring() {
    let (story, experts) = story().await;
    let member = story
        .invite(&[nomination(
            "Mona West",
            "West University",
            "m@west.example",
            "panel_member",
        )])
        .await
        .remove(0);
    member.accept().await;
    story.review_all(&experts).await;
    let own = path(&story, 0);
    member.client.get(&own).send().await.expect(404);
    let conflict = json!([{"proposal": story.proposal(1), "reason": "We are cousins"}]);
    member.declare(&conflict).await.expect(200);
    let seen = member.client.read(&own).await;
    assert!(seen.json["reviews"][0]["review"].is_string());
    let walled = member.client.get(&path(&story, 1)).send().await;
    assert!(
        matches!(walled.status, 403 | 404 | 409),
        "{}",
        walled.status
    );
}

/// Makes somebody the writer of a partner's part of the first proposal.
async fn join(story: &Evaluation, who: &Client, partner: usize) {
    let (id, account) = (kernel::id::new(), who.account.unwrap());
    story
        .app
        .sql(&format!(
            "insert into partner_invitation (id, call_id, proposal_id, partner_id, email, token_hash, invited_by, expires_at, claimed_at, claimed_by)
             select '{id}', p.call_id, p.id, (d.content #>> '{{partners,{partner},id}}')::uuid, '{}', '\\x0{partner}', p.coordinator_id, '2097-01-01Z', clock_timestamp(), '{account}'
             from proposal p join proposal_stage ps on ps.proposal_id = p.id join draft d on d.proposal_stage_id = ps.id
             where p.id = '{}';
             insert into partner_member (id, call_id, proposal_id, partner_id, account_id, invitation_id)
             select id, call_id, proposal_id, partner_id, claimed_by, id from partner_invitation where id = '{id}'",
            who.email,
            story.proposal(0)
        ))
        .await;
}

async fn leave(story: &Evaluation, who: &Client) {
    let account = who.account.unwrap();
    let left = format!(
        "update partner_member set left_at = clock_timestamp() where account_id = '{account}'"
    );
    story.app.sql(&left).await;
}

/// How often somebody is told that the reviews are released.
async fn told(story: &Evaluation, who: &Client) -> usize {
    let mails = story.app.mails().await;
    let own = mails.iter().filter(|mail| mail.to == [who.email.as_str()]);
    own.filter(|mail| mail.subject().contains("the reviews are released"))
        .count()
}

#[tokio::test]
async fn a_partner_that_joined_is_told_and_reads_and_does_not_write() {
    let (story, experts) = story().await;
    let (partner, own) = (story.app.person("Pat").await, path(&story, 0));
    let gone = story.app.person("Gus").await;
    join(&story, &partner, 1).await;
    join(&story, &gone, 2).await;
    leave(&story, &gone).await;
    partner.get(&own).send().await.expect(404);
    assert_eq!(tasks(&partner, "read_reviews").await, 0);
    story.review_all(&experts).await;
    story.app.tick().await;
    assert_eq!(told(&story, &partner).await, 1);
    assert_eq!(tasks(&partner, "read_reviews").await, 1);
    assert_eq!(tasks(&partner, "answer_reviews").await, 0);
    let seen = partner.read(&own).await;
    assert_eq!(seen.json["reviews"].as_array().unwrap().len(), 2);
    assert_eq!(seen.json["reviews"][0]["review"], Value::Null);
    let reply = json!({"to_all": "Thank you."});
    partner
        .put(&own)
        .etag(&seen.etag)
        .json(&reply)
        .send()
        .await
        .expect(403);
    partner.get(&path(&story, 1)).send().await.expect(404);

    let reviews = format!("{}/reviews", story.proposals[0].1);
    for stranger in [&gone, &story.app.person("Sam").await] {
        stranger.get(&own).send().await.expect(404);
        stranger.get(&reviews).send().await.expect(404);
        assert_eq!(told(&story, stranger).await, 0);
        assert_eq!(tasks(stranger, "read_reviews").await, 0);
    }
    let ada = &story.proposals[0].0;
    assert_eq!(tasks(ada, "read_reviews").await, 0);
    assert_eq!(told(&story, ada).await, 0);
    end(&story).await;
    assert_eq!(tasks(&partner, "read_reviews").await, 0);
}

#[tokio::test]
async fn without_a_window_a_partner_reads_what_the_coordinator_reads_and_when() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    let (partner, ada) = (story.app.person("Pat").await, &story.proposals[0].0);
    let reviews = format!("{}/reviews", story.proposals[0].1);
    partner.get(&reviews).send().await.expect(404);
    join(&story, &partner, 1).await;
    assert_eq!(partner.read(&reviews).await.json["items"], json!([]));
    let list = story.office.read(&story.stage("assignments")).await;
    let pairs = list.json["items"].as_array().unwrap();
    let of = |at: usize| {
        let proposal = story.proposal(at);
        let pair = pairs.iter().find(|pair| pair["proposal"] == proposal);
        format!("/reviews/{}", pair.unwrap()["review"].as_str().unwrap())
    };
    partner.get(&of(0)).send().await.expect(404);
    story.review_all(&experts).await;

    let seen = partner.read(&reviews).await;
    assert_eq!(seen.json["items"].as_array().unwrap().len(), 2);
    assert_eq!(seen.json, ada.read(&reviews).await.json);
    let one = partner.read(&of(0)).await;
    assert_eq!(one.json, ada.read(&of(0)).await.json);
    for view in [&seen.json["items"][0], &one.json] {
        for hidden in ["id", "reviewer", "inside"] {
            assert_eq!(view[hidden], Value::Null, "{hidden}");
        }
    }
    let other = format!("{}/reviews", story.proposals[1].1);
    partner.get(&other).send().await.expect(404);
    partner.get(&of(1)).send().await.expect(404);
    assert_eq!(tasks(&partner, "read_reviews").await, 0);
    leave(&story, &partner).await;
    partner.get(&reviews).send().await.expect(404);
    partner.get(&of(0)).send().await.expect(404);
}

#[tokio::test]
async fn the_secretariat_gives_one_proposal_time_again() {
    let (story, experts) = story().await;
    story.review_all(&experts).await;
    let (ada, own) = (&story.proposals[0].0, path(&story, 0));
    let reopen = format!("{own}/reopen");
    let more = json!({"until": story.in_days(5).await, "reason": "The network was down"});
    let now = story.office.read(&own).await;
    let open = story
        .office
        .post(&reopen)
        .etag(&now.etag)
        .json(&more)
        .send()
        .await;
    open.expect(409);
    end(&story).await;
    let now = story.office.read(&own).await;
    let past = json!({"until": "2020-03-01T16:00:00Z", "reason": "The network was down"});
    let refused = story
        .office
        .post(&reopen)
        .etag(&now.etag)
        .json(&past)
        .send()
        .await
        .expect(422);
    assert_eq!(refused.faults(), ["/until past"]);
    story
        .office
        .post(&reopen)
        .etag(&now.etag)
        .json(&more)
        .send()
        .await
        .expect(200);
    write(ada, &own, &json!({"to_all": "Thank you."}))
        .await
        .expect(200);
    submit(ada, &own).await.expect(200);
    let other = path(&story, 1);
    let late = write(&story.proposals[1].0, &other, &json!({"to_all": "Me too"})).await;
    late.expect(409);
    let desk = story.stage("consensus");
    story
        .office
        .post(&desk)
        .json(&consensus(&story))
        .send()
        .await
        .expect(409);
    let mine = ada.read(&own).await;
    ada.post(&reopen)
        .etag(&mine.etag)
        .json(&more)
        .send()
        .await
        .expect(403);
}

#[tokio::test]
async fn time_again_is_bounded_moves_with_notice_and_holds_up_its_proposal_alone() {
    let (story, experts) = story().await;
    story.review_all(&experts).await;
    end(&story).await;
    let (ada, own) = (&story.proposals[0].0, path(&story, 0));
    let reopen = format!("{own}/reopen");
    let again = async |until: &str, reason: &str| {
        let now = story.office.read(&own).await;
        let more = json!({ "until": until, "reason": reason });
        let more = story.office.post(&reopen).etag(&now.etag).json(&more);
        more.send().await
    };
    // A slip of the year stops nothing.
    let slip = again("2062-03-01T16:00:00Z", " ").await.expect(422);
    assert_eq!(slip.faults(), ["/until time_long", "/reason required"]);
    let detail = slip.json["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("7 days"), "{detail}");
    let why = "The network was down";
    again(&story.in_days(6).await, why).await.expect(200);

    // The end is moved, and nobody who writes is cut off; whether somebody does is not told.
    for _ in 0..2 {
        let soon = again(&story.in_days(1).await, why).await.expect(422);
        assert_eq!(soon.faults(), ["/until notice_short"]);
        write(ada, &own, &json!({"to_all": "Thank you."}))
            .await
            .expect(200);
    }
    again(&story.in_days(4).await, " ").await.expect(422);
    let moved = again(&story.in_days(4).await, "Six days were a slip")
        .await
        .expect(200);
    assert_eq!(moved.json["state"], Value::Null);
    let seen = ada.read(&own).await;
    assert_eq!(seen.json["draft"]["to_all"], "Thank you.");
    let closes = seen.json["closes_at"].as_str().unwrap();
    // Both in UTC, of one form.
    assert!(*closes < *story.in_days(5).await);
    again(&story.in_days(5).await, "A holiday lies between")
        .await
        .expect(200);
    story.app.tick().await;
    let mails = story.app.mails().await;
    let told = mails.iter().filter(|mail| mail.to == [ada.email.as_str()]);
    let told = told.filter(|mail| mail.subject().contains("read the reviews and reply by"));
    assert_eq!(
        told.count(),
        4,
        "the window, time again, and two other ends"
    );

    // Meanwhile the panel is convened, and agrees on the others.
    story.convene().await.expect(200);
    let desk = story.stage("consensus");
    let all = consensus(&story);
    let early = story.office.post(&desk).json(&all).send().await.expect(409);
    let detail = early.json["detail"].as_str().unwrap();
    assert!(detail.contains("Time was given again"), "{detail}");
    let others = json!({ "consensus": [all["consensus"][1], all["consensus"][2]] });
    let agreed = story.office.post(&desk).json(&others).send().await;
    agreed.expect(200);
    submit(ada, &own).await.expect(200);
    end(&story).await;
    let first = json!({ "consensus": [all["consensus"][0]] });
    let agreed = story.office.post(&desk).json(&first).send().await;
    agreed.expect(200);
}
