//! An expert's seat on the panel ends with the role that goes with it; who sat there stays on record: in the list that is
//! published, and among those whom no text for applicants names.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "commitment/world.rs"]
mod world;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply};
use world::World;

/// Does something to a thing as it was read.
async fn act(who: &Client, path: &str, deed: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    let post = who.post(&format!("{path}/{deed}")).etag(&now.etag);
    post.json(body).send().await
}

async fn put(who: &Client, path: &str, body: &Value) -> Reply {
    let now = who.read(path).await;
    who.put(path).etag(&now.etag).json(body).send().await
}

async fn post(who: &Client, path: &str, body: &Value) -> Reply {
    who.post(path).json(body).send().await
}

fn because() -> Value {
    json!({"reason": "Left the university"})
}

fn words(reply: &Reply) -> String {
    reply.json["detail"].as_str().unwrap().to_owned()
}

/// How many mails to an address have a subject with these words.
async fn mails(story: &Evaluation, address: &str, subject: &str) -> usize {
    let all = story.app.mails().await;
    let own = all
        .iter()
        .filter(|mail| mail.to.iter().any(|to| to == address));
    own.filter(|mail| mail.subject().contains(subject)).count()
}

/// Reviews are assigned, each proposal to two; Carla chairs, Mona presents the first proposal and Nils helps her.
async fn panel() -> (Evaluation, Vec<Reviewer>, [Reviewer; 3]) {
    let story = Evaluation::begin().await;
    let reviewers = story.three().await;
    let sits = |name: &str, role: &str| {
        let address = format!("{}@panel.example", &name[..1]).to_lowercase();
        nomination(name, &format!("{name} College"), &address, role)
    };
    let panel = story
        .ready(&[
            sits("Carla Chairwoman", "chair"),
            sits("Mona Memberton", "rapporteur"),
            sits("Nils Nordahl", "panel_member"),
        ])
        .await;
    let pair = |at: usize, expert: usize| json!({"proposal": story.proposal(at), "expert": reviewers[expert].id});
    let keep = [
        pair(0, 0),
        pair(0, 1),
        pair(1, 1),
        pair(1, 2),
        pair(2, 2),
        pair(2, 0),
    ];
    let keep = json!({"per_proposal": 2, "keep": keep});
    post(&story.office, &story.stage("assign"), &keep)
        .await
        .expect(200);
    let named = json!({ "experts": [panel[1].id, panel[2].id] });
    let presents = format!("{}/rapporteurs", story.proposals[0].1);
    put(&story.office, &presents, &named).await.expect(200);
    (story, reviewers, panel.try_into().ok().unwrap())
}

/// The path of the role of the panel that somebody wears.
async fn role_of(story: &Evaluation, who: &Reviewer) -> String {
    let path = format!("/calls/{}/roles", story.call);
    let list = story.office.read(&path);
    let list = list.await.json;
    let account = who.client.account.unwrap().to_string();
    let mut items = list["items"].as_array().unwrap().iter();
    let own = items.find(|one| one["account"] == account.as_str());
    format!("/roles/{}", own.unwrap()["id"].as_str().unwrap())
}

/// What an expert does in the evaluation.
async fn does(story: &Evaluation, who: &Reviewer) -> Value {
    let path = format!("/calls/{}/experts", story.call);
    let list = story.office.read(&path);
    let list = list.await.json;
    let mut items = list["items"].as_array().unwrap().iter();
    let own = items.find(|one| one["id"] == who.id.as_str());
    own.unwrap()["role"].clone()
}

