//! A proposal as one PDF: previewed, submitted, read by whoever may.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;
mod uploading;

use access::Role;
use filecheck::Verdict;
use proposals::{draft, open_call, save, submit};
use serde_json::json;
use testkit::{Client, TestApp, sample};
use uploading::{file, give_slots, naming};

async fn pdf(client: &Client, path: &str) -> Vec<u8> {
    let found = client.get(&format!("{path}/pdf")).send().await.expect(200);
    assert_eq!(found.header("content-type"), "application/pdf");
    let disposition = found.header("content-disposition");
    assert_eq!(disposition, "attachment; filename=\"JTC2026-001.pdf\"");
    assert!(found.body.starts_with(b"%PDF-"));
    found.body
}

#[tokio::test]
async fn everybody_who_reads_a_version_gets_the_same_document() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    let first = pdf(&ada, &path).await;
    assert_eq!(
        pdf(&ada, &path).await,
        first,
        "a preview is the same each time"
    );
    let title = json!({ "title": "Another title" });
    let saved = save(&ada, &path, &begun.etag, title).await.expect(200);
    let preview = pdf(&ada, &path).await;
    assert_ne!(preview, first);
    submit(&ada, &path, &saved.etag).await.expect(200);
    let submitted = pdf(&ada, &path).await;
    assert_ne!(submitted, preview, "a draft says that it is one");

    let funder = app.person("Funder").await;
    let role = Role::CscRepresentative;
    app.grant(&funder, role, Some(&call), Some("FR-ANR")).await;
    for nobody in [&office, &funder, &app.person("Eve").await] {
        nobody.get(&format!("{path}/pdf")).send().await.expect(404);
    }
    app.close_stage(&call, 1).await;
    for reader in [&ada, &office, &funder] {
        assert_eq!(pdf(reader, &path).await, submitted);
    }
    let other = format!("{path}/pdf?stage=2");
    office.get(&other).send().await.expect(404);
}

#[tokio::test]
async fn figures_and_annexes_are_in_it() {
    let app = TestApp::start().await;
    let (_, call) = open_call(&app).await;
    give_slots(&app, &call).await;
    let ada = app.person("Ada").await;
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    let without = pdf(&ada, &path).await;
    let letters = file(&ada, &path, "letters.pdf", &sample::pdf(2, "letters")).await;
    let figure = file(&ada, &path, "figure.png", &sample::png()).await;
    let named = save(&ada, &path, &begun.etag, naming("letters", &letters))
        .await
        .expect(200);
    save(&ada, &path, &named.etag, naming("figure", &figure))
        .await
        .expect(200);
    let with = pdf(&ada, &path).await;
    let pages = |pdf: &[u8]| match filecheck::examine(pdf) {
        Verdict::Sound { pages, .. } => pages.unwrap(),
        refused @ Verdict::Refused { .. } => panic!("{refused:?}"),
    };
    assert!(
        pages(&with) >= pages(&without) + 3,
        "{} pages",
        pages(&with)
    );
}
