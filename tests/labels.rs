//! Under which labels reviews are read: given with the release, kept whatever comes later, and with no gap that would
//! tell of a conflict of interest. What applicants have read stays theirs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

async fn rules(story: &Evaluation, at: &str, value: &Value) {
    let set = format!(
        "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,{at}}}', '{value}') where id = '{}'",
        story.call
    );
    story.app.sql(&set).await;
}

/// The reviews of a proposal that somebody reads.
async fn reviews(story: &Evaluation, who: &Client, at: usize) -> Vec<Value> {
    let path = format!("{}/reviews", story.proposals[at].1);
    let reply = who.read(&path).await;
    reply.json["items"].as_array().unwrap().clone()
}

fn score(review: &Value) -> &str {
    review["scores"]["impact"]["score"].as_str().unwrap()
}

/// The labels of those that somebody reads under one, each with its score.
async fn labelled(story: &Evaluation, who: &Client, at: usize) -> Vec<(String, String)> {
    let found = reviews(story, who, at).await;
    let nameless = found.iter().filter(|one| one["label"].is_string());
    nameless
        .map(|one| {
            let label = one["label"].as_str().unwrap();
            (label.to_owned(), score(one).to_owned())
        })
        .collect()
}

/// Such a list as it is expected.
fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let list = list.iter();
    list.map(|(label, score)| ((*label).to_owned(), (*score).to_owned()))
        .collect()
}

async fn release(story: &Evaluation, review: &Value) {
    let path = format!("/reviews/{}/release", review["id"].as_str().unwrap());
    let despite = json!({"despite_findings": true});
    let release = story.office.post(&path).etag("*").json(&despite);
    release.send().await.expect(200);
}

/// The secretariat notes a conflict between a proposal and the author of one of its reviews.
async fn note_conflict(story: &Evaluation, review: &Value) {
    let conflict = json!({"expert": review["inside"]["expert"], "proposal": review["proposal"],
        "reason": "They publish together"});
    let path = format!("/calls/{}/conflicts", story.call);
    let noted = story.office.post(&path).json(&conflict);
    noted.send().await.expect(201);
}

/// Whether somebody wrote a review.
fn wrote(one: &Reviewer, review: &Value) -> bool {
    review["inside"]["expert"] == one.id.as_str()
}

#[tokio::test]
async fn a_label_is_given_once_and_no_gap_tells_of_a_conflict() {
    let story = Evaluation::begin().await;
    let peers = json!({"reviews_open_after_own": true});
    rules(&story, "names", &peers).await;
    let mut experts = story.three().await;
    let fourth = nomination(
        "Wim West",
        "West University",
        "w@west.example",
        "remote_reviewer",
    );
    experts.extend(story.ready(&[fourth]).await);
    story.assign(3).await.expect(200);
    for (expert, impact) in experts.iter().zip(["3.0", "3.5", "4.0", "4.5"]) {
        for review in expert.reviews().await {
            expert.write(&review, impact).await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    let (ada, bea) = (&story.proposals[0].0, &story.proposals[1].0);
    let all = reviews(&story, &story.office, 0).await;
    let [first, second, third] = &all[..] else {
        panic!("{all:?}");
    };
    let peer = experts.iter().find(|one| wrote(one, third)).unwrap();
    let peer = &peer.client;

    // A peer reads one after the other, and none of them becomes another.
    release(&story, first).await;
    let seen = [("Reviewer 1", score(first)), ("Reviewer 2", score(second))];
    assert_eq!(labelled(&story, peer, 0).await, expected(&seen[..1]));
    release(&story, second).await;
    assert_eq!(labelled(&story, peer, 0).await, expected(&seen));

    // What a conflict ends before Ada could read it she never reads, and counts the others without a gap.
    note_conflict(&story, first).await;
    assert_eq!(labelled(&story, peer, 0).await, expected(&seen[1..]));
    assert!(labelled(&story, ada, 0).await.is_empty());
    let path = story.stage("reviews/release");
    let rest = json!({"despite_findings": true});
    let rest = story.office.post(&path).json(&rest).send().await;
    rest.expect(200);
    let told = [("Reviewer 1", score(second)), ("Reviewer 2", score(third))];
    assert_eq!(labelled(&story, ada, 0).await, expected(&told));
    let others = labelled(&story, bea, 1).await;
    let names: Vec<&str> = others.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(names, ["Reviewer 1", "Reviewer 2", "Reviewer 3"]);

    // What ends after she has read it stays hers, also while one more is written; nobody loses what was told.
    note_conflict(&story, second).await;
    assert_eq!(labelled(&story, ada, 0).await, expected(&told));
    let free = experts
        .iter()
        .find(|one| all.iter().all(|review| !wrote(one, review)))
        .unwrap();
    let pair = json!({"proposal": story.proposal(0), "expert": free.id});
    let path = story.stage("assignments");
    let more = story.office.post(&path).json(&pair).send().await;
    more.expect(201);
    assert_eq!(labelled(&story, ada, 0).await, expected(&told));
    assert_eq!(labelled(&story, bea, 1).await, others);
    let mine = free.client.read("/me/reviews").await.json;
    let mut mine = mine["items"].as_array().unwrap().iter();
    let of_it = mine.find(|one| one["proposal"] == story.proposal(0));
    let of_it = of_it.unwrap();
    let id = of_it["id"].as_str().unwrap();
    free.write(id, "2.5").await.expect(200);
    free.submit(id).await.expect(200);
    assert_eq!(labelled(&story, ada, 0).await, expected(&told));
    release(&story, of_it).await;
    let [one, two] = told;
    let told = [one, two, ("Reviewer 3", "2.5")];
    assert_eq!(labelled(&story, ada, 0).await, expected(&told));
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

#[tokio::test]
async fn a_reply_stands_when_the_review_that_it_answers_ends() {
    let story = Evaluation::begin().await;
    let window = json!({"days": 7, "max_words": 12, "limit_of": "each_part"});
    rules(&story, "rebuttal", &window).await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    story.review_all(&experts).await;
    let (ada, own) = (&story.proposals[0].0, &story.proposals[0].1);
    let path = format!("{own}/rebuttal");
    let reply = json!({"to_all": "Thank you.", "to_reviews": {"Reviewer 1": "It is not so."}});
    write(ada, &path, &reply).await.expect(200);
    submit(ada, &path).await.expect(200);

    let inside = story.office.read(&path).await.json;
    let mut inside = inside["reviews"].as_array().unwrap().iter();
    let answered = inside.find(|one| one["label"] == "Reviewer 1").unwrap();
    let answered = format!("/reviews/{}", answered["review"].as_str().unwrap());
    let answered = story.office.read(&answered).await.json;
    let (before, list) = (ada.read(&path).await, format!("{own}/reviews"));
    let listed = ada.read(&list).await;
    note_conflict(&story, &answered).await;

    // The panel goes on without it; to the consortium nothing happened.
    let panel = story.office.read(&path).await.json;
    let panel = panel["reviews"].as_array().unwrap();
    assert_eq!(panel.len(), 1);
    assert_eq!(panel[0]["label"], "Reviewer 2");
    for (path, before) in [(&path, &before), (&list, &listed)] {
        let now = ada.read(path).await;
        assert_eq!((&now.json, &now.etag), (&before.json, &before.etag));
    }
    assert_eq!(before.json["reviews"].as_array().unwrap().len(), 2);
    let more = json!({"to_all": "Thank you.", "to_reviews": {"Reviewer 1": "Not at all."}});
    write(ada, &path, &more).await.expect(200);
    let again = submit(ada, &path).await.expect(200);
    assert_eq!(again.json["submitted"], more);
}
