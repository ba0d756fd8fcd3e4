//! What rests on something is not written past a change of it at the very moment: either it comes first, and the change finds
//! it, or it comes second, and finds the change.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
#[path = "adopting/moment.rs"]
mod moment;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use access::Role;
use evaluation::{Evaluation, nomination};
use moment::{adopt, agreed, noted, pause, paused, reviews};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_is_being_approved_does_not_stay_so_on_a_void_review() {
    let (story, chair) = agreed().await;
    let path = format!("{}/summary-report", story.proposals[0].1);
    let texts = json!({"comments": {"excellence": "Clear aims.", "impact": "Close to the clinic.",
        "implementation": "A tight time table."}});
    let write = chair.put(&path).etag("*").json(&texts);
    write.send().await.expect(200);
    let before = reviews(&story).await;
    let voided = "select from sealed.review where state = 'voided'";
    pause(&story.app, "update on sealed.summary_report", voided).await;
    let approve = chair.post(&format!("{path}/approve")).etag("*");
    let late = async {
        paused(&story.app).await;
        noted(&story, &before[0]).await
    };
    let (approved, noted) = tokio::join!(approve.send(), late);
    assert_eq!(approved.expect(200).json["state"], "approved");
    noted.expect(201);
    // Who approved it approved it with the review.
    let state = "select state from sealed.summary_report";
    assert_eq!(story.app.value(state).await, "draft");
}

/// A member of the panel who is none of its experts.
async fn member(story: &Evaluation) -> Client {
    let member = story.app.person("Mona Member").await;
    let call = Some(story.call.as_str());
    story
        .app
        .grant(&member, Role::PanelMember, call, None)
        .await;
    member
}

/// Declares a conflict of interest of one's own with the first proposal.
async fn declare(story: &Evaluation, who: &Client) -> Reply {
    let path = format!("/calls/{}/own-conflicts", story.call);
    let conflict = json!({"proposal": story.proposal(0), "reason": "Her sister's project"});
    who.post(&path).json(&conflict).send().await
}

/// While the deed goes on the list is adopted, and the panel is asked whether it stands by what it agreed on.
async fn asks(story: &Evaluation, chair: &Client, deed: impl Future<Output = Reply>) {
    let late = async {
        paused(&story.app).await;
        adopt(story, chair).await
    };
    let (done, adopted) = tokio::join!(deed, late);
    done.expect(200);
    let found = adopted.expect(409).faults().join(" ");
    assert!(found.ends_with(" conflict_since_consensus"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_not_adopted_past_a_conflict_that_is_being_declared() {
    let (story, chair) = agreed().await;
    let member = member(&story).await;
    let adopted = "select from sealed.ranking_list";
    pause(&story.app, "insert on sealed.own_conflict", adopted).await;
    asks(&story, &chair, declare(&story, &member)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_not_adopted_past_a_verdict_that_a_conflict_stands_after_all() {
    let (story, chair) = agreed().await;
    let member = member(&story).await;
    declare(&story, &member).await.expect(200);
    let only = "select id::text from sealed.own_conflict";
    let id = story.app.value(only).await;
    let path = format!("/own-conflicts/{id}/judge");
    let judge = |stands: bool| {
        let verdict = json!({"stands": stands, "reason": "As she explained"});
        story.office.post(&path).json(&verdict).send()
    };
    judge(false).await.expect(200);
    let adopted = "select from sealed.ranking_list";
    pause(&story.app, "update on sealed.own_conflict", adopted).await;
    asks(&story, &chair, judge(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_are_not_amended_past_the_first_assignment() {
    let story = Evaluation::begin().await;
    story.three().await;
    let call = format!("/calls/{}", story.call);
    let mut rules = story.office.read(&call).await.json["rules"].clone();
    rules["stages"][0]["evaluation"]["criteria"][0]["weight"] = json!(2);
    let change =
        json!({"rules": rules, "reason": "Excellence counts more", "despite_breaking": true});
    // The reviews are written, and nobody sees them yet.
    let amended = "select from call_version where change like 'Amended%'";
    pause(&story.app, "insert on outbox", amended).await;
    let late = async {
        paused(&story.app).await;
        let amend = story.office.post(&format!("{call}/amend")).etag("*");
        amend.json(&change).send().await
    };
    let (assigned, refused) = tokio::join!(story.assign(2), late);
    assigned.expect(200);
    assert_eq!(
        refused.expect(422).faults(),
        ["/rules/stages/0/evaluation/criteria/0/weight being_judged"]
    );
}

/// A draft of as many stages.
fn draft(stages: usize) -> Value {
    let stage = |year: usize| {
        json!({"opens_at": format!("{year}-01-01T00:00:00Z"),
            "deadline": {"at": format!("{year}-03-04T16:00:00Z"), "zone": "Europe/Paris",
                "label": format!("4 March {year}, 17:00 CET")}})
    };
    let years: Vec<Value> = (2097..).take(stages).map(stage).collect();
    let mut rules = call::Rules::default_two_stage();
    rules.stages = rules.stages.split_off(rules.stages.len() - stages);
    json!({"code": "JTC2097", "title": "A call", "topic": "Tools", "year": 2026, "rehearsal": true,
        "rules": rules, "stages": years})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_not_rewritten_past_a_nomination_that_rests_on_it() {
    let app = TestApp::start().await;
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    let made = office.post("/calls").json(&draft(2)).send().await;
    let call = format!("/calls/{}", made.expect(201).id());
    let experts = format!("{call}/experts");
    let (name, email) = ("Xenia North", "x@north.example");
    let mut xenia = nomination(name, "North University", email, "remote_reviewer");
    xenia["stage_loads"] = json!({"1": 3, "2": 1});
    let rewritten = "select from call where version > 1";
    pause(&app, "insert on sealed.expert", rewritten).await;
    let nominations = json!({ "experts": [xenia] });
    let nominate = office.post(&experts).json(&nominations);
    let late = async {
        paused(&app).await;
        let edit = office.put(&call).etag("*").json(&draft(1));
        edit.send().await
    };
    let (nominated, edited) = tokio::join!(nominate.send(), late);
    nominated.expect(201);
    edited.expect(200);
    let kept = office.read(&experts).await.json;
    assert_eq!(kept["items"][0]["stage_loads"], json!({"1": 3}));
}
