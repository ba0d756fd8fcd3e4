//! The expert's desk: a review written away from the network, what the secretariat looks at before it releases one,
//! and the figures of an evaluation.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use kernel::{Cell, Sheet};
use serde_json::{Value, json};
use tables::{Limits, read_workbook, write_workbook};
use testkit::{Client, Reply};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const LIMITS: Limits = Limits {
    unpacked: 1 << 24,
    parts: 100,
    rows: 100,
    columns: 30,
};

const SHEETS: [&str; 4] = ["scores", "remark", "form", "notes"];

async fn form(client: &Client, review: &str) -> Vec<Sheet> {
    let file = client.read(&format!("/reviews/{review}/form.xlsx")).await;
    read_workbook(&file.body, &SHEETS, LIMITS).unwrap()
}

fn put(sheet: &mut Sheet, (row, column): (usize, usize), text: &str) {
    if sheet.rows.len() <= row {
        sheet.rows.resize(row + 1, Vec::new());
    }
    let cells = &mut sheet.rows[row];
    if cells.len() <= column {
        cells.resize(column + 1, Cell::from(""));
    }
    cells[column] = Cell::from(text);
}

async fn send(client: &Client, review: &str, etag: &str, sheets: &[Sheet], dry: bool) -> Reply {
    let path = format!("/reviews/{review}/form.xlsx");
    let request = client
        .put(&path)
        .etag(etag)
        .body(XLSX, write_workbook(sheets).unwrap());
    match dry {
        true => request.dry_run().send().await,
        false => request.send().await,
    }
}

#[tokio::test]
async fn a_review_is_written_offline_and_comes_back_as_its_draft() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let xenia = &experts[0].client;
    let id = experts[0].reviews().await.remove(0);
    let path = format!("/reviews/{id}");
    let file = xenia.read(&format!("{path}/form.xlsx")).await;
    assert!(
        file.header("content-disposition")
            .contains("-stage-1-review.xlsx")
    );
    let mut sheets = form(xenia, &id).await;
    let mut texts = sheets.iter().flat_map(|sheet| sheet.rows.iter().flatten());
    let names = ["Xenia", "Yann", "Zoe", "north.example"];
    let told = |cell: &Cell| names.iter().any(|name| cell.as_str().contains(name));
    assert!(!texts.any(told), "the form names nobody");
    assert_eq!(sheets[0].rows[1][0].as_str(), "excellence");
    assert_eq!(sheets[2].rows[1][1].as_str(), id);

    for (row, score) in [(1, "4.5"), (2, "4,0"), (3, "3.5")] {
        put(&mut sheets[0], (row, 6), score);
        put(&mut sheets[0], (row, 7), "Sound, and well planned.");
    }
    put(&mut sheets[1], (1, 0), "Between us");
    let now = xenia.read(&path).await;
    let dry = send(xenia, &id, &now.etag, &sheets, true).await.expect(200);
    assert_eq!(dry.json["scores"]["impact"]["score"], "4.0");
    assert_eq!(xenia.read(&path).await.etag, now.etag, "nothing is saved");
    let saved = send(xenia, &id, &now.etag, &sheets, false)
        .await
        .expect(200);
    assert_eq!(saved.json["state"], "draft");
    assert_eq!(saved.json["inside"]["remark"], "Between us");
    let impact = json!({"score": "4.0", "comment": "Sound, and well planned."});
    assert_eq!(saved.json["scores"]["impact"], impact);
    send(xenia, &id, &now.etag, &sheets, false)
        .await
        .expect(412);
    let old = send(xenia, &id, &saved.etag, &sheets, false).await;
    assert_eq!(old.expect(422).faults(), ["/form/B3 form_outdated"]);

    // The next form holds what is saved, and everything that is wrong with it is told at once.
    let mut sheets = form(xenia, &id).await;
    assert_eq!(sheets[0].rows[2][6].as_str(), "4");
    assert_eq!(sheets[1].rows[1][0].as_str(), "Between us");
    put(&mut sheets[0], (1, 6), "9");
    put(&mut sheets[0], (2, 6), "good");
    put(&mut sheets[0], (3, 6), "");
    put(&mut sheets[1], (4, 1), "And more");
    let refused = send(xenia, &id, &saved.etag, &sheets, false)
        .await
        .expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/scores/G3 cell_unreadable",
            "/scores/G4 score_missing",
            "/scores/G2 score_off_scale",
            "/remark/B5 text_misplaced"
        ]
    );
    assert_eq!(xenia.read(&path).await.etag, saved.etag);

    let target = format!("{path}/form.xlsx");
    let other = experts[0].reviews().await.remove(1);
    let wrong = form(xenia, &other).await;
    let refused = send(xenia, &id, &saved.etag, &wrong, false).await;
    assert_eq!(refused.expect(422).faults(), ["/form/B2 form_of_another"]);
    let bytes = xenia.put(&target).etag(&saved.etag).body(XLSX, "PK");
    let bytes = bytes.send().await.expect(422);
    assert_eq!(bytes.faults(), [" workbook_unreadable"]);
    let text = xenia.put(&target).etag(&saved.etag).body("text/csv", "a");
    text.send().await.expect(415);
    let blind = xenia.put(&target).body(XLSX, "PK").send().await;
    blind.expect(428);
    story.office.get(&target).send().await.expect(403);
    for stranger in [&experts[1].client, &story.proposals[0].0, &story.committee] {
        stranger.get(&target).send().await.expect(404);
        let sent = stranger.put(&target).etag("*").body(XLSX, "PK");
        sent.send().await.expect(404);
    }
    experts[0].submit(&id).await.expect(200);
    let now = xenia.read(&path).await;
    let sheets = form(xenia, &id).await;
    let late = send(xenia, &id, &now.etag, &sheets, false).await;
    assert_eq!(late.expect(409).code(), "state_conflict");
}

