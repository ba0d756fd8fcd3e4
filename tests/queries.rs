//! Questions of funders to their applicants, what funders keep beside the verdict, and who is waited for.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{FUNDERS, PARTNERS, contacts, open_call, partner, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const UNTIL: &str = "2097-04-01T15:00:00Z";

struct Story {
    app: TestApp,
    office: Client,
    /// Contact persons in the order of the funders.
    contacts: Vec<Client>,
    ada: Client,
    call: String,
    path: String,
}

impl Story {
    async fn begin() -> Story {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        let ada = app.person("Ada").await;
        let (path, _) = submitted(&ada, &call).await;
        app.close_stage(&call, 1).await;
        let contacts = contacts(&app, &call).await;
        Story {
            app,
            office,
            contacts,
            ada,
            call,
            path,
        }
    }

    async fn ask(&self, who: &Client, at: usize) -> Reply {
        let path = format!("{}/partners/{}/queries", self.path, PARTNERS[at]);
        let input = json!({"question": "Who employs her?", "answer_by": UNTIL});
        who.post(&path).json(&input).send().await
    }

    async fn queries(&self, who: &Client) -> Value {
        let path = format!("{}/queries", self.path);
        who.read(&path).await.json["items"].clone()
    }

    async fn verdict(&self, at: usize) -> Value {
        let now = self
            .office
            .read(&format!("{}/eligibility", self.path))
            .await;
        now.json["partners"][at]["verdict"].clone()
    }

    async fn judge(&self, at: usize) -> Reply {
        let path = format!("{}/partners/{}/eligibility", self.path, PARTNERS[at]);
        let ruling = json!({"verdict": "eligible", "fundable": "1000.00"});
        let put = self.contacts[at].put(&path).etag("*").json(&ruling);
        put.send().await
    }

    async fn waiting(&self) -> Value {
        let path = format!("/calls/{}/stages/1/waiting", self.call);
        self.office.read(&path).await.json
    }
}

async fn answer(who: &Client, query: &str, text: &str) -> Reply {
    let path = format!("/queries/{query}/answer");
    who.post(&path).json(&json!({"answer": text})).send().await
}

#[tokio::test]
async fn a_funder_asks_and_the_coordinator_answers_once() {
    let story = Story::begin().await;
    let asked = story.ask(&story.contacts[1], 1).await.expect(201);
    assert_eq!(
        (
            &asked.json["state"],
            &asked.json["funder"],
            &asked.json["overdue"]
        ),
        (&json!("waiting"), &json!("FR-ANR"), &json!(false))
    );
    assert_eq!(story.verdict(1).await, "asked");
    // One question at a time, and the verdict waits for nobody else.
    let twice = story.ask(&story.contacts[1], 1).await.expect(409);
    assert_eq!(twice.code(), "state_conflict");
    let mails = story.app.mails().await;
    let told: Vec<&str> = mails
        .iter()
        .filter(|mail| mail.subject().contains("Question about Institute 1"))
        .map(|mail| mail.to[0].as_str())
        .collect();
    assert_eq!(told, ["ada@example.org", "person1@example.org"]);
    let tasks = story.ada.read("/me/tasks").await.json.to_string();
    assert!(
        tasks.contains("answer_query") && tasks.contains("2097-04-01"),
        "{tasks}"
    );

    let query = asked.id();
    let bare = answer(&story.ada, &query, " ").await.expect(422);
    assert_eq!(bare.faults(), ["/answer required"]);
    let settled = answer(&story.ada, &query, "The clinic.").await.expect(200);
    assert_eq!(
        (&settled.json["state"], &settled.json["answer"]),
        (&json!("answered"), &json!("The clinic."))
    );
    assert_eq!(story.verdict(1).await, "open");
    let again = answer(&story.ada, &query, "Or not.").await.expect(409);
    assert_eq!(again.code(), "state_conflict");
    let mails = story.app.mails().await;
    let told: Vec<&str> = mails
        .iter()
        .filter(|mail| mail.subject().ends_with("answered"))
        .map(|mail| mail.to[0].as_str())
        .collect();
    assert_eq!(told, ["fr-anr@example.org", "office@example.org"]);

    // Asked again, and judged without the answer.
    story.ask(&story.contacts[1], 1).await.expect(201);
    story.judge(1).await.expect(200);
    let all = story.queries(&story.ada).await;
    assert_eq!(all[1]["state"], "closed");
    let late = answer(&story.ada, all[1]["id"].as_str().unwrap(), "Late").await;
    assert_eq!(late.expect(409).code(), "state_conflict");
    let judged = story.ask(&story.contacts[1], 1).await.expect(409);
    assert_eq!(judged.code(), "state_conflict");
    let log = "select count(*) from audit where action in ('ask_partner', 'answer_query')";
    assert_eq!(story.app.value(log).await, "3");
}

