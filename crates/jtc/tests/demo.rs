//! A small rehearsal says in plain sentences why the first proposal that is not funded is not, and what would
//! change it: once as a virtual common pot with gaps, once co-funded with a binding ranking.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;

/// What stands below `Why it ends there`, and the table of money.
fn rehearse(more: &[&str]) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_jtc"))
        .args(["demo", "--size", "small", "--exit"])
        .args(more)
        .current_dir(folder.path())
        .env("JTC__DATA__FOLDER", folder.path().join("var"))
        .output()
        .unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    let faults = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{faults}");
    println!("{said}");
    let (_, why) = said.split_once("\nWhy it ends there\n\n").unwrap();
    let (why, money) = why.split_once("\n\n").unwrap();
    let lines = why.lines().map(|line| line.trim().to_owned()).collect();
    (lines, money.to_owned())
}

/// The proposal that is explained, what it lacks, and what would fund it.
fn explained(why: &[String]) {
    let first = &why[0];
    assert!(first.contains(" is not funded: "), "{first}");
    assert!(first.contains(" lacks "), "{first}");
    assert!(first.contains(" EUR more national money, at "), "{first}");
    let one_more = why.iter().any(|line| line.starts_with("One more project"));
    assert!(one_more, "{why:?}");
}

#[test]
fn a_virtual_common_pot_is_explained() {
    let (why, _) = rehearse(&[]);
    explained(&why);
}

#[test]
fn a_co_funded_call_is_explained() {
    let (why, money) = rehearse(&["--co-funded"]);
    explained(&why);
    let eu: f64 = money
        .lines()
        .filter_map(|line| line.split_whitespace().nth(3)?.parse::<f64>().ok())
        .sum();
    assert!(eu > 0.0, "{money}");
}