/// Writes a review with this comment on impact, and hands it in.
async fn hand_in(expert: &Reviewer, review: &str, comment: &str) {
    let path = format!("/reviews/{review}");
    let mark = |comment: &str| json!({"score": "4.0", "comment": comment});
    let draft = json!({"scores": {"excellence": mark("Sound."), "impact": mark(comment),
        "implementation": mark("Sound.")}});
    let now = expert.client.read(&path).await;
    let saved = expert.client.put(&path).etag(&now.etag).json(&draft);
    saved.send().await.expect(200);
    expert.submit(review).await.expect(200);
}

#[tokio::test]
async fn what_gives_a_reviewer_away_is_looked_at_before_the_release() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let chair = story.ready(&[chair]).await.remove(0);
    story.assign(3).await.expect(200);
    let ids = experts[0].reviews().await;
    hand_in(&experts[0], &ids[0], "As Xenia North wrote: sound.").await;
    hand_in(&experts[0], &ids[1], "Weak throughout, and hard to read.").await;
    let path = format!("/reviews/{}", ids[0]);
    let seen = story.office.read(&path).await;
    let found = &seen.json["inside"]["findings"];
    assert_eq!(found[0]["code"], "identity_name");
    assert_eq!(found[0]["pointer"], "/scores/impact/comment");
    for other in [&experts[0].client, &chair.client] {
        let view = other.read(&path).await;
        assert_eq!(view.json["inside"]["findings"], json!([]));
    }
    let release = format!("{path}/release");
    let refused = story.office.post(&release).etag(&seen.etag).send().await;
    let told = ["/scores/impact/comment identity_name"];
    assert_eq!(refused.expect(409).faults(), told);
    let all = story.stage("reviews/release");
    let refused = story.office.post(&all).json(&json!({})).send().await;
    let mut told = [
        format!("/reviews/{}/scores/impact/comment identity_name", ids[0]),
        format!(
            "/reviews/{}/scores/impact/comment comment_contradicts",
            ids[1]
        ),
    ];
    let mut faults = refused.expect(409).faults();
    told.sort();
    faults.sort();
    assert_eq!(faults, told);
    let despite = json!({"despite_findings": true});
    let one = story.office.post(&release).etag(&seen.etag).json(&despite);
    assert_eq!(one.send().await.expect(200).json["state"], "released");
    let audit = "select detail ->> 'despite' from audit where action = 'release_review' order by id desc limit 1";
    let kept = story.app.value(audit).await;
    assert_eq!(kept, "[\"/scores/impact/comment identity_name\"]");
    let rest = story.office.post(&all).json(&despite).send().await;
    assert_eq!(rest.expect(200).json["reviews"], json!([ids[1]]));
}

