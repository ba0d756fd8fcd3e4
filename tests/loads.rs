//! An expert takes so many proposals at every stage, and another number at a single one: whoever assigns keeps to it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod evaluation;
mod proposals;
#[path = "commitment/world.rs"]
mod world;

use access::Role;
use evaluation::{Evaluation, Reviewer, nomination};
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp};
use uuid::Uuid;
use world::World;

/// Xenia takes five proposals at a stage and a single one at the second, Yann five everywhere.
fn nominations() -> [Value; 2] {
    let mut two = [
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
    ];
    two[0]["stage_loads"] = json!({"2": 1});
    two
}

/// A call whose full proposals are being reviewed.
struct Second {
    world: World,
    call: String,
    proposals: Vec<Uuid>,
    xenia: Reviewer,
    yann: Reviewer,
}

impl Second {
    async fn begin() -> Second {
        let mut world = World::ranked().await;
        let (call, stage, first) = (kernel::id::new(), kernel::id::new(), kernel::id::new());
        let ranked = world.call.clone();
        world
            .app
            .sql(&format!(
                "insert into call (id, code, title, topic, year, state, rehearsal, rules, version, opened_at)
                 select '{call}', 'JTC2033', title, topic, year, state, rehearsal, rules, version, opened_at from call where id = '{ranked}';
                 insert into call_version (id, call_id, number, change, reason, document)
                 select gen_random_uuid(), id, 1, 'Opened', '', jsonb_build_object('title', title, 'topic', topic) from call where id = '{call}';
                 insert into call_action_item (call_id, action_item_id, share)
                 select '{call}', action_item_id, share from call_action_item where call_id = '{ranked}';
                 insert into stage (id, call_id, number, kind, state, opens_at, deadline_at, zone, label) values
                 ('{first}', '{call}', 1, 'pre_proposal', 'communicated', '2026-01-01Z', '2026-03-01Z', 'Europe/Paris', '1 March'),
                 ('{stage}', '{call}', 2, 'full_proposal', 'reviewing', '2097-01-01Z', '2097-06-01Z', 'Europe/Paris', '1 June 2097');
                 insert into participation (id, call_id, organisation_id, commitment, version)
                 select gen_random_uuid(), '{call}', organisation_id, commitment, 2 from participation where call_id = '{ranked}';
                 insert into commitment (id, call_id, participation_id, number, amount, reason)
                 select id, call_id, id, 1, commitment, 'Letter of commitment' from participation where call_id = '{call}'"
            ))
            .await;
        let call = call.to_string();
        let office = &world.secretariat;
        let role = Role::Secretariat;
        world.app.grant(office, role, Some(&call), None).await;
        (world.call, world.code, world.stage) = (call.clone(), "JTC2033".to_owned(), stage);
        let mut proposals = Vec::new();
        for number in ["F11", "F12", "F13"] {
            world.proposal(number, "eligible", None, &[100, 100]).await;
            proposals.push(world.proposals.pop().unwrap().1);
        }
        let path = format!("/calls/{call}/experts");
        let nominate = world.secretariat.post(&path);
        let nominate = nominate.json(&json!({ "experts": nominations() }));
        let items = nominate.send().await.expect(201).json["items"].clone();
        let mut experts = Vec::new();
        for item in items.as_array().unwrap() {
            let client = world.app.person(item["name"].as_str().unwrap()).await;
            let id = item["id"].as_str().unwrap().to_owned();
            let account = client.account.unwrap();
            world
                .app
                .sql(&format!(
                    "update sealed.expert set state = 'contracted', account_id = '{account}', declared_at = clock_timestamp(),
                     declared_stages = '{{2}}' where id = '{id}'"
                ))
                .await;
            experts.push(Reviewer { client, id });
        }
        let (yann, xenia) = (experts.remove(1), experts.remove(0));
        Second {
            world,
            call,
            proposals,
            xenia,
            yann,
        }
    }

