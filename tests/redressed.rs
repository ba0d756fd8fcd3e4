//! What is written on a proposal after redress was upheld is its applicants' to read with the letter that settles it, and
//! nothing betrays it before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod world;

use serde_json::{Value, json};
use uuid::Uuid;
use world::World;

/// A review of P04 that is handed in, and what it says.
async fn handed_in(world: &World, name: &str, says: &str) -> Uuid {
    let person = world.app.person(name).await;
    let (expert, review) = (kernel::id::new(), kernel::id::new());
    let (call, stage, proposal) = (&world.call, world.stage, world.id_of("P04"));
    world
        .app
        .sql(&format!(
            "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
             values ('{expert}', '{call}', '{}', '{}', '{name}', 'Elsewhere', 'contracted', 'remote_reviewer', 5, clock_timestamp(), '{{2}}');
             insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark, submitted_at)
             values ('{review}', '{call}', '{stage}', '{proposal}', '{expert}', 'submitted',
                     '{{\"excellence\": \"4.0\", \"impact\": \"4.0\", \"implementation\": \"4.0\"}}',
                     '{{\"excellence\": \"Sound.\", \"impact\": \"{says}\", \"implementation\": \"Sound.\"}}', 'Between us', clock_timestamp())",
            person.account.unwrap(),
            person.email,
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
