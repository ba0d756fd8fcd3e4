//! Files of the server under test, kept and looked at as those of the real one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use outbound::{ChildChecker, FolderParts, ObjectFiles};
use service::ports::Files;

/// The largest file, in bytes.
const FILE_MAX: u64 = 2_000_000;

/// What all files of a proposal may have together, in bytes.
const PROPOSAL_MAX: u64 = 5_000_000;

/// Whole files in a folder.
pub(crate) fn whole(folder: &Path) -> PathBuf {
    folder.join("files")
}

/// Parts in a folder.
pub(crate) fn parts(folder: &Path) -> PathBuf {
    folder.join("uploads")
}

/// The ports for files, with small limits.
pub(crate) fn in_folder(folder: &Path) -> Result<Files> {
    let parts = FolderParts::new(&parts(folder))?;
    let (program, arguments) = checker()?;
    let limits = filecheck::Limits {
        memory: 512 * 1024 * 1024,
        seconds: 20,
    };
    Ok(Files {
        store: Arc::new(ObjectFiles::in_folder(&whole(folder))?),
        checker: Arc::new(ChildChecker::new(program, arguments, limits, parts.clone())),
        parts: Arc::new(parts),
        file_max: FILE_MAX,
        proposal_max: PROPOSAL_MAX,
    })
}

/// The program that looks at files: built with the package of the running test, beside its folder.
fn checker() -> Result<(PathBuf, Vec<OsString>)> {
    let test = std::env::current_exe().context("finding the test itself")?;
    let folder = test.ancestors().nth(2).context("a test has a folder")?;
    let own = folder.join("check-file");
    Ok(match own.exists() {
        true => (own, Vec::new()),
        false => (folder.join("jtc"), vec!["check-file".into()]),
    })
}