    fn pair(&self, at: usize, expert: &Reviewer) -> Value {
        json!({"proposal": self.proposals[at], "expert": expert.id})
    }

    fn path(&self, rest: &str) -> String {
        format!("/calls/{}/stages/2/{rest}", self.call)
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.world.secretariat.post(path).json(body).send().await
    }

    async fn dry(&self, path: &str, body: &Value) -> Reply {
        let post = self.world.secretariat.post(path).json(body);
        post.dry_run().send().await
    }

    async fn load(&self, expert: &Reviewer, load: Value) -> Reply {
        let mut body = load;
        body["reason"] = json!("Agreed by telephone");
        self.post(&format!("/experts/{}/load", expert.id), &body)
            .await
    }

    /// The loads on record.
    async fn agreed(&self, expert: &Reviewer) -> String {
        let query = format!(
            "select format('%s %s', max_load, stage_loads) from sealed.expert where id = '{}'",
            expert.id
        );
        self.world.app.value(&query).await
    }
}

#[tokio::test]
async fn at_its_stage_the_own_load_holds_whoever_assigns() {
    let of = Second::begin().await;
    let assign = of.path("assign");
    let wishes = |mut more: Value| {
        more["per_proposal"] = json!(1);
        more
    };
    let least = json!([{"expert": of.xenia.id, "min_load": 2}]);
    let keep = json!([of.pair(0, &of.xenia), of.pair(1, &of.xenia)]);
    for (wish, fault) in [
        (
            json!({ "min_loads": least }),
            "/min_loads/0/min_load out_of_range",
        ),
        (json!({ "keep": keep }), "/keep/1 full"),
    ] {
        let refused = of.post(&assign, &wishes(wish)).await.expect(422);
        assert_eq!(refused.faults(), [fault]);
    }
    let forbid = json!([of.pair(0, &of.yann), of.pair(1, &of.yann)]);
    let both = wishes(json!({ "forbid": forbid }));
    of.dry(&assign, &both).await.expect(409);

    // The first is Xenia's alone to take, and then she is full.
    let forbid = json!([of.pair(0, &of.yann)]);
    let done = of.post(&assign, &wishes(json!({ "forbid": forbid }))).await;
    assert_eq!(done.expect(200).json["new"], 3);
    assert_eq!(of.xenia.reviews().await.len(), 1);
    assert_eq!(of.yann.reviews().await.len(), 2);
    let one = of.path("assignments");
    let more = of.pair(1, &of.xenia);
    let refused = of.post(&one, &more).await.expect(422);
    assert_eq!(refused.faults(), ["/expert full"]);
    let price = format!(
        "{one}/price?proposal={}&expert={}",
        of.proposals[1], of.xenia.id
    );
    let office = &of.world.secretariat;
    office.get(&price).send().await.expect(409);
    let change = json!({"reason": "Yann asks", "per_proposal": 1,
        "forbid": [of.pair(0, &of.yann), of.pair(1, &of.yann)]});
    let reassign = of.path("reassign");
    let refused = of.dry(&reassign, &change).await.expect(409);
    let why = refused.json["errors"].to_string();
    assert!(why.contains("Xenia North"), "{why}");

    // Without the number for the stage the one for all holds.
    let agreed = of.load(&of.xenia, json!({"max_load": 5})).await;
    assert_eq!(agreed.expect(200).json["stage_loads"], json!({}));
    of.dry(&one, &more).await.expect(200);
    of.dry(&reassign, &change).await.expect(200);
    assert_ne!(office.read(&price).await.json["cost"], Value::Null);
}

