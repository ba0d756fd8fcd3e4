//! Invitations and letters: told together, never before, and never whose money was short.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

#[path = "commitment/world.rs"]
mod world;

use world::{FUNDERS, World};

async fn decided() -> World {
    let mut world = World::ranked().await;
    let weak = json!({ "total": 950, "rating": "not_recommended" });
    world
        .proposal("P11", "not_recommended", Some(weak), &[100])
        .await;
    world.proposal("P12", "ineligible", None, &[100]).await;
    let sound = json!({ "total": 940, "rating": "recommended" });
    world
        .proposal("P13", "recommended", Some(sound), &[100])
        .await;
    let (out, gone) = (world.proposals[11].2, world.proposals[12].2);
    let account = world.secretariat.account.unwrap();
    world
        .app
        .sql(&format!(
            "update proposal_stage set state = 'withdrawn', withdrawn_because = 'Moved' where id = '{gone}';
             update sealed.outcome set condition = 'it did not pass the formal check' where proposal_stage_id = '{out}';
             update formal_check set verdict = 'ineligible', reason = 'The abstract is missing', checked_by = '{account}'
             where proposal_stage_id = '{out}'"
        ))
        .await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    world
}

fn letter<'a>(letters: &'a Value, number: &str) -> &'a Value {
    let items = letters["items"].as_array().unwrap();
    items.iter().find(|item| item["number"] == number).unwrap()
}

#[tokio::test]
async fn letters_are_silent_about_funders_and_come_out_together() {
    let world = decided().await;
    let path = world.path("stages/2/letters");
    let funded = world.path("funded");
    let own = format!("/proposals/{}/letters", world.id_of("P03"));
    let preview = world.secretariat.read(&path).await.json;
    assert_eq!(preview["items"].as_array().unwrap().len(), 12);
    assert_eq!(letter(&preview, "P03")["released_at"], Value::Null);
    assert_eq!(world.coordinator.read(&own).await.json["items"], json!([]));
    world.app.client().get(&funded).send().await.expect(404);
    world.chair.get(&path).send().await.expect(403);

    let release = format!("{path}/release");
    world.chair.post(&release).send().await.expect(403);
    let dry = world
        .secretariat
        .post(&release)
        .dry_run()
        .send()
        .await
        .expect(200);
    assert_eq!(dry.json["items"].as_array().unwrap().len(), 12);
    assert_eq!(world.coordinator.read(&own).await.json["items"], json!([]));
    let released = world
        .secretariat
        .post(&release)
        .send()
        .await
        .expect(200)
        .json;
    world.secretariat.post(&release).send().await.expect(409);

    let outcomes: Vec<&str> = released["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes.iter().filter(|one| **one == "selected").count(), 5);
    assert_eq!(outcomes.iter().filter(|one| **one == "reserve").count(), 5);
    for item in released["items"].as_array().unwrap() {
        let body = item["body"].as_str().unwrap();
        assert!(body.contains("REHEARSAL"), "{body}");
        // Redress is offered to those alone to whom it is open.
        let open = item["outcome"] != "selected";
        assert_eq!(body.contains("within 14 days"), open, "{body}");
        for (key, name, _) in FUNDERS {
            assert!(!body.contains(key) && !body.contains(name), "{body}");
        }
        let short = item["outcome"] == "reserve";
        assert_eq!(body.contains("insufficient budget"), short, "{body}");
    }
    let p03 = letter(&released, "P03")["body"].as_str().unwrap();
    for part in [
        "P03 ACROP03",
        "Excellence: 4.5",
        "Total: 13.5",
        "The panel found P03 sound.",
    ] {
        assert!(p03.contains(part), "{p03}");
    }
    let p12 = letter(&released, "P12")["body"].as_str().unwrap();
    for reason in [
        "it did not pass the formal check",
        "The abstract is missing",
    ] {
        assert!(p12.contains(reason), "{p12}");
    }

    let mine = world.coordinator.read(&own).await.json;
    assert_eq!(mine["items"][0], *letter(&released, "P03"));
    let stranger = world.app.person("Stranger").await;
    world.app.client().get(&own).send().await.expect(401);
    stranger.get(&own).send().await.expect(404);
    assert_eq!(world.app.value("select state from call").await, "granting");
    let list = world.app.client().read(&funded).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 5);
    assert_eq!(list["items"][0]["acronym"], "ACROP01");
    assert_eq!(list["items"][0]["amount"], "1000000.00");
    assert_eq!(list["items"][0]["countries"], json!(["DE", "FR", "IT"]));
    assert_eq!(list["total"], "5200000.00");
    let mails = world.app.mails().await;
    let results = mails
        .iter()
        .filter(|mail| mail.subject().contains("Result for"));
    assert_eq!(results.count(), 12);
}

