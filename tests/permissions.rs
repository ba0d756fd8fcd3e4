//! Every operation of the API, asked by every role, in every phase of a call: the answers stand in
//! `permissions.txt`, so that a change of rights is a difference one reads.
//!
//! `+` allowed (it worked, or only state, version or content spoke against it), `-` visible but not
//! allowed, `.` absent or hidden, `?` log in first. All writing is asked as a dry run.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod proposals;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use access::Role;
use serde_json::Value;
use testkit::{Client, TestApp};

/// The world of one phase: who asks, and what stands for each parameter of a path.
struct Scene {
    app: TestApp,
    people: Vec<(&'static str, Client)>,
    ids: BTreeMap<&'static str, String>,
}

const HEADS: [&str; 16] = [
    "public",
    "stranger",
    "coordinator",
    "secretariat",
    "csc_representative",
    "contact_person",
    "other_funder",
    "signatory",
    "csc_chair",
    "panel_chair",
    "panel_member",
    "observer",
    "expert",
    "conflicted",
    "administrator",
    "elsewhere",
];

/// Everybody but coordinator and secretariat, whom the story brings along.
async fn people(
    app: &TestApp,
    call: &str,
    funder: &str,
    other: &str,
) -> Vec<(&'static str, Client)> {
    let mut people = vec![("public", app.client())];
    people.push(("stranger", app.person("Stranger").await));
    let granted = [
        ("csc_representative", Role::CscRepresentative, Some(funder)),
        ("contact_person", Role::ContactPerson, Some(funder)),
        ("other_funder", Role::ContactPerson, Some(other)),
        ("signatory", Role::Signatory, Some(funder)),
        ("csc_chair", Role::CscChair, None),
        ("panel_chair", Role::PanelChair, None),
        ("panel_member", Role::PanelMember, None),
        ("observer", Role::Observer, None),
    ];
    for (name, role, organisation) in granted {
        let person = app.person(name).await;
        app.grant(&person, role, Some(call), organisation).await;
        people.push((name, person));
    }
    let administrator = app.person("administrator").await;
    app.grant(&administrator, Role::Administrator, None, None)
        .await;
    people.push(("administrator", administrator));
    // The secretariat and the chair of another call, which this one is no business of.
    app.broken_on_purpose("reviews that are there before their stage is");
    let elsewhere = app.person("elsewhere").await;
    let other = kernel::id::new();
    app.sql(&format!(
        "insert into call (id, code, title, topic, year, state, rehearsal, rules)
         select '{other}', 'OTHER', title, topic, year, 'draft', true, rules from call where id = '{call}'"
    ))
    .await;
    for role in [Role::Secretariat, Role::CscChair, Role::PanelChair] {
        app.grant(&elsewhere, role, Some(&other.to_string()), None)
            .await;
    }
    people.push(("elsewhere", elsewhere));
    people
}

/// Two experts at work on the proposal, of whom one has a conflict of interest with it.
async fn experts(scene: &mut Scene, call: &str, proposal: &str, stage: i32) {
    for (name, conflicted) in [("expert", false), ("conflicted", true)] {
        let person = scene.app.person(name).await;
        let (expert, review, conflict) = (kernel::id::new(), kernel::id::new(), kernel::id::new());
        let state = if conflicted { "conflicted" } else { "accepted" };
        scene
            .app
            .sql(&format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at)
                 values ('{expert}', '{call}', '{}', '{}', '{name}', 'Elsewhere', 'contracted', 'remote_reviewer', 9, clock_timestamp());
                 insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state)
                 select '{review}', '{call}', id, '{proposal}', '{expert}', '{state}' from stage
                 where call_id = '{call}' and number = {stage};
                 insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
                 select '{conflict}', '{call}', '{expert}', '{proposal}', 'declared', true, '', 'declared', true where {conflicted}",
                person.account.unwrap(),
                person.email,
            ))
            .await;
        if conflicted {
            scene.ids.insert("conflict", conflict.to_string());
        } else {
            scene.ids.insert("expert", expert.to_string());
            scene.ids.insert("review", review.to_string());
        }
        scene.people.push((name, person));
    }
}

