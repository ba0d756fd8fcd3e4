//! What the secretariat learns of a stage: figures before the deadline, lists and doubles after it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use proposals::{FUNDERS, PARTNERS, draft, open_call, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

async fn people(app: &TestApp, names: &[&str]) -> Vec<Client> {
    let mut people = Vec::new();
    for name in names {
        people.push(app.person(name).await);
    }
    people
}

/// A proposal that says something else, submitted.
async fn other(who: &Client, call: &str, patch: Value) -> String {
    let draft = draft(who, call).await;
    let path = format!("/proposals/{}", draft.id());
    let saved = save(who, &path, &draft.etag, patch).await.expect(200);
    submit(who, &path, &saved.etag).await.expect(200);
    path
}

fn numbers(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["number"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn before_the_deadline_the_figures_tell_no_single_proposal() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}/stages/1/counts");
    let nothing = office.read(&path).await.json;
    let demand = json!({"funder": "DE-BMBF", "committed": "3000000.00", "proposals": 0, "partners": 0, "requested": "0.00"});
    assert_eq!(nothing["funders"][0], demand);
    assert_eq!(nothing["over_time"]["points"], json!([]));
    let people = people(&app, &["Ada", "Bob", "Cleo", "Dora"]).await;
    submitted(&people[0], &call).await;
    submitted(&people[1], &call).await;
    draft(&people[3], &call).await;
    let two = office.read(&path).await.json;
    assert_eq!((&two["drafts"], &two["submitted"]), (&json!(1), &json!(2)));
    let veiled = json!({"funder": "DE-BMBF", "committed": "3000000.00", "proposals": null, "partners": null, "requested": null});
    assert_eq!(two["funders"][0], veiled);
    submitted(&people[2], &call).await;
    let three = office.read(&path).await.json;
    let rounded = json!({"funder": "DE-BMBF", "committed": "3000000.00", "proposals": 3, "partners": 3, "requested": "500000.00"});
    assert_eq!(three["funders"][0], rounded);
    assert_eq!(three["over_time"]["points"][0]["submitted"], 3);
    people[0].get(&path).send().await.expect(403);

    app.close_stage(&call, 1).await;
    let closed = office.read(&path).await.json;
    let exact = json!({"funder": "DE-BMBF", "committed": "3000000.00", "proposals": 3, "partners": 3, "requested": "480001.50"});
    assert_eq!(closed["funders"][0], exact);
    assert_eq!(
        (&closed["locked"], &closed["lapsed"]),
        (&json!(3), &json!(1))
    );
}

#[tokio::test]
async fn who_left_a_consortium_is_counted_and_listed_no_more() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let people = people(&app, &["Ada", "Bob"]).await;
    let (path, _) = submitted(&people[0], &call).await;
    submitted(&people[1], &call).await;
    app.close_stage(&call, 1).await;
    // All are judged but the partner in France, who leaves.
    let bulk = format!("/calls/{call}/stages/1/eligibility");
    for at in [0, 2] {
        let contact = app.contact(&call, FUNDERS[at].0).await;
        let ruling = json!({"verdict": "eligible", "fundable": "150000.00"});
        let ruling = json!({"rulings": [{"proposal": "JTC2026-001", "partner": PARTNERS[at], "ruling": ruling}]});
        contact.post(&bulk).json(&ruling).send().await.expect(200);
    }
    let french = async || {
        let counts = format!("/calls/{call}/stages/1/counts");
        let counts = office.read(&counts).await.json;
        let funders = counts["funders"].as_array().unwrap();
        let of = funders.iter().find(|one| one["funder"] == "FR-ANR");
        of.unwrap().clone()
    };
    let listed = async |filter: &str| {
        let list = format!("/calls/{call}/proposals?{filter}");
        let list = office.read(&list).await.json;
        numbers(&list).join(" ")
    };
    let two = json!({"funder": "FR-ANR", "committed": "2000000.00", "proposals": 2, "partners": 2, "requested": "320001.00"});
    assert_eq!(french().await, two);
    for filter in ["funder=FR-ANR", "verdict=open"] {
        assert_eq!(listed(filter).await, "JTC2026-001 JTC2026-002");
    }

    let drop =
        json!({"partner": PARTNERS[1], "change": {"kind": "drop"}, "reason": "Agreed by letter"});
    let now = office.read(&format!("{path}/eligibility")).await;
    let changed = office.post(&format!("{path}/changes")).etag(&now.etag);
    changed.json(&drop).send().await.expect(201);
    let one = json!({"funder": "FR-ANR", "committed": "2000000.00", "proposals": 1, "partners": 1, "requested": "160000.50"});
    assert_eq!(french().await, one);
    for filter in ["funder=FR-ANR", "verdict=open"] {
        assert_eq!(listed(filter).await, "JTC2026-002");
    }
}

