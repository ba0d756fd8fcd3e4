//! The panel is convened, and everybody on it is told what to do; rapporteurs are told when they are named.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// Reviews are assigned; a chair and two members sit on the panel.
async fn story() -> (Evaluation, Vec<Reviewer>, [Reviewer; 3]) {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let of = |name: &str, role: &str| {
        let address = format!("{}@panel.example", &name[..1]).to_lowercase();
        nomination(name, &format!("{name} College"), &address, role)
    };
    let panel = story
        .ready(&[
            of("Carla Chairwoman", "chair"),
            of("Mona Memberton", "rapporteur"),
            of("Nils Nordahl", "panel_member"),
        ])
        .await;
    let keep = json!({"per_proposal": 2, "keep": pairs(&story, &reviewers)});
    let assign = story.office.post(&story.stage("assign")).json(&keep);
    assign.send().await.expect(200);
    (story, reviewers, panel.try_into().ok().unwrap())
}

/// Two reviewers for each proposal, so that nobody of the panel has a review to write.
fn pairs(story: &Evaluation, reviewers: &[Reviewer]) -> Value {
    let pair = |proposal: usize, expert: usize| json!({"proposal": story.proposal(proposal), "expert": reviewers[expert].id});
    json!([
        pair(0, 0),
        pair(0, 1),
        pair(1, 1),
        pair(1, 2),
        pair(2, 2),
        pair(2, 0)
    ])
}

async fn put(who: &Client, path: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(body).send().await
}

/// The texts of the mails to an address whose subjects begin so.
async fn mails(story: &Evaluation, address: &str, subject: &str) -> Vec<String> {
    let all = story.app.mails().await;
    let own = all
        .iter()
        .filter(|mail| mail.to.iter().any(|to| to == address));
    own.filter(|mail| mail.subject().contains(subject))
        .map(|mail| mail.text())
        .collect()
}

async fn number(story: &Evaluation, at: usize) -> String {
    let query = format!(
        "select number from proposal where id = '{}'",
        story.proposal(at)
    );
    story.app.value(&query).await
}

