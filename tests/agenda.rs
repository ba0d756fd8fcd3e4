//! Agendas and organisations are data: loaded, versioned, and read by everybody.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use access::Role;
use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn the_seeds_hold_what_the_action_plan_holds_and_load_once() {
    let app = TestApp::start().await;
    let again = service::agenda::load_seeds(&app.service).await.unwrap();
    assert_eq!(again.changed, 0, "everything was there from the template");
    let parts: Vec<_> = again.action_items.into_iter().collect();
    assert_eq!(parts, [("A".to_owned(), 22), ("B".to_owned(), 8)]);
    let members: Vec<_> = again.members.into_iter().collect();
    assert_eq!(
        members,
        [
            ("member".to_owned(), 29),
            ("observer_status".to_owned(), 4),
            ("regional_member".to_owned(), 3)
        ]
    );

    let agendas = app.client().read("/agendas").await;
    assert_eq!(agendas.json["items"][0]["code"], "icpermed-2017");
    assert_eq!(agendas.json["items"][0]["items"], 30);
    assert_eq!(agendas.json["items"][0]["version"], 1);
    let members = app.client().read("/organisations?body=ICPerMed").await;
    assert_eq!(members.json["items"].as_array().unwrap().len(), 36);
}

#[tokio::test]
async fn a_changed_file_raises_the_version_and_keeps_the_items() {
    let app = TestApp::start().await;
    let item = "select id from action_item where number = 'A.7'";
    let before = app.value(item).await;
    app.sql(
        "update agenda set content_sha256 = 'of another file';
         update action_item set title = 'Another title' where number = 'A.7'",
    )
    .await;
    let loaded = service::agenda::load_seeds(&app.service).await.unwrap();
    assert_eq!(loaded.changed, 30);
    let agendas = app.client().read("/agendas").await;
    assert_eq!(agendas.json["items"][0]["version"], 2);
    assert_eq!(app.value(item).await, before, "calls stay mapped to it");
    let title = "select title from action_item where number = 'A.7'";
    assert_ne!(app.value(title).await, "Another title");
}

#[tokio::test]
async fn items_and_organisations_are_filtered() {
    let app = TestApp::start().await;
    let client = app.client();
    let all = client.read("/agendas/icpermed-2017/action-items").await;
    let all = all.json["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 30);
    let path = "/agendas/icpermed-2017/action-items?part=B";
    assert_eq!(
        client.read(path).await.json["items"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    let path = "/agendas/icpermed-2017/action-items?time_frame=L&scope=R/N";
    let found = client.read(path).await;
    let holds = |item: &serde_json::Value| {
        item["time_frames"]
            .as_array()
            .unwrap()
            .contains(&json!("L"))
            && item["scopes"].as_array().unwrap().contains(&json!("R/N"))
    };
    let expected = all.iter().filter(|item| holds(item)).count();
    assert!(expected > 0 && expected < 30);
    assert_eq!(found.json["items"].as_array().unwrap().len(), expected);
    client
        .get("/agendas/nothing/action-items")
        .send()
        .await
        .expect(404);

    let german = client.read("/organisations?country=DE").await;
    let german = german.json["items"].as_array().unwrap().clone();
    assert!(german.iter().all(|one| one["country"] == "DE"));
    let agency = german.iter().find(|one| one["key"] == "DE-DLRPT").unwrap();
    assert_eq!(agency["acting_for"][0]["organisation"], "DE-BMBF");
    assert_eq!(agency["memberships"], json!([]));

    let first = client.read("/organisations?limit=10").await;
    let next = first.json["next"].as_str().unwrap();
    let second = client
        .read(&format!("/organisations?limit=10&cursor={next}"))
        .await;
    assert!(second.json["items"][0]["key"].as_str() > Some(next));
}

#[tokio::test]
async fn the_register_is_kept_by_the_agenda_editor() {
    let app = TestApp::start().await;
    let editor = app.person("Edith Editor").await;
    let input = json!({"key": "BE-FNRS", "name": "Fund for Scientific Research", "country": "BE"});
    let refused = editor.post("/organisations").json(&input).send().await;
    assert_eq!(refused.expect(403).code(), "forbidden");
    app.grant(&editor, Role::AgendaEditor, None, None).await;
    let wrong = json!({"key": "SE-FNRS", "name": "", "country": "BE"});
    let faults = editor.post("/organisations").json(&wrong).send().await;
    assert_eq!(faults.expect(422).faults(), ["/key key", "/name required"]);
    editor
        .post("/organisations")
        .json(&input)
        .send()
        .await
        .expect(201);
    let twice = editor.post("/organisations").json(&input).send().await;
    assert_eq!(twice.expect(422).faults(), ["/key taken"]);
}

#[tokio::test]
async fn who_speaks_for_an_agency_speaks_for_the_ministry_it_acts_for() {
    let app = TestApp::start().await;
    let office = app.person("Olga Office").await;
    let call = app
        .open_call(
            &office,
            "JTC1",
            &[
                ("DE-BMBF", "1000.00"),
                ("SE-VINNOVA", "1000.00"),
                ("IT-MOH", "1000.00"),
            ],
        )
        .await;
    let call = call.id();
    let editor = app.person("Edith Editor").await;
    app.grant(&editor, Role::AgendaEditor, None, None).await;
    let signatory = app.person("Sigi Signatory").await;
    app.grant(&signatory, Role::Signatory, Some(&call), Some("DE-DLRPT"))
        .await;

    let funders = signatory.read(&format!("/calls/{call}/funders")).await;
    let pledge = json!({"amount": "2000.00", "reason": "More money"});
    let path = format!("/calls/{call}/funders/DE-BMBF/commitment");
    let pledged = signatory
        .put(&path)
        .etag(&funders.etag)
        .json(&pledge)
        .send()
        .await
        .expect(200);

    let acting = "/organisations/DE-DLRPT/acting-for/DE-BMBF";
    editor
        .delete(acting)
        .json(&json!({"reason": "The mandate has ended"}))
        .send()
        .await
        .expect(200);
    let refused = signatory
        .put(&path)
        .etag(&pledged.etag)
        .json(&pledge)
        .send()
        .await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);

    // What was ended by hand is not brought back by the next start.
    service::agenda::load_seeds(&app.service).await.unwrap();
    let refused = signatory.put(&path).etag("*").json(&pledge).send().await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
    editor
        .put(acting)
        .json(&json!({"reason": "A new mandate"}))
        .send()
        .await
        .expect(200);
    signatory
        .put(&path)
        .etag("*")
        .json(&pledge)
        .send()
        .await
        .expect(200);
}
