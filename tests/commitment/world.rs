//! A call whose full proposals are ranked, with the worked case of ten proposals and four funders. It is
//! set up in SQL, so that these stories begin where the evaluation ends.

#![allow(dead_code, reason = "each test file tells a part of the story")]

use access::{Action, Actor, Grant, Object, Person, Role, Scope};
use call::StageKind;
use chrono::{DateTime, TimeZone, Utc};
use intake::{Receipt, SignedReceipt};
use serde_json::{Value, json};
use strum::IntoEnumIterator;
use testkit::{Client, TestApp};
use uuid::Uuid;

mod deeds;

/// Code, half-points of the total, and what it asks of AA, BB, CC and DD, in thousands.
pub const W2: [(&str, i32, [i64; 4]); 10] = [
    ("P01", 1450, [400, 300, 0, 300]),
    ("P02", 1400, [400, 0, 300, 300]),
    ("P03", 1350, [0, 400, 300, 300]),
    ("P04", 1300, [500, 300, 0, 300]),
    ("P05", 1250, [500, 500, 0, 0]),
    ("P06", 1200, [400, 400, 300, 0]),
    ("P07", 1150, [400, 0, 400, 300]),
    ("P08", 1100, [300, 500, 300, 0]),
    ("P09", 1050, [500, 0, 500, 0]),
    ("P10", 1000, [500, 400, 0, 0]),
];

/// Key, name, thousands committed.
pub const FUNDERS: [(&str, &str, i64); 4] = [
    ("AA-ALPHA", "Alpha Fund", 2680),
    ("BB-BETA", "Beta Trust", 2010),
    ("CC-GAMMA", "Gamma Council", 1340),
    ("DD-DELTA", "Delta Agency", 670),
];

pub struct World {
    pub app: TestApp,
    pub call: String,
    pub code: String,
    /// The stage the stories are about.
    pub stage: Uuid,
    pub number: i32,
    pub secretariat: Client,
    pub chair: Client,
    pub observer: Client,
    pub coordinator: Client,
    /// Of AA, BB, CC, DD.
    pub signatories: Vec<Client>,
    /// The proposals by number, with the row in the stage.
    pub proposals: Vec<(String, Uuid, Uuid)>,
}

impl World {
    /// Full proposals, recommended and ranked.
    pub async fn ranked() -> World {
        World::ranked_in(TestApp::start().await).await
    }

    /// The same, in this server.
    pub async fn ranked_in(app: TestApp) -> World {
        World::new(app, 2, "recommended").await
    }

    /// Full proposals, recommended and ranked, with EU money: 33 % of all commitments, 3,300,000 at most, of which this
    /// part in a hundred fills gaps.
    pub async fn co_funded(gap_filling: &str, base: &str) -> World {
        let world = World::ranked().await;
        let eu = json!({ "max": "3300000.00", "rate": "33", "gap_filling": gap_filling, "base": base,
                         "share": "by_commitment" });
        world
            .app
            .sql(&format!(
                "update call set rules = jsonb_set(jsonb_set(rules, '{{funding,eu}}', '{eu}'), '{{funding,ranking}}', '\"binding\"')
                 where id = '{0}';
                 update participation set terms = terms || '{{\"eu_money\": true}}' where call_id = '{0}'",
                world.call
            ))
            .await;
        world
    }

    /// Pre-proposals, evaluated and ranked.
    pub async fn pre_proposals() -> World {
        World::new(TestApp::start().await, 1, "evaluated").await
    }

    async fn new(app: TestApp, number: i32, outcome: &str) -> World {
        let coordinator = app.person("Ada Coordinator").await;
        let mut world = World {
            call: kernel::id::new().to_string(),
            code: "JTC2031".to_owned(),
            stage: kernel::id::new(),
            number,
            secretariat: app.person("Sue Secretariat").await,
            chair: app.person("Carl Chair").await,
            observer: app.person("Olga Observer").await,
            signatories: Vec::new(),
            proposals: Vec::new(),
            coordinator,
            app,
        };
        world.call_with_funders().await;
        for (code, total, asked) in W2 {
            let rating = json!({ "total": total, "rating": "recommended" });
            world.proposal(code, outcome, Some(rating), &asked).await;
        }
        world.rank().await;
        world
    }

