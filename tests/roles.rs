//! Roles: invited to by mail, handed over, ended; and what waits for whom.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const FUNDERS: [(&str, &str); 3] = [
    ("DE-BMBF", "1000.00"),
    ("SE-VINNOVA", "1000.00"),
    ("IT-MOH", "1000.00"),
];

async fn invitation(app: &TestApp, address: &str) -> String {
    let mails = app.mails().await;
    let mut tokens = mails
        .iter()
        .filter(|mail| mail.to == [address])
        .filter_map(|mail| {
            let text = mail.text();
            let (_, rest) = text.split_once("/link/invitation?token=")?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
    tokens.next_back().unwrap()
}

async fn accept(app: &TestApp, token: &str, name: Option<&str>) -> Reply {
    let input = json!({"token": token, "name": name});
    let request = app.client().post("/invitations/accept").json(&input);
    request.send().await
}

fn with(app: &TestApp, session: &Reply) -> Client {
    let mut client = app.client();
    client.token = session.json["token"].as_str().map(str::to_owned);
    client
}

async fn roles(client: &Client) -> Vec<Value> {
    client.read("/me/roles").await.json["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn the_secretariat_invites_and_a_newcomer_accepts() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app.open_call(&office, "JTC1", &FUNDERS).await.id();
    let path = format!("/calls/{call}/invitations");
    let invite = |role: &str, organisation: Option<&str>| {
        let input = json!({"email": "new@example.org", "role": role, "organisation": organisation});
        office.post(&path).json(&input).send()
    };
    for (role, organisation, fault) in [
        ("contact_person", None, "/organisation required"),
        (
            "contact_person",
            Some("FR-ANR"),
            "/organisation not_in_the_call",
        ),
        ("csc_chair", Some("DE-BMBF"), "/organisation not_a_funder"),
        ("administrator", None, "/role installation_wide"),
    ] {
        let refused = invite(role, organisation).await.expect(422);
        assert_eq!(refused.faults(), [fault], "{role}");
    }
    let stranger = app.person("Stranger").await;
    let input = json!({"email": "new@example.org", "role": "csc_chair"});
    let refused = stranger.post(&path).json(&input).send().await;
    assert_eq!(refused.expect(403).code(), "forbidden");

    let invited = invite("contact_person", Some("DE-DLRPT")).await.expect(201);
    assert_eq!(invited.json["organisation"], "DE-DLRPT");
    let token = invitation(&app, "new@example.org").await;
    let nameless = accept(&app, &token, None).await.expect(422);
    assert_eq!(nameless.faults(), ["/name name"], "a newcomer has a name");
    let session = accept(&app, &token, Some("Nora New")).await.expect(201);
    assert!(session.header("set-cookie").starts_with("__Host-jtc="));
    let nora = with(&app, &session);
    let held = roles(&nora).await;
    assert_eq!(held[0]["role"], "contact_person");
    assert_eq!(held[0]["call_code"], "JTC1");
    assert_eq!(
        accept(&app, &token, Some("X")).await.expect(410).code(),
        "link_spent"
    );
    let listed = office.read(&format!("/calls/{call}/roles")).await;
    assert!(listed.json.to_string().contains("new@example.org"));
    nora.get(&format!("/calls/{call}/roles"))
        .send()
        .await
        .expect(403);

    let second = invite("csc_chair", None).await.expect(201);
    let token = invitation(&app, "new@example.org").await;
    let taken_back = office.delete(&format!("/invitations/{}", second.id()));
    taken_back.send().await.expect(200);
    accept(&app, &token, None).await.expect(410);
    let strange = stranger.delete(&format!("/invitations/{}", second.id()));
    strange.send().await.expect(404);
}

#[tokio::test]
async fn an_ended_role_is_gone_on_the_next_request() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app.open_call(&office, "JTC1", &FUNDERS).await.id();
    let observer = app.person("Otto Observer").await;
    app.grant(&observer, Role::Observer, Some(&call), None)
        .await;
    let path = format!("/calls/{call}/roles");
    let listed = observer.read(&path).await;
    let id_of = |role: &str| {
        let items = listed.json["items"].as_array().unwrap();
        let found = items.iter().find(|one| one["role"] == role).unwrap();
        format!("/roles/{}", found["id"].as_str().unwrap())
    };
    let reason = json!({"reason": "Left the house"});
    let own = observer
        .delete(&id_of("observer"))
        .json(&reason)
        .send()
        .await;
    own.expect(403);
    let end = office.delete(&id_of("observer")).json(&reason);
    end.send().await.expect(200);
    observer.get(&path).send().await.expect(403);
    let last = office
        .delete(&id_of("secretariat"))
        .json(&reason)
        .send()
        .await;
    assert_eq!(last.expect(409).code(), "state_conflict");
    let twice = office.delete(&id_of("observer")).json(&reason).send().await;
    twice.expect(404);
}

#[tokio::test]
async fn a_role_passes_to_the_successor_who_accepts() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app.open_call(&office, "JTC1", &FUNDERS).await.id();
    let held = roles(&office).await;
    let secretariat = held
        .iter()
        .find(|one| one["role"] == "secretariat")
        .unwrap();
    let path = format!("/roles/{}/hand-over", secretariat["id"].as_str().unwrap());
    let successor = json!({"email": "sven@example.org"});
    let stranger = app.person("Stranger").await;
    stranger
        .post(&path)
        .json(&successor)
        .send()
        .await
        .expect(404);
    office.post(&path).json(&successor).send().await.expect(201);
    let roles_path = format!("/calls/{call}/roles");
    office.read(&roles_path).await;
    let token = invitation(&app, "sven@example.org").await;
    let sven = with(&app, &accept(&app, &token, Some("Sven")).await.expect(201));
    sven.read(&roles_path).await;
    office.get(&roles_path).send().await.expect(403);
    let told =
        app.mails().await.into_iter().any(|mail| {
            mail.to == [office.email.as_str()] && mail.text().contains("passed to Sven")
        });
    assert!(told, "the former holder hears of it");
}

#[tokio::test]
async fn a_second_factor_guards_the_roles_of_the_invited() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app.open_call(&office, "JTC1", &FUNDERS).await.id();
    let marie = app.person("Marie").await;
    app.sql(
        "update account set totp_secret = '\\x0102030405060708090a0b0c0d0e0f1011121314',
         totp_confirmed_at = clock_timestamp() where email = 'marie@example.org'",
    )
    .await;
    let input = json!({"email": marie.email, "role": "csc_chair"});
    let path = format!("/calls/{call}/invitations");
    office.post(&path).json(&input).send().await.expect(201);
    let token = invitation(&app, &marie.email).await;
    let refused = accept(&app, &token, None).await.expect(401);
    assert_eq!(refused.faults(), ["/code required"]);
    assert!(roles(&marie).await.is_empty());
}

