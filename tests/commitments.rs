//! What funders commit: indicative and on availability of funds, signed, in their own currency, and in a frozen budget.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World};

/// Puts a commitment of one of the funders, over whatever there is.
async fn pledge(world: &World, who: &Client, at: usize, body: Value) -> Reply {
    let path = world.path(&format!("funders/{}/commitment", FUNDERS[at].0));
    who.put(&path).etag("*").json(&body).send().await
}

fn indicative(amount: &str) -> Value {
    json!({"amount": amount, "reason": "Another letter"})
}

/// Files a signed document of one of the funders; answers its SHA-256.
async fn signed(world: &World, at: usize) -> String {
    let path = world.path(&format!("funders/{}/commitment/documents", FUNDERS[at].0));
    let by = "signed_by=Maria%20Muster&signed_as=Head%20of%20division&signed_on=2026-06-30";
    let post = world.signatories[at].post(&format!("{path}?{by}"));
    let filed = post.body("application/pdf", pdf(FUNDERS[at].0)).send();
    let filed = filed.await.expect(201);
    filed.json["sha256"].as_str().unwrap().to_owned()
}

fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{words}\n%%EOF\n").into_bytes()
}

fn available(amount: &str, document: &str) -> Value {
    json!({"kind": "availability", "amount": amount, "document": document, "reason": "Signed for the selected projects"})
}

/// What one of the funders commits, as somebody reads it.
async fn read(world: &World, who: &Client, at: usize) -> Value {
    let all = who.read(&world.path("commitments")).await.json;
    let funders = all["funders"].as_array().unwrap().iter();
    let mut own = funders.filter(|one| one["organisation"] == FUNDERS[at].0);
    own.next().unwrap()["commitment"].clone()
}

#[tokio::test]
async fn a_commitment_is_made_in_the_funders_own_currency() {
    let world = World::ranked().await;
    let rate = "update participation p set terms = '{\"currency\": \"PLN\", \"rate\": \"4.4373\"}' from organisation o
                where o.id = p.organisation_id and o.key = 'DD-DELTA'";
    world.app.sql(rate).await;
    let own = |amount: &str| json!({"own_amount": amount, "reason": "Letter of commitment"});
    let delta = &world.signatories[3];
    let refused = pledge(&world, &world.signatories[0], 0, own("3000000.00")).await;
    assert_eq!(refused.expect(422).faults(), ["/own_amount no_rate"]);
    let both = json!({"own_amount": "1.00", "amount": "1.00", "reason": " "});
    let refused = pledge(&world, delta, 3, both).await;
    assert_eq!(
        refused.expect(422).faults(),
        ["/amount one_amount", "/reason required"]
    );
    pledge(&world, delta, 3, own("3000000.00"))
        .await
        .expect(200);
    let seen = read(&world, &world.chair, 3).await;
    assert_eq!(seen["amount"], "676086.80");
    assert_eq!(seen["history"][1]["amount"], "676086.80");
    assert_eq!(
        seen["history"][1]["own"],
        json!({"amount": "3000000.00", "currency": "PLN", "rate": "4.4373"})
    );
    assert_eq!(seen["history"][0]["own"], Value::Null);
}

