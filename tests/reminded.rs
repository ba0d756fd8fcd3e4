//! People hear of what nobody told them: experts that they are to declare, the secretariat of what others leave to it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "commitment/world.rs"]
mod world;

use access::Role;
use evaluation::{Evaluation, id_of, nomination};
use proposals::{PARTNERS, contacts, open_call, submitted};
use serde_json::{Value, json};
use testkit::{Client, TestApp};
use world::World;

/// The tasks of a kind that wait for somebody.
async fn tasks(who: &Client, kind: &str) -> Vec<Value> {
    let list = who.read("/me/tasks").await;
    let items = list.json["items"].as_array().cloned().unwrap_or_default();
    items
        .into_iter()
        .filter(|item| item["kind"] == kind)
        .collect()
}

/// One more in the secretariat of a call.
async fn substitute(app: &TestApp, call: &str) -> Client {
    let second = app.person("Sam Substitute").await;
    app.grant(&second, Role::Secretariat, Some(call), None)
        .await;
    second
}

/// Says of somebody with a role to have a conflict of interest with a proposal.
async fn wall_off(app: &TestApp, who: &Client, call: &str, proposal: &str) {
    let account = who.account.unwrap();
    app.sql(&format!(
        "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
         values ('{account}', '{proposal}', '{call}', 'Cousins')"
    ))
    .await;
}

#[tokio::test]
async fn experts_are_asked_to_declare_and_again_while_they_have_not() {
    let story = Evaluation::begin().await;
    let experts = story
        .invite(&[
            nomination(
                "Xenia North",
                "North University",
                "x@north.example",
                "remote_reviewer",
            ),
            nomination("Carla Chair", "West University", "c@west.example", "chair"),
            nomination(
                "Yann East",
                "East University",
                "y@east.example",
                "remote_reviewer",
            ),
        ])
        .await;
    let [xenia, carla, yann] = experts.as_slice() else {
        panic!("three are invited")
    };
    let asked = async || {
        let mails = story.app.mails().await;
        let found = mails.iter().filter(|mail| {
            mail.subject()
                .contains("Declare your conflicts of interest")
        });
        let mut told = Vec::new();
        for mail in found {
            let text = mail.text();
            assert!(text.contains("pre-proposals") && !text.contains("The title of"));
            told.extend(mail.to.clone());
        }
        told.sort();
        told
    };
    // Who has signed nothing is not asked.
    assert_eq!(asked().await, Vec::<String>::new());
    for one in [xenia, carla] {
        one.accept().await;
    }
    for _ in 0..2 {
        assert_eq!(asked().await, ["c@west.example", "x@north.example"]);
    }
    xenia.declare(&json!([])).await.expect(200);
    yann.accept().await;
    yann.declare(&json!([])).await.expect(200);
    let weeks = "update sealed.expert set asked_at = asked_at - interval '8 days'";
    for _ in 0..2 {
        story.app.sql(weeks).await;
        carla.declare(&json!([])).await.expect(200);
        assert_eq!(asked().await.len(), 2, "who has declared is left in peace");
    }
    story
        .app
        .sql("update sealed.expert set declared_at = null, declared_stages = '{}' where role = 'chair'")
        .await;
    for _ in 0..2 {
        let told = asked().await;
        assert_eq!(
            told,
            ["c@west.example", "c@west.example", "x@north.example"]
        );
    }
    let set = |state: &str| format!("update stage set state = '{state}' where number = 1");
    story.app.sql(&set("ranked")).await;
    story.app.sql(weeks).await;
    assert_eq!(asked().await.len(), 3, "the panel has adopted its results");
    story.app.sql(&set("checking")).await;
}

#[tokio::test]
async fn the_secretariat_hears_that_it_judges_for_a_funder_with_nobody_left() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    app.close_stage(&call, 1).await;
    let contacts = contacts(&app, &call).await;
    let proposal = id_of(&path);
    let kind = "judge_for_funder";
    let deputy = app.person("Dora Deputy").await;
    let (role, funder) = (Role::ContactPerson, Some("FR-ANR"));
    app.grant(&deputy, role, Some(&call), funder).await;
    wall_off(&app, &contacts[1], &call, &proposal).await;
    assert!(tasks(&office, kind).await.is_empty(), "the deputy judges");
    assert_eq!(tasks(&deputy, "judge_eligibility").await.len(), 1);

    wall_off(&app, &deputy, &call, &proposal).await;
    let waits = tasks(&office, kind).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["count"], 1);
    let part = "select p.id from participation p join organisation o on o.id = p.organisation_id where o.key = 'FR-ANR'";
    assert_eq!(waits[0]["object"], app.value(part).await);
    let second = substitute(&app, &call).await;
    assert_eq!(tasks(&second, kind).await.len(), 1);
    wall_off(&app, &second, &call, &proposal).await;
    for who in [&second, &deputy, &contacts[0], &ada] {
        assert!(tasks(who, kind).await.is_empty());
    }

    let now = office.read(&format!("{path}/eligibility")).await;
    let judge = office.put(&format!("{path}/partners/{}/eligibility", PARTNERS[1]));
    let verdict = json!({"verdict": "eligible", "fundable": "150000.00"});
    let judged = judge.etag(&now.etag).json(&verdict).send().await;
    judged.expect(200);
    assert!(tasks(&office, kind).await.is_empty(), "it is done");
}

