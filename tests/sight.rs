//! Who learns what of an evaluation, and when: the panel's desk before all reviews are there, reviews without names,
//! conflicts that come to light late, and people who wear two hats.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "commitment/world.rs"]
mod world;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};
use world::World;

/// Reviews are handed in and none is released. The chair of the panel is a cousin of the third proposal's coordinator.
struct Desk {
    story: Evaluation,
    experts: Vec<Reviewer>,
    chair: Client,
    mona: Client,
}

impl Desk {
    async fn begin() -> Desk {
        let story = Evaluation::begin().await;
        let experts = story.three().await;
        story.assign(2).await.expect(200);
        for (expert, impact) in experts.iter().zip(["3.0", "3.5", "4.0"]) {
            for review in expert.reviews().await {
                expert.write(&review, impact).await.expect(200);
                expert.submit(&review).await.expect(200);
            }
        }
        let sits = |name: &str, place: &str, role: &str| {
            let email = format!("{}@{place}.example", &name[..1]).to_lowercase();
            nomination(name, &format!("{place} College"), &email, role)
        };
        let panel = story
            .invite(&[
                sits("Carla Chairwoman", "Highland", "chair"),
                sits("Mona Memberton", "Lowland", "panel_member"),
            ])
            .await;
        let cousin = json!([{"proposal": story.proposal(2), "reason": "Cousins"}]);
        for (one, conflicts) in panel.iter().zip([cousin, json!([])]) {
            one.accept().await;
            one.declare(&conflicts).await.expect(200);
        }
        let desk = Desk {
            chair: panel[0].client.clone(),
            mona: panel[1].client.clone(),
            story,
            experts,
        };
        // The meeting is another story's: here the panel agrees as soon as all reviews are there.
        desk.rules("panel", &json!(false)).await;
        desk
    }

    /// A path under a proposal.
    fn of(&self, at: usize, rest: &str) -> String {
        format!("{}/{rest}", self.story.proposals[at].1)
    }

    /// The reviews of a proposal that somebody reads.
    async fn reviews(&self, who: &Client, at: usize) -> Vec<Value> {
        let reply = who.read(&self.of(at, "reviews")).await;
        reply.json["items"].as_array().unwrap().clone()
    }

    /// The secretariat notes a conflict between a proposal and the author of one of its reviews.
    async fn note_conflict(&self, review: &Value) {
        let conflict = json!({"expert": review["inside"]["expert"], "proposal": review["proposal"],
            "reason": "They publish together"});
        let path = format!("/calls/{}/conflicts", self.story.call);
        let noted = self.story.office.post(&path).json(&conflict);
        noted.send().await.expect(201);
    }

    async fn adopt(&self, body: &Value) -> Reply {
        let now = self.chair.read(&self.story.stage("ranking")).await;
        let adopt = self.chair.post(&self.story.stage("ranking/adopt"));
        adopt.etag(&now.etag).json(body).send().await
    }

    async fn rules(&self, at: &str, value: &Value) {
        let set = format!(
            "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,{at}}}', '{value}') where id = '{}'",
            self.story.call
        );
        self.story.app.sql(&set).await;
    }
}

/// Writes what was read before.
async fn put(who: &Client, path: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(body).send().await
}

async fn approve(who: &Client, path: &str) -> Reply {
    let now = who.read(path).await;
    let approve = who.post(&format!("{path}/approve")).etag(&now.etag);
    approve.send().await
}

