//! The three moments: submitted, reviewed, decided.

use serde_json::json;
use testkit::TestApp;

use super::{Scene, experts, members, people};
use crate::decision::World;
use crate::evaluation::{Evaluation, nomination};
use crate::{proposals, uploading};

/// Proposals come in: the coordinator's is submitted and written on, the rival's is a draft.
pub async fn intake() -> Scene {
    let app = TestApp::start().await;
    let (office, call) = proposals::open_call(&app).await;
    let (coordinator, rival) = (app.person("Coordinator").await, app.person("Rival").await);
    uploading::allow_letters(&app, &call).await;
    let (path, sha256, upload) = uploading::submitted_with_letters(&coordinator, &call).await;
    let now = coordinator.read(&path).await;
    let later = json!({"title": "Written on"});
    proposals::save(&coordinator, &path, &now.etag, later)
        .await
        .expect(200);
    let draft = proposals::draft(&rival, &call).await;
    let mut people = people(&app, &call, "DE-BMBF", "FR-ANR").await;
    people.push(("coordinator", coordinator));
    people.push(("rival", rival));
    people.push(("secretariat", office));
    let proposal = crate::evaluation::id_of(&path);
    let ids = [
        ("call", call),
        ("proposal", proposal),
        ("rival", draft.id()),
        ("funder", "DE-BMBF".into()),
        ("sha256", sha256),
        ("upload", upload),
    ];
    for name in ["partner", "former_partner"] {
        people.push((name, app.person(name).await));
    }
    let mut scene = Scene::new("intake", app, people, ids, 1).await;
    members(&scene).await;
    experts(&mut scene, 1, false).await;
    scene.finish().await
}

