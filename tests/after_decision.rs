//! After the decision: a funder that does not pay what it accepted, and what is tried beside what is decided.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::World;

fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

/// Decided, and the letters are out. Two partners in two countries make a consortium here.
async fn told() -> (World, String) {
    let world = World::ranked().await;
    let rules = "update call set rules = jsonb_set(jsonb_set(rules, '{stages,1,consortium,partners_min}', '2'),
                                                  '{stages,1,consortium,countries_min}', '2')";
    world.app.sql(rules).await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    (world, selection)
}

fn gone(goes_on: &Value) -> Value {
    json!({ "reason": "The ministry withdrew the programme", "evidence": "Letter of 3 March", "goes_on": goes_on })
}

async fn default(who: &Client, selection: &str, input: &Value) -> Reply {
    let path = format!("{selection}/lines/DD-DELTA/default");
    who.post(&path).etag("*").json(input).send().await
}

async fn amend(world: &World, selection: &str, cause: &str) -> Reply {
    let request = world.secretariat.post(&format!("{selection}/amend"));
    let body = json!({ "cause": cause, "reason": "As the committee was told" });
    request.etag("*").json(&body).send().await
}

async fn outcome(world: &World, code: &str) -> String {
    let query = format!(
        "select o.state from proposal p join proposal_stage s on s.proposal_id = p.id
         join sealed.outcome o on o.proposal_stage_id = s.id where p.number = '{code}'"
    );
    world.app.value(&query).await
}

#[tokio::test]
async fn who_defaults_is_amended_away_and_who_pays_as_before_is_not_asked_again() {
    let (world, first) = told().await;
    let early = amend(&world, &first, "default").await.expect(422);
    assert_eq!(early.faults(), ["/cause nobody_defaulted"]);

    recorded(&world, &first).await;

    let amended = amend(&world, &first, "default").await.expect(201);
    let second = format!("/selections/{}", amended.id());
    let view = &amended.json;
    assert_eq!(texts(&view["input"]["kept"]), ["P02", "P05", "P06", "P08"]);
    assert_eq!(
        texts(&view["selected"]),
        ["P02", "P05", "P06", "P08", "P10"]
    );
    assert_eq!(texts(&view["difference"]["lost"]), ["P01"]);
    assert_eq!(view["lines"].as_array().unwrap().len(), 3);
    world.adopt(&second).await;
    let etag = world.chair.read(&second).await.etag;
    let confirm = world.chair.post(&format!("{second}/confirm"));
    confirm.etag(&etag).send().await.expect(200);

    // Gamma pays the same for the same projects.
    let line = world.signatories[2]
        .read(&format!("{second}/lines/CC-GAMMA"))
        .await;
    assert_eq!(
        (&line.json["state"], &line.json["carried_from"]),
        (&json!("accepted"), &json!(1))
    );
    let again = world.signatories[2].post(&format!("{second}/lines/CC-GAMMA/accept"));
    again.etag("*").send().await.expect(409);
    let open = world.signatories[0]
        .read(&format!("{second}/lines/AA-ALPHA"))
        .await;
    assert_eq!(
        (&open.json["state"], &open.json["carried_from"]),
        (&json!("open"), &Value::Null)
    );
    assert_eq!(outcome(&world, "P01").await, "selected");
    world.accept(&second, 0..2).await;
    assert_eq!(world.chair.read(&second).await.json["state"], "final");
    let bound = "select string_agg((decided / 100000)::text, ' ' order by o.key)
                 from participation p join organisation o on o.id = p.organisation_id";
    assert_eq!(world.app.value(bound).await, "2100 1800 900 0");
    assert_eq!(outcome(&world, "P01").await, "reserve");
    assert_eq!(outcome(&world, "P10").await, "selected");

    let tell = world.secretariat.post(&format!("{second}/letters/release"));
    tell.send().await.expect(200);
    let letters = format!("/proposals/{}/letters", world.id_of("P01"));
    let letters = world.coordinator.read(&letters).await.json["items"].clone();
    assert_eq!(
        (&letters[0]["outcome"], &letters[1]["outcome"]),
        (&json!("selected"), &json!("reserve"))
    );
    let body = letters[1]["body"].as_str().unwrap();
    assert!(!body.contains("Delta"), "{body}");
}

