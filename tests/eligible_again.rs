//! Redress on eligibility: what was found ineligible is eligible again, reviewed and judged by the same rules as all
//! others, and comes to the money that is left.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply};
use uuid::Uuid;

#[path = "commitment/world.rs"]
mod world;

use world::World;

struct Story {
    world: World,
    panel_chair: Client,
    expert: Client,
    /// The expert's row.
    expert_id: Uuid,
    /// The request for redress, upheld or to be so.
    redress: String,
}

impl Story {
    /// P11 did not pass the formal check, and its letter says so.
    async fn told() -> Story {
        let mut world = World::ranked().await;
        world.proposal("P11", "ineligible", None, &[100]).await;
        let row = world.proposals.last().unwrap().2;
        world
            .app
            .sql(&format!(
                "update formal_check set verdict = 'ineligible', reason = 'It came late' where proposal_stage_id = '{row}';
                 update sealed.outcome set condition = 'the proposal did not pass the formal check' where proposal_stage_id = '{row}'"
            ))
            .await;
        let selection = world.confirmed().await;
        world.accept(&selection, 0..4).await;
        let panel_chair = world.app.person("Pam Panelchair").await;
        let call = Some(world.call.as_str());
        world
            .app
            .grant(&panel_chair, Role::PanelChair, call, None)
            .await;
        let expert = world.app.person("Eva Young").await;
        let expert_id = kernel::id::new();
        world
            .app
            .sql(&format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 values ('{expert_id}', '{}', '{}', 'eva@elsewhere.example', 'Eva Young', 'Elsewhere', 'contracted',
                         'remote_reviewer', 5, clock_timestamp(), '{{2}}')",
                world.call,
                expert.account.unwrap()
            ))
            .await;
        let release = world.path("stages/2/letters/release");
        world.secretariat.post(&release).send().await.expect(200);
        let mut story = Story {
            world,
            panel_chair,
            expert,
            expert_id,
            redress: String::new(),
        };
        let filed = story.world.coordinator.post(&format!(
            "/proposals/{}/stages/2/redress",
            story.world.id_of("P11")
        ));
        let reasons = json!({ "ground": "rules_not_followed", "reasons": "It came in time" });
        let filed = filed.json(&reasons).send().await.expect(201);
        story.redress = format!("/redress/{}", filed.id());
        story
    }

    async fn act(&self, who: &Client, deed: &str, input: &Value) -> Reply {
        let post = who.post(&format!("{}/{deed}", self.redress)).etag("*");
        post.json(input).send().await
    }

    async fn upheld(&self) {
        let world = &self.world;
        let because = "Young clocks run fast";
        for (who, deed, mut input) in [
            (
                &world.secretariat,
                "check",
                json!({ "admissible": true, "because": "On the procedure" }),
            ),
            (
                &world.observer,
                "examine",
                json!({ "followed": false, "finding": "The server's log says so" }),
            ),
            (
                &world.chair,
                "decide",
                json!({ "upheld": true, "because": because }),
            ),
        ] {
            if deed == "decide" {
                // A surname may be an ordinary word, and who says so is believed.
                let named = self.act(who, deed, &input).await.expect(422);
                assert_eq!(named.faults(), ["/because names_an_expert"]);
                input["despite_names"] = json!("The age of a clock");
            }
            self.act(who, deed, &input).await.expect(200);
        }
    }

    async fn check_again(&self) -> Reply {
        let path = format!("/proposals/{}/formal-check", self.world.id_of("P11"));
        let input = json!({ "verdict": "eligible", "reason": "Redress was upheld" });
        let put = self.world.secretariat.put(&path).etag("*");
        put.json(&input).send().await
    }

    async fn assign(&self) -> Reply {
        let path = self.world.path("stages/2/assignments");
        let pair = json!({ "proposal": self.world.id_of("P11"), "expert": self.expert_id });
        self.world.secretariat.post(&path).json(&pair).send().await
    }

    async fn state(&self) -> String {
        let query = "select format('%s %s', o.state, o.released_state) from proposal p
                     join proposal_stage s on s.proposal_id = p.id
                     join sealed.outcome o on o.proposal_stage_id = s.id where p.number = 'P11'";
        self.world.app.value(query).await
    }
}

