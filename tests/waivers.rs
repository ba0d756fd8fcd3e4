//! Requests for exceptions to rules: asked by a consortium, weighed and decided by the steering committee.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use proposals::{PARTNERS, draft, newcomer, open_call, partner, save, submit};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

struct Story {
    app: TestApp,
    office: Client,
    chair: Client,
    member: Client,
    observer: Client,
    ada: Client,
    call: String,
    path: String,
}

/// A complete draft with two partners, of whom the rules want three.
async fn story() -> Story {
    let app = TestApp::start().await;
    let (office, call) = open_call(&app).await;
    let granted = [
        ("Chair", Role::CscChair, None),
        ("Member", Role::CscRepresentative, Some("DE-BMBF")),
        ("Observer", Role::Observer, None),
    ];
    let mut people = Vec::new();
    for (name, role, funder) in granted {
        let person = app.person(name).await;
        app.grant(&person, role, Some(&call), funder).await;
        people.push(person);
    }
    let [chair, member, observer] = people.try_into().unwrap_or_else(|_| unreachable!());
    let ada = app.person("Ada").await;
    let begun = draft(&ada, &call).await;
    let path = format!("/proposals/{}", begun.id());
    let two = [
        partner(0, "coordinator", "DE-BMBF"),
        partner(1, "partner", "FR-ANR"),
    ];
    let saved = save(&ada, &path, &begun.etag, json!({ "partners": two })).await;
    saved.expect(200);
    Story {
        app,
        office,
        chair,
        member,
        observer,
        ada,
        call,
        path,
    }
}

impl Story {
    async fn ask(&self, who: &Client, rule: &str) -> Reply {
        let input = json!({"rule": rule, "reasons": "Nobody else works on it"});
        let post = who.post(&format!("{}/waivers", self.path)).json(&input);
        post.send().await
    }

    async fn decide(&self, who: &Client, id: &str, granted: bool) -> Reply {
        let input = json!({"granted": granted, "because": "Written procedure"});
        let post = who.post(&format!("/waivers/{id}/decide")).etag("*");
        post.json(&input).send().await
    }

    /// After the deadline another takes the second partner's place, and all are found eligible; answers the outcome.
    async fn changed(&self) -> Value {
        self.app.close_stage(&self.call, 1).await;
        let check = self.office.put(&format!("{}/formal-check", self.path));
        let check = check.etag("*").json(&json!({"verdict": "eligible"}));
        check.send().await.expect(200);
        let new = "019a0000-0000-7000-8000-000000000009";
        let change = json!({"kind": "replace", "by": newcomer(new, "FR-ANR")});
        let input = json!({"partner": PARTNERS[1], "change": change, "reason": "Agreed"});
        let post = self.office.post(&format!("{}/changes", self.path));
        let changed = post.etag("*").json(&input).send().await.expect(201);
        assert_eq!(changed.json["faults"], json!([]));
        for (funder, id) in [("DE-BMBF", PARTNERS[0]), ("FR-ANR", new)] {
            let contact = self.app.contact(&self.call, funder).await;
            let ruling = json!({"verdict": "eligible", "fundable": "150000.00"});
            let put = contact.put(&format!("{}/partners/{id}/eligibility", self.path));
            put.etag("*").json(&ruling).send().await.expect(200);
        }
        let verdicts = format!("{}/eligibility", self.path);
        self.office.read(&verdicts).await.json["outcome"].clone()
    }

    async fn faults(&self) -> Vec<Value> {
        let check = self.ada.read(&format!("{}/check", self.path)).await.json;
        let faults = check["faults"].as_array().unwrap().iter();
        faults.map(|one| one["code"].clone()).collect()
    }
}

