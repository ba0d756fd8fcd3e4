//! `jtc call check` over the calls that come with the program, and over a spoilt one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::Command;

fn check(file: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jtc"))
        .args(["call", "check"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text)
}

#[test]
fn the_calls_of_2018_to_2025_have_doubts_and_no_faults() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/calls");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let (code, text) = check(&entry.unwrap().path());
        assert_eq!(code, Some(0), "{text}");
        assert!(
            text.contains("doubt: "),
            "what is not known is said: {text}"
        );
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn faults_are_named_with_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/calls/jtc2021.toml");
    let text = std::fs::read_to_string(model).unwrap();
    let line = text
        .lines()
        .position(|line| line.starts_with("year"))
        .unwrap()
        + 1;
    let spoilt = folder.path().join("spoilt.toml");
    std::fs::write(&spoilt, text.replacen("year", "yaer", 1)).unwrap();
    let (code, said) = check(&spoilt);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains(&format!("spoilt.toml:{line}:1: fault: ")),
        "{said}"
    );
    let missing = folder.path().join("missing.toml");
    assert_eq!(check(&missing).0, Some(1));
}