#[tokio::test]
async fn loads_are_agreed_on_anew_and_left_as_held_stage_by_stage() {
    let of = Second::begin().await;
    let forbid = json!([of.pair(0, &of.yann)]);
    let wishes = json!({"per_proposal": 1, "forbid": forbid});
    let assign = of.path("assign");
    of.post(&assign, &wishes).await.expect(200);
    let faulty = json!({"max_load": 101, "stage_loads": {"2": 1, "3": 4}});
    let refused = of.load(&of.yann, faulty).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/max_load out_of_range",
            "/stage_loads/3 stage_unknown",
            "/stage_loads/2 below_held",
        ]
    );
    let seconds = json!({"max_load": 0, "stage_loads": {"2": 9}});
    let agreed = of.load(&of.yann, seconds).await.expect(200);
    assert_eq!(agreed.json["max_load"], 0);
    assert_eq!(agreed.json["stage_loads"], json!({"2": 9}));
    let own = of.yann.client.read("/me/experts").await.json;
    assert_eq!(own["items"][0]["stage_loads"], json!({"2": 9}));
    let one = of.path("assignments");
    of.dry(&one, &of.pair(0, &of.yann)).await.expect(200);

    // What Xenia has handed in stays, and at no stage she gets more.
    let review = of.xenia.reviews().await.remove(0);
    of.xenia.write(&review, "4.0").await.expect(200);
    of.xenia.submit(&review).await.expect(200);
    let replace = format!("/experts/{}/replace?stage=2", of.xenia.id);
    let gone = json!({"reason": "Fell ill"});
    of.post(&replace, &gone).await.expect(200);
    assert_eq!(of.agreed(&of.xenia).await, "1 {\"1\": 0}");
}

#[tokio::test]
async fn at_another_stage_it_does_not_count_and_who_accepts_may_take_fewer() {
    let story = Evaluation::begin().await;
    let experts = format!("/calls/{}/experts", story.call);
    let mut wrong = nominations();
    wrong[1]["stage_loads"] = json!({"0": 1, "2": 101});
    let refused = story
        .office
        .post(&experts)
        .json(&json!({ "experts": wrong }));
    assert_eq!(
        refused.send().await.expect(422).faults(),
        [
            "/experts/1/stage_loads/0 stage_unknown",
            "/experts/1/stage_loads/2 out_of_range",
        ]
    );
    let invited = story.invite(&nominations()).await;
    let accept = async |one: &Reviewer, loads: Value| {
        let path = format!("/experts/{}/accept", one.id);
        let body = json!({"confidentiality": true, "stage_loads": loads});
        one.client.post(&path).json(&body).send().await
    };
    let (xenia, yann) = (&invited[0], &invited[1]);
    let refused = accept(xenia, json!({"1": 6, "2": 2, "3": 1})).await;
    assert_eq!(
        refused.expect(422).faults(),
        [
            "/stage_loads/1 out_of_range",
            "/stage_loads/2 out_of_range",
            "/stage_loads/3 stage_unknown",
        ]
    );
    let desk = accept(xenia, json!({"1": 2})).await.expect(200);
    assert_eq!(desk.json["items"][0]["max_load"], 5);
    let agreed = json!({"1": 2, "2": 1});
    assert_eq!(desk.json["items"][0]["stage_loads"], agreed);
    accept(yann, json!({})).await.expect(200);
    for one in &invited {
        one.declare(&json!([])).await.expect(200);
    }
    let shown = async |who: &Client| {
        let seen = who.read(&experts).await.json;
        seen["items"][0]["stage_loads"].clone()
    };
    assert_eq!(shown(&story.office).await, agreed);
    assert_eq!(shown(&story.committee).await, Value::Null);

    let assign = story.stage("assign");
    let keep = |expert: &Reviewer| {
        let pairs = (0..3).map(|at| json!({"proposal": story.proposal(at), "expert": expert.id}));
        json!({"per_proposal": 1, "keep": pairs.collect::<Vec<_>>()})
    };
    let refused = story.office.post(&assign).json(&keep(xenia)).send().await;
    assert_eq!(refused.expect(422).faults(), ["/keep/2 full"]);
    // Of the second stage's number the first knows nothing.
    let lower = json!({"max_load": 5, "stage_loads": {"2": 1}, "reason": "On leave in autumn"});
    let path = format!("/experts/{}/load", yann.id);
    let lower = story.office.post(&path).json(&lower);
    lower.send().await.expect(200);
    let done = story.office.post(&assign).json(&keep(yann)).send().await;
    assert_eq!(done.expect(200).json["new"], 3);
}

