//! Files of proposals: uploaded in pieces, looked at, named, read by whoever may, and kept.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "files/kept.rs"]
mod kept;
mod proposals;
mod uploading;

use proposals::{draft, open_call, save, submit};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp, sample};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uploading::{begin, file, give_slots, naming, send, upload};

/// A call whose first stage has slots for files, and a complete draft but for them.
struct Desk {
    app: TestApp,
    office: Client,
    call: String,
    ada: Client,
    path: String,
}

impl Desk {
    async fn new() -> Desk {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        give_slots(&app, &call).await;
        let ada = app.person("Ada").await;
        let path = format!("/proposals/{}", draft(&ada, &call).await.id());
        Desk {
            app,
            office,
            call,
            ada,
            path,
        }
    }

    async fn save(&self, patch: Value) -> Reply {
        let now = self.ada.read(&self.path).await;
        save(&self.ada, &self.path, &now.etag, patch).await
    }

    async fn submit(&self) -> Reply {
        let now = self.ada.read(&self.path).await;
        submit(&self.ada, &self.path, &now.etag).await
    }

    fn link(&self, sha256: &str) -> String {
        format!("{}/files/{sha256}", self.path)
    }

    async fn faults(&self) -> Vec<String> {
        let found = self.ada.read(&format!("{}/check", self.path)).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let faults = found.json["faults"].as_array().unwrap().iter();
        faults
            .map(|one| format!("{} {}", text(&one["pointer"]), text(&one["code"])))
            .collect()
    }
}

#[tokio::test]
async fn a_file_goes_up_in_pieces_and_is_submitted_with_the_proposal() {
    let desk = Desk::new().await;
    let (ada, bytes) = (&desk.ada, sample::pdf(2, "letters"));
    assert_eq!(desk.faults().await, ["/annexes/letters annex_missing"]);
    let begun = begin(ada, &desk.path, "Lettres d'appui", bytes.len())
        .await
        .expect(201);
    assert_eq!(
        (&begun.json["offset"], &begun.json["state"]),
        (&json!(0), &json!("receiving"))
    );
    let first = send(ada, &begun.id(), 0, &bytes[..100]).await.expect(200);
    assert_eq!(first.json["offset"], 100);
    let ended = send(ada, &begun.id(), 100, &bytes[100..]).await.expect(200);
    let known = &ended.json["file"];
    assert_eq!(ended.json["state"], "accepted");
    assert_eq!(
        (&known["pages"], &known["media_type"]),
        (&json!(2), &json!("application/pdf"))
    );
    assert_eq!(
        (&known["name"], &known["bytes"]),
        (&json!("Lettres d'appui.pdf"), &json!(bytes.len()))
    );
    let sha256 = known["sha256"].as_str().unwrap();
    assert_eq!(known["link"], format!("/api/v1{}", desk.link(sha256)));

    let saved = desk.save(naming("letters", sha256)).await.expect(200);
    let annex = json!({"file": sha256, "name": "Lettres d'appui.pdf", "bytes": bytes.len(), "pages": 2, "media_type": "application/pdf"});
    assert_eq!(
        saved.json["stages"][0]["content"]["annexes"]["letters"],
        annex
    );
    assert_eq!(desk.faults().await, Vec::<String>::new());
    let one = desk.submit().await.expect(200);

    // Another file is another version, with another hash on its receipt.
    let other = file(ada, &desk.path, "letters.pdf", &sample::pdf(1, "other")).await;
    desk.save(naming("letters", &other)).await.expect(200);
    let two = desk.submit().await.expect(200);
    let hash = |reply: &Reply| reply.json["receipt"]["receipt"]["content_sha256"].clone();
    assert_ne!(hash(&one), hash(&two));

    let got = ada.read(&desk.link(sha256)).await;
    assert_eq!(got.body, bytes);
    assert_eq!(got.header("content-type"), "application/pdf");
    assert_eq!(
        got.header("content-disposition"),
        "attachment; filename=\"Lettres d_appui.pdf\"; filename*=UTF-8''Lettres%20d%27appui.pdf"
    );
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    let policies = got
        .headers
        .iter()
        .filter(|(name, _)| name == "content-security-policy");
    assert!(policies.into_iter().any(|(_, policy)| policy == "sandbox"));
    let again = ada
        .get(&desk.link(sha256))
        .header("If-None-Match", &got.etag);
    again.send().await.expect(304);
    let parts = std::fs::read_dir(desk.app.parts_folder()).unwrap();
    assert_eq!(parts.count(), 0, "what is whole leaves no part behind");
}

