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
        "budget": {"personnel": ["75000.00", "75000.00"], "travel": ["10000.50"]},
    })
}

/// A further partner that may take the place of the one in France, with an id of its own.
pub fn newcomer(id: &str, funder: &str) -> Value {
    let mut one = partner(1, "partner", funder);
    one["id"] = json!(id);
    one["organisation"] = json!("Newcomer");
    one["principal_investigator"] = json!({"name": "New", "email": "new@example.org"});
    one
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
    let office = app.person("Office").await;
    let call = app.open_call(&office, "JTC2026", &FUNDERS).await;
    (office, call.id())
}

/// Contact persons in the order of the funders.
pub async fn contacts(app: &TestApp, call: &str) -> Vec<Client> {
    let mut contacts = Vec::new();
    for (funder, _) in FUNDERS {
        contacts.push(app.contact(call, funder).await);
    }
    contacts
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
