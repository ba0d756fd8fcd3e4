//! Call files: the whole set-up of a call as one TOML document, checked without a database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;

/// What can be done with call files.
#[derive(Subcommand)]
pub enum Command {
    /// Name everything that is wrong or doubtful in a call file, with its line; exits with 2 on a fault.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// Runs `jtc call`.
pub fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Check { file } => check(file),
    }
}

fn check(path: &Path) -> Result<ExitCode> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let (_, found) = call::check_file(&text);
    for one in &found {
        let severity = if one.finding.is_fault() {
            "fault"
        } else {
            "doubt"
        };
        println!(
            "{}:{}:{}: {severity}: {} ({})",
            path.display(),
            one.line,
            one.column,
            one.finding.detail(),
            one.finding.code
        );
    }
    let faults = found.iter().filter(|one| one.finding.is_fault()).count();
    println!("{faults} faults, {} doubts", found.len() - faults);
    Ok(ExitCode::from(if faults == 0 { 0 } else { 2 }))
}
