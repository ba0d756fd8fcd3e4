//! Conflicts of interest of those who run a call, found by ROR id and ORCID iD, and taken back where they rest on an error.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::Evaluation;
use proposals::{PARTNERS, newcomer};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

const NEW: &str = "019a0000-0000-7000-8000-000000000009";
const ORCID: &str = "0000-0002-1825-0097";
const ROR: &str = "05dxps055";

fn path(story: &Evaluation) -> String {
    format!("/calls/{}/own-conflicts", story.call)
}

/// The conflicts that somebody reads.
async fn items(story: &Evaluation, who: &Client) -> Vec<Value> {
    let list = who.read(&path(story)).await.json;
    list["items"].as_array().unwrap().clone()
}

/// The same as `name number-of-the-proposal kind state`.
async fn walls(story: &Evaluation, who: &Client) -> Vec<String> {
    let word = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let items = items(story, who).await;
    let mut walls: Vec<String> = items
        .iter()
        .map(|item| {
            let at = (0..3).find(|at| item["proposal"] == story.proposal(*at));
            let (name, kind) = (word(item, "name"), word(item, "kind"));
            format!("{name} {} {kind} {}", at.unwrap(), word(item, "state"))
        })
        .collect();
    walls.sort_unstable();
    walls
}

async fn detect(story: &Evaluation) {
    let path = story.stage("conflicts/detect");
    story.office.post(&path).send().await.expect(200);
}

/// The one conflict of somebody with a proposal that stands.
async fn standing(story: &Evaluation, name: &str, at: usize) -> String {
    let items = items(story, &story.office).await;
    let mut found = items.iter().filter(|item| {
        item["name"] == name
            && item["proposal"] == story.proposal(at)
            && item["state"] == "standing"
    });
    let (one, more) = (found.next().unwrap(), found.next());
    assert_eq!(more, None);
    one["id"].as_str().unwrap().to_owned()
}

async fn judge(who: &Client, conflict: &str, verdict: Value) -> Reply {
    let path = format!("/own-conflicts/{conflict}/judge");
    who.post(&path).json(&verdict).send().await
}

fn back() -> Value {
    json!({"stands": false, "reason": "A namesake at another institute"})
}

/// Says which ORCID iD the own account has.
async fn set_orcid(who: &Client, orcid: &str) -> Reply {
    let now = who.read("/me").await;
    let change = json!({ "orcid": orcid });
    who.patch("/me").etag(&now.etag).json(&change).send().await
}

async fn editor(app: &TestApp) -> Client {
    let editor = app.person("Edith Editor").await;
    app.grant(&editor, Role::AgendaEditor, None, None).await;
    editor
}

async fn set_ror(who: &Client, key: &str, ror: Value) -> Reply {
    let path = format!("/organisations/{key}/ror");
    who.put(&path).json(&json!({ "ror": ror })).send().await
}

/// A partner of the first proposal is replaced by one with these identifiers.
async fn replace_partner(story: &Evaluation) {
    let mut by = newcomer(NEW, "FR-ANR");
    by["ror"] = json!(format!("https://ror.org/{ROR}"));
    by["principal_investigator"] = json!({"name": "Nina Newly", "email": "n@newly.example",
        "orcid": format!("https://orcid.org/{ORCID}")});
    let change = json!({"partner": PARTNERS[1], "change": {"kind": "replace", "by": by},
        "reason": "Agreed by letter"});
    let (_, path) = &story.proposals[0];
    let now = story.office.read(&format!("{path}/eligibility")).await;
    let request = story.office.post(&format!("{path}/changes"));
    let request = request.json(&change).etag(&now.etag);
    request.send().await.expect(201);
}

#[tokio::test]
async fn an_organisation_and_an_account_are_known_by_their_identifiers() {
    let story = Evaluation::begin().await;
    let (app, chair) = (&story.app, &story.committee);
    let spain = app.contact(&story.call, "ES-ISCIII").await;
    let germany = app.contact(&story.call, "DE-BMBF").await;
    let editor = editor(app).await;
    set_ror(&editor, "ES-ISCIII", json!(ROR)).await.expect(200);
    // Of one name and another id: not the same.
    app.sql("update organisation set native_name = 'Newcomer' where key = 'DE-BMBF'")
        .await;
    let other = json!("03yrm5c26");
    set_ror(&editor, "DE-BMBF", other).await.expect(200);
    set_orcid(chair, ORCID).await.expect(200);
    let (bea, of_bea) = &story.proposals[1];
    // One person with two accounts.
    for who in [bea, &germany] {
        set_orcid(who, "0000-0001-5109-3700").await.expect(200);
    }
    chair.read(&story.proposals[0].1).await;
    germany.read(of_bea).await;

    replace_partner(&story).await;
    assert_eq!(
        walls(&story, &story.office).await,
        [
            "Committee 0 person_listed standing",
            "DE-BMBF 1 person_listed standing",
            "ES-ISCIII 0 same_institution standing",
        ]
    );
    for who in [chair, &spain] {
        who.get(&story.proposals[0].1).send().await.expect(409);
        who.read(of_bea).await;
    }
    germany.get(of_bea).send().await.expect(409);
    germany.read(&story.proposals[0].1).await;
}