#[tokio::test]
async fn a_seat_on_the_panel_ends_with_its_role() {
    let (story, reviewers, [carla, mona, nils]) = panel().await;
    let office = &story.office;
    let role = role_of(&story, &mona).await;
    let left = because();
    let own = mona.client.delete(&role).json(&left).send().await;
    assert!([403, 404].contains(&own.status), "{}", own.status);
    let dry = office.delete(&role).json(&left).dry_run().send().await;
    dry.expect(200);
    assert_eq!(does(&story, &mona).await, "rapporteur");
    let ended = office.delete(&role).json(&left).send().await;
    ended.expect(200);
    assert_eq!(does(&story, &mona).await, "remote_reviewer");
    let trail = "select detail -> 'seat' ->> 'expert' from audit where action = 'end_role'";
    assert_eq!(story.app.value(trail).await, mona.id);

    // Nils leads now, and both know.
    let presents = format!("{}/rapporteurs", story.proposals[0].1);
    let line = office.read(&presents).await.json;
    let names: Vec<&Value> = line["rapporteurs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["Nils Nordahl"]);
    let you_need_not = "You need not present";
    assert_eq!(mails(&story, "m@panel.example", you_need_not).await, 1);
    assert_eq!(mails(&story, "n@panel.example", "You present").await, 2);
    let again = json!({ "experts": [mona.id] });
    let refused = put(office, &presents, &again).await.expect(422);
    assert_eq!(refused.faults(), ["/experts/0 not_on_panel"]);
    let desk = story.stage("rapporteurs");
    mona.client.get(&desk).send().await.expect(404);

    story.review_all(&reviewers).await;
    story.convene().await.expect(200);
    let meets = "The panel meets";
    for (address, told) in [
        ("m@panel.example", 0),
        ("n@panel.example", 1),
        ("c@panel.example", 1),
    ] {
        assert_eq!(mails(&story, address, meets).await, told, "{address}");
    }
    let replace = format!("/experts/{}/replace", nils.id);
    let refused = post(office, &replace, &left).await.expect(409);
    assert!(words(&refused).contains("call-up"));

    // Handed over, a seat ends likewise: the chair goes, and somebody else chairs by the role.
    let role = role_of(&story, &carla).await;
    let successor = json!({"email": "nora@panel.example"});
    let invited = post(&carla.client, &format!("{role}/hand-over"), &successor).await;
    invited.expect(201);
    let token = story.app.mails().await.iter().rev().find_map(|mail| {
        let text = mail.text();
        let (_, rest) = text.split_once("/link/invitation?token=")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    let accept = json!({"token": token.unwrap(), "name": "Nora New"});
    let accepted = post(&story.app.client(), "/invitations/accept", &accept).await;
    accepted.expect(201);
    assert_eq!(does(&story, &carla).await, "remote_reviewer");
    let panel = story.stage("panel");
    let later = json!({"meets_at": "2097-06-12T07:00:00Z", "place": "Paris"});
    put(office, &panel, &later).await.expect(200);
    for (address, told) in [("c@panel.example", 1), ("nora@panel.example", 1)] {
        assert_eq!(mails(&story, address, meets).await, told, "{address}");
    }
}

#[tokio::test]
async fn a_role_alone_ends_without_the_seat_of_an_expert() {
    let (story, _, [_, mona, _]) = panel().await;
    let call = Some(story.call.as_str());
    let deputy = &mona.client;
    story.app.grant(deputy, Role::PanelChair, call, None).await;
    let path = format!("/calls/{}/roles", story.call);
    let list = story.office.read(&path);
    let list = list.await.json;
    let account = deputy.account.unwrap().to_string();
    let mut items = list["items"].as_array().unwrap().iter();
    let chairs =
        items.find(|one| one["account"] == account.as_str() && one["role"] == "panel_chair");
    let role = format!("/roles/{}", chairs.unwrap()["id"].as_str().unwrap());
    let ended = story.office.delete(&role).json(&because()).send().await;
    ended.expect(200);
    assert_eq!(does(&story, &mona).await, "rapporteur");
    let presents = format!("{}/rapporteurs", story.proposals[0].1);
    let line = story.office.read(&presents).await.json;
    assert_eq!(line["rapporteurs"][0]["name"], "Mona Memberton");
}

#[tokio::test]
async fn who_chairs_by_a_role_or_left_the_panel_is_named_in_no_review_unnoticed() {
    let (story, reviewers, [_, mona, _]) = panel().await;
    let office = &story.office;
    let pam = story.app.person("Pam Presiding").await;
    let call = Some(story.call.as_str());
    story.app.grant(&pam, Role::PanelChair, call, None).await;
    let role = role_of(&story, &mona).await;
    let left = because();
    let ended = office.delete(&role).json(&left).send().await;
    ended.expect(200);
    let mark = |comment: &str| json!({"score": "4.0", "comment": comment});
    let draft = json!({"scores": {"excellence": mark("As Pam Presiding said, it is sound."),
        "impact": mark("So Mona Memberton thinks too."), "implementation": mark("Sound.")}});
    let id = reviewers[0].reviews().await.remove(0);
    let path = format!("/reviews/{id}");
    put(&reviewers[0].client, &path, &draft).await.expect(200);
    reviewers[0].submit(&id).await.expect(200);
    let found = [
        "/scores/excellence/comment identity_name",
        "/scores/impact/comment identity_name",
    ];
    let names = async || {
        let refused = act(office, &path, "release", &json!({})).await;
        let mut faults = refused.expect(409).faults();
        faults.sort();
        faults
    };
    assert_eq!(names().await, found);
    // Whoever chaired is somebody to be named as long as the texts are read.
    let list = office.read(&format!("/calls/{}/roles", story.call)).await;
    let mut items = list.json["items"].as_array().unwrap().iter();
    let own = items.find(|one| one["name"] == "Pam Presiding").unwrap();
    let role = format!("/roles/{}", own["id"].as_str().unwrap());
    let ended = office.delete(&role).json(&left).send().await;
    ended.expect(200);
    assert_eq!(names().await, found);
}

#[tokio::test]
async fn the_panel_is_published_with_who_sat_there_when_it_ranked() {
    let world = World::ranked().await;
    let office = &world.secretariat;
    let call = Some(world.call.as_str());
    let mut people = Vec::new();
    for (name, role, expert) in [
        ("Mona Memberton", Role::PanelMember, true),
        ("Nils Nordahl", Role::PanelMember, true),
        ("Pam Presiding", Role::PanelChair, false),
    ] {
        let person = world.app.person(name).await;
        world.app.grant(&person, role, call, None).await;
        if expert {
            let (id, account) = (kernel::id::new(), person.account.unwrap());
            let sql = format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                 values ('{id}', '{}', '{account}', '{account}@panel.example', '{name}', 'Highland College', 'contracted',
                         'panel_member', 5, clock_timestamp(), '{{2}}')",
                world.call
            );
            world.app.sql(&sql).await;
        }
        people.push(person);
    }
    let end = async |who: &Client| {
        let account = who.account.unwrap().to_string();
        let list = office.read(&world.path("roles")).await.json;
        let mut items = list["items"].as_array().unwrap().iter();
        let own = items.find(|one| one["account"] == account.as_str());
        let role = format!("/roles/{}", own.unwrap()["id"].as_str().unwrap());
        let end = office.delete(&role).json(&because());
        end.send().await.expect(200);
    };
    // Nils left before the panel ranked, and Lea came after it.
    end(&people[1]).await;
    world
        .app
        .sql(&format!(
            "update sealed.ranking_list set adopted_at = clock_timestamp();
             update call set rules = jsonb_set(rules, '{{stages,1,evaluation,names,panel_published}}', 'true') where id = '{}'",
            world.call
        ))
        .await;
    let lea = world.app.person("Lea Later").await;
    world.app.grant(&lea, Role::PanelMember, call, None).await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    office.post(&release).send().await.expect(200);
    world.app.tick().await;
    // Mona and Pam served, and leave when all is done.
    end(&people[0]).await;
    end(&people[2]).await;
    let roles = "select string_agg(distinct role, ' ') from sealed.expert";
    assert_eq!(world.app.value(roles).await, "remote_reviewer");
    let public = world.app.client().read(&world.path("funded")).await.json;
    let panel = json!([{"name": "Mona Memberton", "organisation": "Highland College"},
        {"name": "Pam Presiding", "organisation": ""}]);
    assert_eq!(public["panel"], panel);
}
