//! How well experts fit proposals, and who gets which: proposed, done, changed, and what a change costs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::Reply;

const NOBODY: &str = "019a0000-0000-7000-8000-0000000000ff";

/// What the secretariat reads of who fits a proposal.
async fn affinity(story: &Evaluation, at: usize) -> Value {
    let path = story.stage(&format!("affinity/{}", story.proposal(at)));
    story.office.read(&path).await.json
}

async fn number(story: &Evaluation, at: usize) -> String {
    let seen = affinity(story, at).await;
    seen["number"].as_str().unwrap().to_owned()
}

async fn import(story: &Evaluation, table: &str) -> Reply {
    let path = story.stage("affinity");
    let table = table.to_owned();
    story
        .office
        .post(&path)
        .body("text/csv", table)
        .send()
        .await
}

async fn post(story: &Evaluation, path: &str, body: &Value) -> Reply {
    story.office.post(path).json(body).send().await
}

async fn dry(story: &Evaluation, path: &str, body: &Value) -> Reply {
    let request = story.office.post(path).json(body);
    request.dry_run().send().await
}

/// The names of a proposal's reviewers in a list of assignments, those that ended left out.
fn names(pairs: &Value, proposal: &str) -> Vec<String> {
    let ended = ["declined", "conflicted", "replaced", "voided"];
    let pairs = pairs.as_array().unwrap().iter();
    pairs
        .filter(|pair| pair["proposal"] == proposal)
        .filter(|pair| !ended.contains(&pair["state"].as_str().unwrap()))
        .map(|pair| pair["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn now(story: &Evaluation) -> Value {
    let seen = story.office.read(&story.stage("assignments")).await;
    seen.json["items"].clone()
}

fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

async fn note(story: &Evaluation, expert: &str, proposal: &str) -> Reply {
    let path = format!("/calls/{}/conflicts", story.call);
    let body = json!({"expert": expert, "proposal": proposal, "kind": "co_publication", "reason": "Three papers"});
    post(story, &path, &body).await
}

async fn with_substitute(story: &Evaluation) -> Vec<Reviewer> {
    let mut experts = story.three().await;
    let substitute = nomination(
        "Sue Spare",
        "Spare University",
        "s@spare.example",
        "substitute",
    );
    experts.extend(story.ready(&[substitute]).await);
    experts
}

#[tokio::test]
async fn an_affinity_is_explained_by_its_parts_to_those_who_assign() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let seen = affinity(&story, 0).await;
    assert_eq!(count(&seen["experts"]), 3);
    let one = &seen["experts"][0];
    assert_eq!(one["affinity"], 500_000, "keywords met, nothing stated");
    assert_eq!(one["computed"]["keywords"]["met"][0], "pharmacogenomics");
    assert_eq!(one["computed"]["weights"]["modules"], 0, "it has none");
    assert_eq!(one["conflicted"], false);

    story
        .app
        .sql(&format!(
            "update sealed.expert set statement = 'Ada and her abstracts' where id = '{}';
             update call set rules = jsonb_set(rules, '{{stages,0,evaluation,affinity}}', '{{\"keywords\": 0, \"modules\": 0, \"text\": 1}}')",
            experts[1].id
        ))
        .await;
    let seen = affinity(&story, 0).await;
    let best = &seen["experts"][0];
    assert_eq!(best["name"], "Yann East", "by text alone");
    let terms = best["computed"]["terms"].to_string();
    assert!(
        terms.contains("ada") && terms.contains("abstract"),
        "{terms}"
    );
    assert_eq!(seen["experts"][1]["affinity"], 0);
    let path = story.stage(&format!("affinity/{}", story.proposal(0)));
    let alone = format!("{path}?expert={}", experts[2].id);
    let alone = story.office.read(&alone).await;
    assert_eq!(count(&alone.json["experts"]), 1);
    let unknown = format!("{path}?expert={NOBODY}");
    story.office.get(&unknown).send().await.expect(404);

    let chair = story.app.person("Chair").await;
    story
        .app
        .grant(&chair, Role::PanelChair, Some(&story.call), None)
        .await;
    let seen = chair.read(&path).await;
    assert_eq!(seen.json["experts"][0]["conflicted"], Value::Null);
    for stranger in [&story.proposals[0].0, &experts[0].client, &story.committee] {
        let refused = stranger.get(&path).send().await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
}

#[tokio::test]
async fn an_imported_table_takes_the_place_of_computed_affinities_until_it_is_taken_back() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let first = number(&story, 0).await;
    let faulty = format!(
        "proposal,reviewer,affinity\nP-0,x@north.example,0.5\n{first},nobody@x.example,1.5\n{first},x@north.example,1\n{first},X@north.example,1\n"
    );
    let refused = import(&story, &faulty).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/lines/2/proposal unknown_proposal",
            "/lines/3/reviewer unknown_expert",
            "/lines/3/affinity affinity",
            "/lines/5/reviewer pair_twice",
        ]
    );
    let path = story.stage("affinity");
    let table = format!(
        "proposal,reviewer,affinity\n{first},z@south.example,1\n{first},X@north.example,0.25\n"
    );
    let json = story.office.post(&path).body("application/json", "{}");
    json.send().await.expect(415);
    for stranger in [&story.proposals[0].0, &experts[0].client, &story.committee] {
        let request = stranger.post(&path).body("text/csv", table.clone());
        let refused = request.send().await;
        assert!([403, 404].contains(&refused.status), "{}", refused.status);
    }
    let imported = import(&story, &table).await.expect(200);
    assert_eq!(imported.json["pairs"], 2);
    assert_eq!(imported.json["proposals"][0]["number"], first.as_str());
    let seen = affinity(&story, 0).await;
    let told: Vec<_> = seen["experts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["affinity"].as_i64(), one["imported"].as_i64()))
        .collect();
    let expected = [
        (Some(1_000_000), Some(1_000_000)),
        (Some(500_000), None),
        (Some(250_000), Some(250_000)),
    ];
    assert_eq!(told, expected);
    let one = dry(&story, &story.stage("assign"), &json!({"per_proposal": 1})).await;
    let one = one.expect(200);
    assert_eq!(names(&one.json["pairs"], &story.proposal(0)), ["Zoe South"]);

    let other = format!("proposal,reviewer,affinity\n{first},y@east.example,0\n");
    let imported = import(&story, &other).await.expect(200);
    assert_eq!(imported.json["pairs"], 1, "as a whole");
    let back = story.office.delete(&path).send().await.expect(200);
    assert_eq!(back.json["pairs"], 0);
    assert_eq!(story.office.read(&path).await.json["pairs"], 0);
    let audited = "select count(*) from audit where action = 'import_affinity'";
    assert_eq!(story.app.value(audited).await, "3");
}