fn sound() -> Value {
    json!({ "scores": { "excellence": "4.0", "impact": "4.0", "implementation": "4.0" },
            "rating": "recommended", "comment": "It is sound." })
}

#[tokio::test]
async fn what_is_eligible_again_is_reviewed_ranked_and_funded_from_what_is_left() {
    let story = Story::told().await;
    let world = &story.world;
    // What a letter has told is revised by redress alone.
    assert_eq!(
        story.check_again().await.expect(409).code(),
        "state_conflict"
    );
    story.assign().await.expect(409);
    story.upheld().await;
    let early = story.act(&story.panel_chair, "reevaluate", &sound()).await;
    early.expect(409);
    assert_eq!(
        story.assign().await.expect(422).faults(),
        ["/proposal unknown_proposal"]
    );
    story.check_again().await.expect(200);
    assert_eq!(story.state().await, "eligible ineligible");
    let early = story.act(&story.panel_chair, "reevaluate", &sound()).await;
    assert_eq!(early.expect(422).faults(), [" no_review_released"]);

    reviewed(&story).await;

    let judged = story.act(&story.panel_chair, "reevaluate", &sound()).await;
    let judged = judged.expect(200).json;
    assert_eq!(judged["inside"]["ranking_list"], json!(2));
    story
        .act(&story.panel_chair, "reevaluate", &sound())
        .await
        .expect(409);
    let letters = format!("/proposals/{}/letters", world.id_of("P11"));
    let count = |letters: &Value| letters["items"].as_array().unwrap().len();
    assert_eq!(count(&world.coordinator.read(&letters).await.json), 1);
    let letter = story.act(&world.secretariat, "settle", &json!({})).await;
    assert_eq!(letter.expect(200).json["outcome"], "reserve");
    assert_eq!(story.state().await, "reserve reserve");
    let told = world.coordinator.read(&letters).await.json;
    assert_eq!(told["items"][1]["outcome"], "reserve");

    let first = world.path("selection");
    let first = world.secretariat.read(&first).await.id();
    let amend = world
        .secretariat
        .post(&format!("/selections/{first}/amend"));
    let cause = json!({ "cause": "redress", "reason": "P11 is ranked" });
    let amended = amend.etag("*").json(&cause).send().await.expect(201).json;
    assert_eq!(amended["difference"]["gained"], json!(["P11"]));
}

/// One review, written after the ranking and read by no applicant before the letter that settles the request.
async fn reviewed(story: &Story) {
    let world = &story.world;
    let assigned = story.assign().await.expect(201).json;
    let reviews: Vec<&Value> = assigned["items"].as_array().unwrap().iter().collect();
    let review = format!("/reviews/{}", reviews[0]["review"].as_str().unwrap());
    let mark = |comment: &str| json!({ "score": "4.0", "comment": comment });
    let written = json!({ "scores": {
        "excellence": mark("The idea goes well beyond what others do."),
        "impact": mark("Patients would have much of it."),
        "implementation": mark("The plan is sound and within reach.") } });
    let put = story.expert.put(&review).etag("*").json(&written);
    put.send().await.expect(200);
    let submit = story.expert.post(&format!("{review}/submit")).etag("*");
    submit.send().await.expect(200);
    let release = world
        .secretariat
        .post(&format!("{review}/release"))
        .etag("*");
    let release = release.json(&json!({ "despite_findings": true }));
    release.send().await.expect(200);
    world.coordinator.get(&review).send().await.expect(404);
    let own = format!("/proposals/{}/reviews?stage=2", world.id_of("P11"));
    let own = world.coordinator.read(&own).await.json;
    assert_eq!(own["items"], json!([]));
}

/// How many things of a kind wait for somebody.
async fn tasks(who: &Client, kind: &str) -> i64 {
    let list = who.read("/me/tasks").await;
    let items = list.json["items"].as_array().unwrap().iter();
    let counts = items.filter(|item| item["kind"] == kind);
    counts.map(|item| item["count"].as_i64().unwrap()).sum()
}

/// How many mails told the expert of reviews that wait.
async fn reminders(story: &Story) -> usize {
    let mails = story.world.app.mails().await;
    let own = mails
        .iter()
        .filter(|mail| mail.to == ["eva@elsewhere.example"]);
    own.filter(|mail| mail.subject().contains("Reviews that wait"))
        .count()
}

