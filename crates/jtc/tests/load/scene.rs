//! A call that is open, and people with sessions.

use std::sync::Arc;

use serde_json::{Value, json};
use testkit::{Client, Reply};

use crate::ledger::Ledger;
use crate::server::Server;
use crate::writer::Writer;

/// Code of the call.
pub const CODE: &str = "LOAD";

/// The funders whose commitments are set once, and moved all the time by who pledges.
pub const FUNDERS: [&str; 3] = ["DE-BMBF", "FR-ANR", "ES-ISCIII"];

/// The server, the call and the ledger.
pub struct Scene {
    /// The server.
    pub server: Server,
    /// What was acknowledged.
    pub ledger: Ledger,
    /// `/calls/{id}`.
    pub call: String,
    /// The secretariat.
    pub office: Client,
    applicants: Vec<Client>,
}

/// Accounts and sessions by SQL: how people come in is not what is tried here. Their e-mail address is
/// `load<number>@example.org` and their token `load-<number>`.
async fn people(server: &Server, count: usize) -> Vec<Client> {
    server
        .sql(&format!(
            "insert into account (id, email, name, email_confirmed_at)
             select gen_random_uuid(), 'load' || n || '@example.org', 'Person ' || n, clock_timestamp()
             from generate_series(0, {count} - 1) n;
             insert into token (id, account_id, kind, hash, expires_at)
             select gen_random_uuid(), id, 'session', sha256(('load-' || n)::bytea),
                    clock_timestamp() + interval '1 day'
             from generate_series(0, {count} - 1) n join account on email = 'load' || n || '@example.org'"
        ))
        .await;
    let nobody = server.client();
    (0..count)
        .map(|number| {
            let mut client = nobody.clone();
            client.email = format!("load{number}@example.org");
            client.token = Some(format!("load-{number}"));
            client
        })
        .collect()
}

/// A pre-proposal that breaks no rule of the usual call.
pub fn content(title: &str) -> Value {
    let partner = |at: usize, role: &str| {
        let funder = FUNDERS[at];
        json!({
            "id": format!("019a0000-0000-7000-8000-00000000000{at}"), "role": role,
            "organisation": format!("Institute {at}"), "country": &funder[..2],
            "principal_investigator": {"name": format!("Person {at}"), "email": format!("pi{at}@example.org")},
            "funding": {"kind": "funder", "funder": funder},
            "budget": {"personnel": ["75000.00", "75000.00"], "travel": ["10000.50"]},
        })
    };
    json!({
        "acronym": "LOAD", "title": title, "abstract": "What it is about.",
        "keywords": ["pharmacogenomics"], "duration_months": 36,
        "partners": [partner(0, "coordinator"), partner(1, "partner"), partner(2, "partner")],
        "texts": {"summary": "A summary.", "description": "A description. ".repeat(40)},
    })
}

impl Scene {
    /// Opens a call with `count` applicants.
    pub async fn open(count: usize) -> Arc<Scene> {
        let server = Server::start();
        let mut applicants = people(&server, count + 1).await;
        let office = applicants.remove(count);
        let mut scene = Scene {
            server,
            ledger: Ledger::new(),
            call: String::new(),
            office,
            applicants,
        };
        scene.open_call().await;
        Arc::new(scene)
    }

    async fn grant(&self, role: &str, call: Option<&str>) {
        let call = call.map_or("null".to_owned(), |id| format!("'{id}'"));
        self.server
            .sql(&format!(
                "insert into role_grant (id, account_id, call_id, role)
                 select gen_random_uuid(), id, {call}, '{role}' from account where email = '{}'",
                self.office.email
            ))
            .await;
    }

    async fn act(&self, path: &str) -> Reply {
        let now = self.office.read(&self.call).await;
        let act = self.office.post(&format!("{}/{path}", self.call));
        act.etag(&now.etag).send().await.expect(200)
    }

    async fn open_call(&mut self) {
        self.grant("call_office", None).await;
        let deadline = |year: u32| json!({"at": format!("{year}-03-04T16:00:00Z"), "zone": "Europe/Paris", "label": "4 March, 17:00 CET"});
        let call = json!({
        "code": CODE, "title": "A call", "topic": "Tools for the clinic", "year": 2026, "rehearsal": true,
        "stages": [
            {"opens_at": "2026-01-01T00:00:00Z", "deadline": deadline(2097)},
            {"opens_at": "2026-01-02T00:00:00Z", "deadline": deadline(2098)},
        ]});
        let made = self.office.post("/calls").json(&call).send().await;
        let made = made.expect(201);
        self.call = format!("/calls/{}", made.id());
        let items = json!({"agenda": "icpermed-2017", "items": [{"number": "A.7"}]});
        let mapped = self.office.put(&format!("{}/action-items", self.call));
        mapped
            .etag(&made.etag)
            .json(&items)
            .send()
            .await
            .expect(200);
        let slots = json!([{"key": "letters", "title": "Letters of intent", "required": false}]);
        self.server
            .sql(&format!(
                "update call set rules = jsonb_set(rules, '{{stages,0,annexes}}', '{slots}') where id = '{}'",
                made.id()
            ))
            .await;
        let funders = format!("{}/funders", self.call);
        for key in FUNDERS {
            let funder = json!({ "organisation": key });
            let added = self.office.post(&funders).json(&funder).send().await;
            added.expect(201);
        }
        for key in FUNDERS {
            self.writer(self.office.clone(), 0)
                .pledge(key, "1000000.00")
                .await;
        }
        self.grant("csc_chair", Some(&made.id())).await;
        for step in ["approve", "pre-announce", "open"] {
            self.act(step).await;
        }
    }

    /// The applicants.
    pub fn applicants(&self) -> &[Client] {
        &self.applicants
    }

    /// Somebody who writes and does not give up.
    pub fn writer(&self, client: Client, number: usize) -> Writer<'_> {
        Writer::new(&self.ledger, &self.call, client, number)
    }

    /// Everybody writes until so many writes are acknowledged: the applicants on proposals of their own,
    /// two officers on the commitments of two funders.
    pub async fn write_until(self: &Arc<Self>, count: usize) {
        let mut tasks = Vec::new();
        for (number, client) in self.applicants.iter().cloned().enumerate() {
            let scene = self.clone();
            tasks.push(tokio::spawn(async move {
                let mut writer = scene.writer(client, number);
                while scene.ledger.acknowledged() < count {
                    writer.one_proposal(count).await;
                }
            }));
        }
        for (number, key) in FUNDERS.iter().enumerate().take(2) {
            let scene = self.clone();
            tasks.push(tokio::spawn(async move {
                let mut writer = scene.writer(scene.office.clone(), number);
                let mut amount = 1_000_000;
                while scene.ledger.acknowledged() < count {
                    amount += 1;
                    writer.pledge(key, &format!("{amount}.00")).await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    }
}
