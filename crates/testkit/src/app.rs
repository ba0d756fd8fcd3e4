//! The whole server over a database of its own.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use access::Role;
use anyhow::Result;
use outbound::SmtpMailer;
use service::{Keys, Service, Settings, calendar, intake, review, worker};
use sha2::{Digest, Sha256};
use store::cluster::{APP, SUPERUSER};
use store::{Db, doctor};
use tempfile::TempDir;
use uuid::Uuid;

use crate::database::{Database, execute, value};
use crate::smtp_sink::{SinkMail, SmtpSink};
use crate::wire::Wire;
use crate::{Client, Reply, files};

/// A running server. Its jobs run only when [`TestApp::tick`] is called, so no test waits for one.
pub struct TestApp {
    /// The use cases behind the server.
    pub service: Service,
    /// Address of the server, `http://127.0.0.1:port`.
    pub base: String,
    database: Database,
    sink: SmtpSink,
    mailer: SmtpMailer,
    http: reqwest::Client,
    server: actix_web::dev::ServerHandle,
    broken_on_purpose: AtomicBool,
    /// Files and uploads.
    folder: TempDir,
    /// Between server and database, where a test asked for it.
    _wire: Option<Wire>,
}

fn settings() -> Settings {
    Settings {
        public_url: "http://jtc.test".to_owned(),
        session: Duration::from_secs(3600),
        fresh: Duration::from_secs(900),
        require_second_factor: false,
        hash_permits: 2,
        hash_queue: 64,
    }
}

fn service(url: &str, folder: &Path) -> Result<Service> {
    let db = Db::new(url, 8, tokio::runtime::Handle::current())?;
    let files = files::in_folder(folder)?;
    let typesetter = files::typesetter(&files)?;
    Ok(Service::new(
        db,
        Keys::from_seed(&[7; 32]),
        settings(),
        files,
        typesetter,
    )?)
}

/// Loads the seeds into the template.
pub(crate) async fn load_seeds(url: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let loaded = service::agenda::load_seeds(&service(url, folder.path())?).await;
    loaded.map_err(|problem| anyhow::anyhow!("the seeds do not load: {problem:?}"))?;
    Ok(())
}

impl TestApp {
    /// Starts a server.
    pub async fn start() -> TestApp {
        TestApp::started(None).await
    }

    /// Starts a server whose queries lose their row locks on the way to the database: what it then does
    /// wrong, a test about locks has to find.
    pub async fn start_without_locks() -> TestApp {
        TestApp::started(Some(&[])).await
    }

