//! Balancing of the first stage: requested against committed, three policies, and the committee's deviations.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::Reply;

#[path = "commitment/world.rs"]
mod world;

use world::World;

fn numbers(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|one| one["number"].as_str().unwrap().to_owned())
        .collect()
}

fn policy<'a>(view: &'a Value, name: &str) -> &'a Value {
    let mut policies = view["policies"].as_array().unwrap().iter();
    policies.find(|one| one["policy"] == name).unwrap()
}

async fn decide(world: &World, invited: &[&str], more: Value) -> Reply {
    let invited: Vec<Value> = invited
        .iter()
        .map(|code| json!({"proposal": world.id_of(code)}))
        .collect();
    let mut body = json!({"invited": invited, "reason": "Meeting of 12 May"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let path = world.path("stages/1/invitations");
    world.secretariat.post(&path).json(&body).send().await
}

fn deviation(world: &World, code: &str, reason: &str) -> Value {
    json!({"proposal": world.id_of(code), "reason": reason})
}

#[tokio::test]
async fn each_policy_says_whom_it_invites_and_why_not_the_others() {
    let world = World::pre_proposals().await;
    let path = world.path("stages/1/balancing");
    let usual = world.chair.read(&path).await.json;
    assert_eq!(
        (&usual["limit_ratio"], &usual["policy"], &usual["eligible"]),
        (&json!("3.00"), &Value::Null, &json!(10))
    );
    assert_eq!(usual["balance"]["total"]["ratio"], "1.54");
    assert_eq!(usual["cannot_spend"], json!([]));
    let found = world
        .chair
        .read(&format!("{path}?limit_ratio=1.0"))
        .await
        .json;
    let aggregate = policy(&found, "aggregate");
    assert_eq!(
        numbers(&aggregate["invited"]),
        ["P01", "P02", "P03", "P04", "P05", "P06"]
    );
    assert_eq!(
        aggregate["left_out"][0]["broken"],
        json!([{"funder": null, "requested": "7300000.00", "most": "6700000.00"}])
    );
    let cut = policy(&found, "per_funder_cut");
    assert_eq!(numbers(&cut["invited"]), ["P01", "P02"]);
    assert_eq!(
        cut["left_out"][0]["broken"],
        json!([{"funder": "DD-DELTA", "requested": "900000.00", "most": "670000.00"}])
    );
    assert_eq!(cut["left_out"][0]["because"], "breaks_limit");
    assert_eq!(cut["left_out"][1]["because"], "below_the_cut");
    let gaps = policy(&found, "per_funder_with_gaps");
    assert_eq!(
        numbers(&gaps["invited"]),
        ["P01", "P02", "P05", "P06", "P08"]
    );
    assert_eq!(
        gaps["cannot_spend"],
        json!(["AA-ALPHA", "BB-BETA", "CC-GAMMA", "DD-DELTA"])
    );
    assert_eq!(gaps["balance"]["total"]["requested"], "5200000.00");
    let plan = world.path("stages/1/invitations?policy=per_funder_with_gaps&limit_ratio=1.0");
    let plan = world.chair.read(&plan).await.json;
    assert_eq!(plan["invited"].as_array().unwrap().len(), 5);
    assert_eq!(plan["policy"], "per_funder_with_gaps");

    let odd = world.chair.get(&format!("{path}?limit_ratio=many"));
    odd.send().await.expect(400);
    world.observer.read(&path).await;
    world.coordinator.get(&path).send().await.expect(404);
    // Who is withdrawn asks nothing any more.
    let row = world.proposals[0].2;
    world
        .app
        .sql(&format!(
            "update proposal_stage set state = 'withdrawn' where id = '{row}'"
        ))
        .await;
    world.app.broken_on_purpose("withdrawn past all rules");
    let left = world.chair.read(&path).await.json;
    assert_eq!(left["eligible"], 9);
    assert_eq!(left["balance"]["total"]["requested"], "9300000.00");
}

#[tokio::test]
async fn what_the_committee_decides_otherwise_has_a_reason() {
    let world = World::pre_proposals().await;
    let chosen = ["P01", "P02", "P03", "P05", "P06"];
    let p03 = deviation(&world, "P03", "The only one on rare diseases");
    let lone = decide(&world, &chosen, json!({"deviations": [p03]})).await;
    assert_eq!(lone.expect(422).faults(), ["/deviations without_policy"]);
    let limit = decide(&world, &chosen, json!({"limit_ratio": "1.0"})).await;
    assert_eq!(limit.expect(422).faults(), ["/limit_ratio without_policy"]);
    let by = |deviations: Value| {
        json!({"policy": "per_funder_with_gaps", "limit_ratio": "1.0", "under_represented": ["DD-DELTA"],
               "deviations": deviations})
    };
    let silent = decide(&world, &chosen, by(json!([]))).await;
    assert_eq!(
        silent.expect(422).faults(),
        [
            "/invited/2/proposal deviation_unexplained",
            "/deviations deviation_unexplained"
        ]
    );
    let p01 = deviation(&world, "P01", "The best");
    let p08 = deviation(&world, "P08", " ");
    let odd = decide(&world, &chosen, by(json!([p03, p01, p08]))).await;
    assert_eq!(
        odd.expect(422).faults(),
        [
            "/deviations/2/reason required",
            "/deviations/1/proposal no_deviation"
        ]
    );
    let p08 = deviation(&world, "P08", "It doubles P05");
    let decided = decide(&world, &chosen, by(json!([p08, p03]))).await;
    let decided = decided.expect(200).json;
    let seen = world.chair.read(&world.path("stages/1/invitations")).await;
    assert_eq!(seen.json, decided);
    assert_eq!(
        (&decided["policy"], &decided["limit_ratio"]),
        (&json!("per_funder_with_gaps"), &json!("1.00"))
    );
    assert_eq!(decided["reason"], "Meeting of 12 May");
    assert_eq!(decided["under_represented"], json!(["DD-DELTA"]));
    assert_eq!(numbers(&decided["deviations"]), ["P03", "P08"]);
    assert_eq!(
        (
            &decided["deviations"][0]["invited"],
            &decided["deviations"][1]["invited"]
        ),
        (&json!(true), &json!(false))
    );
    // What the policies said can be read afterwards.
    let path = world.path("stages/1/balancing?limit_ratio=1.0");
    let found = world.chair.read(&path).await.json;
    let gaps = policy(&found, "per_funder_with_gaps");
    assert_eq!(numbers(&gaps["invited"]).len(), 5);
}

#[tokio::test]
async fn a_conflict_hides_the_proposal_and_leaves_the_sums() {
    let world = World::pre_proposals().await;
    let balancing = world.path("stages/1/balancing");
    let plan = world.path("stages/1/invitations");
    let whole = world.chair.read(&balancing).await.json;
    let second = world.app.person("Sam Substitute").await;
    let call = Some(world.call.as_str());
    let role = access::Role::Secretariat;
    world.app.grant(&second, role, call, None).await;
    world.wall_off(&world.chair, "P05").await;
    world.wall_off(&world.secretariat, "P05").await;
    let seen = world.chair.read(&balancing).await.json;
    assert_eq!(seen["balance"], whole["balance"]);
    for (part, all) in seen["policies"]
        .as_array()
        .unwrap()
        .iter()
        .zip(whole["policies"].as_array().unwrap())
    {
        assert_eq!(part["balance"], all["balance"]);
        for list in ["invited", "left_out"] {
            let mut open = numbers(&all[list]);
            open.retain(|number| number != "P05");
            assert_eq!(numbers(&part[list]), open);
        }
    }
    let planned = world.chair.read(&plan).await;
    assert!(!planned.json.to_string().contains("P05"));
    let apart = decide(&world, &["P01", "P02"], json!({})).await;
    assert_eq!(apart.code(), "conflict_of_interest");
    let invited = json!([{"proposal": world.id_of("P01")}]);
    let body = json!({"invited": invited, "reason": "Meeting of 12 May"});
    second.post(&plan).json(&body).send().await.expect(200);
}

#[tokio::test]
async fn the_policy_of_the_rules_holds_where_none_is_named() {
    let world = World::pre_proposals().await;
    let rule = "update call set rules = jsonb_set(rules, '{funding,first_stage}',
                '{\"policy\": \"per_funder_cut\", \"ratio_max\": \"100\"}')";
    world.app.sql(rule).await;
    let path = world.path("stages/1/balancing");
    let found = world.chair.read(&path).await.json;
    assert_eq!(
        (&found["policy"], &found["limit_ratio"]),
        (&json!("per_funder_cut"), &json!("1.00"))
    );
    let plan = world.chair.read(&world.path("stages/1/invitations")).await;
    assert_eq!(numbers(&plan.json["invited"]), ["P01", "P02"]);
    let more = decide(&world, &["P01", "P02", "P03"], json!({})).await;
    assert_eq!(
        more.expect(422).faults(),
        ["/invited/2/proposal deviation_unexplained"]
    );
    let same = decide(&world, &["P02", "P01"], json!({})).await.expect(200);
    assert_eq!(same.json["policy"], "per_funder_cut");
    assert_eq!(same.json["deviations"], json!([]));
}
