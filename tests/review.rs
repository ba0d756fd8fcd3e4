//! Experts, reviews, consensus and ranking.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, nomination};
use serde_json::{Value, json};

fn consensus(proposal: &str, impact: &str, rating: &str) -> Value {
    json!({"proposal": proposal, "scores": {"excellence": "4.5", "impact": impact,
        "implementation": "3.5"}, "rating": rating, "comment": "Agreed."})
}

#[tokio::test]
async fn experts_are_nominated_approved_invited_and_sign_before_anything_else() {
    let story = Evaluation::begin().await;
    let experts = format!("/calls/{}/experts", story.call);
    let refused = story
        .office
        .post(&experts)
        .json(&json!({"experts": [
            nomination("Ada Herself", "Elsewhere", "ADA@example.org", "remote_reviewer"),
            nomination("A Partner", "Elsewhere", "pi@bea1.example", "remote_reviewer"),
        ]}))
        .send()
        .await
        .expect(422);
    assert_eq!(
        refused.faults(),
        ["/experts/0/email applicant", "/experts/1/email applicant"]
    );
    let reviewers = story
        .invite(&[
            nomination(
                "Xenia North",
                "North University",
                "x@north.example",
                "remote_reviewer",
            ),
            nomination("Carla Chair", "West University", "c@west.example", "chair"),
        ])
        .await;
    let mails = story.app.mails().await;
    let invitation = mails.iter().find(|mail| mail.to == ["x@north.example"]);
    assert!(invitation.unwrap().text().contains("/link/expert?token="));
    let xenia = &reviewers[0];
    let desk = xenia.client.read("/me/experts").await;
    assert_eq!(
        desk.json["items"][0]["tasks"][0]["task"],
        "answer_invitation"
    );
    let accept = format!("/experts/{}/accept", xenia.id);
    let no = json!({"confidentiality": false});
    let refused = xenia
        .client
        .post(&accept)
        .json(&no)
        .send()
        .await
        .expect(422);
    assert_eq!(refused.faults(), ["/confidentiality required"]);
    let declaration = format!("/experts/{}/declaration", xenia.id);
    let early = xenia.client.get(&declaration).send().await.expect(409);
    assert_eq!(early.code(), "state_conflict");
    xenia.accept().await;
    let view = xenia.client.read(&declaration).await;
    assert_eq!(view.json["proposals"].as_array().unwrap().len(), 3);
    assert_eq!(view.json["proposals"][0]["title"], "The title of Ada");
    assert!(!String::from_utf8_lossy(&view.body).contains("abstract"));
    story.office.get(&declaration).send().await.expect(403);
    // The chair's seat brings the role.
    reviewers[1].accept().await;
    let list = reviewers[1].client.read(&experts).await;
    assert_eq!(list.json["items"][0]["contact"], Value::Null);
    story.proposals[0].0.get(&experts).send().await.expect(403);
}

