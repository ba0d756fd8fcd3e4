//! A conflict of interest that comes to light after the applicants have read the reviews, or after the panel has agreed: the
//! stage goes on, and nobody's judgement stands on it without somebody having looked.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};

/// All reviews are released; two of four experts wrote on each proposal.
struct Story {
    story: Evaluation,
    experts: Vec<Reviewer>,
    chair: Reviewer,
    mona: Reviewer,
}

impl Story {
    async fn begin(rebuttal: bool) -> Story {
        let story = Evaluation::begin().await;
        if rebuttal {
            let rules = r#"{"days": 7, "max_words": 12, "limit_of": "each_part"}"#;
            let set = format!(
                "update call set rules = jsonb_set(rules, '{{stages,0,evaluation,rebuttal}}', '{rules}') where id = '{}'",
                story.call
            );
            story.app.sql(&set).await;
        }
        let mut experts = story.three().await;
        let of = |name: &str, place: &str, role: &str| {
            let email = format!("{}@{place}.example", &name[..1]).to_lowercase();
            nomination(name, &format!("{place} University"), &email, role)
        };
        let wim = [of("Wim West", "West", "remote_reviewer")];
        experts.extend(story.ready(&wim).await);
        story.assign(2).await.expect(200);
        let panel = [
            of("Carla Chairwoman", "Highland", "chair"),
            of("Mona Memberton", "Lowland", "panel_member"),
        ];
        let mut panel = story.ready(&panel).await;
        story.review_all(&experts).await;
        Story {
            mona: panel.remove(1),
            chair: panel.remove(0),
            experts,
            story,
        }
    }

    /// A path under a proposal.
    fn of(&self, at: usize, rest: &str) -> String {
        format!("{}/{rest}", self.story.proposals[at].1)
    }

    /// Those who have a review of the proposal, and those who have not.
    async fn reviewers(&self, at: usize) -> (Vec<&Reviewer>, Vec<&Reviewer>) {
        let path = self.story.stage("assignments");
        let list = self.story.office.read(&path).await.json;
        let id = self.story.proposal(at);
        let has = |one: &&Reviewer| {
            let mut pairs = list["items"].as_array().unwrap().iter();
            pairs.any(|pair| pair["proposal"] == id && pair["expert"] == one.id)
        };
        self.experts.iter().partition(has)
    }

    async fn note(&self, expert: &str, at: usize) {
        let conflict = json!({"expert": expert, "proposal": self.story.proposal(at), "reason": "They publish together"});
        let path = format!("/calls/{}/conflicts", self.story.call);
        let noted = self.story.office.post(&path).json(&conflict);
        noted.send().await.expect(201);
    }

    async fn assign(&self, expert: &Reviewer, at: usize) -> Reply {
        let pair = json!({"proposal": self.story.proposal(at), "expert": expert.id});
        let assign = self.story.office.post(&self.story.stage("assignments"));
        assign.json(&pair).send().await
    }

    /// The id of an expert's review of a proposal.
    async fn review(&self, expert: &Reviewer, at: usize) -> String {
        let mine = expert.client.read("/me/reviews").await.json;
        let id = self.story.proposal(at);
        let mut of_it = mine["items"].as_array().unwrap().iter();
        let of_it = of_it.find(|one| one["proposal"] == id).unwrap();
        of_it["id"].as_str().unwrap().to_owned()
    }

    async fn number(&self, at: usize) -> String {
        let query = format!(
            "select number from proposal where id = '{}'",
            self.story.proposal(at)
        );
        self.story.app.value(&query).await
    }

    /// What was found on a proposal.
    async fn found(&self, at: usize, code: &str) -> String {
        format!("/proposals/{} {code}", self.number(at).await)
    }

    async fn convene(&self, despite: bool) -> Reply {
        let meeting = json!({"meets_at": "2097-05-12T07:00:00Z", "place": "Berlin", "despite_findings": despite});
        put(&self.story.office, &self.story.stage("panel"), &meeting).await
    }

