//! Changes to a consortium while its eligibility is checked: recorded beside what was submitted, and followed by
//! everything that comes after.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use proposals::{PARTNERS, contacts, newcomer, open_call, partner, save, submit, submitted};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const NEW: &str = "019a0000-0000-7000-8000-000000000009";

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
    async fn begin(more: Option<Value>) -> Story {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        let ada = app.person("Ada").await;
        let (path, _) = submitted(&ada, &call).await;
        if let Some(more) = more {
            let now = ada.read(&path).await;
            let mut partners = now.json["stages"][0]["content"]["partners"].clone();
            partners.as_array_mut().unwrap().push(more);
            let saved = save(&ada, &path, &now.etag, json!({ "partners": partners })).await;
            submit(&ada, &path, &saved.expect(200).etag)
                .await
                .expect(200);
        }
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

    async fn eligibility(&self) -> Reply {
        self.office
            .read(&format!("{}/eligibility", self.path))
            .await
    }

    async fn judge(&self, who: &Client, partner: &str, ruling: Value) {
        let path = format!("{}/partners/{partner}/eligibility", self.path);
        let put = who.put(&path).etag("*").json(&ruling);
        put.send().await.expect(200);
    }

    /// The formal check, and all partners eligible but the one in France.
    async fn judged_but(&self, french: Value) {
        let check = json!({"verdict": "eligible"});
        let path = format!("{}/formal-check", self.path);
        let put = self.office.put(&path).etag("*").json(&check);
        put.send().await.expect(200);
        for (at, ruling) in [eligible(), french, eligible()].into_iter().enumerate() {
            self.judge(&self.contacts[at], PARTNERS[at], ruling).await;
        }
    }

    fn asked(&self, partner: &str, change: Value) -> testkit::Request {
        let input = json!({"partner": partner, "change": change, "reason": "Agreed by letter"});
        self.office
            .post(&format!("{}/changes", self.path))
            .json(&input)
    }

    async fn change(&self, partner: &str, change: Value) -> Reply {
        let now = self.eligibility().await;
        self.asked(partner, change).etag(&now.etag).send().await
    }

    /// An expert of the call with this address.
    async fn expert(&self, email: &str) {
        let person = self.app.person("Xenia North").await;
        let (id, account) = (kernel::id::new(), person.account.unwrap());
        self.app
            .sql(&format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 select '{id}', call_id, '{account}', '{email}', 'Xenia North', 'Elsewhere', 'contracted', 'remote_reviewer', 5, clock_timestamp(), '{{1}}'
                 from proposal"
            ))
            .await;
    }

    async fn state(&self) -> Value {
        self.office.read(&self.path).await.json["stages"][0]["state"].clone()
    }
}

fn eligible() -> Value {
    json!({"verdict": "eligible", "fundable": "150000.00"})
}

fn ineligible() -> Value {
    json!({"verdict": "ineligible", "rule": "own staff", "reason": "No group in the country"})
}

