//! By what the proposals of a stage are judged stays as it was when its first reviewer was assigned, whoever amends the
//! call; a list after redress is checked like the first.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;

use access::Role;
use decision::World;
use evaluation::Evaluation;
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// The rules of the call as they are now.
async fn rules(office: &Client, call: &str) -> Value {
    office.read(&format!("/calls/{call}")).await.json["rules"].clone()
}

async fn amend(office: &Client, call: &str, rules: &Value) -> Reply {
    let body =
        json!({ "rules": rules, "reason": "Excellence counts more", "despite_breaking": true });
    let amend = office.post(&format!("/calls/{call}/amend")).etag("*");
    amend.json(&body).send().await
}

#[tokio::test]
async fn rules_that_proposals_are_judged_by_stay_from_the_first_assignment_on() {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let (office, call) = (&story.office, story.call.as_str());
    let mut changed = rules(office, call).await;
    changed["stages"][0]["evaluation"]["criteria"][0]["max_words"] = json!(500);
    amend(office, call, &changed).await.expect(200);

    story.assign(2).await.expect(200);
    let before = rules(office, call).await;
    let mut changed = before.clone();
    let evaluation = &mut changed["stages"][0]["evaluation"];
    evaluation["criteria"][0]["weight"] = json!(2);
    evaluation["criteria"][1]["threshold"] = json!("4.0");
    evaluation["scale_max"] = json!("10.0");
    evaluation["threshold_total"] = json!("12.0");
    evaluation["panel"] = json!(false);
    let refused = amend(office, call, &changed).await.expect(422);
    let at = |field: &str| format!("/rules/stages/0/evaluation/{field} being_judged");
    assert_eq!(
        refused.faults(),
        [
            at("criteria/0/weight"),
            at("criteria/1/threshold"),
            at("scale_max"),
            at("threshold_total"),
            at("panel")
        ]
    );
    let told = refused.json["errors"][0]["detail"].to_string();
    assert!(told.contains("leave it as it was"), "{told}");
    assert_eq!(rules(office, call).await, before);
    let mut fewer = before.clone();
    let criteria = &mut fewer["stages"][0]["evaluation"]["criteria"];
    criteria.as_array_mut().unwrap().pop();
    let refused = amend(office, call, &fewer).await.expect(422);
    assert!(refused.faults().contains(&at("criteria")));

    // A title may be corrected, and the stage that nobody judges yet may be judged otherwise.
    let mut fine = before.clone();
    fine["stages"][0]["evaluation"]["criteria"][0]["title"] = json!("Scientific excellence");
    fine["stages"][1]["evaluation"]["criteria"][0]["weight"] = json!(2);
    amend(office, call, &fine).await.expect(200);
    // What is written counts as it did.
    story.review_all(&reviewers).await;
}

#[tokio::test]
async fn rules_stay_after_the_letters_and_a_list_after_redress_is_checked_like_the_first() {
    let mut world = World::ranked().await;
    let weak = json!({ "total": 950, "rating": "not_recommended" });
    world
        .proposal("P11", "not_recommended", Some(weak), &[100])
        .await;
    let chair = world.app.person("Pam Panelchair").await;
    let call = world.call.clone();
    let grants = Some(call.as_str());
    world
        .app
        .grant(&chair, Role::PanelChair, grants, None)
        .await;
    let mut changed = rules(&world.secretariat, &call).await;
    changed["stages"][1]["evaluation"]["criteria"][0]["weight"] = json!(2);
    let refused = amend(&world.secretariat, &call, &changed).await;
    assert_eq!(
        refused.expect(422).faults(),
        ["/rules/stages/1/evaluation/criteria/0/weight being_judged"]
    );

    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let file = format!("/proposals/{}/stages/2/redress", world.id_of("P11"));
    let grounds =
        json!({ "ground": "rules_not_followed", "reasons": "Two reviews instead of three" });
    let filed = world.coordinator.post(&file).json(&grounds).send().await;
    let path = format!("/redress/{}", filed.expect(201).id());
    for (who, deed, input) in [
        (
            &world.secretariat,
            "check",
            json!({ "admissible": true, "because": "On the procedure" }),
        ),
        (
            &world.observer,
            "examine",
            json!({ "followed": false, "finding": "A review is missing" }),
        ),
        (
            &world.chair,
            "decide",
            json!({ "upheld": true, "because": "Written procedure" }),
        ),
    ] {
        let act = who.post(&format!("{path}/{deed}")).etag("*");
        act.json(&input).send().await.expect(200);
    }
    let other = world.proposals[3].2;
    let total = |more: i32| {
        format!(
            "update sealed.consensus set total = total + {more} where proposal_stage_id = '{other}'"
        )
    };
    world.app.sql(&total(50)).await;
    let judged = json!({ "rating": "recommended", "comment": "With a third review it is sound.",
        "scores": { "excellence": "4.0", "impact": "4.0", "implementation": "4.0" } });
    let judge = || {
        chair
            .post(&format!("{path}/reevaluate"))
            .etag("*")
            .json(&judged)
    };
    let refused = judge().send().await.expect(422);
    assert_eq!(refused.faults(), ["/proposals consensus_outdated"]);
    world.app.sql(&total(-50)).await;
    judge().send().await.expect(200);
    world.app.tick().await;
    let export = world.observer.read(&world.path("export")).await.json;
    let verified = service::audit::verify_export(&export);
    assert_eq!(verified.faults, Vec::<String>::new());
    assert_eq!(verified.checked.rankings, 2);
}
