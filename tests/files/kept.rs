//! Who reads a file before and after the deadline, how long it is kept, and whether it is what it was.

use std::fs::{FileTimes, OpenOptions};
use std::time::{Duration, UNIX_EPOCH};

use access::Role;
use serde_json::json;
use testkit::sample;

use crate::Desk;
use crate::uploading::{begin, file, naming, send};

#[tokio::test]
async fn a_file_is_read_by_those_alone_who_read_a_version_that_names_it() {
    let desk = Desk::new().await;
    desk.app
        .broken_on_purpose("a review that is there before its stage is");
    let (app, ada) = (&desk.app, &desk.ada);
    let submitted = file(ada, &desk.path, "a.pdf", &sample::pdf(1, "submitted")).await;
    let edited = file(ada, &desk.path, "b.pdf", &sample::pdf(1, "edited since")).await;
    let loose = file(ada, &desk.path, "c.pdf", &sample::pdf(1, "never named")).await;
    desk.save(naming("letters", &submitted)).await.expect(200);
    desk.submit().await.expect(200);
    desk.save(naming("letters", &edited)).await.expect(200);
    let observer = app.person("Observer").await;
    app.grant(&observer, Role::Observer, Some(&desk.call), None)
        .await;
    let (asked, other) = (app.person("Asked").await, app.person("Other").await);
    for (who, funder) in [(&asked, "DE-BMBF"), (&other, "SE-VINNOVA")] {
        app.grant(who, Role::ContactPerson, Some(&desk.call), Some(funder))
            .await;
    }
    let expert = app.person("Expert").await;
    let (call, path) = (&desk.call, &desk.path);
    let proposal = path.trim_start_matches("/proposals/");
    app.sql(&format!(
        "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
         values ('{call}', '{call}', '{}', 'e@example.org', 'Eva', 'Lab', 'contracted', 'remote_reviewer', 9, clock_timestamp(), '{{1}}');
         insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state)
         select '{call}', '{call}', id, '{proposal}', '{call}', 'accepted' from stage where call_id = '{call}' and number = 1",
        expert.account.unwrap()
    ))
    .await;

    let readers = [&desk.office, &observer, &asked, &expert];
    for sha256 in [&submitted, &edited, &loose] {
        ada.read(&desk.link(sha256)).await;
        for who in readers {
            who.get(&desk.link(sha256)).send().await.expect(404);
        }
    }
    app.close_stage(call, 1).await;
    for who in readers {
        assert_eq!(
            who.read(&desk.link(&submitted)).await.body,
            sample::pdf(1, "submitted")
        );
        for hidden in [&edited, &loose, &"0".repeat(64), &"..".to_owned()] {
            who.get(&desk.link(hidden)).send().await.expect(404);
        }
    }
    other.get(&desk.link(&submitted)).send().await.expect(404);
    app.client()
        .get(&desk.link(&submitted))
        .send()
        .await
        .expect(401);
    app.sql(&format!(
        "insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
         values ('{call}', '{call}', '{call}', '{proposal}', 'declared', true, '', 'declared', true)"
    ))
    .await;
    expert.get(&desk.link(&submitted)).send().await.expect(409);
    for sha256 in [&submitted, &edited, &loose] {
        ada.read(&desk.link(sha256)).await;
    }
}

#[tokio::test]
async fn what_nobody_names_is_removed_after_a_week_and_nothing_else() {
    let desk = Desk::new().await;
    let (app, ada) = (&desk.app, &desk.ada);
    let former = file(ada, &desk.path, "a.pdf", &sample::pdf(1, "former")).await;
    let named = file(ada, &desk.path, "b.pdf", &sample::pdf(1, "named")).await;
    let loose = file(ada, &desk.path, "c.pdf", &sample::pdf(1, "loose")).await;
    for sha256 in [&former, &named] {
        desk.save(naming("letters", sha256)).await.expect(200);
    }
    let old = begin(ada, &desk.path, "d.pdf", 1_000)
        .await
        .expect(201)
        .id();
    send(ada, &old, 0, b"%PDF-1.7").await.expect(200);
    let sweep = async || service::intake::sweep_files(&app.service).await.unwrap();
    assert_eq!(sweep().await, 0, "nothing is old");
    app.sql(
        "update file set at = at - interval '8 days';
         update upload set created_at = created_at - interval '8 days'",
    )
    .await;
    let long_ago = FileTimes::new().set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    for sha256 in [&former, &named, &loose] {
        let path = app.files_folder().join(&sha256[..2]).join(sha256);
        let kept = OpenOptions::new().write(true).open(path).unwrap();
        kept.set_times(long_ago).unwrap();
    }
    // A file that is uploaded again counts as new.
    let fresh = file(ada, &desk.path, "e.pdf", &sample::pdf(1, "fresh")).await;
    // Four uploads and a part that go on no more, a file, and its bytes.
    assert_eq!(sweep().await, 4 + 1 + 1 + 1);
    for sha256 in [&former, &named, &fresh] {
        ada.read(&desk.link(sha256)).await;
    }
    ada.get(&desk.link(&loose)).send().await.expect(404);
    ada.get(&format!("/uploads/{old}")).send().await.expect(404);
    assert_eq!(std::fs::read_dir(app.parts_folder()).unwrap().count(), 0);
    let folder = app.files_folder().join(&loose[..2]).join(&loose);
    assert!(!folder.exists());
    let again = desk.save(naming("letters", &loose)).await.expect(422);
    assert_eq!(again.faults(), ["/annexes/letters/file file_unknown"]);
    assert_eq!(sweep().await, 0);
}

#[tokio::test]
async fn one_byte_changed_in_a_submitted_file_is_found_and_so_is_its_loss() {
    let desk = Desk::new().await;
    let (app, ada) = (&desk.app, &desk.ada);
    let sha256 = file(ada, &desk.path, "a.pdf", &sample::pdf(2, "letters")).await;
    desk.save(naming("letters", &sha256)).await.expect(200);
    desk.submit().await.expect(200);
    let examine = async || service::health::examine(&app.service).await.unwrap();
    assert_eq!(examine().await, []);
    let path = app.files_folder().join(&sha256[..2]).join(&sha256);
    let sound = std::fs::read(&path).unwrap();
    let mut found = 0;
    for at in [0, sound.len() / 2, sound.len() - 1] {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let broken = examine().await;
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert_eq!(
            (broken[0].name, &broken[0].ids[0]),
            ("submitted_files_are_kept", &sha256)
        );
        found += 1;
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(examine().await[0].count, 1);
    println!("{found} changed bytes and a lost file of a submission were found by the doctor");
    std::fs::write(&path, &sound).unwrap();
    assert_eq!(examine().await, []);
    // A draft's file that is damaged is uploaded again; the doctor looks at what was submitted.
    let saved = desk.save(json!({"title": "Another"})).await.expect(200);
    assert_eq!(saved.json["stages"][0]["state"], "edited_since");
}
