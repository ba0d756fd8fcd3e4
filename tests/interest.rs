//! Where calls begin: members state their interest, an idea becomes a draft, further funders ask to join.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use access::Role;
use serde_json::{Value, json};
use testkit::{Client, TestApp};

const ITEM: &str = "/agendas/icpermed-2017/action-items/A.7/interests";
const MATRIX: &str = "/agendas/icpermed-2017/interests";

async fn member(app: &TestApp, name: &str, key: &str) -> Client {
    let person = app.person(name).await;
    app.grant(&person, Role::MemberRepresentative, None, Some(key))
        .await;
    person
}

fn item(matrix: &Value) -> Value {
    let items = matrix["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 30);
    items
        .into_iter()
        .find(|item| item["item"] == "A.7")
        .unwrap()
}

#[tokio::test]
async fn a_matrix_shows_where_members_of_enough_countries_meet() {
    let app = TestApp::start().await;
    let germany = member(&app, "Gerd", "DE-BMBF").await;
    let france = member(&app, "Fanny", "FR-ANR").await;
    let spain = member(&app, "Sol", "ES-ISCIII").await;
    let stated = json!({"amount": "1500000.00", "remark": "Our hospitals have the data"});
    let own = format!("{ITEM}/DE-BMBF");
    let first = germany.put(&own).json(&stated).send().await.expect(200);
    let foreign = france.put(&own).etag("*").json(&stated);
    foreign.send().await.expect(403);
    let smaller = json!({"amount": "1000000.01"});
    let blind = germany.put(&own).json(&smaller).send().await;
    blind.expect(428);
    let changed = germany.put(&own).etag(&first.etag).json(&smaller);
    let changed = changed.send().await.expect(200);
    assert_eq!(changed.json["version"], 2);
    france
        .put(&format!("{ITEM}/FR-ANR"))
        .json(&json!({"amount": "2000000.00"}))
        .send()
        .await
        .expect(200);
    let two = item(&germany.read(MATRIX).await.json);
    assert_eq!(
        (&two["countries"], &two["enough"]),
        (&json!(2), &json!(false))
    );
    spain
        .put(&format!("{ITEM}/ES-ISCIII"))
        .json(&json!({}))
        .send()
        .await
        .expect(200);
    let three = item(&germany.read(MATRIX).await.json);
    assert_eq!(three["enough"], true);
    assert_eq!(three["amount"], "3000000.01");
    assert_eq!(three["members"].as_array().unwrap().len(), 3);
    let nothing = json!({"amount": "0.00"});
    let refused = germany.put(&own).etag("*").json(&nothing).send().await;
    assert_eq!(refused.expect(422).faults(), ["/amount out_of_range"]);
    let left = germany.delete(&own).etag(&changed.etag).send().await;
    assert_eq!(item(&left.expect(200).json)["countries"], 2);
    germany.delete(&own).etag("*").send().await.expect(404);
    app.client().get(MATRIX).send().await.expect(401);
    let stranger = app.person("Stranger").await;
    stranger.get(MATRIX).send().await.expect(404);
}

#[tokio::test]
async fn an_idea_is_known_to_members_and_becomes_a_draft_on_their_memorandum() {
    let app = TestApp::start().await;
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    let germany = member(&app, "Gerd", "DE-BMBF").await;
    let sweden = member(&app, "Sven", "SE-VINNOVA").await;
    let idea = json!({
        "code": "JTC2031", "title": "Prevention", "topic": "Prevention of disease", "year": 2031, "idea": true,
        "stages": [
            {"opens_at": "2030-11-20T09:00:00Z", "deadline": {"at": "2031-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2031, 17:00 CET"}},
            {"opens_at": "2031-05-05T09:00:00Z", "deadline": {"at": "2031-06-17T15:00:00Z", "zone": "Europe/Paris", "label": "17 June 2031, 17:00 CEST"}}]});
    let call = office.post("/calls").json(&idea).send().await.expect(201);
    assert_eq!(call.json["state"], "idea");
    let path = format!("/calls/{}", call.id());
    let stranger = app.person("Stranger").await;
    stranger.get(&path).send().await.expect(404);
    germany.read(&path).await;
    let listed = germany.read("/calls").await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);

    let requests = format!("{path}/join-requests");
    let asking = json!({"organisation": "DE-BMBF", "amount": "3000000.00"});
    germany
        .post(&requests)
        .json(&asking)
        .send()
        .await
        .expect(201);
    let twice = germany.post(&requests).json(&asking).send().await;
    assert_eq!(twice.expect(422).faults(), ["/organisation taken"]);
    let other = json!({"organisation": "SE-VINNOVA"});
    let for_another = germany.post(&requests).json(&other).send().await;
    for_another.expect(404);
    let asked = sweden.post(&requests).json(&other).send().await.expect(201);
    let of_one = germany.read(&requests).await;
    assert_eq!(of_one.json["items"].as_array().unwrap().len(), 1);
    let decline = format!("/join-requests/{}/decline", asked.id());
    let because = json!({"reason": "No applicants from there are expected"});
    sweden
        .post(&decline)
        .etag("*")
        .json(&because)
        .send()
        .await
        .expect(403);
    let stale = office.post(&decline).etag("\"other\"").json(&because);
    stale.send().await.expect(412);
    let declined = office.post(&decline).etag(&asked.etag).json(&because);
    assert_eq!(declined.send().await.expect(200).json["state"], "declined");

    let prepare = format!("{path}/prepare");
    let early = office.post(&format!("{path}/approve")).etag("*");
    early.send().await.expect(403);
    let empty = office
        .post(&prepare)
        .etag(&call.etag)
        .json(&json!({"memorandum": ""}));
    assert_eq!(
        empty.send().await.expect(422).faults(),
        ["/memorandum required"]
    );
    let signed = json!({"memorandum": "Signed by three members on 3 March 2030"});
    let draft = office.post(&prepare).etag(&call.etag).json(&signed);
    assert_eq!(draft.send().await.expect(200).json["state"], "draft");
    germany.get(&path).send().await.expect(404);
    let again = office.post(&prepare).etag("*").json(&signed).send().await;
    again.expect(409);
    let funder = json!({"organisation": "DE-BMBF"});
    let added = office.post(&format!("{path}/funders")).json(&funder);
    added.send().await.expect(201);
    let all = office.read(&requests).await;
    assert_eq!(all.json["items"][0]["state"], "joined");
}
