//! Redress after the letters: on the procedure alone, looked into by the observer, decided by the committee's chair,
//! and judged again without anybody's name.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, Reply};

#[path = "commitment/world.rs"]
mod world;

use world::World;

struct Story {
    world: World,
    panel_chair: Client,
    member: Client,
}

impl Story {
    /// Full proposals whose letters are out: P11 is not funded, P03 in reserve, P01 selected.
    async fn told() -> Story {
        let mut story = Story::people(World::ranked().await).await;
        let weak = json!({ "total": 950, "rating": "not_recommended" });
        story
            .world
            .proposal("P11", "not_recommended", Some(weak), &[100])
            .await;
        let world = &story.world;
        let selection = world.confirmed().await;
        world.accept(&selection, 0..4).await;
        story.refused_before_the_letters().await;
        story.release(2).await;
        story
    }

    async fn people(world: World) -> Story {
        let panel_chair = world.app.person("Pam Panelchair").await;
        let member = world.app.person("Max Member").await;
        let call = Some(world.call.as_str());
        let app = &world.app;
        app.grant(&panel_chair, Role::PanelChair, call, None).await;
        app.grant(&member, Role::CscRepresentative, call, Some("AA-ALPHA"))
            .await;
        let call = &world.call;
        app.sql(&format!(
            "insert into sealed.expert (id, call_id, email, name, organisation, state, role, max_load)
             values ('{call}', '{call}', 'eva@example.org', 'Eva Examiner', 'Institute', 'approved', 'remote_reviewer', 5)"
        ))
        .await;
        Story {
            world,
            panel_chair,
            member,
        }
    }

    async fn refused_before_the_letters(&self) {
        let early = self.file(&self.world.coordinator, "P11", &usual()).await;
        assert!(
            early.expect(409).json["detail"]
                .to_string()
                .contains("letters")
        );
    }

    async fn release(&self, stage: i32) {
        let path = self.world.path(&format!("stages/{stage}/letters/release"));
        let released = self.world.secretariat.post(&path).send().await.expect(200);
        let items = released.json["items"].as_array().unwrap().iter();
        let offered = items.filter(|one| one["body"].to_string().contains("Grounds for redress:"));
        assert!(offered.count() > 0);
    }

    async fn file(&self, who: &Client, code: &str, input: &Value) -> Reply {
        let path = format!(
            "/proposals/{}/stages/{}/redress",
            self.world.id_of(code),
            self.world.number
        );
        who.post(&path).json(input).send().await
    }

    async fn filed(&self, code: &str) -> String {
        let filed = self.file(&self.world.coordinator, code, &usual()).await;
        format!("/redress/{}", filed.expect(201).id())
    }

    async fn act(&self, who: &Client, path: &str, deed: &str, input: &Value) -> Reply {
        let post = who.post(&format!("{path}/{deed}")).etag("*");
        post.json(input).send().await
    }

    /// Filed, admissible, examined and upheld.
    async fn upheld(&self, code: &str) -> String {
        let path = self.filed(code).await;
        for (who, deed, input) in [
            (&self.world.secretariat, "check", admissible(true)),
            (&self.world.observer, "examine", finding()),
            (&self.world.chair, "decide", decision(true)),
        ] {
            self.act(who, &path, deed, &input).await.expect(200);
        }
        path
    }

    /// What the coordinator sees.
    async fn seen(&self, path: &str) -> Value {
        self.world.coordinator.read(path).await.json
    }
}

fn usual() -> Value {
    json!({ "ground": "rules_not_followed", "reasons": "Two reviews instead of three" })
}

fn admissible(admissible: bool) -> Value {
    json!({ "admissible": admissible, "because": "On the procedure" })
}

fn finding() -> Value {
    json!({ "followed": false, "finding": "Examiner wrote one of two reviews" })
}

fn decision(upheld: bool) -> Value {
    json!({ "upheld": upheld, "because": "Written procedure of 3 May" })
}

fn sound() -> Value {
    json!({ "scores": { "excellence": "4.0", "impact": "4.0", "implementation": "4.0" },
            "rating": "recommended", "comment": "With a third review it is sound." })
}