    async fn call_with_funders(&mut self) {
        let rules = serde_json::to_string(&call::Rules::default_two_stage()).unwrap();
        let call = &self.call;
        let other = kernel::id::new();
        let (mine, theirs) = (self.stage, other);
        let (first, second, states) = if self.number == 1 {
            (mine, theirs, ["ranked", "planned"])
        } else {
            (theirs, mine, ["communicated", "ranked"])
        };
        let mut sql = format!(
            "insert into call (id, code, title, topic, year, state, rehearsal, rules, version, opened_at)
             values ('{call}', 'JTC2031', 'Clinical tools', 'Tools', 2031, 'evaluation', true, '{rules}', 7, '2026-01-01Z');
             insert into call_version (id, call_id, number, change, reason, document)
             select gen_random_uuid(), id, 1, 'Opened', '', jsonb_build_object('title', title, 'topic', topic) from call where id = '{call}';
             insert into call_action_item (call_id, action_item_id, share)
             select '{call}', id, 10000 from action_item where number = 'A.7';
             insert into stage (id, call_id, number, kind, state, opens_at, deadline_at, zone, label) values
             ('{first}', '{call}', 1, 'pre_proposal', '{}', '2026-01-01Z', '2026-03-01Z', 'Europe/Paris', '1 March'),
             ('{second}', '{call}', 2, 'full_proposal', '{}', '2097-01-01Z', '2097-06-01Z', 'Europe/Paris', '1 June 2097, 17:00 CEST');",
            states[0], states[1]
        );
        for (key, name, thousands) in FUNDERS {
            let (organisation, part) = (kernel::id::new(), kernel::id::new());
            let cents = thousands * 100_000;
            sql += &format!(
                "insert into organisation (id, key, name) values ('{organisation}', '{key}', '{name}');
                 insert into participation (id, call_id, organisation_id, commitment, version)
                 values ('{part}', '{call}', '{organisation}', {cents}, 2);
                 insert into commitment (id, call_id, participation_id, number, amount, reason)
                 values ('{part}', '{call}', '{part}', 1, {cents}, 'Letter of commitment');"
            );
        }
        self.app.sql(&sql).await;
        let call = Some(self.call.as_str());
        for (who, role) in [
            (&self.secretariat, Role::Secretariat),
            (&self.chair, Role::CscChair),
            (&self.observer, Role::Observer),
        ] {
            self.app.grant(who, role, call, None).await;
        }
        for (key, name, _) in FUNDERS {
            let person = self.app.person(&format!("{name} Signatory")).await;
            self.app
                .grant(&person, Role::Signatory, call, Some(key))
                .await;
            self.signatories.push(person);
        }
    }

    /// A locked proposal with partners at the funders, their verdicts, its outcome and consensus.
    pub async fn proposal(
        &mut self,
        code: &str,
        outcome: &str,
        consensus: Option<Value>,
        asked: &[i64],
    ) {
        let (id, row, call) = (kernel::id::new(), kernel::id::new(), &self.call);
        let account = self.coordinator.account.unwrap();
        let stage = self.stage;
        let content = content(code, asked);
        let sha256 = intake::submission::content_sha256(&content);
        let receipt = self.receipt(id, code, &sha256).await;
        let document = serde_json::to_string(&content).unwrap();
        let mut sql = format!(
            "insert into proposal (id, call_id, number, coordinator_id) values ('{id}', '{call}', '{code}', '{account}');
             update call set proposals_numbered = proposals_numbered + 1 where id = '{call}';
             insert into proposal_stage (id, call_id, proposal_id, stage_id, state, submitted)
             values ('{row}', '{call}', '{id}', '{stage}', 'locked', 1);
             insert into submission (id, call_id, proposal_stage_id, number, content, content_sha256, submitted_by, submitted_at, receipt)
             values ('{}', '{call}', '{row}', 1, '{document}', '{sha256}', '{account}', '{}', '{receipt}');
             insert into formal_check (proposal_stage_id, call_id, verdict, reason, checked_by)
             values ('{row}', '{call}', 'eligible', '', '{account}');
             insert into sealed.outcome (proposal_stage_id, call_id, state) values ('{row}', '{call}', '{outcome}');",
            kernel::id::new(),
            submitted_at(),
        );
        if let Some(consensus) = consensus {
            let total = i32::try_from(consensus["total"].as_i64().unwrap()).unwrap();
            let scores = thirds(total);
            sql += &format!(
                "insert into sealed.consensus (proposal_stage_id, call_id, scores, total, above_thresholds, rating, comment, recorded_by)
                 values ('{row}', '{call}', '{scores}', {total}, {}, {}, 'The panel found {code} sound.', '{account}');",
                total >= 1000,
                consensus["rating"].to_string().replace('"', "'")
            );
        }
        for (position, partner) in content.partners.iter().enumerate() {
            let (partner_row, key) = (partner.id, partner.funder().unwrap());
            let (country, cents) = (partner.country.unwrap(), partner.requested().unwrap().0);
            sql += &format!(
                "insert into partner (id, call_id, proposal_stage_id, partner_id, position, role, organisation, country, investigator, participation_id, requested)
                 select '{partner_row}', '{call}', '{row}', '{partner_row}', {position}, 'partner', 'Lab {position}', '{country}', 'Pi', p.id, {cents}
                 from participation p join organisation o on o.id = p.organisation_id where o.key = '{key}' and p.call_id = '{call}';
                 insert into eligibility (partner_row_id, call_id, proposal_stage_id, participation_id, state, fundable, judged_by, judged_at)
                 select id, call_id, proposal_stage_id, participation_id, 'eligible', {}, '{account}', clock_timestamp()
                 from partner where id = '{partner_row}';",
                cents / 11 * 10,
            );
        }
        self.app.sql(&sql).await;
        self.proposals.push((code.to_owned(), id, row));
    }

