//! The audit trail: sealed, exported, verified far from the database, and every change found.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use service::audit::{Verification, verify_export, verify_receipt};

#[path = "commitment/world.rs"]
mod world;

#[path = "audit/tampering.rs"]
mod tampering;

use world::World;

async fn exported() -> (World, Value) {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    world.app.tick().await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    world.app.tick().await;
    let export = world.observer.read(&world.path("export")).await.json;
    (world, export)
}

#[tokio::test]
async fn an_export_verifies_and_is_for_secretariat_and_observer() {
    let (world, export) = exported().await;
    let Verification { checked, faults } = verify_export(&export);
    assert_eq!(faults, Vec::<String>::new());
    // Ten submissions, the ranking list; proposed, adopted, confirmed, four lines, the letters.
    assert_eq!((checked.rows, checked.links, checked.unsealed), (19, 19, 0));
    let computed = (checked.rankings, checked.selections);
    assert_eq!((checked.receipts, computed), (10, (1, 1)));
    let by_command = service::audit::export(&world.app.service, world.call.parse().unwrap());
    assert_eq!(by_command.await.unwrap(), export);

    let heads = world
        .secretariat
        .read(&world.path("audit/heads"))
        .await
        .json;
    let last = heads["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["seq"], 19);
    assert_eq!(checked.heads, heads["items"].as_array().unwrap().len());
    for path in ["export", "audit/heads"] {
        let path = world.path(path);
        world.chair.get(&path).send().await.expect(403);
        world.app.client().get(&path).send().await.expect(401);
    }
}

/// A change of the document, and a part of the fault it must raise.
type Tampering = (&'static str, fn(&mut Value), &'static str);

/// Scores added up.
fn sum(scores: &[Value]) -> Value {
    let scores = scores.iter();
    let scores = scores.map(|one| {
        serde_json::from_value::<call::Score>(one.clone())
            .unwrap()
            .0
    });
    json!(call::Score(scores.sum()))
}

fn flip(value: &mut Value) {
    let text = value.as_str().unwrap();
    let first = if text.starts_with('0') { '1' } else { '0' };
    *value = json!(format!("{first}{}", &text[1..]));
}

#[tokio::test]
async fn every_change_of_a_byte_is_found_where_it_is() {
    let (_world, export) = exported().await;
    let cases: [Tampering; 24] = [
        (
            "role",
            |e| e["rows"][3]["worn"] = json!("observer"),
            "row 4 ",
        ),
        (
            "deed",
            |e| e["rows"][0]["action"] = json!("edit_call"),
            "row 1 ",
        ),
        ("time", |e| flip(&mut e["rows"][5]["at"]), "row 6 "),
        (
            "reason",
            |e| e["rows"][11]["reason"] = json!("Another"),
            "row 12 ",
        ),
        (
            "detail",
            |e| e["rows"][11]["detail"]["votes_against"] = json!(1),
            "row 12 ",
        ),
        ("salt", |e| flip(&mut e["rows"][7]["salt"]), "row 8 "),
        ("digest", |e| flip(&mut e["rows"][8]["digest"]), "row 9 "),
        ("call", |e| e["rows"][8]["call_id"] = Value::Null, "row 9 "),
        ("hash", |e| flip(&mut e["links"][4]["hash"]), "link 5 "),
        ("order", |e| e["links"][4]["seq"] = json!(9), "link 5 "),
        (
            "a row taken out",
            |e| {
                e["rows"].as_array_mut().unwrap().remove(6);
                e["links"].as_array_mut().unwrap().remove(6);
            },
            "link 7 ",
        ),
        ("head", |e| flip(&mut e["heads"][0]["signature"]), "head "),
        (
            "last head",
            |e| e["heads"] = json!([]),
            "covered by no signed head",
        ),
        (
            "receipt",
            |e| e["receipts"][2]["receipt"]["version"] = json!(2),
            "receipt 3 ",
        ),
        (
            "a total on the ranking list",
            |e| e["rankings"][0]["list"]["entries"][3]["total"] = json!("13.5"),
            "ranking list 1 of stage 2 computes to another list",
        ),
        (
            "a total that the panel agreed on",
            |e| e["rankings"][0]["list"]["input"]["proposals"][3]["total"] = json!("13.5"),
            "ranking list 1 of stage 2 rests on a wrong total",
        ),
        (
            "a score of the panel, with all that follows from it",
            |e| {
                let list = &mut e["rankings"][0]["list"];
                let agreed = &mut list["input"]["proposals"][9];
                agreed["scores"]["impact"] = json!("5.0");
                let rest =
                    ["excellence", "implementation"].map(|key| agreed["scores"][key].clone());
                agreed["total"] = sum(&[json!("5.0"), rest[0].clone(), rest[1].clone()]);
                let mut forged: review::Ranked = serde_json::from_value(list.clone()).unwrap();
                forged.entries = forged.input.entries();
                *list = json!(forged);
            },
            "ranking list 1 of stage 2 is not the one that the audit knows",
        ),
        (
            "a rating",
            |e| {
                e["rankings"][0]["list"]["input"]["proposals"][0]["rating"] =
                    json!("not_recommended");
            },
            "ranking list 1 of stage 2 computes to another list",
        ),
        (
            "order of the ranking list",
            |e| {
                let entries = e["rankings"][0]["list"]["entries"].as_array_mut();
                entries.unwrap().swap(0, 1);
            },
            "ranking list 1 of stage 2 computes to another list",
        ),
        (
            "ranking list",
            |e| e["rankings"] = json!([]),
            "was adopted and is missing",
        ),
        (
            "another ranking list",
            |e| e["rankings"][0]["id"] = json!("019a0000-0000-7000-8000-0000000000ff"),
            "ranking list 1 of stage 2 is not the one that the audit knows",
        ),
        (
            "state of the ranking list",
            |e| e["rankings"][0]["state"] = json!("revised"),
            "is the last one, and not in force",
        ),
        (
            "result",
            |e| e["selections"][0]["result"]["selected"][0] = json!("P03"),
            "selection 1 ",
        ),
        (
            "input",
            |e| e["selections"][0]["input"]["funders"][3]["commitment"] = json!("670000.01"),
            "selection 1 ",
        ),
    ];
    for (what, tamper, part) in cases {
        let mut changed = export.clone();
        tamper(&mut changed);
        assert_ne!(changed, export, "{what} changes nothing");
        let faults = verify_export(&changed).faults;
        println!("{what}: {faults:?}");
        assert!(
            faults.iter().any(|fault| fault.contains(part)),
            "{what}: {faults:?}"
        );
    }
    let mut foreign = export.clone();
    flip(&mut foreign["public_key"]);
    assert!(verify_export(&foreign).faults.len() > 10);
    assert_eq!(verify_export(&json!({ "rows": [] })).faults.len(), 1);
}

#[tokio::test]
async fn a_superuser_who_changes_a_sealed_row_is_found() {
    let (world, _) = exported().await;
    world.app.broken_on_purpose("a superuser changes a row");
    world
        .app
        .sql(
            "alter table audit disable trigger all;
              update audit set worn = 'observer' where action = 'confirm_selection';
              alter table audit enable trigger all",
        )
        .await;
    let export = world.observer.read(&world.path("export")).await.json;
    let faults = verify_export(&export).faults;
    assert!(faults[0].starts_with("row 14 "), "{faults:?}");
}

#[tokio::test]
async fn a_receipt_verifies_alone() {
    let (world, export) = exported().await;
    let key = world.app.service.keys().public_key();
    let mut signed: intake::SignedReceipt =
        serde_json::from_value(export["receipts"][0].clone()).unwrap();
    assert!(verify_receipt(&key, &signed));
    assert!(!verify_receipt(&[3; 32], &signed));
    signed.receipt.version += 1;
    assert!(!verify_receipt(&key, &signed));
}
