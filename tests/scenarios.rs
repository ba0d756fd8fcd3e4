//! Selection in a co-funded call to the end, scenarios and who sees them, and what would change a selection.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use commitment::offline::{self, Answer};
use commitment::{Selection, SelectionInput};
use kernel::Amount;
use serde_json::{Value, json};
use testkit::Client;

#[path = "commitment/world.rs"]
mod world;

use world::World;

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<Amount>().unwrap().0
}

fn column(items: &Value, field: &str) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

fn sum(items: &Value, field: &str) -> i64 {
    let items = items.as_array().unwrap().iter();
    items.map(|item| cents(&item[field])).sum()
}

async fn representative(world: &World, key: &str) -> Client {
    let person = world.app.person(&format!("{key} Representative")).await;
    let (role, call) = (Role::CscRepresentative, Some(world.call.as_str()));
    world.app.grant(&person, role, call, Some(key)).await;
    person
}

#[tokio::test]
async fn a_co_funded_call_is_settled_to_the_cent_and_funders_commit_their_national_part() {
    let world = World::co_funded("100", "earned").await;
    let path = world.confirmed().await;
    let selection = world.secretariat.read(&path).await.json;
    assert_eq!(selection["selected"].as_array().unwrap().len(), 9);
    assert_eq!(selection["result"]["eu_contribution"], "3102000.00");
    let lines = &selection["lines"];
    assert_eq!(
        column(lines, "eu"),
        ["880800.00", "510600.00", "840400.00", "870200.00"]
    );
    assert_eq!(
        column(lines, "national"),
        ["2519200.00", "1889400.00", "1259600.00", "629800.00"]
    );
    for line in lines.as_array().unwrap() {
        let projects = &line["projects"];
        for field in ["requested", "eu", "national"] {
            assert_eq!(sum(projects, field), cents(&line[field]), "{field}");
        }
    }
    let mails = world.app.mails().await;
    let asked = mails
        .iter()
        .find(|mail| mail.text().contains("National money   629800.00 EUR"))
        .unwrap();
    assert!(asked.text().contains("EU money         870200.00 EUR"));

    world.accept(&path, 0..4).await;
    let decided =
        "select string_agg(decided::text, ' ' order by commitment desc) from participation";
    assert_eq!(
        world.app.value(decided).await,
        "251920000 188940000 125960000 62980000"
    );
    let funded = world.secretariat.read(&world.path("funded")).await.json;
    assert_eq!(funded["items"][0]["amount"], "1000000.00");
    let awards: Vec<&Value> = funded["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|item| item["awards"].as_array().unwrap())
        .collect();
    let of = |key: &str, field: &str| -> i64 {
        let own = awards.iter().filter(|one| one["organisation"] == key);
        own.map(|one| cents(&one[field])).sum()
    };
    assert_eq!(of("DD-DELTA", "national"), 62_980_000);
    assert_eq!(of("DD-DELTA", "eu"), 87_020_000);
}

#[tokio::test]
async fn the_record_of_a_co_funded_call_computes_to_the_same_offline() {
    let world = World::co_funded("100", "earned").await;
    let path = world.confirmed().await;
    world.accept(&path, 0..4).await;
    world.app.tick().await;
    let export = world.observer.read(&world.path("export")).await.json;
    let verification = service::audit::verify_export(&export);
    assert_eq!(verification.faults, Vec::<String>::new());
    let stored = &export["selections"][0];
    let input = offline::read(&stored["input"].to_string()).unwrap();
    let again = commitment::select(&input).unwrap();
    let result: Selection = serde_json::from_value(stored["result"].clone()).unwrap();
    assert_eq!(Answer::from(&again), Answer::from(&result));
}

#[tokio::test]
async fn a_private_scenario_is_its_funders_and_a_shared_one_the_committees() {
    let world = World::ranked().await;
    let (alpha, beta) = (
        representative(&world, "AA-ALPHA").await,
        representative(&world, "BB-BETA").await,
    );
    let all = world.path("scenarios");
    let make = |who: &Client, body: Value| who.post(&all).json(&body).send();
    let raise = json!({
        "name": "We raise", "visibility": "private", "organisation": "AA-ALPHA",
        "overrides": { "commitments": [{ "funder": "AA-ALPHA", "amount": "9000000.00" }] },
    });
    let private = make(&alpha, raise).await.expect(201);
    let without = json!({ "name": "Without P01", "visibility": "shared",
                          "overrides": { "excluded": ["P01"] } });
    let shared = make(&world.secretariat, without).await.expect(201);
    assert!(
        !shared.json["result"]["selected"]
            .to_string()
            .contains("P01")
    );
    let desk = json!({ "name": "Desk", "visibility": "secretariat" });
    let desk = make(&world.secretariat, desk).await.expect(201);

    let path = |id: String| format!("/scenarios/{id}");
    let (private, shared, desk) = (path(private.id()), path(shared.id()), path(desk.id()));
    let stranger = world.app.person("Stranger").await;
    let viewers: [(&Client, [u16; 3], usize); 7] = [
        (&alpha, [200, 200, 404], 2),
        (&world.signatories[0], [200, 200, 404], 2),
        (&beta, [404, 200, 404], 1),
        (&world.secretariat, [404, 200, 200], 2),
        (&world.chair, [404, 200, 404], 1),
        (&world.observer, [404, 200, 404], 1),
        (&stranger, [404, 404, 404], 0),
    ];
    for (viewer, statuses, count) in viewers {
        for (path, status) in [&private, &shared, &desk].into_iter().zip(statuses) {
            viewer.get(path).send().await.expect(status);
        }
        if count > 0 {
            let list = viewer.read(&all).await.json;
            assert_eq!(list["items"].as_array().unwrap().len(), count);
        }
    }
    stranger.get(&all).send().await.expect(404);
    let public = world.app.client().get(&private).send().await;
    public.expect(401);
    let forbidden = json!({ "name": "Mine", "visibility": "shared" });
    make(&world.observer, forbidden).await.expect(403);
    // The trail says that it was made, and nothing of it.
    let told = "select count(*) from audit where action = 'make_scenario' and detail::text like '%We raise%'";
    assert_eq!(world.app.value(told).await, "0");

    // What it was computed from computes to it, also when the call has gone on.
    let before = alpha.read(&private).await;
    let input: SelectionInput = serde_json::from_value(before.json["input"].clone()).unwrap();
    let result: Selection = serde_json::from_value(before.json["result"].clone()).unwrap();
    assert_eq!(commitment::select(&input).unwrap(), result);
    let funders = world.path("funders");
    let etag = world.signatories[3].read(&funders).await.etag;
    let pledge = world.signatories[3].put(&format!("{funders}/DD-DELTA/commitment"));
    let more = json!({ "amount": "5000000.00", "reason": "More" });
    pledge.etag(&etag).json(&more).send().await.expect(200);
    assert_eq!(alpha.read(&private).await.etag, before.etag);

    // Only who made it takes it back, having read it.
    world.signatories[0]
        .delete(&private)
        .etag(&before.etag)
        .send()
        .await
        .expect(403);
    beta.delete(&private).etag("*").send().await.expect(404);
    alpha.delete(&private).send().await.expect(428);
    alpha
        .delete(&private)
        .etag(&before.etag)
        .send()
        .await
        .expect(200);
    alpha.get(&private).send().await.expect(404);
}

#[tokio::test]
async fn scenarios_stand_side_by_side_and_all_faults_are_named_at_once() {
    let world = World::ranked().await;
    let alpha = representative(&world, "AA-ALPHA").await;
    let beta = representative(&world, "BB-BETA").await;
    let all = world.path("scenarios");
    let faulty = json!({
        "name": " ", "visibility": "private", "organisation": "BB-BETA",
        "overrides": { "commitments": [{ "funder": "ZZ", "amount": "-1.00" }], "gap_share": "0.5",
                       "excluded": ["P99"] },
    });
    let reply = alpha.post(&all).json(&faulty).send().await.expect(422);
    assert_eq!(
        reply.faults(),
        [
            "/name length",
            "/organisation not_spoken_for",
            "/overrides/commitments/0/amount amount_negative",
            "/overrides/commitments/0/funder funder_unknown",
            "/overrides/gap_share eu_missing",
            "/overrides/excluded/0 not_on_the_list",
        ]
    );
    let as_it_is = json!({ "name": "As it is", "visibility": "shared" });
    let reply = alpha.post(&all).json(&as_it_is).send().await.expect(422);
    assert_eq!(reply.faults(), ["/organisation required"]);

    let as_it_is = world.secretariat.post(&all).json(&as_it_is).send().await;
    let as_it_is = as_it_is.expect(201);
    let raise = json!({
        "name": "Delta raises", "visibility": "private", "organisation": "AA-ALPHA",
        "overrides": { "commitments": [{ "funder": "DD-DELTA", "amount": "900000.00" }] },
    });
    let raise = alpha.post(&all).json(&raise).send().await.expect(201);
    let compare = |a: &str, b: &str| format!("{all}/compare?a={a}&b={b}");
    let both = compare(&as_it_is.id(), &raise.id());
    let found = alpha.read(&both).await.json;
    assert_eq!(found["a"]["name"], "As it is");
    assert_eq!(found["comparison"]["only_b"][0], "P03");
    let dd = &found["comparison"]["funders"][3];
    assert_eq!(dd["national_difference"], "300000.00");
    beta.get(&both).send().await.expect(404);
    let reply = alpha.get(&format!("{all}/compare")).send().await;
    assert_eq!(reply.expect(422).faults(), ["/a required", "/b required"]);
}

#[tokio::test]
async fn what_would_change_a_selection_is_told_to_who_reads_it() {
    let world = World::ranked().await;
    let outlook = world.path("selection/outlook");
    world.secretariat.get(&outlook).send().await.expect(404);
    world.propose().await;
    let found = world.signatories[0].read(&outlook).await.json;
    assert_eq!(found["outlook"]["bottleneck"]["funder"], "DD-DELTA");
    let one_more = found["outlook"]["one_more"]["code"].as_str().unwrap();
    assert!(found["explanation"][0].as_str().unwrap().contains(one_more));

    let grid = world.path("selection/sensitivity");
    let raised = format!("{grid}?raises=0,0.5&funder=DD-DELTA");
    let found = world.chair.read(&raised).await.json;
    let points = found["points"].as_array().unwrap();
    assert_eq!(points.len(), 2);
    assert_eq!(points[0]["gained"], json!([]));
    assert_eq!(points[1]["gained"][0], "P03");
    let faulty = format!("{grid}?gap_shares=0.5&raises=x");
    let reply = world.chair.get(&faulty).send().await.expect(422);
    assert_eq!(reply.faults(), ["/raises share", "/raises out_of_range"]);
    let faulty = format!("{grid}?gap_shares=0.5&raises=0&funder=ZZ");
    let reply = world.chair.get(&faulty).send().await.expect(422);
    assert_eq!(
        reply.faults(),
        ["/funder funder_unknown", "/gap_shares eu_missing"]
    );

    let what_if = world.path("selection/what-if");
    let found = world.observer.read(&what_if).await.json;
    assert_eq!(found["is_a_selection"], false);
    assert_eq!(found["what_if"]["proven"], true);
    let words = found["explanation"].as_str().unwrap();
    assert!(words.starts_with("Only what if, and never a selection"));
    for path in [&outlook, &grid, &what_if] {
        world.coordinator.get(path).send().await.expect(404);
        world.app.client().get(path).send().await.expect(401);
    }
}
