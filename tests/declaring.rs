//! Conflicts of interest are declared on what is locked, for each stage, and before anything of it opens: by reviewers,
//! members and the chair of the panel alike.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::json;
use testkit::Client;

/// Whether a declaration waits for somebody.
async fn asked(who: &Client) -> bool {
    let tasks = who.read("/me/tasks").await.json;
    let tasks = tasks["items"].as_array().unwrap().iter();
    let asked = tasks.filter(|one| one["kind"] == "declare_conflicts");
    let desks = who.read("/me/experts").await.json;
    let at_desk = desks["items"][0]["tasks"][0]["task"] == "declare_conflicts";
    assert_eq!(asked.count(), usize::from(at_desk));
    at_desk
}

/// How often somebody was asked by mail to declare.
async fn mailed(story: &Evaluation, address: &str) -> usize {
    let mails = story.app.mails().await;
    let own = mails
        .iter()
        .filter(|mail| mail.to.iter().any(|to| to == address));
    own.filter(|mail| {
        mail.subject()
            .contains("Declare your conflicts of interest")
    })
    .count()
}

/// How many stages of a proposal somebody reads.
async fn stages(who: &Client, path: &str) -> usize {
    let seen = who.read(path).await.json;
    seen["stages"].as_array().unwrap().len()
}

/// A chair of the panel who has signed and declared nothing.
async fn chair(story: &Evaluation) -> Reviewer {
    let carla = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let carla = story.invite(&[carla]).await.remove(0);
    carla.accept().await;
    carla
}

#[tokio::test]
async fn nobody_declares_before_the_deadline() {
    let story = Evaluation::begin().await;
    let xenia = nomination(
        "Xenia North",
        "North University",
        "x@north.example",
        "remote_reviewer",
    );
    let xenia = story.invite(&[xenia]).await.remove(0);
    xenia.accept().await;
    let path = format!("/experts/{}/declaration", xenia.id);
    let refused = async |path: &str| {
        let none = json!({ "conflicts": [] });
        let put = xenia.client.put(path).etag("*").json(&none);
        for reply in [xenia.client.get(path).send().await, put.send().await] {
            assert_eq!(reply.expect(409).code(), "state_conflict");
        }
    };
    let set = async |state: &str| {
        let set = format!("update stage set state = '{state}' where number = 1");
        story.app.sql(&set).await;
    };
    // The second stage is to come, and so is the first for a moment.
    refused(&format!("{path}?stage=2")).await;
    for state in ["open", "closed"] {
        set(state).await;
        refused(&format!("{path}?stage=1")).await;
        refused(&path).await;
        assert!(!asked(&xenia.client).await, "{state}");
    }
    set("checking").await;
    let declared = "select declared_stages::text from sealed.expert";
    assert_eq!(story.app.value(declared).await, "{}");
    assert!(asked(&xenia.client).await);
    xenia.declare(&json!([])).await.expect(200);
    assert_eq!(story.app.value(declared).await, "{1}");
    assert!(!asked(&xenia.client).await);
}