/// Reviews are written: of the coordinator's proposal one is submitted and one begun, of the rival's all
/// are released and the panel has agreed.
pub async fn reviewing() -> Scene {
    let story = Evaluation::begin().await;
    let reviewers = [
        nomination(
            "Xenia North",
            "North University",
            "x@north.example",
            "remote_reviewer",
        ),
        nomination(
            "Yann East",
            "East University",
            "y@east.example",
            "remote_reviewer",
        ),
        nomination(
            "Zoe South",
            "South University",
            "z@south.example",
            "remote_reviewer",
        ),
    ];
    let reviewers = story.invite(&reviewers).await;
    for reviewer in &reviewers {
        reviewer.accept().await;
    }
    let conflict = json!([{"proposal": story.proposal(0), "reason": "We are cousins"}]);
    for (reviewer, conflicts) in reviewers.iter().zip([json!([]), json!([]), conflict]) {
        reviewer.declare(&conflicts).await.expect(200);
    }
    story.assign(2).await.expect(200);
    let mut ids = vec![
        ("call", story.call.clone()),
        ("proposal", story.proposal(0)),
        ("rival", story.proposal(1)),
        ("expert", reviewers[0].id.clone()),
        ("other_expert", reviewers[1].id.clone()),
        ("funder", "DE-BMBF".into()),
    ];
    for (at, (name, submits)) in [("review", true), ("draft_review", false)]
        .into_iter()
        .enumerate()
    {
        for review in reviewers[at].reviews().await {
            let seen = reviewers[at]
                .client
                .read(&format!("/reviews/{review}"))
                .await;
            if seen.json["proposal"] == story.proposal(0) {
                reviewers[at].write(&review, "4.0").await.expect(200);
                if submits {
                    reviewers[at].submit(&review).await.expect(200);
                }
                ids.push((name, review));
            }
        }
    }
    let mut people = people(&story.app, &story.call, "DE-BMBF", "FR-ANR").await;
    for ((name, reviewer), _) in ["expert", "other_expert", "conflicted"]
        .into_iter()
        .zip(&reviewers)
        .zip(0..)
    {
        people.push((name, reviewer.client.clone()));
    }
    people.push(("coordinator", story.proposals[0].0.clone()));
    people.push(("rival", story.proposals[1].0.clone()));
    people.push(("secretariat", story.office.clone()));
    let scene = Scene::new("reviewing", story.app, people, ids, 1).await;
    let office = scene.of("secretariat").account.unwrap();
    scene
        .sql(&format!(
            "update stage set state = 'reviewing' where id = '{{stage}}';
             update sealed.review r set state = 'released', scores = x.scores, comments = x.comments,
                    submitted_at = clock_timestamp(), released_at = clock_timestamp(),
                    label = (select count(*) from sealed.review o where o.proposal_id = r.proposal_id and o.id <= r.id), told = true
             from sealed.review x where x.id = '{{review}}' and r.proposal_id = '{{rival}}';
             update participation set terms = terms || '{{\"documents\": [{{\"title\": \"National form\"}}]}}' where call_id = '{{call}}';
             insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by)
             select gen_random_uuid(), call_id, '{{row}}', id, 'Since when?', '2097-01-01Z', '{office}'
             from partner where proposal_stage_id = '{{row}}' and position = 0;
             insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by)
             values (gen_random_uuid(), '{{call}}', '{{rival_row}}', 'partner_added', 'A vacancy', '{office}');
             insert into sealed.rebuttal (proposal_stage_id, call_id, opens_at, closes_at, state, draft, submitted, submitted_by, submitted_at)
             values ('{{rival_row}}', '{{call}}', '2026-01-01Z', '2097-01-01Z', 'edited_since', '{{\"to_all\": \"Thanks\"}}',
                     '{{\"to_all\": \"Thanks\"}}', '{office}', '2026-01-02Z');
             insert into sealed.consensus (proposal_stage_id, call_id, scores, total, above_thresholds, rating, comment, recorded_by)
             select '{{rival_row}}', '{{call}}', scores, 1200, true, 'recommended', 'The panel agrees.', '{office}'
             from sealed.review where id = '{{review}}'"
        ))
        .await;
    for (name, role) in [("panel_chair", "chair"), ("panel_member", "panel_member")] {
        let person = scene.of(name).clone();
        scene
            .sql(&format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 values ('{}', '{{call}}', '{}', '{}', 'Expert {name}', 'Institute of {name}', 'contracted', '{role}', 0, clock_timestamp(), '{{1}}')",
                kernel::id::new(), person.account.unwrap(), person.email
            ))
            .await;
    }
    scene
        .sql(
            "insert into sealed.rapporteur (proposal_stage_id, expert_id, call_id, position, named_by)
             select '{rival_row}', id, '{call}', 1, '{@secretariat}' from sealed.expert where account_id = '{@panel_member}';
             insert into sealed.panel_message (id, call_id, proposal_stage_id, written_by, text)
             values (gen_random_uuid(), '{call}', '{rival_row}', '{@panel_member}', 'Who pays the nurses?');
             insert into sealed.panel_meeting (stage_id, call_id, meets_at, place, online, convened_by)
             values ('{stage}', '{call}', '2097-05-12 07:00Z', 'Berlin, room 4', false, '{@secretariat}');
             insert into sealed.summary_report (proposal_stage_id, call_id, state, proposed, comments, written_by)
             values ('{rival_row}', '{call}', 'draft', '{\"impact\": \"4.0\"}', '{\"impact\": \"Sound.\"}', '{@panel_member}');
             insert into sealed.conformity_report (stage_id, call_id, state, findings, recommendations, written_by)
             values ('{stage}', '{call}', 'draft', 'So far so good', 'Go on', '{@observer}')",
        )
        .await;
    scene.finish().await
}

