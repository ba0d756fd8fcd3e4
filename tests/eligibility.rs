//! Verdicts of the secretariat and of the funders, and what they make together.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{PARTNERS, contacts, open_call, partner, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

struct Checking {
    app: TestApp,
    office: Client,
    /// Contact persons in the order of the funders.
    contacts: Vec<Client>,
    ada: Client,
    call: String,
    path: String,
}

async fn checking() -> Checking {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    app.close_stage(&call, 1).await;
    let contacts = contacts(&app, &call).await;
    Checking {
        app,
        office,
        contacts,
        ada,
        call,
        path,
    }
}

fn eligible() -> Value {
    json!({"verdict": "eligible", "fundable": "150000.00"})
}

fn ineligible() -> Value {
    json!({"verdict": "ineligible", "rule": "own staff", "reason": "No group in the country"})
}

impl Checking {
    async fn judge(&self, who: &Client, at: usize, ruling: Value) -> Reply {
        let now = self
            .office
            .read(&format!("{}/eligibility", self.path))
            .await;
        let path = format!("{}/partners/{}/eligibility", self.path, PARTNERS[at]);
        who.put(&path).etag(&now.etag).json(&ruling).send().await
    }

    async fn check(&self, input: Value) -> Reply {
        let now = self
            .office
            .read(&format!("{}/eligibility", self.path))
            .await;
        let path = format!("{}/formal-check", self.path);
        self.office
            .put(&path)
            .etag(&now.etag)
            .json(&input)
            .send()
            .await
    }

    async fn state(&self) -> Value {
        self.office.read(&self.path).await.json["stages"][0]["state"].clone()
    }
}

#[tokio::test]
async fn a_proposal_is_eligible_when_all_say_so_and_its_coordinator_hears_nothing_yet() {
    let story = checking().await;
    let before = story.ada.read(&story.path).await;
    let waiting = story
        .office
        .read(&format!("{}/eligibility", story.path))
        .await;
    assert_eq!(
        waiting.json["waiting_for"],
        json!(["DE-BMBF", "ES-ISCIII", "FR-ANR", "secretariat"])
    );
    story
        .check(json!({"verdict": "eligible"}))
        .await
        .expect(200);
    for at in 0..3 {
        assert_eq!(story.state().await, "locked");
        story
            .judge(&story.contacts[at], at, eligible())
            .await
            .expect(200);
    }
    assert_eq!(story.state().await, "eligible");
    let after = story.ada.read(&story.path).await;
    assert_eq!((before.etag, before.body), (after.etag, after.body));
    story
        .ada
        .get(&format!("{}/eligibility", story.path))
        .send()
        .await
        .expect(404);
    let audited =
        "select count(*) from audit where action in ('judge_eligibility', 'check_formally')";
    assert_eq!(story.app.value(audited).await, "4");

    // A revision with a reason makes a new version, and the outcome follows it.
    let bare = story
        .judge(&story.contacts[1], 1, eligible())
        .await
        .expect(422);
    assert_eq!(bare.faults(), ["/reason reason_missing"]);
    let mut lower = eligible();
    lower["fundable"] = json!("100000.00");
    lower["reason"] = json!("Travel is not paid");
    let lowered = story.judge(&story.contacts[1], 1, lower).await.expect(200);
    assert_eq!(lowered.json["partners"][1]["fundable"], "100000.00");
    assert_eq!(lowered.json["outcome"], json!({"kind": "eligible"}));
    let sunk = story
        .judge(&story.contacts[0], 0, ineligible())
        .await
        .expect(200);
    assert_eq!(sunk.json["outcome"]["kind"], "ineligible");
    assert_eq!(story.state().await, "ineligible");
}