#[tokio::test]
async fn what_is_upheld_is_judged_again_and_told_without_a_name() {
    let story = Story::told().await;
    let world = &story.world;
    let wrong = json!({ "ground": "score_too_low", "reasons": " " });
    let wrong = story.file(&world.coordinator, "P11", &wrong).await;
    assert_eq!(
        wrong.expect(422).faults(),
        ["/ground ground_unknown", "/reasons required"]
    );
    let selected = story.file(&world.coordinator, "P01", &usual()).await;
    selected.expect(409);
    let stranger = world.app.person("Stranger").await;
    story.file(&stranger, "P11", &usual()).await.expect(404);
    story
        .file(&world.secretariat, "P11", &usual())
        .await
        .expect(403);

    let path = story.filed("P11").await;
    story
        .file(&world.coordinator, "P11", &usual())
        .await
        .expect(409);
    let own = story.seen(&path).await;
    assert_eq!(
        (&own["state"], &own["inside"]),
        (&json!("received"), &Value::Null)
    );
    stranger.get(&path).send().await.expect(404);
    world.signatories[0].get(&path).send().await.expect(404);
    let tasks = world.secretariat.read("/me/tasks").await.json.to_string();
    assert!(tasks.contains("check_redress"), "{tasks}");

    // Nobody decides before the observer has looked, and no text for the coordinator names an expert.
    let early = story
        .act(&world.chair, &path, "decide", &decision(true))
        .await;
    early.expect(409);
    let naming = json!({ "admissible": true, "because": "Eva Examiner was late" });
    let naming = story
        .act(&world.secretariat, &path, "check", &naming)
        .await
        .expect(422);
    assert_eq!(naming.faults(), ["/because names_an_expert"]);
    let check = world.secretariat.post(&format!("{path}/check"));
    check.json(&admissible(true)).send().await.expect(428);
    story
        .act(&world.chair, &path, "check", &admissible(true))
        .await
        .expect(403);
    story
        .act(&world.secretariat, &path, "check", &admissible(true))
        .await
        .expect(200);
    story
        .act(&world.secretariat, &path, "examine", &finding())
        .await
        .expect(403);
    let examined = story
        .act(&world.observer, &path, "examine", &finding())
        .await;
    assert_eq!(examined.expect(200).json["state"], "examined");
    let own = story.seen(&path).await;
    assert_eq!(
        (&own["state"], &own["inside"]),
        (&json!("admissible"), &Value::Null)
    );
    let inside = story.member.read(&path).await.json;
    assert_eq!(inside["inside"]["followed"], json!(false));
    story
        .act(&world.chair, &path, "decide", &decision(true))
        .await
        .expect(200);

    judged_again(&story, &path).await;
    settled(&story, &path).await;
}

#[tokio::test]
async fn no_text_names_who_chaired_the_panel_or_where_an_expert_worked() {
    let story = Story::told().await;
    let world = &story.world;
    let past = r#"[{"organisation": "Old Harbour Hospital", "to": "2020-01-31"}]"#;
    let sql = format!("update sealed.expert set affiliations = '{past}'");
    world.app.sql(&sql).await;
    let path = story.filed("P11").await;
    let check = async |because: &str, despite: &str| {
        let input = json!({ "admissible": true, "because": because, "despite_names": despite });
        story.act(&world.secretariat, &path, "check", &input).await
    };
    // A whole name is no ordinary word, nor is it one when the role has ended.
    let named = "As Pam Panelchair says, it is on the procedure";
    let refused = check(named, "A word").await.expect(422);
    assert_eq!(refused.faults(), ["/because names_an_expert"]);
    let list = world.secretariat.read(&world.path("roles")).await.json;
    let mut items = list["items"].as_array().unwrap().iter();
    let chairs = items.find(|one| one["name"] == "Pam Panelchair").unwrap();
    let role = format!("/roles/{}", chairs["id"].as_str().unwrap());
    let left = json!({ "reason": "Left the house" });
    let end = world.secretariat.delete(&role).json(&left);
    end.send().await.expect(200);
    check(named, "").await.expect(422);
    // Where an expert worked gives somebody away; unless it is an institution of the applicants.
    let worked = "The trial at Old Harbour Hospital was judged by its size";
    check(worked, "").await.expect(422);
    check(worked, "The trial is the applicants'")
        .await
        .expect(200);
}