const TABLE: &str = "email,name,organisation,keywords,max_load,max_load_stage_1,max_load_stage_2\n";

async fn import(office: &Client, call: &str, lines: &str) -> Reply {
    let path = format!("/calls/{call}/experts/import");
    let import = office.post(&path);
    let import = import.body("text/csv", format!("{TABLE}{lines}"));
    import.send().await
}

#[tokio::test]
async fn a_table_has_a_column_for_each_stage_and_a_draft_forgets_stages_that_it_drops() {
    let app = TestApp::start().await;
    let office = app.person("Office").await;
    app.grant(&office, Role::CallOffice, None, None).await;
    let stage = |year: u16| {
        json!({"opens_at": format!("{year}-01-01T00:00:00Z"),
            "deadline": {"at": format!("{year}-03-04T16:00:00Z"), "zone": "Europe/Paris",
                "label": format!("4 March {year}, 17:00 CET")}})
    };
    let mut draft = json!({"code": "JTC2097", "title": "A call", "topic": "Tools", "year": 2026, "rehearsal": true,
        "stages": [stage(2097), stage(2098)]});
    let made = office.post("/calls").json(&draft).send().await.expect(201);
    let call = made.id();
    let wrong = "x@north.example,Xenia North,North University,genomics,5,,few\n\
                 y@east.example,Yann East,East University,genomics,5,101,\n";
    let refused = import(&office, &call, wrong).await.expect(422);
    assert_eq!(
        refused.faults(),
        [
            "/lines/2/max_load_stage_2 max_load",
            "/lines/3/max_load_stage_1 max_load",
        ]
    );
    let good = "x@north.example,Xenia North,North University,genomics,5,3,1\n\
                y@east.example,Yann East,East University,genomics,5,,\n";
    let brought = import(&office, &call, good).await.expect(201).json;
    assert_eq!(brought["items"][0]["max_load"], 5);
    assert_eq!(brought["items"][0]["stage_loads"], json!({"1": 3, "2": 1}));
    assert_eq!(brought["items"][1]["stage_loads"], json!({}));

    let mut rules = call::Rules::default_two_stage();
    rules.stages.remove(0);
    draft["rules"] = serde_json::to_value(rules).unwrap();
    draft["stages"] = json!([stage(2097)]);
    let edit = office.put(&format!("/calls/{call}")).etag("*");
    edit.json(&draft).send().await.expect(200);
    let kept = office.read(&format!("/calls/{call}/experts")).await.json;
    assert_eq!(kept["items"][0]["stage_loads"], json!({"1": 3}));
    let third = "z@south.example,Zoe South,South University,genomics,5,2,4\n";
    let refused = import(&office, &call, third).await.expect(422);
    assert_eq!(
        refused.faults(),
        ["/lines/2/max_load_stage_2 stage_unknown"]
    );
}

#[tokio::test]
async fn what_is_withdrawn_is_no_load_any_more() {
    let story = Evaluation::begin().await;
    let experts = story.three().await;
    story.assign(3).await.expect(200);
    let path = format!("/experts/{}/load", experts[0].id);
    let agree = |load: i32| {
        let body = json!({ "max_load": load, "reason": "Agreed by telephone" });
        story.office.post(&path).json(&body).send()
    };
    let refused = agree(2).await.expect(422);
    assert_eq!(refused.faults(), ["/max_load below_held"]);
    let (bea, path_of_bea) = &story.proposals[1];
    let now = bea.read(path_of_bea).await;
    let withdraw = bea.post(&format!("{path_of_bea}/withdraw")).etag(&now.etag);
    let reason = json!({ "reason": "The group moves away" });
    withdraw.json(&reason).send().await.expect(200);
    agree(1).await.expect(422);
    agree(2).await.expect(200);
}
