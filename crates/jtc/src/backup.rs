//! `jtc db backup` and `jtc db restore`: the whole database in one file of PostgreSQL's custom format, and the
//! files of proposals in a folder beside it.
//!
//! The key of the installation is not in that file, on purpose: who has both can forge receipts and
//! records. It is kept once, apart.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};
use outbound::ObjectFiles;
use service::ports::FileStore;
use store::cluster::Kind;
use store::{Db, doctor, restore as rows};

use crate::config::Config;
use crate::database::{self, Place};
use crate::{files, server};

/// Runs `jtc db backup FILE`: one snapshot, while the server goes on.
pub fn backup(config: &Config, file: &Path) -> Result<ExitCode> {
    ensure!(
        !file.exists(),
        "{} exists already; name another file, or move it away",
        file.display()
    );
    if config.database.url.is_empty() {
        // Opening would make a cluster where there is none, and an empty one is not worth a backup.
        database::private(config)?;
    }
    let place = database::open(config, Kind::Kept)?;
    let outcome = dump(config, &place, file);
    close(&place)?;
    let bytes = outcome?;
    // After the database: a file is there before its row is, and goes after it.
    let folder = files::beside(file);
    let count = server::runtime()?.block_on(async {
        let into = ObjectFiles::in_folder(&folder)?;
        files::copy(&files::store(config)?, &into).await
    })?;
    println!(
        "backed up {bytes} bytes into {} and {count} files into {}; the two belong together\nKeep apart from it, once: {} (signs receipts and records), and your \
         configuration. Nothing else in {} is needed.",
        file.display(),
        folder.display(),
        server::key_file(&config.data.folder).display(),
        config.data.folder.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Writes beside the file first, so that a file of that name is always a whole backup.
fn dump(config: &Config, place: &Place, file: &Path) -> Result<u64> {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let handle = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .with_context(|| format!("writing {}", part.display()))?;
    let url = place.owner.as_ref().unwrap_or(&place.app);
    let mut pg_dump = tool(config, place, "pg_dump");
    pg_dump
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .args(["--no-password", "--dbname", url])
        .stdout(handle.try_clone()?);
    let done = run(&mut pg_dump, "pg_dump").and_then(|()| {
        handle.sync_all()?;
        std::fs::rename(&part, file)?;
        Ok(handle.metadata()?.len())
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

/// Runs `jtc db restore FILE`: into a database that holds nothing, all or nothing of it.
pub fn restore(config: &Config, file: &Path, new_key: bool) -> Result<ExitCode> {
    ensure!(file.is_file(), "there is no file {}", file.display());
    let key = server::key_file(&config.data.folder);
    ensure!(
        new_key || key.is_file(),
        "{} is missing: put the installation's key back first. With --new-key the next start makes another, and \
         what the old one signed no longer verifies with this installation's records",
        key.display()
    );
    let place = database::open(config, Kind::Kept)?;
    let outcome = server::runtime()?.block_on(load(config, &place, file, new_key));
    close(&place)?;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn load(config: &Config, place: &Place, file: &Path, new_key: bool) -> Result<()> {
    let owner = place
        .owner
        .as_deref()
        .context("set database.owner_url: the application's role cannot make tables")?;
    let there = rows::relations(owner).await?;
    ensure!(
        there == 0,
        "the database holds {there} tables and sequences already; restore into one that is empty"
    );
    rows::make_room(owner).await?;
    let mut pg_restore = tool(config, place, "pg_restore");
    pg_restore
        .args(["--no-owner", "--no-privileges", "--single-transaction"])
        .args(["--no-password", "--dbname", owner])
        .arg(file);
    run(&mut pg_restore, "pg_restore")?;
    // A backup of an older version is brought to this one; and the application gets its rights.
    store::migrate::run(owner, place.app_role).await?;
    let folder = files::beside(file);
    let count = match folder.is_dir() {
        true => files::copy(&ObjectFiles::in_folder(&folder)?, &files::store(config)?).await?,
        false => 0,
    };
    println!("restored from {}, with {count} files", file.display());
    if !new_key {
        same_key(config, &place.app).await?;
    }
    let db = Db::new(&place.app, 1, tokio::runtime::Handle::current())?;
    let mut conn = db.connection().await?;
    let broken = doctor::examine(&mut conn).await?;
    ensure!(
        broken.is_empty(),
        "the restored database is broken\n{}",
        crate::doctor::sentences(&broken)
    );
    let kept = files::store(config)?;
    let mut missing = 0;
    for hash in store::intake::submitted_files(&mut conn).await? {
        missing += usize::from(!kept.has(&hash).await?);
    }
    ensure!(
        missing == 0,
        "the database is restored, but {missing} submitted files are missing: restore with {} beside the backup",
        folder.display()
    );
    println!("doctor: {} invariants hold", doctor::all().len());
    Ok(())
}

/// Fails when the key in place is not the one that signed last.
async fn same_key(config: &Config, url: &str) -> Result<()> {
    let signer = rows::last_signer(url).await?;
    let key = server::keys(&config.data.folder)?.key_id();
    ensure!(
        signer.is_empty() || signer == key,
        "the database is restored, but the key in place is {key} and its records were signed by {signer}; put \
         that key into {} before the server starts",
        server::key_file(&config.data.folder).display()
    );
    Ok(())
}

/// A client of PostgreSQL: of the private cluster's version, or the newest there is.
fn tool(config: &Config, place: &Place, name: &str) -> Command {
    let program = match &place.private {
        Some(cluster) => cluster.binaries().client(name),
        None => database::binaries(config).map_or_else(|_| name.into(), |found| found.client(name)),
    };
    Command::new(program)
}

fn run(command: &mut Command, name: &str) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(Child::wait_with_output)
        .with_context(|| format!("starting {name}; install postgresql-client"))?;
    if !output.status.success() {
        bail!(
            "{name} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn close(place: &Place) -> Result<()> {
    match place.ours() {
        Some(cluster) => Ok(cluster.stop()?),
        None => Ok(()),
    }
}