#[tokio::test]
async fn identifiers_have_their_check_digits_and_an_organisation_its_own() {
    let app = TestApp::start().await;
    let marie = app.person("Marie Curie").await;
    let wrong = set_orcid(&marie, "0000-0002-1825-0098").await;
    assert_eq!(wrong.expect(422).faults(), ["/orcid orcid"]);
    let now = marie.read("/me").await;
    let both = marie.patch("/me").etag(&now.etag);
    let both = both.json(&json!({"name": " ", "orcid": "Curie"}));
    let both = both.send().await.expect(422);
    assert_eq!(both.faults(), ["/name name", "/orcid orcid"]);
    assert_eq!(now.json["orcid"], Value::Null);
    let set = set_orcid(&marie, &format!(" https://orcid.org/{ORCID} ")).await;
    assert_eq!(set.expect(200).json["orcid"], ORCID);
    let now = marie.read("/me").await;
    let rename = marie.patch("/me").etag(&now.etag);
    let rename = rename.json(&json!({"name": "Manya"})).send().await;
    let renamed = rename.expect(200).json;
    assert_eq!(
        (&renamed["name"], &renamed["orcid"]),
        (&json!("Manya"), &json!(ORCID))
    );
    let none = set_orcid(&marie, "").await.expect(200);
    assert_eq!(none.json["orcid"], Value::Null);

    set_ror(&marie, "FR-ANR", json!(ROR)).await.expect(403);
    let editor = editor(&app).await;
    let wrong = set_ror(&editor, "FR-ANR", json!("05dxps056")).await;
    assert_eq!(wrong.expect(422).faults(), ["/ror ror"]);
    set_ror(&editor, "FR-NOBODY", json!(ROR)).await.expect(404);
    let address = json!(format!("https://ror.org/{ROR}"));
    let set = set_ror(&editor, "FR-ANR", address).await.expect(200);
    assert_eq!(set.json["ror"], ROR);
    let twice = set_ror(&editor, "DE-BMBF", json!(ROR)).await;
    assert_eq!(twice.expect(422).faults(), ["/ror taken"]);
    let new = |ror: &str| {
        let input = json!({"key": "BE-FNRS", "name": "Fund", "country": "BE", "ror": ror});
        editor.post("/organisations").json(&input)
    };
    let twice = new(ROR).send().await.expect(422);
    assert_eq!(twice.faults(), ["/ror taken"]);
    let wrong = new("ror").send().await.expect(422);
    assert_eq!(wrong.faults(), ["/ror ror"]);
    let added = new("03yrm5c26").send().await.expect(201);
    assert_eq!(added.json["ror"], "03yrm5c26");

    // What was entered outlives the files that come with the program.
    let again = service::agenda::load_seeds(&app.service).await.unwrap();
    assert_eq!(again.changed, 0);
    let french = app.client().read("/organisations?country=FR").await.json;
    let mut french = french["items"].as_array().unwrap().iter();
    let agency = french.find(|one| one["key"] == "FR-ANR").unwrap();
    assert_eq!(agency["ror"], ROR);
    let none = set_ror(&editor, "FR-ANR", Value::Null).await.expect(200);
    assert_eq!(none.json["ror"], Value::Null);
    let trail =
        "select count(*) from audit where action = 'manage_organisations' and detail ? 'ror'";
    assert_eq!(app.value(trail).await, "2");
}

