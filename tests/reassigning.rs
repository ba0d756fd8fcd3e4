//! Who reviews what, changed after something changed: as little as possible, and at a price that is known before.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use evaluation::Evaluation;
use serde_json::{Value, json};
use steps::{NOBODY, count, dry, import, names, note, now, number, post, with_substitute};

#[tokio::test]
async fn what_has_to_change_changes_as_little_as_possible() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let reassign = story.stage("reassign");
    let why = json!({"reason": "A conflict of interest", "per_proposal": 2});
    post(&story, &reassign, &why).await.expect(409);
    story.assign(2).await.expect(200);
    let before = now(&story).await;
    let lost = &before[0];
    let (expert, proposal) = (
        lost["expert"].as_str().unwrap(),
        lost["proposal"].as_str().unwrap(),
    );
    note(&story, expert, proposal).await.expect(201);
    let none = json!({"reason": " "});
    let refused = post(&story, &reassign, &none).await.expect(422);
    assert_eq!(refused.faults(), ["/reason required"]);
    let shown = dry(&story, &reassign, &why).await.expect(200);
    assert_eq!(
        (count(&shown.json["dropped"]), count(&shown.json["added"])),
        (0, 1)
    );
    assert_eq!(names(&now(&story).await, proposal).len(), 1);
    let done = post(&story, &reassign, &why).await.expect(200);
    assert_eq!(done.json["added"], shown.json["added"]);
    let after = names(&now(&story).await, proposal);
    assert_eq!(after.len(), 2);
    assert!(!after.contains(&lost["name"].as_str().unwrap().to_owned()));
    let again = post(&story, &reassign, &why).await.expect(200);
    assert_eq!(
        (count(&again.json["dropped"]), count(&again.json["added"])),
        (0, 0)
    );

    // Of another proposal one is taken off who has not begun, and told so.
    let items = now(&story).await;
    let other = items.as_array().unwrap().iter();
    let mut other = other.filter(|pair| pair["proposal"] != proposal);
    let pair = other.next().unwrap();
    let mut off = json!({"reason": "On holiday", "per_proposal": 2,
        "forbid": [{"proposal": pair["proposal"], "expert": pair["expert"]}]});
    let done = post(&story, &reassign, &off).await.expect(200);
    assert_eq!(
        (count(&done.json["dropped"]), count(&done.json["added"])),
        (1, 1)
    );
    assert_eq!(done.json["dropped"][0]["expert"], pair["expert"]);
    let mails = story.app.mails().await;
    let told = mails
        .iter()
        .filter(|mail| mail.subject().contains("need not review"));
    assert_eq!(told.count(), 1);

    // Nobody is taken off a review that is begun.
    let writer = experts.iter().find(|one| one.id != expert).unwrap();
    let review = writer.reviews().await;
    let items = now(&story).await;
    let mut held = items.as_array().unwrap().iter().filter(|pair| {
        pair["expert"] == writer.id.as_str()
            && pair["state"] == "invited"
            && review.iter().any(|id| pair["review"] == id.as_str())
    });
    let begun = held.next().unwrap();
    writer
        .write(begun["review"].as_str().unwrap(), "4.0")
        .await
        .expect(200);
    off["forbid"] = json!([{"proposal": begun["proposal"], "expert": begun["expert"]}]);
    let refused = post(&story, &reassign, &off).await.expect(422);
    assert_eq!(refused.faults(), ["/forbid/0 at_work"]);
    for stranger in [&story.proposals[0].0, &experts[0].client, &story.committee] {
        let refused = stranger.post(&reassign).json(&why).send().await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
}

