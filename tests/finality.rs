//! From the proposal of a selection to its last signature, and beside an amendment under way: what is looked at again,
//! what stays in force, and what the letters say of it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World, adoption};

async fn decided() -> (World, String) {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    (world, selection)
}

async fn pledge(world: &World, at: usize, body: Value) {
    let path = world.path(&format!("funders/{}/commitment", FUNDERS[at].0));
    let pledge = world.signatories[at].put(&path).etag("*").json(&body);
    pledge.send().await.expect(200);
}

/// A funder commits that much on availability of funds.
async fn sign(world: &World, at: usize, amount: &str) {
    let path = world.path(&format!("funders/{}/commitment/documents", FUNDERS[at].0));
    let by = "signed_by=Maria%20Muster&signed_as=Head&signed_on=2026-06-30";
    let words = format!("%PDF-1.7\n{amount}\n%%EOF\n").into_bytes();
    let post = world.signatories[at].post(&format!("{path}?{by}"));
    let filed = post.body("application/pdf", words).send().await.expect(201);
    let document = filed.json["sha256"].clone();
    let body = json!({ "kind": "availability", "amount": amount, "document": document, "reason": "Signed" });
    pledge(world, at, body).await;
}

async fn amend(world: &World, selection: &str, cause: &str) -> Reply {
    let body = json!({ "cause": cause, "reason": "As the committee was told" });
    let request = world.secretariat.post(&format!("{selection}/amend"));
    request.etag("*").json(&body).send().await
}

fn path(reply: &Reply) -> String {
    format!("/selections/{}", reply.id())
}

async fn confirm(who: &Client, selection: &str) -> Reply {
    let confirm = who.post(&format!("{selection}/confirm"));
    confirm.etag("*").send().await
}

/// Adopted, confirmed and accepted by all who are asked anew.
async fn carried(world: &World, selection: &str) {
    world.adopt(selection).await;
    confirm(&world.chair, selection).await.expect(200);
    for at in open(world, selection).await {
        world.accept(selection, at..at + 1).await;
    }
}

/// The funders whose lines are open.
async fn open(world: &World, selection: &str) -> Vec<usize> {
    let lines = world.secretariat.read(selection).await.json["lines"].clone();
    let lines = lines.as_array().unwrap().iter();
    let open = lines.filter(|line| line["state"] == "open");
    open.map(|line| {
        let mut keys = FUNDERS.iter();
        keys.position(|one| line["organisation"] == one.0).unwrap()
    })
    .collect()
}

async fn next(world: &World, selection: &str) -> String {
    let seen = world.secretariat.read(selection).await.json;
    seen["next"].as_str().unwrap().to_owned()
}

async fn state(world: &World, code: &str) -> String {
    let query = format!(
        "select o.state from sealed.outcome o join proposal_stage s on s.id = o.proposal_stage_id
         join proposal p on p.id = s.proposal_id where p.number = '{code}'"
    );
    world.app.value(&query).await
}

