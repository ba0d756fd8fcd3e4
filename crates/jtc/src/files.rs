//! Where files are, by the configuration; and their way into a backup and out of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use confined::Limits;
use outbound::{ChildChecker, ChildTypesetter, FolderParts, ObjectFiles, Program};
use service::ports::{FileStore, Files, Typesetter, sha256};

use crate::config::Config;

const MB: u64 = 1_000_000;
const MIB: u64 = 1024 * 1024;

/// The ports for files.
pub fn open(config: &Config) -> Result<Files> {
    let settings = &config.files;
    let parts = FolderParts::new(&config.data.folder.join("uploads"))?;
    let program = own_program(config, "check-file")?;
    Ok(Files {
        store: Arc::new(store(config)?),
        checker: Arc::new(ChildChecker::new(program, parts.clone())),
        parts: Arc::new(parts),
        file_max: settings.file_mb * MB,
        proposal_max: settings.proposal_mb * MB,
    })
}

/// Who sets documents, with these files.
pub fn typesetter(config: &Config, files: &Files) -> Result<Arc<dyn Typesetter>> {
    let program = own_program(config, "typeset")?;
    Ok(Arc::new(ChildTypesetter::new(program, files.store.clone())))
}

/// This program with one of its hidden commands, which work on bytes of strangers.
fn own_program(config: &Config, command: &str) -> Result<Program> {
    let limits = Limits {
        memory: config.files.check_memory_mb * MIB,
        seconds: config.files.check_seconds,
    };
    let path = std::env::current_exe().context("finding the program itself")?;
    Ok(Program::new(path, vec![command.into()], limits))
}

/// Where whole files are kept.
pub fn store(config: &Config) -> Result<ObjectFiles> {
    if !config.files.bucket.is_empty() {
        return in_bucket(config);
    }
    let folder = match config.files.folder.as_os_str().is_empty() {
        true => config.data.folder.join("files"),
        false => config.files.folder.clone(),
    };
    ObjectFiles::in_folder(&folder).with_context(|| format!("the files in {}", folder.display()))
}

#[cfg(feature = "s3")]
fn in_bucket(config: &Config) -> Result<ObjectFiles> {
    use secrecy::ExposeSecret;
    let settings = &config.files;
    let bucket = outbound::s3::Bucket {
        url: &settings.bucket,
        region: &settings.region,
        endpoint: &settings.endpoint,
        access_key_id: &settings.access_key_id,
        secret_access_key: settings.secret_access_key.expose_secret(),
    };
    ObjectFiles::in_bucket(&bucket).context("files.bucket")
}

#[cfg(not(feature = "s3"))]
fn in_bucket(_: &Config) -> Result<ObjectFiles> {
    anyhow::bail!("files.bucket needs a binary built with --features s3")
}

/// The folder of files that belongs to a backup of the database.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".files");
    PathBuf::from(name)
}

/// Copies every file from one store to another; answers how many. A file whose bytes are not those of its name
/// is not taken along in silence.
pub async fn copy(from: &impl FileStore, to: &impl FileStore) -> Result<usize> {
    let all = from.list().await?;
    for kept in &all {
        let hash = &kept.sha256;
        let found = from.get(hash).await?.context("a file went away")?;
        ensure!(
            sha256(found).await? == *hash,
            "the file {hash} is damaged: its bytes have another hash"
        );
        let found = from.get(hash).await?.context("a file went away")?;
        to.put(hash, found).await?;
    }
    Ok(all.len())
}