#[tokio::test]
async fn nobody_who_evaluates_the_proposal_is_named_in_a_review_unnoticed() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = nomination("Carla Chair", "West University", "c@west.example", "chair");
    story.ready(&[chair]).await;
    story.assign(2).await.expect(200);
    let list = story.office.read(&story.stage("assignments")).await;
    let first = story.proposal(0);
    let items = list.json["items"].as_array().unwrap().iter();
    let of_it: Vec<&Value> = items.filter(|one| one["proposal"] == first).collect();
    let [own, other] = of_it.as_slice() else {
        panic!("{of_it:?}")
    };
    let writes = |name: &&&str| of_it.iter().any(|one| one["name"] == ***name);
    let names = ["Xenia North", "Yann East", "Zoe South"];
    let elsewhere = names.iter().find(|name| !writes(name)).unwrap();
    let author = experts.iter().find(|one| own["expert"] == one.id);
    let author = author.unwrap();
    let (own_name, other_name) = (
        own["name"].as_str().unwrap(),
        other["name"].as_str().unwrap(),
    );

    let id = own["review"].as_str().unwrap();
    let path = format!("/reviews/{id}");
    let mark = |comment: String| json!({"score": "4.0", "comment": comment});
    let draft = json!({"scores": {
        "excellence": mark(format!("{other_name} will say so too, and {own_name} does.")),
        "impact": mark("Write to Carla Chair, c@west.example, of the panel.".to_owned()),
        "implementation": mark(format!("{elsewhere} reviews others only."))}});
    let now = author.client.read(&path).await;
    let saved = author.client.put(&path).etag(&now.etag).json(&draft);
    saved.send().await.expect(200);
    author.submit(id).await.expect(200);
    let told = [
        "/scores/excellence/comment identity_name",
        "/scores/impact/comment identity_email",
        "/scores/impact/comment identity_name",
    ];
    let seen = story.office.read(&path).await;
    let release = format!("{path}/release");
    let refused = story.office.post(&release).etag(&seen.etag).send().await;
    let mut faults = refused.expect(409).faults();
    faults.sort();
    assert_eq!(faults, told, "each once");
    let all = story.stage("reviews/release");
    let refused = story.office.post(&all).json(&json!({})).send().await;
    let mut faults = refused.expect(409).faults();
    faults.sort();
    assert_eq!(faults, told.map(|one| format!("/reviews/{id}{one}")));
    let view = author.client.read(&path).await;
    assert_eq!(view.json["inside"]["findings"], json!([]));
}

/// The mails that remind of reviews: whom, and of how many.
async fn reminders(story: &Evaluation) -> Vec<String> {
    let mails = story.app.mails().await;
    let subjects = mails.iter().filter_map(|mail| {
        let subject = mail.subject();
        let (_, many) = subject.split_once("Reviews that wait for you: ")?;
        Some(format!("{} {many}", mail.to[0]))
    });
    let mut told: Vec<String> = subjects.collect();
    told.sort();
    told
}

#[tokio::test]
async fn who_is_late_is_seen_and_reminded_once_for_each_moment() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let ids = experts[0].reviews().await;
    experts[0].write(&ids[0], "4.0").await.expect(200);
    hand_in(&experts[0], &ids[1], "Sound.").await;
    let own = experts[0]
        .client
        .read(&format!("/reviews/{}", ids[0]))
        .await;
    assert!(own.json["inside"]["due_at"].is_string());
    let done = experts[0]
        .client
        .read(&format!("/reviews/{}", ids[1]))
        .await;
    assert_eq!(done.json["inside"]["due_at"], Value::Null);
    story.app.tick().await;
    assert!(reminders(&story).await.is_empty());

    let move_due = |days: i32| {
        format!(
            "update sealed.review set assigned_at = clock_timestamp() - interval '24 days',
                    due_at = clock_timestamp() + make_interval(days => {days})"
        )
    };
    story.app.sql(&move_due(4)).await;
    for _ in 0..2 {
        story.app.tick().await;
        let told = ["x@north.example 2", "y@east.example 3", "z@south.example 3"];
        assert_eq!(reminders(&story).await, told);
    }
    story
        .app
        .sql("update sealed.review set reminded_at = clock_timestamp() - interval '3 days'")
        .await;
    story.app.sql(&move_due(-2)).await;
    story.app.tick().await;
    assert_eq!(reminders(&story).await.len(), 6);
    let mails = story.app.mails().await;
    let late = mails
        .iter()
        .rfind(|mail| mail.subject().contains("Reviews that wait"));
    assert!(late.unwrap().text().contains("JTC2026-001, due "));

    let path = story.stage("progress");
    let seen = story.office.read(&path).await.json;
    let names: Vec<&Value> = seen["experts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(
        names,
        ["Yann East", "Zoe South", "Xenia North"],
        "the latest first"
    );
    let steps =
        json!({"asked": 1, "begun": 1, "returned": 0, "submitted": 1, "released": 0, "overdue": 2});
    assert_eq!(seen["experts"][2]["reviews"], steps);
    assert!(seen["experts"][2]["reminded_at"].is_string());
    let overdue: Vec<&Value> = seen["proposals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["reviews"]["overdue"])
        .collect();
    assert_eq!(overdue.len(), 3);

    // What is given back is due in a week, and no reminder by itself.
    let id = &ids[1];
    let now = story.office.read(&format!("/reviews/{id}")).await;
    let back = story
        .office
        .post(&format!("/reviews/{id}/return"))
        .etag(&now.etag);
    let back = back.json(&json!({"reason": "Say more"})).send().await;
    assert!(back.expect(200).json["inside"]["due_at"].is_string());
    story.app.tick().await;
    assert_eq!(reminders(&story).await.len(), 6);
    let seen = story.office.read(&path).await.json;
    assert_eq!(seen["experts"][2]["reviews"]["returned"], 1);
    assert_eq!(seen["experts"][2]["reviews"]["overdue"], 2);

    story.committee.get(&path).send().await.expect(403);
    let due = story.stage("reviews/due");
    let past = json!({"due_at": "2020-01-01T00:00:00Z", "reviews": [story.call]});
    let refused = story.office.post(&due).json(&past).send().await;
    let told = ["/due_at due_in_the_past", "/reviews/0 not_waited_for"];
    assert_eq!(refused.expect(422).faults(), told);
    let later = json!({"due_at": "2097-03-01T12:00:00Z"});
    story
        .committee
        .post(&due)
        .json(&later)
        .send()
        .await
        .expect(403);
    for stranger in [&experts[0].client, &story.proposals[0].0] {
        stranger.get(&path).send().await.expect(404);
        stranger.post(&due).json(&later).send().await.expect(404);
    }
    let set = story
        .office
        .post(&due)
        .json(&later)
        .send()
        .await
        .expect(200);
    for expert in set.json["experts"].as_array().unwrap() {
        assert_eq!(expert["next_due"], "2097-03-01T12:00:00Z");
        assert_eq!(expert["reviews"]["overdue"], 0);
    }
    assert_eq!(reminders(&story).await.len(), 9, "everybody is told");
}