#[tokio::test]
async fn an_assignment_is_proposed_as_wished_and_done_as_proposed() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story
        .app
        .sql(&format!(
            "update sealed.expert set gender = case when id = '{}' then 'woman' else 'man' end",
            experts[0].id
        ))
        .await;
    let (assign, first) = (story.stage("assign"), story.proposal(0));
    let pair = |at: usize| json!({"proposal": first, "expert": experts[at].id});
    let wrong = json!({"per_proposal": 0, "min_load": 9, "max_load": 3, "objective": "fair",
        "keep": [{"proposal": NOBODY, "expert": NOBODY}], "balance": [{"by": "gender", "value": "x"}]});
    let refused = post(&story, &assign, &wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/per_proposal out_of_range",
            "/min_load out_of_range",
            "/keep/0/proposal unknown_proposal",
            "/keep/0/expert unknown_expert",
            "/objective not_together",
            "/balance/0/value unknown_value",
            "/balance/0 out_of_range",
        ]
    );
    // Everybody works in Sweden.
    let caps = json!({"per_proposal": 2, "caps": {"by": "country", "per_proposal": 1}});
    let refused = dry(&story, &assign, &caps).await.expect(409);
    let why = refused.json["errors"].to_string();
    assert!(why.contains("allow 1 more of SE"), "{why}");
    let women =
        json!({"per_proposal": 1, "balance": [{"by": "gender", "value": "woman", "least": 1}]});
    let balanced = dry(&story, &assign, &women).await.expect(200);
    for at in 0..3 {
        let found = names(&balanced.json["pairs"], &story.proposal(at));
        assert_eq!(found, ["Xenia North"]);
    }
    let short = json!({"per_proposal": 3, "forbid": [pair(0)]});
    let refused = dry(&story, &assign, &short).await.expect(409);
    let why = refused.json["errors"].to_string();
    assert!(why.contains("Smallest change: ask for 1 fewer"), "{why}");
    let fewer = json!({"per_proposal": 3, "forbid": [pair(0)],
        "reviewers": [{"proposal": first, "reviewers": 2}]});
    dry(&story, &assign, &fewer).await.expect(200);

    let mut wishes = json!({"per_proposal": 2, "min_load": 1, "max_load": 3, "objective": "fair",
        "keep": [pair(0)], "forbid": [pair(1)]});
    let proposed = dry(&story, &assign, &wishes).await.expect(200);
    assert_eq!(
        names(&proposed.json["pairs"], &first),
        ["Xenia North", "Zoe South"]
    );
    assert_eq!(proposed.json["worst"], 1_000_000);
    assert_eq!(proposed.json["gap"], 0);
    assert_eq!(count(&now(&story).await), 0);
    wishes["as_proposed"] = json!("another");
    let refused = post(&story, &assign, &wishes).await.expect(409);
    assert_eq!(refused.code(), "state_conflict");
    wishes["as_proposed"] = proposed.json["fingerprint"].clone();
    let done = post(&story, &assign, &wishes).await.expect(200);
    assert_eq!(done.json["new"], 6);
    assert_eq!(
        names(&done.json["pairs"], &first),
        ["Xenia North", "Zoe South"]
    );

    note(&story, &experts[1].id, &first).await.expect(201);
    let refused = post(&story, &assign, &json!({"keep": [pair(1)]})).await;
    let refused = refused.expect(422);
    assert_eq!(refused.faults(), ["/keep/0 conflict_of_interest"]);
    let refused = post(&story, &assign, &json!({"forbid": [pair(0)]})).await;
    assert_eq!(refused.expect(422).faults(), ["/forbid/0 at_work"]);
}

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
