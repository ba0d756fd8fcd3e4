//! One cluster for all tests, a template with migrations and seeds, a database for each test.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use store::cluster::{APP, Binaries, Cluster, Kind, OWNER, SUPERUSER, grant_sql};

/// Environment variable with the folder of the running cluster; `scripts/test` sets it.
pub const VARIABLE: &str = "JTC_TEST_CLUSTER";

/// A database of its own, dropped with this value.
pub struct Database {
    cluster: Cluster,
    name: String,
}

#[allow(
    clippy::disallowed_methods,
    reason = "a test run is told by its environment where its cluster is"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The cluster of this test run: the one named by the environment, or one kept in memory for all runs
/// that are started without `scripts/test`.
pub fn cluster() -> Result<Cluster> {
    let folder = match environment(VARIABLE) {
        Some(folder) => PathBuf::from(folder),
        None if Path::new("/dev/shm").is_dir() => PathBuf::from("/dev/shm/jtc-test"),
        None => std::env::temp_dir().join("jtc-test"),
    };
    cluster_in(&folder)
}

/// The programs of PostgreSQL that the tests run.
pub fn binaries() -> Result<Binaries> {
    let explicit = environment("JTC_PG_BIN").map(PathBuf::from);
    let path = environment("PATH").map(Into::<std::ffi::OsString>::into);
    Ok(Binaries::find(explicit.as_deref(), path.as_deref())?)
}

/// The throw-away cluster in a folder, made or attached to.
pub fn cluster_in(folder: &Path) -> Result<Cluster> {
    Ok(Cluster::open(&binaries()?, folder, Kind::ThrowAway)?)
}

/// Runs SQL statements over `url`.
pub async fn execute(url: &str, sql: &str) -> Result<()> {
    store::script::execute(url, sql)
        .await
        .with_context(|| sql.to_owned())
}

/// The template's name: it changes with migrations and seeds, so a stale one is never used.
fn template_name() -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut hash = Sha256::new();
    let mut folders = vec![root.join("migrations"), root.join("config")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(&folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        for path in entries {
            hash.update(path.to_string_lossy().as_bytes());
            if path.is_dir() {
                folders.push(path);
            } else {
                hash.update(std::fs::read(&path)?);
            }
        }
    }
    Ok(format!("template_{}", &hex::encode(hash.finalize())[..16]))
}

/// Makes the template unless it is there; one process does it, the others wait.
pub async fn template(cluster: &Cluster) -> Result<String> {
    let name = template_name()?;
    let server = cluster.superuser_url();
    store::script::exclusively(&server, 7, async {
        let there = format!("select 1 from pg_database where datname = '{name}'");
        if value(&server, &there).await?.is_empty() {
            make_template(cluster, &name).await?;
        }
        anyhow::Ok(name)
    })
    .await?
}

async fn make_template(cluster: &Cluster, name: &str) -> Result<()> {
    let server = cluster.superuser_url();
    let making = format!("{name}_new");
    execute(&server, &format!("drop database if exists {making}")).await?;
    execute(&server, &format!("create database {making} owner {OWNER}")).await?;
    let grants = grant_sql(&making, OWNER, APP);
    execute(&cluster.url(SUPERUSER, &making), &grants).await?;
    store::migrate::run(&cluster.url(OWNER, &making), Some(APP)).await?;
    crate::app::load_seeds(&cluster.url(APP, &making)).await?;
    // The pool that loaded the seeds may still be closing its connections.
    let leave = format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{making}'"
    );
    execute(&server, &leave).await?;
    execute(
        &server,
        &format!("alter database {making} rename to {name}"),
    )
    .await
}

/// The first column of the first row of a query, as text; empty when there is none.
pub async fn value(url: &str, query: &str) -> Result<String> {
    store::script::value(url, query)
        .await
        .with_context(|| query.to_owned())
}

/// A database with the roles' rights and nothing else, for tests of the migrations.
pub struct Empty(Database);

impl Empty {
    /// A new one.
    pub async fn new() -> Result<Empty> {
        let cluster = tokio::task::spawn_blocking(cluster).await??;
        let name = format!("t_{}", kernel::id::new().simple());
        let sql = format!("create database {name} owner {OWNER}");
        execute(&cluster.superuser_url(), &sql).await?;
        let database = Database { cluster, name };
        let grants = grant_sql(&database.name, OWNER, APP);
        execute(&database.url(SUPERUSER), &grants).await?;
        Ok(Empty(database))
    }

    /// The URL for one of the roles.
    pub fn url(&self, role: &str) -> String {
        self.0.url(role)
    }

    /// See [`value`].
    pub async fn value(&self, query: &str) -> Result<String> {
        value(&self.url(SUPERUSER), query).await
    }
}

impl Database {
    /// A copy of the template.
    pub async fn new() -> Result<Database> {
        let cluster = tokio::task::spawn_blocking(cluster).await??;
        let template = template(&cluster).await?;
        let name = format!("t_{}", kernel::id::new().simple());
        let sql = format!("create database {name} template {template} strategy file_copy");
        // Another copy being made at the same moment holds the template for some milliseconds.
        let mut outcome = execute(&cluster.superuser_url(), &sql).await;
        for _ in 0..100 {
            match &outcome {
                Err(error) if format!("{error:#}").contains("being accessed") => {
                    tokio::task::yield_now().await;
                    outcome = execute(&cluster.superuser_url(), &sql).await;
                }
                _ => break,
            }
        }
        outcome?;
        Ok(Database { cluster, name })
    }

    /// The URL for one of the roles `jtc_app`, `jtc_owner`, `jtc_super`.
    pub fn url(&self, role: &str) -> String {
        self.cluster.url(role, &self.name)
    }

    /// Runs a script in one session of the superuser and answers what it prints: a line for each row, with
    /// `|` between the columns. It blocks.
    pub fn psql(&self, script: &str) -> Result<String> {
        let mut psql = self.cluster.psql(SUPERUSER, &self.name);
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = psql.spawn().context("starting psql")?;
        let mut stdin = child.stdin.take().context("psql takes no script")?;
        // What it prints is far less than a pipe holds, so it never waits for us while we write.
        stdin.write_all(script.as_bytes())?;
        drop(stdin);
        let output = child.wait_with_output()?;
        anyhow::ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The same, over another folder's socket.
    pub fn url_over(&self, folder: &Path, role: &str) -> String {
        let folder = folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{role}@/{}?host={folder}&port=5432", self.name)
    }

    /// The folder of the cluster's socket.
    pub fn socket_dir(&self) -> &Path {
        self.cluster.socket_dir()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("drop database if exists {} with (force)", self.name);
        let mut psql = self.cluster.psql(SUPERUSER, "postgres");
        // A database that stays behind costs memory until the cluster ends, and nothing else.
        let _ = psql.args(["-q", "-c", &sql]).output();
    }
}