#[tokio::test]
async fn the_panel_is_convened_when_the_reviews_are_there_and_told_of_it() {
    let (story, reviewers, [chair, mona, nils]) = story().await;
    let path = story.stage("panel");
    let observer = story.app.person("Olga").await;
    let call = Some(story.call.as_str());
    story.app.grant(&observer, Role::Observer, call, None).await;
    let meeting = json!({"meets_at": "2097-05-12T07:00:00Z", "place": "Berlin, room 4"});
    let before = mona.client.read(&path).await;
    assert_eq!(before.json["meeting"], Value::Null);
    let early = put(&story.office, &path, &meeting).await.expect(409);
    let why = early.json["detail"].as_str().unwrap();
    assert!(why.contains("released"), "{why}");
    for expert in &reviewers {
        for review in expert.reviews().await {
            expert.write(&review, "4.0").await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    put(&story.office, &path, &meeting).await.expect(409);
    let named = json!({ "experts": [mona.id] });
    let present = format!("{}/rapporteurs", story.proposals[0].1);
    put(&chair.client, &present, &named).await.expect(200);
    let release = story.office.post(&story.stage("reviews/release"));
    release.json(&json!({})).send().await.expect(200);

    let refusal = |who: &Client| who.put(&path).etag("*").json(&meeting).send();
    for (who, status) in [
        (&mona.client, 403),
        (&observer, 403),
        (&reviewers[0].client, 404),
        (&story.committee, 404),
        (&story.proposals[0].0, 404),
    ] {
        refusal(who).await.expect(status);
    }
    let bare = chair.client.put(&path).json(&meeting).send().await;
    bare.expect(428);
    let wrong = json!({"meets_at": "2020-05-12T07:00:00Z", "place": " "});
    let refused = put(&chair.client, &path, &wrong).await.expect(422);
    assert_eq!(refused.faults(), ["/meets_at past", "/place required"]);
    let dry = chair.client.put(&path).etag(&before.etag).json(&meeting);
    dry.dry_run().send().await.expect(200);
    assert!(
        mails(&story, "m@panel.example", "The panel meets")
            .await
            .is_empty()
    );

    let convened = put(&chair.client, &path, &meeting).await.expect(200);
    assert_eq!(convened.json["meeting"]["place"], "Berlin, room 4");
    for who in [&mona.client, &observer, &story.office] {
        assert_eq!(who.read(&path).await.json, convened.json);
    }
    for who in [
        &reviewers[0].client,
        &story.proposals[0].0,
        &story.committee,
    ] {
        who.get(&path).send().await.expect(404);
    }
    let call = story.office.read(&format!("/calls/{}", story.call)).await;
    assert_eq!(call.json["stages"][0]["state"], "panel");
    // Each is told once, the rapporteur by the number of what is to be presented; nobody else hears of it.
    let to_mona = mails(&story, "m@panel.example", "The panel meets").await;
    assert_eq!(to_mona.len(), 1);
    let own = number(&story, 0).await;
    for words in ["12 May 2097, 07:00 UTC", "Berlin, room 4", &own] {
        assert!(to_mona[0].contains(words), "{words}: {}", to_mona[0]);
    }
    assert!(!to_mona[0].contains("The title of"));
    let to_nils = mails(&story, "n@panel.example", "The panel meets").await;
    assert_eq!(to_nils.len(), 1);
    assert!(!to_nils[0].contains(&own) && !to_nils[0].contains("You present"));
    let all = story.app.mails().await;
    let told = all
        .iter()
        .filter(|mail| mail.subject().contains("The panel meets"));
    assert_eq!(told.count(), 3);

    // It moves, online, and everybody hears again.
    let stale = story.office.put(&path).etag(&before.etag).json(&meeting);
    stale.send().await.expect(412);
    let online = json!({"meets_at": "2097-05-13T07:00:00Z", "online": true});
    put(&story.office, &path, &online).await.expect(200);
    let again = mails(&story, "n@panel.example", "The panel meets").await;
    assert_eq!(again.len(), 2);
    assert!(again[1].contains("13 May 2097") && again[1].contains("online"));
    assert!(nils.client.read(&path).await.json["meeting"]["online"] == true);
}

#[tokio::test]
async fn rapporteurs_hear_that_they_are_named_and_that_they_are_not_any_more() {
    let (story, _, [chair, mona, nils]) = story().await;
    let present = format!("{}/rapporteurs", story.proposals[0].1);
    let name = async |experts: &[&str]| {
        let named = json!({ "experts": experts });
        put(&chair.client, &present, &named).await.expect(200);
    };
    let told = async |address: &str| {
        let named = mails(&story, address, "You present").await;
        let over = mails(&story, address, "You need not present").await;
        (named, over.len())
    };
    name(&[&mona.id]).await;
    let (named, over) = told("m@panel.example").await;
    assert_eq!((named.len(), over), (1, 0));
    let own = number(&story, 0).await;
    assert!(named[0].contains("You lead") && named[0].contains(&own));
    assert!(!named[0].contains("The title of"));
    // Naming the same again tells nobody; another order tells who leads and who helps.
    name(&[&mona.id]).await;
    assert_eq!(told("m@panel.example").await.0.len(), 1);
    name(&[&nils.id, &mona.id]).await;
    let (named, over) = told("m@panel.example").await;
    assert_eq!((named.len(), over), (2, 0));
    assert!(named[1].contains("Please help"));
    assert!(told("n@panel.example").await.0[0].contains("You lead"));
    name(&[&mona.id]).await;
    let (named, over) = told("n@panel.example").await;
    assert_eq!((named.len(), over), (1, 1));
    assert_eq!(told("m@panel.example").await.0.len(), 3);
    let kinds = mona.client.read("/me/notices").await.json;
    let review = kinds["items"].as_array().unwrap().iter();
    let review = review.filter(|one| one["kind"] == "review");
    assert_eq!(review.count(), 1, "they are listed with an expert's mails");
}

#[tokio::test]
async fn a_rapporteur_with_a_conflict_of_interest_hears_of_not_presenting_any_more() {
    let (story, _, [chair, mona, nils]) = story().await;
    let of = |at: usize| format!("{}/rapporteurs", story.proposals[at].1);
    let both = json!({ "experts": [mona.id, nils.id] });
    put(&chair.client, &of(0), &both).await.expect(200);
    let one = json!({ "experts": [mona.id] });
    put(&chair.client, &of(1), &one).await.expect(200);
    let over = async |address: &str| mails(&story, address, "You need not present").await;
    let path = format!("/calls/{}/conflicts", story.call);
    let note = async |proposal: usize, kind: &str| {
        let conflict = json!({"expert": mona.id, "proposal": story.proposal(proposal), "reason": "Cousins",
            "kind": kind});
        let noted = story.office.post(&path).json(&conflict).send().await;
        noted.expect(201);
    };
    // What she does not present is nothing to tell her of.
    note(2, "declared").await;
    assert_eq!(over("m@panel.example").await, Vec::<String>::new());
    note(0, "declared").await;
    let told = over("m@panel.example").await;
    let own = number(&story, 0).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains(&own), "{}", told[0]);
    assert!(!told[0].contains("Cousins") && !told[0].contains("The title of"));
    // One more reason tells nothing new.
    note(0, "same_institution").await;
    assert_eq!(over("m@panel.example").await.len(), 1);
    assert_eq!(over("n@panel.example").await, Vec::<String>::new());

    let friends = json!([{"proposal": story.proposal(0), "reason": "Friends"}]);
    nils.declare(&friends).await.expect(200);
    assert_eq!(over("n@panel.example").await.len(), 1);

    // A possible conflict is one when it is judged to stand.
    story
        .app
        .sql(&format!(
            "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
             values (gen_random_uuid(), '{}', '{}', '{}', 'email_domain', false, 'panel.example', 'detected', false)",
            story.call,
            mona.id,
            story.proposal(1)
        ))
        .await;
    let waits = "select id from sealed.conflict where kind = 'email_domain'";
    let judge = format!("/conflicts/{}/judge", story.app.value(waits).await);
    let verdict = json!({"stands": true, "reason": "They share an office"});
    let judged = story.office.post(&judge).json(&verdict).send().await;
    judged.expect(200);
    let told = over("m@panel.example").await;
    assert_eq!(told.len(), 2);
    assert!(told[1].contains(&number(&story, 1).await), "{}", told[1]);
    // Dismissed after all it lets her present the proposal again, of which she is told once.
    let verdict = json!({"stands": false, "reason": "They share a building"});
    for _ in 0..2 {
        let judged = story.office.post(&judge).json(&verdict).send().await;
        judged.expect(200);
        let named = mails(&story, "m@panel.example", "You present").await;
        assert_eq!(named.len(), 3);
        assert!(named[2].contains(&number(&story, 1).await), "{}", named[2]);
    }

    let all = story.app.mails().await;
    for (who, _) in &story.proposals {
        let heard = all.iter().filter(|mail| mail.to == [who.email.as_str()]);
        let heard = heard.filter(|mail| mail.subject().contains("present"));
        assert_eq!(heard.count(), 0);
    }
}

#[tokio::test]
async fn who_presents_again_hears_of_it_whatever_took_the_conflict_away() {
    let (story, _, [chair, mona, _]) = story().await;
    let present = format!("{}/rapporteurs", story.proposals[0].1);
    let one = json!({ "experts": [mona.id] });
    put(&chair.client, &present, &one).await.expect(200);
    let told = async || {
        let named = mails(&story, "m@panel.example", "You present").await;
        let over = mails(&story, "m@panel.example", "You need not present").await;
        (named.len(), over.len())
    };
    assert_eq!(told().await, (1, 0));

    // A record that was wrong is corrected.
    let record = format!("/experts/{}/record", mona.id);
    let works_at = async |organisation: &str| {
        let now = story.office.read(&record).await;
        let mut body = now.json.clone();
        let fields = body.as_object_mut().unwrap();
        fields.remove("expert");
        fields.insert("reason".to_owned(), json!("As she says"));
        fields.insert("organisation".to_owned(), json!(organisation));
        let put = story.office.put(&record).etag(&now.etag).json(&body);
        put.send().await.expect(200);
    };
    works_at("Institute Ada 0").await;
    assert_eq!(told().await, (1, 1));
    works_at("Lowland College").await;
    assert_eq!(told().await, (2, 1));

    // What was found of her in another role rests on an error.
    let account = mona.client.account.unwrap();
    let known_as = format!("update account set email = 'pi@ada1.example' where id = '{account}'");
    story.app.sql(&known_as).await;
    let (role, call) = (Role::CscRepresentative, Some(story.call.as_str()));
    let funder = Some("ES-ISCIII");
    story.app.grant(&mona.client, role, call, funder).await;
    let detect = story.stage("conflicts/detect");
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(told().await, (2, 2));
    let found = format!("/calls/{}/own-conflicts", story.call);
    let found = story.office.read(&found).await.json["items"].clone();
    let judge = format!("/own-conflicts/{}/judge", found[0]["id"].as_str().unwrap());
    let back = json!({"stands": false, "reason": "A namesake at another institute"});
    let judged = story.office.post(&judge).json(&back).send().await;
    judged.expect(200);
    assert_eq!(told().await, (3, 2));
    let lines = story.office.read(&present).await.json;
    assert_eq!(lines["rapporteurs"][0]["name"], "Mona Memberton");
}
