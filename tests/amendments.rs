//! From a scenario to the decision, the committee's votes, and what is decided anew when a project withdraws, a
//! funder refuses or there is more money.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World, adoption};

fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

async fn decided() -> (World, String) {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    (world, selection)
}

async fn amend(world: &World, selection: &str, cause: &str) -> Reply {
    let etag = world.secretariat.read(selection).await.etag;
    let body = json!({ "cause": cause, "reason": "As the committee was told" });
    let request = world.secretariat.post(&format!("{selection}/amend"));
    request.etag(&etag).json(&body).send().await
}

/// Adopted and confirmed, as the first one is.
async fn carried(world: &World, selection: &str) {
    world.adopt(selection).await;
    let etag = world.chair.read(selection).await.etag;
    let confirm = world.chair.post(&format!("{selection}/confirm"));
    confirm.etag(&etag).send().await.expect(200);
}

async fn pledge(world: &World, at: usize, amount: &str) {
    let funders = world.path("funders");
    let etag = world.signatories[at].read(&funders).await.etag;
    let pledge = world.signatories[at].put(&format!("{funders}/{}/commitment", FUNDERS[at].0));
    let body = json!({ "amount": amount, "reason": "Another letter" });
    pledge.etag(&etag).json(&body).send().await.expect(200);
}

async fn refuse(world: &World, selection: &str, at: usize) {
    let line = format!("{selection}/lines/{}", FUNDERS[at].0);
    let refuse = world.signatories[at].post(&format!("{line}/refuse"));
    let reason = json!({ "reason": "The ministry froze it" });
    refuse.etag("*").json(&reason).send().await.expect(200);
}

/// What is bound of AA, BB, CC, DD, in thousands.
async fn bound(world: &World) -> String {
    let query = "select string_agg((decided / 100000)::text, ' ' order by o.key)
                 from participation p join organisation o on o.id = p.organisation_id";
    world.app.value(query).await
}

async fn numbers(world: &World, state: &str) -> String {
    let query = format!(
        "select coalesce(string_agg(p.number, ' ' order by p.number), '') from proposal p
         join proposal_stage ps on ps.proposal_id = p.id join sealed.outcome o on o.proposal_stage_id = ps.id
         where o.state = '{state}' and ps.state = 'locked'"
    );
    world.app.value(&query).await
}

fn path(reply: &Reply) -> String {
    format!("/selections/{}", reply.id())
}