#[tokio::test]
async fn doubles_are_found_after_the_deadline_and_not_behind_a_conflict_of_interest() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let people = people(&app, &["Ada", "Bob", "Cleo"]).await;
    submitted(&people[0], &call).await;
    let again = json!({"title": "PRÉCISE dosing, by genotype!", "acronym": "Other"});
    let path = other(&people[1], &call, again).await;
    let found = format!("/calls/{call}/stages/1/duplicates");
    office.get(&found).send().await.expect(409);
    app.close_stage(&call, 1).await;
    let told = office.read(&found).await.json;
    let kinds: Vec<&str> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["likeness"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["title", "coordinator", "investigator", "investigator"]
    );
    assert_eq!(told["items"][0]["proposals"][1]["number"], "JTC2026-002");
    assert_eq!(told["items"][1]["what"], "Person 0 (Institute 0)");
    people[0].get(&found).send().await.expect(403);

    let proposal = path.rsplit('/').next().unwrap();
    app.sql(&format!(
        "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load)
         values ('{call}', '{call}', '{0}', 'o@example.org', 'Office', 'Elsewhere', 'nominated', 'remote_reviewer', 1);
         insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
         values ('{call}', '{call}', '{call}', '{proposal}', 'declared', true, 'Friends', 'declared', true)",
        office.account.unwrap()
    ))
    .await;
    assert_eq!(office.read(&found).await.json["items"], json!([]));
}

#[tokio::test]
async fn proposals_are_found_by_what_people_remember_of_them_and_by_no_more_than_they_see() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let people = people(&app, &["Ada", "Bob", "Cleo"]).await;
    submitted(&people[0], &call).await;
    let teeth = json!({"title": "Zähne & Gene", "acronym": "ZAHN", "keywords": ["Ørsted"]});
    other(&people[1], &call, teeth).await;
    let hearts = json!({"title": "Another heart", "acronym": "HEART"});
    other(&people[2], &call, hearts).await;
    let list = format!("/calls/{call}/proposals");
    let nobody_yet = office.read(&format!("{list}?q=zahne")).await.json;
    assert_eq!(numbers(&nobody_yet), Vec::<&str>::new());
    app.close_stage(&call, 1).await;
    for (query, expected) in [
        ("q=ZAHNE+gene", vec!["JTC2026-002"]),
        ("q=orsted", vec!["JTC2026-002"]),
        (
            "q=institute",
            vec!["JTC2026-001", "JTC2026-002", "JTC2026-003"],
        ),
        ("q=003", vec!["JTC2026-003"]),
        ("q=summary", vec![]),
        ("country=NZ", vec![]),
        ("country=FR&q=heart", vec!["JTC2026-003"]),
        ("module=9Z", vec![]),
        ("verdict=eligible", vec![]),
        (
            "verdict=open&stage=1",
            vec!["JTC2026-001", "JTC2026-002", "JTC2026-003"],
        ),
        ("stage=2", vec![]),
        (
            "sort=title",
            vec!["JTC2026-003", "JTC2026-001", "JTC2026-002"],
        ),
        (
            "descending=true",
            vec!["JTC2026-003", "JTC2026-002", "JTC2026-001"],
        ),
    ] {
        let found = office.read(&format!("{list}?{query}")).await.json;
        assert_eq!(numbers(&found), expected, "{query}");
    }
    let mut at = String::new();
    for expected in ["JTC2026-002", "JTC2026-001", "JTC2026-003"] {
        let page = format!("{list}?sort=acronym&descending=true&limit=1{at}");
        let page = office.read(&page).await.json;
        assert_eq!(numbers(&page), [expected]);
        at = format!("&cursor={}", page["next"].as_str().unwrap());
    }
    let nowhere = format!("{list}?sort=title&cursor={call}");
    let nowhere = office.get(&nowhere).send().await.expect(422);
    assert_eq!(nowhere.faults(), ["/cursor cursor_unknown"]);
    office
        .get(&format!("{list}?country=Mars"))
        .send()
        .await
        .expect(400);

    let own = people[1].read(&format!("{list}?q=person")).await.json;
    assert_eq!(numbers(&own), ["JTC2026-002"]);
    let refused = people[1].get(&format!("{list}?verdict=open")).send().await;
    assert!([403, 404].contains(&refused.status));
}
