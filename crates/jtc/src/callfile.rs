//! Call files: the whole set-up of a call as one TOML document, checked without a database, written from
//! one, and drafted into one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::call::{Located, check_file, locate};
use anyhow::{Context as _, Result};
use clap::Subcommand;
use kernel::Finding;
use service::{Context, call};

use crate::config::Config;
use crate::server::{offline, plain};

/// What can be done with call files.
#[derive(Subcommand)]
pub enum Command {
    /// Name everything that is wrong or doubtful in a call file, with its line; exits with 2 on a fault.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Write a call as a commented file, with its funders and what they commit.
    Export {
        /// Code of the call.
        call: String,
        /// Where to; left out, to standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Draft a call from a file; exits with 2 on a fault, and then drafts nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// E-mail address of an account of the call office; it becomes the call's secretariat.
        #[arg(long = "as", value_name = "EMAIL")]
        as_account: String,
    },
}

/// Runs `jtc call`.
pub fn run(config: &Config, command: &Command) -> Result<ExitCode> {
    match command {
        Command::Check { file } => check(file),
        Command::Export { call, out } => export(config, call, out.as_deref()),
        Command::Import { file, as_account } => import(config, file, as_account),
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn check(path: &Path) -> Result<ExitCode> {
    let (_, found) = check_file(&read(path)?);
    Ok(tell(path, &found))
}

/// Prints what was found, and says by the exit code whether a fault is among it.
fn tell(path: &Path, found: &[Located]) -> ExitCode {
    for one in found {
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
    ExitCode::from(if faults == 0 { 0 } else { 2 })
}

fn export(config: &Config, code: &str, out: Option<&Path>) -> Result<ExitCode> {
    let file = offline(config, async |service| {
        let call = call::by_code(&service, code).await.map_err(plain)?;
        call::call_file(&service, call).await.map_err(plain)
    })?;
    let text = file.to_toml()?;
    match out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn import(config: &Config, path: &Path, email: &str) -> Result<ExitCode> {
    let text = read(path)?;
    let (file, mut found) = check_file(&text);
    let Some(file) = file.filter(|_| found.iter().all(|one| !one.finding.is_fault())) else {
        return Ok(tell(path, &found));
    };
    let drafted = offline(config, async |service| {
        let actor = service::access::from_the_command_line(&service, email).await;
        let context = Context {
            actor: actor.map_err(plain)?,
            ..Context::system(access::Job::Setup)
        };
        match call::import_call_file(&service, context, file).await {
            Ok(answer) => Ok(Ok(answer.value)),
            Err(problem) if problem.errors.is_empty() => Err(plain(problem)),
            Err(problem) => Ok(Err(problem.errors)),
        }
    })?;
    match drafted {
        Ok(drafted) => println!("drafted {} as {}", drafted.code, drafted.id),
        Err(faults) => {
            let faults = faults.into_iter().map(Finding::from).collect();
            found.extend(locate(&text, faults));
            found.sort_by_key(|one| (one.line, one.column));
        }
    }
    Ok(tell(path, &found))
}
