//! Everything at once: reviewers are assigned, assigned anew and replaced, drop out, proposals are withdrawn, conflicts
//! declared, noted and judged, scores saved and handed in, money pledged and bound, by many at the same moment. A checker
//! then looks for what no order of these deeds could have made. Without the row locks it must find something, and without
//! those on money it must find more bound than is committed.

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
#[path = "races/signing.rs"]
mod signing;
#[path = "races/walls.rs"]
mod walls;
#[path = "commitment/world.rs"]
mod world;

use arena::Arena;
use deeds::Dice;
use futures::future;
use testkit::{TestApp, figure, whole_run};

/// How many act at once.
const WORKERS: usize = 8;
/// Transactions in one call: beyond these its pairs are used up, and there is nothing left to fight about.
const IN_ONE_CALL: usize = 1000;

/// The deeds by which money is committed, raised, decided on and bound, or given up: half of all at least.
const MONEY: [&str; 7] = [
    "pledge", "propose", "adopt", "confirm", "accept", "amend", "withdraw",
];
/// The tables whose rows are locked where money is: a funder's part, and before it its call, which alone would do.
const LOCKED_FOR_MONEY: [&str; 2] = ["call", "participation"];
/// What must not be there once money is bound.
const OVERDRAWN: [&str; 2] = [
    "an overdrawn pledge",
    "an availability of funds out of its bounds",
];

/// Lets everybody act in a new call, and decides its selection in the end. Answers how many of the transactions were about
/// money, too.
async fn race(app: TestApp, seed: usize, transactions: usize) -> (Arena, usize) {
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
    if seed.is_multiple_of(2) {
        signing::last(&arena).await;
    }
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
    let of_money = tally
        .iter()
        .filter(|((what, _), _)| MONEY.contains(what))
        .map(|(_, times)| times)
        .sum::<usize>();
    assert!(of_money * 2 >= all, "{of_money} of {all} are about money");
    (arena, of_money)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_at_once_no_rule_is_broken() {
    let (wanted, mut money, mut others) = (figure(20_000), 0, 0);
    for seed in 1.. {
        let (arena, of_money) = race(TestApp::start().await, seed, IN_ONE_CALL).await;
        let findings = check::findings(&arena).await;
        assert!(findings.is_empty(), "{findings:#?}");
        let finals = "select count(*) from sealed.selection where state = 'final'";
        assert_eq!(arena.world.app.value(finals).await, "1");
        money += of_money;
        others += arena.history.lock().unwrap().len() - of_money;
        // A whole run has so many about money and so many about all else.
        let enough = match whole_run() {
            true => money.min(others) >= wanted,
            false => money + others >= wanted,
        };
        if enough {
            break;
        }
    }
    println!("{money} transactions about money and {others} others, nothing found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_the_same_race_breaks_rules_and_they_are_found() {
    // Other kinds depend on who is faster; this one comes whenever two overlap at all, and so in one of a few races.
    let surely = "a conflicted assignment";
    let mut found = false;
    for seed in 1..=6 {
        let app = TestApp::start_without_locks().await;
        app.broken_on_purpose("its rows were never locked");
        let (arena, _) = race(app, seed, IN_ONE_CALL / 2).await;
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

/// What is wrong after a funder signed last while it lowered its commitment, where no constraint of the database refuses
/// to keep what is wrong: with them it would be an answer 500, and no more to be seen of it.
async fn signed_last(app: TestApp) -> Vec<String> {
    let arena = Arena::new(app).await;
    let constraints = "select string_agg(format('alter table participation drop constraint %I', conname), '; ')
                       from pg_constraint where conrelid = 'participation'::regclass and contype = 'c'";
    let app = &arena.world.app;
    app.sql(&app.value(constraints).await).await;
    let attempts = signing::last(&arena).await;
    assert!(deeds::decided(&arena).await, "no decision was made");
    let findings = check::findings(&arena).await;
    println!(
        "signed at attempt {attempts}: {:?}",
        check::kinds(&findings)
    );
    findings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_locks_alone_let_nobody_lower_what_is_bound_at_that_moment() {
    for _ in 0..figure(10) {
        let findings = signed_last(TestApp::start().await).await;
        assert!(findings.is_empty(), "{findings:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_locks_on_money_more_is_bound_than_committed_and_it_is_found() {
    let mut found = false;
    for _ in 0..6 {
        let app = TestApp::start_without_locks_on(&LOCKED_FOR_MONEY).await;
        app.broken_on_purpose("its money was never locked");
        let findings = signed_last(app).await;
        let kinds = check::kinds(&findings);
        found |= OVERDRAWN.iter().any(|kind| kinds.contains_key(*kind));
        if found {
            break;
        }
    }
    assert!(found, "none of {OVERDRAWN:?} in six calls");
}
