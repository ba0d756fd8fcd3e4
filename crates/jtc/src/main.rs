#![doc = include_str!("../README.md")]

mod archive;
mod assign;
mod backup;
mod callfile;
mod config;
mod database;
mod demo;
mod doctor;
mod files;
mod reading;
mod record;
mod select;
mod selections;
mod server;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::Config;

/// Management of joint transnational calls.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// A TOML file that changes settings of the embedded defaults.
    #[arg(long, global = true, env = "JTC_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What a confined command may take.
#[derive(clap::Args, Clone, Copy)]
struct Confinement {
    /// Bytes of memory.
    memory: u64,
    /// Seconds of a processor.
    seconds: u64,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; without a database URL over a private PostgreSQL in the data folder.
    Serve,
    /// Bring the database to this version, as the role of database.owner_url.
    Migrate,
    /// Look after the private PostgreSQL.
    Db {
        #[command(subcommand)]
        command: database::Command,
    },
    /// Make accounts.
    User {
        #[command(subcommand)]
        command: server::UserCommand,
    },
    /// Rehearse a whole call over the API and show the funded list.
    Demo(demo::Arguments),
    /// Assign reviewers to proposals from tables, without a database; exits with 2 where a file is at
    /// fault and with 3 where there is no assignment.
    Assign(assign::Arguments),
    /// Check, write and read the set-up of a call as a file, such as those in config/calls.
    Call {
        #[command(subcommand)]
        command: callfile::Command,
    },
    /// Check that everything in the database agrees with itself; exits with 1 when something does not.
    Doctor {
        /// Print what was found as one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Write a call's record (audit trail, receipts, selection) to standard output.
    Export {
        /// Code of the call.
        call: String,
        /// Write what was submitted into this folder too, every version with its files.
        #[arg(long)]
        submissions: Option<PathBuf>,
        /// Write each selection and each shared scenario into this folder too, as `jtc select` reads it, with its
        /// answer; of a call that is ranked and of which nothing was proposed, what it would select now.
        #[arg(long)]
        selections: Option<PathBuf>,
    },
    /// Select the proposals to be funded from a file (JSON or XLSX), without a database; exits with 2 where the
    /// file is at fault.
    Select(select::Arguments),
    /// Look at one uploaded file, confined; the server starts this for each.
    #[command(hide = true)]
    CheckFile {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        limits: Confinement,
    },
    /// Set one document, confined; the server starts this for each.
    #[command(hide = true)]
    Typeset {
        #[command(flatten)]
        limits: Confinement,
    },
    /// Check a record written by `export`, or a receipt, without a database.
    Verify {
        /// The file.
        file: PathBuf,
        /// Public key (64 hexadecimal digits) to check a receipt with; a record brings its own.
        #[arg(long)]
        key: Option<String>,
        /// Audit heads kept outside (what GET /calls/{call}/audit/heads answered): the record is measured
        /// against them, and a chain that was made anew is found out.
        #[arg(long)]
        heads: Option<PathBuf>,
        /// A folder that `export --submissions` wrote: what it holds is measured against the receipts.
        #[arg(long)]
        submissions: Option<PathBuf>,
        /// A folder that `export --selections` wrote: each is computed again and measured against the record.
        #[arg(long)]
        selections: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("jtc: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl From<Confinement> for confined::Limits {
    fn from(said: Confinement) -> Self {
        confined::Limits {
            memory: said.memory,
            seconds: said.seconds,
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    // What is confined reads no configuration: what it does not know it cannot tell. A selection from a
    // file depends on that file alone.
    let command = match arguments.command {
        Command::CheckFile { file, limits } => return Ok(filecheck::main(&file, limits.into())),
        Command::Typeset { limits } => return Ok(typeset::main(limits.into())),
        // Nor does what works on files alone.
        Command::Assign(arguments) => return assign::run(&arguments),
        Command::Select(arguments) => return select::run(&arguments),
        command => command,
    };
    let config = Config::load(arguments.config.as_deref())?;
    match command {
        Command::Serve => server::serve(&config),
        Command::Migrate => server::migrate(&config),
        Command::Db { command } => database::run(&config, command),
        Command::User { command } => server::user(&config, command),
        Command::Demo(arguments) => demo::run(&config, &arguments),
        Command::Call { command } => callfile::run(&config, &command),
        Command::Doctor { json } => doctor::run(&config, json),
        Command::Assign(_)
        | Command::CheckFile { .. }
        | Command::Select(_)
        | Command::Typeset { .. } => Ok(ExitCode::FAILURE),
        Command::Export {
            call,
            submissions,
            selections,
        } => record::export(
            &config,
            &call,
            submissions.as_deref(),
            selections.as_deref(),
        ),
        Command::Verify {
            file,
            key,
            heads,
            submissions,
            selections,
        } => record::verify(
            &file,
            key.as_deref(),
            heads.as_deref(),
            submissions.as_deref(),
            selections.as_deref(),
        ),
    }
}
