//! A rehearsal: a whole joint call, from its draft to the letters, through the HTTP API alone.

mod api;
mod calls;
mod invent;
mod mailbox;
mod people;
mod proposals;
mod report;
mod reviews;
mod selection;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use clap::ValueEnum;
use store::cluster::Kind;

use crate::config::Config;
use crate::server;
use api::{Api, Person};
use invent::Invention;
use mailbox::Mailbox;
use steps::Steps;

/// What kind of rehearsal.
#[derive(clap::Args)]
pub struct Arguments {
    /// How large the rehearsed call is.
    #[arg(long, value_enum, default_value = "full")]
    size: Size,
    /// Stop the server at the end instead of serving on.
    #[arg(long)]
    exit: bool,
    /// Print the figures as one JSON object, as the last line.
    #[arg(long)]
    json: bool,
    /// With EU money: the EU pays 33 % of the support, half of it fills gaps, and the ranking binds.
    #[arg(long)]
    co_funded: bool,
    /// Another number, another rehearsal.
    #[arg(long, default_value_t = 2024)]
    seed: u64,
}

/// The size of the rehearsed call.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Size {
    /// The published shape of EP PerMed JTC2024: 38 funders, some 300 pre-proposals, 64 invited.
    Full,
    /// 20 pre-proposals, on a throw-away cluster.
    Small,
}

/// The figures of a rehearsed call.
struct Shape {
    funders: usize,
    submitted: usize,
    never_submitted: usize,
    ineligible: usize,
    experts: usize,
    invited: usize,
    most_reviews: usize,
    parallel: usize,
}

impl Size {
    fn shape(self) -> Shape {
        match self {
            Size::Full => Shape {
                funders: 38,
                submitted: 300,
                never_submitted: 5,
                ineligible: 16,
                experts: 120,
                invited: 64,
                most_reviews: 9,
                parallel: 12,
            },
            Size::Small => Shape {
                funders: 12,
                submitted: 20,
                never_submitted: 2,
                ineligible: 3,
                experts: 16,
                invited: 8,
                most_reviews: 6,
                parallel: 8,
            },
        }
    }
}

/// Everything the steps of a rehearsal share.
struct Play {
    api: Api,
    mailbox: Mailbox,
    invention: Mutex<Invention>,
    shape: Shape,
    co_funded: bool,
    steps: Steps,
    receipts: PathBuf,
}

impl Play {
    /// Keeps a receipt as its coordinator would: a line of JSON in `receipts.ndjson`, beside the data.
    fn keep_receipt(&self, receipt: &serde_json::Value) -> Result<()> {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.receipts)?;
        Ok(file.write_all(format!("{receipt}\n").as_bytes())?)
    }

    fn invention(&self) -> MutexGuard<'_, Invention> {
        self.invention
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `jtc demo`.
pub fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode> {
    let (config, kind) = stage_set(config, arguments)?;
    server::log(&config)?;
    let folder = config.data.folder.clone();
    let play = Play {
        api: Api::new(""),
        mailbox: Mailbox::new(folder.join("mail")),
        invention: Mutex::new(Invention::new(arguments.seed)),
        shape: arguments.size.shape(),
        co_funded: arguments.co_funded,
        steps: Steps::new(),
        receipts: folder.join("receipts.ndjson"),
    };
    let step = play.steps.begin("Start PostgreSQL and the server", 1);
    let running = server::start(&config, kind)?;
    step.end();
    let play = Play {
        api: Api::new(&running.url),
        ..play
    };
    let (service, url) = (running.service.clone(), running.url.clone());
    let stop = running.server.handle();
    let acting = std::thread::Builder::new()
        .name("rehearsal".to_owned())
        .spawn({
            let (exit, json) = (arguments.exit, arguments.json);
            move || act(play, service, &url, exit, json, stop)
        })?;
    running.run()?;
    let outcome = acting
        .join()
        .map_err(|_| anyhow::anyhow!("the rehearsal broke off"))?;
    if kind == Kind::ThrowAway {
        std::fs::remove_dir_all(&folder).context("removing the rehearsal's folder")?;
    }
    outcome.map(|()| ExitCode::SUCCESS)
}

