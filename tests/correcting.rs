//! The record of an expert is corrected: what was found on a wrong fact is taken back, and what was judged to be a false
//! alarm does not return in a later call.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

fn record_path(expert: &str) -> String {
    format!("/experts/{expert}/record")
}

/// The record as `who` reads it with some fields changed, as it is sent; and its ETag.
async fn draft(who: &Client, expert: &str, changes: Value) -> (Value, String) {
    let now = who.read(&record_path(expert)).await;
    let mut body = now.json.clone();
    let fields = body.as_object_mut().unwrap();
    fields.remove("expert");
    fields.insert("reason".to_owned(), json!("The table was wrong"));
    fields.extend(changes.as_object().unwrap().clone());
    (body, now.etag)
}

async fn correct(who: &Client, expert: &str, changes: Value) -> Reply {
    let (body, etag) = draft(who, expert, changes).await;
    let put = who.put(&record_path(expert)).etag(&etag);
    put.json(&body).send().await
}

async fn correct_own(expert: &Reviewer, expertise: &Value) -> Reply {
    let now = expert.client.read(&record_path(&expert.id)).await;
    let put = expert
        .client
        .put(&format!("/experts/{}/expertise", expert.id));
    put.etag(&now.etag).json(expertise).send().await
}

fn remote(name: &str, organisation: &str, email: &str) -> Value {
    nomination(name, organisation, email, "remote_reviewer")
}

/// Assigns the proposal to the expert by hand.
async fn assign(story: &Evaluation, proposal: usize, expert: &Reviewer) -> Reply {
    let pair = json!({"proposal": story.proposal(proposal), "expert": expert.id});
    let assign = story.office.post(&story.stage("assignments"));
    assign.json(&pair).send().await
}

