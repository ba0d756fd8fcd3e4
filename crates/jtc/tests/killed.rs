//! The server and its PostgreSQL are killed in the middle of a rehearsal: no receipt was given in vain.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn jtc(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
    command
        .env("JTC__DATA__FOLDER", folder)
        .env("JTC__HTTP__ADDRESS", "127.0.0.1:0")
        .stdin(Stdio::null());
    command
}

/// The receipts that coordinators hold: whole lines only.
fn receipts(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("receipts.ndjson")).unwrap_or_default();
    let whole = text
        .rsplit_once('\n')
        .map(|(whole, _)| whole)
        .unwrap_or_default();
    whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn wait_for_receipts(rehearsal: &mut Child, folder: &Path, count: usize) {
    let started = Instant::now();
    while receipts(folder).len() < count {
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "no {count} receipts in two minutes"
        );
        assert!(
            rehearsal.try_wait().unwrap().is_none(),
            "the rehearsal ended by itself"
        );
        std::thread::yield_now();
    }
}

fn psql(folder: &Path, query: &str) -> String {
    let output = jtc(folder)
        .args(["db", "psql", "--", "-Atc", query])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_acknowledged_submission_is_lost_when_everything_is_killed() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("demo");
    let mut rehearsal = jtc(parent.path())
        .args(["demo", "--exit"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_receipts(&mut rehearsal, &folder, 40);
    let data = jtc(&folder).args(["db", "path"]).output().unwrap().stdout;
    let data = String::from_utf8(data).unwrap();
    let pid_file = Path::new(data.trim()).join("postmaster.pid");
    let postmaster = std::fs::read_to_string(pid_file).unwrap();
    rehearsal.kill().unwrap();
    rehearsal.wait().unwrap();
    let killed = Command::new("kill")
        .args(["-9", postmaster.lines().next().unwrap()])
        .status();
    assert!(killed.unwrap().success());
    let held = receipts(&folder);
    assert!(held.len() >= 40);

    let mut server = jtc(&folder)
        .arg("serve")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.starts_with("JTC serves"), "{line}");
    let kept = psql(&folder, "select receipt ->> 'signature' from submission");
    let lost: Vec<&Value> = held
        .iter()
        .filter(|receipt| !kept.contains(receipt["signature"].as_str().unwrap()))
        .collect();
    // Two submissions of one proposal would be two versions with the same content.
    let twice = psql(
        &folder,
        "select count(*) from (select 1 from submission group by proposal_stage_id, content_sha256 having count(*) > 1) s",
    );
    let stopped = Command::new("kill").arg(server.id().to_string()).status();
    assert!(stopped.unwrap().success());
    assert!(
        server.wait().unwrap().success(),
        "the server did not end gracefully"
    );
    println!("{} receipts held, {} lost", held.len(), lost.len());
    assert!(
        lost.is_empty(),
        "{} of {} receipts are lost",
        lost.len(),
        held.len()
    );
    assert_eq!(twice.trim(), "0");
}
