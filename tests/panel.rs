//! The panel: who presents what, what is said, the evaluation summary reports, and the observer's report on it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// An evaluation with a panel: its chair, two members, and the observer.
struct Story {
    story: Evaluation,
    reviewers: Vec<Reviewer>,
    chair: Reviewer,
    mona: Reviewer,
    nils: Reviewer,
    observer: Client,
}

impl Story {
    /// Reviews are written and none is released. Nils is a cousin of the second proposal's coordinator, and so is the chair of
    /// the first one's where `chair_conflicted`.
    async fn begin(chair_conflicted: bool) -> Story {
        let story = Evaluation::begin().await;
        let reviewers = story.three().await;
        story.assign(2).await.expect(200);
        for (at, expert) in reviewers.iter().enumerate() {
            let impact = if at == 0 { "1.0" } else { "4.0" };
            for review in expert.reviews().await {
                expert.write(&review, impact).await.expect(200);
                expert.submit(&review).await.expect(200);
            }
        }
        let sits = |name: &str, place: &str, role: &str| {
            let host = format!("{}@{place}.example", &name[..1]).to_lowercase();
            nomination(name, &format!("{place} College"), &host, role)
        };
        let mut panel = story
            .invite(&[
                sits("Carla Chairwoman", "Highland", "chair"),
                sits("Mona Memberton", "Lowland", "rapporteur"),
                sits("Nils Nordahl", "Midland", "panel_member"),
            ])
            .await;
        let cousin = |at: usize| json!([{"proposal": story.proposal(at), "reason": "Cousins"}]);
        let of_chair = match chair_conflicted {
            true => cousin(0),
            false => json!([]),
        };
        for (one, conflicts) in panel.iter().zip([of_chair, json!([]), cousin(1)]) {
            one.accept().await;
            one.declare(&conflicts).await.expect(200);
        }
        let observer = story.app.person("Olga Observer").await;
        let call = Some(story.call.as_str());
        story.app.grant(&observer, Role::Observer, call, None).await;
        let (nils, mona) = (panel.remove(2), panel.remove(1));
        Story {
            chair: panel.remove(0),
            mona,
            nils,
            observer,
            reviewers,
            story,
        }
    }

    async fn release(&self) {
        let path = self.story.stage("reviews/release");
        let all = self
            .story
            .office
            .post(&path)
            .json(&json!({"despite_findings": true}));
        all.send().await.expect(200);
    }

    /// All reviews are released, and the panel is convened.
    async fn meet(&self) {
        self.release().await;
        self.story.convene().await.expect(200);
    }

    /// A path under a proposal.
    fn of(&self, at: usize, rest: &str) -> String {
        format!("{}/{rest}", self.story.proposals[at].1)
    }

    async fn agree(&self, who: &Client, at: usize) -> Reply {
        put(who, &self.of(at, "consensus"), &consensus()).await
    }

    async fn adopt(&self) -> Reply {
        let now = self.chair.client.read(&self.story.stage("ranking")).await;
        let adopt = self.story.stage("ranking/adopt");
        self.chair.client.post(&adopt).etag(&now.etag).send().await
    }
}