/// The expert's review of a proposal that is to be written.
async fn review_of(story: &Evaluation, proposal: usize, expert: &Reviewer) -> String {
    let mine = expert.client.read("/me/reviews").await;
    let items = mine.json["items"].as_array().unwrap();
    let of_it = items
        .iter()
        .find(|item| item["proposal"] == story.proposal(proposal));
    of_it.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn judge(story: &Evaluation, conflict: &Value, stands: bool) -> Reply {
    let path = format!("/conflicts/{}/judge", conflict["id"].as_str().unwrap());
    let verdict = json!({"stands": stands, "reason": "Another faculty, as Ms Law told us"});
    story.office.post(&path).json(&verdict).send().await
}

async fn conflicts(who: &Client, story: &Evaluation) -> Vec<Value> {
    let path = format!("/calls/{}/conflicts", story.call);
    who.read(&path).await.json["items"]
        .as_array()
        .unwrap()
        .clone()
}

/// What the last correction says in the audit trail.
async fn audited(story: &Evaluation) -> Value {
    let detail = story
        .app
        .value(
            "select detail::text from audit where action in ('correct_expert', 'correct_own_expertise')
             order by id desc limit 1",
        )
        .await;
    serde_json::from_str(&detail).unwrap()
}

#[tokio::test]
async fn the_secretariat_corrects_a_record_and_hears_of_all_faults_at_once() {
    let story = Evaluation::begin().await;
    let path = format!("/calls/{}/experts", story.call);
    let mut other = remote("Other One", "Other University", "o@other.example");
    other["orcid"] = json!("0000-0002-1825-0097");
    let both = [
        remote("Wim Wrong", "West University", "w@west.example"),
        other,
    ];
    let nominated = story.office.post(&path).json(&json!({ "experts": both }));
    let nominated = nominated.send().await.expect(201);
    let wim = nominated.json["items"][0]["id"].as_str().unwrap();

    let faulty = json!({"email": "pi@bea1.example", "name": " ", "orcid": "0000", "ror": "x", "languages": ["english"],
        "modules": ["9Z"], "affiliations": [{"organisation": ""}], "reason": " "});
    let refused = correct(&story.office, wim, faulty).await.expect(422);
    let mut faults = refused.faults();
    faults.sort_unstable();
    let expected = [
        "/affiliations/0/organisation required",
        "/email applicant",
        "/languages language",
        "/modules module_unknown",
        "/name required",
        "/orcid orcid",
        "/reason required",
        "/ror ror",
    ];
    assert_eq!(faults, expected);
    let same =
        json!({"email": "O@other.example", "orcid": "https://orcid.org/0000-0002-1825-0097"});
    let refused = correct(&story.office, wim, same).await.expect(422);
    assert_eq!(refused.faults(), ["/email taken", "/orcid taken"]);

    let right = json!({"email": "wim@west.example", "name": "Wim Right", "department": "Oncology", "ror": "03yrm5c26",
        "languages": ["nl"], "keywords": ["cells"], "statement": "I study cells.", "gender": "man", "country": "NL"});
    let (body, etag) = draft(&story.office, wim, right.clone()).await;
    let put = || story.office.put(&record_path(wim)).json(&body);
    put().send().await.expect(428);
    let corrected = put().etag(&etag).send().await.expect(200);
    for (field, value) in right.as_object().unwrap() {
        assert_eq!(&corrected.json[field], value, "{field}");
    }
    assert_eq!(
        corrected.json,
        story.office.read(&record_path(wim)).await.json
    );
    let stale = put().etag(&etag).send().await.expect(412);
    assert_eq!(stale.code(), "stale_version");
    let mut fields = audited(&story).await["fields"].clone();
    let fields = fields.as_array_mut().unwrap();
    fields.sort_by_key(Value::to_string);
    assert_eq!(
        json!(fields),
        json!([
            "country",
            "department",
            "email",
            "gender",
            "keywords",
            "languages",
            "name",
            "ror",
            "statement"
        ])
    );
    let audited = audited(&story).await.to_string();
    assert!(!audited.contains("wim@west.example"), "{audited}");

    // Whoever is not invited yet does not learn of the record, and nobody but the secretariat reads those of others.
    let observer = story.app.person("Observer").await;
    let call = Some(story.call.as_str());
    story.app.grant(&observer, Role::Observer, call, None).await;
    let early = story.app.person("Early").await;
    story
        .app
        .sql(&format!(
            "update account set email = 'wim@west.example' where id = '{}'",
            early.account.unwrap()
        ))
        .await;
    for (who, status) in [
        (&story.committee, 403),
        (&observer, 403),
        (&story.proposals[0].0, 404),
        (&early, 404),
    ] {
        who.get(&record_path(wim)).send().await.expect(status);
        let put = who.put(&record_path(wim)).etag("*").json(&body);
        put.send().await.expect(status);
    }
}

#[tokio::test]
async fn the_address_of_an_invited_expert_stays() {
    let story = Evaluation::begin().await;
    let wim = remote("Wim West", "West University", "w@west.example");
    let experts = story.invite(&[wim]).await;
    let wim = &experts[0];
    let moved = json!({"email": "wim@west.example"});
    let refused = correct(&story.office, &wim.id, moved).await.expect(422);
    assert_eq!(refused.faults(), ["/email invited"]);
    let same = json!({"email": " W@west.example ", "name": "Wim van West"});
    correct(&story.office, &wim.id, same).await.expect(200);
    // The expert reads the own record, and corrects no more than the own expertise.
    let own = wim.client.read(&record_path(&wim.id)).await;
    assert_eq!(own.json["name"], "Wim van West");
    let refused = correct(&wim.client, &wim.id, json!({"name": "Wim"})).await;
    refused.expect(403);
}

#[tokio::test]
async fn what_was_found_on_a_wrong_fact_is_taken_back_and_the_pair_assigned_again() {
    let story = Evaluation::begin().await;
    story.three().await;
    let wrong = remote("Wim Wrong", "Institute Ada 0", "w@west.example");
    let wim = story.ready(&[wrong]).await.remove(0);
    let keep = json!([{"proposal": story.proposal(1), "expert": wim.id}]);
    let wishes = json!({"per_proposal": 3, "keep": keep});
    let assigned = story.office.post(&story.stage("assign")).json(&wishes);
    assigned.send().await.expect(200);
    assign(&story, 0, &wim).await.expect(409);

    let west = json!({"organisation": "West University"});
    correct(&story.office, &wim.id, west.clone())
        .await
        .expect(200);
    let known = conflicts(&story.office, &story).await;
    assert_eq!(known.len(), 1);
    assert_eq!(known[0]["state"], "taken_back");
    assert!(known[0]["taken_back_at"].is_string());
    assert_eq!(audited(&story).await["taken_back"], json!([known[0]["id"]]));
    assign(&story, 0, &wim).await.expect(201);
    // There is nothing to judge any more, and no search brings it back.
    judge(&story, &known[0], true).await.expect(409);
    let detect = story.stage("conflicts/detect");
    story.office.post(&detect).send().await.expect(200);
    assert_eq!(conflicts(&story.office, &story).await, known);

    // A new fact takes effect at once, also on what is handed in.
    let review = review_of(&story, 1, &wim).await;
    wim.write(&review, "4.0").await.expect(200);
    wim.submit(&review).await.expect(200);
    let bea = json!({"organisation": "Institute Bea 1"});
    correct(&story.office, &wim.id, bea).await.expect(200);
    assert_eq!(
        story.conflicts().await,
        [
            "same_institution detected taken_back",
            "same_institution detected standing"
        ]
    );
    assert_eq!(audited(&story).await["found"], 1);
    let path = format!("/reviews/{review}");
    assert_eq!(story.office.read(&path).await.json["state"], "voided");
    wim.client.get(&path).send().await.expect(404);
    assign(&story, 1, &wim).await.expect(409);

    // What was voided stays voided: the expert reviews the proposal anew.
    correct(&story.office, &wim.id, west).await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected taken_back"; 2]
    );
    assert_eq!(story.office.read(&path).await.json["state"], "voided");
    assign(&story, 1, &wim).await.expect(201);
    let anew = review_of(&story, 1, &wim).await;
    assert_ne!(anew, review);
    wim.write(&anew, "3.5").await.expect(200);
    wim.submit(&anew).await.expect(200);
    // Twice at once nobody gets it.
    let refused = assign(&story, 1, &wim).await.expect(422);
    assert_eq!(refused.faults(), ["/expert had_it"]);

    // The fact comes back, and so does the conflict: on file beside what was taken back.
    let again = json!({"organisation": "Institute Bea 1"});
    correct(&story.office, &wim.id, again).await.expect(200);
    let states = story.conflicts().await;
    assert_eq!(states.len(), 3);
    assert_eq!(states[2], "same_institution detected standing");
}

