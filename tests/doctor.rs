//! The doctor finds nothing in a sound database, and every breach that is planted, by its name.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "doctor/affinity.rs"]
mod affinity;
#[path = "doctor/checking.rs"]
mod checking;
#[path = "doctor/decide.rs"]
mod decide;
#[path = "doctor/evaluation.rs"]
mod evaluation;
#[path = "doctor/funding.rs"]
mod funding;
#[path = "doctor/installation.rs"]
mod installation;
#[path = "doctor/intake.rs"]
mod intake_breaches;
#[path = "doctor/panel.rs"]
mod panel;
#[path = "doctor/redress.rs"]
mod redress;
#[path = "doctor/topics.rs"]
mod topics;
#[path = "commitment/world.rs"]
mod world;

use std::collections::BTreeSet;

use serde_json::json;
use store::doctor;
use world::World;

/// Name of an invariant, and SQL that breaks it.
type Breach = (&'static str, &'static str);

fn breaches() -> Vec<Breach> {
    [
        installation::BREACHES,
        intake_breaches::BREACHES,
        affinity::BREACHES,
        checking::BREACHES,
        decide::BREACHES,
        funding::BREACHES,
        topics::BREACHES,
        evaluation::BREACHES,
        redress::BREACHES,
        panel::BREACHES,
    ]
    .concat()
}

/// A whole call with letters released, and beside it what a selection does not need: a draft, a review
/// under an excused conflict of interest, an accepted invitation.
async fn sound() -> World {
    let mut world = World::ranked().await;
    let weak = json!({ "total": 950, "rating": "not_recommended" });
    world
        .proposal("P11", "not_recommended", Some(weak), &[100])
        .await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    world.app.tick().await;
    let expert = world.app.person("Eva Expert").await;
    world
        .app
        .sql(&fill(
            &world,
            &format!(
                "insert into draft (proposal_stage_id, call_id, content)
                 select proposal_stage_id, call_id, content from submission where proposal_stage_id = '{{row}}';
                 insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
                 select proposal_stage_id, 1, call_id, content, submitted_by from submission where proposal_stage_id = '{{row}}';
                 insert into partner_invitation (id, call_id, proposal_id, partner_id, email, token_hash, invited_by, expires_at, claimed_at, claimed_by)
                 select '{{row}}', call_id, id, (select (content #>> '{{partners,0,id}}')::uuid from draft), 'eva@example.org', '\\x02',
                        coordinator_id, clock_timestamp() + interval '1 day', clock_timestamp(), '{0}' from proposal where id = '{{proposal}}';
                 insert into partner_member (id, call_id, proposal_id, partner_id, account_id, invitation_id)
                 select id, call_id, proposal_id, partner_id, claimed_by, id from partner_invitation;
                 update partner_member set confirmed_in = '{{row}}', confirmed_at = clock_timestamp(), confirmed_sha256 = 'ab';
                 insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 values ('{{call}}', '{{call}}', '{0}', 'eva@example.org', 'Eva', 'Lab 0', 'contracted', 'remote_reviewer', 1, clock_timestamp(), '{{2}}');
                 insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing, judged_because)
                 values ('{{call}}', '{{call}}', '{{call}}', '{{proposal}}', 'parent_organisation', false, 'Lab 0', 'detected', false, 'Another lab of that name');
                 insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, submitted_at, released_at, label)
                 values ('{{call}}', '{{call}}', '{{stage}}', '{{proposal}}', '{{call}}', 'released',
                         '{{\"impact\": \"4.5\"}}', '{{\"impact\": \"Sound.\"}}', clock_timestamp(), clock_timestamp(), 1);
                 insert into sealed.ethics_assessment (proposal_stage_id, call_id, state, conditions, decided_by, decided_at)
                 values ('{{row}}', '{{call}}', 'conditional', '[\"Ask the board\"]', '{{coordinator}}', '2026-01-02Z');
                 insert into sealed.rebuttal (proposal_stage_id, call_id, opens_at, closes_at, state, draft, submitted, submitted_by, submitted_at)
                 values ('{{row}}', '{{call}}', '2026-01-01Z', '2026-01-08Z', 'submitted', '{{\"to_all\": \"Thanks\"}}', '{{\"to_all\": \"Thanks\"}}',
                         '{{coordinator}}', '2026-01-02Z');
                 insert into invitation (id, call_id, email, role, token_hash, expires_at, accepted_at, accepted_by)
                 select id, call_id, 'chair@example.org', role, '\\x01', clock_timestamp() + interval '1 day', clock_timestamp(), account_id
                 from role_grant where role = 'csc_chair'",
                expert.account.unwrap()
            ),
        ))
        .await;
    world
}

/// SQL in which names stand for things of the world.
fn fill(world: &World, sql: &str) -> String {
    let (_, proposal, row) = &world.proposals[0];
    let names = [
        ("{call}", world.call.clone()),
        ("{stage}", world.stage.to_string()),
        ("{proposal}", proposal.to_string()),
        ("{row}", row.to_string()),
        (
            "{coordinator}",
            world.coordinator.account.unwrap().to_string(),
        ),
    ];
    names
        .iter()
        .fold(sql.to_owned(), |sql, (name, id)| sql.replace(name, id))
}

#[tokio::test]
async fn every_invariant_finds_its_planted_breach() {
    let world = sound().await;
    assert_eq!(
        service::health::examine(&world.app.service).await.unwrap(),
        []
    );
    let all = doctor::all();
    let names: BTreeSet<&str> = all.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), all.len(), "a name is there twice");
    assert!(all.len() >= 50);
    let planted: BTreeSet<&str> = breaches().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, planted, "each invariant has its breach");

    // One session: every breach is undone before the next one.
    let script: String = breaches()
        .iter()
        .map(|(name, breach)| {
            let invariant = all.iter().find(|one| one.name == *name).unwrap();
            format!(
                "begin; set local session_replication_role = replica; {};
                 select '{name}', count from ({}) found; rollback;",
                fill(&world, breach),
                invariant.sql()
            )
        })
        .collect();
    let printed = world.app.psql(&script);
    let blind: Vec<&str> = printed
        .lines()
        .filter(|line| line.ends_with("|0"))
        .collect();
    println!(
        "{} breaches planted, {} not found",
        printed.lines().count(),
        blind.len()
    );
    assert_eq!(printed.lines().count(), all.len());
    assert_eq!(blind, Vec::<&str>::new());
}

#[tokio::test]
async fn a_report_names_what_is_broken_and_where() {
    let world = sound().await;
    world
        .app
        .broken_on_purpose("the report has something to say");
    let sql = "update participation set decided = decided + 1 where decided > 0";
    world.app.sql(sql).await;
    let broken = service::health::examine(&world.app.service).await.unwrap();
    println!("{broken:?}");
    let [money] = &broken[..] else {
        panic!("{broken:?}");
    };
    assert_eq!(money.name, "decided_is_what_final_lines_say");
    assert_eq!((money.count, money.ids.len()), (4, 4));
    // A scenario that ends with such a database fails.
    let found = world.app.psql(&doctor::one_query());
    assert!(
        found.starts_with("decided_is_what_final_lines_say|4|"),
        "{found}"
    );
}
