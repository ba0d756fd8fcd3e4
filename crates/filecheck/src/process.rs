//! The process that looks at a file: limits first, then one verdict on standard output.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use confined::Limits;

use crate::examine;

/// Confines the process that calls it, looks at the file and prints the verdict as JSON.
pub fn main(file: &Path, limits: Limits) -> ExitCode {
    // The file is read first, so that afterwards no further one has to be opened.
    let Ok(bytes) = std::fs::read(file) else {
        eprintln!("the file cannot be read");
        return ExitCode::FAILURE;
    };
    if let Err(error) = limits.confine() {
        eprintln!("the process cannot be confined: {error}");
        return ExitCode::FAILURE;
    }
    let verdict = serde_json::to_vec(&examine(&bytes));
    match verdict.map(|verdict| std::io::stdout().write_all(&verdict)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}
