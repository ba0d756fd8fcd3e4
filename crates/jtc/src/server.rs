//! Wiring: the parts put together, started and stopped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use outbound::{FileMailer, SmtpMailer};
use service::ports::Mailer;
use service::{Keys, Service, worker};
use store::Db;
use store::cluster::{Cluster, Kind};
use tokio::runtime::Runtime;
use tokio::sync::watch::Sender;

use crate::config::{Config, LogFormat};
use crate::database::{self, Place};
use crate::{files, watch};

/// Accounts made from the command line.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an administrator and print a one-time link to log in with.
    Add {
        /// E-mail address.
        email: String,
        /// Name.
        #[arg(long, default_value = "Administrator")]
        name: String,
    },
}

/// A server that runs, with everything it needs.
pub struct Running {
    /// The use cases.
    pub service: Service,
    /// Address of the API.
    pub url: String,
    /// The HTTP server.
    pub server: web::Server,
    runtime: Runtime,
    jobs: Vec<tokio::task::JoinHandle<()>>,
    stop: Sender<bool>,
    started: Option<Cluster>,
}

/// Runs the server until it is told to stop.
pub fn serve(config: &Config) -> Result<ExitCode> {
    log(config)?;
    metrics(config)?;
    let running = start(config, Kind::Kept)?;
    println!(
        "JTC serves {}/ (API documentation: {0}/api/docs/)",
        running.url
    );
    running.run()?;
    Ok(ExitCode::SUCCESS)
}

/// Starts everything but the serving itself.
pub fn start(config: &Config, kind: Kind) -> Result<Running> {
    let place = database::open(config, kind)?;
    let runtime = runtime()?;
    let server_settings = config.web_settings()?;
    runtime.block_on(prepare(&place, config))?;
    let keys = keys(&config.data.folder)?;
    let db = Db::new(&place.app, config.database.pool, runtime.handle().clone())?;
    runtime.block_on(db.check_fitness())?;
    let listener = std::net::TcpListener::bind(&config.http.address)
        .with_context(|| format!("listening on {}", config.http.address))?;
    let address = listener.local_addr()?.to_string();
    let files = files::open(config)?;
    let settings = config.service_settings(&address);
    let typesetter = files::typesetter(config, &files)?;
    let service = Service::new(db, keys, settings, files, typesetter)?;
    runtime.block_on(load_seeds(&service))?;
    let mailer = runtime.block_on(async { mailer(config) })?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut jobs = worker::start(&service, mailer, &stopped);
    let started = place.ours();
    if let Some(cluster) = place.private {
        jobs.push(runtime.spawn(watch::keep_alive(cluster, stopped)));
    }
    let server = web::Server::build(service.clone(), listener, server_settings)?;
    Ok(Running {
        url: service.settings().public_url.clone(),
        service,
        server,
        runtime,
        jobs,
        stop,
        started,
    })
}

impl Running {
    /// Serves until it is told to stop by a signal or its handle, then ends the jobs and the private
    /// cluster that was started for it.
    pub fn run(self) -> Result<()> {
        actix_web::rt::System::new().block_on(self.server.run())?;
        // The jobs finish what they are at; nothing is cut off.
        self.stop.send_replace(true);
        for job in self.jobs {
            let _ = self.runtime.block_on(job);
        }
        drop(self.service);
        drop(self.runtime);
        if let Some(cluster) = self.started {
            match cluster.kind() {
                Kind::Kept => cluster.stop()?,
                Kind::ThrowAway => cluster.discard()?,
            }
        }
        Ok(())
    }
}

/// A runtime that database connections may belong to.
pub fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("database")
        .enable_all()
        .build()?)
}

/// Migrates what is ours to migrate, and stops where something is missing.
async fn prepare(place: &Place, config: &Config) -> Result<()> {
    if let Some(owner) = &place.owner {
        let ran = store::migrate::run(owner, place.app_role).await?;
        if !ran.is_empty() {
            tracing::info!("migrated: {}", ran.join(", "));
        }
    }
    let db = Db::new(&place.app, 1, tokio::runtime::Handle::current())?;
    let mut conn = db.connection().await.context("reaching the database")?;
    let missing = store::migrate::missing(&mut conn).await?;
    if !missing.is_empty() {
        let hint = if config.database.owner_url.is_empty() {
            "set database.owner_url and run `jtc migrate`"
        } else {
            "run `jtc migrate`"
        };
        bail!("the database lacks {} migrations; {hint}", missing.len());
    }
    Ok(())
}