    async fn agree(&self, who: &Client, at: usize) -> Reply {
        let agreed = json!({"rating": "recommended", "comment": "Sound throughout.",
            "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"}});
        put(who, &self.of(at, "consensus"), &agreed).await
    }

    async fn adopt(&self, body: &Value, dry: bool) -> Reply {
        let now = self.chair.client.read(&self.story.stage("ranking")).await;
        let path = self.story.stage("ranking/adopt");
        let adopt = self.chair.client.post(&path).etag(&now.etag).json(body);
        match dry {
            true => adopt.dry_run().send().await,
            false => adopt.send().await,
        }
    }

    /// What the applicants read of the reviews.
    async fn told(&self, at: usize) -> Value {
        let ada = &self.story.proposals[at].0;
        ada.read(&self.of(at, "reviews")).await.json["items"].clone()
    }

    /// Lets the windows of all proposals end a second ago.
    async fn end(&self) {
        let end = "update sealed.rebuttal set opens_at = opens_at - interval '8 days',
                          closes_at = clock_timestamp() - interval '1 second'";
        self.story.app.sql(end).await;
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

async fn release_all(story: &Story) {
    let path = story.story.stage("reviews/release");
    let release = story.story.office.post(&path).json(&json!({}));
    release.send().await.expect(200);
}

/// The number of a task's kind in somebody's list.
async fn tasks(who: &Client, kind: &str) -> usize {
    let list = who.read("/me/tasks").await.json;
    let items = list["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == kind).count()
}

#[tokio::test]
async fn a_proposal_without_any_review_left_gets_another_and_holds_nobody_else_up() {
    let story = Story::begin(true).await;
    let (office, ada) = (&story.story.office, &story.story.proposals[0].0);
    let (had, free) = story.reviewers(0).await;
    let (first, second) = (free[0], free[1]);
    // The panel goes on with the reviews that there are.
    let refused = story.assign(first, 0).await.expect(409);
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.contains("released review"), "{detail}");
    for one in &had {
        story.note(&one.id, 0).await;
    }
    assert_eq!(tasks(office, "assign_again").await, 1);
    story.end().await;
    let missing = story.convene(false).await.expect(409);
    let found = story.found(0, "no_review_released").await;
    assert_eq!(missing.faults(), [found]);
    let remedy = missing.json["errors"][0]["detail"].as_str().unwrap();
    assert!(remedy.contains("/assignments"), "{remedy}");

    // Another writes, is late, and is replaced by one more.
    story.assign(first, 0).await.expect(201);
    assert_eq!(tasks(office, "assign_again").await, 0);
    let waiting = tasks(&first.client, "write_review").await;
    assert_eq!(waiting, 1);
    let review = story.review(first, 0).await;
    let replacement = json!({"expert": second.id, "reason": "On leave"});
    let replace = office.post(&format!("/reviews/{review}/replace"));
    replace.json(&replacement).send().await.expect(200);
    let open = story.convene(false).await.expect(409);
    assert_eq!(open.faults(), [story.found(0, "review_open").await]);
    story.convene(true).await.expect(200);
    let early = story.agree(office, 0).await.expect(422);
    assert_eq!(early.faults(), [" no_review_released"]);
    for at in [1, 2] {
        story.agree(office, at).await.expect(200);
    }

    // The secretariat says until when; the applicants learn of it when they are asked to reply to it.
    let review = story.review(second, 0).await;
    let due = json!({"due_at": "2097-04-01T12:00:00Z", "reviews": [review]});
    let due = office.post(&story.story.stage("reviews/due")).json(&due);
    due.send().await.expect(200);
    let own = story.of(0, "rebuttal");
    let before = (story.told(0).await, ada.read(&own).await.json);
    second.write(&review, "4.0").await.expect(200);
    second.submit(&review).await.expect(200);
    assert_eq!(tasks(office, "release_reviews").await, 1);
    let release = office.post(&format!("/reviews/{review}/release")).etag("*");
    release.json(&json!({})).send().await.expect(200);
    assert_eq!(story.told(0).await, before.0);
    assert_eq!(ada.read(&own).await.json, before.1);
    ada.get(&format!("/reviews/{review}"))
        .send()
        .await
        .expect(404);

    let until = story.story.in_days(5).await;
    let now = office.read(&own).await;
    let more = json!({ "until": until, "reason": "A further review" });
    let reopen = office.post(&format!("{own}/reopen")).etag(&now.etag);
    reopen.json(&more).send().await.expect(200);
    let count = |view: &Value| view.as_array().unwrap().len();
    let (told, seen) = (story.told(0).await, ada.read(&own).await.json);
    assert_eq!(count(&told), count(&before.0) + 1);
    assert_eq!(count(&seen["reviews"]), count(&before.1["reviews"]) + 1);
    story.agree(office, 0).await.expect(409);
    let waits = story.adopt(&json!({}), true).await.expect(409);
    assert!(
        waits.json["detail"]
            .as_str()
            .unwrap()
            .contains("Time was given again")
    );
    story.end().await;
    story.agree(office, 0).await.expect(200);
    story.adopt(&json!({}), false).await.expect(200);
}

#[tokio::test]
async fn at_the_panel_a_void_review_is_written_by_somebody_else() {
    let story = Story::begin(false).await;
    let office = &story.story.office;
    story.convene(false).await.expect(200);
    let (had, free) = story.reviewers(0).await;
    story.note(&had[0].id, 0).await;
    story.assign(free[0], 0).await.expect(409);
    story.note(&had[1].id, 0).await;
    let refused = story.agree(office, 0).await.expect(422);
    assert_eq!(refused.faults(), [" no_review_released"]);
    let remedy = refused.json["errors"][0]["detail"].as_str().unwrap();
    assert!(remedy.contains("/assignments"), "{remedy}");
    story.assign(free[0], 0).await.expect(201);
    let before = story.told(0).await;
    let review = story.review(free[0], 0).await;
    free[0].write(&review, "4.0").await.expect(200);
    free[0].submit(&review).await.expect(200);
    release_all(&story).await;
    assert_eq!(story.told(0).await, before, "their letter tells them");
    // Of one that ends before the letter they are never told, nor is who reads what they were told.
    story.note(&free[0].id, 0).await;
    story.assign(free[1], 0).await.expect(201);
    let review = story.review(free[1], 0).await;
    free[1].write(&review, "4.0").await.expect(200);
    free[1].submit(&review).await.expect(200);
    release_all(&story).await;
    for at in 0..3 {
        story.agree(office, at).await.expect(200);
    }
    story.adopt(&json!({}), false).await.expect(200);
    let committee = &story.story.committee;
    let told = committee.read(&story.of(0, "reviews")).await.json;
    let count = |list: &Value| list.as_array().unwrap().len();
    assert_eq!(count(&told["items"]), count(&before) + 1);
}

#[tokio::test]
async fn what_was_agreed_before_a_conflict_was_found_is_looked_at_again() {
    let story = Story::begin(false).await;
    let office = &story.story.office;
    story.convene(false).await.expect(200);
    for at in 0..3 {
        story.agree(office, at).await.expect(200);
    }
    story.adopt(&json!({}), true).await.expect(200);

    // One of two reviews of the first is void now, and a member of the panel turns out to be a cousin at the second.
    let (had, free) = story.reviewers(0).await;
    story.note(&had[0].id, 0).await;
    let cousin = json!([{"proposal": story.story.proposal(1), "reason": "Cousins"}]);
    story.mona.declare(&cousin).await.expect(200);
    // Who had no part in it changes nothing.
    story.note(&free[0].id, 0).await;
    let found = [
        story.found(0, "conflict_since_consensus").await,
        story.found(1, "conflict_since_consensus").await,
    ];
    let refused = story.adopt(&json!({}), false).await.expect(409);
    assert_eq!(refused.faults(), found);
    let despite = json!({"despite_findings": true});
    story.adopt(&despite, true).await.expect(200);
    let since = async |who: &Client, at: usize| {
        let line = who.read(&story.of(at, "consensus")).await.json;
        line["consensus"]["conflict_since"].clone()
    };
    assert_eq!(since(office, 0).await, true);
    assert_eq!(since(office, 2).await, false);
    assert_eq!(since(&story.chair.client, 0).await, false);

    // The panel agrees anew, or stands by it.
    story.agree(&story.chair.client, 0).await.expect(200);
    assert_eq!(since(office, 0).await, false);
    let left = story.adopt(&json!({}), false).await.expect(409);
    assert_eq!(left.faults(), found[1..]);
    story.adopt(&despite, false).await.expect(200);
}

#[tokio::test]
async fn a_chair_with_a_conflict_does_not_stand_by_what_it_agreed_on() {
    let story = Story::begin(false).await;
    let (office, chair) = (&story.story.office, &story.chair.client);
    story.convene(false).await.expect(200);
    for at in 0..3 {
        story.agree(chair, at).await.expect(200);
    }
    story.note(&story.chair.id, 0).await;
    let report = story.of(0, "summary-report");
    let texts = json!({"comments": {"excellence": "Clear aims.", "impact": "Near.", "implementation": "Tight."}});
    put(office, &report, &texts).await.expect(200);
    approve(office, &report).await.expect(200);
    for body in [json!({}), json!({"despite_findings": true})] {
        let refused = story.adopt(&body, false).await.expect(422);
        assert_eq!(refused.faults(), ["/proposals not_yours_to_know"]);
    }
    story.agree(office, 0).await.expect(200);
    approve(office, &report).await.expect(200);
    story.adopt(&json!({}), false).await.expect(200);
}

#[tokio::test]
async fn members_of_the_panel_read_what_is_written_anew_when_all_of_it_is_released() {
    let story = Story::begin(true).await;
    let (had, free) = story.reviewers(0).await;
    for one in &had {
        story.note(&one.id, 0).await;
    }
    story.end().await;
    for one in &free {
        story.assign(one, 0).await.expect(201);
    }
    story.convene(true).await.expect(200);
    let own = story.of(0, "rebuttal");
    let read = async |who: &Reviewer| {
        let seen = who.client.read(&own).await.json;
        seen["reviews"].as_array().unwrap().len()
    };
    for (at, one) in free.iter().enumerate() {
        let review = story.review(one, 0).await;
        one.write(&review, "4.0").await.expect(200);
        one.submit(&review).await.expect(200);
        release_all(&story).await;
        let all = at + 1 == free.len();
        let of_mona = if all { free.len() } else { 0 };
        assert_eq!(read(&story.mona).await, of_mona);
        assert_eq!(read(&story.chair).await, at + 1);
    }
}
