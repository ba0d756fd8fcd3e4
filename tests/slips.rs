//! Slips of an office, and how they are mended: a review released by mistake, a conflict of interest noted for the wrong
//! pair.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// Does something to a thing as it was read.
async fn act(who: &Client, path: &str, deed: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    let post = who.post(&format!("{path}/{deed}")).etag(&now.etag);
    post.json(body).send().await
}

async fn put(who: &Client, path: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(body).send().await
}

async fn post(who: &Client, path: &str, body: &Value) -> Reply {
    who.post(path).json(body).send().await
}

/// Lets the first stage of the call have another rule.
async fn rule(story: &Evaluation, at: &str, value: &Value) {
    let set = format!(
        "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,{at}}}', '{value}') where id = '{}'",
        story.call
    );
    story.app.sql(&set).await;
}

async fn hand_in(expert: &Reviewer, review: &str) {
    expert.write(review, "4.0").await.expect(200);
    expert.submit(review).await.expect(200);
}

fn because() -> Value {
    json!({"reason": "It was released by mistake"})
}

fn words(reply: &Reply) -> String {
    reply.json["detail"].as_str().unwrap().to_owned()
}

/// The reviews that experts have of a proposal, with the experts.
async fn of_proposal<'a>(experts: &'a [Reviewer], proposal: &str) -> Vec<(&'a Reviewer, String)> {
    let mut found = Vec::new();
    for expert in experts {
        let mine = expert.client.read("/me/reviews").await.json;
        let items = mine["items"].as_array().unwrap().iter();
        let own = items.filter(|one| one["proposal"] == proposal);
        found.extend(own.map(|one| (expert, one["id"].as_str().unwrap().to_owned())));
    }
    found
}

/// How many mails to an address have a subject with these words.
async fn mails(story: &Evaluation, address: &str, subject: &str) -> usize {
    let all = story.app.mails().await;
    let own = all
        .iter()
        .filter(|mail| mail.to.iter().any(|to| to == address));
    own.filter(|mail| mail.subject().contains(subject)).count()
}

#[tokio::test]
async fn a_release_by_mistake_is_taken_back_until_the_applicants_read_it() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    let ada = &story.proposals[0];
    let shown = format!("{}/reviews", ada.1);
    let of_ada = of_proposal(&experts, &story.proposal(0)).await;
    let (author, review) = &of_ada[0];
    hand_in(author, review).await;
    let path = format!("/reviews/{review}");
    let released = act(&story.office, &path, "release", &json!({})).await;
    assert_eq!(released.expect(200).json["state"], "released");

    let back = format!("{path}/return");
    for who in [&author.client, &story.committee, &ada.0] {
        let refused = who.post(&back).etag("*").json(&because()).send().await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
    let blind = post(&story.office, &back, &because()).await;
    blind.expect(428);
    let silent = json!({"reason": " "});
    let silent = act(&story.office, &path, "return", &silent).await;
    assert_eq!(silent.expect(422).faults(), ["/reason required"]);
    let returned = act(&story.office, &path, "return", &because()).await;
    let returned = returned.expect(200).json;
    assert_eq!(returned["state"], "returned");
    assert_eq!(returned["inside"]["released_at"], Value::Null);
    let trail = "select reason || ' ' || (detail ->> 'was_released') from audit where action = 'return_review'";
    assert_eq!(
        story.app.value(trail).await,
        "It was released by mistake true"
    );
    assert_eq!(ada.0.read(&shown).await.json["items"], json!([]));

    // Its author mends it; and once nothing is to come any more the applicants read it, and what they read stays.
    hand_in(author, review).await;
    let again = act(&story.office, &path, "release", &json!({})).await;
    assert_eq!(again.expect(200).json["state"], "released");
    for expert in &experts {
        for other in expert.reviews().await {
            if other != *review {
                hand_in(expert, &other).await;
            }
        }
    }
    let all = story.stage("reviews/release");
    post(&story.office, &all, &json!({})).await.expect(200);
    let told = ada.0.read(&shown).await.json;
    assert_eq!(told["items"].as_array().unwrap().len(), 2);
    let late = act(&story.office, &path, "return", &because()).await;
    assert!(words(&late.expect(409)).contains("applicants"));

    // A review that is assigned later does not make them unread.
    let mut added = 0;
    for expert in &experts {
        let pair = json!({"proposal": story.proposal(0), "expert": expert.id});
        let assigned = post(&story.office, &story.stage("assignments"), &pair).await;
        added += usize::from(assigned.status == 201);
    }
    assert_eq!(added, 1);
    let late = act(&story.office, &path, "return", &because()).await;
    assert!(words(&late.expect(409)).contains("applicants"));
}

