//! Conflicts of interest that are looked for: of whoever applies anywhere in the call, of who applied together elsewhere,
//! and of those who run the call.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, nomination};
use proposals::{FUNDERS, PARTNERS, content, newcomer, submit};
use serde_json::{Value, json};
use testkit::Client;

const NEW: &str = "019a0000-0000-7000-8000-000000000009";

/// What a search finds against a proposal, as `kind state`.
async fn found(story: &Evaluation, at: usize) -> Vec<String> {
    let detect = story.stage("conflicts/detect");
    let reply = story.office.post(&detect).send().await.expect(200);
    on_file(&reply.json, &story.proposal(at))
}

fn on_file(list: &Value, proposal: &str) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    let of_it = items.filter(|item| item["proposal"] == proposal);
    let word = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let mut found: Vec<String> = of_it
        .map(|item| format!("{} {}", word(item, "kind"), word(item, "state")))
        .collect();
    found.sort_unstable();
    found
}

/// The conflicts of those with a role that somebody reads, as `name number-of-the-proposal kind source`.
async fn walls(story: &Evaluation, who: &Client) -> Vec<String> {
    let list = who.read(&own_conflicts(story)).await.json;
    let items = list["items"].as_array().unwrap().iter();
    let at = |item: &Value| (0..3).find(|at| item["proposal"] == story.proposal(*at));
    let word = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
    let mut walls: Vec<String> = items
        .map(|item| {
            let (name, kind) = (word(item, "name"), word(item, "kind"));
            format!(
                "{name} {} {kind} {}",
                at(item).unwrap(),
                word(item, "source")
            )
        })
        .collect();
    walls.sort_unstable();
    walls
}

fn own_conflicts(story: &Evaluation) -> String {
    format!("/calls/{}/own-conflicts", story.call)
}

/// Gives an expert the address of somebody else, as if it had been known at the nomination.
async fn known_as(story: &Evaluation, expert: &str, email: &str) {
    let update = format!("update sealed.expert set email = '{email}' where id = '{expert}'");
    story.app.sql(&update).await;
}

/// A proposal of another call, past its deadline, with two of these as its partners.
async fn elsewhere(story: &Evaluation, code: &str, two: [(&str, &str); 2]) -> String {
    let office = story.app.person(&format!("Office {code}")).await;
    let call = story.app.open_call(&office, code, &FUNDERS).await.id();
    let coordinator = story.app.person(&format!("Dan {code}")).await;
    let mut content = content();
    content["title"] = json!("The title of another call");
    for (at, (name, email)) in two.into_iter().enumerate() {
        content["partners"][at]["principal_investigator"] = json!({"name": name, "email": email});
    }
    let draft = coordinator
        .post(&format!("/calls/{call}/proposals"))
        .json(&json!({ "content": content }));
    let draft = draft.send().await.expect(201);
    let path = format!("/proposals/{}", draft.id());
    submit(&coordinator, &path, &draft.etag).await.expect(200);
    story.app.close_stage(&call, 1).await;
    call
}

#[tokio::test]
async fn whoever_applies_anywhere_in_the_call_reviews_nothing_of_it() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    // Who withdraws applies no more.
    let (bea, path) = &story.proposals[1];
    let now = bea.read(path).await;
    let withdraw = bea.post(&format!("{path}/withdraw")).etag(&now.etag);
    let reason = json!({"reason": "The group moves away"});
    withdraw.json(&reason).send().await.expect(200);
    known_as(&story, &experts[1].id, "pi@bea1.example").await;
    known_as(&story, &experts[0].id, "pi@cyd1.example").await;

    story
        .app
        .broken_on_purpose("ineligible without a verdict that says so");
    let cyd = story.proposal(2);
    let turn = |state: &str| {
        format!(
            "update sealed.outcome set state = '{state}' where proposal_stage_id in (
                 select id from proposal_stage where proposal_id = '{cyd}')"
        )
    };
    // The own proposal is out of the evaluation, and its rivals are rivals all the same.
    story.app.sql(&turn("ineligible")).await;
    assert_eq!(found(&story, 0).await, ["applicant standing"]);
    assert_eq!(found(&story, 2).await, [""; 0]);
    story.app.sql(&turn("eligible")).await;
    assert_eq!(
        found(&story, 2).await,
        [
            "applicant standing",
            "email_domain waiting",
            "person_listed standing"
        ]
    );
    assert_eq!(found(&story, 0).await, ["applicant standing"]);
    assert_eq!(found(&story, 1).await, [""; 0]);
}

