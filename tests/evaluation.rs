//! What the stories about reviews begin with: locked, eligible proposals and experts.
#![allow(dead_code, reason = "each story uses some of it")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

use crate::proposals::{FUNDERS, content, open_call, submit};

/// An evaluation that is about to begin.
pub struct Evaluation {
    pub app: TestApp,
    pub office: Client,
    pub committee: Client,
    pub call: String,
    /// Coordinators and the paths of their proposals.
    pub proposals: Vec<(Client, String)>,
}

/// An expert with a session, and the id in the call.
pub struct Reviewer {
    pub client: Client,
    pub id: String,
}

/// A nomination: name, organisation and e-mail address.
pub fn nomination(name: &str, organisation: &str, email: &str, role: &str) -> Value {
    let load = if role == "chair" { 0 } else { 5 };
    json!({"email": email, "name": name, "organisation": organisation, "country": "SE",
        "keywords": ["Pharmacogenomics", "ethics"], "role": role, "max_load": load})
}

/// The id in the last part of a path.
pub fn id_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Lets the first stage of a call rank per topic, with these topics and modules.
pub async fn rank_per_topic(app: &TestApp, call: &str, parts: &Value) {
    app.sql(&format!(
        "update call set rules = jsonb_set(rules || '{parts}', '{{stages,0,evaluation,ranking}}', '\"per_topic\"')
         where id = '{call}'"
    ))
    .await;
}

/// Lets the deadline of a call pass, and makes all its proposals eligible.
async fn lock(app: &TestApp, call: &str, office: &Client) {
    app.close_stage(call, 1).await;
    let account = office.account.unwrap_or_default();
    app.sql(&format!(
        "insert into formal_check (proposal_stage_id, call_id, verdict, reason, checked_by)
         select id, call_id, 'eligible', '', '{account}' from proposal_stage where call_id = '{call}';
         update eligibility e set state = 'eligible', fundable = requested,
                judged_by = '{account}', judged_at = clock_timestamp()
         from partner where partner.id = e.partner_row_id and e.call_id = '{call}';
         insert into sealed.outcome (proposal_stage_id, call_id, state)
         select id, call_id, 'eligible' from proposal_stage where call_id = '{call}'"
    ))
    .await;
}

impl Evaluation {
    /// Three proposals, past their deadline and eligible.
    pub async fn begin() -> Evaluation {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        Self::of(app, office, call, [&[]; 3], "").await
    }

    /// A later call of the same installation, run by another secretariat, with the same proposals by others.
    pub async fn later(self, code: &str) -> Evaluation {
        let office = self.app.person("Later Office").await;
        let call = self.app.open_call(&office, code, &FUNDERS).await.id();
        Self::of(self.app, office, call, [&[]; 3], " Later").await
    }

    /// The same in a call that ranks per topic, with the modules that each proposal chooses.
    pub async fn per_topic(parts: &Value, modules: [&[&str]; 3]) -> Evaluation {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        rank_per_topic(&app, &call, parts).await;
        Self::of(app, office, call, modules, "").await
    }

    async fn of(
        app: TestApp,
        office: Client,
        call: String,
        modules: [&[&str]; 3],
        surname: &str,
    ) -> Evaluation {
        let proposals = Self::apply(&app, &call, modules, surname).await;
        lock(&app, &call, &office).await;
        let committee = Self::committee(&app, &call, surname).await;
        Evaluation {
            app,
            office,
            committee,
            call,
            proposals,
        }
    }

    /// Three proposals, submitted before their deadline, which [`Evaluation::lock`] lets pass.
    pub async fn in_time() -> Evaluation {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        let proposals = Self::apply(&app, &call, [&[]; 3], "").await;
        let committee = Self::committee(&app, &call, "").await;
        Evaluation {
            app,
            office,
            committee,
            call,
            proposals,
        }
    }

    /// Lets the deadline pass; all proposals are eligible.
    pub async fn lock(&self) {
        lock(&self.app, &self.call, &self.office).await;
    }

    async fn committee(app: &TestApp, call: &str, surname: &str) -> Client {
        let committee = app.person(&format!("Committee{surname}")).await;
        app.grant(&committee, Role::CscChair, Some(call), None)
            .await;
        committee
    }

    async fn apply(
        app: &TestApp,
        call: &str,
        modules: [&[&str]; 3],
        surname: &str,
    ) -> Vec<(Client, String)> {
        let mut proposals = Vec::new();
        for (name, modules) in ["Ada", "Bea", "Cyd"].into_iter().zip(modules) {
            let coordinator = app.person(&format!("{name}{surname}")).await;
            let mut content = content();
            content["modules"] = json!(modules);
            content["acronym"] = json!(name.to_uppercase());
            content["title"] = json!(format!("The title of {name}"));
            content["abstract"] = json!(format!("The abstract of {name}"));
            for at in 0..3 {
                let host = format!("{name}{at}.example").to_lowercase();
                let partner = &mut content["partners"][at];
                partner["organisation"] = json!(format!("Institute {name} {at}"));
                if at == 2 {
                    partner["department"] = json!("Oncology");
                }
                partner["principal_investigator"]["name"] = json!(format!("{name} Person{at}"));
                partner["principal_investigator"]["email"] = json!(format!("pi@{host}"));
            }
            let draft = coordinator
                .post(&format!("/calls/{call}/proposals"))
                .json(&json!({ "content": content }))
                .send()
                .await
                .expect(201);
            let path = format!("/proposals/{}", draft.id());
            submit(&coordinator, &path, &draft.etag).await.expect(200);
            proposals.push((coordinator, path));
        }
        proposals
    }