async fn call_scene(evaluation: bool) -> Scene {
    let app = TestApp::start().await;
    let (office, call) = proposals::open_call(&app).await;
    let coordinator = app.person("Coordinator").await;
    let (path, _) = proposals::submitted(&coordinator, &call).await;
    let proposal = path.rsplit('/').next().unwrap().to_owned();
    let mut people = people(&app, &call, "DE-BMBF", "FR-ANR").await;
    people.push(("coordinator", coordinator));
    people.push(("secretariat", office));
    if evaluation {
        app.close_stage(&call, 1).await;
    }
    let ids = BTreeMap::from([
        ("call", call.clone()),
        ("stage", "1".to_owned()),
        ("proposal", proposal.clone()),
        ("partner", proposals::PARTNERS[0].to_owned()),
        ("organisation", "DE-BMBF".to_owned()),
    ]);
    let mut scene = Scene { app, people, ids };
    experts(&mut scene, &call, &proposal, 1).await;
    scene
}

async fn decision_scene() -> Scene {
    let world = decision::World::ranked().await;
    let selection = world.confirmed().await.replace("/selections/", "");
    let call = world.call.clone();
    let proposal = world.id_of("P01").to_string();
    let mut people = people(&world.app, &call, "AA-ALPHA", "CC-GAMMA").await;
    people.push(("coordinator", world.coordinator.clone()));
    people.push(("secretariat", world.secretariat.clone()));
    let ids = BTreeMap::from([
        ("call", call.clone()),
        ("stage", world.number.to_string()),
        ("proposal", proposal.clone()),
        ("partner", proposals::PARTNERS[0].to_owned()),
        ("organisation", "AA-ALPHA".to_owned()),
        ("selection", selection),
    ]);
    let mut scene = Scene {
        app: world.app,
        people,
        ids,
    };
    experts(&mut scene, &call, &proposal, world.number).await;
    scene
}

/// What stands in a path for a parameter: the scene's thing, or something that nobody has.
fn parameter(scene: &Scene, name: &str) -> String {
    let nobody = "019a0000-0000-7000-8000-0000000000ff".to_owned();
    match name {
        "agenda" => "icpermed-2017".to_owned(),
        "other" => "FR-ANR".to_owned(),
        name => scene.ids.get(name).cloned().unwrap_or(nobody),
    }
}

fn fill(scene: &Scene, template: &str) -> String {
    template
        .trim_start_matches("/api/v1")
        .split('/')
        .map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) => parameter(scene, name),
                None => part.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn ask(who: &Client, method: &str, path: &str, body: Option<&Value>) -> char {
    let mut request = who.method(&method.to_uppercase(), path);
    if method != "get" {
        request = request.dry_run().etag("*");
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let reply = request.send().await;
    match reply.status {
        401 if reply.code() == "not_authenticated" => '?',
        403 => '-',
        404 => '.',
        409 if reply.code() == "conflict_of_interest" => '-',
        200..=299 | 400 | 401 | 409 | 410 | 412 | 422 | 428 | 429 => '+',
        status => panic!("{method} {path} answered {status}: {}", reply.json),
    }
}

#[tokio::test]
async fn every_operation_answers_every_role_as_declared() {
    let document = serde_json::to_value(web::api::full_document()).unwrap();
    let scenes = [
        ("open", call_scene(false).await),
        ("evaluation", call_scene(true).await),
        ("decision", decision_scene().await),
    ];
    let mut text = String::from("Columns:");
    for (number, head) in HEADS.iter().enumerate() {
        write!(text, " {}{head}", if number > 0 { "| " } else { "" }).unwrap();
    }
    writeln!(
        text,
        "\nPhases: {}\n",
        scenes
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(" | ")
    )
    .unwrap();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = operation["requestBody"]["content"].as_object();
            let body = content.and_then(|content| content.values().next()?.get("example").cloned());
            let mut cells = Vec::new();
            for (_, scene) in &scenes {
                let path = fill(scene, template);
                let mut row = String::new();
                for head in HEADS {
                    let who = &scene
                        .people
                        .iter()
                        .find(|(name, _)| *name == head)
                        .unwrap()
                        .1;
                    row.push(ask(who, method, &path, body.as_ref()).await);
                }
                cells.push(row);
            }
            let name = operation["operationId"].as_str().unwrap();
            writeln!(text, "{name:<28} {}", cells.join(" | ")).unwrap();
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("permissions.txt");
    if std::fs::read_to_string(&file).unwrap_or_default() != text {
        std::fs::write(file.with_extension("txt.new"), text).unwrap();
        panic!(
            "rights changed: compare tests/permissions.txt.new with permissions.txt, and rename it if it is meant"
        );
    }
}