#[tokio::test]
async fn from_the_assignment_to_the_adopted_ranking() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = story
        .ready(&[nomination(
            "Carla Chair",
            "West University",
            "c@west.example",
            "chair",
        )])
        .await
        .remove(0);
    let dry = story
        .office
        .post(&story.stage("assign"))
        .json(&json!({"per_proposal": 2}))
        .dry_run()
        .send()
        .await
        .expect(200);
    assert_eq!(dry.json["new"], 6);
    assert!(experts[0].reviews().await.is_empty());
    let assigned = story.assign(2).await.expect(200);
    assert_eq!(assigned.json["pairs"].as_array().unwrap().len(), 6);
    // All keywords met, which count as much as the statements that nobody wrote.
    assert_eq!(assigned.json["total"], 3_000_000);
    let again = story.assign(2).await.expect(200);
    assert_eq!(again.json["new"], 0, "what is under way stays");
    let mails = story.app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().contains("to review"));
    let mut busy: Vec<&Value> = assigned.json["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| &pair["name"])
        .collect();
    busy.sort_by_key(|name| name.to_string());
    busy.dedup();
    assert_eq!(told.count(), busy.len(), "one mail to each expert");

    let review = &experts[0].reviews().await[0];
    let off = experts[0].write(review, "4.25").await.expect(422);
    assert_eq!(off.faults(), ["/scores/impact score_off_scale"]);
    experts[0].write(review, "4.0").await.expect(200);
    let draft = story.office.read(&format!("/reviews/{review}")).await;
    assert_eq!(draft.json["scores"], json!({}), "a draft is nobody else's");
    let submitted = experts[0].submit(review).await.expect(200);
    let back = story
        .office
        .post(&format!("/reviews/{review}/return"))
        .etag(&story.office.read(&format!("/reviews/{review}")).await.etag)
        .json(&json!({"reason": "Say more about impact"}))
        .send()
        .await
        .expect(200);
    assert_eq!(back.json["state"], "returned");
    let stale = experts[0]
        .client
        .put(&format!("/reviews/{review}"))
        .etag(&submitted.etag)
        .json(&json!({"scores": {}}))
        .send()
        .await;
    stale.expect(412);

    let ada = &story.proposals[0];
    let reviews = format!("{}/reviews", ada.1);
    assert_eq!(ada.0.read(&reviews).await.json["items"], json!([]));
    experts[0].write(review, "4.0").await.expect(200);
    experts[0].submit(review).await.expect(200);
    let left = [&experts[1], &experts[2]];
    for expert in left {
        for review in expert.reviews().await {
            expert.write(&review, "4.0").await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    for review in &experts[0].reviews().await[1..] {
        experts[0].write(review, "4.0").await.expect(200);
        experts[0].submit(review).await.expect(200);
    }
    let release = story.stage("reviews/release");
    let released = story.office.post(&release).json(&json!({})).send().await;
    let released = released.expect(200);
    assert_eq!(released.json["reviews"].as_array().unwrap().len(), 6);
    let seen = ada.0.read(&reviews).await;
    assert_eq!(seen.json["items"].as_array().unwrap().len(), 2);
    assert_eq!(seen.json["items"][0]["inside"], Value::Null);
    assert_eq!(seen.json["items"][0]["scores"]["impact"]["score"], "4.0");

    let desk = story.stage("consensus");
    let lines = chair.client.read(&desk).await;
    assert_eq!(lines.json["items"][0]["released"], 2);
    assert_eq!(lines.json["items"][0]["suggested"]["impact"], "4.0");
    story.committee.get(&desk).send().await.expect(404);
    let ids: Vec<String> = (0..3).map(|at| story.proposal(at)).collect();
    let wrong = json!({"consensus": [consensus(&ids[0], "2.5", "recommended"),
        consensus(&ids[1], "9.0", "recommended"), consensus(&ids[1], "4.0", "recommended")]});
    let early = chair.client.post(&desk).json(&wrong).send().await;
    assert_eq!(early.expect(409).code(), "state_conflict", "not convened");
    story.convene().await.expect(200);
    let refused = chair
        .client
        .post(&desk)
        .json(&wrong)
        .send()
        .await
        .expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/consensus/0/rating below_threshold",
            "/consensus/1/scores/impact score_off_scale",
            "/consensus/2/proposal unknown_proposal"
        ]
    );
    let two = json!({"consensus": [consensus(&ids[0], "4.0", "recommended"),
        consensus(&ids[1], "4.0", "recommended_if_funds_allow")]});
    chair.client.post(&desk).json(&two).send().await.expect(200);
    let ranking = story.stage("ranking");
    let preview = chair.client.read(&ranking).await;
    assert_eq!(preview.json["state"], "draft");
    let adopt = story.stage("ranking/adopt");
    let early = chair.client.post(&adopt).etag(&preview.etag).send().await;
    assert_eq!(early.expect(422).faults(), ["/proposals consensus_missing"]);
    let line = format!("{}/consensus", story.proposals[2].1);
    let now = chair.client.read(&line).await;
    let mut third = consensus(&ids[2], "2.0", "not_recommended");
    third.as_object_mut().unwrap().remove("proposal");
    let put = chair.client.put(&line).etag(&now.etag).json(&third);
    assert_eq!(put.send().await.expect(200).json["state"], "evaluated");
    let preview = chair.client.read(&ranking).await;
    story.committee.get(&ranking).send().await.expect(404);
    let office = story.office.post(&adopt).etag(&preview.etag).send().await;
    office.expect(403);
    let adopted = chair.client.post(&adopt).etag(&preview.etag).send().await;
    assert_eq!(adopted.expect(200).json["state"], "adopted");
    let list = story.committee.read(&ranking).await;
    let positions = [&list.json["entries"][0], &list.json["entries"][1]];
    assert_eq!(positions.map(|entry| entry["position"].clone()), [1, 1]);
    assert_eq!(list.json["entries"].as_array().unwrap().len(), 2);
    let call = story.office.read(&format!("/calls/{}", story.call)).await;
    assert_eq!(call.json["stages"][0]["state"], "ranked");
    ada.0.get(&ranking).send().await.expect(404);
}