fn consensus() -> Value {
    json!({"rating": "recommended", "comment": "Sound throughout.",
        "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}})
}

fn texts(impact: &str) -> Value {
    json!({"scores": {"excellence": "4.5"}, "comments": {"excellence": "Clear aims.", "impact": impact,
        "implementation": "A tight time table."}})
}

/// Writes what was read before.
async fn put(who: &Client, path: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(body).send().await
}

/// A deed on what was read before.
async fn act(who: &Client, path: &str, deed: &str) -> Reply {
    let now = who.read(path).await;
    let deed = who.post(&format!("{path}/{deed}")).etag(&now.etag);
    deed.send().await
}

async fn say(who: &Client, path: &str, text: &str) -> Reply {
    who.post(path).json(&json!({ "text": text })).send().await
}

fn walled(reply: &Reply) {
    assert!(matches!(reply.status, 403 | 404 | 409), "{}", reply.status);
    assert!(reply.json["messages"].is_null());
}

#[tokio::test]
async fn the_panel_presents_and_discusses_and_whoever_has_a_conflict_is_out_at_once() {
    let panel = Story::begin(false).await;
    let (office, chair) = (&panel.story.office, &panel.chair.client);
    let present = panel.of(0, "rapporteurs");
    let named = |ids: &[&str]| json!({ "experts": ids });
    let wrong = [
        panel.reviewers[0].id.as_str(),
        &panel.mona.id,
        &panel.mona.id,
    ];
    let refused = put(office, &present, &named(&wrong)).await.expect(422);
    assert_eq!(
        refused.faults(),
        ["/experts/0 not_on_panel", "/experts/2 named_twice"]
    );
    let cousin = put(
        chair,
        &panel.of(1, "rapporteurs"),
        &named(&[&panel.nils.id]),
    )
    .await;
    assert_eq!(
        cousin.expect(422).faults(),
        ["/experts/0 conflict_of_interest"]
    );
    office
        .put(&present)
        .json(&named(&[]))
        .send()
        .await
        .expect(428);
    let first = put(chair, &present, &named(&[&panel.mona.id, &panel.nils.id])).await;
    let names = first.expect(200).json["rapporteurs"].clone();
    assert_eq!(names[0]["name"], "Mona Memberton");
    put(
        office,
        &panel.of(2, "rapporteurs"),
        &named(&[&panel.mona.id]),
    )
    .await
    .expect(200);
    // Before the reviews are there a member knows of the own part alone, and nobody talks.
    let own = panel.mona.client.read(&present).await;
    assert_eq!(own.json["rapporteurs"].as_array().unwrap().len(), 1);
    let talk = panel.of(0, "discussion");
    panel.mona.client.get(&talk).send().await.expect(404);
    say(chair, &talk, "Early").await.expect(409);

    panel.release().await;
    let tasks = panel.mona.client.read("/me/tasks").await.json.to_string();
    assert!(tasks.contains("write_summary"), "{tasks}");
    say(chair, &talk, "Before the meeting").await.expect(409);
    panel.story.convene().await.expect(200);
    say(&panel.mona.client, &talk, " ").await.expect(422);
    say(&panel.mona.client, &talk, "Too few patients?")
        .await
        .expect(200);
    say(chair, &talk, "They have a second clinic.")
        .await
        .expect(200);
    let seen = panel.observer.read(&talk).await.json;
    assert_eq!(seen["messages"][0]["author"], "Mona Memberton");
    assert_eq!(seen["messages"][1]["text"], "They have a second clinic.");
    assert_eq!(seen["messages"][0]["own"], false);
    say(&panel.observer, &talk, "Hear, hear").await.expect(403);
    walled(
        &panel
            .nils
            .client
            .get(&panel.of(1, "discussion"))
            .send()
            .await,
    );

    // Nobody outside the panel knows of anything.
    let ada = &panel.story.proposals[0].0;
    let funder = &panel.story.committee;
    for who in [ada, funder, &panel.reviewers[1].client] {
        for path in [
            &talk,
            &present,
            &panel.story.stage("rapporteurs"),
            &panel.story.stage("disagreement"),
        ] {
            who.get(path).send().await.expect(404);
        }
    }

    // A conflict that comes to light ends it with the next request.
    let last = panel.of(2, "discussion");
    say(&panel.mona.client, &last, "I know them well")
        .await
        .expect(200);
    let conflict = json!({"expert": panel.mona.id, "proposal": panel.story.proposal(2), "reason": "They publish together"});
    let note = format!("/calls/{}/conflicts", panel.story.call);
    office.post(&note).json(&conflict).send().await.expect(201);
    walled(&panel.mona.client.get(&last).send().await);
    let left = office.read(&panel.of(2, "rapporteurs")).await;
    assert_eq!(left.json["rapporteurs"], json!([]));
    let list = panel
        .mona
        .client
        .read(&panel.story.stage("rapporteurs"))
        .await;
    assert_eq!(list.json["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn disagreement_is_pointed_out_and_reckoned_from_what_one_reads() {
    let panel = Story::begin(false).await;
    let path = panel.story.stage("disagreement");
    let early = panel.chair.client.read(&path).await.json;
    assert_eq!(
        (&early["apart"], &early["experts"]),
        (&json!([]), &json!([]))
    );
    panel.release().await;
    let all = panel.chair.client.read(&path).await.json;
    let apart = all["apart"].as_array().unwrap().clone();
    let own = panel.reviewers[0].reviews().await.len();
    assert_eq!(apart.len(), own, "wherever the strict one reviewed");
    assert_eq!(apart[0]["criterion"], "impact");
    assert_eq!(
        (&apart[0]["lowest"], &apart[0]["highest"]),
        (&json!("1.0"), &json!("4.0"))
    );
    let strict = all["experts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Xenia North")
        .unwrap()
        .clone();
    assert_eq!(strict["mean"], "-1.0");
    assert_eq!(strict["striking"], own >= 3, "on three proposals or more");
    let walled = panel.story.proposal(1);
    let seen = panel.nils.client.read(&path).await.json;
    assert!(!seen["apart"].to_string().contains(&walled));
    assert_eq!(panel.observer.read(&path).await.json, all);
}

#[tokio::test]
async fn a_summary_report_is_drafted_approved_frozen_and_told_with_the_letters() {
    let panel = Story::begin(false).await;
    let (office, chair, mona) = (&panel.story.office, &panel.chair.client, &panel.mona.client);
    let named = json!({ "experts": [&panel.mona.id] });
    put(chair, &panel.of(0, "rapporteurs"), &named)
        .await
        .expect(200);
    let path = panel.of(0, "summary-report");
    put(mona, &path, &texts("Fine.")).await.expect(409);
    panel.meet().await;
    let wrong = json!({"scores": {"impact": "9.0"}, "comments": {"beauty": "Fine."}});
    assert_eq!(
        put(mona, &path, &wrong).await.expect(422).faults(),
        [
            "/scores/impact score_off_scale",
            "/comments/beauty criterion_unknown"
        ]
    );
    put(&panel.nils.client, &path, &texts("Fine."))
        .await
        .expect(403);
    walled(
        &panel
            .nils
            .client
            .get(&panel.of(1, "summary-report"))
            .send()
            .await,
    );
    let begun = put(
        mona,
        &path,
        &json!({"comments": {"impact": "As Nils Nordahl says."}}),
    )
    .await;
    let begun = begun.expect(200).json;
    assert_eq!(
        (&begun["state"], &begun["report"]),
        (&json!("draft"), &Value::Null)
    );
    assert_eq!(begun["inside"]["doubts"][0]["pointer"], "/comments/impact");
    act(chair, &path, "approve").await.expect(409);
    panel.agree(chair, 0).await.expect(200);
    let missing = act(chair, &path, "approve").await.expect(422);
    assert_eq!(
        missing.faults(),
        [
            "/comments/excellence comment_missing",
            "/comments/implementation comment_missing"
        ]
    );
    put(mona, &path, &texts("Close to the clinic."))
        .await
        .expect(200);
    act(mona, &path, "approve").await.expect(403);
    act(office, &path, "approve").await.expect(403);
    let approved = act(chair, &path, "approve").await.expect(200).json;
    assert_eq!(approved["state"], "approved");
    assert_eq!(approved["inside"]["doubts"], json!([]));

    // Another consensus is another report: it is approved again.
    panel.agree(chair, 0).await.expect(200);
    assert_eq!(mona.read(&path).await.json["state"], "draft");
    for at in 1..3 {
        panel.agree(chair, at).await.expect(200);
    }
    let early = panel.adopt().await.expect(422);
    assert_eq!(early.faults(), ["/proposals summary_unapproved"]);
    panel.story.committee.get(&path).send().await.expect(404);
    act(chair, &path, "approve").await.expect(200);
    panel.adopt().await.expect(200);

    let list = panel
        .story
        .committee
        .read(&panel.story.stage("summary-reports"))
        .await
        .json;
    assert_eq!(
        list["items"].as_array().unwrap().len(),
        3,
        "each that was judged"
    );
    assert_eq!(list["items"][1]["report"]["comment"], "Sound throughout.");
    let frozen = panel.story.committee.read(&path).await.json;
    assert_eq!(frozen["state"], "frozen");
    assert_eq!(
        frozen["report"]["criteria"][1]["comment"],
        "Close to the clinic."
    );
    assert_eq!(frozen["report"]["total"], "12.0");
    assert!(
        frozen["text"]
            .as_str()
            .unwrap()
            .contains("Impact: 4.0 of 5.0\nClose to the clinic.")
    );
    assert_eq!(frozen["inside"], Value::Null);
    put(mona, &path, &texts("Better.")).await.expect(409);
    say(chair, &panel.of(0, "discussion"), "One more thing")
        .await
        .expect(409);

    // The coordinator reads it with the letters, not before, and no name stands in it.
    let (ada, bea) = (&panel.story.proposals[0].0, &panel.story.proposals[1].0);
    let told = format!("{path}?stage=1");
    ada.get(&told).send().await.expect(404);
    let invited =
        json!({"invited": [{"proposal": panel.story.proposal(0)}], "reason": "Meeting of 12 May"});
    let invite = panel.story.stage("invitations");
    office.post(&invite).json(&invited).send().await.expect(200);
    ada.get(&told).send().await.expect(404);
    let release = panel.story.stage("letters/release");
    office.post(&release).send().await.expect(200);
    let read = ada.read(&told).await;
    assert_eq!(read.json["report"], frozen["report"]);
    let text = String::from_utf8_lossy(&read.body).into_owned();
    for secret in [
        "Mona",
        "Carla",
        "Nils",
        "Xenia",
        "Yann",
        "Zoe",
        &panel.mona.id,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    bea.get(&told).send().await.expect(404);
    ada.get(&format!("{}?stage=1", panel.of(0, "discussion")))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn the_secretariat_approves_where_the_chair_has_a_conflict() {
    let panel = Story::begin(true).await;
    panel.meet().await;
    let office = &panel.story.office;
    let path = panel.of(0, "summary-report");
    put(office, &path, &texts("Fine.")).await.expect(200);
    panel.agree(office, 0).await.expect(200);
    walled(&panel.chair.client.get(&path).send().await);
    assert_eq!(
        act(office, &path, "approve").await.expect(200).json["state"],
        "approved"
    );
}

#[tokio::test]
async fn the_observer_drafts_alone_and_files_for_good() {
    let panel = Story::begin(false).await;
    let path = panel.story.stage("conformity-report");
    let administrator = panel.story.app.person("Adam").await;
    panel
        .story
        .app
        .grant(&administrator, Role::Administrator, None, None)
        .await;
    let draft = json!({"conclusion": "conforms_with_remarks", "findings": "Hurried, and fair."});
    put(&panel.observer, &path, &draft).await.expect(200);
    let readers = [
        &panel.story.office,
        &panel.story.committee,
        &panel.chair.client,
        &administrator,
    ];
    for who in readers {
        who.get(&path).send().await.expect(404);
        who.put(&path)
            .etag("*")
            .json(&draft)
            .send()
            .await
            .expect(403);
    }
    act(&panel.observer, &path, "file").await.expect(409);
    panel.meet().await;
    for at in 0..3 {
        panel.agree(&panel.chair.client, at).await.expect(200);
    }
    panel.adopt().await.expect(200);
    let tasks = panel.observer.read("/me/tasks").await.json.to_string();
    assert!(tasks.contains("file_conformity"), "{tasks}");
    let short = act(&panel.observer, &path, "file").await.expect(422);
    assert_eq!(short.faults(), ["/recommendations required"]);
    let mut whole = draft.clone();
    whole["recommendations"] = json!("Give the panel a second day.");
    put(&panel.observer, &path, &whole).await.expect(200);
    let filed = act(&panel.observer, &path, "file").await.expect(200).json;
    assert_eq!(filed["state"], "filed");
    let sha256 = filed["sha256"].as_str().unwrap();
    let on_trail = "select detail ->> 'sha256' from audit where action = 'file_conformity'";
    assert_eq!(panel.story.app.value(on_trail).await, sha256);
    for who in readers {
        assert_eq!(who.read(&path).await.json, filed);
    }
    put(&panel.observer, &path, &draft).await.expect(409);
    act(&panel.observer, &path, "file").await.expect(409);
    for who in [
        &panel.story.proposals[0].0,
        &panel.mona.client,
        &panel.reviewers[0].client,
    ] {
        who.get(&path).send().await.expect(404);
    }
}

#[tokio::test]
async fn who_leads_once_the_first_rapporteur_is_out_is_asked_for_the_report() {
    let panel = Story::begin(false).await;
    let both = json!({ "experts": [panel.mona.id, panel.nils.id] });
    put(&panel.story.office, &panel.of(0, "rapporteurs"), &both)
        .await
        .expect(200);
    panel.release().await;
    let asked = async |who: &Reviewer| {
        let tasks = who.client.read("/me/tasks").await.json.to_string();
        tasks.contains("write_summary")
    };
    assert!(asked(&panel.mona).await && !asked(&panel.nils).await);
    let cousins = json!([{ "proposal": panel.story.proposal(0), "reason": "Cousins" }]);
    panel.mona.declare(&cousins).await.expect(200);
    assert!(!asked(&panel.mona).await && asked(&panel.nils).await);
}
