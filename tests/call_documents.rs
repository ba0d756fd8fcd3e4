//! The documents of a call: sent as they are, published with the call, every version kept.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{FUNDERS, open_call};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::{Client, Reply, TestApp};

const PDF: &str = "application/pdf";

fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.7\n{words}\n%%EOF\n").into_bytes()
}

async fn put(who: &Client, path: &str, query: &str, kind: &str, content: Vec<u8>) -> Reply {
    let call = path.split("/documents/").next().unwrap();
    let now = who.read(call).await;
    let request = who.put(&format!("{path}?{query}")).etag(&now.etag);
    request.body(kind, content).send().await
}

fn keys(documents: &Value) -> Vec<String> {
    let key = |one: &Value| one["key"].as_str().unwrap().to_owned();
    documents.as_array().unwrap().iter().map(key).collect()
}

#[tokio::test]
async fn a_published_call_shows_its_documents_and_says_when_they_change() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let public = app.client();
    let path = format!("/calls/{call}");
    let guidelines = format!("{path}/documents/guidelines");
    let first = pdf("first");
    let heading = "title=Guidelines%20for%20applicants&kind=guidelines";
    let put1 = put(&office, &guidelines, heading, PDF, first.clone()).await;
    let shown = put1.expect(200).json["documents"][0].clone();
    let digest = hex::encode(Sha256::digest(&first));
    let size = first.len();
    assert_eq!(
        shown,
        json!({"key": "guidelines", "kind": "guidelines", "title": "Guidelines for applicants",
               "media_type": PDF, "size": size, "sha256": digest, "version": 1,
               "link": format!("/api/v1{guidelines}?version=1")})
    );
    assert_eq!(public.read(&path).await.json["documents"][0], shown);

    let file = public.read(&guidelines).await;
    assert_eq!(file.body, first);
    assert_eq!(file.etag, format!("\"{digest}\""));
    assert_eq!(file.header("content-type"), PDF);
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let disposition = file.header("content-disposition");
    assert_eq!(disposition, "attachment; filename=\"guidelines-v1.pdf\"");
    let policies = file.headers.iter();
    assert!(
        policies.clone().any(|header| header.1 == "sandbox"),
        "{policies:?}"
    );
    let known = public.get(&guidelines).header("If-None-Match", &file.etag);
    assert!(known.send().await.expect(304).body.is_empty());

    let better = "reason=A%20date%20was%20wrong";
    let second = put(
        &office,
        &guidelines,
        better,
        "text/plain; charset=utf-8",
        b"Fine".to_vec(),
    );
    let second = second.await.expect(200);
    let shown = &second.json["documents"][0];
    assert_eq!(
        (&shown["version"], &shown["kind"]),
        (&json!(2), &json!("guidelines"))
    );
    let file = public.read(&guidelines).await;
    assert_eq!(file.body, b"Fine");
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(
        public.read(&format!("{guidelines}?version=1")).await.body,
        first
    );
    public
        .get(&format!("{guidelines}?version=3"))
        .send()
        .await
        .expect(404);

    let now = office.read(&path).await;
    let remove = format!("{guidelines}?reason=Withdrawn");
    office
        .delete(&remove)
        .etag("\"other\"")
        .send()
        .await
        .expect(412);
    office.delete(&remove).send().await.expect(428);
    let dry = office
        .delete(&remove)
        .etag(&now.etag)
        .dry_run()
        .send()
        .await;
    assert_eq!(
        keys(&dry.expect(200).json["documents"]),
        Vec::<String>::new()
    );
    let gone = office
        .delete(&remove)
        .etag(&now.etag)
        .send()
        .await
        .expect(200);
    assert_eq!(gone.json["documents"], json!([]));
    public.get(&guidelines).send().await.expect(404);
    assert_eq!(
        public.read(&format!("{guidelines}?version=1")).await.body,
        first
    );
    let again = office.delete(&remove).etag(&gone.etag).send().await;
    again.expect(404);

    let log = public.read(&format!("{path}/changes")).await;
    let changes = log.json["items"].as_array().unwrap();
    let said = |at: usize| {
        (
            changes[at]["change"].as_str().unwrap(),
            changes[at]["reason"].as_str().unwrap(),
        )
    };
    assert_eq!(changes.len(), 5);
    let title = "Document 'Guidelines for applicants'";
    assert_eq!(said(2), (format!("{title} added").as_str(), ""));
    assert_eq!(
        said(3),
        (
            format!("{title} replaced: version 2").as_str(),
            "A date was wrong"
        )
    );
    assert_eq!(
        said(4),
        (format!("{title} taken out").as_str(), "Withdrawn")
    );
    let version = public.read(&format!("{path}/versions/4")).await;
    let listed = &version.json["document"]["documents"]["guidelines"];
    assert_eq!(listed["title"], "Guidelines for applicants");
    let pointers = version.json["differences"].as_array().unwrap();
    assert!(
        pointers
            .iter()
            .any(|one| one["pointer"] == "/documents/guidelines/sha256")
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_document_is_said_at_once_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let path = format!("/calls/{call}/documents");
    let good = "title=A%20form&kind=form";
    let form = format!("{path}/form");
    let other = put(&office, &form, good, "text/html", b"<p>".to_vec()).await;
    let other = other.expect(415);
    assert_eq!(other.code(), "unsupported_media_type");
    assert!(
        other.json["detail"]
            .as_str()
            .unwrap()
            .contains("text/markdown")
    );
    let none = put(&office, &form, good, PDF, b"<html>".to_vec()).await;
    assert_eq!(none.expect(422).faults(), [" other_format"]);
    let bare = put(
        &office,
        &format!("{path}/The%20form"),
        "",
        "text/plain",
        Vec::new(),
    )
    .await;
    assert_eq!(
        bare.expect(422).faults(),
        ["/key key", "/title required", " empty", "/kind required"]
    );
    let odd = put(
        &office,
        &form,
        "title=A&kind=poem",
        "text/plain",
        b"x".to_vec(),
    )
    .await;
    assert_eq!(odd.expect(400).code(), "malformed_parameter");
    let most = vec![b'a'; 10 * 1024 * 1024];
    let mut more = most.clone();
    more.push(b'a');
    put(&office, &form, good, "text/plain", more)
        .await
        .expect(413);
    let large = put(&office, &form, good, "text/plain", most)
        .await
        .expect(200);
    assert_eq!(keys(&large.json["documents"]), ["form"]);

    let stranger = app.person("Ada").await;
    let request = |who: &Client| who.put(&form).etag("*").body("text/plain", "x");
    request(&stranger).send().await.expect(403);
    request(&app.client()).send().await.expect(401);
    let dry = office
        .put(&form)
        .etag("*")
        .dry_run()
        .body("text/plain", "x");
    let dry = dry.send().await.expect(200);
    assert_eq!(dry.json["documents"][0]["version"], 2);
    office
        .put(&form)
        .etag(&dry.etag)
        .body("text/plain", "x")
        .send()
        .await
        .expect(412);
    assert_eq!(app.value("select count(*) from call_document").await, "1");
}

