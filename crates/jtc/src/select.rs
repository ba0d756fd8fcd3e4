//! `jtc select`: a selection from a file, without a database: for a meeting, an auditor, or a secretariat
//! that has nothing but a spreadsheet.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use commitment::offline::{self, Answer};
use commitment::{Selection, SelectionInput, explain};
use kernel::Faults;

/// How long the optimum without the ranking rule is looked for.
const WHAT_IF_SECONDS: f64 = 5.0;

/// What `jtc select` is told.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file: currency, funders with their commitments, proposals with scores and fundable amounts.
    #[arg(long)]
    input: PathBuf,
    /// Print the answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs `jtc select`. A faulty file ends it with 2 and all faults on standard error.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let path = &arguments.input;
    let text =
        std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let selected = offline::read(&text).and_then(|input| {
        let selection = commitment::select(&input)?;
        Ok((input, selection))
    });
    match selected {
        Ok((_, selection)) if arguments.json => {
            println!("{}", serde_json::to_string(&Answer::from(&selection))?);
        }
        Ok((input, selection)) => print(&input, &selection),
        Err(faults) => return Ok(refuse(path, &faults)),
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(path: &Path, faults: &Faults) -> ExitCode {
    for fault in &faults.0 {
        eprintln!(
            "{}: {}: {} ({})",
            path.display(),
            if fault.pointer.is_empty() {
                "the whole"
            } else {
                &fault.pointer
            },
            fault.detail,
            fault.code
        );
    }
    ExitCode::from(2)
}

fn print(input: &SelectionInput, selection: &Selection) {
    for line in explain::selection(selection, input.currency) {
        println!("{line}");
    }
    println!();
    for line in explain::table(selection) {
        println!("{line}");
    }
    if let Ok(what_if) = commitment::without_ranking(input, WHAT_IF_SECONDS) {
        println!("\n{}", explain::what_if(&what_if, input.currency));
    }
}
