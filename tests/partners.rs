//! A consortium writes together: partners are invited by mail, write their own part and no other, confirm it, leave
//! and are replaced.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "consortium/invite.rs"]
mod invite;
mod proposals;

use invite::{claim, invite, join, token, write};
use proposals::{PARTNERS, content, draft, open_call, save, submit};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const SECOND: &str = PARTNERS[1];
const THIRD: &str = PARTNERS[2];

fn content_of(reply: &Reply) -> Value {
    reply.json["stages"][0]["content"].clone()
}

/// How often a mail with these words in its subject came to an address.
async fn mails(app: &TestApp, address: &str, words: &str) -> usize {
    let mails = app.mails().await;
    let mine = mails.iter().filter(|mail| mail.to == [address]);
    mine.filter(|mail| mail.subject().contains(words)).count()
}

struct Story {
    app: TestApp,
    call: String,
    office: Client,
    ada: Client,
    path: String,
}

impl Story {
    async fn begin() -> Story {
        let app = TestApp::start().await;
        let (office, call) = open_call(&app).await;
        let ada = app.person("Ada").await;
        let path = format!("/proposals/{}", draft(&ada, &call).await.id());
        Story {
            app,
            call,
            office,
            ada,
            path,
        }
    }

    /// Somebody who writes a part.
    async fn member(&self, name: &str, partner: &str) -> Client {
        let who = self.app.person(name).await;
        join(&self.app, &self.ada, &self.path, partner, &who).await;
        who
    }

    async fn seat(&self, partner: &str) -> Value {
        let all = self.ada.read(&format!("{}/partners", self.path)).await;
        let seats = all.json["items"].as_array().unwrap();
        let found = seats.iter().find(|seat| seat["partner"] == partner);
        found.unwrap().clone()
    }
}

