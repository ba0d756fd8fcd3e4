//! A coordinator's way from the draft to the receipt, and what others see of it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{content, draft, open_call, partner, save, submit, submitted};
use serde_json::{Value, json};
use testkit::TestApp;

fn stage(reply: &testkit::Reply) -> Value {
    reply.json["stages"][0].clone()
}

#[tokio::test]
async fn a_coordinator_drafts_checks_submits_and_holds_a_receipt() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let drafts = format!("/calls/{call}/proposals");

    let begun = ada.post(&drafts).send().await.expect(201);
    assert_eq!(begun.json["number"], "JTC2026-001");
    assert_eq!(stage(&begun)["state"], "draft");
    let path = format!("/proposals/{}", begun.id());
    let found = ada.read(&format!("{path}/check")).await;
    let codes: Vec<&Value> = found.json["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["code"])
        .collect();
    assert!(codes.contains(&&json!("acronym_missing")), "{codes:?}");
    let refused = submit(&ada, &path, &begun.etag).await.expect(422);
    assert_eq!(refused.faults().len(), codes.len());

    let saved = save(&ada, &path, &begun.etag, content()).await.expect(200);
    assert_eq!(stage(&saved)["requested"], "480001.50");
    assert_eq!(stage(&saved)["partners"][1]["requested"], "160000.50");
    assert_eq!(ada.read(&path).await.etag, saved.etag);
    let found = ada.read(&format!("{path}/check")).await;
    for nothing in ["faults", "doubts"] {
        assert_eq!(found.json[nothing], json!([]));
    }
    assert_eq!(found.json["parts"].as_array().unwrap().len(), 7);
    let asked = json!({"funder": "FR-ANR", "name": "National Research Agency", "partners": 1,
        "requested": "160000.50", "converted": null});
    assert_eq!(found.json["funders"][2], asked);

    let first = submit(&ada, &path, &saved.etag).await.expect(200);
    assert_eq!(first.json["state"], "submitted");
    let receipt = &first.json["receipt"];
    assert_eq!(receipt["receipt"]["version"], 1);
    assert_eq!(receipt["receipt"]["proposal_number"], 1);
    let digest = receipt["receipt"]["audit_digest"].as_str().unwrap();
    let entry = format!("select action from audit where encode(digest, 'hex') = '{digest}'");
    assert_eq!(app.value(&entry).await, "submit_proposal");

    let now = ada.read(&path).await;
    let edited = save(&ada, &path, &now.etag, json!({"title": "Another title"})).await;
    assert_eq!(stage(&edited.expect(200))["state"], "edited_since");
    let edited = ada.read(&path).await;
    assert_eq!(stage(&edited)["submitted_version"], 1);
    let second = submit(&ada, &path, &edited.etag).await.expect(200);
    assert_eq!(second.json["receipt"]["receipt"]["version"], 2);
    let receipts = ada.read(&format!("{path}/receipts")).await;
    assert_eq!(receipts.json["items"].as_array().unwrap().len(), 2);
    assert_eq!(receipts.json["items"][0], *receipt);

    let mails = app.mails().await;
    let mine = mails
        .iter()
        .filter(|mail| mail.subject().contains("Receipt: JTC2026-001"));
    assert_eq!(mine.count(), 2);
    assert_eq!(app.value("select count(*) from draft_history").await, "3");
}

