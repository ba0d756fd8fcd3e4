//! The link that an expert gets by mail opens the desk in that call, whatever else the person may do.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// The secret of the last link to an expert's desk that was mailed to an address.
async fn mailed(story: &Evaluation, address: &str) -> String {
    let mails = story.app.mails().await;
    let own = mails.iter().rev();
    let mut own = own.filter(|mail| mail.to.iter().any(|to| to == address));
    let found = own.find_map(|mail| {
        let text = mail.text();
        let (_, rest) = text.split_once("/link/expert?token=")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    found.unwrap()
}

async fn redeem(story: &Evaluation, token: &str) -> Reply {
    let redeem = story.app.client().post("/sessions/redeem");
    redeem.json(&json!({ "token": token })).send().await
}

/// An expert who is the call's secretariat, and speaks for a funder, too; and the same person come by the mailed link.
async fn story() -> (Evaluation, Reviewer, Client) {
    let story = Evaluation::begin().await;
    let mona = nomination(
        "Mona West",
        "West College",
        "m@west.example",
        "panel_member",
    );
    let whole = story.invite(&[mona]).await.remove(0);
    let (app, call) = (&story.app, Some(story.call.as_str()));
    app.grant(&whole.client, Role::Secretariat, call, None)
        .await;
    let funder = Some("DE-BMBF");
    app.grant(&whole.client, Role::CscRepresentative, call, funder)
        .await;
    let token = mailed(&story, "m@west.example").await;
    let session = redeem(&story, &token).await.expect(201);
    assert_eq!(session.json["desk"], story.call.as_str());
    assert_eq!(
        redeem(&story, &token).await.expect(410).code(),
        "link_spent"
    );
    let mut linked = app.client();
    linked.token = session.json["token"].as_str().map(str::to_owned);
    (story, whole, linked)
}

#[tokio::test]
async fn the_desk_works_by_link_from_the_answer_to_the_panel() {
    let (story, whole, linked) = story().await;
    let me = linked.read("/me").await.json;
    assert_eq!(
        (&me["name"], &me["desk"]),
        (&json!("Mona West"), &json!(story.call))
    );
    assert_eq!(whole.client.read("/me").await.json["desk"], Value::Null);
    let desk = Reviewer {
        client: linked.clone(),
        id: whole.id.clone(),
    };
    let tasks = linked.read("/me/tasks").await.json;
    assert_eq!(tasks["items"].as_array().unwrap().len(), 1);
    assert_eq!(tasks["items"][0]["kind"], "answer_invitation");
    desk.accept().await;
    desk.declare(&json!([])).await.expect(200);
    let desks = linked.read("/me/experts").await.json;
    assert_eq!(desks["items"][0]["call"], story.call.as_str());
    story.three().await;
    story.assign(4).await.expect(200);
    let reviews = desk.reviews().await;
    assert!(!reviews.is_empty());
    desk.write(&reviews[0], "4.0").await.expect(200);
    desk.submit(&reviews[0]).await.expect(200);
    // The seat on the panel is the expert's own.
    linked.read(&story.stage("rapporteurs")).await;
    linked.read(&story.stage("panel")).await;
    let seen = linked
        .read(&format!("/calls/{}/proposals", story.call))
        .await;
    assert_eq!(seen.json["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nothing_of_the_other_roles_comes_along() {
    let (story, whole, linked) = story().await;
    let call = format!("/calls/{}", story.call);
    let nobody = kernel::id::new();
    // As secretariat or funder the person reads this; by the link it is not there, or not allowed.
    for path in [
        format!("{call}/conflicts"),
        format!("{call}/commitments"),
        format!("{call}/roles"),
        story.stage("assignments"),
        story.stage("eligibility"),
    ] {
        whole.client.read(&path).await;
        let refused = linked.get(&path).send().await;
        assert!(matches!(refused.status, 403 | 404), "{path}");
    }
    let open = whole.client.get(&call).send().await.expect(200).json;
    let shut = linked.get(&call).send().await.expect(200).json;
    assert_eq!(open["stages"][0]["state"], "checking");
    assert_eq!(shut["stages"][0]["state"], "in_evaluation");
    let assign = linked.post(&story.stage("assign")).json(&json!({}));
    let refused = assign.send().await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);

    // Nor may the account itself be touched.
    for path in ["/me/roles", "/me/notices", "/sessions", "/tokens"] {
        whole.client.read(path).await;
        linked.get(path).send().await.expect(403);
    }
    let deeds = [
        (
            "POST",
            "/tokens",
            json!({"label": "Script", "scopes": ["read"], "expires_at": "2026-12-31T00:00:00Z"}),
        ),
        ("PATCH", "/me", json!({"name": "Somebody Else"})),
        (
            "PUT",
            "/me/password",
            json!({"new": "polonium came before it"}),
        ),
        ("POST", "/me/email", json!({"email": "m@example.net"})),
        ("POST", "/me/totp", Value::Null),
        ("PUT", "/me/notices", json!({"off": []})),
    ];
    for (method, path, body) in deeds {
        let deed = linked.method(method, path).etag("*");
        let deed = if body.is_null() {
            deed
        } else {
            deed.json(&body)
        };
        deed.send().await.expect(403);
    }
    let other = format!("/sessions/{nobody}");
    linked.delete(&other).send().await.expect(403);
    let draft = linked.post(&format!("{call}/proposals"));
    draft
        .json(&json!({"content": proposals::content()}))
        .send()
        .await
        .expect(403);
    // The person's list of sessions says which one it is.
    let sessions = whole.client.read("/sessions").await.json;
    let desks = sessions["items"].as_array().unwrap().iter();
    let desks: Vec<&Value> = desks.filter(|one| one["desk"].is_string()).collect();
    assert_eq!(desks.len(), 1);
    assert_eq!(desks[0]["desk"], story.call.as_str());
}

#[tokio::test]
async fn it_ends_by_logging_out_by_the_person_and_with_its_time() {
    let (story, whole, linked) = story().await;
    let ended = linked.delete("/sessions/current").send().await.expect(200);
    assert_eq!(ended.json["items"], json!([]));
    linked.get("/me").send().await.expect(401);

    // Another link, as when the first one was lost: made in SQL, for an invitation goes out once.
    let again = async |secret: &str, until: &str| {
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(secret.as_bytes()));
        let account = whole.client.account.unwrap();
        story
            .app
            .sql(&format!(
                "insert into token (id, account_id, kind, hash, desk_call_id, created_at, expires_at)
                 values (gen_random_uuid(), '{account}', 'login_link', '\\x{hash}', '{}', clock_timestamp() - interval '1 day', {until})",
                story.call
            ))
            .await;
        redeem(&story, secret).await
    };
    let late = again("late", "clock_timestamp()").await;
    assert_eq!(late.expect(410).code(), "link_spent");
    let session = again("second", "clock_timestamp() + interval '1 day'").await;
    let session = session.expect(201);
    assert_eq!(session.json["desk"], story.call.as_str());
    let mut second = story.app.client();
    second.token = session.json["token"].as_str().map(str::to_owned);
    second.read("/me").await;
    let sessions = whole.client.read("/sessions").await.json;
    let desk = sessions["items"].as_array().unwrap().iter();
    let mut desk = desk.filter(|one| one["desk"].is_string());
    let desk = desk.next_back().unwrap();
    let end = format!("/sessions/{}", desk["id"].as_str().unwrap());
    whole.client.delete(&end).send().await.expect(200);
    second.get("/me").send().await.expect(401);

    let third = again("third", "clock_timestamp() + interval '1 day'").await;
    let mut client = story.app.client();
    client.token = third.expect(201).json["token"].as_str().map(str::to_owned);
    client.read("/me").await;
    story
        .app
        .sql("update token set expires_at = clock_timestamp() where kind = 'session' and desk_call_id is not null")
        .await;
    client.get("/me").send().await.expect(401);
    whole.client.read("/me").await;
}