#[tokio::test]
async fn an_ineligible_partner_of_four_is_replaced_and_of_three_sinks_the_proposal() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let (path, _) = submitted(&ada, &call).await;
    let now = ada.read(&path).await;
    let fourth = "019a0000-0000-7000-8000-000000000004";
    let mut more = partner(1, "partner", "FR-ANR");
    more["id"] = json!(fourth);
    more["principal_investigator"] = json!({"name": "Fourth", "email": "fourth@example.org"});
    more["organisation"] = json!("Fourth institute");
    let mut partners = now.json["stages"][0]["content"]["partners"].clone();
    partners.as_array_mut().unwrap().push(more);
    let saved = save(&ada, &path, &now.etag, json!({ "partners": partners }))
        .await
        .expect(200);
    submit(&ada, &path, &saved.etag).await.expect(200);
    let (bob, eve) = (app.person("Bob").await, path.clone());
    let (three, _) = submitted(&bob, &call).await;
    app.close_stage(&call, 1).await;
    let contacts = contacts(&app, &call).await;
    let bulk = format!("/calls/{call}/stages/1/eligibility");
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let ruling = |path: &str, partner: &str, ruling: Value| json!({"proposal": id(path), "partner": partner, "ruling": ruling});

    let forms = json!({"rulings": [
        {"proposal": "JTC2026-001", "ruling": {"verdict": "eligible"}},
        {"proposal": "JTC2026-002", "ruling": {"verdict": "eligible"}}]});
    let dry = office
        .post(&bulk)
        .json(&forms)
        .dry_run()
        .send()
        .await
        .expect(200);
    assert_eq!(dry.json["recorded"], 2);
    assert_eq!(app.value("select count(*) from formal_check").await, "0");
    office.post(&bulk).json(&forms).send().await.expect(200);
    let again = office.post(&bulk).json(&forms).send().await.expect(200);
    assert_eq!(again.json["recorded"], 0);

    for (contact, rulings) in [
        (
            0,
            vec![
                ruling(&eve, PARTNERS[0], eligible()),
                ruling(&three, PARTNERS[0], eligible()),
            ],
        ),
        (
            2,
            vec![
                ruling(&eve, PARTNERS[2], eligible()),
                ruling(&three, PARTNERS[2], eligible()),
            ],
        ),
        (
            1,
            vec![
                ruling(&eve, PARTNERS[1], eligible()),
                ruling(&eve, fourth, ineligible()),
                ruling(&three, PARTNERS[1], ineligible()),
            ],
        ),
    ] {
        let body = json!({ "rulings": rulings });
        contacts[contact]
            .post(&bulk)
            .json(&body)
            .send()
            .await
            .expect(200);
    }
    let matrix = office.read(&bulk).await;
    let outcome = |at: usize| matrix.json["items"][at]["outcome"].clone();
    assert_eq!(
        outcome(0),
        json!({"kind": "conditional", "replace": [fourth]})
    );
    assert_eq!(outcome(1)["kind"], "ineligible");
    assert_eq!(
        office.read(&eve).await.json["stages"][0]["state"],
        "conditional"
    );
    // The committee reads what goes on, and each funder what its own applicants take part in.
    let chair = app.person("Chair").await;
    app.grant(&chair, Role::CscChair, Some(&call), None).await;
    chair.read(&eve).await;
    chair.get(&three).send().await.expect(404);
    contacts[1].read(&three).await;
}