#[tokio::test]
async fn a_question_is_overdue_and_reminded_of_once_and_closed_with_a_reason() {
    let story = Story::begin().await;
    let query = story.ask(&story.contacts[0], 0).await.expect(201).id();
    story
        .app
        .sql("update query set answer_by = clock_timestamp() - interval '1 minute'")
        .await;
    for _ in 0..2 {
        let mails = story.app.mails().await;
        let overdue = mails
            .iter()
            .filter(|mail| mail.subject().contains("Overdue"));
        assert_eq!(overdue.count(), 1);
    }
    assert_eq!(story.queries(&story.ada).await[0]["overdue"], true);
    let of = |waiting: &Value| waiting["funders"][0].clone();
    let waiting = story.waiting().await;
    assert_eq!(
        (
            &of(&waiting)["funder"],
            &of(&waiting)["asked"],
            &of(&waiting)["overdue"]
        ),
        (&json!("DE-BMBF"), &json!(1), &json!(1))
    );
    assert!(of(&waiting)["oldest_query"].is_string());

    let close = format!("/queries/{query}/close");
    let input = json!({"reason": "The cut-off has passed"});
    for (who, status) in [(&story.contacts[0], 403), (&story.ada, 403)] {
        who.post(&close).json(&input).send().await.expect(status);
    }
    let bare = story.office.post(&close).json(&json!({"reason": " "}));
    assert_eq!(bare.send().await.expect(422).faults(), ["/reason required"]);
    let dry = story.office.post(&close).json(&input).dry_run();
    dry.send().await.expect(200);
    assert_eq!(story.verdict(0).await, "asked");
    let closed = story.office.post(&close).json(&input).send().await;
    assert_eq!(
        closed.expect(200).json["closed_because"],
        "The cut-off has passed"
    );
    assert_eq!(story.verdict(0).await, "open");
    let mails = story.app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().ends_with("closed"));
    assert_eq!(told.count(), 3, "coordinator, funder and secretariat");
    assert_eq!(of(&story.waiting().await)["oldest_query"], Value::Null);
}