#[tokio::test]
async fn the_panel_waits_to_be_convened_when_the_reviews_are_released() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    let kind = "convene_panel";
    let second = substitute(&story.app, &story.call).await;
    assert!(tasks(&story.office, kind).await.is_empty());
    story.review_all(&experts).await;
    let waits = tasks(&story.office, kind).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["title"], "JTC2026: convene the panel");
    for who in [&story.committee, &story.proposals[0].0, &experts[0].client] {
        assert!(tasks(who, kind).await.is_empty());
    }
    // A review that comes back keeps the panel waiting, but for whoever must not know of it.
    let back = format!(
        "update sealed.review set state = 'submitted', released_at = null
         where id = (select id from sealed.review where proposal_id = '{}' limit 1)",
        story.proposal(0)
    );
    story.app.sql(&back).await;
    assert!(tasks(&second, kind).await.is_empty());
    wall_off(&story.app, &second, &story.call, &story.proposal(0)).await;
    assert_eq!(tasks(&second, kind).await.len(), 1);
    assert!(tasks(&story.office, kind).await.is_empty());
    let release = story.office.post(&story.stage("reviews/release"));
    release.json(&json!({})).send().await.expect(200);
    let set = |panel: bool| {
        format!(
            "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,panel}}', '{panel}')"
        )
    };
    story.app.sql(&set(false)).await;
    assert!(tasks(&story.office, kind).await.is_empty(), "no panel");
    story.app.sql(&set(true)).await;
    assert_eq!(tasks(&story.office, kind).await.len(), 1);
    story.convene().await.expect(200);
    assert!(tasks(&story.office, kind).await.is_empty(), "it is done");
}

#[tokio::test]
async fn the_panel_is_convened_only_after_the_applicants_have_replied() {
    let story = Evaluation::begin().await;
    let rules = r#"{"days": 7, "max_words": 12, "limit_of": "each_part"}"#;
    let set = format!(
        "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,rebuttal}}', '{rules}')"
    );
    story.app.sql(&set).await;
    let experts = story.three().await;
    story.assign(2).await.expect(200);
    story.review_all(&experts).await;
    let kind = "convene_panel";
    assert!(tasks(&story.office, kind).await.is_empty());
    story
        .app
        .sql(
            "update sealed.rebuttal set opens_at = opens_at - interval '8 days',
                    closes_at = clock_timestamp() - interval '1 second'",
        )
        .await;
    assert_eq!(tasks(&story.office, kind).await.len(), 1);
    story.convene().await.expect(200);
    assert!(tasks(&story.office, kind).await.is_empty(), "it is done");
}

#[tokio::test]
async fn a_selection_that_a_funder_refuses_waits_to_be_amended() {
    let world = World::ranked().await;
    let office = &world.secretariat;
    let kind = "amend_selection";
    let refused = world.confirmed().await;
    world.accept(&refused, 0..3).await;
    assert!(tasks(office, kind).await.is_empty());
    let line = format!("{refused}/lines/DD-DELTA");
    let refuse = world.signatories[3].post(&format!("{line}/refuse"));
    let reason = json!({ "reason": "The ministry froze it" });
    refuse.etag("*").json(&reason).send().await.expect(200);
    let waits = tasks(office, kind).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["object"], id_of(&refused));
    world.propose().await;
    assert!(tasks(office, kind).await.is_empty(), "another is proposed");
}

#[tokio::test]
async fn a_final_selection_waits_to_be_amended_after_a_default() {
    let world = World::ranked().await;
    let office = &world.secretariat;
    let kind = "amend_selection";
    let first = world.confirmed().await;
    world.accept(&first, 0..4).await;
    assert!(tasks(office, kind).await.is_empty());
    let gone = json!({ "reason": "The ministry withdrew the programme", "evidence": "Letter of 3 March",
                       "goes_on": [] });
    let default = office.post(&format!("{first}/lines/DD-DELTA/default"));
    let default = default.etag("*").json(&gone).send().await;
    default.expect(201);
    let waits = tasks(office, kind).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["object"], id_of(&first));
    let second = substitute(&world.app, &world.call).await;
    assert_eq!(tasks(&second, kind).await.len(), 1);
    world.wall_off(&second, "P05").await;
    for who in [
        &second,
        &world.chair,
        &world.coordinator,
        &world.signatories[3],
    ] {
        assert!(tasks(who, kind).await.is_empty());
    }
    let amend = office.post(&format!("{first}/amend")).etag("*");
    let cause = json!({ "cause": "default", "reason": "As the committee was told" });
    amend.json(&cause).send().await.expect(201);
    assert!(tasks(office, kind).await.is_empty(), "it is under way");
}

#[tokio::test]
async fn a_funder_that_pledges_anew_leaves_nothing_to_amend() {
    let world = World::ranked().await;
    let kind = "amend_selection";
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let gone =
        json!({ "reason": "The programme is cut", "evidence": "Letter of 3 March", "goes_on": [] });
    let default = format!("{selection}/lines/DD-DELTA/default");
    let default = world.secretariat.post(&default).etag("*").json(&gone);
    default.send().await.expect(201);
    assert_eq!(tasks(&world.secretariat, kind).await.len(), 1);
    let funders = world.path("funders");
    let etag = world.signatories[3].read(&funders).await.etag;
    let pledge = world.signatories[3].put(&format!("{funders}/DD-DELTA/commitment"));
    let body = json!({ "amount": "670000.00", "reason": "The programme is back" });
    pledge.etag(&etag).json(&body).send().await.expect(200);
    assert!(tasks(&world.secretariat, kind).await.is_empty());
}
