//! Accounts: signing up, logging in by every way, and what keeps others out.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use futures::future::{join, join_all};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const PASSWORD: &str = "radium glows in the shed";

/// The token of the newest link to a page in the mails to an address.
async fn token_for(app: &TestApp, address: &str, page: &str) -> String {
    let mails = app.mails().await;
    let mark = format!("/link/{page}?token=");
    mails
        .iter()
        .rev()
        .filter(|mail| mail.to.iter().any(|to| to == address))
        .find_map(|mail| {
            let text = mail.text();
            let (_, rest) = text.split_once(&mark)?;
            Some(rest.split_whitespace().next()?.to_owned())
        })
        .unwrap_or_else(|| panic!("no link to {page} was mailed to {address}"))
}

async fn sign_up(app: &TestApp, email: &str, password: &str) -> Reply {
    let input = json!({"email": email, "name": "Marie Curie", "password": password});
    app.client().post("/accounts").json(&input).send().await
}

/// An account with a password, and its first session.
async fn account(app: &TestApp, email: &str) -> Client {
    sign_up(app, email, PASSWORD).await.expect(202);
    let token = token_for(app, email, "confirm").await;
    app.client()
        .post("/accounts/confirm")
        .json(&json!({"token": token}))
        .send()
        .await
        .expect(200);
    with(app, &log_in(app, email, PASSWORD, None).await.expect(201))
}

async fn log_in(app: &TestApp, email: &str, password: &str, code: Option<&str>) -> Reply {
    let input = json!({"email": email, "password": password, "code": code});
    app.client().post("/sessions").json(&input).send().await
}

fn with(app: &TestApp, session: &Reply) -> Client {
    let mut client = app.client();
    client.token = session.json["token"].as_str().map(str::to_owned);
    client
}

async fn status_of(client: &Client) -> u16 {
    client.get("/me").send().await.status
}

