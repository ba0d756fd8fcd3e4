//! A substitute is called up to the place of an expert, and loads are agreed on anew.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use steps::{count, dry, note, post};

struct Story {
    story: Evaluation,
    reviewers: Vec<Reviewer>,
    mona: Reviewer,
    sue: Reviewer,
}

/// Mona sits on the panel, reviews the first two proposals and presents all three; Sue stands by, and has published with
/// somebody of the second one.
async fn begin() -> Story {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let spare = |name: &str, role: &str| {
        let address = format!("{}@spare.example", &name[..1]).to_lowercase();
        nomination(name, &format!("{name} College"), &address, role)
    };
    let mut two = story
        .ready(&[
            spare("Mona Memberton", "panel_member"),
            spare("Sue Spare", "substitute"),
        ])
        .await;
    let (sue, mona) = (two.remove(1), two.remove(0));
    note(&story, &sue.id, &story.proposal(1)).await.expect(201);
    let pair = |at: usize| json!({"proposal": story.proposal(at), "expert": mona.id});
    let wishes = json!({"per_proposal": 2, "keep": [pair(0), pair(1)],
        "forbid": [pair(2)]});
    post(&story, &story.stage("assign"), &wishes)
        .await
        .expect(200);
    for (_, proposal) in &story.proposals {
        let path = format!("{proposal}/rapporteurs");
        let now = story.office.read(&path).await;
        let named = story.office.put(&path).etag(&now.etag);
        let named = named.json(&json!({ "experts": [mona.id] }));
        named.send().await.expect(200);
    }
    Story {
        story,
        reviewers,
        mona,
        sue,
    }
}

impl Story {
    fn call_up(&self) -> (String, Value) {
        let body = json!({"substitute": self.sue.id, "reason": "Fell ill", "reviews": true});
        (format!("/experts/{}/call-up", self.mona.id), body)
    }

    async fn told(&self, address: &str, subject: &str) -> Vec<String> {
        let all = self.story.app.mails().await;
        let own = all.iter().filter(|mail| {
            mail.to.iter().any(|to| to == address) && mail.subject().contains(subject)
        });
        own.map(|mail| mail.text()).collect()
    }
}

#[tokio::test]
async fn one_deed_gives_the_place_the_presentations_and_the_reviews() {
    let of = begin().await;
    let story = &of.story;
    let (path, body) = of.call_up();
    for (who, status) in [
        (&of.mona.client, 403),
        (&story.committee, 403),
        (&of.sue.client, 404),
        (&story.proposals[0].0, 404),
    ] {
        who.post(&path).json(&body).send().await.expect(status);
    }
    let wrong = json!({"substitute": of.reviewers[0].id, "reason": "Fell ill"});
    let refused = post(story, &path, &wrong).await.expect(422);
    assert_eq!(refused.faults(), ["/substitute not_a_substitute"]);
    let mut silent = body.clone();
    silent["reason"] = json!(" ");
    let refused = post(story, &path, &silent).await.expect(422);
    assert_eq!(refused.faults(), ["/reason required"]);
    let of_spare = format!("/experts/{}/call-up", of.sue.id);
    let refused = post(story, &of_spare, &body).await.expect(422);
    assert_eq!(refused.faults(), [" no_place"]);

    let shown = dry(story, &path, &body).await.expect(200);
    assert_eq!(shown.json["substitute"]["role"], "panel_member");
    assert_eq!(of.mona.reviews().await.len(), 2, "nothing is changed");
    let done = post(story, &path, &body).await.expect(200).json;
    assert_eq!(
        (&done["substitute"]["role"], &done["leaving"]["role"]),
        (&json!("panel_member"), &json!("remote_reviewer"))
    );
    assert_eq!(done["leaving"]["max_load"], 0);
    assert_eq!(
        (count(&done["presents"]), count(&done["unpresented"])),
        (2, 1)
    );
    // The first proposal's review is Sue's now; the second one's went to somebody without a conflict of interest.
    let added = done["reviews"]["added"].as_array().unwrap();
    assert_eq!(added.len(), 2);
    let sues = added
        .iter()
        .filter(|one| one["expert"] == of.sue.id.as_str());
    let sues: Vec<&Value> = sues.collect();
    assert_eq!(sues.len(), 1);
    assert_eq!(sues[0]["proposal"], story.proposal(0).as_str());
    assert_eq!(of.sue.reviews().await.len(), 1);
    assert_eq!(of.mona.reviews().await.len(), 0);

    // The seat has moved, with the next request.
    let desk = story.stage("rapporteurs");
    of.mona.client.get(&desk).send().await.expect(404);
    let mine = of.sue.client.read(&desk).await.json;
    assert_eq!(count(&mine["items"]), 2, "not the one with the conflict");
    for item in mine["items"].as_array().unwrap() {
        assert_eq!(item["rapporteurs"][0]["name"], "Sue Spare");
    }
    let roles = of.mona.client.read("/me/roles").await.json;
    assert_eq!(roles["items"], json!([]));
    let second = format!("{}/rapporteurs", story.proposals[1].1);
    assert_eq!(
        story.office.read(&second).await.json["rapporteurs"],
        json!([])
    );
    let to_sue = of.told("s@spare.example", "You are called up").await;
    assert_eq!(to_sue.len(), 1);
    assert!(to_sue[0].contains("You sit on the panel") && !to_sue[0].contains("The title of"));
    assert_eq!(
        of.told("s@spare.example", "Proposals for you").await.len(),
        1
    );
    let to_mona = of.told("m@spare.example", "Your place is taken").await;
    assert_eq!(to_mona.len(), 1);
    assert_eq!(
        of.told("m@spare.example", "Proposals you need not")
            .await
            .len(),
        1
    );
    let trail =
        "select count(*) from audit where action in ('call_up_substitute', 'replace_reviewer')";
    assert_eq!(story.app.value(trail).await, "2");

    let again = post(story, &path, &body).await.expect(422);
    assert_eq!(again.faults(), ["/substitute not_a_substitute"]);
}

