//! Non-interference: when one secret changes, the answers to those who may not know it do not, by a byte.
//! Every GET of the API is asked before and after, as every role, and every write to something as a dry run,
//! for what its refusal says; only what the clock puts into a header is masked.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;
#[path = "trust/scene.rs"]
mod scene;
#[path = "trust/secrets.rs"]
mod secrets;
mod uploading;

use std::collections::BTreeMap;

use scene::{Answer, Scene};
use secrets::Secret;
use testkit::whole_run;

type Before = BTreeMap<&'static str, Vec<Answer>>;

async fn before(scene: &Scene) -> Before {
    let mut before = Before::new();
    for (name, _) in &scene.people {
        before.insert(name, scene.crawl(name).await);
    }
    before
}

/// What is another answer now, for people to read.
async fn differences(scene: &Scene, before: &Before, name: &str) -> Vec<String> {
    let now = scene.crawl(name).await;
    let asked = scene.asked.iter().zip(&before[name]).zip(&now);
    asked
        .filter(|((_, before), now)| before != now)
        .map(|((asked, before), now)| {
            let at = before
                .body
                .bytes()
                .zip(now.body.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let part = |answer: &Answer| {
                let bytes = answer.body.as_bytes();
                let end = bytes.len().min(at + 60);
                let from = at.saturating_sub(60).min(end);
                format!(
                    "{} {}",
                    answer.status,
                    String::from_utf8_lossy(&bytes[from..end])
                )
            };
            format!(
                "{name} {asked}\n      before: {}\n      after:  {}",
                part(before),
                part(now)
            )
        })
        .collect()
}

/// Every secret by itself, or all at once that somebody may not know: as strict, but it does not say
/// which of them was told, so then they are tried one by one.
async fn check(mut scene: Scene, secrets: &[Secret]) {
    if !whole_run() {
        scene.sample_writes(8);
    }
    let before = before(&scene).await;
    let statuses: Vec<u16> = before
        .values()
        .flatten()
        .map(|answer| answer.status)
        .collect();
    assert!(
        statuses.iter().all(|status| *status < 500),
        "a request fails"
    );
    let mut leaks = Vec::new();
    for (name, _) in &scene.people {
        let hidden: Vec<&Secret> = secrets
            .iter()
            .filter(|secret| !secret.known_to(name))
            .collect();
        let mut all_told = true;
        if !whole_run() {
            for secret in &hidden {
                scene.sql(secret.sql).await;
            }
            all_told = !differences(&scene, &before, name).await.is_empty();
            scene.restore().await;
        }
        if all_told {
            for secret in hidden {
                scene.sql(secret.sql).await;
                for leak in differences(&scene, &before, name).await {
                    leaks.push(format!("{}: {leak}", secret.name));
                }
                scene.restore().await;
            }
        }
    }
    let writes = scene.asked.iter().filter(|asked| asked.writes()).count();
    println!(
        "{}: {} secrets, {} reads and {writes} refusals or promises of writes, {} roles; {} answers were 200",
        scene.name,
        secrets.len(),
        scene.asked.len() - writes,
        scene.people.len(),
        statuses.iter().filter(|status| **status == 200).count()
    );
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
    witnesses(&scene, &before, secrets).await;
}

/// A change that nobody sees would prove nothing: the first of those who may know a secret does see it.
async fn witnesses(scene: &Scene, before: &Before, secrets: &[Secret]) {
    let step = if whole_run() { 1 } else { 4 };
    for secret in secrets.iter().step_by(step) {
        let Some(witness) = secret.known.first().and_then(|group| group.first()) else {
            continue;
        };
        scene.sql(secret.sql).await;
        let seen = differences(scene, before, witness).await;
        assert!(
            !seen.is_empty(),
            "{}: {witness} sees no change either",
            secret.name
        );
        scene.restore().await;
    }
    let (name, _) = scene.people[0];
    assert_eq!(
        differences(scene, before, name).await,
        Vec::<String>::new(),
        "not restored"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_proposals_come_in_nobody_learns_of_another() {
    let secrets = [secrets::INTAKE, secrets::files::FILES].concat();
    check(scene::intake().await, &secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_reviews_are_written_nobody_outside_learns_of_them() {
    let secrets = [
        secrets::REVIEWING,
        secrets::AFFINITY,
        secrets::CHECKING,
        secrets::PAPERS,
    ]
    .concat();
    check(scene::reviewing().await, &secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_letters_nobody_outside_learns_of_the_decision() {
    let secrets = [
        secrets::DECISION,
        secrets::FUNDING,
        secrets::RESULTS,
        secrets::REDRESS,
    ]
    .concat();
    check(scene::decision().await, &secrets).await;
}

/// The comparison is not blind: what everybody may know is seen by everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_leak_is_found() {
    let mut scene = scene::intake().await;
    scene.sample_writes(8);
    let before = before(&scene).await;
    for (name, _) in &scene.people {
        assert!(
            differences(&scene, &before, name).await.is_empty(),
            "{name}: answers change by themselves"
        );
    }
    for public in [
        "update call set title = title || '.'",
        "update stage set label = label || '.'",
        "update participation set terms = '{\"text\": \"Other terms\"}'",
    ] {
        scene.sql(public).await;
        for name in ["public", "rival", "expert", "signatory"] {
            assert!(
                !differences(&scene, &before, name).await.is_empty(),
                "{name} does not see {public}"
            );
        }
        scene.restore().await;
    }
}
