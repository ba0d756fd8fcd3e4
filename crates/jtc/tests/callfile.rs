//! `jtc call` over the calls that come with the program, and over spoilt ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::Command;

use access::Role;
use store::cluster::APP;
use testkit::TestApp;

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

/// `jtc call` over a database of the server under test.
fn over(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("installation.key"), "07".repeat(32)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_jtc"))
        .env("JTC__DATA__FOLDER", data.path())
        .env("JTC__DATABASE__URL", app.database_url(APP))
        .arg("call")
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said, complaint)
}

#[tokio::test]
async fn a_call_is_drafted_from_its_file_and_written_back() {
    let app = TestApp::start().await;
    let office = app.person("Office").await;
    let folder = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/calls/jtc2018.toml");
    let (model, spoilt) = (model.to_str().unwrap(), folder.path().join("spoilt.toml"));
    let text = std::fs::read_to_string(model).unwrap();
    let import = |file: &str, email: &str| over(&app, &["import", file, "--as", email]);

    let (code, _, complaint) = import(model, "nobody@example.org");
    assert_eq!(code, Some(1), "{complaint}");
    assert!(complaint.contains("no account"), "{complaint}");
    assert_eq!(import(model, "office@example.org").0, Some(1), "no role");
    app.grant(&office, Role::CallOffice, None, None).await;

    let named = "organisation = \"SI-MIZS\"";
    let line = text.lines().position(|line| line == named).unwrap() + 1;
    std::fs::write(&spoilt, text.replacen("SI-MIZS", "SI-NOBODY", 1)).unwrap();
    let (code, said, complaint) = import(spoilt.to_str().unwrap(), "office@example.org");
    assert_eq!(code, Some(2), "{said}{complaint}");
    let place = format!("spoilt.toml:{line}:1: fault: there is no organisation 'SI-NOBODY'");
    assert!(said.contains(&place), "{said}");

    let (code, said, complaint) = import(model, "office@example.org");
    assert_eq!(code, Some(0), "{said}{complaint}");
    assert!(said.starts_with("drafted "), "{said}");
    let listed = office.read("/calls").await;
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 1);
    let again = import(model, "office@example.org");
    assert_eq!(again.0, Some(2), "{again:?}");
    assert!(again.1.contains("(taken)"), "{}", again.1);

    let out = folder.path().join("out.toml");
    let written = over(
        &app,
        &["export", "ERAPERMED2018", "--out", out.to_str().unwrap()],
    );
    assert_eq!(written.0, Some(1), "there is no such call: {written:?}");
    let file = call::check_file(&text).0.unwrap();
    let written = over(
        &app,
        &["export", &file.code, "--out", out.to_str().unwrap()],
    );
    assert_eq!(written.0, Some(0), "{written:?}");
    let exported = std::fs::read_to_string(&out).unwrap();
    assert_eq!(call::check_file(&exported).0, Some(file.clone()));
    let (_, printed, _) = over(&app, &["export", &file.code]);
    assert_eq!(printed, exported);
    assert_eq!(check(&out).0, Some(0));
}