#[tokio::test]
async fn a_connection_that_is_cut_goes_on_where_it_broke_off() {
    let desk = Desk::new().await;
    let (ada, bytes) = (&desk.ada, sample::pdf(1, &"x".repeat(90_000)));
    let id = begin(ada, &desk.path, "a.pdf", bytes.len())
        .await
        .expect(201)
        .id();
    let address = desk.app.base.trim_start_matches("http://");
    let mut wire = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH /api/v1/uploads/{id} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        ada.token.as_ref().unwrap(),
        bytes.len()
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.write_all(&bytes[..60_000]).await.unwrap();
    wire.flush().await.unwrap();
    // Nothing else is written while this request is under way.
    let part = desk.app.parts_folder().join(format!("{id}.part"));
    while std::fs::metadata(&part).map_or(0, |part| part.len()) == 0 {
        tokio::task::yield_now().await;
    }
    let busy = send(ada, &id, 0, b"").await.expect(409);
    assert_eq!(busy.code(), "request_in_progress");
    drop(wire);
    let upload = format!("/uploads/{id}");
    let offset = loop {
        let now = ada.read(&upload).await.json["offset"].as_u64().unwrap();
        if now > 0 {
            break usize::try_from(now).unwrap();
        }
    };
    assert!(offset <= 60_000);
    for wrong in [0, offset - 1, offset + 1, 1 << 40] {
        let refused = loop {
            let reply = send(ada, &id, wrong, &bytes[..1]).await.expect(409);
            if reply.code() != "request_in_progress" {
                break reply;
            }
        };
        assert_eq!(refused.faults(), ["/Upload-Offset offset_wrong"]);
        let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!("go on at {offset}")), "{detail}");
    }
    let ended = send(ada, &id, offset, &bytes[offset..]).await.expect(200);
    assert_eq!(ended.json["state"], "accepted");
    // The answer that was lost is given again.
    let again = send(ada, &id, bytes.len(), b"").await.expect(200);
    assert_eq!(again.json, ended.json);
    let sha256 = ended.json["file"]["sha256"].as_str().unwrap();
    assert_eq!(ada.read(&desk.link(sha256)).await.body, bytes);
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_and_while_it_comes() {
    let desk = Desk::new().await;
    let ada = &desk.ada;
    for (name, bytes, fault) in [
        ("a.pdf", 0, "/bytes file_empty"),
        ("a.pdf", 2_000_001, "/bytes file_too_large"),
        ("../a.pdf", 9, "/name name_unfit"),
        ("", 9, "/name name_unfit"),
        ("a\r\nb", 9, "/name name_unfit"),
    ] {
        let refused = begin(ada, &desk.path, name, bytes).await.expect(422);
        assert_eq!(refused.faults(), [fault], "{name}");
    }
    let wrong = json!({"name": "a.pdf", "bytes": 9, "sha256": "abc"});
    let uploads = format!("{}/uploads", desk.path);
    let refused = ada.post(&uploads).json(&wrong).send().await.expect(422);
    assert_eq!(refused.faults(), ["/sha256 sha256_unfit"]);
    ada.post(&uploads)
        .json(&json!({"name": "a.pdf", "bytes": -1}))
        .send()
        .await
        .expect(422);

    let id = begin(ada, &desk.path, "a.pdf", 1_000)
        .await
        .expect(201)
        .id();
    let part = sample::pdf(1, "x");
    send(ada, &id, 0, &part[..200]).await.expect(200);
    let large = send(ada, &id, 200, &vec![b'x'; 400_000]).await.expect(413);
    assert_eq!(large.code(), "too_large");
    let now = ada.read(&format!("/uploads/{id}")).await;
    assert_eq!(now.json["offset"], 200);

    // What is begun takes room too.
    for _ in 0..2 {
        begin(ada, &desk.path, "a.pdf", 2_000_000).await.expect(201);
    }
    let full = begin(ada, &desk.path, "a.pdf", 1_999_999).await.expect(422);
    assert_eq!(full.faults(), ["/bytes proposal_full"]);
    for _ in 0..17 {
        begin(ada, &desk.path, "a.pdf", 1).await.expect(201);
    }
    let many = begin(ada, &desk.path, "a.pdf", 1).await.expect(422);
    assert_eq!(many.faults(), [" uploads_at_once"]);
    let gone = ada.delete(&format!("/uploads/{id}")).dry_run().send().await;
    assert_eq!(gone.expect(200).json["offset"], 200);
    ada.delete(&format!("/uploads/{id}"))
        .send()
        .await
        .expect(200);
    ada.get(&format!("/uploads/{id}")).send().await.expect(404);
    begin(ada, &desk.path, "a.pdf", 1).await.expect(201);
}