    /// A receipt as the server gives it, with its audit entry.
    async fn receipt(&self, proposal: Uuid, code: &str, sha256: &str) -> String {
        let account = self.coordinator.account.unwrap();
        let actor = Actor::Person(Person {
            account,
            token: account,
            scopes: Scope::iter().collect(),
            fresh: true,
            strong: true,
            desk: None,
            grants: Vec::new(),
        });
        let object = Object {
            coordinator: Some(account),
            ..Object::of_call("proposal", proposal, self.call.parse().unwrap())
        };
        let permit = access::decide(&actor, Action::SubmitProposal, &object).unwrap();
        let mut conn = self.app.service.db().connection().await.unwrap();
        let detail = json!({ "version": 1, "content_sha256": sha256 });
        let entry = store::audit::record(&mut conn, &permit, Some(1), None, detail)
            .await
            .unwrap();
        let at = submitted_at();
        let keys = self.app.service.keys();
        let receipt = Receipt {
            call: self.code.clone(),
            proposal,
            proposal_number: code[1..].parse().unwrap(),
            stage: match self.number {
                1 => StageKind::PreProposal,
                _ => StageKind::FullProposal,
            },
            version: 1,
            content_sha256: sha256.into(),
            submitted_at: at,
            submitted_at_local: intake::receipt::local(at, chrono_tz::Europe::Paris),
            zone: chrono_tz::Europe::Paris,
            audit_digest: hex::encode(entry.digest),
            key_id: keys.key_id(),
        };
        let (_, signature) = keys.sign(&receipt.signed_bytes());
        serde_json::to_string(&SignedReceipt {
            receipt,
            signature: hex::encode(signature),
        })
        .unwrap()
    }

    /// The ranking list with what it is computed from, adopted on record. Its scores make the totals of the list.
    async fn rank(&self) {
        let list = self.list(&[]);
        let id = kernel::id::new();
        self.adopted_on_record(id, &list).await;
        self.app
            .sql(&format!(
                "insert into sealed.ranking_list (id, call_id, stage_id, number, state, input, entries)
                 values ('{id}', '{}', '{}', 1, 'adopted', '{}', '{}')",
                self.call, self.stage, list["input"], list["entries"]
            ))
            .await;
    }

    /// The list: one of all, or one per topic, of which the first has the first five proposals and the second the others.
    fn list(&self, topics: &[Value]) -> Value {
        let agreed = self.proposals.iter().zip(W2).enumerate();
        let agreed = agreed.map(|(place, ((number, proposal, _), (_, total, _)))| {
            let topic = topics.get(place / 5).map(|topic| topic["key"].clone());
            json!({ "proposal": proposal, "number": number, "total": call::Score(total), "above_thresholds": true,
                    "rating": "recommended", "topic": topic,
                    "scores": thirds(total) })
        });
        let rules = call::EvaluationRules::default();
        let input = json!({ "stage": self.number, "criteria": rules.criteria, "threshold_total": rules.threshold_total,
            "topics": Some(topics).filter(|topics| !topics.is_empty()), "proposals": agreed.collect::<Vec<Value>>() });
        let input: review::RankingInput = serde_json::from_value(input).unwrap();
        json!({ "input": input, "entries": input.entries() })
    }

