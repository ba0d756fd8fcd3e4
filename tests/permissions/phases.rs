//! The phases of a call that the permission matrix looks at.

use std::collections::BTreeMap;

use testkit::TestApp;

use crate::scenes::Scene;
use crate::{decision, proposals, uploading};

/// A call with one submitted proposal and a rival's draft: open, or past the deadline of stage 1.
async fn call_scene(closed: bool) -> Scene {
    let app = TestApp::start().await;
    let (office, call) = proposals::open_call(&app).await;
    let coordinator = app.person("Coordinator").await;
    uploading::allow_letters(&app, &call).await;
    let (path, sha256, upload) = uploading::submitted_with_letters(&coordinator, &call).await;
    let proposal = path.rsplit('/').next().unwrap().to_owned();
    let people = vec![("coordinator", coordinator), ("secretariat", office)];
    let ids = BTreeMap::from([
        ("call", call.clone()),
        ("stage", "1".to_owned()),
        ("proposal", proposal),
        ("partner", proposals::PARTNERS[0].to_owned()),
        ("organisation", "DE-BMBF".to_owned()),
        ("sha256", sha256),
        ("upload", upload),
    ]);
    let mut scene = Scene::with_people(app, people, ids, ("DE-BMBF", "FR-ANR")).await;
    proposals::submitted(scene.of("rival"), &call).await;
    if closed {
        scene.app.close_stage(&call, 1).await;
    }
    scene.experts().await;
    scene
}

/// While pre-proposals are written.
pub async fn open() -> Scene {
    call_scene(false).await
}

/// While pre-proposals are evaluated.
pub async fn evaluation() -> Scene {
    call_scene(true).await
}

/// While the invited write their full proposals: reviews of stage 1 are released, invitations are out.
pub async fn full() -> Scene {
    let mut scene = call_scene(true).await;
    let call = scene.ids["call"].clone();
    scene
        .app
        .sql(&format!(
            "insert into sealed.outcome (proposal_stage_id, call_id, state, released_state, released_at)
             select id, call_id, 'invited', 'invited', clock_timestamp() from proposal_stage;
             update sealed.review set state = 'released', label = 1 where state = 'accepted';
             update stage set state = 'communicated' where call_id = '{call}' and number = 1"
        ))
        .await;
    scene.app.tick().await;
    scene.ids.insert("stage", "2".to_owned());
    scene
}

/// While full proposals are evaluated: the same people, assigned anew.
pub async fn full_evaluation() -> Scene {
    let scene = full().await;
    let call = &scene.ids["call"];
    let coordinator = scene.of("coordinator");
    let path = format!("/proposals/{}", scene.ids["proposal"]);
    let texts = ["work_plan", "impact", "ethics"].map(|name| (name, "A text."));
    let texts = serde_json::json!({ "texts": BTreeMap::from(texts) });
    let now = coordinator.read(&path).await;
    let saved = proposals::save(coordinator, &path, &now.etag, texts).await;
    proposals::submit(coordinator, &path, &saved.expect(200).etag)
        .await
        .expect(200);
    scene.app.close_stage(call, 2).await;
    scene
        .app
        .sql(&format!(
            "update sealed.review r set stage_id = s.id, state = case r.state when 'released' then 'accepted' else r.state end
             from stage s where s.call_id = '{call}' and s.number = 2"
        ))
        .await;
    scene
}

/// While the selection is decided.
pub async fn decision() -> Scene {
    decided(false).await
}

/// Once the letters are out.
pub async fn letters() -> Scene {
    decided(true).await
}

async fn decided(told: bool) -> Scene {
    let world = decision::World::ranked().await;
    let selection = world.confirmed().await;
    if told {
        world.accept(&selection, 0..4).await;
        world.app.tick().await;
        let release = world.path("stages/2/letters/release");
        world.secretariat.post(&release).send().await.expect(200);
    }
    let selection = selection.replace("/selections/", "");
    let people = vec![
        ("coordinator", world.coordinator.clone()),
        ("secretariat", world.secretariat.clone()),
    ];
    let ids = BTreeMap::from([
        ("call", world.call.clone()),
        ("stage", world.number.to_string()),
        ("proposal", world.id_of("P01").to_string()),
        ("partner", proposals::PARTNERS[0].to_owned()),
        ("organisation", "AA-ALPHA".to_owned()),
        ("selection", selection),
    ]);
    let rival = world.id_of("P04");
    let mut scene = Scene::with_people(world.app, people, ids, ("AA-ALPHA", "CC-GAMMA")).await;
    let account = scene.of("rival").account.unwrap();
    scene
        .app
        .sql(&format!(
            "update proposal set coordinator_id = '{account}' where id = '{rival}'"
        ))
        .await;
    // A funder's own plan, and the signatory who made it.
    let (plan, maker) = (kernel::id::new(), scene.of("signatory").account.unwrap());
    scene
        .app
        .sql(&format!(
            "insert into sealed.scenario (id, call_id, organisation_id, visibility, name, overrides, engine, input, result, made_by)
             select '{plan}', s.call_id, o.id, 'private', 'Our plan', '{{}}', s.engine, s.input, s.result, '{maker}'
             from sealed.selection s, organisation o where o.key = 'AA-ALPHA'"
        ))
        .await;
    scene.ids.insert("scenario", plan.to_string());
    // The secretariat has one of its own to propose.
    let (plan, maker) = (kernel::id::new(), scene.of("secretariat").account.unwrap());
    scene
        .app
        .sql(&format!(
            "insert into sealed.scenario (id, call_id, visibility, name, overrides, engine, input, result, made_by)
             select '{plan}', s.call_id, 'shared', 'A gap share more', '{{}}', s.engine, s.input, s.result, '{maker}'
             from sealed.selection s"
        ))
        .await;
    scene.owns("secretariat", "scenario", plan);
    scene.experts().await;
    scene
}
