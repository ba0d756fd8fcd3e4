//! How many submissions a second the server commits at its best, beside what `pgbench` commits of the same
//! statements on the same cluster; and what one submission costs with few and with many proposals in the database.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use testkit::{Client, figure};

use crate::replay::{Copies, log_statements, script};
use crate::scene::Scene;
use crate::server::Server;

/// Connections at once, of the server's clients and of `pgbench`.
const CLIENTS: usize = 8;

/// Rounds of each, one after the other.
const ROUNDS: usize = 3;

/// Reads the versions that the submissions of these copies will name.
async fn read(client: &Client, first: usize, count: usize) -> Vec<(String, String)> {
    let reads = stream::iter(first..first + count).map(|number| async move {
        let path = format!("/proposals/{}", Copies::proposal(number));
        let etag = client.read(&path).await.etag;
        (path, etag)
    });
    reads.buffered(CLIENTS).collect().await
}

/// Submits, so many at once; answers how long each took.
async fn submit(client: &Client, read: Vec<(String, String)>, at_once: usize) -> Vec<Duration> {
    let submits = stream::iter(read).map(|(path, etag)| async move {
        let began = Instant::now();
        let post = client.post(&format!("{path}/submit")).etag(&etag);
        post.send().await.expect(200);
        began.elapsed()
    });
    submits.buffer_unordered(at_once).collect().await
}

/// Submissions a second, from the first request to the last answer.
async fn peak_of_server(client: &Client, first: usize, count: usize) -> f64 {
    let read = read(client, first, count).await;
    let began = Instant::now();
    submit(client, read, CLIENTS).await;
    count as f64 / began.elapsed().as_secs_f64()
}

/// `pgbench` plays the script once for each copy.
fn peak_of_pgbench(server: &Server, script: &Path, first: usize, count: usize) -> f64 {
    let output = server
        .pgbench()
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={CLIENTS}"))
        .arg(format!("--transactions={}", count / CLIENTS))
        .args(["--define=k=0", &format!("--define=first={first}")])
        .arg(format!("--define=each={}", count / CLIENTS))
        .arg("--file")
        .arg(script)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{complaints}");
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = line.and_then(|line| line.split(' ').next()?.parse().ok());
    tps.unwrap_or_else(|| panic!("{text}"))
}

/// The statements of one submission, as a script for `pgbench`.
async fn record(server: &Server, client: &Client, copy: usize) -> PathBuf {
    let read = read(client, copy, 1).await;
    let since = server
        .value("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
        .await;
    log_statements(server, true).await;
    let before = server.log_of_postgres().len();
    submit(client, read, 1).await;
    log_statements(server, false).await;
    let log = server.log_of_postgres().split_off(before);
    server.write("submit.sql", &script(&log, copy, since.parse().unwrap()))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// A call with one draft, of which copies are made; the server's path of it.
async fn begin() -> (Arc<Scene>, String) {
    let scene = Scene::open(1).await;
    let draft = scene.writer(scene.applicants()[0].clone(), 0).draft().await;
    (scene.clone(), draft.expect("a draft").id)
}

async fn submissions(server: &Server) -> usize {
    let count = server.value("select count(*) from submission").await;
    count.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_peak_of_submissions_beside_pgbench() {
    let (scene, template) = begin().await;
    let (server, client) = (&scene.server, &scene.applicants()[0]);
    let each = figure(2_000) / CLIENTS * CLIENTS;
    Copies::make(server, &template, 0, 10 + 2 * ROUNDS * each).await;
    // Warm: prepared statements, pools, caches.
    let warm = read(client, 1, 9).await;
    submit(client, warm, CLIENTS).await;
    let script = record(server, client, 0).await;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let first = 10 + 2 * round * each;
        let before = submissions(server).await;
        ours.push(peak_of_server(client, first, each).await);
        assert_eq!(submissions(server).await, before + each);
        bare.push(peak_of_pgbench(server, &script, first + each, each));
        assert_eq!(
            submissions(server).await,
            before + 2 * each,
            "pgbench submits too"
        );
    }
    let statements = std::fs::read_to_string(&script).unwrap().lines().count() - 2;
    let (ours, bare) = (median(ours), median(bare));
    println!(
        "{CLIENTS} at once, {statements} statements: the server commits {ours:.0} submissions/s, pgbench {bare:.0}; \
         ratio {:.2}",
        ours / bare
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_submission_costs_the_same_among_many() {
    let (scene, template) = begin().await;
    let (server, client) = (&scene.server, &scene.applicants()[0]);
    let (few, many, tries) = (100, figure(100_000), figure(400));
    let mut costs = Vec::new();
    let mut there = 0;
    for size in [few, many] {
        let wanted = size.max(there + tries + 10);
        Copies::make(server, &template, there, wanted - there).await;
        // The newest ones are submitted, one after the other, the first ten to warm up.
        let first = wanted - tries - 10;
        let warm = read(client, first, 10).await;
        submit(client, warm, 1).await;
        let read = read(client, first + 10, tries).await;
        let times = submit(client, read, 1).await;
        let cost = median(times.iter().map(Duration::as_secs_f64).collect()) * 1000.0;
        println!("among {wanted} proposals one submission takes {cost:.2} ms (median of {tries})");
        costs.push(cost);
        there = wanted;
    }
    println!("ratio {:.2}", costs[1] / costs[0]);
}