fn codes(faults: &Value) -> Vec<&str> {
    let faults = faults.as_array().unwrap().iter();
    faults.map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_partner_is_replaced_and_its_funder_is_waited_for_again() {
    let story = Story::begin(None).await;
    story.judged_but(ineligible()).await;
    assert_eq!(story.state().await, "ineligible");
    let replace = || json!({"kind": "replace", "by": newcomer(NEW, "FR-ANR")});
    let now = story.eligibility().await;
    let dry = story.asked(PARTNERS[1], replace()).etag(&now.etag);
    let dry = dry.dry_run().send().await.expect(200);
    assert_eq!(dry.json["eligibility"]["waiting_for"], json!(["FR-ANR"]));
    assert_eq!(story.state().await, "ineligible");

    story.expert("new@example.org").await;
    let (own, receipts) = (
        story.ada.read(&story.path).await,
        story.ada.read(&format!("{}/receipts", story.path)).await,
    );
    let changed = story.change(PARTNERS[1], replace()).await.expect(201).json;
    assert_eq!(changed["faults"], json!([]));
    assert_eq!(changed["eligibility"]["outcome"], Value::Null);
    assert_eq!(changed["eligibility"]["partners"][1]["partner"], NEW);
    assert_eq!(changed["eligibility"]["partners"][1]["verdict"], "open");
    assert_eq!(story.state().await, "locked");
    let waiting = format!("/calls/{}/stages/1/waiting", story.call);
    let waiting = story.office.read(&waiting).await.json;
    assert_eq!(waiting["proposals"][0]["partners"][0]["partner"], NEW);
    assert_eq!(waiting["funders"][2]["open"], 1);

    // What was submitted stays, and everybody who reads it reads the change beside it.
    let after = story.ada.read(&story.path).await.json["stages"][0].clone();
    assert_eq!(after["content"], own.json["stages"][0]["content"]);
    for who in [&story.ada, &story.office, &story.contacts[0]] {
        let change = who.read(&story.path).await.json["stages"][0]["changes"][0].clone();
        assert_eq!(change["kind"], "replace");
        assert_eq!(change["organisation"], "Institute 1");
        assert_eq!(change["becomes"]["organisation"], "Newcomer");
        assert_eq!(change["reason"], "Agreed by letter");
    }
    let same = story.ada.read(&format!("{}/receipts", story.path)).await;
    assert_eq!(same.json, receipts.json);
    let mails = story.app.mails().await;
    let told: Vec<&str> = mails
        .iter()
        .filter(|mail| mail.subject().contains("Consortium changed"))
        .map(|mail| mail.to[0].as_str())
        .collect();
    let expected = [
        "ada@example.org",
        "fr-anr@example.org",
        "new@example.org",
        "office@example.org",
        "person1@example.org",
    ];
    assert_eq!(told, expected);

    // Who came in is an expert of the panel, who has a conflict of interest from now on.
    let found = "select kind from sealed.conflict where standing order by kind";
    assert_ne!(story.app.value(found).await, "");

    story.judge(&story.contacts[1], NEW, eligible()).await;
    assert_eq!(story.state().await, "eligible");
    let log = "select detail ->> 'kind' from audit where action = 'change_consortium' and detail ->> 'kind' is not null";
    assert_eq!(story.app.value(log).await, "replace");

    // Without the partner in Spain two are left, which is too few.
    let dropped = story.change(PARTNERS[2], json!({"kind": "drop"})).await;
    let dropped = dropped.expect(201).json;
    let expected = ["partners_too_few", "countries_too_few"];
    assert_eq!(codes(&dropped["faults"]), expected);
    assert_eq!(dropped["number"], 2);
    let outcome = &dropped["eligibility"]["outcome"];
    assert_eq!(outcome["kind"], "ineligible");
    let reason = outcome["reason"].as_str().unwrap();
    assert!(reason.starts_with("as it was changed"), "{reason}");
    assert_eq!(story.state().await, "ineligible");
    let balance = format!("/calls/{}/stages/1/balance", story.call);
    story.office.read(&balance).await;
}

#[tokio::test]
async fn a_partner_pays_its_own_way_and_the_full_proposal_begins_with_it() {
    let fourth = "019a0000-0000-7000-8000-000000000004";
    let mut more = newcomer(fourth, "FR-ANR");
    more["principal_investigator"] = json!({"name": "Fourth", "email": "fourth@example.org"});
    let story = Story::begin(Some(more)).await;
    story.judged_but(eligible()).await;
    // Its question waits for nobody once it pays itself.
    let asked = json!({"question": "Who employs her?", "answer_by": "2097-04-01T15:00:00Z"});
    let ask = format!("{}/partners/{fourth}/queries", story.path);
    let ask = story.contacts[1].post(&ask).json(&asked);
    ask.send().await.expect(201);
    let own = json!({"kind": "own_funds", "means": "Hospital budget"});
    let changed = story.change(fourth, own.clone()).await.expect(201).json;
    assert_eq!(changed["faults"], json!([]));
    assert_eq!(
        changed["eligibility"]["waiting_for"],
        json!(["secretariat"])
    );
    let last = &changed["eligibility"]["partners"][3];
    assert_eq!(
        (&last["partner"], &last["requested"], &last["funder"]),
        (&json!(fourth), &json!("0.00"), &Value::Null)
    );
    let queries = story.ada.read(&format!("{}/queries", story.path)).await;
    assert_eq!(queries.json["items"][0]["state"], "closed");
    let proven = json!({"verdict": "eligible", "reason": "Letter of the hospital"});
    story.judge(&story.office, fourth, proven).await;
    assert_eq!(story.state().await, "eligible");
    let twice = story.change(fourth, own).await.expect(422);
    assert_eq!(twice.faults(), ["/change/kind own_funded_already"]);

    let finds = story
        .office
        .read(&format!("{}/formal-findings", story.path))
        .await;
    assert_eq!(finds.json["faults"], json!([]));
    story
        .app
        .broken_on_purpose("invited without evaluation and letter");
    story
        .app
        .sql(&format!(
            "update sealed.outcome set state = 'invited', released_state = 'invited', released_at = clock_timestamp();
             update stage set state = 'communicated' where call_id = '{0}' and number = 1;
             update stage set opens_at = null where call_id = '{0}' and number = 2",
            story.call
        ))
        .await;
    story.app.tick().await;
    let full = story.ada.read(&story.path).await;
    let begun = &full.json["stages"][1]["content"]["partners"][3];
    assert_eq!(
        begun["funding"],
        json!({"kind": "own", "means": "Hospital budget"})
    );
    // That it changed its funding is no change since the invitation.
    let check = story.ada.read(&format!("{}/check", story.path)).await;
    assert!(
        !codes(&check.json["doubts"]).contains(&"funder_changed"),
        "{}",
        check.json
    );
}

#[tokio::test]
async fn a_change_is_refused_with_its_faults_and_to_everybody_else() {
    let story = Story::begin(None).await;
    let eve = story.app.person("Eve").await;
    let drop = json!({"kind": "drop"});
    let path = format!("{}/changes", story.path);
    let input = json!({"partner": PARTNERS[1], "change": drop, "reason": "Agreed"});
    for (who, status) in [
        (&story.contacts[1], 403),
        (&story.ada, 404),
        (&eve, 404),
        (&story.app.client(), 401),
    ] {
        let post = who.post(&path).etag("*").json(&input);
        post.send().await.expect(status);
    }
    story
        .asked(PARTNERS[1], drop.clone())
        .send()
        .await
        .expect(428);
    let stale = story.asked(PARTNERS[1], drop.clone()).etag("\"old\"");
    stale.send().await.expect(412);
    let refused = story.change(PARTNERS[0], drop.clone()).await.expect(422);
    assert_eq!(refused.faults(), ["/partner coordinator_stays"]);
    let refused = story.change(NEW, drop.clone()).await.expect(422);
    assert_eq!(refused.faults(), ["/partner unknown_partner"]);
    let mut by = newcomer(PARTNERS[2], "FR-ANR");
    by["funding"]["funder"] = json!("XX-NONE");
    let replace = json!({"kind": "replace", "by": by});
    let refused = story.change(PARTNERS[1], replace).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/change/by/id partner_id_repeated",
            "/change/by/funding/funder funder_unknown"
        ]
    );
    let mut by = partner(1, "partner", "FR-ANR");
    by["id"] = json!(NEW);
    let replace = json!({"kind": "replace", "by": by});
    let refused = story.change(PARTNERS[1], replace).await.expect(422);
    assert_eq!(refused.faults(), ["/change/by same_partner"]);
    let bare = json!({"partner": PARTNERS[1], "change": drop, "reason": " "});
    let bare = story.office.post(&path).etag("*").json(&bare);
    assert_eq!(bare.send().await.expect(422).faults(), ["/reason required"]);

    // An ineligible coordinator is not repaired, by no means.
    story
        .judge(&story.contacts[0], PARTNERS[0], ineligible())
        .await;
    let own = json!({"kind": "own_funds", "means": "Hospital budget"});
    let refused = story.change(PARTNERS[0], own).await.expect(422);
    assert_eq!(refused.faults(), ["/partner coordinator_stays"]);
    // Who is gone is waited for no more, comes not back under the same id, and is not there to be judged.
    let waits = async || {
        let tasks = story.contacts[1].read("/me/tasks").await.json;
        tasks.to_string().contains("judge_eligibility")
    };
    assert!(waits().await);
    story.change(PARTNERS[1], drop.clone()).await.expect(201);
    assert!(!waits().await);
    let again = json!({"kind": "replace", "by": newcomer(PARTNERS[1], "FR-ANR")});
    let refused = story.change(PARTNERS[2], again).await.expect(422);
    assert_eq!(refused.faults(), ["/change/by/id partner_id_repeated"]);
    let judge = format!("{}/partners/{}/eligibility", story.path, PARTNERS[1]);
    let judge = story.contacts[1].put(&judge).etag("*").json(&eligible());
    judge.send().await.expect(404);
    // An exception would lay the proposal open to be written anew.
    let exception = json!({"until": "2097-04-01T15:00:00Z", "reason": "A flood"});
    let exceptions = format!("{}/exceptions", story.path);
    let post = story.office.post(&exceptions).json(&exception);
    post.send().await.expect(409);

    story
        .app
        .broken_on_purpose("reviewing before all is judged");
    story
        .app
        .sql("update stage set state = 'reviewing' where number = 1")
        .await;
    let late = story.change(PARTNERS[2], drop).await.expect(409);
    assert_eq!(late.code(), "state_conflict");
}
