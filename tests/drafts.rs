//! The history of a draft, the help for who edits a version that is not the last, and withdrawals undone.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use proposals::{content, draft, open_call, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

fn stage(reply: &Reply) -> Value {
    reply.json["stages"][0].clone()
}

/// Saves over whatever is there.
async fn write(who: &Client, path: &str, patch: Value) -> Reply {
    let now = who.read(path).await;
    save(who, path, &now.etag, patch).await.expect(200)
}

#[tokio::test]
async fn who_saves_over_another_version_is_told_both_sides_of_what_it_touched() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    let mut partners = content()["partners"].clone();
    partners[1]["budget"]["travel"] = json!(["7.00"]);
    let theirs = json!({"title": "Theirs", "abstract": "Theirs", "partners": partners});
    write(&ada, &path, theirs).await;

    let mut partners = content()["partners"].clone();
    partners[1]["organisation"] = json!("Mine");
    let mine = json!({"title": "Mine", "acronym": "MINE", "texts": {"summary": null}, "partners": partners});
    let stale = save(&ada, &path, &begun.etag, mine.clone())
        .await
        .expect(412);
    let mut fields = stale.json["merge"]["fields"].as_array().unwrap().clone();
    fields.sort_by_key(|field| field["pointer"].to_string());
    assert_eq!(
        fields,
        [
            json!({"pointer": "/acronym", "yours": "MINE", "theirs": "PRECISE", "base": "PRECISE"}),
            json!({"pointer": "/partners/1/organisation", "yours": "Mine", "theirs": "Institute 1", "base": "Institute 1"}),
            json!({"pointer": "/texts/summary", "theirs": "A summary.", "base": "A summary."}),
            json!({"pointer": "/title", "yours": "Mine", "theirs": "Theirs", "base": "Precise dosing by genotype"}),
        ]
    );
    assert_eq!(stale.json["merge"]["base_known"], true);

    // The version is found again after it was submitted and written on.
    let seen = ada.read(&path).await;
    submit(&ada, &path, &seen.etag).await.expect(200);
    let submitted = ada.read(&path).await;
    write(&ada, &path, json!({"acronym": "LATER"})).await;
    for etag in [&seen.etag, &submitted.etag] {
        let stale = save(&ada, &path, etag, json!({"acronym": "MINE"})).await;
        let field = &stale.expect(412).json["merge"]["fields"][0];
        let told =
            json!({"pointer": "/acronym", "yours": "MINE", "theirs": "LATER", "base": "PRECISE"});
        assert_eq!(*field, told);
    }
    // What was never seen is no base, and what cannot be read is compared with nothing.
    let unknown = save(&ada, &path, "\"other\"", json!({"acronym": "MINE"}))
        .await
        .expect(412);
    let told = json!({"base_known": false, "fields": [{"pointer": "/acronym", "yours": "MINE", "theirs": "LATER"}]});
    assert_eq!(unknown.json["merge"], told);
    let misshapen = save(&ada, &path, &seen.etag, json!({"acronym": 7})).await;
    assert_eq!(misshapen.expect(412).json["merge"], Value::Null);
    let missing = ada.patch(&path).json(&mine).send().await.expect(428);
    assert_eq!(missing.json["merge"], Value::Null);
}