fn consensus(comment: &str) -> Value {
    json!({"rating": "recommended", "comment": comment,
        "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}})
}

fn texts() -> Value {
    json!({"comments": {"excellence": "Clear aims.", "impact": "Near.", "implementation": "Tight."}})
}

fn labels(reviews: &[Value]) -> Vec<&str> {
    let labels = reviews.iter().map(|one| one["label"].as_str());
    labels.map(Option::unwrap_or_default).collect()
}

fn score(review: &Value) -> &Value {
    &review["scores"]["impact"]["score"]
}

#[tokio::test]
async fn judgement_follows_nobody_elses_and_names_reach_nobody_outside() {
    let desk = Desk::begin().await;
    let (office, ada) = (&desk.story.office, &desk.story.proposals[0].0);
    let line = desk.of(0, "consensus");
    let despite = json!({"despite_findings": true});

    // One of two reviews is released: a member of the panel learns nothing of it, and nothing is agreed yet.
    let all = desk.reviews(office, 0).await;
    let first = format!("/reviews/{}/release", all[0]["id"].as_str().unwrap());
    let one = office.post(&first).etag("*").json(&despite);
    one.send().await.expect(200);
    let seen = desk.mona.read(&line).await.json;
    assert_eq!(
        (&seen["released"], &seen["suggested"]),
        (&json!(0), &json!({}))
    );
    assert_eq!(office.read(&line).await.json["released"], 1);
    let early = put(&desk.chair, &line, &consensus("Agreed.")).await;
    assert_eq!(early.expect(422).faults(), [" review_open"]);
    let entry = json!({"proposal": desk.story.proposal(0), "rating": "recommended", "comment": "Agreed.",
        "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}});
    let list = json!({ "consensus": [entry] });
    let early = office.post(&desk.story.stage("consensus")).json(&list);
    assert_eq!(
        early.send().await.expect(422).faults(),
        ["/consensus/0 review_open"]
    );
    assert!(desk.reviews(ada, 0).await.is_empty(), "all come together");

    let release = desk.story.stage("reviews/release");
    let rest = office.post(&release).json(&despite).send().await;
    let rest = rest.expect(200).json["reviews"].as_array().unwrap().len();
    assert_eq!(rest, 5);
    assert_eq!(desk.mona.read(&line).await.json["released"], 2);
    let told = desk.reviews(ada, 0).await;
    assert_eq!(labels(&told), ["Reviewer 1", "Reviewer 2"]);
    assert!(told.iter().all(|one| one["id"].is_null()));

    // The other reviewers read them where the call says so, and learn names where it says that.
    let author = |review: &Value| {
        let id = &review["inside"]["expert"];
        desk.experts
            .iter()
            .find(|one| *id == one.id.as_str())
            .unwrap()
    };
    let peer = &author(&all[0]).client;
    assert_eq!(desk.reviews(peer, 0).await.len(), 1, "the own one");
    let mut names = json!({"reviews_open_after_own": true});
    desk.rules("names", &names).await;
    let others = desk.reviews(peer, 0).await;
    let other = others.iter().find(|one| one["inside"].is_null()).unwrap();
    assert_eq!(
        (&other["id"], &other["reviewer"]),
        (&Value::Null, &Value::Null)
    );
    names["reviewers_know_each_other"] = json!(true);
    desk.rules("names", &names).await;
    let others = desk.reviews(peer, 0).await;
    let other = others.iter().find(|one| one["inside"].is_null()).unwrap();
    assert_eq!(other["reviewer"], all[1]["inside"]["name"]);

    // A conflict voids "Reviewer 1". To Ada nothing changes, in the report neither; who ended is not everybody's to know.
    let all = desk.reviews(office, 0).await;
    let (gone, left): (Vec<&Value>, Vec<&Value>) =
        all.iter().partition(|one| score(one) == score(&told[0]));
    desk.note_conflict(gone[0]).await;
    assert_eq!(desk.reviews(ada, 0).await, told);
    let assignments = desk.story.stage("assignments");
    let shown = office.read(&assignments).await.json.to_string();
    assert!(shown.contains("voided"), "{shown}");
    for who in [&desk.chair, &desk.mona] {
        let shown = who.read(&assignments).await.json.to_string();
        assert!(!shown.contains("voided"), "{shown}");
        let path = format!("/reviews/{}", gone[0]["id"].as_str().unwrap());
        who.get(&path).send().await.expect(404);
    }
    desk.rules("reviews_in_letters", &json!(true)).await;
    let agreed = put(&desk.chair, &line, &consensus("Sound throughout.")).await;
    agreed.expect(200);
    let report = desk.of(0, "summary-report");
    let seen = desk.chair.read(&report).await.json;
    let reported = seen["report"]["reviews"].as_array().unwrap();
    assert_eq!(labels(reported), ["Reviewer 1", "Reviewer 2"]);

    // What is approved is looked at again when a review it rests on is void.
    put(office, &report, &texts()).await.expect(200);
    approve(&desk.chair, &report).await.expect(200);
    desk.note_conflict(left[0]).await;
    assert_eq!(desk.chair.read(&report).await.json["state"], "draft");
    approve(&desk.chair, &report).await.expect(200);

    // The chair adopts for all, and neither learns of nor approves what a wall hides.
    let named = consensus("As Mona Memberton said, it is sound.");
    put(&desk.chair, &desk.of(1, "consensus"), &named)
        .await
        .expect(200);
    put(office, &desk.of(2, "consensus"), &consensus("Agreed."))
        .await
        .expect(200);
    let lines = office.read(&desk.story.stage("consensus")).await.json;
    let number = |at: usize| {
        let id = desk.story.proposal(at);
        let mut of_it = lines["items"].as_array().unwrap().iter();
        let of_it = of_it.find(|one| one["proposal"] == id.as_str()).unwrap();
        of_it["number"].as_str().unwrap().to_owned()
    };
    let hidden = desk.adopt(&json!({})).await.expect(422);
    assert_eq!(hidden.faults(), ["/proposals not_yours_to_know"]);
    assert!(!hidden.json.to_string().contains(&number(2)));
    let walled = desk.of(2, "summary-report");
    put(office, &walled, &texts()).await.expect(200);
    approve(office, &walled).await.expect(200);
    let found = [
        format!("/proposals/{} no_review_released", number(0)),
        format!("/proposals/{}/comment identity_name", number(1)),
    ];
    let refused = desk.adopt(&json!({})).await.expect(409);
    assert_eq!(refused.faults(), found);
    desk.adopt(&despite).await.expect(200);

    // What the list rests on stays, whatever comes to light later, and nothing is released behind it.
    office
        .post(&release)
        .json(&despite)
        .send()
        .await
        .expect(409);
    let late = desk.reviews(office, 1).await.remove(0);
    desk.note_conflict(&late).await;
    let kept = desk.reviews(office, 1).await;
    assert!(kept.iter().all(|one| one["state"] == "released"));

    // Who applies and wears a role reads the own reviews as an applicant, and nothing of the panel's verdict.
    let bea = &desk.story.proposals[1].0;
    let (role, call) = (Role::CscRepresentative, Some(desk.story.call.as_str()));
    desk.story.app.grant(bea, role, call, Some("DE-BMBF")).await;
    let own = desk.story.proposal(1);
    for path in ["consensus", "ranking", "summary-reports"] {
        let seen = bea.read(&desk.story.stage(path)).await.json.to_string();
        assert!(!seen.contains(&own), "{path}: {seen}");
        assert!(seen.contains(&desk.story.proposal(0)), "{path}: {seen}");
    }
    let refused = bea.get(&desk.of(1, "consensus")).send().await;
    assert!([404, 409].contains(&refused.status), "{}", refused.status);
    let own = desk.reviews(bea, 1).await;
    assert_eq!(labels(&own), ["Reviewer 1", "Reviewer 2"]);

    let experts = format!("/calls/{}/experts", desk.story.call);
    let load = |list: Reply| list.json["items"][0]["max_load"].clone();
    assert_eq!(load(office.read(&experts).await), 5);
    assert_eq!(load(desk.story.committee.read(&experts).await), Value::Null);
}

#[tokio::test]
async fn who_may_read_is_searched_and_a_conflict_counts_in_every_role() {
    let story = Evaluation::begin().await;
    let office = &story.office;
    let person = |name: &str, organisation: &str, email: &str| {
        nomination(name, organisation, email, "remote_reviewer")
    };
    // The same person is nobody twice.
    let orcid = "0000-0002-1825-0097";
    let mut twice = [
        person("Ida Once", "North University", "ida@north.example"),
        person("I. Once", "North University", "once@north.example"),
    ];
    twice[0]["orcid"] = json!(orcid);
    twice[1]["orcid"] = json!(format!("https://orcid.org/{orcid}"));
    let experts = format!("/calls/{}/experts", story.call);
    let refused = office.post(&experts).json(&json!({ "experts": twice }));
    assert_eq!(
        refused.send().await.expect(422).faults(),
        ["/experts/1/orcid taken"]
    );

    // With the declaration content opens: a certain conflict closes it again at once.
    let wim = person("Wim Own", "institute  ADA 0", "w@west.example");
    story.ready(&[wim]).await;
    assert_eq!(
        story.conflicts().await,
        ["same_institution detected standing"]
    );

    // What Nora declared for a funder binds her as an expert, too.
    let reviewers = story.three().await;
    let nora = person("Nora Newcome", "Far University", "n@far.example");
    let nora = story.ready(&[nora]).await.remove(0);
    story
        .app
        .sql(&format!(
            "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
             values ('{}', '{}', '{}', 'My institute takes part')",
            nora.client.account.unwrap(),
            story.proposal(0),
            story.call
        ))
        .await;
    let assigned = story.assign(3).await.expect(200);
    let pairs = assigned.json["pairs"].as_array().unwrap();
    assert!(
        pairs
            .iter()
            .all(|pair| pair["name"] != "Nora Newcome" || pair["proposal"] != story.proposal(0))
    );
    let pair = json!({"proposal": story.proposal(0), "expert": nora.id});
    let refused = office.post(&story.stage("assignments")).json(&pair);
    let refused = refused.send().await.expect(409);
    assert_eq!(refused.code(), "conflict_of_interest");

    // Who declined the panel declares elsewhere.
    let dora = person("Dora Declines", "Dale University", "d@dale.example");
    let dora = story.invite(&[dora]).await.remove(0);
    let no = json!({"reason": "On leave"});
    let decline = format!("/experts/{}/decline", dora.id);
    dora.client
        .post(&decline)
        .json(&no)
        .send()
        .await
        .expect(200);
    let call = Some(story.call.as_str());
    story
        .app
        .grant(&dora.client, Role::Observer, call, None)
        .await;
    let own = format!("/calls/{}/own-conflicts", story.call);
    let conflict = json!({"proposal": story.proposal(1), "reason": "Friends"});
    let declared = dora.client.post(&own).json(&conflict).send().await;
    declared.expect(200);

    // What is to be written is a task with its day; what is replaced is told.
    let busy = reviewers.iter().find(|one| {
        let mut own = pairs
            .iter()
            .filter(|pair| pair["expert"] == one.id.as_str());
        own.any(|pair| pair["proposal"] == story.proposal(2))
    });
    let busy = busy.unwrap();
    let tasks = busy.client.read("/me/tasks").await.json;
    let tasks = tasks["items"].as_array().unwrap();
    let write = tasks.iter().filter(|one| one["kind"] == "write_review");
    assert_eq!(write.clone().count(), busy.reviews().await.len());
    assert!(write.clone().all(|one| one["due_at"].is_string()));
    assert!(tasks.iter().all(|one| one["kind"] != "declare_conflicts"));

    // Nobody writes on, or waits for, what was withdrawn.
    let (cyd, path) = &story.proposals[2];
    let now = cyd.read(path).await;
    let withdraw = cyd.post(&format!("{path}/withdraw")).etag(&now.etag);
    let reason = json!({"reason": "The group moves away"});
    withdraw.json(&reason).send().await.expect(200);
    let mine = busy.client.read("/me/reviews").await.json;
    let mut of_it = mine["items"].as_array().unwrap().iter();
    let of_it = of_it
        .find(|one| one["proposal"] == story.proposal(2))
        .unwrap();
    let late = busy.write(of_it["id"].as_str().unwrap(), "4.0").await;
    assert_eq!(late.expect(409).code(), "state_conflict");
    let progress = office.read(&story.stage("progress")).await.json;
    assert_eq!(progress["proposals"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn letters_do_not_go_past_a_wall_of_the_secretariat() {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let walled = world.id_of("P01").to_string();
    world.wall_off(&world.secretariat, "P01").await;
    let release = world.path("stages/2/letters/release");
    let dry = world.secretariat.post(&release).dry_run().send().await;
    let dry = dry.expect(200);
    let told: Vec<&Value> = dry.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["proposal"])
        .collect();
    assert!(!told.is_empty() && told.iter().all(|one| **one != walled.as_str()));
    let sent = world.secretariat.post(&release).send().await.expect(200);
    assert!(!sent.json.to_string().contains(&walled));
    world.app.tick().await;
    let letters = "select count(*) from sealed.letter";
    assert_ne!(
        world.app.value(letters).await,
        told.len().to_string(),
        "the walled one went out, too"
    );
}

#[tokio::test]
async fn what_ranks_a_proposal_is_read_by_nobody_with_a_conflict_about_it() {
    let world = World::ranked().await;
    let office = &world.secretariat;
    let scenario = json!({"name": "As it stands", "visibility": "shared"});
    let scenarios = world.path("scenarios");
    let make = |who: &Client, scenario: &Value| who.post(&scenarios).json(scenario);
    let made = make(office, &scenario).send().await.expect(201).id();
    let selection = world.propose().await;
    // The second in the office goes on where the first has a conflict.
    let second = world.app.person("Sam Substitute").await;
    let call = Some(world.call.as_str());
    let role = Role::Secretariat;
    world.app.grant(&second, role, call, None).await;
    world.wall_off(office, "P05").await;
    world.wall_off(&world.chair, "P05").await;
    let scenario_path = format!("/scenarios/{made}");
    let paths = [
        selection.clone(),
        format!("{selection}/lines/AA-ALPHA"),
        world.path("selection"),
        world.path("selection/outlook"),
        world.path("selection/sensitivity"),
        world.path("selection/what-if"),
        world.path(&format!("scenarios/compare?a={made}&b={made}")),
        scenario_path.clone(),
    ];
    for path in &paths {
        for apart in [office, &world.chair] {
            let refused = apart.get(path).send().await;
            assert_eq!(refused.code(), "conflict_of_interest", "{path}");
        }
        second.read(path).await;
    }
    // Nor is it made, proposed, amended or taken out.
    let propose = |who: &Client| who.post(&world.path("selection"));
    let again = json!({"name": "Once more", "visibility": "shared"});
    let whole = world.path("export");
    let refused = [
        make(office, &again).send().await,
        propose(office).send().await,
        office
            .post(&format!("{scenario_path}/propose"))
            .etag("*")
            .send()
            .await,
        office.delete(&scenario_path).etag("*").send().await,
        office.get(&whole).send().await,
    ];
    for reply in &refused {
        assert_eq!(reply.code(), "conflict_of_interest");
        assert!(!reply.json.to_string().contains("P05"));
    }
    make(&second, &again).send().await.expect(201);
    second.read(&whole).await;
    propose(&second).send().await.expect(201);
}