async fn judged_again(story: &Story, path: &str) {
    let world = &story.world;
    story
        .act(&world.secretariat, path, "reevaluate", &sound())
        .await
        .expect(403);
    let mut short = sound();
    short["scores"]["impact"] = json!("9.0");
    let short = story
        .act(&story.panel_chair, path, "reevaluate", &short)
        .await;
    assert_eq!(
        short.expect(422).faults(),
        ["/scores/impact score_off_scale"]
    );
    let judged = story
        .act(&story.panel_chair, path, "reevaluate", &sound())
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&judged["state"], &judged["inside"]["ranking_list"]),
        (&json!("reevaluated"), &json!(2))
    );
    assert_eq!(story.seen(path).await["state"], "upheld");
    // Until it is settled it cannot be funded, and so nothing is amended.
    let decided = world.secretariat.read(&world.path("selection")).await.id();
    let amend = world
        .secretariat
        .post(&format!("/selections/{decided}/amend"));
    let cause = json!({ "cause": "redress", "reason": "P11 is ranked" });
    let early = amend.etag("*").json(&cause).send().await.expect(409);
    assert!(
        early.json["detail"]
            .to_string()
            .contains("judged P11 again")
    );
    let list = world.chair.read(&world.path("stages/2/ranking")).await.json;
    assert_eq!(list["number"], 2);
    let numbers: Vec<&Value> = list["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["number"])
        .collect();
    assert!(numbers.contains(&&json!("P11")), "{numbers:?}");
    let kept = "select string_agg(state, ' ' order by number) from sealed.ranking_list";
    assert_eq!(world.app.value(kept).await, "revised adopted");
    let before = "select consensus_before ->> 'total' from sealed.redress";
    assert_eq!(world.app.value(before).await, "9.5");
}