#[tokio::test]
async fn applicants_and_funders_read_the_same_bytes_whoever_reviewed() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = story
        .ready(&[nomination(
            "Carla Chair",
            "West University",
            "c@west.example",
            "chair",
        )])
        .await
        .remove(0);
    story.assign(2).await.expect(200);
    story.review_all(&experts).await;
    let all: Vec<Value> = (0..3)
        .map(|at| consensus(&story.proposal(at), "4.0", "recommended"))
        .collect();
    let desk = story.stage("consensus");
    let list = json!({ "consensus": all });
    story.convene().await.expect(200);
    chair
        .client
        .post(&desk)
        .json(&list)
        .send()
        .await
        .expect(200);
    let now = chair.client.read(&story.stage("ranking")).await;
    let adopt = story.stage("ranking/adopt");
    chair
        .client
        .post(&adopt)
        .etag(&now.etag)
        .send()
        .await
        .expect(200);
    let funder = story.app.person("Funder").await;
    story
        .app
        .grant(
            &funder,
            Role::CscRepresentative,
            Some(&story.call),
            Some("DE-BMBF"),
        )
        .await;
    let ada = &story.proposals[0];
    let reviews = format!("{}/reviews", ada.1);
    let one = story.office.read(&reviews).await.json["items"][0]["id"].clone();
    let paths = [
        reviews,
        format!("/reviews/{}", one.as_str().unwrap()),
        ada.1.clone(),
        desk,
        story.stage("ranking"),
        story.stage("assignments"),
        format!("/calls/{}/conflicts", story.call),
    ];
    let mut before = Vec::new();
    for path in &paths {
        for who in [&ada.0, &funder] {
            before.push(who.get(path).header("X-Request-Id", "same").send().await);
        }
    }
    assert_eq!(before[0].status, 200);
    assert_eq!(before[1].json["items"].as_array().unwrap().len(), 2);
    story
        .app
        .sql("update sealed.expert set name = name || ' the Elder'")
        .await;
    let mut after = before.iter();
    for path in &paths {
        for who in [&ada.0, &funder] {
            let now = who.get(path).header("X-Request-Id", "same").send().await;
            let then = after.next().unwrap();
            assert_eq!(now.status, then.status, "{path}");
            assert_eq!(now.body, then.body, "{path}");
            assert_eq!(now.etag, then.etag, "{path}");
        }
    }
    // The control: whoever may see names sees the change.
    let seen = story.office.read(&story.stage("assignments")).await;
    assert!(String::from_utf8_lossy(&seen.body).contains("the Elder"));
}