#[tokio::test]
async fn who_comes_into_a_consortium_is_kept_from_its_rivals_at_once() {
    let story = Evaluation::begin().await;
    let nina = nomination(
        "Nina Newly",
        "Nina College",
        "n@newly.example",
        "panel_member",
    );
    let experts = story.invite(&[nina]).await;
    experts[0].accept().await;
    let spain = story.app.contact(&story.call, "ES-ISCIII").await;
    story
        .app
        .sql("update organisation set native_name = 'Instituto  NUEVO' where key = 'ES-ISCIII'")
        .await;
    let (_, path) = &story.proposals[0];
    spain.read(path).await;

    let mut by = newcomer(NEW, "FR-ANR");
    by["organisation"] = json!("Instituto Nuevo");
    by["principal_investigator"] = json!({"name": "Nina Newly", "email": "n@newly.example"});
    let change = json!({"partner": PARTNERS[1], "change": {"kind": "replace", "by": by},
        "reason": "Agreed by letter"});
    let now = story.office.read(&format!("{path}/eligibility")).await;
    let request = story.office.post(&format!("{path}/changes"));
    let request = request.json(&change).etag(&now.etag);
    request.send().await.expect(201);

    let list = format!("/calls/{}/conflicts", story.call);
    let list = story.office.read(&list).await.json;
    for at in 0..3 {
        let known = on_file(&list, &story.proposal(at));
        assert!(
            known.contains(&"applicant standing".to_owned()),
            "{at}: {known:?}"
        );
    }
    // A funder whose institute came in with her does not judge the proposal any more.
    spain.get(path).send().await.expect(409);
    spain.read(&story.proposals[1].1).await;
    assert_eq!(
        walls(&story, &story.office).await,
        ["ES-ISCIII 0 same_institution detected"]
    );
    // It has nobody left to judge its applicants, so the secretariat does, and for no other funder.
    let judge = async |at: usize| {
        let now = story.office.read(&format!("{path}/eligibility")).await;
        let place = format!("{path}/partners/{}/eligibility", PARTNERS[at]);
        let ruling = json!({"verdict": "eligible", "fundable": "1000.00", "reason": "Less of it"});
        let put = story.office.put(&place).etag(&now.etag).json(&ruling);
        put.send().await
    };
    judge(2).await.expect(200);
    judge(0).await.expect(403);
}

#[tokio::test]
async fn who_applied_together_in_another_call_waits_for_a_verdict() {
    let story = Evaluation::begin().await;
    story.three().await;
    let (xenia, yann) = (
        ("Xenia North", "x@north.example"),
        ("Yann East", "y@east.example"),
    );
    elsewhere(
        &story,
        "JTC2027",
        [xenia, ("Ada Person1", "pi@ada1.example")],
    )
    .await;
    let old = elsewhere(
        &story,
        "JTC2028",
        [yann, ("Bea Person1", "pi@bea1.example")],
    )
    .await;
    story.app.broken_on_purpose("a call is dated back");
    story
        .app
        .sql(&format!(
            "update stage set opens_at = opens_at - interval '9 years', deadline_at = deadline_at - interval '9 years'
             where call_id = '{old}' and number = 1"
        ))
        .await;
    assert_eq!(found(&story, 0).await, ["joint_proposal waiting"]);
    assert_eq!(found(&story, 1).await, [""; 0], "too long ago");
    let list = format!("/calls/{}/conflicts", story.call);
    let list = story.office.read(&list).await.json;
    let item = &list["items"][0];
    let evidence = item["evidence"].as_str().unwrap();
    assert_eq!(item["name"], "Xenia North");
    assert!(evidence.contains("in the call JTC2027"), "{evidence}");
    // What it is about is its own call's.
    assert!(!list.to_string().contains("The title of another call"));
}