#[tokio::test]
async fn many_verdicts_are_recorded_all_or_none_with_every_fault() {
    let story = checking().await;
    let bulk = format!("/calls/{}/stages/1/eligibility", story.call);
    let bad = json!({"rulings": [
        {"proposal": "JTC2026-001", "ruling": {"verdict": "eligible"}},
        {"proposal": "JTC2026-099", "ruling": {"verdict": "eligible"}},
        {"proposal": "JTC2026-001", "ruling": {"verdict": "eligible"}},
        {"proposal": "JTC2026-001", "partner": "019a0000-0000-7000-8000-0000000000ff", "ruling": {"verdict": "eligible"}}]});
    let refused = story.office.post(&bulk).json(&bad).send().await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/rulings/1/proposal unknown_proposal",
            "/rulings/2 repeated",
            "/rulings/3/partner unknown_partner"
        ]
    );
    assert_eq!(
        story.app.value("select count(*) from formal_check").await,
        "0"
    );
    let too_much = json!({"rulings": [{"proposal": "JTC2026-001", "partner": PARTNERS[0],
        "ruling": {"verdict": "eligible", "fundable": "160000.51"}}]});
    let refused = story.contacts[0]
        .post(&bulk)
        .json(&too_much)
        .send()
        .await
        .expect(422);
    assert_eq!(
        refused.faults(),
        ["/rulings/0/ruling/fundable fundable_out_of_range"]
    );
    let other = json!({"rulings": [{"proposal": "JTC2026-001", "partner": PARTNERS[0], "ruling": eligible()}]});
    story.contacts[1]
        .post(&bulk)
        .json(&other)
        .send()
        .await
        .expect(403);
    story
        .office
        .post(&bulk)
        .json(&other)
        .send()
        .await
        .expect(403);
    story.contacts[0]
        .post(&bulk)
        .json(&other)
        .send()
        .await
        .expect(200);
    let revised = json!({"rulings": [{"proposal": "JTC2026-001", "partner": PARTNERS[0], "ruling": ineligible()}]});
    let refused = story.contacts[0]
        .post(&bulk)
        .json(&revised)
        .send()
        .await
        .expect(422);
    assert_eq!(refused.faults(), ["/rulings/0/ruling verdict_given"]);
    story.ada.post(&bulk).json(&other).send().await.expect(404);
    story
        .app
        .client()
        .post(&bulk)
        .json(&other)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn a_funder_judges_its_own_applicants_and_says_what_it_saw() {
    let story = checking().await;
    story
        .judge(&story.contacts[1], 0, eligible())
        .await
        .expect(403);
    story.judge(&story.office, 0, eligible()).await.expect(403);
    let path = format!("{}/partners/{}/eligibility", story.path, PARTNERS[0]);
    let contact = &story.contacts[0];
    contact
        .put(&path)
        .json(&eligible())
        .send()
        .await
        .expect(428);
    let stale = contact
        .put(&path)
        .etag("\"old\"")
        .json(&eligible())
        .send()
        .await
        .expect(412);
    contact
        .put(&path)
        .etag(&stale.etag)
        .json(&eligible())
        .send()
        .await
        .expect(200);
    let formal = format!("{}/formal-check", story.path);
    contact
        .put(&formal)
        .etag("*")
        .json(&json!({"verdict": "eligible"}))
        .send()
        .await
        .expect(403);
    let bare = story
        .check(json!({"verdict": "ineligible"}))
        .await
        .expect(422);
    assert_eq!(bare.faults(), ["/reason reason_missing"]);
    let nobody = format!("{}/partners/{}/eligibility", story.path, story.call);
    contact
        .put(&nobody)
        .etag("*")
        .json(&eligible())
        .send()
        .await
        .expect(404);
    // Once it is evaluated the verdicts stand.
    story
        .app
        .broken_on_purpose("evaluated without an evaluation");
    story.app.sql("insert into sealed.outcome (proposal_stage_id, call_id, state) select id, call_id, 'evaluated' from proposal_stage").await;
    let late = story
        .judge(&story.contacts[1], 1, eligible())
        .await
        .expect(409);
    assert_eq!(late.code(), "state_conflict");
}

#[tokio::test]
async fn who_has_a_conflict_of_interest_sees_nothing_of_the_proposal() {
    let story = checking().await;
    let panel = story.app.person("Panel").await;
    story
        .app
        .grant(&panel, Role::PanelMember, Some(&story.call), None)
        .await;
    panel.get(&story.path).send().await.expect(404);
    let account = panel.account.unwrap();
    let expert = "019a0000-0000-7000-8000-0000000000ee";
    story.app.sql(&format!(
        "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
         values ('{expert}', '{}', '{account}', 'panel@example.org', 'Panel', 'Elsewhere', 'contracted', 'panel_member', 5, clock_timestamp(), '{{1}}')",
        story.call
    )).await;
    let seen = panel.read(&story.path).await;
    assert_eq!(seen.json["stages"][0]["state"], "locked");
    story.app.sql(&format!(
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
         select '{expert}', call_id, '{expert}', id, 'same_institution', true, '', 'declared', true from proposal"
    )).await;
    panel.get(&story.path).send().await.expect(409);
    let list = panel
        .read(&format!("/calls/{}/proposals", story.call))
        .await;
    assert_eq!(list.json["items"], json!([]));
}

