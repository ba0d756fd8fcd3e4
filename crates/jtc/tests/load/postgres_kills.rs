//! PostgreSQL is killed with all its processes while the server serves on. The server brings it up again.
//!
//! In both runs PostgreSQL's writer of the log is held still before the kill, so that what a commit has
//! not written itself is surely not written: the nearest that a kill comes to pulling the plug. They
//! differ in nothing but the commits.

use std::sync::Arc;
use std::time::Duration;

use testkit::figure;

use crate::check::{Finding, expect_none};
use crate::plant::words;
use crate::scene::Scene;

/// So many writes go by while the writer of the log stands still.
const UNWRITTEN: usize = 30;

/// Makes every writing transaction careless about its commit, whatever the connection said at first.
const CARELESS: &str = "
    create function careless() returns trigger language plpgsql as $$
    begin
        perform set_config('synchronous_commit', 'off', true);
        return null;
    end $$;
    do $$
    declare name text;
    begin
        for name in select format('%I.%I', schemaname, tablename) from pg_tables
                    where schemaname in ('public', 'sealed') loop
            execute format('create trigger careless before insert or update or delete on %s
                            for each statement execute function public.careless()', name);
        end loop;
    end $$";

/// Writes under so many kills; answers the scene, the findings and the longest time without a database.
async fn run(kills: usize, writes: usize, plant: &str) -> (Arc<Scene>, Vec<Finding>, Duration) {
    let scene = Scene::open(10).await;
    scene.server.sql(plant).await;
    let writing = tokio::spawn({
        let scene = scene.clone();
        async move { scene.write_until(writes).await }
    });
    let mut longest = Duration::ZERO;
    for kill in 1..=kills {
        let moment = writes * kill / (kills + 1);
        scene.ledger.reaches(moment).await;
        scene.server.hold_wal_writer().await;
        let held = scene.ledger.acknowledged();
        scene.ledger.reaches(held + UNWRITTEN).await;
        scene.server.kill_postgres();
        longest = longest.max(scene.server.ready().await);
    }
    writing.await.unwrap();
    let findings = scene.check().await;
    (scene, findings, longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_postgresql_is_killed() {
    let kills = figure(10);
    let (scene, findings, longest) = run(kills, figure(4_000), "select").await;
    println!(
        "{} writes acknowledged over {kills} kills of PostgreSQL, {} requests sent once more, \
         the database back after {longest:.2?} at most, {} findings",
        scene.ledger.acknowledged(),
        scene.ledger.repeated(),
        findings.len()
    );
    expect_none(&findings);
    println!("{}", scene.server.doctor().trim());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_careless_commits_a_killed_postgresql_loses_what_was_acknowledged() {
    let kills = figure(10);
    // A careful commit of the server's own work takes the careless ones before it to the disk with it; where
    // that happens just before the only kill, another kill is needed.
    for _ in 0..4 {
        let (scene, mut lost, _) = run(kills, figure(2_000), CARELESS).await;
        lost.retain(|finding| matches!(finding, Finding::Lost(_)));
        println!(
            "control: {} writes acknowledged over {kills} kills with synchronous_commit = off, {} things lost: {}",
            scene.ledger.acknowledged(),
            lost.len(),
            words(&lost)
        );
        if !lost.is_empty() {
            return;
        }
    }
    panic!("careless commits lost nothing: the kill is too kind");
}