#[tokio::test]
async fn every_version_can_be_listed_read_compared_and_restored() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    write(&ada, &path, json!({"title": "Second"})).await;
    write(&ada, &path, json!({"title": "Third", "acronym": "THIRD"})).await;
    let history = format!("{path}/history");

    let list = ada.read(&history).await;
    let items = list.json["items"].as_array().unwrap();
    let told = |at: usize| (items[at]["version"].clone(), items[at]["changed"].clone());
    assert_eq!(told(0), (json!(3), json!(["/acronym", "/title"])));
    assert_eq!(told(1), (json!(2), json!(["/title"])));
    assert_eq!(told(2), (json!(1), json!([])));
    assert_eq!(items[0]["saved_by"], "Ada");
    let page = ada.read(&format!("{history}?limit=2")).await;
    assert_eq!(page.json["next"], "1");
    assert!(
        page.header("link").contains("cursor=1"),
        "{}",
        page.header("link")
    );
    let rest = ada.read(&format!("{history}?limit=2&cursor=1")).await;
    assert_eq!(rest.json["items"][0]["version"], 1);
    assert_eq!(rest.json["next"], Value::Null);

    let first = ada.read(&format!("{history}/1")).await;
    assert_eq!(first.json["content"]["title"], "Precise dosing by genotype");
    assert_eq!(first.json["differences"], json!([]));
    let compared = ada.read(&format!("{history}/3?against=2")).await;
    assert_eq!(
        compared.json["differences"],
        json!([
            {"pointer": "/acronym", "before": "PRECISE", "after": "THIRD"},
            {"pointer": "/title", "before": "Second", "after": "Third"},
        ])
    );
    for absent in ["0", "4", "1?against=9"] {
        ada.get(&format!("{history}/{absent}"))
            .send()
            .await
            .expect(404);
    }
    ada.get(&format!("{history}/first"))
        .send()
        .await
        .expect(400);

    let now = ada.read(&path).await;
    let restore = |etag: &str| ada.post(&format!("{history}/1/restore")).etag(etag);
    restore(&begun.etag).send().await.expect(412);
    ada.post(&format!("{history}/1/restore"))
        .send()
        .await
        .expect(428);
    restore(&now.etag).dry_run().send().await.expect(200);
    assert_eq!(ada.read(&path).await.etag, now.etag);
    let restored = restore(&now.etag).send().await.expect(200);
    assert_eq!(restored.json, begun.json);
    let list = ada.read(&history).await;
    assert_eq!(list.json["items"][0]["version"], 4);
    assert_eq!(
        list.json["items"][0]["changed"],
        json!(["/acronym", "/title"])
    );
    let absent = ada
        .post(&format!("{history}/9/restore"))
        .etag(&restored.etag);
    absent.send().await.expect(404);

    // A submitted version stays what it was, whatever is restored after it.
    submit(&ada, &path, &restored.etag).await.expect(200);
    let now = ada.read(&path).await;
    let third = ada.post(&format!("{history}/3/restore")).etag(&now.etag);
    assert_eq!(
        stage(&third.send().await.expect(200))["state"],
        "edited_since"
    );
    let now = ada.read(&path).await;
    let first = ada.post(&format!("{history}/1/restore")).etag(&now.etag);
    first.send().await.expect(200);

    for (other, status) in [(&office, 403), (&bob, 404)] {
        other.get(&history).send().await.expect(404);
        other.get(&format!("{history}/1")).send().await.expect(404);
        let refused = other.post(&format!("{history}/1/restore")).etag("*");
        refused.send().await.expect(status);
    }
    app.client().get(&history).send().await.expect(401);
    app.close_stage(&call, 1).await;
    let late = ada.post(&format!("{history}/3/restore")).etag("*");
    assert_eq!(late.send().await.expect(409).code(), "deadline_passed");
    ada.read(&history).await;
    office.get(&history).send().await.expect(404);
}

async fn withdraw(who: &Client, path: &str) -> Reply {
    let reason = json!({"reason": "The group moves away"});
    let now = who.read(path).await;
    let withdraw = who.post(&format!("{path}/withdraw")).etag(&now.etag);
    withdraw.json(&reason).send().await.expect(200)
}