/// Runs `jtc migrate`.
pub fn migrate(config: &Config) -> Result<ExitCode> {
    let place = database::open(config, Kind::Kept)?;
    let owner = place
        .owner
        .as_deref()
        .context("set database.owner_url: the application's role cannot change tables")?;
    let ran = runtime()?.block_on(store::migrate::run(owner, place.app_role))?;
    match ran.len() {
        0 => println!("nothing to do"),
        _ => println!("migrated: {}", ran.join(", ")),
    }
    if let Some(cluster) = place.ours() {
        cluster.stop()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `work` over the configured database without serving.
pub fn offline<T>(config: &Config, work: impl AsyncFnOnce(Service) -> Result<T>) -> Result<T> {
    let place = database::open(config, Kind::Kept)?;
    let runtime = runtime()?;
    runtime.block_on(prepare(&place, config))?;
    let db = Db::new(&place.app, 2, runtime.handle().clone())?;
    let settings = config.service_settings(&config.http.address);
    let files = files::open(config)?;
    let keys = keys(&config.data.folder)?;
    let typesetter = files::typesetter(config, &files)?;
    let service = Service::new(db, keys, settings, files, typesetter)?;
    let outcome = runtime.block_on(work(service));
    drop(runtime);
    if let Some(cluster) = place.ours() {
        cluster.stop()?;
    }
    outcome
}

/// Runs `jtc user ...`.
pub fn user(config: &Config, command: UserCommand) -> Result<ExitCode> {
    let UserCommand::Add { email, name } = command;
    let link = offline(config, async |service| {
        service::access::make_administrator(&service, &email, &name)
            .await
            .map_err(plain)
    })?;
    println!("{link}");
    Ok(ExitCode::SUCCESS)
}

/// A problem as an error of the command line.
pub fn plain(problem: service::Problem) -> anyhow::Error {
    let faults = problem.errors.iter();
    let faults: Vec<String> = faults
        .map(|f| format!("\n  {}: {}", f.pointer, f.detail))
        .collect();
    let cause = problem
        .cause
        .map(|cause| format!(" ({cause})"))
        .unwrap_or_default();
    anyhow::anyhow!("{}{cause}{}", problem.detail, faults.concat())
}

async fn load_seeds(service: &Service) -> Result<()> {
    service::agenda::load_seeds(service).await.map_err(plain)?;
    Ok(())
}

fn mailer(config: &Config) -> Result<Arc<dyn Mailer>> {
    let from = &config.mail.from;
    if config.mail.smtp_url.is_empty() {
        let folder = config.data.folder.join("mail");
        return Ok(Arc::new(FileMailer::new(folder, from)?));
    }
    Ok(Arc::new(SmtpMailer::new(&config.mail.smtp_url, from)?))
}

/// Where the seed of the installation's keys stands.
pub fn key_file(folder: &Path) -> PathBuf {
    folder.join("installation.key")
}

/// The installation's keys, from a seed that is made at the first start and readable by its owner alone.
pub fn keys(folder: &Path) -> Result<Keys> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::create_dir_all(folder)?;
    let file = key_file(folder);
    if !file.exists() {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("random bytes: {error}"))?;
        let new = folder.join("installation.key.new");
        let mut handle = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        handle.write_all(hex::encode(seed).as_bytes())?;
        handle.sync_all()?;
        // A link, unlike a rename, never replaces the key of another server that was faster.
        let _ = std::fs::hard_link(&new, &file);
        std::fs::remove_file(&new)?;
    }
    let text = std::fs::read_to_string(&file).context("reading the installation's key")?;
    let seed = hex::decode(text.trim())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .with_context(|| format!("{} does not hold 64 hexadecimal digits", file.display()))?;
    Ok(Keys::from_seed(&seed))
}

/// Starts the log.
pub fn log(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)
        .context("log.filter is not a filter such as info,store=debug")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

fn metrics(config: &Config) -> Result<()> {
    if config.http.metrics_address.is_empty() {
        return Ok(());
    }
    let address: std::net::SocketAddr = config
        .http
        .metrics_address
        .parse()
        .context("http.metrics_address is no address such as 127.0.0.1:9090")?;
    metrics_exporter_prometheus::PrometheusBuilder::new()
        .with_http_listener(address)
        .install()
        .context("serving metrics")
}
