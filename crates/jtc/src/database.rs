//! The database: the private cluster or the one configured, and the commands around it.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use store::cluster::{APP, Binaries, Cluster, DATABASE, Kind, OWNER, SUPERUSER, Status, grant_sql};

use crate::backup;
use crate::config::Config;

/// What can be done with the private PostgreSQL.
#[derive(Subcommand)]
pub enum Command {
    /// Start it, making it at the first time.
    Start,
    /// Stop it.
    Stop,
    /// Open psql in it; arguments after -- go to psql.
    Psql {
        /// Arguments for psql.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Print the folder of its data.
    Path,
    /// Write the whole database into a new file, while the server goes on. The installation's key is not in it.
    Backup {
        /// The file.
        file: PathBuf,
    },
    /// Fill a database that holds nothing from a backup.
    Restore {
        /// The file.
        file: PathBuf,
        /// Go on without the installation's key: what it signed no longer verifies with new records.
        #[arg(long)]
        new_key: bool,
    },
    /// Print the SQL that makes the owner's and the application's role in a database of your own.
    Grant {
        /// Name of the database.
        #[arg(long, default_value = DATABASE)]
        database: String,
    },
}

/// Where the database is: as the application and, where migrations may run, as its owner.
pub struct Place {
    /// URL of the application's role.
    pub app: String,
    /// URL of the owner.
    pub owner: Option<String>,
    /// Name of the application's role, where it is ours to grant rights to.
    pub app_role: Option<&'static str>,
    /// The private cluster, where no other PostgreSQL is configured.
    pub private: Option<Cluster>,
    /// Whether this process started it, and so has to stop it.
    pub started: bool,
}

#[allow(
    clippy::disallowed_methods,
    reason = "the binary is where the environment is read"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The programs of PostgreSQL.
pub fn binaries(config: &Config) -> Result<Binaries> {
    let explicit = match config.database.pg_bin.as_str() {
        "" => environment("JTC_PG_BIN").map(PathBuf::from),
        folder => Some(PathBuf::from(folder)),
    };
    let path = environment("PATH").map(std::ffi::OsString::from);
    Ok(Binaries::find(explicit.as_deref(), path.as_deref())?)
}

fn folder(config: &Config) -> PathBuf {
    config.data.folder.join("postgres")
}

/// The database of the configuration; starts the private cluster where none is configured.
pub fn open(config: &Config, kind: Kind) -> Result<Place> {
    if !config.database.url.is_empty() {
        let owner = Some(config.database.owner_url.clone()).filter(|url| !url.is_empty());
        return Ok(Place {
            app: config.database.url.clone(),
            owner,
            app_role: None,
            private: None,
            started: false,
        });
    }
    let binaries = binaries(config)?;
    let folder = folder(config);
    let was_running = match Cluster::existing(&binaries, &folder)? {
        Some(cluster) => matches!(cluster.status(), Status::Running { .. }),
        None => false,
    };
    let cluster = Cluster::open(&binaries, &folder, kind)
        .with_context(|| format!("the private PostgreSQL in {}", folder.display()))?;
    Ok(Place {
        app: cluster.url(APP, DATABASE),
        owner: Some(cluster.url(OWNER, DATABASE)),
        app_role: Some(APP),
        private: Some(cluster),
        started: !was_running,
    })
}

impl Place {
    /// The private cluster that this process has to stop at its end.
    pub fn ours(&self) -> Option<Cluster> {
        self.private.clone().filter(|_| self.started)
    }
}

/// Stops the private cluster of the configuration, where there is one.
pub fn stop_private(config: &Config) -> Result<()> {
    match Cluster::existing(&binaries(config)?, &folder(config))? {
        Some(cluster) => Ok(cluster.stop()?),
        None => Ok(()),
    }
}

/// Runs `jtc db ...`.
pub fn run(config: &Config, command: Command) -> Result<ExitCode> {
    match command {
        Command::Grant { database } => {
            println!("{}", grant_sql(&database, OWNER, APP));
            Ok(ExitCode::SUCCESS)
        }
        Command::Backup { file } => backup::backup(config, &file),
        Command::Restore { file, new_key } => backup::restore(config, &file, new_key),
        of_the_cluster => run_private(config, of_the_cluster),
    }
}

fn run_private(config: &Config, command: Command) -> Result<ExitCode> {
    if !config.database.url.is_empty() {
        bail!("database.url is set: that PostgreSQL is not ours to start, stop or enter");
    }
    if matches!(command, Command::Start) {
        let cluster = Cluster::open(&binaries(config)?, &folder(config), Kind::Kept)?;
        println!("running in {}", cluster.data().display());
        return Ok(ExitCode::SUCCESS);
    }
    let cluster = private(config)?;
    match command {
        Command::Stop => cluster.stop()?,
        Command::Path => println!("{}", cluster.data().display()),
        Command::Psql { arguments } => {
            let error = cluster.psql(SUPERUSER, DATABASE).args(arguments).exec();
            return Err(error).context("starting psql");
        }
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The private cluster that is there.
pub fn private(config: &Config) -> Result<Cluster> {
    let folder = folder(config);
    Cluster::existing(&binaries(config)?, &folder)?.with_context(|| {
        format!(
            "there is no private PostgreSQL in {}; `jtc db start` makes one",
            folder.display()
        )
    })
}
