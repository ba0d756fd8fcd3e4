//! `jtc assign` over tables, good, spoilt and impossible ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const AFFINITY: &str = "proposal,reviewer,affinity\nP1,Ada,0.9\nP1,Bo,0.8\nP2,Ada,0.7\nP2,Bo,0.1\n";

fn assign(folder: &Path, files: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
    command.current_dir(folder).arg("assign");
    for (name, text) in files {
        let file = format!("{name}.csv");
        std::fs::write(folder.join(&file), text).unwrap();
        command.args([format!("--{name}"), file]);
    }
    command.args(["--max-load", "1", "--out", "assignment.csv"]);
    command.args(more).output().unwrap()
}

#[test]
fn the_best_assignment_is_written_and_its_figures_printed() {
    let folder = tempfile::tempdir().unwrap();
    for objective in ["total", "fair"] {
        let more = ["--per-proposal", "1", "--json", "--objective", objective];
        let output = assign(folder.path(), &[("affinity", AFFINITY)], &more);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(figures["total"], 1.5);
        assert_eq!(figures["worst"], 0.7);
        assert_eq!(figures["pairs"], 2);
        if objective == "total" {
            assert_eq!(figures["bound"], 1.5);
            assert_eq!(figures["gap"], 0.0);
        }
        let written = std::fs::read_to_string(folder.path().join("assignment.csv")).unwrap();
        assert_eq!(
            written,
            "proposal,reviewer,affinity\nP1,Bo,0.8\nP2,Ada,0.7\n"
        );
    }
}

#[test]
fn faults_are_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("affinity", "proposal,reviewer,affinity\nP1,Ada,2\n"),
        ("conflicts", "proposal,reviewer\nP1\n"),
    ];
    let output = assign(folder.path(), &files, &["--per-proposal", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("affinity, line 2:") && said.contains("conflicts, line 2:"),
        "{said}"
    );
    assert!(!folder.path().join("assignment.csv").exists());
}

#[test]
fn why_there_is_no_assignment_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = assign(
        folder.path(),
        &[("affinity", AFFINITY)],
        &["--per-proposal", "2"],
    );
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("P1") && said.contains("Smallest change: "),
        "{said}"
    );
    assert!(!folder.path().join("assignment.csv").exists());
}