    /// An instant so many days from now, by the clock of the database.
    pub async fn in_days(&self, days: i64) -> String {
        let at = format!(
            r#"select to_char(now() at time zone 'UTC' + interval '{days} days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#
        );
        self.app.value(&at).await
    }

    /// The id of a proposal.
    pub fn proposal(&self, at: usize) -> String {
        id_of(&self.proposals[at].1)
    }

    /// A path under the call's first stage.
    pub fn stage(&self, rest: &str) -> String {
        format!("/calls/{}/stages/1/{rest}", self.call)
    }

    /// Nominates, approves and invites experts, whose accounts exist.
    pub async fn invite(&self, nominations: &[Value]) -> Vec<Reviewer> {
        let path = format!("/calls/{}", self.call);
        let nominated = self
            .office
            .post(&format!("{path}/experts"))
            .json(&json!({ "experts": nominations }))
            .send()
            .await
            .expect(201);
        let mut clients = Vec::new();
        for one in nominations {
            let name = one["name"].as_str().unwrap_or_default();
            let email = one["email"].as_str().unwrap_or_default();
            let client = self.app.person(name).await;
            let account = client.account.unwrap_or_default();
            self.app
                .sql(&format!(
                    "update account set email = '{email}' where id = '{account}'"
                ))
                .await;
            clients.push(client);
        }
        let approve = format!("{path}/panel/approve");
        self.committee
            .post(&approve)
            .json(&json!({}))
            .send()
            .await
            .expect(200);
        let invite = format!("{path}/experts/invite");
        self.office
            .post(&invite)
            .json(&json!({}))
            .send()
            .await
            .expect(200);
        let items = nominated.json["items"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let new = items.len() - clients.len();
        items[new..]
            .iter()
            .zip(clients)
            .map(|(item, client)| Reviewer {
                client,
                id: item["id"].as_str().unwrap_or_default().to_owned(),
            })
            .collect()
    }

    /// Experts who accepted and declared to have no conflict.
    pub async fn ready(&self, nominations: &[Value]) -> Vec<Reviewer> {
        let experts = self.invite(nominations).await;
        for expert in &experts {
            expert.accept().await;
            expert.declare(&json!([])).await.expect(200);
        }
        experts
    }

    /// Three remote reviewers without any conflict.
    pub async fn three(&self) -> Vec<Reviewer> {
        self.ready(&[
            nomination(
                "Xenia North",
                "North University",
                "x@north.example",
                "remote_reviewer",
            ),
            nomination(
                "Yann East",
                "East University",
                "y@east.example",
                "remote_reviewer",
            ),
            nomination(
                "Zoe South",
                "South University",
                "z@south.example",
                "remote_reviewer",
            ),
        ])
        .await
    }

    /// Assigns reviewers to all proposals.
    pub async fn assign(&self, per_proposal: u16) -> Reply {
        self.office
            .post(&self.stage("assign"))
            .json(&json!({ "per_proposal": per_proposal }))
            .send()
            .await
    }

    /// Every expert writes and submits every review; the secretariat releases them all.
    pub async fn review_all(&self, experts: &[Reviewer]) {
        for expert in experts {
            for review in expert.reviews().await {
                expert.write(&review, "4.0").await.expect(200);
                expert.submit(&review).await.expect(200);
            }
        }
        let path = self.stage("reviews/release");
        self.office
            .post(&path)
            .json(&json!({}))
            .send()
            .await
            .expect(200);
    }

    /// The secretariat convenes the panel.
    pub async fn convene(&self) -> Reply {
        let path = self.stage("panel");
        let now = self.office.read(&path).await;
        let meeting = json!({"meets_at": "2097-05-12T07:00:00Z", "place": "Berlin, room 4"});
        let convene = self.office.put(&path).etag(&now.etag).json(&meeting);
        convene.send().await
    }

    /// The conflicts on file, as `kind source state`.
    pub async fn conflicts(&self) -> Vec<String> {
        let found = self
            .office
            .read(&format!("/calls/{}/conflicts", self.call))
            .await;
        let items = found.json["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| {
                let word = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
                format!("{} {} {}", word("kind"), word("source"), word("state"))
            })
            .collect()
    }
}

impl Reviewer {
    /// Accepts the invitation.
    pub async fn accept(&self) {
        self.client
            .post(&format!("/experts/{}/accept", self.id))
            .json(&json!({"confidentiality": true}))
            .send()
            .await
            .expect(200);
    }

    /// Declares conflicts.
    pub async fn declare(&self, conflicts: &Value) -> Reply {
        let path = format!("/experts/{}/declaration", self.id);
        let now = self.client.read(&path).await;
        self.client
            .put(&path)
            .etag(&now.etag)
            .json(&json!({ "conflicts": conflicts }))
            .send()
            .await
    }

    /// The ids of the own reviews.
    pub async fn reviews(&self) -> Vec<String> {
        let mine = self.client.read("/me/reviews").await;
        let items = mine.json["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Saves a draft with this score for impact.
    pub async fn write(&self, review: &str, impact: &str) -> Reply {
        let path = format!("/reviews/{review}");
        let mark = |score: &str| json!({"score": score, "comment": "Sound."});
        let draft = json!({"scores": {"excellence": mark("4.5"), "impact": mark(impact),
            "implementation": mark("3.5")}, "remark": "Between us"});
        let now = self.client.read(&path).await;
        self.client
            .put(&path)
            .etag(&now.etag)
            .json(&draft)
            .send()
            .await
    }

    /// Hands a review in.
    pub async fn submit(&self, review: &str) -> Reply {
        let path = format!("/reviews/{review}");
        let now = self.client.read(&path).await;
        let submit = format!("{path}/submit");
        self.client.post(&submit).etag(&now.etag).send().await
    }
}