    /// The same for what locks rows of these tables, and of no others.
    pub async fn start_without_locks_on(tables: &'static [&'static str]) -> TestApp {
        TestApp::started(Some(tables)).await
    }

    async fn started(unlocked: Option<&'static [&'static str]>) -> TestApp {
        match TestApp::try_start(unlocked).await {
            Ok(app) => app,
            Err(error) => panic!("the server under test does not start: {error:#}"),
        }
    }

    async fn try_start(unlocked: Option<&'static [&'static str]>) -> Result<TestApp> {
        let database = Database::new().await?;
        let wire = match unlocked {
            None => None,
            Some(tables) => Some(Wire::without_locks(database.socket_dir(), tables)?),
        };
        let folder = tempfile::tempdir()?;
        let service = match &wire {
            None => service(&database.url(APP), folder.path())?,
            Some(wire) => service(&database.url_over(wire.folder(), APP), folder.path())?,
        };
        service.db().check_fitness().await?;
        let sink = SmtpSink::start().await?;
        let mailer = SmtpMailer::new(&sink.url(), "JTC <no-reply@jtc.test>")?;
        let server = web::Server::build(
            service.clone(),
            std::net::TcpListener::bind("127.0.0.1:0")?,
            web::Settings {
                workers: 2,
                trusted_proxies: vec![IpAddr::from([127, 0, 0, 1]).into()],
                rate: web::Rate {
                    general: None,
                    login: None,
                    submission: None,
                },
            },
        )?;
        let base = format!("http://{}", server.address());
        let handle = server.handle();
        tokio::spawn(server.run());
        Ok(TestApp {
            service,
            base,
            database,
            sink,
            mailer,
            http: crate::client::http(),
            server: handle,
            broken_on_purpose: AtomicBool::new(false),
            folder,
            _wire: wire,
        })
    }

    /// Somebody who is not logged in.
    pub fn client(&self) -> Client {
        Client {
            http: self.http.clone(),
            base: self.base.clone(),
            account: None,
            email: String::new(),
            token: None,
        }
    }

    /// A person with a confirmed account `<name>@example.org` and a fresh session.
    pub async fn person(&self, name: &str) -> Client {
        let account = kernel::id::new();
        let email = format!("{}@example.org", name.replace(' ', ".").to_lowercase());
        let token = format!("test-{}", Uuid::new_v4().simple());
        let hash = hex::encode(Sha256::digest(token.as_bytes()));
        self.sql(&format!(
            "insert into account (id, email, name, email_confirmed_at)
             values ('{account}', '{email}', '{name}', clock_timestamp());
             insert into token (id, account_id, kind, hash, expires_at)
             values ('{}', '{account}', 'session', '\\x{hash}', clock_timestamp() + interval '1 hour')",
            kernel::id::new()
        ))
        .await;
        Client {
            account: Some(account),
            email,
            token: Some(token),
            ..self.client()
        }
    }

    /// Gives a person a role: for a call (its id), and for a funder (its key), where the role has them.
    pub async fn grant(&self, who: &Client, role: Role, call: Option<&str>, funder: Option<&str>) {
        let account = who.account.map(|id| id.to_string()).unwrap_or_default();
        let call = call.map_or("null".to_owned(), |id| format!("'{id}'"));
        let funder = funder.map_or("null".to_owned(), |key| {
            format!("(select id from organisation where key = '{key}')")
        });
        self.sql(&format!(
            "insert into role_grant (id, account_id, call_id, role, organisation_id)
             values ('{}', '{account}', {call}, '{role}', {funder})",
            kernel::id::new()
        ))
        .await;
    }

    /// The contact person of a funder (its key) in a call (its id), called like the funder.
    pub async fn contact(&self, call: &str, funder: &str) -> Client {
        let contact = self.person(funder).await;
        self.grant(&contact, Role::ContactPerson, Some(call), Some(funder))
            .await;
        contact
    }

    /// Runs SQL as the superuser.
    pub async fn sql(&self, sql: &str) {
        if let Err(error) = execute(&self.database.url(SUPERUSER), sql).await {
            panic!("{error:#}");
        }
    }

    /// The first column of the first row of a query, as text; empty when there is none.
    pub async fn value(&self, query: &str) -> String {
        match value(&self.database.url(SUPERUSER), query).await {
            Ok(value) => value,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// The folder of whole files, each as `<first two digits>/<SHA-256>`.
    pub fn files_folder(&self) -> PathBuf {
        files::whole(self.folder.path())
    }

    /// The folder of parts.
    pub fn parts_folder(&self) -> PathBuf {
        files::parts(self.folder.path())
    }

    /// The database's URL for one of the roles `jtc_app`, `jtc_owner`, `jtc_super`.
    pub fn database_url(&self, role: &str) -> String {
        self.database.url(role)
    }

    /// Runs a script in one session of the superuser: what it prints, a line for each row.
    pub fn psql(&self, script: &str) -> String {
        match self.database.psql(script) {
            Ok(printed) => printed,
            Err(error) => panic!("{error:#}"),
        }
    }

    /// Says that this test leaves its database broken, and why; else the doctor looks at it in the end.
    pub fn broken_on_purpose(&self, why: &str) {
        println!("broken on purpose: {why}");
        self.broken_on_purpose.store(true, Ordering::Relaxed);
    }

    /// Runs each of the server's jobs once: calendar, sealer, mail.
    pub async fn tick(&self) {
        let turned = calendar::turn(&self.service).await;
        let reminded = intake::remind(&self.service).await;
        let reviewers = review::progress::remind(&self.service).await;
        let sealed = worker::seal(&self.service).await;
        let sent = worker::send_mails(&self.service, &self.mailer).await;
        for outcome in [turned, reminded, reviewers, sealed, sent] {
            if let Err(problem) = outcome {
                panic!("a job failed: {problem:?}");
            }
        }
    }

    /// Sends what is in the outbox and answers everything that arrived so far.
    pub async fn mails(&self) -> Vec<SinkMail> {
        self.tick().await;
        self.sink.mails()
    }

    /// The listener that takes the server's mail.
    pub fn sink(&self) -> &SmtpSink {
        &self.sink
    }

    /// Moves the deadline of a call's stage to `seconds` from now (negative: into the past, but not before
    /// what was submitted in time). The clock stays the database's; the deadline moves.
    pub async fn set_deadline(&self, call: &str, stage: i32, seconds: i32) {
        self.sql(&format!(
            "update stage set opens_at = least(opens_at, clock_timestamp() - interval '1 day'),
                    deadline_at = greatest(clock_timestamp() + interval '{seconds} seconds', (
                        select max(submitted_at) + interval '1 microsecond'
                        from submission s join proposal_stage ps on ps.id = s.proposal_stage_id
                        where ps.stage_id = stage.id))
             where call_id = '{call}' and number = {stage}"
        ))
        .await;
    }

    /// Moves the exception of a proposal in its last stage to `seconds` from now, as [`TestApp::set_deadline`]
    /// does a deadline: by a further one, since none is ever changed.
    pub async fn set_exception(&self, proposal: &str, seconds: i32) {
        self.sql(&format!(
            "insert into deadline_exception (id, call_id, proposal_stage_id, number, deadline_at, until, reason, given_by, given_at)
             select gen_random_uuid(), e.call_id, proposal_stage_id, e.number + 1,
                    least(s.deadline_at, new.until - interval '1 microsecond'), new.until, reason, given_by,
                    least(given_at, new.until - interval '1 microsecond')
             from deadline_exception e
             join proposal_stage ps on ps.id = e.proposal_stage_id join stage s on s.id = ps.stage_id, lateral (
                 select greatest(clock_timestamp() + interval '{seconds} seconds', (
                     select max(submitted_at) + interval '1 microsecond'
                     from submission x where x.proposal_stage_id = ps.id)) as until) new
             where e.proposal_stage_id in (select id from proposal_stage where proposal_id = '{proposal}')
             order by e.number desc limit 1"
        ))
        .await;
    }

    /// Lets a stage's deadline pass and closes it.
    pub async fn close_stage(&self, call: &str, stage: i32) {
        self.set_deadline(call, stage, -1).await;
        self.tick().await;
    }

    /// A call that is open for pre-proposals, drafted by `office` over the API, with these funders (key,
    /// commitment); answers the call as the secretariat sees it.
    pub async fn open_call(&self, office: &Client, code: &str, funders: &[(&str, &str)]) -> Reply {
        self.grant(office, Role::CallOffice, None, None).await;
        let input = serde_json::json!({
        "code": code, "title": "A call", "topic": "Tools for the clinic", "year": 2026, "rehearsal": true,
        "stages": [
            {"opens_at": "2026-01-01T00:00:00Z", "deadline": {"at": "2097-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2097, 17:00 CET"}},
            {"opens_at": "2026-01-02T00:00:00Z", "deadline": {"at": "2098-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2098, 17:00 CET"}},
        ]});
        let call = office.post("/calls").json(&input).send().await.expect(201);
        let path = format!("/calls/{}", call.id());
        let mapping = serde_json::json!({"agenda": "icpermed-2017", "items": [{"number": "A.7"}]});
        office
            .put(&format!("{path}/action-items"))
            .etag(&call.etag)
            .json(&mapping)
            .send()
            .await
            .expect(200);
        for (key, amount) in funders {
            let funder = serde_json::json!({ "organisation": key });
            let added = office
                .post(&format!("{path}/funders"))
                .json(&funder)
                .send()
                .await;
            let pledge = serde_json::json!({"amount": amount, "reason": "Letter of commitment"});
            office
                .put(&format!("{path}/funders/{key}/commitment"))
                .etag(&added.expect(201).etag)
                .json(&pledge)
                .send()
                .await
                .expect(200);
        }
        self.grant(office, Role::CscChair, Some(&call.id()), None)
            .await;
        for step in ["approve", "pre-announce", "open"] {
            let now = office.read(&path).await;
            office
                .post(&format!("{path}/{step}"))
                .etag(&now.etag)
                .send()
                .await
                .expect(200);
        }
        self.sql(&format!(
            "delete from role_grant where role = 'csc_chair' and account_id = '{}'",
            office.account.unwrap_or_default()
        ))
        .await;
        office.read(&path).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The database is dropped by force, so the server need not be waited for.
        drop(self.server.stop(false));
        // Every scenario leaves a database in which all invariants hold; a test that has failed says more
        // by its own fault.
        if self.broken_on_purpose.load(Ordering::Relaxed) || std::thread::panicking() {
            return;
        }
        let broken = self.psql(&doctor::one_query());
        assert!(broken.is_empty(), "the doctor finds broken:\n{broken}");
    }
}
