//! Three moments of a call with people of every role in it, and everything they can ask for.
#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

use std::collections::BTreeMap;

use access::Role;
use testkit::{Client, TestApp};

mod crawl;
mod leak;
mod mails;
mod moments;
pub mod queries;
pub mod readable;

pub use crawl::{Answer, Asked, everything};
pub use leak::Leak;
pub use mails::Mails;
pub use moments::{decision, intake, reviewing};

/// Who looks, by the name of the role played.
pub type People = Vec<(&'static str, Client)>;

/// A call at one moment.
pub struct Scene {
    pub name: &'static str,
    pub app: TestApp,
    pub people: People,
    /// What SQL and paths call the things: `{rival}` and so on.
    ids: BTreeMap<&'static str, String>,
    /// All operations, with every thing of the scene in the place of every parameter.
    pub asked: Vec<Asked>,
    /// A leak that is planted.
    pub leak: Option<Leak>,
}

/// Everybody but the coordinators, the secretariat and the experts.
async fn people(app: &TestApp, call: &str, funder: &str, other: &str) -> People {
    let mut people = vec![
        ("public", app.client()),
        ("stranger", app.person("Stranger").await),
    ];
    let granted = [
        ("csc_representative", Role::CscRepresentative, Some(funder)),
        ("contact_person", Role::ContactPerson, Some(funder)),
        ("other_funder", Role::ContactPerson, Some(other)),
        ("signatory", Role::Signatory, Some(funder)),
        ("csc_chair", Role::CscChair, None),
        ("observer", Role::Observer, None),
        ("panel_chair", Role::PanelChair, None),
        ("panel_member", Role::PanelMember, None),
    ];
    for (name, role, organisation) in granted {
        let person = app.person(name).await;
        app.grant(&person, role, Some(call), organisation).await;
        people.push((name, person));
    }
    let administrator = app.person("administrator").await;
    let role = Role::Administrator;
    app.grant(&administrator, role, None, None).await;
    people.push(("administrator", administrator));
    let elsewhere = app.person("elsewhere").await;
    let other = kernel::id::new();
    app.sql(&format!(
        "insert into call (id, code, title, topic, year, state, rehearsal, rules)
         select '{other}', 'OTHER', title, topic, year, 'draft', true, rules from call where id = '{call}'"
    ))
    .await;
    for role in [Role::Secretariat, Role::CscChair, Role::PanelChair] {
        let other = other.to_string();
        app.grant(&elsewhere, role, Some(&other), None).await;
    }
    people.push(("elsewhere", elsewhere));
    people
}

/// Experts of the call in SQL: chair and member of the panel who have declared, and reviewers at work on
/// the coordinator's proposal, of whom one has a conflict of interest with it.
async fn experts(scene: &mut Scene, stage: i32, at_work: bool) {
    for name in ["expert", "other_expert", "conflicted"] {
        let person = scene.app.person(name).await;
        scene.people.push((name, person));
    }
    for name in [
        "panel_chair",
        "panel_member",
        "expert",
        "other_expert",
        "conflicted",
    ] {
        let person = scene.of(name).clone();
        let (expert, review, conflict) = (kernel::id::new(), kernel::id::new(), kernel::id::new());
        let (role, state) = match name {
            "panel_chair" => ("chair", ""),
            "panel_member" => ("panel_member", ""),
            "expert" => ("remote_reviewer", "submitted"),
            "other_expert" => ("remote_reviewer", "draft"),
            _ => ("remote_reviewer", "conflicted"),
        };
        let (conflicted, works) = (name == "conflicted", at_work && !state.is_empty());
        let sql = format!(
            "insert into sealed.expert (id, call_id, account_id, email, name, organisation, state, role, max_load, declared_at, declared_stages)
             values ('{expert}', '{{call}}', '{}', '{}', 'Expert {name}', 'Institute of {name}', 'contracted', '{role}', 9, clock_timestamp(), '{{1,2}}');
             insert into sealed.review (id, call_id, stage_id, proposal_id, expert_id, state, scores, comments, remark)
             select '{review}', '{{call}}', id, '{{proposal}}', '{expert}', '{state}',
                    '{{\"excellence\": \"4.5\", \"impact\": \"4.0\", \"implementation\": \"3.5\"}}',
                    '{{\"impact\": \"Sound.\"}}', 'Between us'
             from stage where call_id = '{{call}}' and number = {stage} and {works};
             insert into sealed.conflict (id, call_id, expert_id, proposal_id, kind, certain, evidence, source, standing)
             select '{conflict}', '{{call}}', '{expert}', '{{proposal}}', 'declared', true, 'Cousins', 'declared', true where {conflicted}",
            person.account.unwrap(),
            person.email,
        );
        scene.sql(&sql).await;
        if name == "expert" {
            scene.ids.insert("expert", expert.to_string());
            scene.ids.insert("review", review.to_string());
        }
        if name == "other_expert" {
            scene.ids.insert("other_expert", expert.to_string());
            scene.ids.insert("draft_review", review.to_string());
        }
    }
}

/// The last partner of the coordinator's proposal writes its own part; another did so once.
async fn members(scene: &Scene) {
    for name in ["partner", "former_partner"] {
        let (id, email) = (kernel::id::new(), scene.of(name).email.clone());
        scene
            .sql(&format!(
                "insert into partner_invitation (id, call_id, proposal_id, partner_id, email, token_hash, invited_by, expires_at, claimed_at, claimed_by)
                 select '{id}', call_id, '{{proposal}}', (content #>> '{{partners,2,id}}')::uuid, '{email}', decode(md5('{name}'), 'hex'),
                        '{{@coordinator}}', '2097-01-01Z', clock_timestamp(), '{{@{name}}}'
                 from draft where proposal_stage_id = '{{row}}';
                 insert into partner_member (id, call_id, proposal_id, partner_id, account_id, invitation_id, left_at)
                 select id, call_id, proposal_id, partner_id, claimed_by, id, case when '{name}' like 'former%' then clock_timestamp() end
                 from partner_invitation where id = '{id}'"
            ))
            .await;
    }
}

impl Scene {
    async fn new(
        name: &'static str,
        app: TestApp,
        people: People,
        ids: impl IntoIterator<Item = (&'static str, String)>,
        stage: i32,
    ) -> Scene {
        app.broken_on_purpose(
            "a scene is set up, and its secrets are changed, in SQL past all rules",
        );
        let mut ids: BTreeMap<_, _> = ids.into_iter().collect();
        ids.insert("number", stage.to_string());
        let query = format!(
            "select id from stage where call_id = '{}' and number = {stage}",
            ids["call"]
        );
        ids.insert("stage", app.value(&query).await);
        for (of, row) in [("proposal", "row"), ("rival", "rival_row")] {
            let query = format!(
                "select id from proposal_stage where proposal_id = '{}' and stage_id = '{}'",
                ids[of], ids["stage"]
            );
            ids.insert(row, app.value(&query).await);
        }
        Scene {
            name,
            app,
            people,
            ids,
            asked: Vec::new(),
            leak: None,
        }
    }

    /// Notes what can be asked, and keeps a copy of all tables.
    async fn finish(mut self) -> Scene {
        for (name, query) in [
            ("conflict", "select id from sealed.conflict limit 1"),
            (
                "role",
                "select id from role_grant where role = 'signatory' order by id limit 1",
            ),
            (
                "partner",
                "select coalesce((select partner_id from partner order by position limit 1), (select partner_id from partner_member limit 1))",
            ),
            ("own_conflict", "select id from sealed.own_conflict limit 1"),
            ("query", "select id from query limit 1"),
            ("waiver", "select id from waiver limit 1"),
            ("redress", "select id from sealed.redress limit 1"),
            ("scenario", "select id from sealed.scenario limit 1"),
        ] {
            let id = self.app.value(query).await;
            if !id.is_empty() {
                self.ids.insert(name, id);
            }
        }
        let soon = r#"select to_char(now() at time zone 'UTC' + interval '3 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#;
        let soon = self.app.value(soon).await;
        self.ids.insert("soon", soon);
        // Coverage of an agenda counts no rehearsal.
        self.sql("update call set rehearsal = false where id = '{call}'")
            .await;
        // A whole run takes longer than a login counts as one of the last minutes.
        self.sql("update token set authenticated_at = authenticated_at + interval '1 day'")
            .await;
        self.asked = crawl::everything(&self.ids);
        let tables = "select string_agg(format('create table kept.%I as table %I.%I', schemaname || '_' || tablename, schemaname, tablename), ';')
                      from pg_tables where schemaname in ('public', 'sealed')";
        let copy = self.app.value(tables).await;
        self.app.sql(&format!("create schema kept; {copy}")).await;
        self
    }

    /// Who plays a role.
    pub fn of(&self, name: &str) -> &Client {
        let found = self.people.iter().find(|(known, _)| *known == name);
        &found.unwrap_or_else(|| panic!("nobody plays {name}")).1
    }

    /// Runs SQL in which `{row}` and so on stand for the scene's things, past all triggers.
    pub async fn sql(&self, sql: &str) {
        let sql = format!("set session_replication_role = replica; {sql}");
        self.app.sql(&self.filled(&sql)).await;
    }

    /// A text in which `{row}` and so on stand for the scene's things.
    pub fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, id) in &self.ids {
            text = text.replace(&format!("{{{name}}}"), id);
        }
        for (name, person) in &self.people {
            let account = person.account.unwrap_or_default().to_string();
            text = text.replace(&format!("{{@{name}}}"), &account);
        }
        text
    }

    /// Puts every table back as it was at the beginning.
    pub async fn restore(&self) {
        let tables = "select string_agg(format('delete from %1$I.%2$I; insert into %1$I.%2$I select * from kept.%3$I',
                             schemaname, tablename, schemaname || '_' || tablename), ';')
                      from pg_tables where schemaname in ('public', 'sealed')
                        and tablename not in ('action_item', 'agenda', 'organisation', 'membership', 'acting_for', 'token', 'installation')
                        and tablename not like '\\_\\_%'";
        let back = self.app.value(tables).await;
        self.sql(&back).await;
    }

    /// Asks for everything as one person; in the order of `asked`.
    pub async fn crawl(&self, name: &str) -> Vec<Answer> {
        let mut answers = crawl::ask_all(self.of(name), &self.asked).await;
        if let Some(leak) = self.leak {
            let secret = self.app.value(leak.secret()).await;
            for (asked, answer) in self.asked.iter().zip(&mut answers) {
                leak.tell(&secret, asked, answer);
            }
        }
        answers
    }

    /// Leaves every so-manieth write and filtered or ordered read, and each read once as it is.
    pub fn sample(&mut self, every: usize) {
        let mut seen = 0;
        self.asked.retain(|asked| {
            let many = asked.writes() || asked.path.contains('?');
            seen += usize::from(many);
            !many || seen % every == 0
        });
    }
}