#[tokio::test]
async fn what_rests_on_an_error_is_taken_back_and_not_found_again() {
    let story = Evaluation::begin().await;
    let (app, call) = (&story.app, Some(story.call.as_str()));
    let rep = app.person("Rep").await;
    let known_as = async |email: &str| {
        let account = rep.account.unwrap();
        app.sql(&format!(
            "update account set email = '{email}' where id = '{account}'"
        ))
        .await;
    };
    known_as("pi@cyd2.example").await;
    let (role, funder) = (Role::CscRepresentative, Some("ES-ISCIII"));
    app.grant(&rep, role, call, funder).await;
    let observer = app.person("Observer").await;
    app.grant(&observer, Role::Observer, call, None).await;
    detect(&story).await;
    let (cyd, of_cyd) = &story.proposals[2];
    rep.get(of_cyd).send().await.expect(409);
    let conflict = standing(&story, "Rep", 2).await;

    for who in [&rep, &observer, &story.committee, cyd] {
        judge(who, &conflict, back()).await.expect(404);
    }
    judge(&story.office, NEW, back()).await.expect(404);
    let bare = json!({"stands": false, "reason": " "});
    let bare = judge(&story.office, &conflict, bare).await.expect(422);
    assert_eq!(bare.faults(), ["/reason required"]);
    let mut stale = back();
    stale["version"] = json!(7);
    judge(&story.office, &conflict, stale).await.expect(412);
    judge(&story.office, &conflict, back()).await.expect(200);
    rep.read(of_cyd).await;
    let own = items(&story, &rep).await;
    assert_eq!(own[0]["judged_because"], "A namesake at another institute");
    assert_eq!(
        (&own[0]["state"], &own[0]["version"]),
        (&json!("dismissed"), &json!(2))
    );
    let trail = "select concat_ws(' ', detail ->> 'kind', detail ->> 'stands', reason) from audit
                 where action = 'judge_conflict'";
    assert_eq!(
        app.value(trail).await,
        "person_listed false A namesake at another institute"
    );

    // The same is not found again, and what is new is.
    detect(&story).await;
    rep.read(of_cyd).await;
    known_as("pi@cyd1.example").await;
    detect(&story).await;
    rep.get(of_cyd).send().await.expect(409);
    assert_eq!(
        walls(&story, &rep).await,
        [
            "Rep 2 person_listed dismissed",
            "Rep 2 person_listed standing"
        ]
    );
    // A verdict is not the last one.
    let new = standing(&story, "Rep", 2).await;
    judge(&story.office, &new, back()).await.expect(200);
    rep.read(of_cyd).await;
    let stands = json!({"stands": true, "reason": "The same person after all"});
    judge(&story.office, &conflict, stands).await.expect(200);
    rep.get(of_cyd).send().await.expect(409);
}

#[tokio::test]
async fn nobody_judges_the_own_conflict_and_one_declared_anew_stands_again() {
    let story = Evaluation::begin().await;
    let (app, office, call) = (&story.app, &story.office, Some(story.call.as_str()));
    let colleague = app.person("Colleague").await;
    app.grant(&colleague, Role::Secretariat, call, None).await;
    let declare = async || {
        let conflict = json!({"proposal": story.proposal(1), "reason": "My institute takes part"});
        let declared = office.post(&path(&story)).json(&conflict).send().await;
        declared.expect(200)
    };
    declare().await;
    let (_, of_bea) = &story.proposals[1];
    office.get(of_bea).send().await.expect(409);
    let items = items(&story, office).await;
    let conflict = items[0]["id"].as_str().unwrap();
    for _ in 0..2 {
        let refused = judge(office, conflict, back()).await.expect(409);
        assert_eq!(refused.code(), "conflict_of_interest");
        judge(&colleague, conflict, back()).await.expect(200);
    }
    office.read(of_bea).await;
    let again = declare().await.json;
    assert_eq!(again["items"][0]["state"], "standing");
    assert_eq!(again["items"][0]["judged_because"], Value::Null);
    office.get(of_bea).send().await.expect(409);
}

#[tokio::test]
async fn who_applies_is_kept_from_the_rivals_as_long_as_that_is_so() {
    let story = Evaluation::begin().await;
    let (app, call) = (&story.app, Some(story.call.as_str()));
    let (cyd, of_cyd) = &story.proposals[2];
    let (role, funder) = (Role::CscRepresentative, Some("ES-ISCIII"));
    app.grant(cyd, role, call, funder).await;
    let (_, rival) = &story.proposals[0];
    cyd.read(rival).await;
    detect(&story).await;
    cyd.get(rival).send().await.expect(409);
    for at in 0..3 {
        let conflict = standing(&story, "Cyd", at).await;
        let refused = judge(&story.office, &conflict, back()).await.expect(422);
        assert_eq!(refused.faults(), ["/stands certain"]);
    }

    let now = cyd.read(of_cyd).await;
    let withdraw = cyd.post(&format!("{of_cyd}/withdraw")).etag(&now.etag);
    let reason = json!({"reason": "The group moves away"});
    withdraw.json(&reason).send().await.expect(200);
    let conflict = standing(&story, "Cyd", 0).await;
    judge(&story.office, &conflict, back()).await.expect(200);
    cyd.read(rival).await;
    detect(&story).await;
    cyd.read(rival).await;
}