#[tokio::test]
async fn a_withdrawal_is_amended_down_the_reserve_list_and_the_former_decision_stays_on_file() {
    let (world, first) = decided().await;
    let before = world.secretariat.read(&first).await.json;
    assert_eq!(
        texts(&before["reserve"]),
        ["P03", "P04", "P07", "P09", "P10"]
    );
    let early = amend(&world, &first, "withdrawal").await.expect(422);
    assert_eq!(early.faults(), ["/cause nothing_withdrawn"]);
    world.withdraw("P02").await;

    let body = json!({ "cause": "withdrawal", "reason": " " });
    let request = |who: &Client| who.post(&format!("{first}/amend")).json(&body);
    request(&world.secretariat).send().await.expect(428);
    let blank = request(&world.secretariat).etag("*").send().await;
    assert_eq!(blank.expect(422).faults(), ["/reason required"]);
    request(&world.observer).etag("*").send().await.expect(403);
    request(&world.chair).etag("*").send().await.expect(403);
    request(&world.coordinator)
        .etag("*")
        .send()
        .await
        .expect(404);

    let amended = amend(&world, &first, "withdrawal").await.expect(201);
    let second = path(&amended);
    let view = &amended.json;
    assert_eq!(view["number"], 2);
    assert_eq!(view["amends"], before["id"]);
    assert_eq!(texts(&view["input"]["kept"]), ["P01", "P05", "P06", "P08"]);
    // P03 is ranked above P04, and what was decided leaves too little for it.
    assert_eq!(
        texts(&view["selected"]),
        ["P01", "P04", "P05", "P06", "P08", "P09"]
    );
    let difference = &view["difference"];
    assert_eq!(texts(&difference["gained"]), ["P04", "P09"]);
    assert_eq!(texts(&difference["lost"]), ["P02"]);
    assert_eq!(difference["funders"][0]["national"], "600000.00");

    // Until all have accepted, the first one is in force.
    carried(&world, &second).await;
    world.accept(&second, 0..3).await;
    assert_eq!(world.secretariat.read(&first).await.json["state"], "final");
    assert_eq!(bound(&world).await, "2000 1700 900 600");
    world.accept(&second, 3..4).await;
    assert_eq!(world.chair.read(&second).await.json["state"], "final");
    assert_eq!(bound(&world).await, "2600 2000 1100 600");
    assert_eq!(numbers(&world, "selected").await, "P01 P04 P05 P06 P08 P09");
    assert_eq!(numbers(&world, "reserve").await, "P03 P07 P10");

    let after = world.signatories[0].read(&first).await.json;
    assert_eq!(after["state"], "amended");
    for field in ["result", "input", "adoption", "lines", "finalised_at"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let again = amend(&world, &first, "withdrawal").await.expect(409);
    assert_eq!(again.code(), "state_conflict");
    let all = world.path("selections");
    let items = world.observer.read(&all).await.json["items"].clone();
    assert_eq!(
        (&items[0]["state"], &items[1]["state"]),
        (&json!("amended"), &json!("final"))
    );
    assert_eq!(items[1]["cause"], "withdrawal");
    world.coordinator.get(&all).send().await.expect(404);
    world.coordinator.get(&second).send().await.expect(404);
}

#[tokio::test]
async fn who_moves_up_after_the_letters_is_told_by_a_letter_of_its_own() {
    let (world, first) = decided().await;
    let release = world.path("stages/2/letters/release");
    let tell = |selection: &str| {
        let request = world
            .secretariat
            .post(&format!("{selection}/letters/release"));
        request.send()
    };
    world.secretariat.post(&release).send().await.expect(200);
    tell(&first).await.expect(409);
    world.withdraw("P02").await;
    let second = path(&amend(&world, &first, "withdrawal").await.expect(201));
    carried(&world, &second).await;
    world.accept(&second, 0..3).await;
    tell(&second).await.expect(409);
    world.accept(&second, 3..4).await;

    // Nobody hears of it before the letters.
    let own = format!("/proposals/{}/letters", world.id_of("P04"));
    let before = world.coordinator.read(&own).await.json["items"].clone();
    assert_eq!(before[0]["outcome"], "reserve");
    let funded = world.path("funded");
    let public = world.app.client();
    let told = |list: Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        let numbers = items.map(|one| one["number"].as_str().unwrap().to_owned());
        numbers.collect()
    };
    let list = public.get(&funded).send().await.expect(200).json;
    assert!(!told(list).contains(&"P04".to_owned()));
    let forbidden = world.chair.post(&format!("{second}/letters/release"));
    forbidden.send().await.expect(403);
    let told_by = tell(&second).await.expect(200).json;
    let sent = told_by["items"].as_array().unwrap();
    assert_eq!(sent.len(), 12, "ten of the stage, and two that move up");
    let after = world.coordinator.read(&own).await.json["items"].clone();
    assert_eq!(
        (&after[0], &after[1]["outcome"]),
        (&before[0], &json!("selected"))
    );
    let list = public.get(&funded).send().await.expect(200).json;
    assert_eq!(told(list), ["P01", "P04", "P05", "P06", "P08", "P09"]);
    tell(&second).await.expect(409);
}