#[tokio::test]
async fn a_letter_carries_the_evaluation_summary_report_as_it_was_frozen() {
    let world = decided().await;
    let row = world.proposals[2].2;
    let report = json!({
        "heading": { "call": "Clinical tools", "number": "P03", "acronym": "ACROP03", "title": "Title of P03" },
        "criteria": [{ "title": "Impact", "score": "4.0", "best": "5.0", "weight": 1, "threshold": "3.0",
                       "comment": "Many patients gain." }],
        "total": "13.5", "best_total": "15.0", "threshold_total": "10.0", "passes": true,
        "rating": "recommended", "comment": "The panel found P03 sound.", "ethics": null,
        "reviews": [{ "label": "Reviewer 1", "comments": [["Impact", "Well thought out."]] }]
    });
    world
        .app
        .sql(&format!(
            "insert into sealed.summary_report
                 (proposal_stage_id, call_id, state, comments, written_by, approved_by, approved_at, report, frozen_at)
             values ('{row}', '{}', 'frozen', '{{}}', '{1}', '{1}', '2026-03-02Z', '{report}', '2026-03-02Z')",
            world.call,
            world.secretariat.account.unwrap()
        ))
        .await;
    let preview = world
        .secretariat
        .read(&world.path("stages/2/letters"))
        .await
        .json;
    let body = letter(&preview, "P03")["body"].as_str().unwrap();
    for part in [
        "EVALUATION SUMMARY REPORT",
        "Impact: 4.0 of 5.0\nMany patients gain.",
        "Comments of Reviewer 1\nImpact\nWell thought out.",
        "Grounds for redress:",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert_eq!(body.matches("Total: 13.5").count(), 1, "{body}");
    let other = letter(&preview, "P04")["body"].as_str().unwrap();
    assert!(other.contains("Evaluation summary\n") && !other.contains("Many patients"));
}

#[tokio::test]
async fn a_coordinator_reads_the_own_letter_whatever_conflict_is_on_record() {
    let world = decided().await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    let (account, proposal) = (world.coordinator.account.unwrap(), world.id_of("P03"));
    let app = &world.app;
    app.broken_on_purpose(
        "nominated before it applied: an expert, and a conflict with the own proposal",
    );
    app.sql(&format!(
        "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load)
         select '{account}', call_id, '{account}', 'coordinator@example.org', 'Coordinator', 'Own', 'nominated', 'remote_reviewer', 5
         from proposal where id = '{proposal}';
         insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
         select '{account}', call_id, '{account}', id, 'applicant', true, '', 'detected', true
         from proposal where id = '{proposal}'"
    ))
    .await;
    let own = format!("/proposals/{proposal}/letters");
    let letters = world.coordinator.read(&own).await.json;
    assert_eq!(letters["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_letter_goes_out_while_one_proposal_is_undecided() {
    let world = decided().await;
    world
        .app
        .broken_on_purpose("a proposal is evaluated and the stage decided without it");
    let row = world.proposals[10].2;
    world
        .app
        .sql(&format!(
            "update sealed.outcome set state = 'evaluated' where proposal_stage_id = '{row}'"
        ))
        .await;
    let release = world.path("stages/2/letters/release");
    let reply = world.secretariat.post(&release).send().await.expect(409);
    assert!(reply.json["detail"].as_str().unwrap().contains("P11"));
    assert_eq!(
        world.app.value("select count(*) from sealed.letter").await,
        "0"
    );
}

#[tokio::test]
async fn three_hundred_letters_go_out_in_one_go() {
    let world = decided().await;
    let (call, stage) = (&world.call, world.stage);
    world
        .app
        .broken_on_purpose("three hundred proposals with an outcome and nothing else");
    world
        .app
        .sql(&format!(
            "with made as (
                insert into proposal (id, call_id, number, coordinator_id)
                select gen_random_uuid(), '{call}', 'Q' || n, '{}' from generate_series(1, 300) n
                returning id),
             placed as (
                insert into proposal_stage (id, call_id, proposal_id, stage_id, state)
                select gen_random_uuid(), '{call}', id, '{stage}', 'locked' from made returning id)
             insert into sealed.outcome (proposal_stage_id, call_id, state)
             select id, '{call}', 'not_funded' from placed",
            world.coordinator.account.unwrap()
        ))
        .await;
    let release = world.path("stages/2/letters/release");
    let begin = std::time::Instant::now();
    let released = world.secretariat.post(&release).send().await.expect(200);
    println!("312 letters in {:?}", begin.elapsed());
    assert_eq!(released.json["items"].as_array().unwrap().len(), 312);
    let queued = "select count(*) from outbox where template = 'stage_outcome'";
    assert_eq!(world.app.value(queued).await, "312");
}

#[tokio::test]
async fn the_committee_invites_down_the_ranking() {
    let mut world = World::pre_proposals().await;
    let weak = json!({ "total": 950, "rating": "not_recommended" });
    world.proposal("P11", "evaluated", Some(weak), &[100]).await;
    world.proposal("P12", "ineligible", None, &[100]).await;
    let path = world.path("stages/1/invitations");
    let numbers = |view: &Value, list: &str| -> Vec<String> {
        let items = view[list].as_array().unwrap().iter();
        items
            .map(|item| item["number"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = world.secretariat.read(&path).await.json;
    assert_eq!(
        (numbers(&all, "invited").len(), numbers(&all, "left_out")),
        (10, vec!["P11".into()])
    );
    let plan = world
        .chair
        .read(&format!("{path}?limit_ratio=0.50"))
        .await
        .json;
    assert_eq!(numbers(&plan, "invited"), ["P01", "P02", "P03"]);
    assert_eq!(plan["balance"]["total"]["ratio"], "0.45");
    assert_eq!(plan["decided"], false);
    let odd = world
        .chair
        .get(&format!("{path}?limit_ratio=many"))
        .send()
        .await;
    assert_eq!(odd.expect(400).code(), "malformed_parameter");
    world.coordinator.get(&path).send().await.expect(404);

    let invited = |codes: &[&str]| -> Vec<Value> {
        codes
            .iter()
            .map(|code| json!({ "proposal": world.id_of(code) }))
            .collect()
    };
    let post = |list: Vec<Value>| {
        let body = json!({ "invited": list, "reason": "Meeting of 12 May" });
        world.secretariat.post(&path).json(&body)
    };
    let reply = post(invited(&["P01", "P01", "P11"]))
        .send()
        .await
        .expect(422);
    assert_eq!(
        reply.faults(),
        [
            "/invited/1/proposal twice",
            "/invited/2/proposal not_ranked"
        ]
    );
    // A partner found ineligible has to go, whatever else the committee asks.
    let row = world.proposals[0].2;
    world
        .app
        .sql(&format!(
            "update eligibility set state = 'ineligible', fundable = null, rule = 'age', reason = 'Too young' from partner p
             where p.id = partner_row_id and p.proposal_stage_id = '{row}' and p.position = 1"
        ))
        .await;
    let mut list = invited(&["P02", "P01"]);
    list[0]["conditions"] = json!([{"demand": {"kind": "other", "text": "Name who leads the trial"},
        "until": "2097-05-01T00:00:00Z"}]);
    post(list.clone()).dry_run().send().await.expect(200);
    let naming = |keys: &[&str]| {
        let body =
            json!({ "invited": list, "reason": "Meeting of 12 May", "under_represented": keys });
        world.secretariat.post(&path).json(&body)
    };
    let unknown = naming(&["CC-GAMMA", "CC-GAMMA", "ZZ"])
        .send()
        .await
        .expect(422);
    assert_eq!(
        unknown.faults(),
        [
            "/under_represented/1 funder_unknown",
            "/under_represented/2 funder_unknown"
        ]
    );
    let view = naming(&["CC-GAMMA"]).send().await.expect(200).json;
    assert_eq!(view["under_represented"], json!(["CC-GAMMA"]));
    assert_eq!(view["decided"], true);
    assert_eq!(numbers(&view, "invited"), ["P01", "P02"]);
    assert_eq!(
        view["invited"][0]["condition"],
        "to be dropped or replaced: Lab 1"
    );
    assert_eq!(
        view["invited"][1]["condition"],
        "Name who leads the trial (until 1 May 2097, 02:00 CEST)"
    );
    assert_eq!(numbers(&view, "left_out").len(), 9);
    assert_eq!(world.observer.read(&path).await.json, view);
    post(list.clone()).send().await.expect(409);

    let release = world.path("stages/1/letters/release");
    let letters = world
        .secretariat
        .post(&release)
        .send()
        .await
        .expect(200)
        .json;
    let p02 = letter(&letters, "P02")["body"].as_str().unwrap();
    assert!(
        p02.contains("Name who leads the trial") && p02.contains("1 June 2097"),
        "{p02}"
    );
    assert_eq!(letter(&letters, "P03")["outcome"], "not_invited");
    assert_eq!(
        world
            .app
            .value("select state from stage where number = 1")
            .await,
        "communicated"
    );
    assert_eq!(
        world.app.value("select state from call").await,
        "evaluation"
    );
    world
        .app
        .client()
        .get(&world.path("funded"))
        .send()
        .await
        .expect(404);
    the_full_stage_knows_of_the_verdicts(&world).await;
}

/// At the full stage a partner found ineligible may go, another may not, and the public reads which
/// funders are under-represented.
async fn the_full_stage_knows_of_the_verdicts(world: &World) {
    let public = world.app.client();
    let named = async || {
        let call = public.read(&format!("/calls/{}", world.call)).await.json;
        call["stages"][1]["under_represented"].clone()
    };
    assert_eq!(named().await, json!([]));
    world
        .app
        .sql("update stage set opens_at = clock_timestamp() - interval '1 minute' where number = 2")
        .await;
    world.app.tick().await;
    assert_eq!(named().await, json!(["CC-GAMMA"]));
    let proposal = format!("/proposals/{}", world.id_of("P01"));
    let mut now = world.coordinator.read(&proposal).await;
    let stages = now.json["stages"].as_array().unwrap();
    let full = stages.iter().find(|stage| stage["stage"] == 2).unwrap();
    let partners = full["content"]["partners"].as_array().unwrap().clone();
    for (left_out, doubted) in [(1, false), (2, true)] {
        let rest: Vec<&Value> = (0..partners.len())
            .filter(|at| *at != left_out)
            .map(|at| &partners[at])
            .collect();
        now = world
            .coordinator
            .patch(&proposal)
            .etag(&now.etag)
            .json(&json!({ "partners": rest }))
            .send()
            .await
            .expect(200);
        let found = world.coordinator.read(&format!("{proposal}/check")).await;
        let doubts = found.json["doubts"].as_array().unwrap();
        let dropped = doubts
            .iter()
            .any(|doubt| doubt["code"] == "partner_dropped");
        assert_eq!(
            dropped, doubted,
            "without partner {left_out}: {}",
            found.json
        );
    }
}

/// Where the call says so, letters carry what the released reviews say, under labels and never with names.
#[tokio::test]
async fn letters_carry_the_advice_of_nameless_reviewers() {
    let world = World::pre_proposals().await;
    let (call, stage, proposal) = (&world.call, world.stage, world.id_of("P01"));
    for (name, label) in [
        ("Xenia North", Some(1)),
        ("Yann East", Some(2)),
        ("Zoe South", None),
    ] {
        let (state, label) = match label {
            Some(label) => ("released", label.to_string()),
            None => ("submitted", "null".to_owned()),
        };
        let person = world.app.person(name).await;
        let (expert, account) = (kernel::id::new(), person.account.unwrap());
        world
            .app
            .sql(&format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 values ('{expert}', '{call}', '{account}', '{}', '{name}', 'Elsewhere', 'contracted', 'remote_reviewer', 5, clock_timestamp(), '{{1}}');
                 insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark, submitted_at, released_at, label)
                 values ('{}', '{call}', '{stage}', '{proposal}', '{expert}', '{state}', '{{\"impact\": \"4.5\"}}',
                         '{{\"impact\": \"Advice of {}.\"}}', 'Between us', clock_timestamp(),
                         case when '{state}' = 'released' then clock_timestamp() end, {label})",
                person.email,
                kernel::id::new(),
                name.len()
            ))
            .await;
    }
    let preview = async || {
        let path = world.path("stages/1/letters");
        let letters = world.secretariat.read(&path).await.json;
        letter(&letters, "P01")["body"].as_str().unwrap().to_owned()
    };
    let body = json!({ "invited": [{ "proposal": proposal }], "reason": "Meeting of 12 May" });
    let path = world.path("stages/1/invitations");
    let post = world.secretariat.post(&path).json(&body);
    post.send().await.expect(200);
    assert!(!preview().await.contains("Reviewer"));
    world
        .app
        .sql("update call set rules = jsonb_set(rules, '{stages,0,evaluation,reviews_in_letters}', 'true')")
        .await;
    let told = preview().await;
    for part in [
        "Comments of Reviewer 1",
        "Comments of Reviewer 2",
        "Advice of 11.",
        "Advice of 9.",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(
        told.matches("Advice of 9.").count(),
        1,
        "the unreleased one is not told"
    );
    for part in ["Xenia", "Yann", "Between us", "Reviewer 3"] {
        assert!(!told.contains(part), "{told}");
    }
    assert_eq!(told, preview().await, "labels stay");
}
