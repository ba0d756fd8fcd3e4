//! Experts from a table, and what is known of them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, nomination};
use serde_json::json;
use testkit::{Client, Reply, Request};

const HEADING: &str =
    "email,name,organisation,department,country,gender,languages,keywords,statement,role,max_load";

fn import(who: &Client, call: &str, lines: &str) -> Request {
    let table = format!("{HEADING}\n{lines}");
    who.post(&format!("/calls/{call}/experts/import"))
        .body("text/csv; charset=utf-8", table)
}

fn names(reply: &Reply) -> Vec<String> {
    let items = reply.json["items"].as_array().unwrap();
    let name = |item: &serde_json::Value| item["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

#[tokio::test]
async fn experts_come_in_from_a_table_all_or_none() {
    let story = Evaluation::begin().await;
    let (office, call) = (&story.office, story.call.as_str());
    let good = "x@north.example,Xenia North,North University,Oncology,SE,woman,en; sv,genomics; ethics,I study genes.,panel_member,4\n\
                y@east.example,Yann East,East University,,,,,genomics,,,3\n";
    // One wrong line, and nothing comes in: an applicant, with the line's number.
    let wrong = format!("{good}pi@bea1.example,A Partner,Elsewhere,,,,,genomics,,,3\n");
    let refused = import(office, call, &wrong).send().await.expect(422);
    assert_eq!(refused.faults(), ["/lines/4/email applicant"]);
    let unread = "x@north.example,,North University,,Nowhere,lady,english,,,,many\n";
    let refused = import(office, call, unread).send().await.expect(422);
    let mut faults = refused.faults();
    faults.sort_unstable();
    let expected = [
        "/lines/2/country country",
        "/lines/2/gender value_unknown",
        "/lines/2/keywords required",
        "/lines/2/languages language",
        "/lines/2/max_load max_load",
        "/lines/2/name required",
    ];
    assert_eq!(faults, expected);
    let path = format!("/calls/{call}/experts");
    assert_eq!(names(&office.read(&path).await), [""; 0]);
    let dry = import(office, call, good).dry_run().send().await;
    assert_eq!(names(&dry.expect(200)), ["Xenia North", "Yann East"]);
    assert_eq!(names(&office.read(&path).await), [""; 0]);
    let json = office.post(&format!("{path}/import")).json(&json!({}));
    json.send().await.expect(415);

    let brought = import(office, call, good).send().await.expect(201);
    let xenia = &brought.json["items"][0];
    assert_eq!(xenia["department"], "Oncology");
    assert_eq!(xenia["languages"], json!(["en", "sv"]));
    assert_eq!(xenia["statement"], "I study genes.");
    assert_eq!(xenia["contact"]["gender"], "woman");
    assert_eq!(brought.json["items"][1]["role"], "remote_reviewer");
    let again = import(office, call, good).send().await.expect(422);
    assert_eq!(
        again.faults(),
        ["/lines/2/email taken", "/lines/3/email taken"]
    );

    // The committee sees the experts without what is the secretariat's business; others see nothing.
    let seen = story.committee.read(&path).await;
    assert_eq!(seen.json["items"][0]["contact"], json!(null));
    assert!(!seen.json.to_string().contains("woman"));
    let ada = &story.proposals[0].0;
    import(ada, call, good).send().await.expect(403);
    let observer = story.app.person("Observer").await;
    story
        .app
        .grant(&observer, Role::Observer, Some(call), None)
        .await;
    import(&observer, call, good).send().await.expect(403);
}

#[tokio::test]
async fn a_table_tells_other_and_former_places_of_work() {
    let story = Evaluation::begin().await;
    let path = format!("/calls/{}/experts/import", story.call);
    let import = |places: &str| {
        let table = format!(
            "email,name,organisation,keywords,max_load,affiliations\nw@west.example,Wim Was,West University,genomics,4,{places}\n"
        );
        story.office.post(&path).body("text/csv", table).send()
    };
    let wrong = import("Institute Ada 0 [nowhere] 2021..2020; Institute Bea 0 soon..").await;
    let mut faults = wrong.expect(422).faults();
    faults.sort_unstable();
    let expected = [
        "/lines/2/affiliations/0/ror ror",
        "/lines/2/affiliations/0/to before_it_began",
        "/lines/2/affiliations/1/from date",
    ];
    assert_eq!(faults, expected);
    let brought = import("Institute Ada 0 ..2020; Institute Bea 0 2021..").await;
    let brought = brought.expect(201).json["items"][0]["contact"]["affiliations"].clone();
    assert_eq!(brought[0]["organisation"], "Institute Ada 0");
    assert_eq!(brought[0]["to"], "2020-12-31");
    assert_eq!(brought[1]["from"], "2021-01-01");
    assert_eq!(brought[1]["to"], json!(null));
}

#[tokio::test]
async fn places_of_work_are_checked_and_former_ones_make_no_conflict() {
    let story = Evaluation::begin().await;
    let path = format!("/calls/{}/experts", story.call);
    let mut expert = nomination(
        "Wim Was",
        "West University",
        "w@west.example",
        "remote_reviewer",
    );
    expert["orcid"] = json!("0000");
    expert["modules"] = json!(["9Z"]);
    expert["affiliations"] =
        json!([{"organisation": "", "from": "2021-01-01", "to": "2020-01-01"}]);
    let refused = story.office.post(&path).json(&json!({"experts": [expert]}));
    let refused = refused.send().await.expect(422);
    let expected = [
        "/experts/0/orcid orcid",
        "/experts/0/affiliations/0/organisation required",
        "/experts/0/affiliations/0/to before_it_began",
        "/experts/0/modules module_unknown",
    ];
    assert_eq!(refused.faults(), expected);

    expert["orcid"] = json!("0000-0002-1825-0097");
    expert["modules"] = json!([]);
    expert["affiliations"] = json!([
        {"organisation": "Institute Ada 0", "to": "2020-01-01"},
        {"organisation": "Institute Bea 0", "from": "2021-01-01"},
    ]);
    story.ready(&[expert]).await;
    let detect = story.stage("conflicts/detect");
    let found = story.office.post(&detect).send().await.expect(200);
    let items = found.json["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!(items[0]["kind"], "same_institution");
    assert_eq!(items[0]["proposal"], json!(story.proposal(1)));
}