#[tokio::test]
async fn the_invited_begin_their_full_proposal_from_what_they_submitted() {
    let story = checking().await;
    story
        .app
        .broken_on_purpose("invited without evaluation and letter");
    story
        .app
        .sql(&format!(
        "insert into sealed.outcome (proposal_stage_id, call_id, state, released_state, released_at)
         select id, call_id, 'invited', 'invited', clock_timestamp() from proposal_stage;
         update stage set state = 'communicated' where call_id = '{}' and number = 1;
         update stage set opens_at = null where call_id = '{}' and number = 2",
        story.call, story.call
    ))
        .await;
    assert_eq!(
        story.ada.read(&story.path).await.json["stages"][0]["state"],
        "invited"
    );
    story.app.tick().await;
    let full = story.ada.read(&story.path).await;
    let stage = &full.json["stages"][1];
    assert_eq!(
        (&stage["kind"], &stage["state"]),
        (&json!("full_proposal"), &json!("draft"))
    );
    assert_eq!(stage["content"], full.json["stages"][0]["content"]);
    assert_eq!(
        story.office.read(&story.path).await.json["stages"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let texts = json!({"texts": {"work_plan": "Plan.", "impact": "Impact.", "ethics": "Ethics."}});
    let saved = save(&story.ada, &story.path, &full.etag, texts)
        .await
        .expect(200);
    let receipt = submit(&story.ada, &story.path, &saved.etag)
        .await
        .expect(200);
    assert_eq!(receipt.json["receipt"]["receipt"]["stage"], "full_proposal");
    let receipts = story.ada.read(&format!("{}/receipts", story.path)).await;
    assert_eq!(receipts.json["items"].as_array().unwrap().len(), 2);
    // The verdicts are those of the stage whose deadline has passed.
    let verdicts = story
        .office
        .read(&format!("{}/eligibility", story.path))
        .await;
    assert_eq!(verdicts.json["partners"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_secretariat_judges_who_brings_its_own_means() {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let ada = app.person("Ada").await;
    let begun = proposals::draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    let fourth = "019a0000-0000-7000-8000-000000000004";
    let mut own = partner(0, "partner", "SE-VINNOVA");
    own["id"] = json!(fourth);
    own["funding"] = json!({"kind": "own", "means": "Hospital budget"});
    own["principal_investigator"] = json!({"name": "Own", "email": "own@example.org"});
    let mut partners = begun.json["stages"][0]["content"]["partners"].clone();
    partners.as_array_mut().unwrap().push(own);
    let patch = json!({ "partners": partners });
    let saved = save(&ada, &path, &begun.etag, patch).await.expect(200);
    submit(&ada, &path, &saved.etag).await.expect(200);
    app.close_stage(&call, 1).await;
    let contacts = contacts(&app, &call).await;
    let verdicts = office.read(&format!("{path}/eligibility")).await;
    assert_eq!(verdicts.json["partners"][3]["funder"], Value::Null);
    assert_eq!(verdicts.json["partners"][3]["requested"], "0.00");
    let judge = format!("{path}/partners/{fourth}/eligibility");
    let proven = json!({"verdict": "eligible", "reason": "Letter of the hospital"});
    let etag = &verdicts.etag;
    contacts[0]
        .put(&judge)
        .etag(etag)
        .json(&proven)
        .send()
        .await
        .expect(403);
    let paid = office
        .put(&judge)
        .etag(etag)
        .json(&eligible())
        .send()
        .await
        .expect(422);
    assert_eq!(paid.faults(), ["/fundable fundable_not_expected"]);
    office
        .put(&judge)
        .etag(etag)
        .json(&proven)
        .send()
        .await
        .expect(200);
    let audited = "select worn from audit where action = 'check_own_means'";
    assert_eq!(app.value(audited).await, "secretariat");
}
