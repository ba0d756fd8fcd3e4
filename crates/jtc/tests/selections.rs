//! A decided selection leaves the database as a file, and computes to the same answer without one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use store::cluster::APP;

#[path = "../../../tests/commitment/world.rs"]
mod world;

use world::{FUNDERS, World};

fn jtc(world: &World, home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jtc"))
        .env("JTC__DATA__FOLDER", home)
        .env("JTC__DATABASE__URL", world.app.database_url(APP))
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_export_writes_computes_to_what_was_stored() {
    let world = World::ranked().await;
    let path = world.confirmed().await;
    world.accept(&path, 0..4).await;
    world.app.tick().await;
    let stored = world.secretariat.read(&path).await.json;
    let home = tempfile::tempdir().unwrap();
    let key = "07".repeat(32);
    std::fs::write(home.path().join("installation.key"), &key).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);

    let exported = run(&["export", "JTC2031", "--selections", "decided"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    std::fs::write(home.path().join("record.json"), &exported.stdout).unwrap();
    let input = "decided/selection-1.json";
    let selected = run(&["select", "--input", input, "--json"]);
    assert!(selected.status.success());
    let again: Value = serde_json::from_slice(&selected.stdout).unwrap();
    assert_eq!(again["selected"], stored["selected"]);
    let answer = std::fs::read(home.path().join("decided/selection-1.answer.json")).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(again, answer);

    let verify = ["verify", "record.json", "--selections", "decided"];
    let verified = run(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    assert!(said.contains("1 selections of the folder computed again"));

    // A cent of another commitment, and another answer, are found.
    let file = home.path().join(input);
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("2680000.00", "2680000.01")).unwrap();
    assert!(!run(&verify).status.success());
    std::fs::write(&file, whole).unwrap();
    let file = home.path().join("decided/selection-1.answer.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("P08", "P09")).unwrap();
    assert!(!run(&verify).status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ranked_and_not_proposed_leaves_as_the_meeting_finds_it() {
    let world = World::ranked().await;
    world.app.tick().await;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);
    let exported = run(&["export", "JTC2031", "--selections", "meeting"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    std::fs::write(home.path().join("record.json"), &exported.stdout).unwrap();
    let selected = run(&["select", "--input", "meeting/now.json", "--json"]);
    assert!(selected.status.success());
    let foreseen: Value = serde_json::from_slice(&selected.stdout).unwrap();
    let verify = ["verify", "record.json", "--selections", "meeting"];
    let verified = run(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    let told = "0 shared scenarios of the folder and 1 files of what was not proposed";
    assert!(said.contains(told), "{said}");
    let file = home.path().join("meeting/now.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("2680000.00", "1680000.00")).unwrap();
    assert!(!run(&verify).status.success());

    // It is what is then proposed; after that there is a selection in its place.
    let path = world.propose().await;
    let stored = world.secretariat.read(&path).await.json;
    assert_eq!(foreseen["selected"], stored["selected"]);
    let exported = run(&["export", "JTC2031", "--selections", "proposed"]);
    assert!(exported.status.success());
    assert!(home.path().join("proposed/selection-1.json").exists());
    assert!(!home.path().join("proposed/now.json").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_computed_yet_does_not_keep_the_record_in() {
    let world = World::ranked().await;
    world.app.tick().await;
    let open =
        "update eligibility set state = 'open', fundable = null, judged_by = null, judged_at = null
                where partner_row_id = (select min(partner_row_id::text)::uuid from eligibility)";
    world.app.sql(open).await;
    world
        .app
        .broken_on_purpose("a verdict is missing after the ranking");
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let exported = jtc(
        &world,
        home.path(),
        &["export", "JTC2031", "--selections", "meeting"],
    );
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    assert!(complaint.contains("is not written"), "{complaint}");
    assert!(!home.path().join("meeting/now.json").exists());
}

/// Changes of a record's scenarios.
const OTHER_SCENARIOS: [Forgery; 3] = [
    ("another commitment", |all| {
        all[0]["input"]["funders"][0]["commitment"] = json!("1.00");
    }),
    ("another name", |all| {
        all[0]["name"] = json!("What all agreed on");
    }),
    ("another answer", |all| {
        all[0]["result"]["selected"] = json!([]);
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scenarios_that_are_shared_leave_with_the_operators_record_and_no_others() {
    let world = World::ranked().await;
    let all = world.path("scenarios");
    let without = json!({ "name": "Without P01", "visibility": "shared",
                          "overrides": { "excluded": ["P01"] } });
    let raise = json!({ "name": "We raise", "visibility": "private", "organisation": "AA-ALPHA",
        "overrides": { "commitments": [{ "funder": "AA-ALPHA", "amount": "9000000.00" }] } });
    let desk = json!({ "name": "Of the desk", "visibility": "secretariat" });
    for (who, body) in [
        (&world.signatories[0], raise),
        (&world.secretariat, without),
        (&world.secretariat, desk),
    ] {
        who.post(&all).json(&body).send().await.expect(201);
    }
    world.app.tick().await;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);
    let exported = run(&["export", "JTC2031", "--selections", "tried"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    let text = String::from_utf8(exported.stdout).unwrap();
    assert!(text.contains("Without P01"));
    for kept in ["We raise", "9000000.00", "Of the desk"] {
        assert!(!text.contains(kept), "{kept}");
    }
    assert!(!home.path().join("tried/scenario-2.json").exists());
    let record = home.path().join("record.json");
    std::fs::write(&record, &text).unwrap();
    let verify = ["verify", "record.json", "--selections", "tried"];
    let verified = run(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    assert!(said.contains("1 shared scenarios checked"), "{said}");
    assert!(
        said.contains("1 shared scenarios of the folder and 1 files"),
        "{said}"
    );
    let selected = run(&["select", "--input", "tried/scenario-1.json", "--json"]);
    let again: Value = serde_json::from_slice(&selected.stdout).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        again["selected"],
        whole["scenarios"][0]["result"]["selected"]
    );

    for (what, forge) in OTHER_SCENARIOS {
        let mut forged = whole.clone();
        forge(&mut forged["scenarios"]);
        std::fs::write(&record, forged.to_string()).unwrap();
        let verified = run(&["verify", "record.json"]);
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert!(!verified.status.success(), "{what}: {said}");
        assert!(said.contains("FAULT: scenario 1"), "{what}: {said}");
    }
    // Over the API the record has none at all.
    let over_http = world.observer.read(&world.path("export")).await.json;
    assert!(over_http.get("scenarios").is_none());
}

/// A change of the record's ranking lists.
type Forgery = (&'static str, fn(&mut Value));

const FORGERIES: [Forgery; 6] = [
    ("a score that the panel never gave", |lists| {
        lists[0]["list"]["input"]["proposals"][2]["scores"]["impact"] = json!("5.0");
    }),
    ("a total that no scores make", |lists| {
        lists[0]["list"]["input"]["proposals"][2]["total"] = json!("14.5");
    }),
    ("a rating that the panel never gave", |lists| {
        lists[0]["list"]["input"]["proposals"][2]["rating"] = json!("not_recommended");
    }),
    ("a place on the list", |lists| {
        lists[0]["list"]["entries"][9]["position"] = json!(1);
    }),
    ("the criteria by which it was scored", |lists| {
        lists[0]["list"]["input"]["criteria"][0]["weight"] = json!(2);
    }),
    ("no list at all", |lists| *lists = json!([])),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ranking_is_computed_again_from_what_the_panel_agreed_on() {
    let world = World::ranked().await;
    world.app.tick().await;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);
    let exported = run(&["export", "JTC2031"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    let record = home.path().join("record.json");
    std::fs::write(&record, &exported.stdout).unwrap();
    let verified = run(&["verify", "record.json"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    assert!(said.contains("1 ranking lists"), "{said}");

    let whole: Value = serde_json::from_slice(&exported.stdout).unwrap();
    for (what, forge) in FORGERIES {
        let mut forged = whole.clone();
        forge(&mut forged["rankings"]);
        assert_ne!(forged, whole, "{what} changes nothing");
        std::fs::write(&record, forged.to_string()).unwrap();
        let verified = run(&["verify", "record.json"]);
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert!(!verified.status.success(), "{what}: {said}");
        assert!(said.contains("FAULT: "), "{what}: {said}");
        assert!(said.contains("ranking list"), "{what}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_topic_with_money_of_its_own_leaves_in_a_file_of_its_own() {
    let world = World::ranked().await;
    world.divide().await;
    let path = world.confirmed().await;
    world.accept(&path, 0..4).await;
    world.app.tick().await;
    let stored = world.secretariat.read(&path).await.json;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);
    let exported = run(&["export", "JTC2031", "--selections", "decided"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    std::fs::write(home.path().join("record.json"), &exported.stdout).unwrap();
    for (at, topic) in ["1-care", "2-tools"].into_iter().enumerate() {
        let input = format!("decided/selection-1.{topic}.json");
        let selected = run(&["select", "--input", &input, "--json"]);
        assert!(selected.status.success());
        let again: Value = serde_json::from_slice(&selected.stdout).unwrap();
        assert_eq!(
            again["selected"],
            stored["result"]["topics"][at]["result"]["selected"]
        );
    }
    let verify = ["verify", "record.json", "--selections", "decided"];
    let verified = run(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    assert!(said.contains("1 selections of the folder computed again"));
    let file = home.path().join("decided/selection-1.2-tools.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("1340000.00", "1340000.01")).unwrap();
    assert!(!run(&verify).status.success());
}

/// A funder commits more, and what that pays is decided beside what was.
async fn amended(world: &World, first: &str) -> String {
    let funders = world.path("funders");
    let etag = world.signatories[3].read(&funders).await.etag;
    let more = json!({ "amount": "900000.00", "reason": "Another letter" });
    let pledge = world.signatories[3].put(&format!("{funders}/DD-DELTA/commitment"));
    pledge.etag(&etag).json(&more).send().await.expect(200);
    let cause = json!({ "cause": "more_money", "reason": "Delta commits more" });
    let amend = world.secretariat.post(&format!("{first}/amend"));
    let reply = amend.etag("*").json(&cause).send().await.expect(201);
    let second = format!("/selections/{}", reply.id());
    world.adopt(&second).await;
    let confirm = world.chair.post(&format!("{second}/confirm"));
    confirm.etag("*").send().await.expect(200);
    // Whose line is as it was has accepted it already.
    for (at, (key, _, _)) in FUNDERS.iter().enumerate() {
        let line = format!("{second}/lines/{key}");
        let state = world.signatories[at].read(&line).await.json["state"].clone();
        if state != "accepted" {
            world.accept(&second, at..at + 1).await;
        }
    }
    second
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_leaves_with_what_it_keeps() {
    let world = World::ranked().await;
    let first = world.confirmed().await;
    world.accept(&first, 0..4).await;
    let second = amended(&world, &first).await;
    world.app.tick().await;
    let stored = world.secretariat.read(&second).await.json;
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("installation.key"), "07".repeat(32)).unwrap();
    let run = |arguments: &[&str]| jtc(&world, home.path(), arguments);
    let exported = run(&["export", "JTC2031", "--selections", "decided"]);
    let complaint = String::from_utf8_lossy(&exported.stderr);
    assert!(exported.status.success(), "{complaint}");
    let record = home.path().join("record.json");
    std::fs::write(&record, &exported.stdout).unwrap();
    let file = home.path().join("decided/selection-2.json");
    let input: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(input["kept"], json!(["P01", "P02", "P05", "P06", "P08"]));
    let selected = run(&["select", "--input", "decided/selection-2.json", "--json"]);
    let again: Value = serde_json::from_slice(&selected.stdout).unwrap();
    assert_eq!(again["selected"], stored["selected"]);

    let verify = ["verify", "record.json", "--selections", "decided"];
    let verified = run(&verify);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{said}");
    assert!(said.contains("2 selections of the folder computed again"));
    // Which selection it amends is on the audit trail.
    let whole = std::fs::read_to_string(&record).unwrap();
    let mut forged: Value = serde_json::from_str(&whole).unwrap();
    forged["selections"][1]["amends"] = Value::Null;
    std::fs::write(&record, forged.to_string()).unwrap();
    assert!(!run(&verify).status.success());
}