#[tokio::test]
async fn who_follows_the_link_has_an_account_and_writes_its_part_alone() {
    let story = Story::begin().await;
    let (app, ada, path) = (&story.app, &story.ada, &story.path);
    let sent = invite(ada, path, SECOND, None).await.expect(201);
    assert_eq!(sent.json["invitation"]["email"], "person1@example.org");
    let mail = app.mails().await;
    let mail = mail.iter().find(|mail| mail.to == ["person1@example.org"]);
    let text = mail.unwrap().text();
    assert!(
        text.contains("JTC2026-001") && text.contains("ada@example.org"),
        "{text}"
    );
    assert!(!text.contains("Precise"), "{text}");
    let secret = token(app, "person1@example.org").await;

    let anybody = app.client();
    let nameless = claim(&anybody, &secret, None).await.expect(422);
    assert_eq!(nameless.faults(), ["/name name"]);
    let claimed = claim(&anybody, &secret, Some("Person One"))
        .await
        .expect(201);
    assert_eq!(claimed.json["partner"], SECOND);
    assert!(claimed.header("set-cookie").contains("__Host-jtc="));
    assert_eq!(
        claim(&anybody, &secret, Some("Again"))
            .await
            .expect(410)
            .code(),
        "link_spent"
    );
    let mut one = app.client();
    one.token = claimed.json["session"]["token"].as_str().map(str::to_owned);
    let list = format!("/calls/{}/proposals", story.call);
    assert_eq!(one.read(&list).await.json["items"][0]["state"], "draft");
    assert_eq!(mails(app, &ada.email, "writes its part").await, 1);

    // The whole text, and of the budgets the own one.
    let seen = one.read(path).await;
    let stage = &seen.json["stages"][0];
    assert_eq!(stage["content"]["texts"], content()["texts"]);
    assert_eq!(
        stage["content"]["partners"][1]["budget"],
        content()["partners"][1]["budget"]
    );
    for at in [0, 2] {
        assert_eq!(stage["content"]["partners"][at]["budget"], json!({}));
        assert_eq!(stage["partners"][at]["costs"], Value::Null);
        assert_eq!(stage["partners"][at]["requested"], Value::Null);
    }
    assert_eq!(stage["partners"][1]["requested"], "160000.50");
    assert_eq!(stage["requested"], Value::Null);
    assert_eq!(
        ada.read(path).await.json["stages"][0]["requested"],
        "480001.50"
    );
    let seats = one.read(&format!("{path}/partners")).await;
    assert_eq!(seats.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        seats.json["items"][0]["member"]["email"],
        "person1@example.org"
    );

    // It writes its own part, over what it has seen, and what it may not see is not lost.
    let patch = json!({"organisation": "Institut Imagine", "budget": {"travel": null}});
    let dry = one
        .patch(&format!("{path}/partners/{SECOND}"))
        .etag(&seen.etag)
        .json(&patch);
    dry.dry_run().send().await.expect(200);
    let saved = write(&one, path, SECOND, &seen.etag, patch.clone())
        .await
        .expect(200);
    assert_eq!(
        content_of(&saved)["partners"][1]["budget"],
        json!({"personnel": ["75000.00", "75000.00"]})
    );
    let all = ada.read(path).await;
    assert_eq!(
        content_of(&all)["partners"][1]["organisation"],
        "Institut Imagine"
    );
    for at in [0, 2] {
        assert_eq!(content_of(&all)["partners"][at], {
            let mut whole = content_of(&saved)["partners"][at].clone();
            whole["budget"] = content()["partners"][at]["budget"].clone();
            whole
        });
    }
    let history = ada.read(&format!("{path}/history")).await;
    assert_eq!(history.json["items"][0]["saved_by"], "Person One");

    // Nothing but that.
    write(&one, path, SECOND, &seen.etag, patch.clone())
        .await
        .expect(412);
    let missing = one.patch(&format!("{path}/partners/{SECOND}")).json(&patch);
    missing.send().await.expect(428);
    write(&one, path, THIRD, "*", patch.clone())
        .await
        .expect(403);
    for (patch, fault) in [
        (json!({"id": PARTNERS[0]}), "/id fixed"),
        (json!({"role": "coordinator"}), "/role fixed"),
        (json!({"colour": 1}), "/colour shape"),
    ] {
        let refused = write(&one, path, SECOND, "*", patch).await.expect(422);
        assert_eq!(refused.faults(), [fault]);
    }
    save(&one, path, "*", json!({"title": "Mine"}))
        .await
        .expect(403);
    submit(&one, path, "*").await.expect(403);
    let reason = json!({"reason": "Enough"});
    let withdraw = one.post(&format!("{path}/withdraw")).etag("*");
    withdraw.json(&reason).send().await.expect(403);
    invite(&one, path, THIRD, None).await.expect(403);
    for hidden in ["history", "history/1", "receipts", "check"] {
        one.get(&format!("{path}/{hidden}"))
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn a_partner_without_any_account_is_filled_in_by_the_coordinator() {
    let story = Story::begin().await;
    let (ada, path) = (&story.ada, &story.path);
    let now = ada.read(path).await;
    let saved = write(ada, path, THIRD, &now.etag, json!({"region": "Catalonia"}))
        .await
        .expect(200);
    assert_eq!(content_of(&saved)["partners"][2]["region"], "Catalonia");
    let nobody = "019a0000-0000-7000-8000-0000000000ff";
    write(ada, path, nobody, "*", json!({})).await.expect(404);
    submit(ada, path, &saved.etag).await.expect(200);
    assert_eq!(story.app.value("select count(*) from account").await, "2");
    story.app.close_stage(&story.call, 1).await;
    let late = write(ada, path, THIRD, "*", json!({"region": "Navarre"}))
        .await
        .expect(409);
    assert_eq!(late.code(), "deadline_passed");
}

#[tokio::test]
async fn an_invitation_is_claimed_with_another_address_by_who_holds_its_link() {
    let story = Story::begin().await;
    let (app, ada, path) = (&story.app, &story.ada, &story.path);
    invite(ada, path, SECOND, Some("secretary@example.net"))
        .await
        .expect(201);
    let first = token(app, "secretary@example.net").await;
    invite(ada, path, SECOND, Some("secretary@example.net"))
        .await
        .expect(201);
    let second = token(app, "secretary@example.net").await;
    let bea = app.person("Bea").await;
    claim(&bea, &first, None).await.expect(410);
    claim(&bea, "0f1e2d3c4b5a69788796a5b4c3d2e1f0", None)
        .await
        .expect(410);
    let own = claim(ada, &second, None).await.expect(409);
    assert_eq!(own.code(), "state_conflict");
    let claimed = claim(&bea, &second, None).await.expect(201);
    assert_eq!(claimed.json["session"], Value::Null);
    assert_eq!(claimed.header("set-cookie"), "");
    bea.read(path).await;
    let mails = app.mails().await;
    let told = mails
        .iter()
        .find(|mail| mail.subject().contains("writes its part"));
    let text = told.unwrap().text();
    for address in ["secretary@example.net", "bea@example.org"] {
        assert!(text.contains(address), "{text}");
    }
    assert_eq!(
        story.seat(SECOND).await["member"]["email"],
        "bea@example.org"
    );
    // The address that was written to has no account by this.
    let none = "select count(*) from account where email = 'secretary@example.net'";
    assert_eq!(app.value(none).await, "0");
    let taken = invite(ada, path, SECOND, None).await.expect(409);
    assert_eq!(taken.code(), "state_conflict");
    invite(ada, path, PARTNERS[0], None).await.expect(409);
    let unreadable = invite(ada, path, THIRD, Some("nowhere")).await.expect(422);
    assert_eq!(unreadable.faults(), ["/email email"]);
    // Others do not even learn that there is something to be invited to.
    let eve = app.person("Eve").await;
    invite(&eve, path, THIRD, None).await.expect(404);
    invite(&story.office, path, THIRD, None).await.expect(403);
    let dry = ada
        .post(&format!("{path}/partners/{THIRD}/invitation"))
        .dry_run();
    dry.send().await.expect(200);
    assert_eq!(story.seat(THIRD).await["invitation"], Value::Null);
}

#[tokio::test]
async fn the_link_in_the_mail_is_a_form_that_does_the_same() {
    let story = Story::begin().await;
    invite(&story.ada, &story.path, SECOND, None)
        .await
        .expect(201);
    let secret = token(&story.app, "person1@example.org").await;
    let page = format!("//link/partner?token={secret}");
    let anybody = story.app.client();
    let form = anybody.get(&page).send().await.expect(200);
    assert!(String::from_utf8_lossy(&form.body).contains("Take part in a proposal"));
    assert_eq!(story.seat(SECOND).await["member"], Value::Null);
    let filled = format!("token={secret}&name=Person+One");
    let posted = anybody
        .post("//link/partner")
        .body("application/x-www-form-urlencoded", filled);
    assert!(
        posted
            .send()
            .await
            .expect(200)
            .header("set-cookie")
            .contains("__Host-jtc=")
    );
    assert_eq!(story.seat(SECOND).await["member"]["name"], "Person One");
}

#[tokio::test]
async fn who_left_was_revoked_or_replaced_sees_nothing_any_more() {
    let story = Story::begin().await;
    let (app, ada, path) = (&story.app, &story.ada, &story.path);
    let bea = story.member("Bea", SECOND).await;
    let end =
        |who: &Client, partner: &str| who.delete(&format!("{path}/partners/{partner}/membership"));
    let gone = async |who: &Client| {
        who.get(path).send().await.expect(404);
        who.get(&format!("{path}/partners"))
            .send()
            .await
            .expect(404);
        write(who, path, SECOND, "*", json!({"region": "Elsewhere"}))
            .await
            .expect(404);
        end(who, SECOND).send().await.expect(404);
        let confirm = who
            .post(&format!("{path}/partners/{SECOND}/confirm"))
            .etag("*");
        confirm.send().await.expect(404);
        let list = who.read(&format!("/calls/{}/proposals", story.call)).await;
        assert_eq!(list.json["items"], json!([]));
    };
    // Strangers, and who writes for another proposal, are nobody here.
    let carl = app.person("Carl").await;
    let other = format!("/proposals/{}", draft(&carl, &story.call).await.id());
    let dora = app.person("Dora").await;
    join(app, &carl, &other, SECOND, &dora).await;
    gone_from(&story, &dora).await;
    gone_from(&story, &carl).await;
    end(&bea, THIRD).send().await.expect(403);

    // Leaving.
    end(&bea, SECOND).dry_run().send().await.expect(200);
    bea.read(path).await;
    end(&bea, SECOND).send().await.expect(200);
    gone(&bea).await;
    assert_eq!(mails(app, &ada.email, "left").await, 1);
    end(ada, SECOND).send().await.expect(404);

    // Revoked, as an invitation and as a membership.
    invite(ada, path, SECOND, Some(&bea.email))
        .await
        .expect(201);
    let secret = token(app, &bea.email).await;
    end(ada, SECOND).send().await.expect(200);
    claim(&bea, &secret, None).await.expect(410);
    join(app, ada, path, SECOND, &bea).await;
    bea.read(path).await;
    end(ada, SECOND).send().await.expect(200);
    gone(&bea).await;
    assert_eq!(mails(app, &bea.email, "no longer").await, 1);

    // Replaced: another investigator, another organisation, taken out.
    let mut told = 1;
    for change in [
        json!({"principal_investigator": {"name": "Successor", "email": "successor@example.org"}}),
        json!({"organisation": "Another Institute"}),
    ] {
        join(app, ada, path, SECOND, &bea).await;
        let now = ada.read(path).await;
        write(ada, path, SECOND, &now.etag, change)
            .await
            .expect(200);
        gone(&bea).await;
        told += 1;
        assert_eq!(mails(app, &bea.email, "no longer").await, told);
    }
    join(app, ada, path, SECOND, &bea).await;
    let now = ada.read(path).await;
    let mut partners = content_of(&now)["partners"].clone();
    partners.as_array_mut().unwrap().remove(1);
    save(ada, path, &now.etag, json!({ "partners": partners }))
        .await
        .expect(200);
    gone(&bea).await;
    // Back in by an earlier version of the draft, but not as a member.
    let now = ada.read(path).await;
    let restore = ada
        .post(&format!("{path}/history/1/restore"))
        .etag(&now.etag);
    restore.send().await.expect(200);
    gone(&bea).await;
    let ended = "select count(*) from partner_member where left_at is null";
    assert_eq!(app.value(ended).await, "1");
}

/// The proposal of the story is none for somebody outside.
async fn gone_from(story: &Story, who: &Client) {
    who.get(&story.path).send().await.expect(404);
    write(who, &story.path, SECOND, "*", json!({}))
        .await
        .expect(404);
    let end = who.delete(&format!("{}/partners/{SECOND}/membership", story.path));
    end.send().await.expect(404);
}

#[tokio::test]
async fn what_a_partner_may_not_see_moves_nothing_of_its() {
    let story = Story::begin().await;
    let (ada, path) = (&story.ada, &story.path);
    let bea = story.member("Bea", SECOND).await;
    let seen = bea.read(path).await;
    let now = ada.read(path).await;
    write(
        ada,
        path,
        THIRD,
        &now.etag,
        json!({"budget": {"travel": ["1.00"]}}),
    )
    .await
    .expect(200);
    assert_eq!(bea.read(path).await.etag, seen.etag);
    // So it saves over that, and neither change is lost.
    let saved = write(
        &bea,
        path,
        SECOND,
        &seen.etag,
        json!({"region": "Brittany"}),
    )
    .await
    .expect(200);
    assert!(!String::from_utf8_lossy(&saved.body).contains("\"1.00\""));
    let all = ada.read(path).await;
    assert_eq!(
        content_of(&all)["partners"][2]["budget"]["travel"],
        json!(["1.00"])
    );
    assert_eq!(content_of(&all)["partners"][1]["region"], "Brittany");

    // Help for a merge is made of what it sees, from the root of its part.
    write(ada, path, SECOND, &all.etag, json!({"region": "Normandy"}))
        .await
        .expect(200);
    let patch = json!({"region": "Occitania", "cofunded": true});
    let stale = write(&bea, path, SECOND, &saved.etag, patch)
        .await
        .expect(412);
    assert_eq!(stale.json["merge"]["base_known"], true);
    let mut fields = stale.json["merge"]["fields"].as_array().unwrap().clone();
    fields.sort_by_key(|field| field["pointer"].to_string());
    assert_eq!(
        fields,
        [
            json!({"pointer": "/cofunded", "yours": true, "theirs": null, "base": null}),
            json!({"pointer": "/region", "yours": "Occitania", "theirs": "Normandy", "base": "Brittany"}),
        ]
    );
}

#[tokio::test]
async fn a_part_is_confirmed_as_it_stands_where_the_call_asks_for_it() {
    let story = Story::begin().await;
    let (app, ada, path) = (&story.app, &story.ada, &story.path);
    app.sql("update call set rules = jsonb_set(rules, '{stages,0,partners_confirm}', 'true')")
        .await;
    let (bea, carl) = (
        story.member("Bea", SECOND).await,
        story.member("Carl", THIRD).await,
    );
    let confirm = async |who: &Client, partner: &str| {
        let now = who.read(path).await;
        let confirm = who.post(&format!("{path}/partners/{partner}/confirm"));
        confirm.etag(&now.etag).send().await
    };
    let unconfirmed = async || {
        let check = ada.read(&format!("{path}/check")).await;
        let faults = check.json["faults"].as_array().unwrap().clone();
        let of = |fault: &Value| {
            format!(
                "{} {}",
                fault["pointer"].as_str().unwrap(),
                fault["code"].as_str().unwrap()
            )
        };
        faults.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(
        unconfirmed().await,
        [
            "/partners/1 partner_unconfirmed",
            "/partners/2 partner_unconfirmed"
        ]
    );
    let now = ada.read(path).await;
    let refused = submit(ada, path, &now.etag).await.expect(422);
    assert_eq!(refused.faults().len(), 2);

    confirm(ada, SECOND).await.expect(403);
    confirm(&bea, THIRD).await.expect(403);
    bea.post(&format!("{path}/partners/{SECOND}/confirm"))
        .send()
        .await
        .expect(428);
    let confirmed = confirm(&bea, SECOND).await.expect(200);
    assert!(confirmed.json["confirmed_at"].is_string());
    assert_eq!(unconfirmed().await, ["/partners/2 partner_unconfirmed"]);
    confirm(&carl, THIRD).await.expect(200);
    assert_eq!(unconfirmed().await, Vec::<String>::new());

    // A change of the part, whoever makes it, makes that void; a change elsewhere does not.
    let now = ada.read(path).await;
    save(ada, path, &now.etag, json!({"title": "Another title"}))
        .await
        .expect(200);
    assert_eq!(unconfirmed().await, Vec::<String>::new());
    for who in [ada, &bea] {
        let now = who.read(path).await;
        let region = json!({"region": format!("By {}", who.email)});
        write(who, path, SECOND, &now.etag, region)
            .await
            .expect(200);
        assert_eq!(unconfirmed().await, ["/partners/1 partner_unconfirmed"]);
        assert_eq!(story.seat(SECOND).await["confirmed_at"], Value::Null);
        confirm(&bea, SECOND).await.expect(200);
    }
    let now = ada.read(path).await;
    submit(ada, path, &now.etag).await.expect(200);
    app.close_stage(&story.call, 1).await;
    confirm(&bea, SECOND).await.expect(409);
    // After the deadline a partner reads what was submitted as it read the draft.
    let seen = bea.read(path).await;
    assert_eq!(seen.json["stages"][0]["state"], "locked");
    assert_eq!(content_of(&seen)["partners"][2]["budget"], json!({}));
    bea.get(&format!("{path}/eligibility"))
        .send()
        .await
        .expect(404);
}