#[tokio::test]
async fn least_loads_are_kept_when_assigning_anew() {
    let story = Evaluation::begin().await;
    let experts = with_substitute(&story).await;
    let (assign, reassign) = (story.stage("assign"), story.stage("reassign"));
    let load = |at: usize, least: u16| json!({"expert": experts[at].id, "min_load": least});
    let with = |least: Value| {
        let mut wishes = json!({"reason": "Loads agreed on", "per_proposal": 1});
        let all = wishes.as_object_mut().unwrap();
        all.extend(least.as_object().unwrap().clone());
        wishes
    };
    let all_to_one = json!({"per_proposal": 1, "min_loads": [load(1, 3)]});
    post(&story, &assign, &all_to_one).await.expect(200);
    let unknown = json!({"expert": NOBODY, "min_load": 1});
    let wrong = with(json!({"min_load": 101,
        "min_loads": [unknown, load(0, 6), load(0, 1), load(3, 1)]}));
    let refused = post(&story, &reassign, &wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/min_load out_of_range",
            "/min_loads/0/expert unknown_expert",
            "/min_loads/1/min_load out_of_range",
            "/min_loads/2/expert unknown_expert",
            "/min_loads/3/expert unknown_expert",
        ]
    );
    let beyond = with(json!({"min_load": 1, "min_loads": [load(2, 3)]}));
    let refused = post(&story, &reassign, &beyond).await.expect(409);
    let why = refused.json["errors"].to_string();
    assert!(why.contains("lower the least load of "), "{why}");

    // Each of the three has one, and the substitute none.
    let each = with(json!({"min_load": 1}));
    let done = post(&story, &reassign, &each).await.expect(200);
    assert_eq!(
        (count(&done.json["dropped"]), count(&done.json["added"])),
        (2, 2)
    );
    let items = now(&story).await;
    let mut all: Vec<String> = Vec::new();
    for at in 0..3 {
        all.extend(names(&items, &story.proposal(at)));
    }
    all.sort();
    assert_eq!(all, ["Xenia North", "Yann East", "Zoe South"]);

    // Who has one of the three gets the other two, and all others may have none.
    let least = with(json!({"min_load": 1, "min_loads": [load(0, 0), load(1, 0), load(2, 3)]}));
    let shown = dry(&story, &reassign, &least).await.expect(200);
    let done = post(&story, &reassign, &least).await.expect(200);
    assert_eq!(done.json["added"], shown.json["added"]);
    assert_eq!(
        (count(&done.json["dropped"]), count(&done.json["added"])),
        (2, 2)
    );
    let items = now(&story).await;
    for at in 0..3 {
        assert_eq!(names(&items, &story.proposal(at)), ["Zoe South"]);
    }
    let again = post(&story, &reassign, &least).await.expect(200);
    assert_eq!(count(&again.json["added"]), 0);
}

#[tokio::test]
async fn an_expert_who_drops_out_is_replaced_on_all_open_reviews() {
    let story = Evaluation::begin().await;
    let experts = with_substitute(&story).await;
    story.assign(2).await.expect(200);
    let before = now(&story).await;
    let busy = before[0]["expert"].as_str().unwrap();
    let leaving = experts.iter().find(|one| one.id == busy).unwrap();
    let reviews = leaving.reviews().await;
    leaving.write(&reviews[0], "4.0").await.expect(200);
    leaving.submit(&reviews[0]).await.expect(200);
    let (path, why) = (
        format!("/experts/{}/replace", leaving.id),
        json!({"reason": "Fell ill"}),
    );
    for (stranger, status) in [
        (&leaving.client, 403),
        (&story.committee, 403),
        (&story.proposals[0].0, 404),
    ] {
        let refused = stranger.post(&path).json(&why).send().await;
        refused.expect(status);
    }
    let shown = dry(&story, &path, &why).await.expect(200);
    assert_eq!(count(&shown.json["dropped"]), reviews.len() - 1);
    assert_eq!(count(&shown.json["added"]), reviews.len() - 1);
    let done = post(&story, &path, &why).await.expect(200);
    assert_eq!(done.json["dropped"], shown.json["dropped"]);
    let items = now(&story).await;
    for at in 0..3 {
        assert_eq!(names(&items, &story.proposal(at)).len(), 2);
    }
    let load = format!(
        "select max_load from sealed.expert where id = '{}'",
        leaving.id
    );
    assert_eq!(story.app.value(&load).await, "1", "what is handed in stays");
    let more = story.assign(2).await.expect(200);
    assert_eq!(more.json["new"], 0, "everybody has two already");
    let new = more.json["pairs"].as_array().unwrap().iter();
    let anew =
        new.filter(|pair| pair["expert"] == leaving.id.as_str() && pair["state"] == "invited");
    assert_eq!(anew.count(), 0);
    let unknown = format!("/experts/{NOBODY}/replace");
    post(&story, &unknown, &why).await.expect(404);
}