#[tokio::test]
async fn figures_hide_what_is_small_and_wait_for_the_panel() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let chair = nomination("Carla Chair", "West University", "c@west.example", "chair");
    let chair = story.ready(&[chair]).await.remove(0);
    story.assign(3).await.expect(200);
    for (expert, impact) in experts.iter().zip(["4.0", "3.5", "5.0"]) {
        for review in expert.reviews().await {
            expert.write(&review, impact).await.expect(200);
            expert.submit(&review).await.expect(200);
        }
    }
    let path = story.stage("statistics");
    let early = story.office.read(&path).await;
    assert_eq!(early.json["criteria"][0]["scores"]["total"], 0);
    let all = story.stage("reviews/release");
    let released = story.office.post(&all).json(&json!({})).send().await;
    released.expect(200);

    let seen = story.office.read(&path).await.json;
    assert_eq!(seen["hidden_below"], 3);
    let people = &seen["experts"];
    assert_eq!(
        (&people["rows"], &people["total"]),
        (&json!(["SE"]), &json!(4))
    );
    assert_eq!(seen["time_taken"]["reviews"], 9);
    let excellence = &seen["criteria"][0];
    assert_eq!(
        excellence["agreement"],
        Value::Null,
        "all scores are the same"
    );
    assert_eq!(excellence["scores"]["items"][9], json!(["4.5", 9]));
    let impact = &seen["criteria"][1];
    assert_eq!(impact["agreement"]["units"], 3);
    assert_eq!(impact["agreement"]["values"], 9);
    for line in impact["scores"]["items"].as_array().unwrap() {
        assert!(![json!(1), json!(2)].contains(&line[1]), "{line}");
    }
    let workbook = story.office.read(&format!("{path}.xlsx")).await;
    let sheets = read_workbook(&workbook.body, &["scores", "agreement"], LIMITS).unwrap();
    assert_eq!(sheets[1].rows.len(), 4);
    assert!(
        sheets[0]
            .rows
            .iter()
            .any(|row| row[1].as_str() == "4.5" && row[2].as_str() == "9")
    );

    let view = chair.client.read(&path).await.json;
    assert_eq!(view["experts"], Value::Null);
    assert_eq!(view["load"]["total"], 3);
    // Who must not know about a proposal could take all others off the sum.
    let account = chair.client.account.unwrap();
    let proposal = story.proposal(0);
    story
        .app
        .sql(&format!(
            "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
             values ('{account}', '{proposal}', '{}', 'Friends')",
            story.call
        ))
        .await;
    let walled = chair.client.read(&path).await.json;
    assert_eq!(walled["criteria"][0]["scores"]["total"], 6);

    let member = story.app.person("Member").await;
    let (role, call) = (Role::PanelMember, Some(story.call.as_str()));
    story.app.grant(&member, role, call, None).await;
    for path in [path.clone(), format!("{path}.xlsx")] {
        story.committee.get(&path).send().await.expect(409);
        member.get(&path).send().await.expect(403);
        for stranger in [&experts[0].client, &story.proposals[0].0] {
            stranger.get(&path).send().await.expect(404);
        }
    }
    story.app.broken_on_purpose("the panel is left out");
    let ranked = format!(
        "update stage set state = 'ranked' where call_id = '{}' and number = 1",
        story.call
    );
    story.app.sql(&ranked).await;
    let told = story.committee.read(&path).await.json;
    assert_eq!(told["experts"]["total"], 4);
    assert_eq!(
        (&told["load"], &told["time_taken"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(told["criteria"][0]["scores"]["total"], 9);
}
