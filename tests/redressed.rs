//! What is written on a proposal after redress was upheld is its applicants' to read with the letter that settles it, and
//! nothing betrays it before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod world;

use serde_json::{Value, json};
use uuid::Uuid;
use world::World;

/// An expert who may review full proposals.
async fn ready(world: &World, name: &str) -> Uuid {
    let person = world.app.person(name).await;
    let expert = kernel::id::new();
    world
        .app
        .sql(&format!(
            "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
             values ('{expert}', '{}', '{}', '{expert}@elsewhere.example', '{name}', 'Elsewhere', 'contracted', 'remote_reviewer', 5, clock_timestamp(), '{{2}}')",
            world.call,
            person.account.unwrap(),
        ))
        .await;
    expert
}

/// A review of P04 that is handed in, and what it says.
async fn handed_in(world: &World, name: &str, says: &str) -> Uuid {
    let (expert, review) = (ready(world, name).await, kernel::id::new());
    let (call, stage, proposal) = (&world.call, world.stage, world.id_of("P04"));
    world
        .app
        .sql(&format!(
            "insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark, submitted_at)
             values ('{review}', '{call}', '{stage}', '{proposal}', '{expert}', 'submitted',
                     '{{\"excellence\": \"4.0\", \"impact\": \"4.0\", \"implementation\": \"4.0\"}}',
                     '{{\"excellence\": \"Sound.\", \"impact\": \"{says}\", \"implementation\": \"Sound.\"}}', 'Between us', clock_timestamp())"
        ))
        .await;
    review
}

/// Full proposals whose letters are out. The applicants of P04, which is in reserve, had read the one review of it.
async fn told() -> World {
    let world = World::ranked().await;
    let review = handed_in(&world, "Xenia North", "As it was.").await;
    let (_, _, row) = world.proposals.iter().find(|one| one.0 == "P04").unwrap();
    world
        .app
        .sql(&format!(
            "update sealed.review set state = 'released', released_at = clock_timestamp(), label = 1 where id = '{review}';
             insert into sealed.rebuttal (proposal_stage_id, call_id, opens_at, closes_at, state, draft)
             values ('{row}', '{}', '2026-01-01Z', '2026-01-08Z', 'awaited', '{{}}')",
            world.call
        ))
        .await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    world
}

/// A request of P04 that was upheld; its path.
async fn upheld(world: &World) -> String {
    let (_, _, row) = world.proposals.iter().find(|one| one.0 == "P04").unwrap();
    let redress = kernel::id::new();
    let [coordinator, office, observer, chair] = [
        &world.coordinator,
        &world.secretariat,
        &world.observer,
        &world.chair,
    ]
    .map(|who| who.account.unwrap());
    world
        .app
        .sql(&format!(
            "insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by, checked_because, checked_by, checked_at,
                                         followed, finding, found_by, found_at, decided_because, decided_by, decided_at)
             values ('{redress}', '{}', '{row}', 'upheld', 'rules_not_followed', 'One review instead of two', '{coordinator}',
                     'On the procedure', '{office}', clock_timestamp(), false, 'One is missing', '{observer}', clock_timestamp(),
                     'Written procedure', '{chair}', clock_timestamp())",
            world.call
        ))
        .await;
    format!("/redress/{redress}")
}

/// What the coordinator reads: the reviews, and those in the reply to them.
async fn seen(world: &World) -> [Value; 2] {
    let own = format!("/proposals/{}", world.id_of("P04"));
    let (reviews, reply) = (format!("{own}/reviews?stage=2"), format!("{own}/rebuttal"));
    let reviews = world.coordinator.read(&reviews).await;
    let reply = world.coordinator.read(&reply).await;
    [reviews.json["items"].clone(), reply.json["reviews"].clone()]
}

