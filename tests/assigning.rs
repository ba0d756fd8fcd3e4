//! How well experts fit proposals, and who gets which: proposed as wished, and done as proposed.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "assigning/steps.rs"]
mod steps;

use access::Role;
use evaluation::Evaluation;
use serde_json::{Value, json};
use steps::{NOBODY, affinity, count, dry, import, names, note, now, number, post};

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
    let observer = story.app.person("Olga").await;
    story
        .app
        .grant(&observer, Role::Observer, Some(&story.call), None)
        .await;
    let seen = observer.read(&path).await;
    assert_eq!(seen.json["experts"][0]["conflicted"], false);
    let imported = observer.read(&story.stage("affinity")).await;
    assert_eq!(imported.json["pairs"], 0);
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
    let back = story.office.delete(&path).etag("*");
    let back = back.send().await.expect(200);
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
    // Two of the three are men: nobody else can be a woman beside the one there is.
    let women = json!({"per_proposal": 2, "objective": "fair",
        "balance": [{"by": "gender", "value": "woman", "least": 2}]});
    let refused = dry(&story, &assign, &women).await.expect(409);
    let why = refused.json["errors"].to_string();
    assert!(why.contains("demand 1 fewer of woman in"), "{why}");
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

/// Who reviews the three proposals as proposed, by name.
fn all(story: &Evaluation, proposed: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..3 {
        found.extend(names(&proposed["pairs"], &story.proposal(at)));
    }
    found.sort();
    found
}

#[tokio::test]
async fn least_numbers_of_a_country_an_organisation_or_an_expert_are_kept_or_explained() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    let german = format!(
        "update sealed.expert set country = 'DE' where id = '{}'",
        experts[0].id
    );
    story.app.sql(&german).await;
    let assign = story.stage("assign");
    let load = |at: usize, least: u16| json!({"expert": experts[at].id, "min_load": least});
    let wrong = json!({"per_proposal": 1,
        "min_loads": [{"expert": NOBODY, "min_load": 1}, load(0, 6), load(0, 1)],
        "caps": {"by": "country", "per_proposal": 1,
            "least": [{"of": "FR", "per_proposal": 1}, {"of": "DE"}, {"of": "DE", "per_proposal": 2}]}});
    let refused = post(&story, &assign, &wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/min_loads/0/expert unknown_expert",
            "/min_loads/1/min_load out_of_range",
            "/min_loads/2/expert unknown_expert",
            "/caps/least/0/of unknown_value",
            "/caps/least/1 out_of_range",
            "/caps/least/2/of unknown_value",
            "/caps/least/2 out_of_range",
        ]
    );

    let country = |least: Value| json!({"by": "country", "least": [least]});
    let organisation =
        json!({"by": "organisation", "least": [{"of": "south university", "load": 3}]});
    let german = country(json!({"of": "DE", "per_proposal": 1}));
    let kept = [
        (
            json!({"per_proposal": 1, "caps": german}),
            ["Xenia North"; 3],
        ),
        (
            json!({"per_proposal": 1, "caps": organisation}),
            ["Zoe South"; 3],
        ),
        (
            json!({"per_proposal": 1, "min_loads": [load(1, 3)]}),
            ["Yann East"; 3],
        ),
        (
            json!({"per_proposal": 1, "min_load": 1, "min_loads": [load(1, 0), load(2, 2)]}),
            ["Xenia North", "Zoe South", "Zoe South"],
        ),
    ];
    for (wishes, expected) in kept {
        let proposed = dry(&story, &assign, &wishes).await.expect(200);
        assert_eq!(all(&story, &proposed.json), expected, "{wishes}");
    }

    let without = json!([{"proposal": story.proposal(0), "expert": experts[0].id}]);
    let many = country(json!({"of": "DE", "load": 4}));
    let unkept = [
        (
            json!({"per_proposal": 1, "forbid": without, "caps": german}),
            "demand 1 fewer of DE in JTC2026-",
        ),
        (
            json!({"per_proposal": 1, "caps": many}),
            "lower the least load of DE by 1",
        ),
        (
            json!({"per_proposal": 1, "min_load": 1, "min_loads": [load(2, 3)]}),
            "lower the least load of ",
        ),
    ];
    for (wishes, expected) in unkept {
        let refused = dry(&story, &assign, &wishes).await.expect(409);
        let why = refused.json["errors"].to_string();
        assert!(why.contains(expected), "{wishes}: {why}");
    }
}
