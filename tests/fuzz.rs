//! schemathesis over the live document: whatever is asked, as whom it may be, no fault of ours and no
//! answer that the document does not describe. Everything is done for real.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;
#[path = "trust/scene.rs"]
mod scene;
#[path = "trust/things.rs"]
mod things;
mod uploading;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use scene::Scene;
use serde_json::{Value, json};
use testkit::{figure, whole_run};
use things::Things;

/// Cases in all, over three scenes.
const CASES: usize = 10_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where `scripts/setup` puts it.
fn schemathesis() -> Option<PathBuf> {
    let found = root().join("var/tools/schemathesis/bin/schemathesis");
    if found.exists() {
        return Some(found);
    }
    assert!(
        !whole_run(),
        "schemathesis is missing, and a whole run needs it: remove var/tools/no-schemathesis and run scripts/setup"
    );
    println!("NOT TESTED: schemathesis is missing; var/tools/no-schemathesis says why");
    eprintln!("NOT TESTED: schemathesis is missing; var/tools/no-schemathesis says why");
    None
}

/// What came of a run.
struct Run {
    succeeded: bool,
    text: String,
    /// Cases by role and status.
    counts: BTreeMap<(String, u64), usize>,
}

/// Runs schemathesis over a scene with some cases for each operation.
async fn run(program: PathBuf, scene: &Scene, document: &str, options: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for file in ["hooks.py", "schemathesis.toml"] {
        let from = root().join("tests/fuzz").join(file);
        std::fs::copy(from, folder.path().join(file)).unwrap();
    }
    let people: Vec<Value> = scene
        .people
        .iter()
        .map(|(name, person)| json!([name, person.token]))
        .collect();
    let things = Things::of(&scene.app).await.0;
    let (steer, counts) = (
        folder.path().join("scene.json"),
        folder.path().join("counts.json"),
    );
    std::fs::write(
        &steer,
        json!({ "things": things, "people": people }).to_string(),
    )
    .unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .env("JTC_FUZZ_SCENE", &steer)
        .env("JTC_FUZZ_COUNTS", &counts)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["--config-file", "schemathesis.toml", "run", document])
        .args(["--url", &scene.app.base])
        .args(options);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let counted = std::fs::read(&counts).unwrap_or_default();
    let counted: Vec<(String, u64, usize)> = serde_json::from_slice(&counted).unwrap_or_default();
    Run {
        succeeded: output.status.success(),
        text: [output.stdout, output.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .join("\n"),
        counts: counted
            .into_iter()
            .map(|(role, status, n)| ((role, status), n))
            .collect(),
    }
}

/// The names of the doctor's invariants that do not hold.
fn broken(scene: &Scene) -> BTreeSet<String> {
    let found = scene.app.psql(&store::doctor::one_query());
    let name = |line: &str| line.split('|').next().unwrap_or_default().trim().to_owned();
    found.lines().map(name).collect()
}

async fn fuzz(scene: Scene) {
    let Some(program) = schemathesis() else {
        return;
    };
    let document = format!("{}/api/openapi.json", scene.app.base);
    let operations = std::fs::read_to_string(root().join("openapi.json")).unwrap();
    let operations = operations.matches("\"operationId\"").count();
    let cases = figure(CASES).div_ceil(3);
    // Of some operations there is less to ask.
    let each = (cases * 5 / 4).div_ceil(operations).to_string();
    let phases = match whole_run() {
        true => "coverage,fuzzing",
        false => "fuzzing",
    };
    // A scene made in SQL breaks some invariants from the start.
    let before = broken(&scene);
    let run = run(
        program,
        &scene,
        &document,
        &["--phases", phases, "--max-examples", &each],
    )
    .await;
    let asked: usize = run.counts.values().sum();
    let mut statuses = BTreeMap::new();
    let mut roles = BTreeMap::new();
    for ((role, status), count) in &run.counts {
        *statuses.entry(*status).or_insert(0) += count;
        *roles.entry(role.clone()).or_insert(0) += count;
    }
    println!(
        "{}: {asked} cases as {} roles; by status {statuses:?}",
        scene.name,
        roles.len()
    );
    assert!(run.succeeded, "{}", run.text);
    assert!(asked >= cases, "only {asked} cases: {}", run.text);
    assert_eq!(roles.len(), scene.people.len(), "{roles:?}");
    // What was done for real is whole: the jobs go on with it, and the doctor finds nothing new.
    scene.app.tick().await;
    let new: Vec<String> = broken(&scene).difference(&before).cloned().collect();
    assert_eq!(
        new,
        Vec::<String>::new(),
        "the doctor finds what the requests broke"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_proposals_come_in_no_request_breaks_the_server_or_the_document() {
    fuzz(scene::intake().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_reviews_are_written_no_request_breaks_the_server_or_the_document() {
    fuzz(scene::reviewing().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_selection_is_decided_no_request_breaks_the_server_or_the_document() {
    fuzz(scene::decision().await).await;
}

/// A document that says something else of one answer than the server gives is found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_lie_in_the_document_is_found() {
    let Some(program) = schemathesis() else {
        return;
    };
    let scene = scene::intake().await;
    let mut document = serde_json::to_value(web::api::full_document()).unwrap();
    let schemas = &mut document["components"]["schemas"];
    let version = &mut schemas["InstallationKey"]["properties"]["key_id"];
    assert_eq!(version["type"], "string");
    version["type"] = json!("integer");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let options = ["--include-operation-id", "read_key", "--max-examples", "2"];
    let run = run(program, &scene, &file.to_string_lossy(), &options).await;
    assert!(!run.succeeded, "{}", run.text);
    assert!(
        run.text.contains("Response violates schema"),
        "{}",
        run.text
    );
    println!(
        "a wrong type in the document was found in {} answers",
        run.counts.len()
    );
}