#[tokio::test]
async fn what_is_not_a_sound_file_is_refused_with_the_remedy() {
    let desk = Desk::new().await;
    let ada = &desk.ada;
    let sound = sample::pdf(1, "x");
    for (bytes, code) in [
        (sample::encrypted_pdf(), "file_encrypted"),
        (sample::pdf_with_script(), "file_has_script"),
        (sound[..sound.len() / 3].to_vec(), "file_broken"),
        (sample::png()[..40].to_vec(), "file_broken"),
        (
            b"<html><script>alert(1)</script></html>".to_vec(),
            "file_kind",
        ),
    ] {
        let refused = upload(ada, &desk.path, "a.pdf", &bytes).await.expect(422);
        assert_eq!(refused.faults(), [format!("/file {code}")]);
        let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains([';', ':']), "{detail}");
    }
    let begun = json!({"name": "a.pdf", "bytes": sound.len(), "sha256": "0".repeat(64)});
    let begun = ada
        .post(&format!("{}/uploads", desk.path))
        .json(&begun)
        .send()
        .await
        .expect(201);
    let other = send(ada, &begun.id(), 0, &sound).await.expect(422);
    assert_eq!(other.faults(), ["/sha256 sha256_differs"]);
    // The answer stays the same, however it is asked for.
    let told = ada.read(&format!("/uploads/{}", begun.id())).await;
    assert_eq!(
        (&told.json["state"], &told.json["faults"]),
        (&json!("refused"), &other.json["errors"])
    );
    let again = send(ada, &begun.id(), sound.len(), b"").await.expect(422);
    assert_eq!(again.json["errors"], other.json["errors"]);
    assert_eq!(desk.app.value("select count(*) from file").await, "0");
    let upload = format!("/uploads/{}", begun.id());
    let odd = ada
        .patch(&upload)
        .header("Upload-Offset", "0")
        .body("text/plain", "x");
    odd.send().await.expect(415);
    let unsaid = ada.patch(&upload).body("application/octet-stream", "x");
    assert_eq!(
        unsaid.send().await.expect(400).faults(),
        ["/Upload-Offset parameter"]
    );
}