#[tokio::test]
async fn only_the_own_funder_asks_and_strangers_learn_nothing() {
    let story = Story::begin().await;
    let (app, call) = (&story.app, story.call.as_str());
    let (eve, member) = (app.person("Eve").await, app.person("Member").await);
    app.grant(
        &member,
        Role::CscRepresentative,
        Some(call),
        Some("DE-BMBF"),
    )
    .await;
    for (who, status) in [
        (&story.contacts[0], 403),
        (&story.office, 403),
        (&story.ada, 404),
        (&eve, 404),
        (&app.client(), 401),
    ] {
        story.ask(who, 1).await.expect(status);
    }
    let bad = json!({"question": "", "answer_by": "2026-01-01T00:00:00Z"});
    let path = format!("{}/partners/{}/queries", story.path, PARTNERS[0]);
    let refused = member.post(&path).json(&bad).send().await.expect(422);
    assert_eq!(
        refused.faults(),
        ["/question required", "/answer_by in_the_past"]
    );
    let query = story.ask(&member, 0).await.expect(201).id();
    assert_eq!(
        story
            .queries(&story.contacts[2])
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    eve.get(&format!("{}/queries", story.path))
        .send()
        .await
        .expect(404);
    answer(&eve, &query, "Me").await.expect(404);
    answer(&story.contacts[0], &query, "Me").await.expect(403);
    answer(&story.ada, &story.call, "Me").await.expect(404);
    // Before the deadline there is nothing to ask about, and only the consortium knows of the proposal.
    let (_, early) = open_again(app, &story.ada).await;
    let none = story.ada.read(&format!("{early}/queries")).await;
    assert_eq!(none.json["items"], json!([]));
    let chief = app.person("Chief").await;
    app.grant(
        &chief,
        Role::Secretariat,
        Some(&call_of(app, &early).await),
        None,
    )
    .await;
    chief
        .get(&format!("{early}/queries"))
        .send()
        .await
        .expect(404);
}

async fn open_again(app: &TestApp, ada: &Client) -> (String, String) {
    let office = app.person("Second office").await;
    let call = app.open_call(&office, "JTC2027", &FUNDERS).await.id();
    let (path, _) = submitted(ada, &call).await;
    (call, path)
}

async fn call_of(app: &TestApp, path: &str) -> String {
    let id = path.rsplit('/').next().unwrap();
    app.value(&format!("select call_id from proposal where id = '{id}'"))
        .await
}

#[tokio::test]
async fn the_secretariat_asks_about_own_means() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    let now = ada.read(&path).await;
    let own = "019a0000-0000-7000-8000-000000000004";
    let mut fourth = partner(1, "partner", "FR-ANR");
    fourth["id"] = json!(own);
    fourth["organisation"] = json!("Foundation");
    fourth["principal_investigator"] = json!({"name": "Fourth", "email": "fourth@example.org"});
    fourth["funding"] = json!({"kind": "own", "means": "own staff"});
    let mut partners = now.json["stages"][0]["content"]["partners"].clone();
    partners.as_array_mut().unwrap().push(fourth);
    let saved = save(&ada, &path, &now.etag, json!({ "partners": partners })).await;
    submit(&ada, &path, &saved.expect(200).etag)
        .await
        .expect(200);
    app.close_stage(&call, 1).await;
    let contact = app.person("Contact").await;
    app.grant(&contact, Role::ContactPerson, Some(&call), Some("FR-ANR"))
        .await;
    let ask = format!("{path}/partners/{own}/queries");
    let input = json!({"question": "Whose money is it?", "answer_by": UNTIL});
    contact.post(&ask).json(&input).send().await.expect(403);
    let asked = office.post(&ask).json(&input).send().await.expect(201);
    assert_eq!(asked.json["funder"], Value::Null);
    // Nobody notes anything on a partner without a funder, and nobody demands documents of it.
    let note = format!("{path}/partners/{own}/note");
    contact.get(&note).send().await.expect(404);
    let documents = office
        .read(&format!("{path}/partners/{own}/documents"))
        .await;
    assert_eq!(documents.json["items"], json!([]));
    answer(&ada, &asked.id(), "The foundation's.")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_note_is_its_funders_own() {
    let story = Story::begin().await;
    let app = &story.app;
    let path = format!("{}/partners/{}/note", story.path, PARTNERS[0]);
    let own = &story.contacts[0];
    let empty = own.read(&path).await;
    assert_eq!(empty.json, json!({"text": ""}));
    let text = json!({"text": "Two grants run until June"});
    own.put(&path).json(&text).send().await.expect(428);
    let put = own.put(&path).etag(&empty.etag).json(&text).send().await;
    assert_eq!(put.expect(200).json, text);
    let stale = own.put(&path).etag(&empty.etag).json(&text).send().await;
    stale.expect(412);
    let signatory = app.person("Signatory").await;
    app.grant(
        &signatory,
        Role::Signatory,
        Some(&story.call),
        Some("DE-BMBF"),
    )
    .await;
    assert_eq!(signatory.read(&path).await.json, text);
    signatory
        .put(&path)
        .etag("*")
        .json(&text)
        .send()
        .await
        .expect(403);
    for who in [&story.contacts[1], &story.office, &story.ada] {
        who.get(&path).send().await.expect(404);
        who.put(&path)
            .etag("*")
            .json(&text)
            .send()
            .await
            .expect(404);
    }
    let again = own.put(&path).etag("*").json(&json!({"text": ""}));
    assert_eq!(again.send().await.expect(200).json, json!({"text": ""}));
}

#[tokio::test]
async fn documents_that_a_funder_demands_are_received_and_counted() {
    let story = Story::begin().await;
    let terms = r#"{"documents": [{"title": "National form", "due": {"near": {"stage": 1, "days": 7}}}, {"title": "Curriculum"}]}"#;
    story
        .app
        .sql(&format!(
            "update participation t set terms = '{terms}' from organisation o
             where o.id = t.organisation_id and o.key = 'DE-BMBF'"
        ))
        .await;
    let waiting = story.waiting().await;
    assert_eq!(waiting["formal_checks"], 1);
    assert_eq!(waiting["funders"][0]["documents_missing"], 2);
    let missing = &waiting["proposals"][0]["partners"][0]["documents_missing"];
    assert_eq!(missing, &json!(["National form", "Curriculum"]));
    let path = format!("{}/partners/{}/documents", story.path, PARTNERS[0]);
    let own = &story.contacts[0];
    let now = own.read(&path).await;
    assert!(now.json["items"][0]["due"].is_string());
    let bad = json!({"received": [
        {"title": "Novel", "received_on": "2026-03-01"},
        {"title": "Curriculum", "received_on": "2099-03-01"},
        {"title": "Curriculum", "received_on": "2026-03-01", "note": " "}]});
    let refused = own.put(&path).etag(&now.etag).json(&bad).send().await;
    assert_eq!(
        refused.expect(422).faults(),
        [
            "/received/0/title document_unknown",
            "/received/1/received_on in_the_future",
            "/received/2/title repeated",
            "/received/2/note required"
        ]
    );
    let input = json!({"received": [{"title": "National form", "received_on": "2026-03-01", "note": "Signed"}]});
    own.put(&path).json(&input).send().await.expect(428);
    for (who, status) in [
        (&story.contacts[1], 403),
        (&story.office, 403),
        (&story.ada, 404),
    ] {
        who.put(&path)
            .etag("*")
            .json(&input)
            .send()
            .await
            .expect(status);
    }
    let put = own.put(&path).etag(&now.etag).json(&input).send().await;
    assert_eq!(
        put.expect(200).json["items"][0]["received_on"],
        "2026-03-01"
    );
    own.put(&path)
        .etag(&now.etag)
        .json(&input)
        .send()
        .await
        .expect(412);
    assert_eq!(story.waiting().await["funders"][0]["documents_missing"], 1);
    story.contacts[2].read(&path).await;
    story.ada.get(&path).send().await.expect(404);
    let waiting = format!("/calls/{}/stages/1/waiting", story.call);
    story.contacts[2].read(&waiting).await;
    story.ada.get(&waiting).send().await.expect(404);
}

#[tokio::test]
async fn the_formal_check_stands_beside_what_the_rules_find() {
    let story = Story::begin().await;
    let path = format!("{}/formal-findings", story.path);
    let found = story.office.read(&path).await.json;
    assert_eq!(
        (
            &found["submitted_version"],
            &found["late"],
            &found["faults"]
        ),
        (&json!(1), &json!(false), &json!([]))
    );
    assert_eq!(found["formal"]["verdict"], "open");
    // The same content under another rule.
    story
        .app
        .sql(&format!(
            "update call set rules = jsonb_set(rules, '{{stages,0,consortium,partners_min}}', '4') where id = '{}'",
            story.call
        ))
        .await;
    story
        .app
        .broken_on_purpose("the rules of a published call were changed");
    let found = story.office.read(&path).await.json;
    assert_eq!(found["faults"][0]["code"], "partners_too_few");
    let check = json!({"verdict": "ineligible", "reason": "Too few"});
    let put = story.office.put(&format!("{}/formal-check", story.path));
    put.etag("*").json(&check).send().await.expect(200);
    assert_eq!(
        story.office.read(&path).await.json["formal"]["verdict"],
        "ineligible"
    );
    for (who, status) in [(&story.contacts[0], 403), (&story.ada, 404)] {
        who.get(&path).send().await.expect(status);
    }
}
