//! The process that looks at a file: limits first, then one verdict on standard output.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::examine;

/// What the process may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: u64,
    /// Time of a processor, in seconds.
    pub seconds: u64,
}

/// Confines the process that calls it, looks at the file and prints the verdict as JSON.
pub fn main(file: &Path, limits: Limits) -> ExitCode {
    // The file is read first, so that afterwards no further one has to be opened.
    let Ok(bytes) = std::fs::read(file) else {
        eprintln!("the file cannot be read");
        return ExitCode::FAILURE;
    };
    if let Err(error) = confine(limits) {
        eprintln!("the process cannot be confined: {error}");
        return ExitCode::FAILURE;
    }
    let verdict = serde_json::to_vec(&examine(&bytes));
    match verdict.map(|verdict| std::io::stdout().write_all(&verdict)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}

/// No file is opened or written and no core is left behind from here on.
fn confine(limits: Limits) -> rustix::io::Result<()> {
    let both = |most: u64| Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(Resource::As, both(limits.memory))?;
    setrlimit(Resource::Cpu, both(limits.seconds))?;
    setrlimit(Resource::Fsize, both(0))?;
    setrlimit(Resource::Core, both(0))?;
    setrlimit(Resource::Nofile, both(3))
}
