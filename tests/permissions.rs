//! Every operation of the API, asked by every role and relation, in every phase of a call: the answers
//! stand in `permissions.txt`, so that a change of rights is a difference one reads.
//!
//! `+` allowed (it worked, or only state, version or content spoke against it), `-` visible but not
//! allowed, `.` absent or hidden, `?` log in first. All writing is asked as a dry run.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
#[path = "permissions/phases.rs"]
mod phases;
mod proposals;
#[path = "permissions/scenes.rs"]
mod scenes;
mod uploading;

use std::fmt::Write;
use std::path::Path;

use access::Role;
use futures::{StreamExt, stream};
use scenes::{HEADS, Scene};
use serde_json::Value;

/// The phases, in the order of the file.
const PHASES: [&str; 6] = [
    "open",
    "evaluation",
    "full",
    "full_evaluation",
    "decision",
    "letters",
];

/// An operation of the document: its name, method and path.
struct Operation {
    name: String,
    method: String,
    template: String,
    /// As the document describes it, with an example of its body.
    described: Value,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(web::api::full_document()).unwrap();
    let mut found = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push(Operation {
                name: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.clone(),
                template: template.clone(),
                described: operation.clone(),
            });
        }
    }
    found
}

/// One line of one phase: the operation asked by everybody.
async fn line(scene: &Scene, operation: &Operation) -> String {
    let Operation {
        method,
        template,
        described,
        ..
    } = operation;
    stream::iter(HEADS)
        .map(|head| scene.ask(head, method, template, described))
        .buffered(4)
        .collect()
        .await
}

/// All lines of one phase. What is not about anything in a call is asked in the first phase alone.
async fn phase(scene: Scene, operations: &[Operation], first: bool) -> Vec<Option<String>> {
    let mut lines = Vec::new();
    for operation in operations {
        let asked = first || operation.template.contains('{');
        lines.push(match asked {
            true => Some(line(&scene, operation).await),
            false => None,
        });
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_every_role_as_declared() {
    let operations = operations();
    let (open, evaluation, full, full_evaluation, decision, letters) = tokio::join!(
        async { phase(phases::open().await, &operations, true).await },
        async { phase(phases::evaluation().await, &operations, false).await },
        async { phase(phases::full().await, &operations, false).await },
        async { phase(phases::full_evaluation().await, &operations, false).await },
        async { phase(phases::decision().await, &operations, false).await },
        async { phase(phases::letters().await, &operations, false).await },
    );
    let phases = [open, evaluation, full, full_evaluation, decision, letters];
    let mut text = String::from("Columns:");
    for (number, head) in HEADS.iter().enumerate() {
        write!(text, " {}{head}", if number > 0 { "| " } else { "" }).unwrap();
    }
    writeln!(text, "\nPhases: {}\n", PHASES.join(" | ")).unwrap();
    let (mut count, mut unmet) = (0, Vec::new());
    for (at, operation) in operations.iter().enumerate() {
        let cells = phases.iter().filter_map(|lines| lines[at].as_deref());
        let cells: Vec<&str> = cells.collect();
        count += cells.len() * HEADS.len();
        writeln!(text, "{:<28} {}", operation.name, cells.join(" | ")).unwrap();
        let decides = [
            "reviews",
            "panel",
            "conflicts",
            "experts",
            "decision",
            "redress",
        ];
        let tag = operation.described["tags"][0].as_str().unwrap_or_default();
        let met = cells.iter().any(|cell| cell.contains(['+', '-']));
        // A funder that defaults would change all that is decided in the scene: tests/after_decision.rs asks for it.
        if decides.contains(&tag) && !met && operation.name != "read_default" {
            unmet.push(&operation.name);
        }
    }
    println!(
        "{} operations x {} roles and relations x {} phases: {} cells",
        operations.len(),
        HEADS.len(),
        PHASES.len(),
        count
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("permissions.txt");
    if std::fs::read_to_string(&file).unwrap_or_default() != text {
        std::fs::write(file.with_extension("txt.new"), text).unwrap();
        panic!(
            "rights changed (no phase tries {unmet:?}): compare tests/permissions.txt.new with permissions.txt, and rename it if it is meant"
        );
    }
    assert!(
        unmet.is_empty(),
        "nowhere for anybody, no phase tries them: {unmet:?}"
    );
}

/// The matrix is not blind: a role granted behind its back shows in it, and is gone when it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_role_changes_the_matrix() {
    let scene = phases::open().await;
    let some = ["cancel_call", "read_audit_heads", "count_proposals"];
    let operations = operations();
    let few: Vec<_> = operations
        .iter()
        .filter(|one| some.contains(&one.name.as_str()))
        .collect();
    let now = async || {
        let mut lines = Vec::new();
        for operation in &few {
            lines.push(line(&scene, operation).await);
        }
        lines
    };
    let stranger = HEADS.iter().position(|head| *head == "stranger").unwrap();
    let before = now().await;
    let call = scene.fill("stranger", "{call}");
    let who = scene.of("stranger");
    scene
        .app
        .grant(who, Role::Secretariat, Some(&call), None)
        .await;
    for (before, after) in before.iter().zip(now().await) {
        let mut expected: Vec<char> = before.chars().collect();
        assert_eq!(expected[stranger], '-');
        expected[stranger] = '+';
        assert_eq!(after, expected.into_iter().collect::<String>());
    }
    let account = who.account.unwrap();
    scene
        .app
        .sql(&format!(
            "update role_grant set ended_at = clock_timestamp() where account_id = '{account}'"
        ))
        .await;
    assert_eq!(now().await, before, "a role that ended counts no more");
    println!(
        "a planted role was seen in {} operations, and its end too",
        few.len()
    );
}