#[tokio::test]
async fn of_two_clients_that_edit_the_second_merges_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let both = draft(&ada, &call).await;
    let path = format!("/proposals/{}", both.id());
    save(&ada, &path, &both.etag, json!({"title": "From one"}))
        .await
        .expect(200);
    let stale = save(&ada, &path, &both.etag, json!({"acronym": "OTHER"}))
        .await
        .expect(412);
    assert_eq!(stale.code(), "stale_version");
    let current = ada.read(&path).await;
    assert_eq!(stale.etag, current.etag);
    let merged = save(&ada, &path, &current.etag, json!({"acronym": "OTHER"}))
        .await
        .expect(200);
    assert_eq!(stage(&merged)["content"]["title"], "From one");
    assert_eq!(stage(&merged)["content"]["acronym"], "OTHER");
    let missing = ada
        .patch(&path)
        .json(&json!({"acronym": "X"}))
        .send()
        .await
        .expect(428);
    assert_eq!(missing.etag, merged.etag);
    let dry = ada
        .patch(&path)
        .etag(&merged.etag)
        .json(&json!({"acronym": "DRY"}))
        .dry_run();
    assert_eq!(
        stage(&dry.send().await.expect(200))["content"]["acronym"],
        "DRY"
    );
    assert_eq!(ada.read(&path).await.etag, merged.etag);
    let history = "select content ->> 'title' from draft_history where version = 1";
    assert_eq!(app.value(history).await, "Precise dosing by genotype");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    for (patch, pointer) in [
        (json!({"titel": "x"}), "/titel"),
        (json!({"duration_months": "three"}), "/duration_months"),
        (json!({"partners": [{"id": "none"}]}), "/partners/0/id"),
        (json!({"partners": [{"role": "partner"}]}), "/partners/0"),
        (json!(["a list"]), ""),
    ] {
        let refused = save(&ada, &path, &begun.etag, patch.clone())
            .await
            .expect(422);
        assert_eq!(refused.faults(), [format!("{pointer} shape")], "{patch}");
    }
    let nul = save(&ada, &path, &begun.etag, json!({"title": "a\u{0}b"}))
        .await
        .expect(422);
    assert_eq!(nul.faults(), ["/title character_forbidden"]);
    let unknown = json!({"content": {}, "contents": {}});
    ada.post(&format!("/calls/{call}/proposals"))
        .json(&unknown)
        .send()
        .await
        .expect(422);

    let mut partners = json!([
        partner(0, "coordinator", "DE-BMBF"),
        partner(1, "partner", "FR-ANR"),
        partner(2, "partner", "ES-ISCIII")
    ]);
    partners[1]["funding"] = json!({"kind": "undecided"});
    let saved = save(&ada, &path, &begun.etag, json!({ "partners": partners }))
        .await
        .expect(200);
    let refused = submit(&ada, &path, &saved.etag).await.expect(422);
    assert_eq!(refused.code(), "invalid_content");
    assert!(
        refused
            .faults()
            .contains(&"/partners/1/funding funder_missing".to_owned()),
        "{:?}",
        refused.faults()
    );
    assert_eq!(app.value("select count(*) from submission").await, "0");
    ada.post(&format!("{path}/submit")).send().await.expect(428);
    submit(&ada, &path, &begun.etag).await.expect(412);
}

#[tokio::test]
async fn who_edits_and_goes_back_has_submitted_what_stands() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, first) = submitted(&ada, &call).await;
    for title in ["Another", "Precise dosing by genotype"] {
        let now = ada.read(&path).await;
        save(&ada, &path, &now.etag, json!({ "title": title }))
            .await
            .expect(200);
    }
    let now = ada.read(&path).await;
    assert_eq!(stage(&now)["state"], "edited_since");
    let again = submit(&ada, &path, &now.etag).await.expect(200);
    assert_eq!(again.json, first.json);
    assert_eq!(stage(&ada.read(&path).await)["state"], "submitted");
    assert_eq!(app.value("select count(*) from submission").await, "1");
}

#[tokio::test]
async fn an_idempotency_key_starts_one_proposal() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let path = format!("/calls/{call}/proposals");
    let body = json!({ "content": content() });
    let one = ada
        .post(&path)
        .key("a")
        .json(&body)
        .send()
        .await
        .expect(201);
    let same = ada.post(&path).key("a").json(&body).send().await;
    assert_eq!(same.json, one.json);
    ada.post(&path)
        .key("a")
        .json(&json!({}))
        .send()
        .await
        .expect(422);
    ada.post(&path)
        .json(&body)
        .dry_run()
        .send()
        .await
        .expect(200);
    let list = ada.read(&path).await;
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1);
    let next = ada.post(&path).send().await.expect(201);
    assert_eq!(next.json["number"], "JTC2026-002");
    let page = ada.read(&format!("{path}?limit=1")).await;
    assert_eq!(page.json["items"][0]["number"], "JTC2026-001");
    let cursor = page.json["next"].as_str().unwrap();
    let page = ada.read(&format!("{path}?limit=1&cursor={cursor}")).await;
    assert_eq!(page.json["items"][0]["number"], "JTC2026-002");
}