#[tokio::test]
async fn the_secretariat_notes_what_it_learns_of_those_who_run_the_call() {
    let story = Evaluation::begin().await;
    let path = own_conflicts(&story);
    let note = |who: &Client, of: &Client, at: usize| {
        let conflict = json!({"proposal": story.proposal(at), "account": of.account.unwrap(),
            "reason": "The institute takes part"});
        who.post(&path).json(&conflict)
    };
    let (chair, (ada, _)) = (&story.committee, &story.proposals[0]);
    // Of others only the secretariat notes it, and only of those with a role.
    for who in [chair, ada] {
        note(who, &story.office, 0).send().await.expect(403);
    }
    let nobody = note(&story.office, ada, 0).send().await.expect(422);
    assert_eq!(nobody.faults(), ["/account unknown_account"]);
    let experts = story.three().await;
    let (xenia, call) = (&experts[0].client, Some(story.call.as_str()));
    story.app.grant(xenia, Role::PanelMember, call, None).await;
    let expert = note(&story.office, xenia, 0).send().await;
    expert.expect(409);

    chair.read(&story.proposals[0].1).await;
    for _ in 0..2 {
        note(&story.office, chair, 0).send().await.expect(200);
    }
    chair.get(&story.proposals[0].1).send().await.expect(409);
    chair.read(&story.proposals[1].1).await;
    let noted = ["Committee 0 declared secretariat"];
    assert_eq!(walls(&story, chair).await, noted);
    assert_eq!(walls(&story, &story.office).await, noted);
    let trail = "select detail ->> 'account' from audit where action = 'note_conflict' limit 1";
    assert_eq!(
        story.app.value(trail).await,
        chair.account.unwrap().to_string()
    );

    // One's own is declared, and who has one does not meddle there.
    let own = note(&story.office, &story.office, 1);
    own.send().await.expect(200);
    assert_eq!(
        walls(&story, &story.office).await,
        [
            "Committee 0 declared secretariat",
            "Office 1 declared declared"
        ]
    );
    let refused = note(&story.office, chair, 1).send().await.expect(409);
    assert_eq!(refused.code(), "conflict_of_interest");
}