#[tokio::test]
async fn a_withdrawal_is_undone_until_the_deadline_and_what_was_submitted_counts_again() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let (path, _) = submitted(&ada, &call).await;
    let reinstate = format!("{path}/reinstate");
    let seen = ada.read(&path).await;
    let not_withdrawn = ada
        .post(&reinstate)
        .etag(&seen.etag)
        .send()
        .await
        .expect(409);
    assert_eq!(not_withdrawn.code(), "state_conflict");

    let gone = withdraw(&ada, &path).await;
    assert_eq!(stage(&gone)["state"], "withdrawn");
    assert_eq!(stage(&gone)["submitted_version"], 1);
    for (other, status) in [(&office, 403), (&bob, 404)] {
        let refused = other.post(&reinstate).etag("*").send().await;
        refused.expect(status);
    }
    ada.post(&reinstate).send().await.expect(428);
    ada.post(&reinstate)
        .etag(&seen.etag)
        .send()
        .await
        .expect(412);
    let dry = ada.post(&reinstate).etag(&gone.etag).dry_run();
    assert_eq!(stage(&dry.send().await.expect(200))["state"], "submitted");
    let back = ada
        .post(&reinstate)
        .etag(&gone.etag)
        .send()
        .await
        .expect(200);
    assert_eq!(back.json, seen.json);
    let listed = ada.read(&format!("/calls/{call}/proposals")).await;
    let item = &listed.json["items"][0];
    assert_eq!(
        (&item["state"], &item["submitted_version"]),
        (&json!("submitted"), &json!(1))
    );

    // What was written on since the submission is there as well.
    write(&ada, &path, json!({"title": "Written on"})).await;
    let gone = withdraw(&ada, &path).await;
    let back = ada
        .post(&reinstate)
        .etag(&gone.etag)
        .send()
        .await
        .expect(200);
    assert_eq!(stage(&back)["state"], "edited_since");
    assert_eq!(stage(&back)["submitted_version"], 1);
    assert_eq!(stage(&back)["content"]["title"], "Written on");
    let listed = ada.read(&format!("/calls/{call}/proposals")).await;
    assert_eq!(listed.json["items"][0]["state"], "edited_since");

    // Of drafts the secretariat hears nothing, of either.
    let begun = draft(&bob, &call).await;
    let of_bob = format!("/proposals/{}", begun.id());
    let gone = withdraw(&bob, &of_bob).await;
    let back = bob.post(&format!("{of_bob}/reinstate")).etag(&gone.etag);
    assert_eq!(back.send().await.expect(200).json, begun.json);
    let mails = app.mails().await;
    let told = |words: &str| {
        mails
            .iter()
            .filter(|mail| mail.subject().contains(words))
            .count()
    };
    assert_eq!(told("is withdrawn"), 2);
    assert_eq!(told("is not withdrawn any more"), 2);
    assert_eq!(
        app.value("select count(*) from audit where action = 'reinstate_proposal'")
            .await,
        "3"
    );

    let gone = withdraw(&ada, &path).await;
    app.close_stage(&call, 1).await;
    let late = ada
        .post(&reinstate)
        .etag(&gone.etag)
        .send()
        .await
        .expect(409);
    assert_eq!(late.code(), "deadline_passed");
    assert_eq!(app.value("select count(*) from partner").await, "0");
}

#[tokio::test]
async fn who_coordinates_another_proposal_by_then_keeps_to_the_rule_of_the_call() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    app.sql("update call set rules = jsonb_set(rules, '{stages,0,consortium,proposals_per_coordinator_max}', '1')")
        .await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    let gone = withdraw(&ada, &path).await;
    let (second, _) = submitted(&ada, &call).await;
    let reinstate = format!("{path}/reinstate");
    let refused = ada
        .post(&reinstate)
        .etag(&gone.etag)
        .send()
        .await
        .expect(422);
    assert_eq!(refused.faults(), ["/partners coordinates_too_many"]);
    app.sql(&format!(
        "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by, state, decided_because, decided_by, decided_at)
         select '{}', ps.call_id, ps.id, 'coordinates_too_many', 'Two ideas', p.coordinator_id, 'granted', 'Agreed',
                p.coordinator_id, clock_timestamp()
         from proposal_stage ps join proposal p on p.id = ps.proposal_id where '/proposals/' || p.id = '{path}'",
        kernel::id::new()
    ))
    .await;
    let back = ada.post(&reinstate).etag(&gone.etag).dry_run();
    back.send().await.expect(200);
    app.sql("delete from waiver").await;
    withdraw(&ada, &second).await;
    ada.post(&reinstate)
        .etag(&gone.etag)
        .send()
        .await
        .expect(200);
}
