//! What was recorded wrong and is found after the adoption of the ranking list, before anything is decided on it: the
//! chair corrects it, the list has a next version, and anybody can compute both again.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;

use access::Role;
use decision::World;
use evaluation::{Evaluation, nomination};
use serde_json::{Value, json};
use service::audit::{Verification, verify_export};
use testkit::{Client, Reply, TestApp};

/// A panel chair of the world.
async fn chair_of(world: &World) -> Client {
    let chair = world.app.person("Pam Panelchair").await;
    let call = Some(world.call.as_str());
    world.app.grant(&chair, Role::PanelChair, call, None).await;
    chair
}

/// What the panel agreed on for a proposal, where `score` is that of each criterion.
fn agreed(proposal: impl ToString, score: &str, rating: &str) -> Value {
    json!({ "proposal": proposal.to_string(), "rating": rating, "comment": "Sound in parts.",
            "scores": { "excellence": score, "impact": score, "implementation": score } })
}

/// P01 is worse than was recorded, and P03 is below the thresholds.
fn swapped(world: &World) -> Value {
    json!({ "consensus": [agreed(world.id_of("P01"), "4.5", "recommended_if_funds_allow"),
                          agreed(world.id_of("P03"), "3.0", "not_recommended")],
            "reason": "Item 4 of the minutes was entered in the wrong rows", "despite_findings": true })
}

/// Corrects the list as it is now.
async fn revise(who: &Client, list: &str, body: &Value) -> Reply {
    let now = who.read(list).await;
    let revise = who.post(&format!("{list}/revise")).etag(&now.etag);
    revise.json(body).send().await
}

async fn lists(app: &TestApp) -> String {
    let states =
        "select string_agg(number || ' ' || state, ', ' order by number) from sealed.ranking_list";
    app.value(states).await
}

/// The export of a call verifies, with so many lists.
async fn verifies(app: &TestApp, observer: &Client, call: &str, rankings: usize) {
    app.tick().await;
    let export = observer.read(&format!("/calls/{call}/export")).await.json;
    let Verification { checked, faults } = verify_export(&export);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(checked.rankings, rankings);
}

fn detail(reply: &Reply) -> &str {
    reply.json["detail"].as_str().unwrap_or_default()
}

/// What stands as the outcome of a proposal.
async fn outcome(world: &World, code: &str) -> String {
    let query = format!(
        "select o.state from sealed.outcome o join proposal_stage s on s.id = o.proposal_stage_id
         where s.proposal_id = '{}'",
        world.id_of(code)
    );
    world.app.value(&query).await
}

