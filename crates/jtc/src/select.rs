//! `jtc select`: a selection from a file, without a database: for a meeting, an auditor, or a secretariat
//! that has nothing but a spreadsheet.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use commitment::offline::{self, Answer};
use commitment::{ENGINE, Selection, SelectionInput, explain};
use kernel::{Fault, Faults};
use tables::Limits;

use crate::reading;

/// How long the optimum without the ranking rule is looked for: with the selection and the exact search before it the
/// whole answer takes less than five seconds.
const WHAT_IF_SECONDS: f64 = 4.0;

/// What a workbook may hold: some 200 MB of memory, and a hundred requests of each of 2,000 proposals.
const LIMITS: Limits = Limits {
    unpacked: 64 << 20,
    parts: 100,
    rows: 200_001,
    columns: 50,
};

/// What `jtc select` is told.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file: currency, funders with their commitments, proposals with scores and fundable amounts; JSON, or
    /// an XLSX workbook with the sheets Call (columns field, value; fields currency, ranking_rule, and with EU
    /// money rate, ceiling, base, share, gap_share, cap), Funders (code, commitment, eu_eligible), Proposals
    /// (code, score, rating, withdrawn) and Requests (proposal, funder, amount).
    #[arg(long)]
    input: PathBuf,
    /// Write the answer here as an XLSX workbook whose sums are formulas; its first sheets are the input.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print the answer as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs `jtc select`. A faulty file ends it with 2 and all faults on standard error.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let path = &arguments.input;
    let selected = read(path).and_then(|input| {
        let selection = commitment::select(&input).map_err(|faults| lines(path, &faults))?;
        Ok((input, selection))
    });
    let (input, selection) = match selected {
        Ok(selected) => selected,
        Err(faults) => {
            for fault in faults {
                eprintln!("{fault}");
            }
            return Ok(ExitCode::from(2));
        }
    };
    if let Some(out) = &arguments.out {
        let book = tables::write_workbook(&offline::workbook(&input, &selection))?;
        std::fs::write(out, book).with_context(|| format!("writing {}", out.display()))?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&Answer::from(&selection))?);
    } else {
        print(&input, &selection);
    }
    Ok(ExitCode::SUCCESS)
}

/// The input, or a line for each fault. An XLSX workbook is an archive and begins as one; no JSON document does.
fn read(path: &Path) -> Result<SelectionInput, Vec<String>> {
    let bytes = reading::bytes(path).map_err(|fault| vec![fault])?;
    let read = if bytes.starts_with(b"PK") {
        let sheets = tables::read_workbook(&bytes, &offline::SHEETS, LIMITS)
            .map_err(|why| vec![format!("{}: {why}", path.display())])?;
        offline::read_sheets(&sheets)
    } else {
        let text = reading::text(path, bytes).map_err(|fault| vec![fault])?;
        offline::read(&text)
    };
    read.map_err(|faults| lines(path, &faults))
}

fn lines(path: &Path, faults: &Faults) -> Vec<String> {
    let place = |pointer: &str| match pointer {
        "" => "the whole".to_owned(),
        pointer => pointer.to_owned(),
    };
    let line = |fault: &Fault| {
        let (place, path) = (place(&fault.pointer), path.display());
        format!("{path}: {place}: {} ({})", fault.detail, fault.code)
    };
    faults.0.iter().map(line).collect()
}

fn print(input: &SelectionInput, selection: &Selection) {
    for line in explain::selection(selection, input.currency) {
        println!("{line}");
    }
    if let Ok(lost) = commitment::eu_lost_to_gaps(input, &selection.selected)
        && let Some(line) = explain::eu_lost(lost, input.currency)
    {
        println!("{line}");
    }
    println!();
    for line in explain::table(selection) {
        println!("{line}");
    }
    if let Ok(what_if) = commitment::without_ranking(input, WHAT_IF_SECONDS) {
        println!("\n{}", explain::what_if(&what_if, input.currency));
    }
    println!("\nComputed by {ENGINE}.");
}