#[tokio::test]
async fn more_money_reaches_the_reserve_list_and_a_refusal_leads_elsewhere() {
    let (world, first) = decided().await;
    let early = amend(&world, &first, "more_money").await.expect(422);
    assert_eq!(early.faults(), ["/cause no_more_money"]);
    pledge(&world, 3, "680000.00").await;
    let useless = amend(&world, &first, "more_money").await.expect(422);
    assert_eq!(useless.faults(), ["/cause changes_nothing"]);
    pledge(&world, 3, "900000.00").await;
    let second = path(&amend(&world, &first, "more_money").await.expect(201));
    let selected = world.chair.read(&second).await.json["selected"].clone();
    assert_eq!(texts(&selected), ["P01", "P02", "P04", "P05", "P06", "P08"]);
    let early = amend(&world, &second, "refusal").await.expect(422);
    assert_eq!(early.faults(), ["/cause nothing_refused"]);
    carried(&world, &second).await;
    world.accept(&second, 0..1).await;
    refuse(&world, &second, 1).await;

    // BB pays what was decided before, and no more: P04 asks it, and P07 does not.
    let third = amend(&world, &second, "refusal").await.expect(201);
    assert_eq!(third.json["number"], 3);
    assert_eq!(
        texts(&third.json["selected"]),
        ["P01", "P02", "P05", "P06", "P07", "P08"]
    );
    assert_eq!(
        third.json["input"]["funders"][1]["commitment"],
        "1700000.00"
    );
    let third = path(&third);
    assert_eq!(world.chair.read(&second).await.json["state"], "amended");
    assert_eq!(world.chair.read(&first).await.json["state"], "final");
    carried(&world, &third).await;
    // What BB is asked it has accepted in the decision that is in force.
    let line = format!("{third}/lines/{}", FUNDERS[1].0);
    let line = world.signatories[1].read(&line).await.json;
    assert_eq!(
        (&line["state"], &line["carried_from"]),
        (&json!("accepted"), &json!(1))
    );
    world.accept(&third, 0..1).await;
    world.accept(&third, 2..4).await;
    assert_eq!(bound(&world).await, "2400 1700 1300 900");
    assert_eq!(numbers(&world, "selected").await, "P01 P02 P05 P06 P07 P08");

    world.app.tick().await;
    let mut export = world.observer.read(&world.path("export")).await.json;
    let faults = |export: &Value| service::audit::verify_export(export).faults;
    assert_eq!(faults(&export), Vec::<String>::new());
    let id = export["selections"][0]["id"].clone();
    export["selections"][2]["amends"] = id;
    assert!(faults(&export).contains(&"selection 3 amends another than the audit says".to_owned()));
}

#[tokio::test]
async fn what_is_refused_before_anything_is_final_is_computed_without_that_funder() {
    let world = World::ranked().await;
    let first = world.confirmed().await;
    world.accept(&first, 0..2).await;
    let early = amend(&world, &first, "withdrawal").await.expect(422);
    assert_eq!(early.faults(), ["/cause not_final"]);
    refuse(&world, &first, 3).await;
    let second = amend(&world, &first, "refusal").await.expect(201);
    assert_eq!(
        texts(&second.json["selected"]),
        ["P05", "P06", "P08", "P09", "P10"]
    );
    assert_eq!(second.json["input"].get("kept"), None);
    assert_eq!(second.json["lines"].as_array().unwrap().len(), 3);
    let second = path(&second);
    carried(&world, &second).await;
    world.accept(&second, 0..3).await;
    assert_eq!(world.chair.read(&second).await.json["state"], "final");
    assert_eq!(bound(&world).await, "2200 1800 1100 0");
}

