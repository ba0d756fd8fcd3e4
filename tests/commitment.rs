//! From the ranking to the letters: balance, invitations, selection, its lines, the audit trail.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World, adoption};

fn texts(value: &Value) -> Vec<&str> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_worked_case_is_selected_with_its_reasons() {
    let world = World::ranked().await;
    let balance = world.path("stages/2/balance");
    let balance = world.signatories[0].read(&balance).await.json;
    assert_eq!(balance["funders"][3]["requested"], "1500000.00");
    assert_eq!(balance["funders"][3]["ratio"], "2.24");
    let path = world.path("selection");
    let dry = world.secretariat.post(&path).dry_run().send().await;
    dry.expect(200);
    world.secretariat.get(&path).send().await.expect(404);

    let reply = world.secretariat.post(&path).send().await.expect(201);
    let selected = texts(&reply.json["selected"]);
    assert_eq!(selected, ["P01", "P02", "P05", "P06", "P08"]);
    let explanation = texts(&reply.json["explanation"]);
    assert_eq!(
        explanation[0],
        "5 proposals are funded: P01, P02, P05, P06 and P08."
    );
    assert!(explanation[5].contains("DD-DELTA lacks 230000.00 EUR"));
    let lines = reply.json["lines"].as_array().unwrap();
    let amounts: Vec<&str> = lines
        .iter()
        .map(|line| line["national"].as_str().unwrap())
        .collect();
    assert_eq!(
        amounts,
        ["2000000.00", "1700000.00", "900000.00", "600000.00"]
    );
    assert_eq!(lines[3]["projects"].as_array().unwrap().len(), 2);

    let one = format!("/selections/{}", reply.id());
    for viewer in [&world.secretariat, &world.chair, &world.observer] {
        assert_eq!(viewer.read(&path).await.json["number"], 1);
    }
    let stranger = world.app.person("Stranger").await;
    let panel = world.app.person("Panel Chair").await;
    let role = access::Role::PanelChair;
    world.app.grant(&panel, role, Some(&world.call), None).await;
    for (viewer, status) in [
        (&world.app.client(), 401),
        (&stranger, 404),
        (&world.coordinator, 404),
        (&panel, 404),
    ] {
        for path in [&path, &one, &format!("{one}/lines/AA-ALPHA")] {
            viewer.get(path).send().await.expect(status);
        }
    }
    let forbidden = world.observer.post(&path).send().await;
    forbidden.expect(403);
}

#[tokio::test]
async fn a_selection_needs_every_verdict_and_a_ranked_stage() {
    let world = World::ranked().await;
    world
        .app
        .broken_on_purpose("a verdict is taken back after the ranking, and the ranking too");
    let row = world.proposals[3].2;
    world
        .app
        .sql(&format!("update eligibility set state = 'open', fundable = null where proposal_stage_id = '{row}'"))
        .await;
    let path = world.path("selection");
    let reply = world.secretariat.post(&path).send().await.expect(422);
    assert_eq!(reply.faults(), ["/proposals eligibility_open"; 3]);
    let stage = world.stage;
    world
        .app
        .sql(&format!(
            "update stage set state = 'panel' where id = '{stage}'"
        ))
        .await;
    let reply = world.secretariat.post(&path).send().await.expect(409);
    assert_eq!(reply.code(), "state_conflict");
}

#[tokio::test]
async fn two_fresh_people_decide_and_nobody_decides_on_what_was_not_read() {
    let world = World::ranked().await;
    let selection = world.propose().await;
    let adopt = format!("{selection}/adopt");
    let post = |body: &Value| world.secretariat.post(&adopt).json(body);
    let etag = world.secretariat.read(&selection).await.etag;
    post(&adoption()).send().await.expect(428);
    post(&adoption()).etag("\"old\"").send().await.expect(412);
    let mut lost = adoption();
    lost["attendance"] = json!(["AA-ALPHA"]);
    lost["votes"] = json!([{ "member": "AA-ALPHA", "vote": "against" }]);
    let reply = post(&lost).etag(&etag).send().await.expect(422);
    assert_eq!(
        reply.faults(),
        ["/attendance no_quorum", "/votes not_carried"]
    );

    let token = world.secretariat.account.unwrap();
    let age = format!(
        "update token set authenticated_at = clock_timestamp() - interval '1 day' where account_id = '{token}'"
    );
    world.app.sql(&age).await;
    let reply = post(&adoption()).etag(&etag).send().await.expect(403);
    assert_eq!(reply.code(), "fresh_login_required");
    // Nor does an old session put another selection in its place.
    let anew = world.secretariat.post(&world.path("selection"));
    let reply = anew.send().await.expect(403);
    assert_eq!(reply.code(), "fresh_login_required");
    let reason = json!({ "cause": "withdrawal", "reason": "It was withdrawn" });
    let amend = world.secretariat.post(&format!("{selection}/amend"));
    let reply = amend.etag(&etag).json(&reason).send().await.expect(403);
    assert_eq!(reply.code(), "fresh_login_required");
    let young = age.replace(" - interval '1 day'", "");
    world.app.sql(&young).await;

    let confirm = format!("{selection}/confirm");
    let early = world.chair.post(&confirm).etag(&etag).send().await;
    assert_eq!(early.expect(409).code(), "state_conflict");
    let adopted = post(&adoption()).etag(&etag).send().await.expect(200);
    assert_eq!(adopted.json["state"], "adopted");
    assert_eq!(adopted.json["adoption"]["votes"][3]["vote"], "abstain");

    // Both roles in one hand are still one person.
    let both = Some(world.call.as_str());
    let role = access::Role::CscChair;
    world.app.grant(&world.secretariat, role, both, None).await;
    let own = world
        .secretariat
        .post(&confirm)
        .etag(&adopted.etag)
        .send()
        .await;
    assert_eq!(own.expect(403).code(), "forbidden");
    let stale = world.chair.post(&confirm).etag(&etag).send().await;
    let stale = stale.expect(412);
    assert_eq!(stale.etag, adopted.etag);
    let confirmed = world.chair.post(&confirm).etag(&stale.etag).send().await;
    assert_eq!(confirmed.expect(200).json["state"], "confirmed");

    let mails = world.app.mails().await;
    let to = |text: &str| {
        mails
            .iter()
            .filter(|mail| mail.subject().contains(text))
            .count()
    };
    assert_eq!(to("Please confirm the selection"), 1);
    assert_eq!(to("Please accept your funding lines"), 4);
}