#[tokio::test]
async fn funders_that_also_do_research_are_walled_off_from_their_own() {
    let story = Evaluation::begin().await;
    let (app, call) = (&story.app, Some(story.call.as_str()));
    app.sql(
        "update organisation set native_name = 'INSTITUTE  Ada 1' where key = 'FR-ANR';
         update organisation set native_name = 'Institute Bea 0' where key = 'DE-BMBF'",
    )
    .await;
    let france = app.contact(&story.call, "FR-ANR").await;
    // Who signs for another body that the organisation acts for.
    let agency = app.person("Agency").await;
    app.grant(&agency, Role::Signatory, call, Some("DE-DLRPT"))
        .await;
    // Who is listed by the address of the account, and who coordinates.
    let rep = app.person("Rep").await;
    let account = rep.account.unwrap();
    app.sql(&format!(
        "update account set email = 'pi@cyd2.example' where id = '{account}'"
    ))
    .await;
    app.grant(&rep, Role::CscRepresentative, call, Some("ES-ISCIII"))
        .await;
    let (cyd, of_cyd) = &story.proposals[2];
    app.grant(cyd, Role::CscChair, call, None).await;

    for (_, path) in &story.proposals {
        france.read(path).await;
    }
    assert_eq!(found(&story, 0).await, [""; 0], "no expert is concerned");
    let all = [
        "Agency 1 same_institution detected",
        "Cyd 0 applicant detected",
        "Cyd 1 applicant detected",
        "Cyd 2 person_listed detected",
        "FR-ANR 0 same_institution detected",
        "Rep 2 person_listed detected",
    ];
    assert_eq!(walls(&story, &story.office).await, all);
    found(&story, 0).await;
    assert_eq!(walls(&story, &story.office).await, all, "each once");

    france.get(&story.proposals[0].1).send().await.expect(409);
    france.read(&story.proposals[1].1).await;
    assert_eq!(
        walls(&story, &france).await,
        ["FR-ANR 0 same_institution detected"]
    );
    rep.get(of_cyd).send().await.expect(409);
    // A coordinator keeps the own proposal, and stays walled off from what is said on it.
    cyd.read(of_cyd).await;
    let list = cyd.read(&own_conflicts(&story)).await.json;
    let mut items = list["items"].as_array().unwrap().iter();
    let own = items.find(|item| item["proposal"] == story.proposal(2));
    assert_eq!(own.unwrap()["reason"], "Cyd coordinates the proposal");
    // No applicant of a call judges its rivals; whom others list, as they did Rep, is kept from their proposal alone.
    for (_, rival) in &story.proposals[..2] {
        cyd.get(rival).send().await.expect(409);
        rep.read(rival).await;
    }
    // A name that is part of another's says too little, and nothing is added.
    app.sql("update organisation set native_name = 'Institute Bea' where key = 'FR-ANR'")
        .await;
    found(&story, 0).await;
    assert_eq!(walls(&story, &story.office).await, all);
}

#[tokio::test]
async fn an_assignment_looks_for_those_who_run_the_call_too() {
    let story = Evaluation::begin().await;
    story.three().await;
    story
        .app
        .sql("update organisation set name = 'Institute Ada 1' where key = 'FR-ANR'")
        .await;
    let france = story.app.contact(&story.call, "FR-ANR").await;
    france.read(&story.proposals[0].1).await;
    story.assign(3).await.expect(200);
    france.get(&story.proposals[0].1).send().await.expect(409);
    france.read(&story.proposals[1].1).await;
}

#[tokio::test]
async fn who_sits_on_the_panel_by_a_role_alone_is_looked_at_too() {
    let story = Evaluation::begin().await;
    let (app, call) = (&story.app, Some(story.call.as_str()));
    let (cyd, of_cyd) = &story.proposals[2];
    app.grant(cyd, Role::PanelChair, call, None).await;
    let rep = app.person("Rep").await;
    app.grant(&rep, Role::PanelMember, call, None).await;
    let listed = async |who: &Client, email: &str| {
        let account = who.account.unwrap();
        let sql = format!("update account set email = '{email}' where id = '{account}'");
        app.sql(&sql).await;
    };
    listed(&rep, "pi@bea1.example").await;
    // Who is an expert of the call is found as one, whatever the seat.
    let experts = story.three().await;
    let xenia = &experts[0];
    app.grant(&xenia.client, Role::PanelMember, call, None)
        .await;
    listed(&xenia.client, "pi@ada1.example").await;
    known_as(&story, &xenia.id, "pi@ada1.example").await;

    for (_, rival) in &story.proposals[..2] {
        cyd.read(rival).await;
    }
    let against_ada = found(&story, 0).await;
    assert!(against_ada.contains(&"person_listed standing".to_owned()));
    assert_eq!(
        walls(&story, &story.office).await,
        [
            "Cyd 0 applicant detected",
            "Cyd 1 applicant detected",
            "Cyd 2 person_listed detected",
            "Rep 1 person_listed detected",
        ]
    );
    for (_, rival) in &story.proposals[..2] {
        cyd.get(rival).send().await.expect(409);
    }
    cyd.read(of_cyd).await;
}