#[tokio::test]
async fn a_possible_conflict_that_a_correction_shows_ends_no_review_before_its_verdict() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let (xenia, yann) = (&experts[0], &experts[1]);
    let law = json!({"organisation": "Institute Ada 2", "department": "Law"});
    for one in [xenia, yann] {
        correct(&story.office, &one.id, law.clone())
            .await
            .expect(200);
        assert_eq!(one.reviews().await.len(), 3);
    }
    let found = conflicts(&story.office, &story).await;
    let own = found.iter().find(|one| one["expert"] == xenia.id).unwrap();
    judge(&story, own, true).await.expect(200);
    assert_eq!(xenia.reviews().await.len(), 2);
    // The other one waits, at the end of the story, too.
    assert_eq!(yann.reviews().await.len(), 3);
    assert_eq!(
        story.conflicts().await,
        [
            "parent_organisation detected standing",
            "parent_organisation detected waiting"
        ]
    );
}

#[tokio::test]
async fn what_people_declared_noted_or_judged_is_not_taken_back() {
    let story = Evaluation::begin().await;
    let mut law = remote("Lea Law", "Institute Ada 2", "l@north.example");
    law["department"] = json!("Law");
    let lea = story.ready(&[law]).await.remove(0);
    let found = conflicts(&story.office, &story).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["state"], "waiting");
    judge(&story, &found[0], true).await.expect(200);
    let noted = json!({"expert": lea.id, "proposal": story.proposal(1), "reason": "Worked there", "kind": "same_institution"});
    let note = story
        .office
        .post(&format!("/calls/{}/conflicts", story.call));
    note.json(&noted).send().await.expect(201);
    let declared = json!([{"proposal": story.proposal(2), "reason": "We are cousins"}]);
    lea.declare(&declared).await.expect(200);
    let far = json!({"organisation": "Far University", "department": ""});
    correct(&story.office, &lea.id, far).await.expect(200);
    assert_eq!(
        story.conflicts().await,
        [
            "parent_organisation detected standing",
            "same_institution secretariat standing",
            "declared declared standing"
        ]
    );
    assert_eq!(audited(&story).await["taken_back"], json!([]));
}

