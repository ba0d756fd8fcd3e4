//! `jtc assign`: reviewers for proposals, from tables and into a table.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use review::assign::Objective;
use review::offline::{Answer, Defaults, Files, GroupLimits, Source, Tables, decimal};
use serde_json::json;

use crate::reading;

/// A file is at fault.
const FAULTY: u8 = 2;
/// There is no assignment.
const INFEASIBLE: u8 = 3;

/// What to be best in.
#[derive(Clone, Copy, ValueEnum)]
enum Best {
    /// The greatest sum of all affinities.
    Total,
    /// The greatest sum of the worst-served proposal, then of all.
    Fair,
}

/// Files and limits.
#[derive(clap::Args)]
pub struct Arguments {
    /// CSV with proposal,reviewer,affinity (0 to 1, at most 6 decimals; a pair not listed has 0).
    #[arg(long)]
    affinity: PathBuf,
    /// CSV with proposal,reviewer: pairs that must not be.
    #[arg(long)]
    conflicts: Option<PathBuf>,
    /// CSV with reviewer,min_load,max_load,group; an empty load is that of the options. The group, such as a country or
    /// an organisation, counts for --max-per-group and --min-per-group; who has an empty one is in none.
    #[arg(long)]
    experts: Option<PathBuf>,
    /// Reviewers of each proposal.
    #[arg(long)]
    per_proposal: u16,
    /// Least load of a reviewer.
    #[arg(long, default_value_t = 0)]
    min_load: u16,
    /// Greatest load of a reviewer.
    #[arg(long)]
    max_load: u16,
    /// The most reviewers of one group for each proposal, 1 or more; left out: any number.
    #[arg(long)]
    max_per_group: Option<u16>,
    /// The fewest reviewers of a group for each proposal, such as SE=1; to be given once for each group that has a least
    /// number.
    #[arg(long, value_name = "GROUP=N", value_parser = least_of)]
    min_per_group: Vec<(String, u16)>,
    /// What to be best in.
    #[arg(long, value_enum, default_value_t = Best::Total)]
    objective: Best,
    /// Where the assignment goes: CSV with proposal,reviewer,affinity.
    #[arg(long)]
    out: PathBuf,
    /// Print the figures as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs `jtc assign`.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let start = Instant::now();
    let mut faults = Vec::new();
    let affinity = read(&arguments.affinity, &mut faults);
    let mut optional =
        |path: &Option<PathBuf>| path.as_deref().and_then(|path| read(path, &mut faults));
    let conflicts = optional(&arguments.conflicts);
    let experts = optional(&arguments.experts);
    let defaults = defaults(arguments, &mut faults);
    let limits = limits(arguments, &mut faults);
    let files = Files {
        affinity: affinity.as_deref().unwrap_or_default(),
        conflicts: conflicts.as_deref(),
        experts: experts.as_deref(),
    };
    let read = Tables::read(files, defaults);
    if let Err(found) = &read {
        // What is wrong with a file that could not be read is told above; of conflicts and experts there is none then.
        let readable = |source: Source| source != Source::Affinity || affinity.is_some();
        let found = found.iter().filter(|fault| readable(fault.source));
        faults.extend(found.map(ToString::to_string));
    }
    if let Some(experts) = &experts {
        faults.extend(limits.unknown_in(experts));
    }
    let mut tables = match read {
        Ok(tables) if faults.is_empty() => tables,
        _ => return Ok(tell(&faults, FAULTY)),
    };
    if let Err(unknown) = tables.limit(limits) {
        return Ok(tell(&unknown, FAULTY));
    }
    let objective = match arguments.objective {
        Best::Total => Objective::Total,
        Best::Fair => Objective::Fair,
    };
    let answer = match tables.assign(objective) {
        Ok(answer) => answer,
        Err(why) => return Ok(tell(&why, INFEASIBLE)),
    };
    std::fs::write(&arguments.out, tables.csv(&answer))
        .with_context(|| format!("writing {}", arguments.out.display()))?;
    print(&answer, arguments.json, start);
    Ok(ExitCode::SUCCESS)
}

/// A group and its least number.
fn least_of(text: &str) -> Result<(String, u16), String> {
    let parts = text.rsplit_once('=');
    let parts = parts.map(|(group, number)| (group.trim(), number.trim().parse::<u16>()));
    match parts {
        Some((group, Ok(number))) if !group.is_empty() && number > 0 => {
            Ok((group.to_owned(), number))
        }
        _ => Err(
            "give a group of the experts and its least number, 1 or more, such as SE=1".to_owned(),
        ),
    }
}

/// The numbers that hold for all. Where they contradict each other that is told once, and not of each line that leaves
/// its load to them.
fn defaults(arguments: &Arguments, faults: &mut Vec<String>) -> Defaults {
    let (mut min_load, mut max_load) = (arguments.min_load, arguments.max_load);
    if min_load > max_load {
        faults.push("--min-load is above --max-load; lower the one or raise the other".to_owned());
        (min_load, max_load) = (0, u16::MAX);
    }
    Defaults {
        per_proposal: arguments.per_proposal,
        min_load,
        max_load,
    }
}

/// The limits of the groups, and all that is wrong with them whatever the tables say.
fn limits(arguments: &Arguments, faults: &mut Vec<String>) -> GroupLimits {
    let limits = GroupLimits {
        most: arguments.max_per_group,
        least: arguments.min_per_group.clone(),
    };
    if limits.most == Some(0) {
        faults.push(
            "--max-per-group is 0; give 1 or more, or leave it out for any number".to_owned(),
        );
    }
    for (at, (group, least)) in limits.least.iter().enumerate() {
        if limits.most.is_some_and(|most| most > 0 && *least > most) {
            faults.push(format!(
                "--min-per-group {group}={least} is above --max-per-group; lower the one or raise the other"
            ));
        }
        if limits.least[..at].iter().any(|(before, _)| before == group) {
            faults.push(format!(
                "--min-per-group names {group} twice; give each group one least number"
            ));
        }
    }
    if arguments.experts.is_none() && limits != GroupLimits::default() {
        faults.push(
            "--max-per-group and --min-per-group limit the groups of the experts; give --experts a table with the column \
             group"
                .to_owned(),
        );
    }
    limits
}

/// A file as text; a fault, and nothing, where it cannot be read as such.
fn read(path: &Path, faults: &mut Vec<String>) -> Option<String> {
    let text = reading::bytes(path).and_then(|bytes| reading::text(path, bytes));
    text.map_err(|fault| faults.push(fault)).ok()
}

fn tell(what: &[String], code: u8) -> ExitCode {
    for line in what {
        eprintln!("{line}");
    }
    ExitCode::from(code)
}

fn print(answer: &Answer, as_json: bool, start: Instant) {
    let elapsed = start.elapsed().as_secs_f64() * 1000.0;
    if as_json {
        let units = |millionths: i64| millionths as f64 / 1_000_000.0;
        let figures = json!({
            "total": units(answer.total), "worst": units(answer.worst), "bound": units(answer.bound),
            "gap": units(answer.gap), "elapsed_ms": elapsed, "pairs": answer.pairs.len(),
        });
        println!("{figures}");
    } else {
        println!(
            "{} pairs: total {}, worst proposal {}, bound {}, gap {}, {elapsed:.1} ms",
            answer.pairs.len(),
            decimal(answer.total),
            decimal(answer.worst),
            decimal(answer.bound),
            decimal(answer.gap)
        );
    }
}