/// The ranking is adopted, the selection confirmed, nothing told to anybody outside.
pub async fn decision() -> Scene {
    let world = World::ranked().await;
    let selection = world.confirmed().await.replace("/selections/", "");
    let mut people = people(&world.app, &world.call, "AA-ALPHA", "CC-GAMMA").await;
    let rival = world.app.person("Rival").await;
    people.push(("coordinator", world.coordinator.clone()));
    people.push(("secretariat", world.secretariat.clone()));
    let ids = [
        ("call", world.call.clone()),
        ("proposal", world.id_of("P01").to_string()),
        ("rival", world.id_of("P04").to_string()),
        ("selection", selection),
        ("funder", "AA-ALPHA".into()),
    ];
    let account = rival.account.unwrap();
    people.push(("rival", rival));
    let mut scene = Scene::new("decision", world.app, people, ids, world.number).await;
    scene
        .sql(&format!(
            "update proposal set coordinator_id = '{account}' where id <> '{{proposal}}';
             insert into sealed.ethics_assessment (proposal_stage_id, call_id, state, conditions, comment, decided_by, decided_at)
             values ('{{row}}', '{{call}}', 'conditional', '[\"Ask the board\"]', 'Patients', '{account}', '2026-01-02Z')"
        ))
        .await;
    experts(&mut scene, world.number, true).await;
    // What the panel told of each, and the observer of the panel.
    scene
        .sql(
            "insert into sealed.summary_report (proposal_stage_id, call_id, state, comments, written_by, approved_by, approved_at, report, frozen_at)
             select c.proposal_stage_id, c.call_id, 'frozen', '{\"impact\": \"Sound.\"}', '{@panel_member}', '{@panel_chair}', '2026-03-02Z',
                    jsonb_build_object('heading', '{\"call\": \"Clinical tools\", \"number\": \"P\", \"acronym\": \"A\", \"title\": \"T\"}'::jsonb,
                        'criteria', '[]'::jsonb, 'total', '12.0', 'best_total', '15.0', 'threshold_total', '10.0', 'passes', true,
                        'rating', c.rating, 'comment', c.comment, 'ethics', null, 'reviews', '[]'::jsonb), '2026-03-02Z'
             from sealed.consensus c where c.call_id = '{call}';
             insert into sealed.conformity_report (stage_id, call_id, state, conclusion, findings, recommendations, written_by, filed_by, filed_at, sha256)
             values ('{stage}', '{call}', 'filed', 'conforms', 'Fair.', 'Go on', '{@observer}', '{@observer}', '2026-03-03Z', 'ab')",
        )
        .await;
    // The rival has read a review of it and asked for redress, which was upheld; what came of it is not told yet.
    scene
        .sql(
            "insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark,
                                        assigned_at, submitted_at, released_at, label)
             select gen_random_uuid(), call_id, stage_id, '{rival}', expert_id, 'released', scores, comments, remark,
                    '2026-02-01Z', '2026-02-02Z', '2026-02-03Z', 1
             from sealed.review where id = '{review}';
             insert into sealed.rebuttal (proposal_stage_id, call_id, opens_at, closes_at, state, draft)
             values ('{rival_row}', '{call}', '2026-02-04Z', '2026-02-11Z', 'awaited', '{}');
             insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by, checked_because, checked_by, checked_at,
                                         followed, finding, found_by, found_at, decided_because, decided_by, decided_at)
             values (gen_random_uuid(), '{call}', '{rival_row}', 'upheld', 'rules_not_followed', 'Two reviews', '{@rival}',
                     'On the procedure', '{@secretariat}', '2026-03-05Z', false, 'One is missing', '{@observer}', '2026-03-06Z',
                     'Written procedure', '{@csc_chair}', '2030-03-07Z')",
        )
        .await;
    // A funder plans for itself: of the same input, so that it is what an engine made.
    scene
        .sql(
            "insert into sealed.scenario (id, call_id, organisation_id, visibility, name, overrides, engine, input, result, made_by)
             select gen_random_uuid(), s.call_id, o.id, 'private', 'Our plan', '{}', s.engine, s.input, s.result, '{@signatory}'
             from sealed.selection s, organisation o where o.key = '{funder}'",
        )
        .await;
    scene.finish().await
}
