//! What the stories about proposals begin with.
#![allow(dead_code, reason = "each story uses some of it")]

use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

/// The ids of the partners of [`content`]: coordinator in Germany, partners in France and Spain.
pub const PARTNERS: [&str; 3] = [
    "019a0000-0000-7000-8000-000000000001",
    "019a0000-0000-7000-8000-000000000002",
    "019a0000-0000-7000-8000-000000000003",
];

/// Funders with money in three countries.
pub const FUNDERS: [(&str, &str); 3] = [
    ("DE-BMBF", "3000000.00"),
    ("FR-ANR", "2000000.00"),
    ("ES-ISCIII", "1000000.00"),
];

/// One partner.
pub fn partner(at: usize, role: &str, funder: &str) -> Value {
    json!({
        "id": PARTNERS[at], "role": role, "organisation": format!("Institute {at}"),
        "country": &funder[..2],
        "principal_investigator": {"name": format!("Person {at}"), "email": format!("person{at}@example.org")},
        "funding": {"kind": "funder", "funder": funder},
        "budget": {"personnel": "150000.00", "travel": "10000.50"},
    })
}

/// A pre-proposal that breaks no rule of the usual call.
pub fn content() -> Value {
    json!({
        "acronym": "PRECISE", "title": "Precise dosing by genotype", "abstract": "What it is about.",
        "keywords": ["pharmacogenomics"], "duration_months": 36,
        "partners": [
            partner(0, "coordinator", "DE-BMBF"),
            partner(1, "partner", "FR-ANR"),
            partner(2, "partner", "ES-ISCIII"),
        ],
        "texts": {"summary": "A summary.", "description": "A description."},
    })
}

/// A call open for pre-proposals: its secretariat, and its path.
pub async fn open_call(app: &TestApp) -> (Client, String) {
    seed(app).await;
    let office = app.person("Office").await;
    let call = app.open_call(&office, "JTC2026", &FUNDERS).await;
    (office, call.id())
}

/// A complete draft.
pub async fn draft(coordinator: &Client, call: &str) -> Reply {
    coordinator
        .post(&format!("/calls/{call}/proposals"))
        .json(&json!({ "content": content() }))
        .send()
        .await
        .expect(201)
}

/// A complete proposal, submitted; answers the submission.
pub async fn submitted(coordinator: &Client, call: &str) -> (String, Reply) {
    let draft = draft(coordinator, call).await;
    let path = format!("/proposals/{}", draft.id());
    let submitted = submit(coordinator, &path, &draft.etag).await.expect(200);
    (path, submitted)
}

/// Submits the version that the ETag names.
pub async fn submit(coordinator: &Client, path: &str, etag: &str) -> Reply {
    coordinator
        .post(&format!("{path}/submit"))
        .etag(etag)
        .send()
        .await
}

/// Saves a patch over the version that the ETag names.
pub async fn save(coordinator: &Client, path: &str, etag: &str, patch: Value) -> Reply {
    coordinator.patch(path).etag(etag).json(&patch).send().await
}

/// The organisations and the action item that the calls here need, unless they are there.
async fn seed(app: &TestApp) {
    for (key, _) in FUNDERS.iter().chain(&[("SE-VINNOVA", "")]) {
        app.sql(&format!(
            "insert into organisation (id, key, name, country)
             select gen_random_uuid(), '{key}', '{key}', left('{key}', 2)
             where not exists (select from organisation where key = '{key}')"
        ))
        .await;
    }
    app.sql(
        "insert into agenda (id, code, title, year, content_sha256)
         select gen_random_uuid(), 'icpermed-2017', 'Action Plan', 2017, ''
         where not exists (select from agenda);
         insert into action_item (id, agenda_id, position, number, part, category, title, summary, time_frames, scopes)
         select gen_random_uuid(), id, 7, 'A.7', 'research', '', '', '', '{}', '{}' from agenda
         where not exists (select from action_item)",
    )
    .await;
}
