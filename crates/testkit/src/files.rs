//! Files of the server under test, kept and looked at as those of the real one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use confined::Limits;
use outbound::{ChildChecker, ChildTypesetter, FolderParts, ObjectFiles, Program};
use service::ports::{Files, Typesetter};

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
    Ok(Files {
        store: Arc::new(ObjectFiles::in_folder(&whole(folder))?),
        checker: Arc::new(ChildChecker::new(program("check-file")?, parts.clone())),
        parts: Arc::new(parts),
        file_max: FILE_MAX,
        proposal_max: PROPOSAL_MAX,
    })
}

/// Who sets documents, with these files.
pub(crate) fn typesetter(files: &Files) -> Result<Arc<dyn Typesetter>> {
    let program = program("typeset")?;
    Ok(Arc::new(ChildTypesetter::new(program, files.store.clone())))
}

/// A confined program: built with the package of the running test, beside its folder.
fn program(name: &str) -> Result<Program> {
    let limits = Limits {
        memory: 1024 * 1024 * 1024,
        seconds: 60,
    };
    let test = std::env::current_exe().context("finding the test itself")?;
    let folder = test.ancestors().nth(2).context("a test has a folder")?;
    let own = folder.join(name);
    Ok(match own.exists() {
        true => Program::new(own, Vec::new(), limits),
        false => Program::new(folder.join("jtc"), vec![name.into()], limits),
    })
}