async fn letter(world: &World, code: &str) -> String {
    let letters = world.path("stages/2/letters");
    let letters = world.secretariat.read(&letters).await.json["items"].clone();
    let mut letters = letters.as_array().unwrap().iter();
    let own = letters.find(|one| one["number"] == code).unwrap();
    own["body"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_in_force_stays_so_for_all_while_it_is_amended() {
    let (world, first) = decided().await;
    assert!(next(&world, &first).await.contains("can be released"));
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    assert!(next(&world, &first).await.contains("have been told"));
    pledge(
        &world,
        3,
        json!({ "amount": "900000.00", "reason": "More" }),
    )
    .await;
    let second = path(&amend(&world, &first, "more_money").await.expect(201));
    let public = world.app.client();
    let funded = world.path("funded");
    let told = public.get(&funded).send().await.expect(200).json;
    assert_eq!(told["items"].as_array().unwrap().len(), 5);
    let package = world.path("package");
    world.observer.get(&package).send().await.expect(200);

    carried(&world, &second).await;
    assert!(next(&world, &second).await.contains("has to be told"));
    let tell = world
        .secretariat
        .post(&format!("{second}/letters/release"))
        .send()
        .await
        .expect(200)
        .json;
    let told = tell["items"].as_array().unwrap().iter();
    let mut told = told.filter(|one| one["number"] == "P04");
    assert!(told.next().unwrap()["body"].to_string().contains("redress"));
    // Who has what was asked for has nothing to redress.
    assert!(!told.next().unwrap()["body"].to_string().contains("redress"));
    assert!(next(&world, &second).await.contains("have been told"));
    let told = public.get(&funded).send().await.expect(200).json;
    assert_eq!(told["items"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn who_signed_for_less_is_asked_before_anybody_decides() {
    let world = World::ranked().await;
    sign(&world, 0, "1999999.99").await;
    let propose = world.secretariat.post(&world.path("selection"));
    let early = propose.send().await.expect(422);
    assert_eq!(early.faults(), ["/funders/AA-ALPHA not_signed_for"]);
    sign(&world, 0, "2000000.00").await;
    let selection = world.confirmed().await;
    sign(&world, 0, "1000000.00").await;
    let line = format!("{selection}/lines/AA-ALPHA/accept");
    let accept = || world.signatories[0].post(&line).etag("*").send();
    let short = accept().await.expect(409).json["detail"].to_string();
    assert!(short.contains("has to sign for more"), "{short}");
    sign(&world, 0, "2680000.00").await;
    accept().await.expect(200);
}

#[tokio::test]
async fn a_selection_that_the_call_has_left_behind_goes_no_further() {
    let world = World::ranked().await;
    let selection = world.propose().await;
    let rule = |rule: &str| {
        let sql = format!(
            "update call set rules = jsonb_set(rules, '{{funding,ranking}}', '\"{rule}\"')"
        );
        let app = &world.app;
        async move { app.sql(&sql).await }
    };
    let adopt = world.secretariat.post(&format!("{selection}/adopt"));
    let adopt = adopt.etag("*").json(&adoption());
    rule("binding").await;
    assert_eq!(adopt.send().await.expect(409).faults(), ["/input moved"]);
    rule("with_gaps").await;
    world.adopt(&selection).await;
    rule("binding").await;
    let late = confirm(&world.chair, &selection).await.expect(409);
    assert_eq!(late.faults(), ["/input moved"]);
    rule("with_gaps").await;
    confirm(&world.chair, &selection).await.expect(200);

    // AA accepts, leaves, and is bound no more.
    world.accept(&selection, 0..3).await;
    let leave = world.path("funders/AA-ALPHA/leave");
    let reason = json!({ "reason": "The programme ended", "despite_breaking": true });
    let leave = world.secretariat.post(&leave).etag("*").json(&reason);
    leave.send().await.expect(200);
    let accept = world.signatories[3].post(&format!("{selection}/lines/DD-DELTA/accept"));
    let last = accept.etag("*").send().await.expect(409);
    let detail = last.json["detail"].to_string();
    assert!(detail.contains("AA-ALPHA has left the call"), "{detail}");
    let bound = "select sum(decided) from participation";
    assert_eq!(world.app.value(bound).await, "0");
    let anew = world.propose().await;
    let lines = world.secretariat.read(&anew).await.json["lines"].clone();
    let lines = lines.as_array().unwrap().iter();
    assert!(
        lines
            .map(|line| &line["organisation"])
            .all(|key| key != "AA-ALPHA")
    );
}

#[tokio::test]
async fn a_conflict_walls_off_from_the_decision() {
    let world = World::ranked().await;
    let selection = world.propose().await;
    let second = world.app.person("Sam Substitute").await;
    let call = Some(world.call.as_str());
    world.app.grant(&second, Role::CscChair, call, None).await;
    world.adopt(&selection).await;
    world.wall_off(&world.chair, "P03").await;
    let apart = confirm(&world.chair, &selection).await;
    assert_eq!(apart.code(), "conflict_of_interest");
    confirm(&second, &selection).await.expect(200);
}

#[tokio::test]
async fn what_ethics_refuse_is_decided_again_and_told_why() {
    let world = World::ranked().await;
    let rules = "update call set rules = jsonb_set(rules, '{stages,1,evaluation,ethics}', '\"after_panel\"')";
    world.app.sql(rules).await;
    let condition = format!(
        "update sealed.outcome set condition = 'to be dropped or replaced: Lab 1' where proposal_stage_id = '{}'",
        world.proposals[1].2
    );
    world.app.sql(&condition).await;
    let assess = |code: &str, assessment: Value, reason: Option<&str>| {
        let path = format!("/proposals/{}/ethics", world.id_of(code));
        let body = json!({ "assessment": assessment, "reason": reason.unwrap_or_default() });
        let put = world.secretariat.put(&path).etag("*").json(&body);
        async move { put.send().await.expect(200) }
    };
    let refused = json!({ "outcome": "refused", "comment": "No consent is asked." });
    let clear = json!({ "outcome": "clear" });
    for (code, ..) in &world.proposals {
        assess(code, clear.clone(), None).await;
    }
    let selection = world.confirmed().await;
    assess("P03", refused.clone(), Some("On appeal")).await;
    world.accept(&selection, 0..4).await;
    // No money is waited for, and what was conditional stays so.
    assert_eq!(state(&world, "P03").await, "not_funded");
    let told = letter(&world, "P03").await;
    assert!(told.contains("the ethics assessment refused it"), "{told}");
    let told = letter(&world, "P02").await;
    assert!(told.contains("dropped or replaced: Lab 1"), "{told}");

    let early = amend(&world, &selection, "ethics").await.expect(422);
    assert_eq!(early.faults(), ["/cause nothing_refused_by_ethics"]);
    assess("P01", refused, Some("On appeal")).await;
    let release = world.path("stages/2/letters/release");
    let early = world.secretariat.post(&release).send().await.expect(422);
    assert_eq!(early.faults(), ["/proposals ethics_refused"]);
    let second = amend(&world, &selection, "ethics").await.expect(201);
    let kept = second.json["input"]["kept"].clone();
    assert_eq!(kept, json!(["P02", "P05", "P06", "P08"]));
    carried(&world, &path(&second)).await;
    assert_eq!(state(&world, "P01").await, "not_funded");
    assert!(letter(&world, "P01").await.contains("ethics assessment"));
    world.secretariat.post(&release).send().await.expect(200);
}

#[tokio::test]
async fn who_refused_is_not_asked_again_because_another_refuses() {
    let world = World::ranked().await;
    let refuse = |selection: String, at: usize| {
        let line = format!("{selection}/lines/{}/refuse", FUNDERS[at].0);
        let reason = json!({ "reason": "The ministry froze it" });
        let request = world.signatories[at].post(&line).etag("*").json(&reason);
        async move { request.send().await.expect(200) }
    };
    let first = world.confirmed().await;
    refuse(first.clone(), 3).await;
    let second = path(&amend(&world, &first, "refusal").await.expect(201));
    world.adopt(&second).await;
    confirm(&world.chair, &second).await.expect(200);
    refuse(second.clone(), 2).await;
    let third = amend(&world, &second, "refusal").await.expect(201).json;
    let lines = third["lines"].as_array().unwrap().iter();
    let keys: Vec<&Value> = lines.map(|line| &line["organisation"]).collect();
    assert_eq!(keys, [&json!("AA-ALPHA"), &json!("BB-BETA")]);
    let funders = &third["input"]["funders"];
    for at in [2, 3] {
        assert_eq!(funders[at]["commitment"], "0.00");
    }
}

#[tokio::test]
async fn that_a_proposal_is_begun_is_not_told_by_its_letters() {
    let world = World::ranked().await;
    world
        .app
        .broken_on_purpose("a draft in a stage that is over");
    let draft = kernel::id::new();
    let account = world.coordinator.account.unwrap();
    world
        .app
        .sql(&format!(
            "insert into proposal (id, call_id, number, coordinator_id) values ('{draft}', '{}', 'P99', '{account}')",
            world.call
        ))
        .await;
    let letters = format!("/proposals/{draft}/letters");
    for who in [&world.chair, &world.secretariat, &world.observer] {
        who.get(&letters).send().await.expect(404);
    }
    world.coordinator.get(&letters).send().await.expect(200);
    let known = format!("/proposals/{}/letters", world.id_of("P01"));
    world.chair.get(&known).send().await.expect(200);
}

#[tokio::test]
async fn the_criteria_of_the_call_choose_among_equals() {
    let world = World::ranked().await;
    world
        .app
        .broken_on_purpose("totals are changed after the ranking list was adopted");
    // DD pays for two of three equals; P03 is the best by the first criterion, and P02 the next.
    let (second, third) = (world.proposals[1].2, world.proposals[2].2);
    world
        .app
        .sql(&format!(
            "update sealed.ranking_list set entries = (
                 select jsonb_agg(case when e ->> 'number' in ('P02', 'P03')
                                       then jsonb_set(e, '{{total}}', '\"14.5\"') else e end)
                 from jsonb_array_elements(entries) e);
             update sealed.consensus set scores = jsonb_set(scores, '{{excellence}}', '\"4.9\"') where proposal_stage_id = '{second}';
             update sealed.consensus set scores = jsonb_set(scores, '{{excellence}}', '\"5.0\"') where proposal_stage_id = '{third}'"
        ))
        .await;
    let selection = world.propose().await;
    let seen = world.secretariat.read(&selection).await.json;
    assert_eq!(seen["selected"][1], "P02");
    let rules =
        "update call set rules = jsonb_set(rules, '{funding,ties}', '[\"first_criterion\"]')";
    world.app.sql(rules).await;
    let selection = world.propose().await;
    let seen = world.secretariat.read(&selection).await.json;
    assert_eq!(
        (&seen["selected"][0], &seen["selected"][1]),
        (&json!("P02"), &json!("P03"))
    );
    assert_eq!(seen["input"]["chosen"], json!(["P02", "P03"]));
}