#[tokio::test]
async fn availability_of_funds_is_committed_with_a_signature() {
    let world = World::ranked().await;
    let alpha = &world.signatories[0];
    let documents = world.path("funders/AA-ALPHA/commitment/documents");
    let nobody = alpha.post(&documents).body("application/pdf", pdf("x"));
    assert_eq!(
        nobody.send().await.expect(422).faults(),
        [
            "/signed_by required",
            "/signed_as required",
            "/signed_on required"
        ]
    );
    let by = "signed_by=M&signed_as=H&signed_on=2097-01-01";
    let to_come = alpha.post(&format!("{documents}?{by}"));
    let to_come = to_come.body("application/pdf", b"no PDF".to_vec());
    assert_eq!(
        to_come.send().await.expect(422).faults(),
        ["/signed_on in_the_future", " other_format"]
    );
    let text = alpha.post(&format!("{documents}?{by}"));
    text.body("text/plain", "Signed").send().await.expect(415);

    let none = json!({"kind": "availability", "amount": "2000000.00", "reason": "By mail"});
    let refused = pledge(&world, alpha, 0, none).await.expect(422);
    assert_eq!(refused.faults(), ["/document document_required"]);
    let strange = available("2000000.00", &"0".repeat(64));
    let refused = pledge(&world, alpha, 0, strange).await.expect(422);
    assert_eq!(refused.faults(), ["/document document_unknown"]);
    let sha256 = signed(&world, 0).await;
    let again = alpha.post(&format!(
        "{documents}?signed_by=M&signed_as=H&signed_on=2026-01-01"
    ));
    let again = again.body("application/pdf", pdf("AA-ALPHA"));
    assert_eq!(again.send().await.expect(422).faults(), [" taken"]);
    let more = available("2680000.01", &sha256);
    let refused = pledge(&world, alpha, 0, more).await.expect(422);
    assert_eq!(refused.faults(), ["/amount above_commitment"]);
    let enough = available("2100000.00", &sha256);
    pledge(&world, alpha, 0, enough).await.expect(200);
    let less = pledge(&world, alpha, 0, indicative("2099999.99")).await;
    assert_eq!(less.expect(422).faults(), ["/amount below_available"]);
    pledge(&world, alpha, 0, indicative("2100000.00"))
        .await
        .expect(200);

    // The whole committee, the secretariat and the observer read the same; nobody else anything.
    let seen = read(&world, &world.signatories[2], 0).await;
    for who in [&world.secretariat, &world.chair, &world.observer, alpha] {
        assert_eq!(read(&world, who, 0).await, seen);
    }
    assert_eq!(
        (&seen["amount"], &seen["available"], &seen["decided"]),
        (&json!("2100000.00"), &json!("2100000.00"), &json!("0.00"))
    );
    let kinds: Vec<&Value> = seen["history"].as_array().unwrap().iter().collect();
    let kinds: Vec<_> = kinds.iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, ["indicative", "availability", "indicative"]);
    assert_eq!(seen["history"][1]["document"], json!(sha256));
    assert_eq!(seen["documents"][0]["signed_by"], "Maria Muster");
    assert_eq!(seen["documents"][0]["signed_on"], "2026-06-30");
    let file = format!("{documents}/{sha256}");
    assert_eq!(world.signatories[2].read(&file).await.body, pdf("AA-ALPHA"));
    for path in [&file, &world.path("commitments")] {
        world.coordinator.get(path).send().await.expect(403);
        world.app.client().get(path).send().await.expect(401);
    }
    let other = pledge(&world, &world.signatories[1], 0, indicative("1.00")).await;
    other.expect(404);
}