#[tokio::test]
async fn a_scenario_becomes_a_selection_when_it_is_so() {
    let world = World::ranked().await;
    let all = world.path("scenarios");
    let scenario = json!({
        "name": "Delta raises", "visibility": "shared",
        "overrides": { "commitments": [{ "funder": "DD-DELTA", "amount": "900000.00" }] },
    });
    let make = |who: &Client, body: &Value| who.post(&all).json(body).send();
    let raise = make(&world.secretariat, &scenario).await.expect(201);
    let as_it_is = json!({ "name": "As it is", "visibility": "secretariat" });
    let as_it_is = make(&world.secretariat, &as_it_is).await.expect(201);
    let private = json!({ "name": "Ours", "visibility": "private", "organisation": "AA-ALPHA" });
    let private = make(&world.signatories[0], &private).await.expect(201);

    let propose = |who: &Client, made: &Reply| {
        let request = who.post(&format!("/scenarios/{}/propose", made.id()));
        request.etag("*").send()
    };
    propose(&world.secretariat, &private).await.expect(404);
    propose(&world.signatories[0], &private).await.expect(403);
    propose(&world.signatories[0], &raise).await.expect(403);
    propose(&world.coordinator, &raise).await.expect(404);
    let reply = propose(&world.secretariat, &raise).await.expect(422);
    assert_eq!(
        reply.faults(),
        ["/overrides/commitments/0/amount not_pledged"]
    );
    pledge(&world, 3, "900000.00").await;
    let reply = propose(&world.secretariat, &as_it_is).await.expect(422);
    assert_eq!(reply.faults(), ["/input/funders/DD-DELTA moved"]);

    let proposed = propose(&world.secretariat, &raise).await.expect(201);
    assert_eq!(proposed.json["state"], "proposed");
    assert_eq!(proposed.json["scenario"], raise.json["id"]);
    assert_eq!(proposed.json["result"], raise.json["result"]);
    let drop = world
        .secretariat
        .delete(&format!("/scenarios/{}", raise.id()));
    drop.etag("*").send().await.expect(409);
    let selection = path(&proposed);
    carried(&world, &selection).await;
    world.accept(&selection, 0..4).await;
    let late = propose(&world.secretariat, &raise).await.expect(409);
    assert_eq!(late.code(), "state_conflict");
}

#[tokio::test]
async fn votes_count_by_the_rules_of_the_call() {
    let world = World::ranked().await;
    let rules = json!({ "quorum": "75", "majority": "66.66", "written_days": 5 });
    world
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{decision}}', '{rules}') where id = '{}'",
            world.call
        ))
        .await;
    let selection = world.propose().await;
    let adopt = |body: &Value| {
        let adopt = world.secretariat.post(&format!("{selection}/adopt"));
        adopt.etag("*").json(body).send()
    };
    let vote = |member: &str, vote: &str| json!({ "member": member, "vote": vote });
    let mut few = adoption();
    few["attendance"] = json!(["AA-ALPHA", "ZZ"]);
    few["votes"] = json!([vote("AA-ALPHA", "for"), vote("BB-BETA", "for")]);
    let reply = adopt(&few).await.expect(422);
    assert_eq!(
        reply.faults(),
        [
            "/attendance/1 not_a_member",
            "/attendance no_quorum",
            "/votes/1/member not_present",
            "/votes vote_missing",
        ]
    );
    let mut split = adoption();
    split["attendance"] = json!(["AA-ALPHA", "BB-BETA", "CC-GAMMA"]);
    split["votes"] = json!([
        vote("AA-ALPHA", "for"),
        vote("BB-BETA", "against"),
        vote("CC-GAMMA", "abstain"),
    ]);
    let reply = adopt(&split).await.expect(422);
    assert_eq!(reply.faults(), ["/votes not_carried"]);
    split["votes"][2]["vote"] = json!("for");
    split["procedure"] = json!("written");
    let reply = adopt(&split).await.expect(422);
    assert_eq!(
        reply.faults(),
        ["/opened_on required", "/closed_on required"]
    );
    split["opened_on"] = json!("2020-01-05");
    split["closed_on"] = json!("2020-01-10");
    let reply = adopt(&split).await.expect(422);
    assert_eq!(reply.faults(), ["/opened_on before_proposed"]);
    let long_ago = "update sealed.selection set proposed_at = '2020-01-05 12:00Z'";
    world.app.sql(long_ago).await;
    split["closed_on"] = json!("2020-01-09");
    let reply = adopt(&split).await.expect(422);
    assert_eq!(reply.faults(), ["/closed_on too_short"]);
    split["closed_on"] = json!("2020-01-10");
    adopt(&split).await.expect(200);

    for who in [&world.observer, &world.signatories[2]] {
        let seen = who.read(&selection).await.json;
        assert_eq!(seen["adoption"]["votes"][1]["vote"], "against");
    }
    world.coordinator.get(&selection).send().await.expect(404);
}