#[tokio::test]
async fn a_refused_line_keeps_it_open_until_another_is_proposed() {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..3).await;
    let line = format!("{selection}/lines/DD-DELTA");
    let etag = world.signatories[3].read(&line).await.etag;
    let refuse = |body: Value| {
        let path = format!("{line}/refuse");
        world.signatories[3].post(&path).etag(&etag).json(&body)
    };
    let other = world.signatories[0]
        .post(&format!("{line}/accept"))
        .etag(&etag);
    other.send().await.expect(403);
    refuse(json!({ "reason": " " })).send().await.expect(422);
    let refused = refuse(json!({ "reason": "The ministry froze it" }))
        .send()
        .await;
    let refused = refused.expect(200).json;
    assert_eq!(refused["state"], "confirmed");
    assert!(
        refused["next"]
            .as_str()
            .unwrap()
            .contains("DD-DELTA refused")
    );
    let again = world.signatories[3]
        .post(&format!("{line}/accept"))
        .etag("*");
    again.send().await.expect(409);
    let decided = "select sum(decided) from participation";
    assert_eq!(world.app.value(decided).await, "0");

    let second = world.propose().await;
    assert_eq!(world.secretariat.read(&second).await.json["number"], 2);
    assert_eq!(
        world.secretariat.read(&selection).await.json["state"],
        "amended"
    );
}

#[tokio::test]
async fn two_signatories_at_once_make_one_final_decision() {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..2).await;
    let line = |at: usize| format!("{selection}/lines/{}", FUNDERS[at].0);
    let c = world.signatories[2].read(&line(2)).await.etag;
    let d = world.signatories[3].read(&line(3)).await.etag;
    let accept = |at: usize, etag: &str| {
        let path = format!("{}/accept", line(at));
        world.signatories[at].post(&path).etag(etag).send()
    };
    let (c, d) = tokio::join!(accept(2, &c), accept(3, &d));
    let states = [
        c.expect(200).json["state"].clone(),
        d.expect(200).json["state"].clone(),
    ];
    assert!(states.contains(&json!("final")) && states.contains(&json!("confirmed")));
    let value = |sql: &'static str| world.app.value(sql);
    assert_eq!(
        value("select count(*) from sealed.selection where state = 'final'").await,
        "1"
    );
    assert_eq!(
        value("select string_agg(decided::text, ' ' order by commitment desc) from participation")
            .await,
        "200000000 170000000 90000000 60000000"
    );
    assert_eq!(value("select state from call").await, "selected");
    assert_eq!(
        value("select state from stage where number = 2").await,
        "decided"
    );
    let outcomes = "select string_agg(state || ':' || n, ' ' order by state) from
        (select state, count(*) n from sealed.outcome group by state) q";
    assert_eq!(value(outcomes).await, "reserve:5 selected:5");

    // What is decided is bound: no pledge goes below it, nothing is selected anew, the table says no.
    let funders = world.path("funders");
    let etag = world.signatories[3].read(&funders).await.etag;
    let pledge = world.signatories[3].put(&format!("{funders}/DD-DELTA/commitment"));
    let less = json!({ "amount": "599999.99", "reason": "Cut" });
    let reply = pledge.etag(&etag).json(&less).send().await.expect(422);
    assert_eq!(reply.faults(), ["/amount below_decided"]);
    let anew = world
        .secretariat
        .post(&world.path("selection"))
        .send()
        .await;
    anew.expect(409);
    let sql = "with broken as (select 1 from participation where decided > commitment) select count(*) from broken";
    assert_eq!(value(sql).await, "0");
}

#[tokio::test]
async fn a_commitment_lowered_meanwhile_stops_the_last_signature_and_nothing_is_half_done() {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..3).await;
    let funders = world.path("funders");
    let etag = world.signatories[0].read(&funders).await.etag;
    let pledge = world.signatories[0].put(&format!("{funders}/AA-ALPHA/commitment"));
    let less = json!({ "amount": "1999999.99", "reason": "Cut" });
    pledge.etag(&etag).json(&less).send().await.expect(200);
    let line = format!("{selection}/lines/DD-DELTA");
    let etag = world.signatories[3].read(&line).await.etag;
    let accept = world.signatories[3]
        .post(&format!("{line}/accept"))
        .etag(&etag);
    let reply = accept.send().await.expect(409);
    assert!(
        reply.json["detail"]
            .as_str()
            .unwrap()
            .contains("AA-ALPHA has 1999999.99")
    );
    let after = world.signatories[3].read(&line).await;
    assert_eq!(
        (after.etag.as_str(), &after.json["state"]),
        (etag.as_str(), &json!("open"))
    );
    assert_eq!(
        world
            .app
            .value("select sum(decided) from participation")
            .await,
        "0"
    );
}