#[tokio::test]
async fn no_more_is_decided_than_was_signed_for() {
    let world = World::ranked().await;
    let alpha = &world.signatories[0];
    let sha256 = signed(&world, 0).await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..3).await;
    pledge(&world, alpha, 0, available("1999999.99", &sha256))
        .await
        .expect(200);
    let line = format!("{selection}/lines/DD-DELTA");
    let accept = || async {
        let etag = world.signatories[3].read(&line).await.etag;
        let accept = world.signatories[3].post(&format!("{line}/accept"));
        accept.etag(&etag).send().await
    };
    let refused = accept().await.expect(409);
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(
        detail.contains("AA-ALPHA has signed 1999999.99"),
        "{detail}"
    );
    pledge(&world, alpha, 0, available("2000000.00", &sha256))
        .await
        .expect(200);
    assert_eq!(accept().await.expect(200).json["state"], "final");
    let less = pledge(&world, alpha, 0, available("1999999.99", &sha256)).await;
    assert_eq!(less.expect(422).faults(), ["/amount below_decided"]);
    let less = pledge(&world, alpha, 0, indicative("1999999.99")).await;
    assert_eq!(less.expect(422).faults(), ["/amount below_decided"]);
    let broken = "update participation set available = decided - 1 where available is not null";
    assert!(
        testkit::database::execute(&world.app.database_url(store::cluster::SUPERUSER), broken)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_frozen_budget_is_raised_or_unfrozen_for_one_change() {
    let world = World::ranked().await;
    let alpha = &world.signatories[0];
    let unfreeze = |who: &Client| {
        let path = world.path("funders/AA-ALPHA/commitment/unfreeze");
        let post = who.post(&path).etag("*");
        post.json(&json!({"reason": "Agreed at the meeting"}))
            .send()
    };
    unfreeze(&world.secretariat).await.expect(409);
    let freeze = json!([{"kind": "budget_freeze", "note": "", "at": {"at": "2026-01-01T00:00:00Z",
        "zone": "Europe/Paris", "label": "1 January 2026"}}]);
    world
        .app
        .sql(&format!("update call set milestones = '{freeze}'"))
        .await;
    let all = alpha.read(&world.path("commitments")).await.json;
    assert_eq!(
        (&all["freeze"]["frozen"], &all["freeze"]["after_freeze"]),
        (&json!(true), &json!("raise_only"))
    );
    assert_eq!(all["committed"], "6700000.00");
    let lower = || pledge(&world, alpha, 0, indicative("2600000.00"));
    assert_eq!(
        lower().await.expect(422).faults(),
        ["/amount budget_frozen"]
    );
    pledge(&world, alpha, 0, indicative("2700000.00"))
        .await
        .expect(200);
    unfreeze(alpha).await.expect(403);
    unfreeze(&world.chair).await.expect(200);
    unfreeze(&world.secretariat).await.expect(409);
    // A raise does not use it up.
    pledge(&world, alpha, 0, indicative("2700000.01"))
        .await
        .expect(200);
    lower().await.expect(200);
    let seen = read(&world, &world.observer, 0).await;
    let unfrozen: Vec<&Value> = seen["history"].as_array().unwrap().iter().collect();
    let unfrozen: Vec<_> = unfrozen.iter().map(|one| one["unfrozen"].clone()).collect();
    assert_eq!(unfrozen, [false, false, false, true]);
    assert_eq!(seen["unfreezings"][0]["used"], true);
    let rule = "update call set rules = jsonb_set(rules, '{funding,commitments,after_freeze}', '\"unfreezing\"')";
    world.app.sql(rule).await;
    let raise = pledge(&world, alpha, 0, indicative("2800000.00")).await;
    assert_eq!(raise.expect(422).faults(), ["/amount budget_frozen"]);
}

#[tokio::test]
async fn a_funders_note_is_its_own() {
    let world = World::ranked().await;
    let path = world.path("funders/AA-ALPHA/commitment/note");
    let alpha = &world.signatories[0];
    let note = json!({"text": "The ministry lets us go up to 2.8 million"});
    let empty = alpha.read(&path).await;
    assert_eq!(empty.json, json!({"text": ""}));
    let write = |who: &Client, etag: &str| who.put(&path).etag(etag).json(&note).send();
    write(alpha, &empty.etag).await.expect(200);
    write(alpha, &empty.etag).await.expect(412);
    assert_eq!(alpha.read(&path).await.json, note);
    for who in [
        &world.signatories[1],
        &world.secretariat,
        &world.chair,
        &world.observer,
        &world.coordinator,
    ] {
        who.get(&path).send().await.expect(404);
        write(who, "*").await.expect(404);
    }
    let told = "select count(*) from audit where detail::text like '%ministry%' or action like '%commitment_note%'";
    assert_eq!(world.app.value(told).await, "0");
}