#[tokio::test]
async fn a_receipt_verifies_and_a_changed_one_does_not() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (_, submitted) = submitted(&ada, &call).await;
    let anybody = app.client();
    let signed = submitted.json["receipt"].clone();
    let verify = async |signed: &Value| {
        let reply = anybody.post("/receipts/verify").json(signed).send().await;
        reply.expect(200).json["valid"].clone()
    };
    assert_eq!(verify(&signed).await, true);
    for (field, value) in [
        ("version", json!(2)),
        ("content_sha256", json!("00")),
        ("submitted_at", json!("2026-01-01T00:00:00.000000Z")),
        ("key_id", json!("0011223344556677")),
    ] {
        let mut changed = signed.clone();
        changed["receipt"][field] = value;
        assert_eq!(verify(&changed).await, false, "{field}");
    }
    let mut broken = signed.clone();
    broken["signature"] = json!("zz");
    assert_eq!(verify(&broken).await, false);
    // The page for people takes a receipt by itself, and the whole answer to the submission.
    let page = async |pasted: &str| {
        let form = serde_urlencoded::to_string([("receipt", pasted)]).unwrap();
        let post = anybody.post("//receipt");
        let page = post
            .body("application/x-www-form-urlencoded", form)
            .send()
            .await;
        String::from_utf8(page.expect(200).body).unwrap()
    };
    for genuine in [&signed, &submitted.json] {
        let page = page(&genuine.to_string()).await;
        assert!(
            page.contains("Genuine.") && !page.contains("Not genuine."),
            "{page}"
        );
    }
    for (pasted, said) in [
        (broken.to_string(), "Not genuine."),
        ("<script>".to_owned(), "could not be read as a receipt"),
    ] {
        let page = page(&pasted).await;
        assert!(page.contains(said) && !page.contains("<script>"), "{page}");
    }
    let key = anybody.read("/installation/key").await;
    assert_eq!(key.json["key_id"], signed["receipt"]["key_id"]);
    assert_eq!(key.json["public_key"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn before_the_deadline_the_consortium_alone_reads_and_after_it_who_may() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let bob = app.person("Bob").await;
    let (path, _) = submitted(&ada, &call).await;
    let unsubmitted = draft(&bob, &call).await;
    let bmbf = app.person("Bmbf").await;
    app.grant(&bmbf, Role::ContactPerson, Some(&call), Some("DE-BMBF"))
        .await;
    app.sql(&format!(
        "insert into participation (id, call_id, organisation_id, commitment)
         select gen_random_uuid(), '{call}', id, 0 from organisation where key = 'SE-VINNOVA'"
    ))
    .await;
    let vinnova = app.person("Vinnova").await;
    app.grant(
        &vinnova,
        Role::ContactPerson,
        Some(&call),
        Some("SE-VINNOVA"),
    )
    .await;
    let observer = app.person("Observer").await;
    app.grant(&observer, Role::Observer, Some(&call), None)
        .await;
    let list = format!("/calls/{call}/proposals");
    let counts = format!("/calls/{call}/stages/1/counts");

    app.client().get(&path).send().await.expect(401);
    for stranger in [&office, &bmbf, &vinnova, &observer, &bob] {
        stranger.get(&path).send().await.expect(404);
    }
    for other in [&office, &bmbf, &observer] {
        assert_eq!(other.read(&list).await.json["items"], json!([]));
    }
    let counted = office.read(&counts).await;
    assert_eq!(
        (&counted.json["drafts"], &counted.json["submitted"]),
        (&json!(1), &json!(1))
    );
    bmbf.get(&counts).send().await.expect(403);
    bob.get(&counts).send().await.expect(403);
    office
        .get(&format!("{path}/receipts"))
        .send()
        .await
        .expect(404);

    app.close_stage(&call, 1).await;
    let seen = office.read(&path).await;
    assert_eq!(stage(&seen)["state"], "locked");
    assert_eq!(stage(&seen)["content"]["acronym"], "PRECISE");
    observer.read(&path).await;
    bmbf.read(&path).await;
    vinnova.get(&path).send().await.expect(404);
    bob.get(&path).send().await.expect(404);
    let lapsed = format!("/proposals/{}", unsubmitted.id());
    office.get(&lapsed).send().await.expect(404);
    assert_eq!(stage(&bob.read(&lapsed).await)["state"], "lapsed");
    let listed = bmbf
        .read(&format!("{list}?funder=DE-BMBF&state=locked"))
        .await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
    let none = bmbf.read(&format!("{list}?funder=SE-VINNOVA")).await;
    assert_eq!(none.json["items"], json!([]));
}

#[tokio::test]
async fn a_withdrawal_tells_the_secretariat_what_was_submitted() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    let now = ada.read(&path).await;
    let withdraw = format!("{path}/withdraw");
    let empty = json!({"reason": " "});
    ada.post(&withdraw)
        .etag(&now.etag)
        .json(&empty)
        .send()
        .await
        .expect(422);
    let reason = json!({"reason": "The group moves away"});
    let gone = ada
        .post(&withdraw)
        .etag(&now.etag)
        .json(&reason)
        .send()
        .await
        .expect(200);
    assert_eq!(stage(&gone)["state"], "withdrawn");
    save(&ada, &path, &gone.etag, json!({"title": "x"}))
        .await
        .expect(409);
    let mails = app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().contains("withdrawn"));
    assert_eq!(told.count(), 1);
    app.close_stage(&call, 1).await;
    assert_eq!(app.value("select count(*) from partner").await, "0");
}