    async fn adopted_on_record(&self, id: Uuid, list: &Value) {
        let sha256 = serde_json::from_value(list.clone()).unwrap();
        let sha256 = service::review::ranking_fingerprint(&sha256).unwrap();
        let permit = self.permit(
            &self.chair,
            Role::PanelChair,
            Action::AdoptRanking,
            self.stage,
        );
        let mut conn = self.app.service.db().connection().await.unwrap();
        let detail = json!({ "number": 1, "entries": 10, "list": id, "sha256": sha256 });
        store::audit::record(&mut conn, &permit, Some(1), None, detail)
            .await
            .unwrap();
    }

    /// A permit for what is written past the API.
    fn permit(&self, who: &Client, role: Role, action: Action, stage: Uuid) -> access::Permit {
        let account = who.account.unwrap();
        let call = self.call.parse().unwrap();
        let actor = Actor::Person(Person {
            account,
            token: account,
            scopes: Scope::iter().collect(),
            fresh: true,
            strong: true,
            desk: None,
            grants: vec![Grant {
                role,
                call: Some(call),
                organisation: None,
            }],
        });
        access::decide(
            &actor,
            action,
            &Object::of_call("ranking_list", stage, call),
        )
        .unwrap()
    }

    /// Two topics with money of their own, half of each commitment for each: the first five proposals stand in `care`,
    /// the others in `tools`.
    pub async fn divide(&self) {
        let parts =
            json!([{ "key": "care", "title": "Care" }, { "key": "tools", "title": "Tools" }]);
        let call = &self.call;
        self.app
            .sql(&format!(
                "update call set rules = jsonb_set(jsonb_set(jsonb_set(
                     rules || jsonb_build_object('topics', '{parts}'::jsonb, 'modules', '{parts}'::jsonb),
                     '{{stages,0,evaluation,ranking}}', '\"per_topic\"'),
                     '{{stages,1,evaluation,ranking}}', '\"per_topic\"'),
                     '{{funding,topic_money}}', '\"own\"') where id = '{call}';
                 insert into topic_money (participation_id, topic, call_id, commitment)
                 select id, topic, call_id, commitment / 2 from participation, unnest(array['care', 'tools']) topic;
                 insert into commitment_topic (commitment_id, topic, call_id, amount)
                 select id, topic, call_id, amount / 2 from commitment, unnest(array['care', 'tools']) topic"
            ))
            .await;
        let mut conn = self.app.service.db().connection().await.unwrap();
        let adopted = store::review::ranking::adopted(&mut conn, self.stage)
            .await
            .unwrap()
            .unwrap();
        let list = self.list(parts.as_array().unwrap());
        self.adopted_on_record(adopted.id, &list).await;
        self.app
            .sql(&format!(
                "update sealed.ranking_list set input = '{}', entries = '{}'",
                list["input"], list["entries"]
            ))
            .await;
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/calls/{}/{rest}", self.call)
    }

    pub fn id_of(&self, code: &str) -> Uuid {
        self.proposals.iter().find(|one| one.0 == code).unwrap().1
    }
}

/// Scores that make this total.
fn thirds(total: i32) -> Value {
    let third = |more: i32| call::Score((total + more) / 3);
    json!({ "excellence": third(0), "impact": third(1), "implementation": third(2) })
}

fn submitted_at() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 1, 12, 0, 0).unwrap()
}

/// A proposal with a partner at each funder that is asked, in thousands; each asks a tenth more than its
/// funder would pay.
fn content(code: &str, asked: &[i64]) -> intake::Content {
    let asking = asked
        .iter()
        .zip(FUNDERS)
        .filter(|(thousands, _)| **thousands > 0);
    let partners: Vec<Value> = asking
        .zip(["DE", "FR", "IT", "ES"])
        .enumerate()
        .map(|(position, ((thousands, (key, ..)), country))| {
            json!({ "id": kernel::id::new(), "organisation": format!("Lab {position}"), "country": country,
                    "principal_investigator": { "name": "Pi" },
                    "funding": { "kind": "funder", "funder": key },
                    "budget": { "personnel": [kernel::Amount(thousands * 110_000)] } })
        })
        .collect();
    let content = json!({ "acronym": format!("ACRO{code}"), "title": format!("Title of {code}"),
                          "partners": partners });
    serde_json::from_value(content).unwrap()
}

pub fn adoption() -> Value {
    let vote = |member: &str, vote: &str| json!({ "member": member, "vote": vote });
    json!({ "procedure": "meeting", "attendance": ["AA-ALPHA", "BB-BETA", "CC-GAMMA", "DD-DELTA"],
            "votes": [vote("AA-ALPHA", "for"), vote("BB-BETA", "for"), vote("CC-GAMMA", "for"),
                      vote("DD-DELTA", "abstain")],
            "minutes": "Minutes of 3 July" })
}