#[tokio::test]
async fn what_the_committee_grants_stands_no_more_in_the_way() {
    let story = story().await;
    assert_eq!(
        story.faults().await,
        ["partners_too_few", "countries_too_few"]
    );
    let wrong = json!({"rule": "title_missing", "reasons": " "});
    let wrong = story
        .ada
        .post(&format!("{}/waivers", story.path))
        .json(&wrong);
    assert_eq!(
        wrong.send().await.expect(422).faults(),
        ["/rule rule_not_waivable", "/reasons required"]
    );
    let first = story.ask(&story.ada, "partners_too_few").await.expect(201);
    assert_eq!(
        (&first.json["state"], &first.json["inside"]),
        (&json!("waiting"), &Value::Null)
    );
    let twice = story.ask(&story.ada, "partners_too_few").await.expect(422);
    assert_eq!(twice.faults(), ["/rule asked_already"]);
    let id = first.id();
    let mails = story.app.mails().await;
    let told: Vec<&str> = mails
        .iter()
        .filter(|mail| mail.subject().contains("Exception asked for"))
        .map(|mail| mail.to[0].as_str())
        .collect();
    assert_eq!(
        told,
        [
            "chair@example.org",
            "member@example.org",
            "office@example.org"
        ]
    );

    let tasks = story.chair.read("/me/tasks").await.json.to_string();
    assert!(tasks.contains("decide_waiver"), "{tasks}");
    let comment = format!("/waivers/{id}/comment");
    let input = json!({"comment": "A like request was granted in 2024"});
    story
        .office
        .put(&comment)
        .json(&input)
        .send()
        .await
        .expect(428);
    let put = story.office.put(&comment).etag("*").json(&input);
    put.send().await.expect(200);
    let stand = format!("/waivers/{id}/stands/DE-BMBF");
    for held in ["against", "for"] {
        let input = json!({"stand": held, "remark": "It stays small"});
        let put = story.member.put(&stand).etag("*").json(&input);
        put.send().await.expect(200);
    }
    for who in [&story.office, &story.chair, &story.observer] {
        let all = who.read(&format!("/calls/{}/waivers", story.call)).await;
        let inside = &all.json["items"][0]["inside"];
        assert_eq!(inside["comment"], "A like request was granted in 2024");
        assert_eq!(
            inside["stands"],
            json!([{"organisation": "DE-BMBF", "stand": "for", "remark": "It stays small"}])
        );
    }
    assert_eq!(
        story.faults().await,
        ["partners_too_few", "countries_too_few"]
    );
    story.decide(&story.chair, &id, true).await.expect(200);
    assert_eq!(story.faults().await, ["countries_too_few"]);
    story.decide(&story.chair, &id, false).await.expect(409);
    let late = json!({"stand": "against"});
    let late = story.member.put(&stand).etag("*").json(&late);
    late.send().await.expect(409);

    // Refused, it may be asked for anew; granted by the secretariat for the committee.
    let again = story.ask(&story.ada, "countries_too_few").await.expect(201);
    let refused = story.decide(&story.office, &again.id(), false).await;
    assert_eq!(refused.expect(200).json["state"], "refused");
    assert_eq!(story.faults().await, ["countries_too_few"]);
    let third = story.ask(&story.ada, "countries_too_few").await.expect(201);
    let dry = json!({"granted": true, "because": "Written procedure"});
    let dry = story
        .office
        .post(&format!("/waivers/{}/decide", third.id()))
        .etag("*")
        .dry_run()
        .json(&dry);
    dry.send().await.expect(200);
    assert_eq!(story.faults().await, ["countries_too_few"]);
    story
        .decide(&story.office, &third.id(), true)
        .await
        .expect(200);
    let now = story.ada.read(&story.path).await;
    submit(&story.ada, &story.path, &now.etag).await.expect(200);
    let own = story.ada.read(&format!("{}/waivers", story.path)).await;
    let states: Vec<&Value> = own.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["state"])
        .collect();
    assert_eq!(states, ["granted", "refused", "granted"]);
    assert_eq!(own.json["items"][0]["inside"], Value::Null);
    let mails = story.app.mails().await;
    for (decision, times) in [("granted", 2), ("refused", 1)] {
        let subject = format!("Exception {decision}");
        let told = mails
            .iter()
            .filter(|mail| mail.subject().contains(&subject));
        let told: Vec<&str> = told.map(|mail| mail.to[0].as_str()).collect();
        assert_eq!(told, vec!["ada@example.org"; times]);
    }
    let log = "select count(*) from audit where action in ('ask_waiver', 'decide_waiver', 'take_stand', 'comment_waiver')";
    assert_eq!(story.app.value(log).await, "9");

    // What was waived breaks no rule when the consortium is looked at again.
    assert_eq!(story.changed().await, json!({"kind": "eligible"}));
}

#[tokio::test]
async fn a_request_is_the_consortiums_and_the_committees() {
    let story = story().await;
    let (eve, contact) = (
        story.app.person("Eve").await,
        story.app.person("Contact").await,
    );
    story
        .app
        .grant(
            &contact,
            Role::ContactPerson,
            Some(&story.call),
            Some("DE-BMBF"),
        )
        .await;
    for (who, status) in [
        (&eve, 404),
        (&story.office, 403),
        (&story.member, 404),
        (&story.app.client(), 401),
    ] {
        story.ask(who, "partners_too_few").await.expect(status);
    }
    // Nobody learns of a draft that asks for nothing.
    let list = format!("{}/waivers", story.path);
    for who in [&story.office, &story.member, &story.observer] {
        who.get(&list).send().await.expect(404);
    }
    let id = story
        .ask(&story.ada, "partners_too_few")
        .await
        .expect(201)
        .id();
    for who in [&story.office, &story.member, &story.observer, &story.ada] {
        who.read(&list).await;
    }
    for who in [&eve, &contact] {
        who.get(&list).send().await.expect(404);
        story.decide(who, &id, true).await.expect(404);
    }
    for who in [&story.ada, &story.member, &story.observer] {
        story.decide(who, &id, true).await.expect(403);
    }
    let stand = json!({"stand": "for"});
    for (who, of, status) in [
        (&story.member, "FR-ANR", 403),
        (&story.office, "DE-BMBF", 403),
        (&story.ada, "DE-BMBF", 403),
        (&story.member, "NOBODY", 404),
    ] {
        let path = format!("/waivers/{id}/stands/{of}");
        let put = who.put(&path).etag("*").json(&stand);
        put.send().await.expect(status);
    }
    let calls = format!("/calls/{}/waivers", story.call);
    story.ada.get(&calls).send().await.expect(403);
    let bare = json!({"granted": true, "because": " "});
    let bare = story
        .chair
        .post(&format!("/waivers/{id}/decide"))
        .etag("*")
        .json(&bare);
    assert_eq!(
        bare.send().await.expect(422).faults(),
        ["/because required"]
    );
    story.app.close_stage(&story.call, 1).await;
    let late = story.ask(&story.ada, "countries_too_few").await;
    assert_eq!(late.expect(409).code(), "deadline_passed");
    let late = story.decide(&story.chair, &id, true).await.expect(409);
    assert_eq!(late.code(), "state_conflict");
    story.decide(&story.chair, &id, false).await.expect(200);
}