#[tokio::test]
async fn what_other_reviewers_or_the_panel_know_is_not_taken_back() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let chair = story.ready(&[chair]).await.remove(0);
    story.assign(2).await.expect(200);
    rule(&story, "panel", &json!(false)).await;
    let peers = |read: bool| json!({ "reviews_open_after_own": read });
    rule(&story, "names", &peers(true)).await;
    let of_ada = of_proposal(&experts, &story.proposal(0)).await;
    let [(author, review), (peer, other)] = &of_ada[..] else {
        panic!("two review each proposal")
    };
    let path = format!("/reviews/{review}");
    hand_in(author, review).await;
    act(&story.office, &path, "release", &json!({}))
        .await
        .expect(200);
    // Who has not handed in the own one reads no other.
    act(&story.office, &path, "return", &because())
        .await
        .expect(200);
    hand_in(author, review).await;
    act(&story.office, &path, "release", &json!({}))
        .await
        .expect(200);
    hand_in(peer, other).await;
    let known = act(&story.office, &path, "return", &because()).await;
    assert!(words(&known.expect(409)).contains("Other reviewers"));

    // Where reviewers do not read each other, the panel goes by the reviews as soon as it says something on them.
    rule(&story, "names", &peers(false)).await;
    let second = format!("/reviews/{other}");
    act(&story.office, &second, "release", &json!({}))
        .await
        .expect(200);
    let dry = story.office.read(&path).await;
    let dry = story
        .office
        .post(&format!("{path}/return"))
        .etag(&dry.etag)
        .json(&because())
        .dry_run();
    dry.send().await.expect(200);
    let agreed = json!({"rating": "recommended", "comment": "Sound throughout.",
        "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}});
    let line = format!("{}/consensus", story.proposals[0].1);
    put(&chair.client, &line, &agreed).await.expect(200);
    let known = act(&story.office, &path, "return", &because()).await;
    assert!(words(&known.expect(409)).contains("panel"));
}

#[tokio::test]
async fn many_reviews_are_released_as_they_were_read() {
    let story = Evaluation::begin().await;
    let rebuttal = json!({"days": 7, "max_words": 12, "limit_of": "each_part"});
    rule(&story, "rebuttal", &rebuttal).await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    for expert in &experts {
        for review in expert.reviews().await {
            hand_in(expert, &review).await;
        }
    }
    let ids = experts[0].reviews().await;
    let mut read = Vec::new();
    for id in &ids {
        let view = story.office.read(&format!("/reviews/{id}")).await.json;
        read.push(json!({"review": id, "version": view["inside"]["version"]}));
    }
    // A colleague gives one back, and it comes in again.
    let first = format!("/reviews/{}", ids[0]);
    act(&story.office, &first, "return", &because())
        .await
        .expect(200);
    hand_in(&experts[0], &ids[0]).await;
    let all = story.stage("reviews/release");
    let stale = post(&story.office, &all, &json!({ "reviews": read })).await;
    let stale = stale.expect(412);
    assert_eq!(
        (stale.code(), stale.faults()),
        ("stale_version", vec!["/reviews/0/version stale".to_owned()])
    );
    let second = format!("/reviews/{}", ids[1]);
    let untouched = story.office.read(&second).await.json;
    assert_eq!(untouched["state"], "submitted");
    let twice = json!({"reviews": [read[1], read[1]]});
    let twice = post(&story.office, &all, &twice).await.expect(422);
    assert_eq!(twice.faults(), ["/reviews/1/review not_submitted"]);
    let right = json!({"reviews": [{"review": ids[0]}, read[1]]});
    let released = post(&story.office, &all, &right).await.expect(200);
    assert_eq!(released.json["reviews"].as_array().unwrap().len(), 2);

    // As long as the window to reply is not open, what is released goes back, and comes again with all others.
    act(&story.office, &second, "return", &because())
        .await
        .expect(200);
    hand_in(&experts[0], &ids[1]).await;
    post(&story.office, &all, &json!({})).await.expect(200);
    let state = "select state from stage where number = 1";
    assert_eq!(story.app.value(state).await, "rebuttal");
    let late = act(&story.office, &second, "return", &because()).await;
    late.expect(409);
}

#[tokio::test]
async fn a_conflict_noted_for_the_wrong_pair_is_withdrawn_and_no_other() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let mona = nomination(
        "Mona Memberton",
        "Highland College",
        "m@panel.example",
        "rapporteur",
    );
    let wim = nomination(
        "Wim Own",
        "Institute Ada 0",
        "w@west.example",
        "remote_reviewer",
    );
    let others = story.ready(&[mona, wim]).await;
    let mona = &others[0];
    let office = &story.office;
    let [xenia, yann, zoe] = &experts[..] else {
        panic!("three review")
    };
    let pair =
        |expert: &Reviewer, at: usize| json!({"expert": expert.id, "proposal": story.proposal(at)});
    let keep = json!([
        pair(xenia, 0),
        pair(yann, 0),
        pair(yann, 1),
        pair(zoe, 1),
        pair(zoe, 2),
        pair(xenia, 2)
    ]);
    let keep = json!({"per_proposal": 2, "keep": keep});
    post(office, &story.stage("assign"), &keep)
        .await
        .expect(200);
    let presents = format!("{}/rapporteurs", story.proposals[0].1);
    let named = json!({ "experts": [mona.id] });
    put(office, &presents, &named).await.expect(200);

    let conflicts = format!("/calls/{}/conflicts", story.call);
    let note = async |expert: &Reviewer, at: usize| {
        let mut wrong = pair(expert, at);
        wrong["reason"] = json!("They are cousins");
        let noted = post(office, &conflicts, &wrong).await.expect(201);
        format!("/conflicts/{}", noted.id())
    };
    let slip = json!({"reason": "Meant was the namesake"});
    let withdraw = async |who: &Client, conflict: &str, body: &Value| {
        post(who, &format!("{conflict}/withdraw"), body).await
    };
    let wrong = note(xenia, 0).await;
    assert_eq!(xenia.reviews().await.len(), 1);
    for who in [
        &xenia.client,
        &mona.client,
        &story.committee,
        &story.proposals[0].0,
    ] {
        let refused = withdraw(who, &wrong, &slip).await;
        let refusals = [403, 404, 409];
        assert!(refusals.contains(&refused.status), "{}", refused.status);
    }
    let silent = withdraw(office, &wrong, &json!({"reason": " "})).await;
    assert_eq!(silent.expect(422).faults(), ["/reason required"]);
    let stale = json!({"reason": "A slip", "version": 7});
    withdraw(office, &wrong, &stale).await.expect(412);
    let gone = withdraw(office, &wrong, &slip).await.expect(200).json;
    assert_eq!(gone["state"], "taken_back");
    assert!(gone["taken_back_at"].is_string());
    let trail = "select reason from audit where action = 'withdraw_conflict'";
    assert_eq!(story.app.value(trail).await, "Meant was the namesake");
    withdraw(office, &wrong, &slip).await.expect(409);
    let judge = json!({"stands": true, "reason": "It does"});
    let judged = post(office, &format!("{wrong}/judge"), &judge).await;
    judged.expect(409);

    // The pair is assigned again; and what was a slip once may be true later.
    let assigned = post(office, &story.stage("assignments"), &pair(xenia, 0)).await;
    assigned.expect(201);
    assert_eq!(xenia.reviews().await.len(), 2);
    let again = note(xenia, 0).await;
    assert_ne!(again, wrong);
    assert_eq!(xenia.reviews().await.len(), 1);

    // Who was to present the proposal does so again, and is told both.
    let of_mona = note(mona, 0).await;
    let you_need_not = "You need not present";
    assert_eq!(mails(&story, "m@panel.example", you_need_not).await, 1);
    withdraw(office, &of_mona, &slip).await.expect(200);
    assert_eq!(mails(&story, "m@panel.example", "You present").await, 2);
    let lines = office.read(&presents).await.json;
    assert_eq!(lines["rapporteurs"][0]["name"], "Mona Memberton");

    // Once the expert says the same, what was noted is no slip; and what was withdrawn may be declared.
    let cousins = json!([{"proposal": story.proposal(0), "reason": "We are cousins indeed"}]);
    xenia.declare(&cousins).await.expect(200);
    withdraw(office, &again, &slip).await.expect(409);
    mona.declare(&cousins).await.expect(200);
    let known = office.read(&conflicts).await.json;
    let of = |expert: &Reviewer| {
        let items = known["items"].as_array().unwrap().iter();
        let own = items.filter(|one| one["expert"] == expert.id.as_str());
        own.map(|one| format!("{} {}", one["source"], one["state"]))
            .collect::<Vec<String>>()
    };
    let own = "\"declared\" \"standing\"";
    let withdrawn = "\"secretariat\" \"taken_back\"";
    assert_eq!(of(xenia), [withdrawn, own]);
    assert_eq!(of(mona), [withdrawn, own]);

    // What an expert declared is nobody else's to take back, and what was found rests on its facts.
    let declared = json!([{"proposal": story.proposal(1), "reason": "We are neighbours"}]);
    yann.declare(&declared).await.expect(200);
    let known = office.read(&conflicts).await.json;
    for source in ["declared", "detected"] {
        let mut items = known["items"].as_array().unwrap().iter();
        let one = items.find(|one| one["source"] == source).unwrap();
        let path = format!("/conflicts/{}", one["id"].as_str().unwrap());
        let refused = withdraw(office, &path, &slip).await.expect(409);
        assert!(words(&refused).contains("secretariat noted itself"));
    }
    assert_eq!(yann.reviews().await.len(), 1);
}
