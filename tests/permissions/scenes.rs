//! Who asks, for the permission matrix: a person for each role and relation, and what stands for each parameter.

use std::collections::BTreeMap;

use access::Role;
use serde_json::Value;
use testkit::{Client, TestApp};

/// The world of one phase: who asks, and what stands for each parameter of a path.
pub struct Scene {
    pub app: TestApp,
    pub people: Vec<(&'static str, Client)>,
    pub ids: BTreeMap<&'static str, String>,
    /// What stands there for one person: the own session, the own review.
    own: BTreeMap<(&'static str, &'static str), String>,
}

/// The columns: who asks.
pub const HEADS: [&str; 25] = [
    "public",
    "stranger",
    "coordinator",
    "secretariat",
    "csc_representative",
    "contact_person",
    "other_funder",
    "signatory",
    "csc_chair",
    "panel_chair",
    "panel_member",
    "observer",
    "expert",
    "conflicted",
    "administrator",
    "elsewhere",
    "member",
    "rival",
    "former_secretariat",
    "former_funder",
    "former_panel",
    "former_expert",
    "partner",
    "former_partner",
    "partner_of_rival",
];

/// Roles in the call, with the funder spoken for.
type Granted<'a> = &'a [(Role, Option<&'a str>)];

/// What nobody has.
const NOBODY: &str = "019a0000-0000-7000-8000-0000000000ff";

impl Scene {
    /// Who plays a role.
    pub fn of(&self, name: &str) -> &Client {
        let found = self.people.iter().find(|(known, _)| *known == name);
        &found.unwrap_or_else(|| panic!("nobody plays {name}")).1
    }

    /// Says what stands for a parameter where one person asks.
    pub fn owns(&mut self, who: &'static str, thing: &'static str, id: uuid::Uuid) {
        self.own.insert((who, thing), id.to_string());
    }

    /// The path of a template as one person fills it.
    pub fn fill(&self, who: &'static str, template: &str) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some("agenda") => "icpermed-2017".to_owned(),
            Some("other") => "FR-ANR".to_owned(),
            Some(name) => {
                let own = self
                    .own
                    .iter()
                    .find(|((person, thing), _)| (*person, *thing) == (who, name));
                let shared = self.ids.get(name);
                own.map(|(_, id)| id)
                    .or(shared)
                    .cloned()
                    .unwrap_or(NOBODY.to_owned())
            }
            None => part.to_owned(),
        };
        let parts = template.trim_start_matches("/api/v1").split('/').map(part);
        parts.collect::<Vec<_>>().join("/")
    }

    /// Asks, everything that writes as a dry run; answers the sign of the matrix.
    pub async fn ask(
        &self,
        who: &'static str,
        method: &str,
        template: &str,
        described: &Value,
    ) -> char {
        let path = self.fill(who, template);
        let mut request = self.of(who).method(&method.to_uppercase(), &path);
        if method != "get" {
            request = request.dry_run().etag("*");
        }
        let reply = request.example(described).send().await;
        match reply.status {
            401 if reply.code() == "not_authenticated" => '?',
            403 => '-',
            404 => '.',
            409 if reply.code() == "conflict_of_interest" => '-',
            200..=299 | 400 | 401 | 409 | 410 | 412 | 422 | 428 | 429 => '+',
            status => panic!("{who}: {method} {path} answered {status}: {}", reply.json),
        }
    }

    /// Everybody but coordinator and secretariat, whom the story brings along, and the experts.
    pub async fn with_people(
        app: TestApp,
        mut people: Vec<(&'static str, Client)>,
        ids: BTreeMap<&'static str, String>,
        (funder, other): (&str, &str),
    ) -> Scene {
        let call = ids["call"].clone();
        people.push(("public", app.client()));
        let granted: [(&str, Granted); 13] = [
            ("stranger", &[]),
            (
                "csc_representative",
                &[(Role::CscRepresentative, Some(funder))],
            ),
            ("contact_person", &[(Role::ContactPerson, Some(funder))]),
            ("other_funder", &[(Role::ContactPerson, Some(other))]),
            ("signatory", &[(Role::Signatory, Some(funder))]),
            ("csc_chair", &[(Role::CscChair, None)]),
            ("panel_chair", &[(Role::PanelChair, None)]),
            ("panel_member", &[(Role::PanelMember, None)]),
            ("observer", &[(Role::Observer, None)]),
            ("former_secretariat", &[(Role::Secretariat, None)]),
            (
                "former_funder",
                &[
                    (Role::CscRepresentative, Some(funder)),
                    (Role::ContactPerson, Some(funder)),
                    (Role::Signatory, Some(funder)),
                ],
            ),
            (
                "former_panel",
                &[
                    (Role::CscChair, None),
                    (Role::PanelChair, None),
                    (Role::PanelMember, None),
                    (Role::Observer, None),
                ],
            ),
            ("rival", &[]),
        ];
        for (name, roles) in granted {
            let person = app.person(name).await;
            for (role, organisation) in roles {
                app.grant(&person, *role, Some(&call), *organisation).await;
            }
            if name.starts_with("former") {
                let account = person.account.unwrap();
                app.sql(&format!(
                    "update role_grant set ended_at = clock_timestamp() where account_id = '{account}'"
                ))
                .await;
            }
            people.push((name, person));
        }
        let administrator = app.person("administrator").await;
        app.grant(&administrator, Role::Administrator, None, None)
            .await;
        people.push(("administrator", administrator));
        // Speaks for a member on the agenda, and wears no role in the call.
        let member = app.person("member").await;
        app.grant(&member, Role::MemberRepresentative, None, Some(funder))
            .await;
        people.push(("member", member));
        app.broken_on_purpose("reviews that are there before their stage is");
        // The secretariat and the chair of another call, which this one is no business of.
        let elsewhere = app.person("elsewhere").await;
        let other = kernel::id::new().to_string();
        app.sql(&format!(
            "insert into call (id, code, title, topic, year, state, rehearsal, rules)
             select '{other}', 'OTHER', title, topic, year, 'draft', true, rules from call where id = '{call}'"
        ))
        .await;
        for role in [Role::Secretariat, Role::CscChair, Role::PanelChair] {
            app.grant(&elsewhere, role, Some(&other), None).await;
        }
        people.push(("elsewhere", elsewhere));
        let own = BTreeMap::new();
        Scene {
            app,
            people,
            ids,
            own,
        }
    }

    /// A session of everybody's own, the signatory's role, an open invitation.
    async fn belongings(&mut self) {
        for (name, person) in &self.people {
            let Some(account) = person.account else {
                continue;
            };
            let query = format!("select id from token where account_id = '{account}'");
            let session = self.app.value(&query).await;
            self.own.insert((name, "session"), session);
        }
        let account = self.of("signatory").account.unwrap();
        let query = format!("select id from role_grant where account_id = '{account}'");
        let role = self.app.value(&query).await;
        let (invitation, call) = (kernel::id::new().to_string(), &self.ids["call"]);
        self.app
            .sql(&format!(
                "insert into invitation (id, call_id, email, role, token_hash, expires_at)
                 values ('{invitation}', '{call}', 'somebody@example.net', 'observer', '\\x00', '2097-01-01Z')"
            ))
            .await;
        let (question, request) = (kernel::id::new(), kernel::id::new());
        let stranger = self.of("stranger").account.unwrap();
        self.app
            .sql(&format!(
                "insert into question (id, call_id, asked_by, asked) values ('{question}', '{call}', '{stranger}', 'Why?');
                 insert into join_request (id, call_id, organisation_id, remark)
                 select '{request}', '{call}', id, '' from organisation where key = 'SE-VINNOVA';
                 insert into call_document (id, call_id, key, number, kind, title, media_type, size, sha256, content)
                 values ('{request}', '{call}', 'guidelines', 1, 'guidelines', 'Guidelines', 'text/plain', 1, 'x', 'x')"
            ))
            .await;
        self.app
            .sql(&format!(
                "insert into query (id, call_id, proposal_stage_id, partner_row_id, question, answer_by, asked_by)
                 select '{question}', p.call_id, p.proposal_stage_id, p.id, 'Since when?', '2097-01-01Z', '{stranger}'
                 from partner p join proposal_stage ps on ps.id = p.proposal_stage_id
                 where ps.proposal_id = '{}' and p.partner_id = '{}'",
                self.ids["proposal"], self.ids["partner"]
            ))
            .await;
        self.ids.insert("query", question.to_string());
        self.app
            .sql(&format!(
                "insert into waiver (id, call_id, proposal_stage_id, rule, reasons, asked_by)
                 select '{question}', call_id, id, 'partner_added', 'A vacancy', '{stranger}'
                 from proposal_stage where proposal_id = '{0}' order by id desc limit 1;
                 insert into sealed.redress (id, call_id, proposal_stage_id, state, ground, reasons, filed_by)
                 select '{question}', call_id, id, 'received', 'rules_not_followed', 'A step was left out', '{stranger}'
                 from proposal_stage where proposal_id = '{0}' order by id desc limit 1;
                 insert into sealed.ethics_assessment (proposal_stage_id, call_id, state, expert_id)
                 select id, call_id, 'under_review', '{1}' from proposal_stage where proposal_id = '{0}' order by id desc limit 1;
                 insert into sealed.conformity_report (stage_id, call_id, state, conclusion, findings, written_by, filed_by, filed_at, sha256)
                 select id, call_id, 'filed', 'conforms', 'Fair.', '{stranger}', '{stranger}', '2026-03-03Z', 'ab'
                 from stage where call_id = (select call_id from proposal where id = '{0}');
                 insert into sealed.rebuttal (proposal_stage_id, call_id, opens_at, closes_at, state, draft)
                 select id, call_id, '2026-01-01Z', '2097-01-01Z', 'awaited', '{{}}'
                 from proposal_stage where proposal_id = '{0}' order by id desc limit 1;
                 insert into sealed.invitation_condition (id, call_id, proposal_stage_id, number, demand, text, until)
                 select '{question}', call_id, id, 1, '{{\"kind\": \"other\", \"text\": \"Lead\"}}', 'Lead', '2097-01-01Z'
                 from proposal_stage where proposal_id = '{0}' order by id limit 1",
                self.ids["proposal"], self.ids["expert"]
            ))
            .await;
        self.app
            .sql(&format!(
                "insert into sealed.own_conflict (id, account_id, proposal_id, call_id, reason, standing, judged_because)
                 select '{question}', '{account}', id, call_id, 'Friends', false, 'A namesake' from proposal where id = '{}'",
                self.ids["proposal"]
            ))
            .await;
        self.ids.insert("own_conflict", question.to_string());
        let signed = self.ids.entry("sha256");
        let signed = signed.or_insert_with(|| "a".repeat(64)).clone();
        self.app
            .sql(&format!(
                "insert into sealed.commitment_document (participation_id, sha256, call_id, size, content, signed_by, signed_as, signed_on, filed_by)
                 select p.id, '{signed}', p.call_id, 1, 'x', 'Maria Muster', 'Head', '2026-06-30', '{stranger}'
                 from participation p join organisation o on o.id = p.organisation_id
                 where p.call_id = '{}' and o.key = '{}'",
                self.ids["call"], self.ids["organisation"]
            ))
            .await;
        self.ids.insert("waiver", question.to_string());
        self.ids.insert("redress", question.to_string());
        self.ids.insert("condition", "1".to_owned());
        self.ids.insert("question", question.to_string());
        self.ids.insert("request", request.to_string());
        self.ids.insert("key", "guidelines".to_owned());
        self.ids.insert("item", "A.7".to_owned());
        self.ids.insert("version", "1".to_owned());
        self.ids.insert("role", role);
        self.ids.insert("invitation", invitation);
    }

    /// Experts of the stage, and what belongs to somebody: one at work on the proposal, one with a conflict of interest with it, and
    /// one whom the assignment was taken from.
    pub async fn experts(&mut self) {
        for (name, state) in [
            ("expert", "accepted"),
            ("conflicted", "conflicted"),
            ("former_expert", "replaced"),
        ] {
            let person = self.app.person(name).await;
            let (expert, review, conflict) =
                (kernel::id::new(), kernel::id::new(), kernel::id::new());
            let (call, proposal, stage) =
                (&self.ids["call"], &self.ids["proposal"], &self.ids["stage"]);
            let conflicted = name == "conflicted";
            self.app
                .sql(&format!(
                    "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
                     values ('{expert}', '{call}', '{}', '{}', '{name}', 'Elsewhere', 'contracted', 'remote_reviewer', 9, clock_timestamp(), '{{1,2}}');
                     insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state)
                     select '{review}', '{call}', id, '{proposal}', '{expert}', '{state}' from stage
                     where call_id = '{call}' and number = {stage};
                     insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
                     select '{conflict}', '{call}', '{expert}', '{proposal}', 'declared', true, '', 'declared', true where {conflicted}",
                    person.account.unwrap(),
                    person.email,
                ))
                .await;
            let things = [
                ("expert", expert),
                ("review", review),
                ("conflict", conflict),
            ];
            for (thing, id) in things {
                match (name, thing) {
                    ("expert", "expert" | "review") | ("conflicted", "conflict") => {
                        self.ids.insert(thing, id.to_string());
                    }
                    (_, "conflict") => {}
                    _ => {
                        self.own.insert((name, thing), id.to_string());
                    }
                }
            }
            self.people.push((name, person));
        }
        self.partners().await;
        self.belongings().await;
    }

    /// Who writes a part of the proposal besides its coordinator, did so once, or does so of the rival's.
    async fn partners(&mut self) {
        for (name, of) in [
            ("partner", "coordinator"),
            ("former_partner", "coordinator"),
            ("partner_of_rival", "rival"),
        ] {
            let person = self.app.person(name).await;
            let (id, account) = (kernel::id::new(), person.account.unwrap());
            let coordinator = self.of(of).account.unwrap();
            let (call, partner) = (&self.ids["call"], &self.ids["partner"]);
            self.app
                .sql(&format!(
                    "insert into partner_invitation (id, call_id, proposal_id, partner_id, email, token_hash, invited_by, expires_at, claimed_at, claimed_by)
                     select '{id}', call_id, id, '{partner}', '{}', decode(md5('{name}'), 'hex'), '{coordinator}', '2097-01-01Z', clock_timestamp(), '{account}'
                     from proposal where call_id = '{call}' and coordinator_id = '{coordinator}' order by id limit 1;
                     insert into partner_member (id, call_id, proposal_id, partner_id, account_id, invitation_id, left_at)
                     select id, call_id, proposal_id, partner_id, claimed_by, id, case when '{name}' like 'former%' then clock_timestamp() end
                     from partner_invitation where id = '{id}'",
                    person.email
                ))
                .await;
            self.people.push((name, person));
        }
    }
}
