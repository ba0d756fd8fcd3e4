//! The public list of calls under load: 500 published calls, 200 requests a second for ten seconds, each
//! for a whole page of 200, sent when its time has come and not when the one before is answered. Beside
//! it the time of the list's SQL alone, measured on the same database right after.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a measurement stops at the first surprise"
)]

use std::time::Duration;

use futures::future;
use store::Db;
use testkit::TestApp;
use tokio::time::Instant;

const CALLS: u32 = 500;
const PER_SECOND: u32 = 200;
const SECONDS: u32 = 10;

async fn calls(app: &TestApp) {
    let office = app.person("Office").await;
    let funders = [
        ("DE-BMBF", "1.00"),
        ("FR-ANR", "1.00"),
        ("ES-ISCIII", "1.00"),
    ];
    let call = app.open_call(&office, "JTC0", &funders).await.id();
    app.sql(&format!(
        "insert into call (id, code, title, topic, year, state, rehearsal, rules, opened_at)
         select gen_random_uuid(), 'JTC' || n, title || n, topic, year, state, rehearsal, rules, opened_at
         from call, generate_series(1, {}) n where id = '{call}';
         insert into stage (id, call_id, number, kind, state, opens_at, deadline_at, zone, label)
         select gen_random_uuid(), c.id, s.number, s.kind, s.state, s.opens_at, s.deadline_at, s.zone, s.label
         from call c, stage s where s.call_id = '{call}' and c.id <> '{call}'",
        CALLS - 1
    ))
    .await;
    app.broken_on_purpose("calls made by SQL were never published");
}

fn quantile(sorted: &[Duration], per_mille: usize) -> Duration {
    sorted[(sorted.len() - 1) * per_mille / 1000]
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    println!(
        "{what}: {} times, median {:.2?}, p99 {:.2?}, longest {:.2?}",
        times.len(),
        quantile(&times, 500),
        quantile(&times, 990),
        times[times.len() - 1]
    );
}

#[tokio::main]
async fn main() {
    let app = TestApp::start().await;
    calls(&app).await;
    let client = app.client();
    let page = client.read("/calls?limit=200").await;
    assert_eq!(page.json["items"].as_array().unwrap().len(), 200);
    let start = Instant::now() + Duration::from_millis(100);
    let requests = (0..PER_SECOND * SECONDS).map(|at| {
        let client = client.clone();
        tokio::spawn(async move {
            let due = start + Duration::from_secs(1) * at / PER_SECOND;
            tokio::time::sleep_until(due).await;
            client.read("/calls?limit=200").await;
            due.elapsed()
        })
    });
    let times = future::join_all(requests).await;
    let times = times.into_iter().map(Result::unwrap).collect();
    report(
        &format!("GET /calls?limit=200, {PER_SECOND} a second"),
        times,
    );

    let url = app.database_url("jtc_app");
    let db = Db::new(&url, 1, tokio::runtime::Handle::current()).unwrap();
    let mut conn = db.connection().await.unwrap();
    let mut alone = Vec::new();
    for _ in 0..PER_SECOND * SECONDS {
        let began = Instant::now();
        let rows = store::view::call::calls(&mut conn, &[], false, None, 200).await;
        alone.push(began.elapsed());
        assert_eq!(rows.unwrap().len(), 200);
    }
    report("its SQL and rows alone, one after the other", alone);
}