#[tokio::test]
async fn one_signs_up_confirms_logs_in_and_out() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    sign_up(&app, email, PASSWORD).await.expect(202);
    let early = log_in(&app, email, PASSWORD, None).await.expect(401);
    assert_eq!(early.code(), "wrong_credentials");
    let token = token_for(&app, email, "confirm").await;
    let confirm = json!({"token": token});
    let confirmed = app.client().post("/accounts/confirm").json(&confirm);
    assert_eq!(confirmed.send().await.expect(200).json["email"], email);
    let again = app.client().post("/accounts/confirm").json(&confirm);
    assert_eq!(again.send().await.expect(410).code(), "link_spent");

    let session = log_in(&app, "MARIE@example.org", PASSWORD, None).await;
    let session = session.expect(201);
    let cookie = session.header("set-cookie");
    assert!(cookie.starts_with("__Host-jtc="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let marie = with(&app, &session);
    assert_eq!(marie.read("/me").await.json["name"], "Marie Curie");
    let out = marie.delete("/sessions/current").send().await.expect(200);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(status_of(&marie).await, 401);
}

#[tokio::test]
async fn nothing_tells_a_known_address_from_an_unknown_one() {
    let app = TestApp::start().await;
    account(&app, "known@example.org").await;
    let client = app.client();
    for (path, rest) in [
        ("/accounts", json!({"name": "X Y", "password": PASSWORD})),
        ("/sessions/link", json!({})),
        ("/password-resets", json!({})),
        ("/sessions", json!({"password": "not the password of it"})),
    ] {
        let mut answers = Vec::new();
        for email in ["known@example.org", "unknown@example.org"] {
            let mut input = rest.clone();
            input["email"] = json!(email);
            let request = client.post(path).json(&input);
            let reply = request.header("X-Request-Id", "the-same").send().await;
            let mut headers = reply.headers.clone();
            headers.retain(|(name, _)| name != "date");
            answers.push((reply.status, headers, reply.body));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
    let mails = app.mails().await;
    let told = mails.iter().any(|mail| {
        mail.to == ["known@example.org"] && mail.subject() == "You already have an account"
    });
    assert!(told, "the owner hears of it, and nobody else");
}

#[tokio::test]
async fn who_finds_too_many_logging_in_has_not_tried() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    account(&app, email).await;
    let (served, number) = (AtomicBool::new(false), AtomicUsize::new(0));
    let log_in = async |email: &str| {
        let input = json!({"email": email, "password": PASSWORD});
        app.client().post("/sessions").json(&input).send().await
    };
    // More than find a place at once, each under a new name, until it is over.
    let crowd = (0..200).map(async |_| {
        while !served.load(Relaxed) {
            let number = number.fetch_add(1, Relaxed);
            log_in(&format!("nobody{number}@example.org")).await;
        }
    });
    let marie = async {
        let mut sent_away = 0;
        while sent_away < 8 {
            let reply = log_in(email).await;
            if reply.status != 201 {
                assert_eq!(reply.expect(503).header("retry-after"), "3");
                sent_away += 1;
            }
        }
        served.store(true, Relaxed);
    };
    join(join_all(crowd), marie).await;
    log_in(email).await.expect(201);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_locks_nobody_else_out() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    account(&app, email).await;
    let from = |source: &str, password: &str| {
        let input = json!({"email": email, "password": password});
        let request = app.client().post("/sessions").json(&input);
        request.header("X-Forwarded-For", source)
    };
    for _ in 0..5 {
        from("203.0.113.9", "a wrong password")
            .send()
            .await
            .expect(401);
    }
    app.sql("update login_failure set last_at = clock_timestamp()")
        .await;
    // The sixth waits a second from the fifth, and the right password would wait as well.
    let slowed = from("203.0.113.9", PASSWORD).send().await.expect(429);
    assert_eq!(slowed.code(), "too_many_requests");
    let first: u64 = slowed.header("retry-after").parse().unwrap();
    app.sql("update login_failure set failures = 9, last_at = clock_timestamp()")
        .await;
    let slowed = from("203.0.113.9", PASSWORD).send().await.expect(429);
    let later: u64 = slowed.header("retry-after").parse().unwrap();
    assert!(later > first && later <= 17, "{first}, then {later}");
    app.sql("update login_failure set failures = 5000, last_at = clock_timestamp()")
        .await;
    let slowed = from("203.0.113.9", PASSWORD).send().await.expect(429);
    let longest: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((890..=901).contains(&longest), "{longest}");

    from("198.51.100.7", PASSWORD).send().await.expect(201);
    let link = json!({"email": email});
    let ask = app.client().post("/sessions/link").json(&link);
    ask.header("X-Forwarded-For", "203.0.113.9")
        .send()
        .await
        .expect(202);
    let token = token_for(&app, email, "login").await;
    let redeem = app.client().post("/sessions/redeem");
    redeem
        .json(&json!({"token": token}))
        .header("X-Forwarded-For", "203.0.113.9")
        .send()
        .await
        .expect(201);

    // Unknown names are counted as well, and so is a dry run.
    for _ in 0..5 {
        let input = json!({"email": "nobody@example.org", "password": "a wrong password"});
        let request = app.client().post("/sessions").json(&input);
        request.dry_run().send().await.expect(401);
    }
    log_in(&app, "nobody@example.org", "a wrong password", None)
        .await
        .expect(429);
    // Once the wait is over the right password opens, and the count starts anew.
    app.sql("update login_failure set last_at = clock_timestamp() - interval '16 minutes'")
        .await;
    from("203.0.113.9", PASSWORD).send().await.expect(201);
    from("203.0.113.9", "a wrong password")
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn a_login_link_works_once() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    account(&app, email).await;
    let ask = app.client().post("/sessions/link");
    ask.json(&json!({"email": email})).send().await.expect(202);
    let token = token_for(&app, email, "login").await;
    let redeem = async |token: &str| {
        let input = json!({"token": token});
        app.client()
            .post("/sessions/redeem")
            .json(&input)
            .send()
            .await
    };
    let session = redeem(&token).await.expect(201);
    assert_eq!(status_of(&with(&app, &session)).await, 200);
    assert_eq!(redeem(&token).await.expect(410).code(), "link_spent");
    assert_eq!(redeem("nonsense").await.expect(410).code(), "link_spent");
    let old = "update token set expires_at = clock_timestamp() where kind = 'login_link'";
    let ask = app.client().post("/sessions/link");
    ask.json(&json!({"email": email})).send().await.expect(202);
    let token = token_for(&app, email, "login").await;
    app.sql(old).await;
    redeem(&token).await.expect(410);
}

#[tokio::test]
async fn passwords_are_long_and_not_what_everybody_takes() {
    let app = TestApp::start().await;
    for (password, fault) in [
        ("too short", "/password length"),
        ("password1234567890", "/password common"),
        ("jtc marie curie jtc", "/password common"),
        (&"long ".repeat(30), "/password length"),
    ] {
        let refused = sign_up(&app, "marie@example.org", password).await;
        let faults = refused.expect(422).faults();
        assert!(faults.contains(&fault.to_owned()), "{password}: {faults:?}");
    }
    let input = json!({"email": "no address", "name": " ", "password": PASSWORD});
    let refused = app.client().post("/accounts").json(&input).send().await;
    assert_eq!(
        refused.expect(422).faults(),
        ["/email email", "/name name"],
        "all faults at once"
    );
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    let marie = account(&app, email).await;
    let other = with(&app, &log_in(&app, email, PASSWORD, None).await.expect(201));
    let change = |current: &str| json!({"current": current, "new": "polonium came before it"});
    let me = marie.read("/me").await.etag;
    let ask = |current: &str, etag: &str| {
        let request = marie.put("/me/password").json(&change(current));
        match etag {
            "" => request.send(),
            etag => request.etag(etag).send(),
        }
    };
    let refused = ask("wrong", &me).await;
    assert_eq!(refused.expect(401).code(), "wrong_credentials");
    assert_eq!(ask(PASSWORD, "").await.expect(428).etag, me);
    assert_eq!(ask(PASSWORD, "\"older\"").await.expect(412).etag, me);
    assert_eq!(status_of(&other).await, 200, "nothing happened");
    ask(PASSWORD, &me).await.expect(200);
    assert_eq!(
        (status_of(&marie).await, status_of(&other).await),
        (200, 401)
    );
    log_in(&app, email, PASSWORD, None).await.expect(401);
    log_in(&app, email, "polonium came before it", None)
        .await
        .expect(201);

    let ask = app.client().post("/password-resets");
    ask.json(&json!({"email": email})).send().await.expect(202);
    let token = token_for(&app, email, "reset").await;
    let reset = json!({"token": token, "password": "and so did pitchblende"});
    let redeem = || app.client().post("/password-resets/redeem").json(&reset);
    redeem().send().await.expect(200);
    redeem().send().await.expect(410);
    assert_eq!(status_of(&marie).await, 401);
    log_in(&app, email, "and so did pitchblende", None)
        .await
        .expect(201);
}

#[tokio::test]
async fn credentials_change_only_after_a_fresh_login() {
    let app = TestApp::start().await;
    let marie = account(&app, "marie@example.org").await;
    app.sql("update token set authenticated_at = clock_timestamp() - interval '1 hour'")
        .await;
    for (method, path, body) in [
        (
            "PUT",
            "/me/password",
            json!({"current": PASSWORD, "new": "polonium came before it"}),
        ),
        (
            "POST",
            "/me/email",
            json!({"email": "m@example.net", "password": PASSWORD}),
        ),
        ("POST", "/me/totp", json!({})),
    ] {
        let refused = marie.method(method, path).json(&body).send().await;
        assert_eq!(refused.expect(403).code(), "fresh_login_required", "{path}");
    }
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_answers() {
    let app = TestApp::start().await;
    let marie = account(&app, "marie@example.org").await;
    account(&app, "taken@example.org").await;
    let change = |email: &str| {
        let input = json!({"email": email, "password": PASSWORD});
        marie.post("/me/email").json(&input).send()
    };
    let taken = change("taken@example.org").await.expect(202);
    let free = change("marie@example.net").await.expect(202);
    assert_eq!(taken.body, free.body);
    let token = token_for(&app, "marie@example.net", "email").await;
    let confirm = app.client().post("/me/email/confirm");
    let confirmed = confirm.json(&json!({"token": token})).send().await;
    assert_eq!(confirmed.expect(200).json["email"], "marie@example.net");
    assert_eq!(status_of(&marie).await, 401, "sessions end");
    log_in(&app, "marie@example.org", PASSWORD, None)
        .await
        .expect(401);
    log_in(&app, "marie@example.net", PASSWORD, None)
        .await
        .expect(201);
    let told = app.mails().await.iter().any(|mail| {
        mail.to == ["marie@example.org"] && mail.subject() == "Your e-mail address was changed"
    });
    assert!(told);
}

#[tokio::test]
async fn a_revoked_session_is_refused_on_its_next_request() {
    let app = TestApp::start().await;
    let email = "marie@example.org";
    let marie = account(&app, email).await;
    let lost = with(&app, &log_in(&app, email, PASSWORD, None).await.expect(201));
    let sessions = marie.read("/sessions").await;
    let items = sessions.json["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    let other = items.iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/sessions/{}", other["id"].as_str().unwrap());
    let stranger = app.person("Stranger").await;
    stranger.delete(&path).send().await.expect(404);
    marie.delete(&path).send().await.expect(200);
    assert_eq!(
        (status_of(&marie).await, status_of(&lost).await),
        (200, 401)
    );
    let ended = "update token set expires_at = clock_timestamp() where kind = 'session'";
    app.sql(ended).await;
    assert_eq!(status_of(&marie).await, 401);
}

#[tokio::test]
async fn a_bearer_token_does_what_its_scopes_say_until_it_is_revoked() {
    let app = TestApp::start().await;
    let marie = account(&app, "marie@example.org").await;
    let make = |client: &Client, scopes: Value, days: i64| {
        let until = chrono::DateTime::from_timestamp(now() + days * 86_400, 0).unwrap();
        let input = json!({"label": "export", "scopes": scopes, "expires_at": until});
        client.post("/tokens").json(&input).send()
    };
    let refused = make(&marie, json!([]), 400).await.expect(422);
    assert_eq!(
        refused.faults(),
        ["/scopes required", "/expires_at out_of_range"]
    );
    let made = make(&marie, json!(["read", "account"]), 30).await;
    let made = made.expect(201);
    let program = with(&app, &made);
    assert_eq!(status_of(&program).await, 200);
    let beyond = make(&program, json!(["commitment"]), 30).await.expect(422);
    assert_eq!(beyond.faults(), ["/scopes/0 beyond"]);
    let reader = with(&app, &make(&marie, json!(["read"]), 30).await.expect(201));
    let me = reader.read("/me").await;
    let rename = reader.patch("/me").json(&json!({"name": "M"}));
    let refused = rename.etag(&me.etag).send().await.expect(403);
    assert_eq!(refused.code(), "forbidden");
    let path = format!("/tokens/{}", made.id());
    marie.delete(&path).send().await.expect(200);
    assert_eq!(status_of(&program).await, 401);
    let listed = marie.read("/tokens").await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
    assert!(
        !String::from_utf8(listed.body)
            .unwrap()
            .contains("\"token\"")
    );
}

fn now() -> i64 {
    let epoch = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(epoch.as_secs()).unwrap()
}

#[tokio::test]
async fn a_rename_asks_for_the_version_it_changes() {
    let app = TestApp::start().await;
    let marie = app.person("Marie Curie").await;
    let rename = |name: &str| marie.patch("/me").json(&json!({"name": name}));
    let before = marie.read("/me").await;
    rename("Manya").send().await.expect(428);
    rename("Manya").etag(&before.etag).send().await.expect(200);
    let stale = rename("Maria").etag(&before.etag).send().await;
    assert_eq!(stale.expect(412).code(), "stale_version");
}

#[tokio::test]
async fn a_cookie_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let marie = account(&app, "marie@example.org").await;
    let cookie = format!("__Host-jtc={}", marie.token.unwrap());
    let me = app.client().get("/me").header("Cookie", &cookie).send();
    let me = me.await.expect(200);
    let rename = |site: &str| {
        let request = app.client().patch("/me").json(&json!({"name": "M C"}));
        let request = request.header("Cookie", &cookie).etag(&me.etag);
        request.header("Sec-Fetch-Site", site).send()
    };
    let refused = rename("cross-site").await.expect(403);
    assert_eq!(refused.code(), "cross_site");
    rename("same-site").await.expect(403);
    let bare = app.client().patch("/me").json(&json!({"name": "M C"}));
    let bare = bare.header("Cookie", &cookie).etag(&me.etag).send();
    assert_eq!(bare.await.expect(403).code(), "cross_site");
    rename("same-origin").await.expect(200);
}