fn act(
    play: Play,
    service: service::Service,
    url: &str,
    exit: bool,
    json: bool,
    stop: actix_web::dev::ServerHandle,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let cast = people::introduce(&play, &service).await?;
        let call = calls::open(&play, &cast).await?;
        let (figures, persons) = whole_call(&play, &cast, &call).await?;
        let broken = service::health::examine(&service)
            .await
            .map_err(server::plain)?;
        anyhow::ensure!(
            broken.is_empty(),
            "the rehearsal left a broken database\n{}",
            crate::doctor::sentences(&broken)
        );
        let logins = people::give_passwords(&play, &persons).await?;
        if json {
            println!("{}", report::json_line(&play, &figures)?);
        } else {
            let url = (!exit).then_some(url);
            report::print(&play, &cast, &call, &figures, &logins, url);
        }
        Ok(())
    });
    // Its idle connections would keep a server that stops gracefully waiting.
    drop(play);
    if exit || outcome.is_err() {
        runtime.block_on(stop.stop(true));
    }
    outcome
}

async fn whole_call(
    play: &Play,
    cast: &people::Cast,
    call: &calls::Call,
) -> Result<(report::Figures, Vec<(&'static str, Person)>)> {
    let mut consortia = proposals::submit_pre_proposals(play, cast, call).await?;
    proposals::judge(play, cast, call, 1, &consortia).await?;
    let experts = reviews::invite_experts(play, cast, call).await?;
    reviews::evaluate(play, cast, call, 1, &experts).await?;
    let eligible = selection::balance(cast, call, 1).await?;
    let invited = selection::invite(play, cast, call).await?;
    consortia.retain(|consortium| invited.contains(&consortium.proposal));
    proposals::submit_full_proposals(play, cast, call, &consortia).await?;
    proposals::judge(play, cast, call, 2, &consortia).await?;
    reviews::evaluate(play, cast, call, 2, &experts).await?;
    let figures = selection::decide(play, cast, call, eligible, invited.len()).await?;
    let mut persons = vec![
        ("administrator", cast.administrator.clone()),
        ("secretariat", cast.secretariat.clone()),
        ("chair of the committee", call.csc_chair.clone()),
        ("chair of the panel", call.panel_chair.clone()),
        ("independent observer", call.observer.clone()),
    ];
    persons.extend(
        call.officers
            .first()
            .map(|officer| ("funder", officer.clone())),
    );
    persons.extend(
        experts
            .first()
            .map(|expert| ("expert", expert.person.clone())),
    );
    let coordinator = consortia
        .first()
        .map(|one| ("coordinator", one.coordinator.clone()));
    persons.extend(coordinator);
    Ok((figures, persons))
}

/// The rehearsal's own configuration: a folder of its own, no limits for its own haste, mails as files.
fn stage_set(config: &Config, arguments: &Arguments) -> Result<(Config, Kind)> {
    let mut config = config.clone();
    config.database.url.clear();
    config.database.owner_url.clear();
    config.mail.smtp_url.clear();
    config.http.public_url.clear();
    config.limits.requests_per_minute = 0;
    config.limits.login_per_minute = 0;
    config.limits.submit_per_minute = 0;
    config.access.require_second_factor = false;
    config.log.filter = "warn".to_owned();
    if arguments.exit {
        config.http.address = "127.0.0.1:0".to_owned();
    }
    if arguments.size == Size::Small {
        let folder = std::env::temp_dir().join(format!("jtc-demo-{}", std::process::id()));
        config.data.folder = folder;
        return Ok((config, Kind::ThrowAway));
    }
    config.data.folder = config.data.folder.join("demo");
    sweep(&config)?;
    Ok((config, Kind::Kept))
}

/// Every full rehearsal starts anew; the former one's cluster is stopped and its folder removed.
fn sweep(config: &Config) -> Result<()> {
    let folder: PathBuf = config.data.folder.clone();
    if folder.exists() {
        crate::database::stop_private(config)?;
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("removing the former rehearsal in {}", folder.display()))?;
    }
    Ok(())
}
