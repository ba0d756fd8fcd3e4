//! How a partner comes to its part.
#![allow(dead_code, reason = "each test file uses some of it")]

use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

/// The token in the last invitation that an address got.
pub async fn token(app: &TestApp, address: &str) -> String {
    let mails = app.mails().await;
    let mut tokens = mails
        .iter()
        .filter(|mail| mail.to == [address])
        .filter_map(|mail| {
            let text = mail.text();
            let (_, rest) = text.split_once("/link/partner?token=")?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
    tokens.next_back().unwrap()
}

/// Invites a partner by the address of its principal investigator, or another.
pub async fn invite(coordinator: &Client, path: &str, partner: &str, email: Option<&str>) -> Reply {
    let path = format!("{path}/partners/{partner}/invitation");
    let input = json!({ "email": email });
    coordinator.post(&path).json(&input).send().await
}

/// Claims an invitation.
pub async fn claim(who: &Client, token: &str, name: Option<&str>) -> Reply {
    let input = json!({"token": token, "name": name});
    let request = who.post("/partner-invitations/claim").json(&input);
    request.send().await
}

/// Invites somebody who is logged in, who then claims the part.
pub async fn join(app: &TestApp, coordinator: &Client, path: &str, partner: &str, who: &Client) {
    invite(coordinator, path, partner, Some(&who.email))
        .await
        .expect(201);
    let token = token(app, &who.email).await;
    claim(who, &token, None).await.expect(201);
}

/// Saves a patch of a part over the version that the ETag names.
pub async fn write(who: &Client, path: &str, partner: &str, etag: &str, patch: Value) -> Reply {
    let path = format!("{path}/partners/{partner}");
    who.patch(&path).etag(etag).json(&patch).send().await
}