#[tokio::test]
async fn a_slot_takes_what_its_stage_asks_for() {
    let desk = Desk::new().await;
    let ada = &desk.ada;
    let long = file(ada, &desk.path, "long.pdf", &sample::pdf(3, "x")).await;
    let figure = file(ada, &desk.path, "figure", &sample::png()).await;
    let patch = json!({"annexes": {
        "letters": {"file": long, "name": "ignored", "bytes": 1, "pages": 1},
        "figure": {"file": long}, "more": {"file": figure}}});
    desk.save(patch).await.expect(200);
    let expected = [
        "/annexes/letters annex_too_long",
        "/annexes/figure annex_kind",
        "/annexes/more annex_unknown",
    ];
    assert_eq!(desk.faults().await, expected);
    let refused = desk.submit().await.expect(422);
    assert_eq!(refused.faults(), expected);
    let short = file(ada, &desk.path, "short.pdf", &sample::pdf(2, "x")).await;
    let patch = json!({"annexes": {
        "letters": {"file": short}, "figure": {"file": figure}, "more": null}});
    let saved = desk.save(patch).await.expect(200);
    let letters = &saved.json["stages"][0]["content"]["annexes"]["letters"];
    assert_eq!(
        (&letters["name"], &letters["pages"]),
        (&json!("short.pdf"), &json!(2))
    );
    desk.submit().await.expect(200);
    let picture = ada.read(&desk.link(&figure)).await;
    assert_eq!(
        (picture.header("content-type"), &picture.body),
        ("image/png", &sample::png())
    );
    assert!(
        picture
            .headers
            .iter()
            .any(|(_, value)| value.contains("figure.png"))
    );
}

#[tokio::test]
async fn nobody_reaches_into_the_proposal_of_another() {
    let desk = Desk::new().await;
    let (ada, bytes) = (&desk.ada, sample::pdf(1, "secret"));
    let rival = desk.app.person("Rival").await;
    let own = format!("/proposals/{}", draft(&rival, &desk.call).await.id());
    let id = begin(ada, &desk.path, "a.pdf", bytes.len())
        .await
        .expect(201)
        .id();
    let sha256 = file(ada, &desk.path, "b.pdf", &bytes).await;
    for who in [&rival, &desk.office] {
        who.get(&format!("/uploads/{id}")).send().await.expect(404);
        who.delete(&format!("/uploads/{id}"))
            .send()
            .await
            .expect(404);
        send(who, &id, 0, &bytes).await.expect(404);
        who.get(&desk.link(&sha256)).send().await.expect(404);
    }
    begin(&rival, &desk.path, "a.pdf", 9).await.expect(404);
    begin(&desk.office, &desk.path, "a.pdf", 9)
        .await
        .expect(403);
    send(&desk.app.client(), &id, 0, &bytes).await.expect(401);
    // Who knows the hash has the file only by uploading it.
    let now = rival.read(&own).await;
    let stolen = save(&rival, &own, &now.etag, naming("letters", &sha256)).await;
    assert_eq!(
        stolen.expect(422).faults(),
        ["/annexes/letters/file file_unknown"]
    );
    rival
        .get(&format!("{own}/files/{sha256}"))
        .send()
        .await
        .expect(404);
    let begun = json!({"content": naming("letters", &sha256)});
    let begun = rival
        .post(&format!("/calls/{}/proposals", desk.call))
        .json(&begun)
        .send()
        .await;
    assert_eq!(
        begun.expect(422).faults(),
        ["/content/annexes/letters file_unknown"]
    );
    assert_eq!(file(&rival, &own, "mine.pdf", &bytes).await, sha256);
    let now = rival.read(&own).await;
    save(&rival, &own, &now.etag, naming("letters", &sha256))
        .await
        .expect(200);

    // The same bytes, uploaded again and by somebody else, are kept once.
    let named = file(ada, &desk.path, "renamed.pdf", &bytes).await;
    assert_eq!(named, sha256);
    assert_eq!(desk.app.value("select count(*) from file").await, "2");
    let folder = desk.app.files_folder().join(&sha256[..2]);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);

    desk.app.close_stage(&desk.call, 1).await;
    assert_eq!(
        send(ada, &id, 0, &bytes).await.expect(409).code(),
        "deadline_passed"
    );
    assert_eq!(
        begin(ada, &desk.path, "a.pdf", 9).await.expect(409).code(),
        "deadline_passed"
    );
    ada.read(&desk.link(&sha256)).await;
}