async fn settled(story: &Story, path: &str) {
    let world = &story.world;
    let letters = format!("/proposals/{}/letters", world.id_of("P11"));
    let invited = json!({ "invited": true });
    let invited = story
        .act(&world.secretariat, path, "settle", &invited)
        .await;
    assert_eq!(invited.expect(422).faults(), ["/invited invited"]);
    let remark = json!({ "remark": "We regret the mistake." });
    let dry = world.secretariat.post(&format!("{path}/settle")).etag("*");
    let preview = dry.dry_run().json(&remark).send().await.expect(200).json;
    let count = |letters: &Value| letters["items"].as_array().unwrap().len();
    let report = format!("/proposals/{}/summary-report", world.id_of("P11"));
    let none = world.coordinator.get(&report).send().await;
    none.expect(404);
    assert_eq!(count(&world.coordinator.read(&letters).await.json), 1);
    story
        .act(&world.secretariat, path, "settle", &remark)
        .await
        .expect(200);
    let told = world.coordinator.read(&letters).await.json;
    assert_eq!(count(&told), 2);
    // What is read of the evaluation from now on is what the letter says.
    let report = world.coordinator.read(&report).await.json;
    assert_eq!(report["report"]["total"], "12.0", "{report}");
    let letter = &told["items"][1];
    assert_eq!(
        (&letter["outcome"], &letter["body"]),
        (&json!("reserve"), &preview["body"])
    );
    let body = letter["body"].as_str().unwrap();
    for part in [
        "The procedure of the call text was not followed",
        "Total: 12.0",
        "insufficient budget",
        "We regret the mistake.",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(
        !body.contains("Examiner") && !body.contains("AA-ALPHA"),
        "{body}"
    );
    assert_eq!(story.seen(path).await["state"], "settled");
    let outcome = "select released_state from sealed.outcome o join proposal_stage s on s.id = o.proposal_stage_id
                   join proposal p on p.id = s.proposal_id where p.number = 'P11'";
    assert_eq!(world.app.value(outcome).await, "reserve");
    let mails = world.app.mails().await;
    let told: Vec<String> = mails
        .iter()
        .map(|mail| mail.subject())
        .filter(|subject| subject.contains("Redress on P11"))
        .collect();
    for step in [
        "to be checked",
        "to be examined",
        "to be decided",
        "to be judged again",
        "to be settled",
        "P11: upheld",
        "P11: settled",
    ] {
        let said = told.iter().filter(|subject| subject.ends_with(step));
        assert_eq!(said.count(), 1, "{step}: {told:?}");
    }
}

#[tokio::test]
async fn what_is_not_upheld_ends_there_and_conflicts_see_nothing() {
    let story = Story::told().await;
    let world = &story.world;
    let (dismissed, rejected) = (story.filed("P03").await, story.filed("P07").await);
    story
        .act(&world.secretariat, &dismissed, "check", &admissible(false))
        .await
        .expect(200);
    story
        .act(&world.observer, &dismissed, "examine", &finding())
        .await
        .expect(409);
    for (who, deed, input) in [
        (&world.secretariat, "check", admissible(true)),
        (&world.observer, "examine", finding()),
        (&world.chair, "decide", decision(false)),
    ] {
        story.act(who, &rejected, deed, &input).await.expect(200);
    }
    story
        .act(&story.panel_chair, &rejected, "reevaluate", &sound())
        .await
        .expect(409);
    let own = story.seen(&rejected).await;
    assert_eq!(own["state"], "rejected");
    assert_eq!(own["decided_because"], "Written procedure of 3 May");
    assert!(!own.to_string().contains("Examiner"), "{own}");

    let list = world.path("redress");
    let count = |list: &Value| list["items"].as_array().unwrap().len();
    assert_eq!(count(&story.member.read(&list).await.json), 2);
    world.coordinator.get(&list).send().await.expect(403);
    let (account, proposal) = (world.secretariat.account.unwrap(), world.id_of("P03"));
    world
        .app
        .sql(&format!(
            "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
             values ('{account}', '{proposal}', '{}', 'Friends')",
            world.call
        ))
        .await;
    assert_eq!(count(&world.secretariat.read(&list).await.json), 1);
    let apart = world.secretariat.get(&dismissed).send().await;
    assert_eq!(apart.code(), "conflict_of_interest");
}

#[tokio::test]
async fn redress_comes_in_the_window_that_the_letter_names() {
    let story = Story::told().await;
    let world = &story.world;
    world.app.broken_on_purpose("the letters are dated back");
    world
        .app
        .sql(
            "alter table sealed.letter disable trigger user;
             update sealed.letter set released_at = released_at - interval '16 days';
             alter table sealed.letter enable trigger user",
        )
        .await;
    let late = story.file(&world.coordinator, "P11", &usual()).await;
    assert_eq!(late.expect(409).code(), "deadline_passed");
    let longer = "update call set rules = jsonb_set(rules, '{stages,1,redress}', '{\"days\": 30}')";
    world.app.sql(longer).await;
    let filed = story.file(&world.coordinator, "P11", &usual()).await;
    filed.expect(201);
}

#[tokio::test]
async fn what_cannot_change_the_outcome_is_settled_as_it_is() {
    let story = Story::told().await;
    let path = story.upheld("P04").await;
    let none = json!({});
    let letter = story
        .act(&story.world.secretariat, &path, "settle", &none)
        .await;
    let letter = letter.expect(200).json;
    assert_eq!(letter["outcome"], "reserve");
    let body = letter["body"].as_str().unwrap();
    assert!(body.contains("does not change the outcome"), "{body}");
    let lists = "select count(*) from sealed.ranking_list";
    assert_eq!(story.world.app.value(lists).await, "1");
}

#[tokio::test]
async fn a_pre_proposal_that_was_judged_again_can_be_invited() {
    let mut story = Story::people(World::pre_proposals().await).await;
    let weak = json!({ "total": 950, "rating": "not_recommended" });
    let world = &mut story.world;
    world.proposal("P11", "evaluated", Some(weak), &[100]).await;
    let world = &story.world;
    let invited = json!({ "invited": [{ "proposal": world.id_of("P01") }], "reason": "Meeting" });
    let path = world.path("stages/1/invitations");
    let decided = world.secretariat.post(&path).json(&invited).send().await;
    decided.expect(200);
    story.release(1).await;
    let path = story.upheld("P11").await;
    story
        .act(&story.panel_chair, &path, "reevaluate", &sound())
        .await
        .expect(200);
    let unsaid = story
        .act(&world.secretariat, &path, "settle", &json!({}))
        .await;
    assert_eq!(unsaid.expect(422).faults(), ["/invited invited"]);
    let invited = json!({ "invited": true });
    let letter = story
        .act(&world.secretariat, &path, "settle", &invited)
        .await;
    let letter = letter.expect(200).json;
    assert_eq!(letter["outcome"], "invited");
    assert!(letter["body"].as_str().unwrap().contains("1 June 2097"));
}