#[tokio::test]
async fn an_expert_corrects_the_own_expertise_and_lifts_no_own_conflict() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let (xenia, yann) = (&experts[0], &experts[1]);
    let path = format!("/experts/{}/expertise", xenia.id);
    let mut own = json!({"keywords": ["cells"], "statement": " I study cells. ", "languages": ["swedish"],
        "affiliations": [{"organisation": " "}]});
    let refused = correct_own(xenia, &own).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/affiliations/0/organisation required",
            "/languages language"
        ]
    );
    own["languages"] = json!(["sv"]);
    let at = [
        "Institute Ada 0",
        "Institute Bea 0",
        "Institute Cyd 0",
        "Institute Cyd 1",
    ];
    let places: Vec<Value> = at
        .iter()
        .map(|name| json!({"organisation": name}))
        .collect();
    own["affiliations"] = json!(places);
    for (who, status) in [
        (&yann.client, 404),
        (&story.office, 403),
        (&story.committee, 403),
        (&story.proposals[0].0, 404),
    ] {
        let put = who.put(&path).etag("*").json(&own);
        put.send().await.expect(status);
    }
    let unread = xenia.client.put(&path).json(&own);
    unread.send().await.expect(428);
    let stale = xenia.client.put(&path).etag("\"old\"").json(&own);
    stale.send().await.expect(412);
    let held = xenia.reviews().await;
    assert!(!held.is_empty());
    let corrected = correct_own(xenia, &own).await.expect(200);
    assert_eq!(corrected.json["statement"], "I study cells.");
    assert_eq!(corrected.json["organisation"], "North University");
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected standing"; 4]
    );
    assert_eq!(xenia.reviews().await, [""; 0]);
    for review in held {
        let kept = story.office.read(&format!("/reviews/{review}")).await;
        assert_eq!(kept.json["state"], "conflicted");
    }
    // A place less is the expert's word alone, until the secretariat saved the record, too.
    own["affiliations"] = json!([]);
    correct_own(xenia, &own).await.expect(200);
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected standing"; 4]
    );
    let as_it_is = json!({});
    correct(&story.office, &xenia.id, as_it_is)
        .await
        .expect(200);
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected taken_back"; 4]
    );
}

#[tokio::test]
async fn a_false_alarm_does_not_return_in_a_later_call() {
    let mut law = remote("Lea Law", "Institute Ada 2", "l@north.example");
    law["department"] = json!("Law");
    law["orcid"] = json!("0000-0002-1825-0097");
    let story = Evaluation::begin().await;
    story.ready(std::slice::from_ref(&law)).await;
    let found = conflicts(&story.office, &story).await;
    assert_eq!(found[0]["kind"], "parent_organisation");
    assert_eq!(found[0]["state"], "waiting");
    judge(&story, &found[0], false).await.expect(200);

    // Under another address, known by the ORCID iD; and a namesake, who is somebody else.
    let later = story.later("JTC2027").await;
    law["email"] = json!("lea@east.example");
    law["orcid"] = json!("https://orcid.org/0000-0002-1825-0097");
    let mut namesake = law.clone();
    namesake["email"] = json!("law@south.example");
    namesake["orcid"] = json!(null);
    let experts = later.ready(&[law, namesake]).await;
    let found = conflicts(&later.office, &later).await;
    let of = |all: &[Value], expert: &Reviewer| {
        let mut own = all.iter().filter(|one| one["expert"] == expert.id);
        own.next().unwrap().clone()
    };
    let (lea, other) = (of(&found, &experts[0]), of(&found, &experts[1]));
    assert_eq!(lea["state"], "dismissed");
    assert_eq!(lea["remembered_from"], "JTC2026");
    assert_eq!(other["state"], "waiting");
    assert_eq!(other["remembered_from"], json!(null));
    // What was said in the other call stays there, and that the expert was one in it is for the secretariat alone.
    let because = lea["judged_because"].as_str().unwrap();
    assert!(!because.contains("Ms Law"), "{because}");
    let observer = later.app.person("Observer").await;
    let call = Some(later.call.as_str());
    later.app.grant(&observer, Role::Observer, call, None).await;
    let seen = of(&conflicts(&observer, &later).await, &experts[0]);
    assert_eq!(seen["state"], "dismissed");
    assert_eq!(seen["remembered_from"], json!(null));
    assert!(!seen.to_string().contains("JTC2026"), "{seen}");

    // Who knows better judges anew; a verdict of the call itself goes before one of another.
    judge(&later, &lea, true).await.expect(200);
    let now = of(&conflicts(&later.office, &later).await, &experts[0]);
    assert_eq!(now["state"], "standing");
    assert_eq!(now["remembered_from"], json!(null));
    // Another department is another fact.
    let cells = json!({"department": "Cell biology"});
    correct(&later.office, &experts[0].id, cells)
        .await
        .expect(200);
    let found = conflicts(&later.office, &later).await;
    let own: Vec<&Value> = found
        .iter()
        .filter(|one| one["expert"] == experts[0].id)
        .map(|one| &one["state"])
        .collect();
    assert_eq!(own, [&json!("standing"), &json!("waiting")]);
}