#[tokio::test]
async fn judging_anew_waits_on_the_desks_of_all_who_take_part_in_it() {
    let story = Story::told().await;
    let world = &story.world;
    let office = &world.secretariat;
    let due = world.path("stages/2/reviews/due");
    let later = json!({ "due_at": "2097-03-01T12:00:00Z" });
    office.post(&due).json(&later).send().await.expect(409);
    story.upheld().await;
    assert_eq!(tasks(&story.panel_chair, "judge_again").await, 0);
    story.check_again().await.expect(200);
    assert_eq!(tasks(&story.panel_chair, "judge_again").await, 1);
    assert_eq!(tasks(office, "judge_again").await, 0);

    let assigned = story.assign().await.expect(201).json;
    assert_eq!(tasks(&story.expert, "write_review").await, 1);
    office.post(&due).json(&later).send().await.expect(200);
    assert_eq!(reminders(&story).await, 1);
    world
        .app
        .sql(
            "update sealed.review set assigned_at = clock_timestamp() - interval '24 days',
                    reminded_at = clock_timestamp() - interval '3 days', due_at = clock_timestamp() + interval '4 days'",
        )
        .await;
    for _ in 0..2 {
        world.app.tick().await;
        assert_eq!(reminders(&story).await, 2);
    }
    let review = assigned["items"][0]["review"].as_str().unwrap();
    let path = format!("/reviews/{review}");
    let mark = |comment: &str| json!({ "score": "4.0", "comment": comment });
    let written = json!({ "scores": {
        "excellence": mark("The idea goes well beyond what others do."),
        "impact": mark("Patients would have much of it."),
        "implementation": mark("The plan is sound and within reach.") } });
    let put = story.expert.put(&path).etag("*").json(&written);
    put.send().await.expect(200);
    assert_eq!(tasks(office, "release_reviews").await, 0);
    let submit = story.expert.post(&format!("{path}/submit")).etag("*");
    submit.send().await.expect(200);
    assert_eq!(tasks(&story.expert, "write_review").await, 0);
    assert_eq!(tasks(office, "release_reviews").await, 1);
    let release = office.post(&world.path("stages/2/reviews/release"));
    let release = release.json(&json!({ "despite_findings": true }));
    let released = release.send().await.expect(200).json;
    assert_eq!(released["reviews"], json!([review]));
    assert_eq!(tasks(office, "release_reviews").await, 0);

    // Whom a conflict of interest keeps from it hears who does it instead.
    let early = story.act(office, "reevaluate", &sound()).await.expect(403);
    let detail = early.json["detail"].to_string();
    assert!(detail.contains("every chair has a conflict"), "{detail}");
    let conflict = json!({ "proposal": world.id_of("P11"), "account": story.panel_chair.account.unwrap(),
        "reason": "Her brother works there" });
    let note = office.post(&world.path("own-conflicts")).json(&conflict);
    note.send().await.expect(200);
    let walled = story.act(&story.panel_chair, "reevaluate", &sound()).await;
    let walled = walled.expect(409);
    assert_eq!(walled.code(), "conflict_of_interest");
    let detail = walled.json["detail"].to_string();
    assert!(detail.contains("or the secretariat"), "{detail}");
    assert_eq!(tasks(&story.panel_chair, "judge_again").await, 0);
    assert_eq!(tasks(office, "judge_again").await, 1);
    let judged = story.act(office, "reevaluate", &sound()).await;
    judged.expect(200);
    assert_eq!(tasks(office, "judge_again").await, 0);
    assert_eq!(tasks(office, "settle_redress").await, 1);
    story.act(office, "settle", &json!({})).await.expect(200);
    assert_eq!(tasks(office, "settle_redress").await, 0);
}

#[tokio::test]
async fn nobody_acts_on_the_own_request_whatever_role_is_worn() {
    let story = Story::told().await;
    let world = &story.world;
    let call = Some(world.call.as_str());
    let app = &world.app;
    app.grant(&world.coordinator, Role::Secretariat, call, None)
        .await;
    let admissible = json!({ "admissible": true, "because": "On the procedure" });
    let own = story.act(&world.coordinator, "check", &admissible).await;
    assert_eq!(own.expect(409).code(), "conflict_of_interest");
    let check = story.act(&world.secretariat, "check", &admissible).await;
    check.expect(200);
}
