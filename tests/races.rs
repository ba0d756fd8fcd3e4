//! Everything at once: reviewers are assigned, assigned anew and replaced, drop out, proposals are withdrawn, conflicts
//! declared, noted and judged, scores saved and handed in, money pledged and bound, by many at the same moment. A checker then looks for what no order of these
//! deeds could have made. Without the row locks it must find something.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "races/amending.rs"]
mod amending;
#[path = "races/arena.rs"]
mod arena;
#[path = "races/check.rs"]
mod check;
#[path = "races/deeds.rs"]
mod deeds;
#[path = "commitment/reviewing.rs"]
mod reviewing;
#[path = "commitment/world.rs"]
mod world;

use arena::Arena;
use deeds::Dice;
use futures::future;
use testkit::{TestApp, figure};

/// How many act at once.
const WORKERS: usize = 8;
/// Transactions in one call: beyond these its pairs are used up, and there is nothing left to fight about.
const IN_ONE_CALL: usize = 1000;

/// Lets everybody act in a new call, and decides its selection in the end.
async fn race(app: TestApp, seed: usize, transactions: usize) -> Arena {
    let arena = Arena::new(app).await;
    let workers = (0..WORKERS).map(|worker| {
        let arena = &arena;
        let mut dice = Dice(u64::try_from(seed * WORKERS + worker).unwrap());
        async move {
            // Looked at between deeds: of two sent at the same moment, both count.
            while arena.history.lock().unwrap().len() < transactions {
                deeds::deed(arena, &mut dice).await;
            }
        }
    });
    future::join_all(workers).await;
    let attempts = deeds::decide(&arena).await;
    let amended = amending::amend(&arena).await;
    let tally = arena.tally();
    let done: usize = tally
        .iter()
        .filter(|((_, status), _)| *status < 300)
        .map(|(_, times)| times)
        .sum();
    let all: usize = tally.values().sum();
    println!(
        "call {seed}: {all} transactions, {done} did something; decided at attempt {attempts}, amended at {amended}: {tally:?}"
    );
    assert!(done * 4 > all, "hardly anything happened");
    arena
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_at_once_no_rule_is_broken() {
    let (whole, mut transactions) = (figure(20_000), 0);
    for seed in 1.. {
        let arena = race(TestApp::start().await, seed, IN_ONE_CALL).await;
        let findings = check::findings(&arena).await;
        assert!(findings.is_empty(), "{findings:#?}");
        let finals = "select count(*) from sealed.selection where state = 'final'";
        assert_eq!(arena.world.app.value(finals).await, "1");
        transactions += arena.history.lock().unwrap().len();
        if transactions >= whole {
            break;
        }
    }
    println!("{transactions} transactions, nothing found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_the_same_race_breaks_rules_and_they_are_found() {
    // Other kinds depend on who is faster; this one comes whenever two overlap at all, and so in one of a few races.
    let surely = "a conflicted assignment";
    let mut found = false;
    for seed in 1..=6 {
        let app = TestApp::start_without_locks().await;
        app.broken_on_purpose("its rows were never locked");
        let arena = race(app, seed, IN_ONE_CALL).await;
        let findings = check::findings(&arena).await;
        let kinds = check::kinds(&findings);
        println!("without locks: {kinds:?}");
        found |= kinds.contains_key(surely);
        if found {
            break;
        }
    }
    assert!(found, "no {surely} in six races");
}