/// Labels, each with what the review says.
fn said(reviews: &Value) -> Vec<(&str, &str)> {
    let reviews = reviews.as_array().unwrap().iter();
    reviews
        .map(|one| {
            let said = &one["scores"]["impact"]["comment"];
            (one["label"].as_str().unwrap(), said.as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_review_after_redress_is_told_with_the_letter_that_settles_it() {
    let world = told().await;
    let redress = upheld(&world).await;
    let before = seen(&world).await;
    for list in &before {
        assert_eq!(said(list), [("Reviewer 1", "As it was.")]);
    }
    let office = &world.secretariat;
    let review = handed_in(&world, "Yann East", "As it is.").await;
    let release = format!("/reviews/{review}/release");
    let despite = json!({"despite_findings": true});
    let release = office.post(&release).etag("*").json(&despite);
    release.send().await.expect(200);

    // The panel works with it; to the applicants nothing happened.
    let panel = format!("/proposals/{}/rebuttal", world.id_of("P04"));
    let panel = office.read(&panel).await.json["reviews"].clone();
    let both = [("Reviewer 1", "As it was."), ("Reviewer 2", "As it is.")];
    assert_eq!(said(&panel), both);
    assert_eq!(seen(&world).await, before);

    let settle = office.post(&format!("{redress}/settle")).etag("*");
    settle.json(&json!({})).send().await.expect(200);
    for list in &seen(&world).await {
        assert_eq!(said(list), both);
    }
}

#[tokio::test]
async fn a_review_after_redress_that_a_conflict_ends_is_told_to_nobody() {
    let world = told().await;
    let redress = upheld(&world).await;
    let before = seen(&world).await;
    let office = &world.secretariat;
    let review = handed_in(&world, "Yann East", "As it is.").await;
    let release = format!("/reviews/{review}/release");
    let despite = json!({"despite_findings": true});
    let release = office.post(&release).etag("*").json(&despite);
    release.send().await.expect(200);

    // The ranking rests on the first review, and nothing rests on the second before the panel has judged anew.
    for name in ["Xenia North", "Yann East"] {
        let expert = format!("select id from sealed.expert where name = '{name}'");
        let expert = world.app.value(&expert).await;
        let conflict = json!({"expert": expert, "proposal": world.id_of("P04"), "reason": "They publish together"});
        let note = office.post(&world.path("conflicts")).json(&conflict);
        note.send().await.expect(201);
    }
    let panel = format!("/proposals/{}/rebuttal", world.id_of("P04"));
    let panel = office.read(&panel).await.json["reviews"].clone();
    assert_eq!(said(&panel), [("Reviewer 1", "As it was.")]);
    assert_eq!(seen(&world).await, before);
    let settle = office.post(&format!("{redress}/settle")).etag("*");
    settle.json(&json!({})).send().await.expect(200);
    assert_eq!(seen(&world).await, before);
}

#[tokio::test]
async fn who_is_asked_after_redress_is_replaced_until_it_is_settled() {
    let world = told().await;
    let redress = upheld(&world).await;
    let office = &world.secretariat;
    let [yann, zoe, wim] = [
        ready(&world, "Yann East").await,
        ready(&world, "Zoe South").await,
        ready(&world, "Wim West").await,
    ];
    let pair = json!({"proposal": world.id_of("P04"), "expert": yann});
    let assignments = world.path("stages/2/assignments");
    let assign = office.post(&assignments).json(&pair);
    let list = assign.send().await.expect(201).json;
    // The review of an expert in a list of assignments, and its state.
    let of = |list: &Value, expert: Uuid| -> (String, String) {
        let mut items = list["items"].as_array().unwrap().iter();
        let item = items.find(|one| one["expert"] == json!(expert)).unwrap();
        let word = |field: &str| item[field].as_str().unwrap().to_owned();
        (word("review"), word("state"))
    };
    let replace = async |review: &str, by: Uuid| {
        let replacement = json!({"expert": by, "reason": "On leave"});
        let replace = office.post(&format!("/reviews/{review}/replace"));
        replace.json(&replacement).send().await
    };
    let (review, _) = of(&list, yann);
    let list = replace(&review, zoe).await.expect(200).json;
    assert_eq!(of(&list, yann).1, "replaced");
    let (review, state) = of(&list, zoe);
    assert_eq!(state, "invited");
    // All at once is for the stage that is reviewed, and says what to do here.
    let all = json!({"reason": "On leave"});
    let all = office
        .post(&world.path("stages/2/reassign"))
        .json(&all)
        .send();
    let refused = all.await.expect(409).json;
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("after redress"), "{detail}");
    let settle = office.post(&format!("{redress}/settle")).etag("*");
    settle.json(&json!({})).send().await.expect(200);
    replace(&review, wim).await.expect(409);
}
