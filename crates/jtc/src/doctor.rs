//! `jtc doctor`: whether everything in the database agrees with itself, and the files with it.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use store::doctor::{self, Broken};

use crate::config::Config;
use crate::server::{offline, plain};

/// What was found, as `--json` prints it.
#[derive(Serialize)]
struct Report {
    /// How many invariants were looked at.
    checked: usize,
    /// Those that do not hold.
    broken: Vec<Broken>,
}

/// Runs `jtc doctor`: exits with 1 when an invariant is broken.
pub fn run(config: &Config, json: bool) -> Result<ExitCode> {
    let broken = offline(config, async |service| {
        service::health::examine(&service).await.map_err(plain)
    })?;
    let checked = doctor::all().len();
    let sound = broken.is_empty();
    if json {
        println!("{}", serde_json::to_string(&Report { checked, broken })?);
    } else if sound {
        println!("doctor: {checked} invariants hold, and every submitted file is as it was");
    } else {
        print!("{}", sentences(&broken));
        println!(
            "doctor: {} of {checked} invariants are broken",
            broken.len()
        );
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Each broken invariant with what should hold and where it does not.
pub fn sentences(broken: &[Broken]) -> String {
    let each = broken.iter().map(|one| {
        let (name, says, count) = (one.name, one.says, one.count);
        let more = if count > one.ids.len() as i64 {
            ", ..."
        } else {
            ""
        };
        let ids = one.ids.join(", ");
        format!("BROKEN {name}: {says}\n  not so in {count}: {ids}{more}\n")
    });
    each.collect()
}
