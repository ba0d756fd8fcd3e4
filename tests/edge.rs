//! Submissions within half a second of a deadline that is being moved: none that arrived late is accepted, none
//! that arrived in time is refused, and all are decided.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "edge/check.rs"]
mod check;
mod proposals;
#[path = "edge/round.rs"]
mod round;

use check::{findings, near};
use futures::future;
use round::{Deadline, Round};
use testkit::{Client, TestApp, figure};

/// How many submissions one deadline sees: what two cores can take in a second.
const IN_ONE_ROUND: usize = 100;

async fn people(app: &TestApp) -> Vec<Client> {
    let names: Vec<String> = (0..8).map(|at| format!("Person {at}")).collect();
    future::join_all(names.iter().map(|name| app.person(name))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_deadline_that_moves_every_submission_is_decided_by_when_it_arrived() {
    let app = TestApp::start().await;
    let people = people(&app).await;
    let rounds = figure(2000) / IN_ONE_ROUND;
    let (mut accepted, mut refused, mut moved) = (0, 0, 0);
    let mut close = [0; 3];
    for at in 0..rounds {
        // The extension is asked for a little before the deadline, and a little after it.
        let ahead = 60 - 20 * i64::try_from(at % 5).unwrap();
        let round = Round::run(&app, &people, at, IN_ONE_ROUND, Deadline::Extended(ahead)).await;
        let found = findings(&round);
        assert!(found.is_empty(), "round {at}: {found:#?}");
        accepted += round.accepted();
        refused += round.decided.len() - round.accepted();
        moved += usize::from(round.moved);
        for (sum, milliseconds) in close.iter_mut().zip([5, 20, 100]) {
            *sum += near(&round, milliseconds);
        }
    }
    println!(
        "{} submissions at {rounds} deadlines, of which {moved} were moved: {accepted} accepted, {refused} refused; \
         {} arrived within 5 ms of the deadline, {} within 20 ms, {} within 100 ms",
        accepted + refused,
        close[0],
        close[1],
        close[2]
    );
    let least = rounds * IN_ONE_ROUND / 10;
    assert!(
        accepted > least && refused > least,
        "the deadlines were not in the middle of them"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_that_stands_elsewhere_than_announced_is_noticed() {
    let app = TestApp::start().await;
    let people = people(&app).await;
    for (at, deadline, wrong) in [
        (0, Deadline::Otherwise(150), "accepted late"),
        (1, Deadline::Otherwise(-150), "refused in time"),
    ] {
        let round = Round::run(&app, &people, at, IN_ONE_ROUND / 2, deadline).await;
        let found = findings(&round);
        println!("{deadline:?}: {} findings", found.len());
        let named = found.iter().any(|one| one.starts_with(wrong));
        assert!(named, "{wrong}: {found:#?}");
    }
}