#[tokio::test]
async fn a_place_for_which_nobody_is_left_stays_open_only_if_it_may() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let path = format!("/experts/{}/replace", experts[0].id);
    let mut why = json!({"reason": "Fell ill"});
    let refused = post(&story, &path, &why).await.expect(409);
    assert_eq!(refused.code(), "state_conflict");
    assert!(refused.faults().contains(&" infeasible".to_owned()));
    assert_eq!(experts[0].reviews().await.len(), 3, "nothing is changed");
    why["leave_open"] = json!(true);
    let done = post(&story, &path, &why).await.expect(200);
    assert_eq!(
        (count(&done.json["dropped"]), count(&done.json["added"])),
        (3, 0)
    );
    let items = now(&story).await;
    for at in 0..3 {
        let there = names(&items, &story.proposal(at));
        assert_eq!(there, ["Yann East", "Zoe South"]);
    }
}

#[tokio::test]
async fn what_a_change_by_hand_costs_is_known_before_it_is_made() {
    let story = Evaluation::begin().await;
    let experts = with_substitute(&story).await;
    story.assign(2).await.expect(200);
    let (items, first) = (now(&story).await, story.proposal(0));
    let there = names(&items, &first);
    let third = experts[..3]
        .iter()
        .zip(["Xenia North", "Yann East", "Zoe South"]);
    let mut third = third.filter(|(_, name)| !there.contains(&(*name).to_owned()));
    let (third, _) = third.next().unwrap();
    let number = number(&story, 0).await;
    let email = format!("select email from sealed.expert where id = '{}'", third.id);
    let email = story.app.value(&email).await;
    let table =
        format!("proposal,reviewer,affinity\n{number},{email},0.1\n{number},s@spare.example,0.9\n");
    import(&story, &table).await.expect(200);
    let path = story.stage("assignments/price");
    let ask = |expert: &str| format!("{path}?proposal={first}&expert={expert}");
    let price = story.office.read(&ask(&third.id)).await.json;
    assert_eq!(
        price,
        json!({"affinity": 100_000, "cost": 800_000, "others_filled": true})
    );
    let price = story.office.read(&ask(&experts[3].id)).await.json;
    assert_eq!(price["cost"], 0);
    let review = items.as_array().unwrap().iter();
    let mut review = review.filter(|pair| pair["proposal"] == first.as_str());
    let review = review.next().unwrap()["review"].as_str().unwrap();
    let instead = format!("{}&instead_of={review}", ask(&third.id));
    let price = story.office.read(&instead).await.json;
    assert_eq!(price["cost"], 0, "of three reviewers both are needed");
    assert_eq!(count(&now(&story).await), 6, "nothing is changed");

    note(&story, &third.id, &first).await.expect(201);
    let price = story.office.read(&ask(&third.id)).await.json;
    assert_eq!(price["cost"], Value::Null);
    let refused = story.office.get(&path).send().await.expect(422);
    assert_eq!(
        refused.faults(),
        ["/proposal unknown_proposal", "/expert unknown_expert"]
    );
    for stranger in [&story.proposals[0].0, &experts[0].client, &story.committee] {
        let refused = stranger.get(&path).send().await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_pair_with_a_conflict_comes_of_whatever_happens_at_once() {
    let story = Evaluation::begin().await;
    let experts = with_substitute(&story).await;
    let (assign, reassign) = (story.stage("assign"), story.stage("reassign"));
    let leave = format!("/experts/{}/replace", experts[2].id);
    let (two, why) = (
        json!({"per_proposal": 2}),
        json!({"reason": "A change", "per_proposal": 2}),
    );
    let drop_out = json!({"reason": "Fell ill"});
    let rounds = [
        (&assign, &two),
        (&reassign, &why),
        (&leave, &drop_out),
        (&reassign, &why),
    ];
    for (round, (path, body)) in rounds.into_iter().enumerate() {
        let (expert, proposal) = (&experts[round % 3].id, story.proposal(round % 3));
        let (noted, changed, twice) = tokio::join!(
            note(&story, expert, &proposal),
            post(&story, path, body),
            post(&story, path, body),
        );
        assert!([201, 409].contains(&noted.status), "{}", noted.status);
        for reply in [changed, twice] {
            assert!([200, 409, 503].contains(&reply.status), "{}", reply.json);
        }
    }
    let conflicted =
        "select count(*) from sealed.review r join sealed.conflict c using (expert_id, proposal_id)
        where c.standing and r.state not in ('declined', 'conflicted', 'replaced', 'voided')";
    assert_eq!(story.app.value(conflicted).await, "0");
}