#[tokio::test]
async fn at_the_panel_a_place_is_taken_without_reviews() {
    let of = begin().await;
    let story = &of.story;
    for expert in of.reviewers.iter().chain([&of.mona]) {
        for review in expert.reviews().await {
            expert.write(&review, "4.0").await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    let release = json!({"despite_findings": true});
    post(story, &story.stage("reviews/release"), &release)
        .await
        .expect(200);
    story.convene().await.expect(200);
    let (path, mut body) = of.call_up();
    post(story, &path, &body).await.expect(409);
    body["reviews"] = json!(false);
    let done = post(story, &path, &body).await.expect(200).json;
    assert_eq!(done["reviews"], Value::Null);
    assert_eq!(done["leaving"]["max_load"], 2, "what is handed in stays");
    assert_eq!(of.mona.reviews().await.len(), 2);
    let talk = format!("{}/discussion", story.proposals[0].1);
    of.mona.client.get(&talk).send().await.expect(404);
    let say = of
        .sue
        .client
        .post(&talk)
        .json(&json!({"text": "I take over."}));
    say.send().await.expect(200);
}

#[tokio::test]
async fn who_may_have_a_conflict_does_not_present_before_somebody_judged_it() {
    let of = begin().await;
    let story = &of.story;
    let third = story.proposal(2);
    story
        .app
        .sql(&format!(
            "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
             values (gen_random_uuid(), '{}', '{}', '{third}', 'email_domain', false, 'Same host', 'detected', false)",
            story.call, of.sue.id
        ))
        .await;
    let (path, body) = of.call_up();
    let done = post(story, &path, &body).await.expect(200).json;
    assert_eq!(
        (count(&done["presents"]), count(&done["unpresented"])),
        (1, 2)
    );
    let presented = format!("{}/rapporteurs", story.proposals[2].1);
    let presented = story.office.read(&presented).await.json;
    assert_eq!(presented["rapporteurs"], json!([]));
}

#[tokio::test]
async fn a_load_is_agreed_on_anew() {
    let of = begin().await;
    let story = &of.story;
    let path = format!("/experts/{}/load", of.mona.id);
    let load = |most: i32| json!({"max_load": most, "reason": "Well again"});
    let refused = post(story, &path, &load(1)).await.expect(422);
    assert_eq!(refused.faults(), ["/max_load below_held"]);
    let refused = post(story, &path, &load(101)).await.expect(422);
    assert_eq!(refused.faults(), ["/max_load out_of_range"]);
    let silent = json!({"max_load": 4, "reason": ""});
    let refused = post(story, &path, &silent).await.expect(422);
    assert_eq!(refused.faults(), ["/reason required"]);
    for (who, status) in [
        (&of.mona.client, 403),
        (&story.committee, 403),
        (&story.proposals[0].0, 404),
    ] {
        let refused = who.post(&path).json(&load(4)).send().await;
        refused.expect(status);
    }
    let replace = format!("/experts/{}/replace", of.mona.id);
    post(story, &replace, &json!({"reason": "Fell ill"}))
        .await
        .expect(200);
    let query = format!(
        "select max_load from sealed.expert where id = '{}'",
        of.mona.id
    );
    assert_eq!(story.app.value(&query).await, "0");
    let again = post(story, &path, &load(4)).await.expect(200);
    assert_eq!(again.json["max_load"], 4);
    assert_eq!(story.app.value(&query).await, "4");
}