#[tokio::test]
async fn the_chair_reads_and_decides_nothing_before_declaring() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    let carla = chair(&story).await;
    story.review_all(&experts).await;
    story.convene().await.expect(200);
    let (client, proposal) = (&carla.client, &story.proposals[0].1);
    let of = |rest: &str| format!("{proposal}/{rest}");
    let absent = [
        proposal.clone(),
        of("rapporteurs"),
        of("consensus"),
        story.stage("rapporteurs"),
        story.stage("disagreement"),
        story.stage("ranking"),
    ];
    for path in &absent {
        client.get(path).send().await.expect(404);
    }
    let empty = [
        format!("/calls/{}/proposals", story.call),
        format!("/calls/{}/conflicts", story.call),
        of("reviews"),
        story.stage("assignments"),
        story.stage("consensus"),
    ];
    for path in &empty {
        assert_eq!(client.read(path).await.json["items"], json!([]), "{path}");
    }
    let agreed = json!({"rating": "recommended", "comment": "Sound throughout.",
        "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}});
    let one = client.put(&of("consensus")).etag("*").json(&agreed).send();
    let many = json!({"consensus": [{"proposal": story.proposal(0), "rating": "recommended",
        "comment": "Sound.", "scores": agreed["scores"]}]});
    let many = client.post(&story.stage("consensus")).json(&many).send();
    let adopt = client.post(&story.stage("ranking/adopt")).etag("*").send();
    for reply in [one.await, many.await, adopt.await] {
        let reply = reply.expect(409);
        assert_eq!(reply.code(), "state_conflict");
        let detail = reply.json["detail"].as_str().unwrap();
        assert!(detail.contains("Declare your conflicts"), "{detail}");
    }
    // Who chairs by the role alone is no expert of the call.
    let by_role = story.app.person("Chloe Chairs").await;
    let call = Some(story.call.as_str());
    story
        .app
        .grant(&by_role, Role::PanelChair, call, None)
        .await;
    by_role.read(proposal).await;

    assert!(asked(client).await);
    let path = format!("/experts/{}/declaration", carla.id);
    let known = client.read(&path).await.json;
    assert_eq!(known["proposals"].as_array().unwrap().len(), 3);
    let cousins = json!([{"proposal": story.proposal(1), "reason": "Cousins"}]);
    carla.declare(&cousins).await.expect(200);
    assert!(!asked(client).await);
    for path in &absent {
        client.read(path).await;
    }
    for path in &empty[2..] {
        assert_ne!(client.read(path).await.json["items"], json!([]), "{path}");
    }
    let list = client.read(&empty[0]).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let walled = &story.proposals[1].1;
    client.get(walled).send().await.expect(409);
    let now = client.read(&of("consensus")).await;
    let put = client.put(&of("consensus")).etag(&now.etag).json(&agreed);
    put.send().await.expect(200);
}

#[tokio::test]
async fn the_chair_reads_no_results_either_before_declaring() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    let carla = chair(&story).await;
    story.review_all(&experts).await;
    story.convene().await.expect(200);
    // Another one, who is no expert of the call, leads the panel to its results.
    let by_role = story.app.person("Chloe Chairs").await;
    let observer = story.app.person("Olga Observer").await;
    let call = Some(story.call.as_str());
    for (who, role) in [(&by_role, Role::PanelChair), (&observer, Role::Observer)] {
        story.app.grant(who, role, call, None).await;
    }
    let agreed = (0..3).map(|at| {
        json!({"proposal": story.proposal(at), "rating": "recommended", "comment": "Sound.",
            "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}})
    });
    let agreed = json!({"consensus": agreed.collect::<Vec<_>>()});
    let many = by_role.post(&story.stage("consensus")).json(&agreed);
    many.send().await.expect(200);
    let ranking = story.stage("ranking");
    let now = by_role.read(&ranking).await;
    let adopt = by_role.post(&format!("{ranking}/adopt")).etag(&now.etag);
    adopt.send().await.expect(200);
    let report = story.stage("conformity-report");
    let words = json!({"conclusion": "conforms", "findings": "Fair.", "recommendations": "Go on."});
    let now = observer.read(&report).await;
    let draft = observer.put(&report).etag(&now.etag).json(&words);
    let draft = draft.send().await.expect(200);
    let file = observer.post(&format!("{report}/file")).etag(&draft.etag);
    file.send().await.expect(200);

    let consensus = story.stage("consensus");
    for path in [&ranking, &report] {
        carla.client.get(path).send().await.expect(404);
        by_role.read(path).await;
        story.committee.read(path).await;
    }
    let seen = carla.client.read(&consensus).await.json;
    assert_eq!(seen["items"], json!([]));
    // It is never too late to declare; what a conflict of interest is about stays out.
    let cousins = json!([{"proposal": story.proposal(1), "reason": "Cousins"}]);
    carla.declare(&cousins).await.expect(200);
    for path in [&ranking, &report] {
        carla.client.read(path).await;
    }
    let seen = carla.client.read(&consensus).await.json;
    assert_eq!(seen["items"].as_array().unwrap().len(), 2);
    let list = carla.client.read(&ranking).await.json;
    assert_eq!(list["entries"].as_array().unwrap().len(), 2);
}

/// The first proposal was invited, and its full proposal is under review.
async fn second_stage(story: &Evaluation) {
    story
        .app
        .broken_on_purpose("invited without evaluation and letter");
    story
        .app
        .sql(
            "update sealed.outcome set state = 'invited', released_state = 'invited', released_at = clock_timestamp();
             update stage set state = 'communicated' where number = 1;
             update stage set opens_at = null where number = 2",
        )
        .await;
    story.app.tick().await;
    let (ada, path) = &story.proposals[0];
    let now = ada.read(path).await;
    let texts = json!({"texts": {"work_plan": "Plan.", "impact": "Impact.", "ethics": "Ethics."}});
    let saved = proposals::save(ada, path, &now.etag, texts).await;
    let submitted = proposals::submit(ada, path, &saved.expect(200).etag).await;
    submitted.expect(200);
    story.app.close_stage(&story.call, 2).await;
    story
        .app
        .sql(
            "insert into sealed.outcome (proposal_stage_id, call_id, state)
             select ps.id, ps.call_id, 'eligible' from proposal_stage ps join stage s on s.id = ps.stage_id
             where s.number = 2 and ps.state = 'locked';
             update stage set state = 'reviewing' where number = 2",
        )
        .await;
}

#[tokio::test]
async fn the_second_stage_asks_anew() {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    story.assign(2).await.expect(200);
    let carla = chair(&story).await;
    carla.declare(&json!([])).await.expect(200);
    let mona = nomination(
        "Mona Memberton",
        "Lowland College",
        "m@lowland.example",
        "panel_member",
    );
    let mona = story.ready(&[mona]).await.remove(0);
    let xenia = &reviewers[0];
    let reviews = xenia.reviews().await;
    assert!(!reviews.is_empty());
    second_stage(&story).await;

    // Each is asked by mail, and has not been for the first stage: by then all had declared.
    for address in ["c@west.example", "m@lowland.example", "x@north.example"] {
        assert_eq!(mailed(&story, address).await, 1, "{address}");
    }
    // The first stage stays open to all of them, and nothing of the second is.
    let proposal = &story.proposals[0].1;
    let second = |rest: &str| format!("/calls/{}/stages/2/{rest}", story.call);
    for one in [&carla, &mona] {
        assert!(asked(&one.client).await);
        assert_eq!(stages(&one.client, proposal).await, 1);
        one.client
            .get(&second("rapporteurs"))
            .send()
            .await
            .expect(404);
        one.client.read(&story.stage("rapporteurs")).await;
    }
    assert!(asked(&xenia.client).await);
    assert_eq!(xenia.reviews().await, reviews);
    let pair = json!({"proposal": story.proposal(0), "expert": xenia.id});
    let assign = async || {
        let assign = story.office.post(&second("assignments")).json(&pair);
        assign.send().await
    };
    let early = assign().await.expect(422);
    assert_eq!(early.faults(), ["/expert not_ready"]);
    let path = format!("/experts/{}/declaration", xenia.id);
    let view = xenia.client.read(&path).await.json;
    assert_eq!(
        (&view["stage"], &view["declared"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(view["proposals"].as_array().unwrap().len(), 1);

    for one in [&carla, &mona, xenia] {
        one.declare(&json!([])).await.expect(200);
        assert!(!asked(&one.client).await);
    }
    for one in [&carla, &mona] {
        assert_eq!(stages(&one.client, proposal).await, 2);
        one.client.read(&second("rapporteurs")).await;
    }
    assign().await.expect(201);
    assert_eq!(xenia.reviews().await.len(), reviews.len() + 1);
    let experts = format!("/calls/{}/experts", story.call);
    let known = story.office.read(&experts).await.json;
    for one in known["items"].as_array().unwrap() {
        let anew = [&carla, &mona, xenia].iter().any(|who| one["id"] == who.id);
        let stages = if anew { json!([1, 2]) } else { json!([1]) };
        assert_eq!(one["contact"]["declared_stages"], stages);
    }
}
