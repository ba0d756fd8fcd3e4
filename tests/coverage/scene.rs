//! Calls, agendas and members that coverage is asked about.

use access::Role;
use kernel::Amount;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

use crate::world::World;

pub const PLAN: &str = "icpermed-2017";

/// A second agenda of three items, of which one is not for a European call.
pub const ABOUT: &str = "code = \"sria-2023\"\ntitle = \"SRIA\"\nyear = 2023\n[expected]\nA = 3\n";
pub const ITEMS: &str = "number,part,category,title,time_frame,scope,summary\n\
    A.1,A,Data,Linked data,S,E;I,Link them\n\
    A.2,A,Data,Biobanks,M,E;I,Keep them\n\
    A.3,A,Care,Worldwide trials,L,I,Run them\n";

pub async fn load_second(app: &TestApp) -> usize {
    let loaded = service::agenda::load_agenda(&app.service, ABOUT.into(), ITEMS.into()).await;
    loaded.unwrap()
}

/// A draft with these rules and funders; answers its path.
pub async fn draft(
    office: &Client,
    code: &str,
    year: i32,
    rules: &Value,
    funders: &[&str],
) -> String {
    let input = input(code, year, rules);
    let call = office.post("/calls").json(&input).send().await.expect(201);
    let path = format!("/calls/{}", call.id());
    let keys = ["DE-BMBF", "FR-ANR", "ES-ISCIII", "IT-MOH"];
    for (key, amount) in keys.iter().zip(funders) {
        let added = office
            .post(&format!("{path}/funders"))
            .json(&json!({ "organisation": key }))
            .send()
            .await
            .expect(201);
        let pledge = json!({ "amount": amount, "reason": "Letter of commitment" });
        let commitment = format!("{path}/funders/{key}/commitment");
        let pledged = office.put(&commitment).etag(&added.etag).json(&pledge);
        pledged.send().await.expect(200);
    }
    path
}

pub fn input(code: &str, year: i32, rules: &Value) -> Value {
    json!({
    "code": code, "title": "A call", "topic": "Tools", "year": year, "rules": rules,
    "stages": [
        {"opens_at": "2026-01-01T00:00:00Z", "deadline": {"at": "2097-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2097, 17:00 CET"}},
        {"opens_at": "2026-01-02T00:00:00Z", "deadline": {"at": "2098-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2098, 17:00 CET"}},
    ]})
}

pub fn rules() -> Value {
    serde_json::to_value(call::Rules::default_two_stage()).unwrap()
}

/// Rules whose modules serve items of the agenda; one of them with shares that do not divide.
pub fn with_modules(agenda: &str, first: &str, second: &str) -> Value {
    let mut rules = rules();
    rules["modules"] = json!([
        {"key": "M1", "title": "Data", "serves": [{"agenda": agenda, "items": [{"item": first}, {"item": second}]}]},
        {"key": "M2", "title": "Care", "serves": [{"agenda": agenda, "items": [{"item": second}]}]},
        {"key": "M3", "title": "Ethics"},
    ]);
    rules
}

pub async fn map(office: &Client, path: &str, mapping: &Value) -> Reply {
    let now = office.read(path).await;
    let put = office.put(&format!("{path}/action-items")).etag(&now.etag);
    put.json(mapping).send().await
}

/// Approved, pre-announced and opened.
pub async fn open(app: &TestApp, office: &Client, path: &str) {
    let chair = app.person(&format!("Chair of {path}")).await;
    let call = path.strip_prefix("/calls/");
    app.grant(&chair, Role::CscChair, call, None).await;
    for (who, step) in [
        (&chair, "approve"),
        (office, "pre-announce"),
        (office, "open"),
    ] {
        let now = who.read(path).await;
        let step = who.post(&format!("{path}/{step}")).etag(&now.etag);
        step.send().await.expect(200);
    }
}

pub async fn office(app: &TestApp) -> Client {
    let office = app.person("Olga Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    office
}

pub async fn member(app: &TestApp, key: &str) -> Client {
    let member = app.person(&format!("Member {key}")).await;
    let role = Role::MemberRepresentative;
    app.grant(&member, role, None, Some(key)).await;
    member
}

pub fn cents(value: &Value) -> i64 {
    if value.is_null() {
        return 0;
    }
    let amount: Amount = serde_json::from_value(value.clone()).unwrap();
    amount.0
}

pub fn item<'a>(coverage: &'a Value, number: &str) -> &'a Value {
    let items = coverage["items"].as_array().unwrap();
    items.iter().find(|item| item["item"] == number).unwrap()
}

/// What the items and what is beside them add up to: commitments and awards.
pub fn sums(coverage: &Value) -> (i64, i64) {
    let items = coverage["items"].as_array().unwrap();
    let committed: i64 = items.iter().map(|item| cents(&item["committed"])).sum();
    let awarded: i64 = items
        .iter()
        .map(|item| cents(&item["awarded"]["decided"]))
        .sum();
    (
        committed + cents(&coverage["unmapped"]),
        awarded + cents(&coverage["unclassified"]["decided"]),
    )
}

pub fn codes(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one.as_str().unwrap()).collect()
}

/// A call of 2019 with money in odd cents, decided; its letters are not out.
pub async fn decided() -> (World, Reply) {
    let world = World::ranked().await;
    let call = &world.call;
    world
        .app
        .sql(&format!(
            "update call set rehearsal = false, year = 2019 where id = '{call}';
             update eligibility e set fundable = fundable - 1 - 3 * p.position
             from partner p where p.id = e.partner_row_id"
        ))
        .await;
    let early = world
        .secretariat
        .put(&format!("/proposals/{}/action-items", world.id_of("P01")))
        .etag("*")
        .json(&json!({"agenda": PLAN, "items": [{"number": "A.7"}]}))
        .send()
        .await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    (world, early)
}

/// Classifies a funded project.
pub async fn classify(world: &World, code: &str, mapping: &Value) -> Reply {
    let now = world.secretariat.read(&world.path("funded")).await;
    let path = format!("/proposals/{}/action-items", world.id_of(code));
    let put = world.secretariat.put(&path).etag(&now.etag);
    put.json(mapping).send().await.expect(200)
}
