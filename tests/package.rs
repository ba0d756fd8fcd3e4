//! The Commission's package: whole, the same each time, and for those alone who may see all of it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use access::Role;
use serde_json::json;
use sha2::{Digest, Sha256};
use testkit::Client;

#[path = "commitment/world.rs"]
mod world;

use world::World;

const PDF: &[u8] = b"%PDF-1.7\nSigned\n%%EOF\n";

/// A call with a form of the Commission's, and a final selection.
async fn decided() -> World {
    let world = World::ranked().await;
    let put = world
        .secretariat
        .put(&format!(
            "{}?title=Form&kind=commission_template&reason=Wanted",
            world.path("documents/ec-form")
        ))
        .etag("*");
    let put = put.body("text/plain", "The Commission's form");
    put.send().await.expect(200);
    signed(&world).await;
    let selection = world.confirmed().await;
    world
        .secretariat
        .get(&world.path("package"))
        .send()
        .await
        .expect(409);
    world.accept(&selection, 0..4).await;
    // It may still be replaced, and nothing else may.
    for (kind, status) in [("commission_template", 200), ("guidelines", 409)] {
        let key = world.path(&format!("documents/{kind}"));
        let put = format!(
            "{}?title=Form&kind={kind}&reason=Wanted",
            key.replace('_', "-")
        );
        let put = world.secretariat.put(&put).etag("*");
        let put = put.body("text/plain", "The annex to the form");
        put.send().await.expect(status);
    }
    world
}

/// AA signs for less than its indicative commitment.
async fn signed(world: &World) {
    let commitment = world.path("funders/AA-ALPHA/commitment");
    let by = "signed_by=Maria%20Muster&signed_as=Head%20of%20division&signed_on=2026-06-30";
    let file = world.signatories[0].post(&format!("{commitment}/documents?{by}"));
    let file = file.body("application/pdf", PDF.to_vec());
    let document = file.send().await.expect(201).json["sha256"].clone();
    let pledge = json!({ "kind": "availability", "amount": "2000000.00", "document": document, "reason": "Signed" });
    let put = world.signatories[0].put(&commitment).etag("*");
    put.json(&pledge).send().await.expect(200);
}

/// The files of an archive whose files are stored as they are.
fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let short = |at: usize| usize::from(u16::from_le_bytes([archive[at], archive[at + 1]]));
    let long = |at: usize| short(at) | (short(at + 2) << 16);
    let end = (0..archive.len() - 21)
        .rev()
        .find(|at| archive[*at..].starts_with(b"PK\x05\x06"))
        .unwrap();
    let mut at = long(end + 16);
    let mut found = BTreeMap::new();
    while archive[at..].starts_with(b"PK\x01\x02") {
        let (size, name) = (long(at + 20), short(at + 28));
        let local = long(at + 42);
        let begin = local + 30 + short(local + 26) + short(local + 28);
        found.insert(
            String::from_utf8(archive[at + 46..at + 46 + name].to_vec()).unwrap(),
            archive[begin..begin + size].to_vec(),
        );
        at += 46 + name + short(at + 30) + short(at + 32);
    }
    found
}

async fn taken(who: &Client, world: &World) -> (Vec<u8>, BTreeMap<String, Vec<u8>>) {
    let reply = who.get(&world.path("package")).send().await.expect(200);
    assert_eq!(reply.header("content-type"), "application/zip");
    let found = files(&reply.body);
    (reply.body, found)
}

#[tokio::test]
async fn the_package_is_whole_and_the_same_each_time() {
    let world = decided().await;
    let (bytes, found) = taken(&world.secretariat, &world).await;
    assert_eq!(taken(&world.observer, &world).await.0, bytes);
    assert_eq!(taken(&world.chair, &world).await.0, bytes);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "SHA256SUMS",
            "abstracts.csv",
            "commitments.csv",
            "commitments/AA-ALPHA.pdf",
            "conformity_report.csv",
            "forms/commission-template.txt",
            "forms/ec-form.txt",
            "package.pdf",
            "package.xlsx",
            "participants.csv",
            "principal_investigators.csv",
            "ranking_lists.csv",
            "selection_list.csv",
        ]
    );
    let sums = String::from_utf8(found["SHA256SUMS"].clone()).unwrap();
    assert_eq!(sums.lines().count(), found.len() - 1);
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, hex::encode(Sha256::digest(&found[name])), "{name}");
    }
    assert_eq!(found["forms/ec-form.txt"], b"The Commission's form");
    assert!(found["package.pdf"].starts_with(b"%PDF-"));
    let text = |name: &str| String::from_utf8(found[name].clone()).unwrap();
    assert_eq!(text("selection_list.csv").lines().count(), 1 + 5);
    assert_eq!(found["commitments/AA-ALPHA.pdf"], PDF);
    let sha256 = hex::encode(Sha256::digest(PDF));
    let signed = format!(
        "AA-ALPHA,Alpha Fund,2680000.00,2000000.00,Maria Muster,Head of division,2026-06-30,{sha256},"
    );
    assert!(text("commitments.csv").contains(&signed));
    // Who has signed nothing is told of with an indicative commitment alone.
    assert!(text("commitments.csv").contains("BB-BETA,Beta Trust,2010000.00,,,,,,"));
    assert_eq!(text("commitments.csv").matches(",accepted,").count(), 4);
    // Of a call of Horizon Europe all proposals are told of.
    assert_eq!(text("abstracts.csv").lines().count(), 1 + 10);
    assert!(text("participants.csv").contains("P10,reserve,"));
}

#[tokio::test]
async fn horizon_2020_hears_of_the_funded_projects_alone() {
    let world = decided().await;
    let rules = "update call set rules = jsonb_set(rules, '{framework}', '\"horizon2020\"')";
    world.app.sql(rules).await;
    let (_, found) = taken(&world.secretariat, &world).await;
    let text = |name: &str| String::from_utf8(found[name].clone()).unwrap();
    assert_eq!(text("abstracts.csv").lines().count(), 1 + 5);
    assert!(!text("participants.csv").contains(",reserve,"));
    assert!(text("ranking_lists.csv").contains("P10"));
}

#[tokio::test]
async fn nobody_else_takes_it_out() {
    let world = decided().await;
    let path = world.path("package");
    let member = world.app.person("Max Member").await;
    let call = Some(world.call.as_str());
    let funder = Some("AA-ALPHA");
    world
        .app
        .grant(&member, Role::CscRepresentative, call, funder)
        .await;
    member.get(&path).send().await.expect(403);
    world.signatories[0].get(&path).send().await.expect(404);
    world.coordinator.get(&path).send().await.expect(404);
    world.app.client().get(&path).send().await.expect(401);
    let (account, proposal) = (world.observer.account.unwrap(), world.id_of("P09"));
    world
        .app
        .sql(&format!(
            "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
             values ('{account}', '{proposal}', '{}', 'Friends')",
            world.call
        ))
        .await;
    let apart = world.observer.get(&path).send().await;
    assert_eq!(apart.code(), "conflict_of_interest");
}