/// Tried, refused to who may not, and recorded: P02 goes on with means of its own.
async fn recorded(world: &World, first: &str) {
    let own = json!([{ "proposal": "P02", "how": "own_means" }]);
    default(&world.signatories[3], first, &gone(&own))
        .await
        .expect(403);
    default(&world.chair, first, &gone(&own)).await.expect(403);
    default(&world.coordinator, first, &gone(&own))
        .await
        .expect(404);
    let path = format!("{first}/lines/DD-DELTA/default");
    world.secretariat.get(&path).send().await.expect(404);
    let stale = world
        .secretariat
        .post(&path)
        .etag("\"old\"")
        .json(&gone(&own));
    stale.send().await.expect(412);
    let wrong = json!({ "reason": " ", "evidence": "", "goes_on": [
        { "proposal": "P05", "how": "own_means" }, { "proposal": "P02", "how": "own_means" },
        { "proposal": "P02", "how": "without_them" }] });
    let wrong = default(&world.secretariat, first, &wrong).await.expect(422);
    assert_eq!(
        wrong.faults(),
        [
            "/reason required",
            "/evidence required",
            "/goes_on/0/proposal not_concerned",
            "/goes_on/2/proposal not_concerned"
        ]
    );
    let dry = world.secretariat.post(&path).etag("*").dry_run();
    let dry = dry.json(&gone(&json!([]))).send().await.expect(200).json;
    let numbers: Vec<&Value> = dry["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["number"])
        .collect();
    assert_eq!(numbers, ["P01", "P02"]);
    assert_eq!(dry["projects"][0]["partners"].as_array().unwrap().len(), 1);
    assert_eq!(dry["projects"][1]["ways"][0]["possible"], true);

    let made = default(&world.secretariat, first, &gone(&own))
        .await
        .expect(201);
    assert_eq!(made.json["national"], "600000.00");
    assert_eq!(made.json["projects"][1]["goes_on"], "own_means");
    let twice = default(&world.secretariat, first, &gone(&own)).await;
    twice.expect(409);
    world.signatories[0].read(&path).await;
    world.coordinator.get(&path).send().await.expect(404);
    let mails = world.app.mails().await;
    let told = mails.iter().filter(|mail| {
        mail.subject()
            .ends_with("Commitment of Delta Agency: not paid any more")
    });
    assert_eq!(
        told.count(),
        3,
        "the secretariat, the chair, and Delta's signatory"
    );
}

#[tokio::test]
async fn a_consortium_that_breaks_the_rules_without_the_funder_cannot_go_on() {
    let (world, first) = told().await;
    let strict =
        "update call set rules = jsonb_set(rules, '{stages,1,consortium,partners_min}', '3')";
    world.app.sql(strict).await;
    let own = json!([{ "proposal": "P02", "how": "own_means" }]);
    let wrong = default(&world.secretariat, &first, &gone(&own)).await;
    assert_eq!(wrong.expect(422).faults(), ["/goes_on/0/how rules_broken"]);
    let none = default(&world.secretariat, &first, &gone(&json!([]))).await;
    let none = none.expect(201).json;
    assert_eq!(none["projects"][0]["ways"][0]["possible"], false);
    let amended = amend(&world, &first, "default").await.expect(201);
    assert_eq!(texts(&amended.json["input"]["kept"]), ["P05", "P06", "P08"]);
    // A default stands until the funder pledges anew; what is bound then is bound.
    let funders = world.path("funders");
    let etag = world.signatories[3].read(&funders).await.etag;
    let pledge = world.signatories[3].put(&format!("{funders}/DD-DELTA/commitment"));
    let body = json!({ "amount": "670000.00", "reason": "The programme is back" });
    pledge.etag(&etag).json(&body).send().await.expect(200);
    let late = amend(&world, &first, "default").await.expect(422);
    assert_eq!(late.faults(), ["/cause nobody_defaulted"]);
}

#[tokio::test]
async fn what_is_decided_stays_in_whatever_is_tried() {
    let (world, _) = told().await;
    let decided = ["P01", "P02", "P05", "P06", "P08"];
    let all = world.path("scenarios");
    let make = |overrides: Value| {
        let body =
            json!({ "name": "What if", "visibility": "secretariat", "overrides": overrides });
        let request = world.secretariat.post(&all).json(&body);
        request.send()
    };
    let more = json!({ "commitments": [{ "funder": "DD-DELTA", "amount": "1000000.00" }] });
    let more = make(more).await.expect(201).json;
    assert_eq!(texts(&more["input"]["kept"]), decided);
    let selected = texts(&more["result"]["selected"]);
    assert!(decided.iter().all(|code| selected.contains(code)));
    assert!(selected.len() > decided.len(), "{selected:?}");
    let less = json!({ "commitments": [{ "funder": "DD-DELTA", "amount": "100000.00" }] });
    assert_eq!(
        make(less).await.expect(422).faults(),
        ["/overrides not_payable"]
    );
    let without = make(json!({ "excluded": ["P02"] })).await.expect(201).json;
    assert_eq!(
        texts(&without["input"]["kept"]),
        ["P01", "P05", "P06", "P08"]
    );

    let what_if = world.path("selection/what-if");
    let what_if = world.secretariat.read(&what_if).await.json;
    let would = texts(&what_if["what_if"]["would_fund"]);
    assert!(decided.iter().all(|code| would.contains(code)), "{would:?}");
    let grid = world.path("selection/sensitivity?raises=0,0.5");
    let grid = world.secretariat.read(&grid).await.json;
    for point in grid["points"].as_array().unwrap() {
        assert_eq!(point["lost"], json!([]));
    }
    world
        .secretariat
        .read(&world.path("selection/outlook"))
        .await;
}

#[tokio::test]
async fn people_hear_of_an_unfreezing_and_of_a_signature() {
    let world = World::ranked().await;
    let file = world.path("funders/BB-BETA/commitment/documents");
    let file = format!("{file}?signed_by=Dr%20Bea%20Beta&signed_as=Head&signed_on=2026-06-30");
    let pdf = b"%PDF-1.7\nBB-BETA\n%%EOF\n".to_vec();
    let request = world.signatories[1].post(&file);
    let request = request.body("application/pdf", pdf);
    request.send().await.expect(201);
    let mails = world.app.mails().await;
    let told = mails.iter().filter(|mail| {
        mail.subject()
            .ends_with("Commitment of Beta Trust: a signature recorded")
    });
    let to: Vec<&String> = told.map(|mail| &mail.to[0]).collect();
    assert_eq!(to.len(), 3, "{to:?}");
}
