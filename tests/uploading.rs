//! What the stories about files begin with.
#![allow(dead_code, reason = "each story uses some of it")]

use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

/// Gives the first stage of a call two slots: letters, at most two pages and required, and a figure.
pub async fn give_slots(app: &TestApp, call: &str) {
    let slots = json!([
        {"key": "letters", "title": "Letters of intent", "required": true, "kinds": ["pdf"], "pages_max": 2},
        {"key": "figure", "title": "Figure", "required": false, "kinds": ["image"]},
    ]);
    app.sql(&format!(
        "update call set rules = jsonb_set(rules, '{{stages,0,annexes}}', '{slots}') where id = '{call}'"
    ))
    .await;
}

/// Lets proposals of all stages carry letters, and asks for none.
pub async fn allow_letters(app: &TestApp, call: &str) {
    let slots = json!([{"key": "letters", "title": "Letters of intent", "required": false}]);
    app.sql(&format!(
        "update call set rules = jsonb_set(jsonb_set(rules, '{{stages,0,annexes}}', '{slots}'),
                                           '{{stages,1,annexes}}', '{slots}') where id = '{call}'"
    ))
    .await;
}

/// A complete proposal that is submitted with letters; an upload goes on. Answers its path, the hash of the
/// letters and the upload.
pub async fn submitted_with_letters(who: &Client, call: &str) -> (String, String, String) {
    let path = format!(
        "/proposals/{}",
        crate::proposals::draft(who, call).await.id()
    );
    let sha256 = file(
        who,
        &path,
        "letters.pdf",
        &testkit::sample::pdf(1, "letters"),
    )
    .await;
    let now = who.read(&path).await;
    let named = crate::proposals::save(who, &path, &now.etag, naming("letters", &sha256)).await;
    let etag = named.expect(200).etag;
    crate::proposals::submit(who, &path, &etag)
        .await
        .expect(200);
    let upload = begin(who, &path, "more.pdf", 1_000).await.expect(201).id();
    send(who, &upload, 0, b"%PDF-1.7").await.expect(200);
    (path, sha256, upload)
}

/// Begins an upload.
pub async fn begin(who: &Client, proposal: &str, name: &str, bytes: usize) -> Reply {
    let input = json!({ "name": name, "bytes": bytes });
    who.post(&format!("{proposal}/uploads"))
        .json(&input)
        .send()
        .await
}

/// Sends bytes to an upload at an offset.
pub async fn send(who: &Client, upload: &str, offset: usize, bytes: &[u8]) -> Reply {
    who.patch(&format!("/uploads/{upload}"))
        .header("Upload-Offset", &offset.to_string())
        .body("application/offset+octet-stream", bytes.to_vec())
        .send()
        .await
}

/// Uploads a whole file; answers the end of it.
pub async fn upload(who: &Client, proposal: &str, name: &str, bytes: &[u8]) -> Reply {
    let begun = begin(who, proposal, name, bytes.len()).await.expect(201);
    send(who, &begun.id(), 0, bytes).await
}

/// Uploads a file that is taken; answers its SHA-256.
pub async fn file(who: &Client, proposal: &str, name: &str, bytes: &[u8]) -> String {
    let ended = upload(who, proposal, name, bytes).await.expect(200);
    assert_eq!(ended.json["state"], "accepted", "{}", ended.json);
    ended.json["file"]["sha256"].as_str().unwrap().to_owned()
}

/// The patch that names a file in a slot.
pub fn naming(slot: &str, sha256: &str) -> Value {
    json!({ "annexes": { slot: { "file": sha256 } } })
}
