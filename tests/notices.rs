//! Which mails a person does without, and which come all the same.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "consortium/invite.rs"]
mod consortium;
mod proposals;

use proposals::{PARTNERS, draft, open_call};
use serde_json::{Value, json};
use testkit::TestApp;

fn by_mail(notices: &Value, kind: &str) -> Value {
    let items = notices["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["kind"] == kind);
    found.unwrap()["by_mail"].clone()
}

#[tokio::test]
async fn one_does_without_reminders_but_not_without_the_last_one() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    for who in [&ada, &bob] {
        draft(who, &call).await;
    }
    let now = ada.read("/me/notices").await;
    assert_eq!(by_mail(&now.json, "reminder"), true);
    let put = |off: Value| ada.put("/me/notices").json(&json!({ "off": off }));
    put(json!(["reminder"])).send().await.expect(428);
    let stale = put(json!(["reminder"])).etag("\"old\"").send().await;
    stale.expect(412);
    let wrong = put(json!(["reminder", "gossip", "last_reminder"])).etag(&now.etag);
    let wrong = wrong.send().await.expect(422);
    assert_eq!(
        wrong.faults(),
        ["/off/1 notice_unknown", "/off/2 notice_always_sent"]
    );
    let named = wrong.json["errors"][0]["detail"].as_str().unwrap();
    assert!(named.contains("deadline_moved"), "{named}");
    let dry = put(json!(["reminder"])).etag(&now.etag).dry_run();
    dry.send().await.expect(200);
    let set = put(json!(["reminder", "reminder"])).etag(&now.etag);
    let set = set.send().await.expect(200);
    assert_eq!(by_mail(&set.json, "reminder"), false);
    assert_eq!(by_mail(&set.json, "last_reminder"), true);
    assert_eq!(ada.read("/me/notices").await.etag, set.etag);
    let anybody = app.client().get("/me/notices").send().await;
    anybody.expect(401);

    let early = "update proposal set created_at = created_at - interval '30 days'";
    app.sql(early).await;
    let told = async |words: &str| {
        let mails = app.mails().await;
        let found = mails.iter().filter(|mail| mail.subject().contains(words));
        found.map(|mail| mail.to[0].clone()).collect::<Vec<_>>()
    };
    app.sql("update stage set opens_at = clock_timestamp() - interval '30 days'")
        .await;
    app.set_deadline(&call, 1, 6 * 24 * 3600).await;
    assert_eq!(told("less than 7 days").await, ["bob@example.org"]);
    let left_out = "select count(*) from outbox where state = 'unwanted' and context = '{}'";
    assert_eq!(app.value(left_out).await, "1");
    app.set_deadline(&call, 1, 2 * 3600).await;
    let mut last = told("Last chance").await;
    last.sort();
    assert_eq!(last, ["ada@example.org", "bob@example.org"]);

    let all = ada.put("/me/notices").etag("*").json(&json!({ "off": [] }));
    let all = all.send().await.expect(200);
    assert_eq!(by_mail(&all.json, "reminder"), true);
}

#[tokio::test]
async fn partners_are_reminded_to_confirm_where_the_call_asks_for_it() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    let (ada, bea) = (app.person("Ada").await, app.person("Bea").await);
    let path = format!("/proposals/{}", draft(&ada, &call).await.id());
    consortium::join(&app, &ada, &path, PARTNERS[1], &bea).await;
    consortium::invite(&ada, &path, PARTNERS[2], Some("carl@example.org"))
        .await
        .expect(201);
    app.sql("update proposal set created_at = created_at - interval '30 days'; update stage set opens_at = clock_timestamp() - interval '30 days'")
        .await;
    let told = async || {
        let mails = app.mails().await;
        let found = mails.iter();
        let found = found.filter(|mail| mail.subject().contains("waits to be confirmed"));
        let mut told: Vec<String> = found.map(|mail| mail.to[0].clone()).collect();
        told.sort();
        told
    };
    app.set_deadline(&call, 1, 6 * 24 * 3600).await;
    assert_eq!(told().await, Vec::<String>::new(), "the call does not ask");
    app.sql("update call set rules = jsonb_set(rules, '{stages,0,partners_confirm}', 'true')")
        .await;
    for _ in 0..2 {
        assert_eq!(told().await, ["bea@example.org", "carl@example.org"]);
    }
    let now = bea.read(&path).await;
    let confirm = bea.post(&format!("{path}/partners/{}/confirm", PARTNERS[1]));
    confirm.etag(&now.etag).send().await.expect(200);
    app.set_deadline(&call, 1, 20 * 3600).await;
    assert_eq!(
        told().await,
        ["bea@example.org", "carl@example.org", "carl@example.org"]
    );
    // A partner reads the letters of its proposal, and nobody else does.
    let letters = format!("{path}/letters");
    assert_eq!(bea.read(&letters).await.json["items"], json!([]));
    let eve = app.person("Eve").await;
    eve.get(&letters).send().await.expect(404);
}