#[tokio::test]
async fn what_waits_is_told_to_whom_it_waits_for() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app.open_call(&office, "JTC1", &FUNDERS).await.id();
    app.client().get("/me/tasks").send().await.expect(401);
    let coordinator = app.person("Clara").await;
    app.broken_on_purpose("a proposal of which only the tasks it makes are real");
    let id = |number: u8| format!("01900000-0000-7000-8000-0000000000{number:02}");
    app.sql(&format!(
        "insert into proposal (id, call_id, number, coordinator_id)
         values ('{p}', '{call}', 'P-1', '{who}');
         insert into proposal_stage (id, call_id, proposal_id, stage_id, state)
         select '{ps}', '{call}', '{p}', id, 'draft' from stage where call_id = '{call}' and number = 1",
        p = id(1),
        ps = id(2),
        who = coordinator.account.unwrap()
    ))
    .await;
    let kinds = async |who: &Client| -> Vec<String> {
        let tasks = who.read("/me/tasks").await;
        let items = tasks.json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|task| format!("{} {}", task["kind"].as_str().unwrap(), task["count"]))
            .collect()
    };
    let tasks = coordinator.read("/me/tasks").await;
    assert_eq!(tasks.json["items"][0]["kind"], "submit_proposal");
    assert!(tasks.json["items"][0]["due_at"].as_str().unwrap() > "2097");
    assert!(kinds(&office).await.is_empty());

    app.sql(&format!(
        "update stage set state = 'checking' where call_id = '{call}' and number = 1;
         update proposal_stage set state = 'locked';
         insert into partner (id, call_id, proposal_stage_id, partner_id, position, role, organisation,
                              investigator, participation_id, requested)
         select '{partner}', '{call}', '{ps}', '{partner}', 1, 'coordinator', 'Clinic', 'Clara', p.id, 5
         from participation p join organisation o on o.id = p.organisation_id where o.key = 'DE-BMBF';
         insert into eligibility (partner_row_id, call_id, proposal_stage_id, participation_id, state)
         select id, call_id, proposal_stage_id, participation_id, 'open' from partner",
        partner = id(3),
        ps = id(2)
    ))
    .await;
    assert!(kinds(&coordinator).await.is_empty());
    assert_eq!(kinds(&office).await, ["check_formally 1"]);
    let contact = app.person("Conrad").await;
    let role = Role::ContactPerson;
    app.grant(&contact, role, Some(&call), Some("SE-VINNOVA"))
        .await;
    assert!(kinds(&contact).await.is_empty(), "of another funder");
    app.grant(&contact, role, Some(&call), Some("DE-DLRPT"))
        .await;
    assert_eq!(
        kinds(&contact).await,
        ["judge_eligibility 1"],
        "acts for it"
    );

    // Whoever has a conflict of interest hears nothing of the proposal, whatever the role.
    app.sql(&format!(
        "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load)
         values ('{e}', '{call}', '{who}', 'c@example.org', 'Conrad', 'Clinic', 'invited', 'remote_reviewer', 3);
         insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
         values ('{c}', '{call}', '{e}', '{p}', 'same_organisation', true, '', 'declared', true)",
        e = id(4),
        c = id(5),
        p = id(1),
        who = contact.account.unwrap()
    ))
    .await;
    assert_eq!(kinds(&contact).await, ["answer_invitation 1"]);
}