#[tokio::test]
async fn the_chair_corrects_what_was_recorded_wrong_and_the_list_has_a_next_version() {
    let world = World::ranked().await;
    let chair = chair_of(&world).await;
    let list = world.path("stages/2/ranking");
    let consensus = format!("/proposals/{}/consensus", world.id_of("P02"));
    let right = json!({ "rating": "recommended", "comment": "Sound.",
        "scores": { "excellence": "3.5", "impact": "3.5", "implementation": "3.5" } });
    let late = chair.put(&consensus).etag("*").json(&right).send().await;
    let late = late.expect(409);
    assert!(
        detail(&late).contains("/ranking/revise"),
        "{}",
        detail(&late)
    );

    let body = swapped(&world);
    let path = format!("{list}/revise");
    let unseen = chair.post(&path).json(&body).send().await;
    unseen.expect(428);
    let stale = chair.post(&path).etag("\"other\"").json(&body);
    stale.send().await.expect(412);
    for (who, status) in [
        (&world.secretariat, 403),
        (&world.observer, 403),
        (&world.coordinator, 404),
    ] {
        let post = who.post(&path).etag("*").json(&body);
        post.send().await.expect(status);
    }
    let mut wrong = body.clone();
    wrong["reason"] = json!(" ");
    wrong["consensus"][0]["scores"]["impact"] = json!("9.0");
    wrong["consensus"][0]["version"] = json!(4);
    wrong["consensus"][0]["texts"] = json!({ "beauty": "Fine." });
    wrong["consensus"][1]["proposal"] = json!(world.call);
    let wrong = revise(&chair, &list, &wrong).await.expect(422);
    let faults = wrong.faults();
    for one in [
        "/reason required",
        "/consensus/0/scores/impact score_off_scale",
        "/consensus/0/version stale_version",
        "/consensus/0/texts/beauty criterion_unknown",
        "/consensus/0/texts/impact comment_missing",
        "/consensus/1/proposal unknown_proposal",
    ] {
        assert!(faults.iter().any(|fault| fault == one), "{one}: {faults:?}");
    }
    let mut unlooked = body.clone();
    unlooked["despite_findings"] = json!(false);
    let unlooked = revise(&chair, &list, &unlooked).await.expect(409);
    assert!(unlooked.faults()[0].ends_with("no_review_released"));
    assert_eq!(lists(&world.app).await, "1 adopted");

    let next = revise(&chair, &list, &body).await.expect(200).json;
    assert_eq!(
        (&next["number"], &next["state"], &next["reason"]),
        (&json!(2), &json!("adopted"), &body["reason"])
    );
    let entries = next["entries"].as_array().unwrap();
    let places: Vec<(u64, &str)> = entries
        .iter()
        .map(|one| {
            let number = one["number"].as_str().unwrap();
            (one["position"].as_u64().unwrap(), number)
        })
        .collect();
    assert_eq!(places[..3], [(1, "P02"), (2, "P01"), (3, "P04")]);
    assert!(!places.iter().any(|(_, number)| *number == "P03"));
    assert_eq!(lists(&world.app).await, "1 revised, 2 adopted");
    assert_eq!(outcome(&world, "P01").await, "recommended_if_funds_allow");
    assert_eq!(outcome(&world, "P03").await, "not_recommended");
    assert_eq!(outcome(&world, "P02").await, "recommended");
    let kept = "select string_agg((one ->> 'number') || ' ' || (one ->> 'total'), ', ' order by one ->> 'number')
                from sealed.ranking_list, jsonb_array_elements(corrected) one where number = 2";
    assert_eq!(world.app.value(kept).await, "P01 14.5, P03 13.5");
    let report = "select report ->> 'total' from sealed.summary_report r
                  join proposal_stage s on s.id = r.proposal_stage_id where r.state = 'frozen'
                  order by report ->> 'total' limit 1";
    assert_eq!(world.app.value(report).await, "13.5");
    verifies(&world.app, &world.observer, &world.call, 2).await;

    // Who has a conflict of interest with one of the proposals concerned reads neither of it nor why.
    world.wall_off(&world.chair, "P03").await;
    let seen = world.chair.read(&list).await.json;
    assert_eq!(
        (&seen["number"], &seen["reason"]),
        (&json!(2), &Value::Null)
    );
    world.coordinator.get(&list).send().await.expect(404);
}

#[tokio::test]
async fn what_the_committee_built_on_the_list_is_undone_first() {
    let world = World::ranked().await;
    let chair = chair_of(&world).await;
    let list = world.path("stages/2/ranking");
    let first = world.propose().await;
    world.adopt(&first).await;
    let body = swapped(&world);
    let built = revise(&chair, &list, &body).await.expect(409);
    assert!(detail(&built).contains("/selection"), "{}", detail(&built));
    // Another one takes the adoption back; it rests on the list that is wrong, and so goes no further.
    let second = world.propose().await;
    revise(&chair, &list, &body).await.expect(200);
    let etag = world.secretariat.read(&second).await.etag;
    let adopt = world.secretariat.post(&format!("{second}/adopt"));
    let adopt = adopt.etag(&etag).json(&decision::adoption()).send().await;
    let adopt = adopt.expect(409);
    assert!(
        adopt
            .faults()
            .contains(&"/input/proposals moved".to_owned()),
        "{:?}",
        adopt.faults()
    );
    let third = world.confirmed().await;
    world.accept(&third, 0..4).await;
    let decided = revise(&chair, &list, &body).await.expect(409);
    assert!(detail(&decided).contains("redress"), "{}", detail(&decided));
    assert_eq!(lists(&world.app).await, "1 revised, 2 adopted");
}

