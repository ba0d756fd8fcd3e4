//! The second factor, and the pages behind mailed links.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};
use totp_rs::{Builder, Secret};

fn now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

fn code(secret: &str, at: u64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(at).to_string()
}

async fn link_for(app: &TestApp, address: &str, page: &str) -> String {
    let mark = format!("/link/{page}?token=");
    let mails = app.mails().await;
    let mut found = mails
        .iter()
        .filter(|mail| mail.to == [address])
        .filter_map(|mail| {
            let text = mail.text();
            let (_, rest) = text.split_once(&mark)?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
    found.next_back().unwrap()
}

/// A person with a second factor; its secret, when its first code was shown, and recovery codes.
async fn protected(app: &TestApp) -> (Client, String, u64, Vec<String>) {
    let marie = app.person("Marie").await;
    let started = marie.post("/me/totp").send().await.expect(201);
    let secret = started.json["secret"].as_str().unwrap().to_owned();
    let uri = started.json["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/JTC"), "{uri}");
    let wrong = marie
        .post("/me/totp/confirm")
        .json(&json!({"code": "000000"}));
    wrong.send().await.expect(401);
    let at = now();
    let confirm = json!({"code": code(&secret, at)});
    let confirmed = marie.post("/me/totp/confirm").json(&confirm).send().await;
    let codes: Vec<String> = confirmed.expect(200).json["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    (marie, secret, at, codes)
}

async fn redeem(app: &TestApp, code: Value) -> Reply {
    let ask = app.client().post("/sessions/link");
    ask.json(&json!({"email": "marie@example.org"}))
        .send()
        .await
        .expect(202);
    let token = link_for(app, "marie@example.org", "login").await;
    let input = json!({"token": token, "code": code});
    app.client()
        .post("/sessions/redeem")
        .json(&input)
        .send()
        .await
}

#[tokio::test]
async fn a_code_of_the_second_factor_opens_once() {
    let app = TestApp::start().await;
    let (marie, secret, at, codes) = protected(&app).await;
    assert_eq!(marie.read("/me").await.json["second_factor"], true);

    let missing = redeem(&app, Value::Null).await.expect(401);
    assert_eq!(missing.faults(), ["/code required"]);
    // The code that confirmed the factor is used; the next one is taken already, for clocks differ.
    let used = redeem(&app, json!(code(&secret, at))).await.expect(401);
    assert_eq!(used.faults(), ["/code used"]);
    let next = code(&secret, at + 30);
    let session = redeem(&app, json!(next)).await.expect(201);
    assert_eq!(session.json["strong"], true);
    let replayed = redeem(&app, json!(next)).await.expect(401);
    assert_eq!(replayed.faults(), ["/code used"]);

    redeem(&app, json!(codes[0])).await.expect(201);
    let again = redeem(&app, json!(codes[0])).await.expect(401);
    assert_eq!(again.faults(), ["/code wrong"]);
    let shouted = codes[1].to_uppercase().replace('-', " ");
    redeem(&app, json!(shouted)).await.expect(201);

    let me = marie.read("/me").await.etag;
    let remove = |code: &str| {
        let request = marie.delete("/me/totp").json(&json!({"code": code}));
        request.etag(&me).send()
    };
    remove("123-not-one").await.expect(401);
    let removed = remove(&codes[2]).await.expect(200);
    assert_eq!(removed.json["second_factor"], false);
    redeem(&app, Value::Null).await.expect(201);
}

#[tokio::test]
async fn guessing_codes_with_a_link_in_hand_is_slowed_down() {
    let app = TestApp::start().await;
    let (_, secret, at, _) = protected(&app).await;
    let ask = app.client().post("/sessions/link");
    ask.json(&json!({"email": "marie@example.org"}))
        .send()
        .await
        .expect(202);
    let token = link_for(&app, "marie@example.org", "login").await;
    let guess = |source: String, code: String| {
        let input = json!({"token": token, "code": code});
        let request = app.client().post("/sessions/redeem").json(&input);
        request.header("X-Forwarded-For", &source).send()
    };
    for n in 0..5 {
        guess(format!("203.0.113.{n}"), "000000".to_owned())
            .await
            .expect(401);
    }
    let slowed = guess("203.0.113.77".to_owned(), code(&secret, at + 30)).await;
    assert_eq!(slowed.expect(429).code(), "too_many_requests");
}

#[tokio::test]
async fn a_mailed_link_opens_a_page_that_does_it() {
    let app = TestApp::start().await;
    let page = |path: &str| app.client().get(&format!("//link/{path}"));
    let form = |path: &str, body: String| {
        let request = app.client().post(&format!("//link/{path}"));
        request
            .body("application/x-www-form-urlencoded", body)
            .send()
    };
    let text = |reply: &Reply| String::from_utf8(reply.body.clone()).unwrap();
    page("nothing").send().await.expect(404);

    let input = json!({"email": "marie@example.org", "name": "Marie <Curie>", "password": "radium glows in the shed"});
    let signed_up = app.client().post("/accounts").json(&input).send().await;
    signed_up.expect(202);
    let token = link_for(&app, "marie@example.org", "confirm").await;
    let shown = page(&format!("confirm?token={token}"))
        .send()
        .await
        .expect(200);
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(text(&shown).contains(&token));
    page(&format!("confirm?token={token}"))
        .send()
        .await
        .expect(200);
    let done = form("confirm", format!("token={token}")).await.expect(200);
    assert!(text(&done).contains("is confirmed"), "{}", text(&done));
    let again = form("confirm", format!("token={token}")).await.expect(410);
    assert!(text(&again).contains("/link/login"), "the way out is named");

    let asked = form("login", "email=marie%40example.org".to_owned()).await;
    asked.expect(200);
    let token = link_for(&app, "marie@example.org", "login").await;
    let session = form("login", format!("token={token}")).await.expect(200);
    assert!(
        text(&session).contains("Marie &#60;Curie&#62;"),
        "{}",
        text(&session)
    );
    let cookie = session.header("set-cookie").split(';').next().unwrap();
    let me = app
        .client()
        .get("/me")
        .header("Cookie", cookie)
        .send()
        .await;
    assert_eq!(me.expect(200).json["email"], "marie@example.org");

    form("reset", "email=marie%40example.org".to_owned())
        .await
        .expect(200);
    let token = link_for(&app, "marie@example.org", "reset").await;
    let weak = form("reset", format!("token={token}&password=short")).await;
    assert!(text(&weak.expect(422)).contains("5 characters"));
    let body = format!("token={token}&password=polonium+came+before+it");
    form("reset", body).await.expect(200);
}

#[tokio::test]
async fn the_first_administrator_comes_with_a_link_and_without_a_password() {
    let app = TestApp::start().await;
    let link = service::access::make_administrator(&app.service, "root@example.org", "Ada Root");
    let link = link.await.unwrap();
    let (address, token) = link.split_once("?token=").unwrap();
    assert_eq!(address, "http://jtc.test/link/login");
    let redeem = app.client().post("/sessions/redeem");
    let session = redeem
        .json(&json!({"token": token}))
        .send()
        .await
        .expect(201);
    let mut ada = app.client();
    ada.token = session.json["token"].as_str().map(str::to_owned);
    assert_eq!(ada.read("/me").await.json["has_password"], false);
    let roles = ada.read("/me/roles").await;
    assert_eq!(roles.json["items"][0]["role"], "administrator");
    let invite = json!({"email": "office@example.org", "role": "call_office"});
    let invited = ada.post("/installation/roles").json(&invite).send().await;
    invited.expect(201);
    let token = link_for(&app, "office@example.org", "invitation").await;
    let accept = json!({"token": token, "name": "Otto Office"});
    let accept = app.client().post("/invitations/accept").json(&accept);
    let mut otto = app.client();
    otto.token = accept.send().await.expect(201).json["token"]
        .as_str()
        .map(str::to_owned);
    let roles = otto.read("/me/roles").await;
    assert_eq!(roles.json["items"][0]["role"], "call_office");
    let own = ada.read("/me/roles").await.json["items"][0]["id"].clone();
    let end = ada.delete(&format!("/roles/{}", own.as_str().unwrap()));
    let last = end.json(&json!({"reason": "Tired"})).send().await;
    assert_eq!(last.expect(409).code(), "state_conflict");
}