#[tokio::test]
async fn the_documents_of_a_draft_are_hidden_with_it_and_its_former_versions_stay_hidden() {
    let app = TestApp::start().await;
    let (office, model) = open_call(&app).await;
    let copy = json!({"code": "JTC2027", "title": "The next call", "year": 2027, "weeks": 53});
    let copied = office.post(&format!("/calls/{model}/copy")).json(&copy);
    let call = copied.send().await.expect(201).id();
    let path = format!("/calls/{call}");
    let text = format!("{path}/documents/call-text");
    for words in ["A secret plan", "The call"] {
        let query = "title=Text&kind=call_text";
        put(&office, &text, query, "text/markdown", words.into())
            .await
            .expect(200);
    }
    let public = app.client();
    for hidden in [&path, &text, &format!("{text}?version=1")] {
        public.get(hidden).send().await.expect(404);
    }
    let chair = app.person("Chair").await;
    app.grant(&chair, Role::CscChair, Some(&call), None).await;
    for (key, amount) in FUNDERS {
        let now = office.read(&format!("{path}/funders")).await;
        let pledge = office.put(&format!("{path}/funders/{key}/commitment"));
        let amount = json!({"amount": amount, "reason": "Letter"});
        let pledge = pledge.etag(&now.etag).json(&amount);
        pledge.send().await.expect(200);
    }
    for step in ["approve", "pre-announce"] {
        let who = if step == "approve" { &chair } else { &office };
        let now = who.read(&path).await;
        let step = who.post(&format!("{path}/{step}")).etag(&now.etag);
        step.send().await.expect(200);
    }
    let version = public.read(&format!("{path}/versions/1")).await;
    assert_eq!(
        version.json["document"]["documents"]["call-text"]["version"],
        2
    );
    assert_eq!(public.read(&text).await.body, b"The call");
    public.read(&format!("{text}?version=2")).await;
    public
        .get(&format!("{text}?version=1"))
        .send()
        .await
        .expect(404);
    let inside = office.read(&format!("{text}?version=1")).await;
    assert_eq!(inside.body, b"A secret plan");
}