#[tokio::test]
async fn a_list_of_pre_proposals_is_corrected_before_the_invitations_and_not_after() {
    let world = World::pre_proposals().await;
    let chair = chair_of(&world).await;
    let list = world.path("stages/1/ranking");
    let body = swapped(&world);
    let next = revise(&chair, &list, &body).await.expect(200).json;
    assert_eq!(next["number"], 2);
    assert_eq!(outcome(&world, "P03").await, "evaluated");
    let path = world.path("stages/1/invitations");
    let invite = |code: &str| {
        let body = json!({ "invited": [{ "proposal": world.id_of(code) }], "reason": "Meeting" });
        world.secretariat.post(&path).json(&body)
    };
    let off = invite("P03").send().await.expect(422);
    assert_eq!(off.faults(), ["/invited/0/proposal not_ranked"]);
    invite("P02").send().await.expect(200);
    let decided = revise(&chair, &list, &body).await.expect(409);
    assert!(detail(&decided).contains("redress"), "{}", detail(&decided));
}

#[tokio::test]
async fn the_reports_are_frozen_again_and_the_texts_looked_at() {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let carla = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let chair = story.ready(&[carla]).await.remove(0).client;
    story.assign(2).await.expect(200);
    story.review_all(&reviewers).await;
    story.convene().await.expect(200);
    let list = story.stage("ranking");
    let lines: Vec<Value> = (0..3)
        .map(|at| agreed(story.proposal(at), "4.0", "recommended"))
        .collect();
    let early = json!({ "consensus": [lines[0]], "reason": "Early" });
    let early = revise(&chair, &list, &early).await.expect(409);
    assert!(detail(&early).contains("/consensus"), "{}", detail(&early));
    let agree = chair.post(&story.stage("consensus"));
    let agree = agree.json(&json!({ "consensus": lines })).send().await;
    agree.expect(200);
    let adopt = chair.post(&format!("{list}/adopt")).etag("*");
    adopt.send().await.expect(200);

    let mut line = agreed(story.proposal(0), "3.5", "recommended");
    line["texts"] = json!({ "excellence": "Clear aims.", "impact": "As Carla Chair says.",
                            "implementation": "A tight time table." });
    let mut body = json!({ "consensus": [line], "reason": "A score was mistyped" });
    let naming = revise(&chair, &list, &body).await.expect(409);
    let faults = naming.faults();
    assert!(
        faults.iter().all(|one| one.contains("/comments/impact")),
        "{faults:?}"
    );
    body["consensus"][0]["texts"]["impact"] = json!("Close to the clinic.");
    revise(&chair, &list, &body).await.expect(200);
    let report = format!("{}/summary-report", story.proposals[0].1);
    let report = chair.read(&report).await.json;
    assert_eq!(
        (&report["state"], &report["report"]["total"]),
        (&json!("frozen"), &json!("10.5"))
    );
    assert_eq!(
        report["report"]["criteria"][1]["comment"],
        "Close to the clinic."
    );
    let other = format!("{}/summary-report", story.proposals[1].1);
    let other = chair.read(&other).await.json;
    assert_eq!(other["report"]["total"], "12.0");
    // A second correction keeps the texts where none are given.
    let again = json!({ "consensus": [agreed(story.proposal(0), "4.5", "recommended")],
                        "reason": "It was mistyped again" });
    let third = revise(&chair, &list, &again).await.expect(200).json;
    assert_eq!(third["number"], 3);
    let report = format!("{}/summary-report", story.proposals[0].1);
    let report = chair.read(&report).await.json;
    assert_eq!(
        report["report"]["criteria"][1]["comment"],
        "Close to the clinic."
    );
    let observer = story.app.person("Olga Observer").await;
    let call = Some(story.call.as_str());
    story.app.grant(&observer, Role::Observer, call, None).await;
    verifies(&story.app, &observer, &story.call, 3).await;
}
