//! The README is true: its walk runs as printed, and every other command in it exists.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const README: &str = include_str!("../../../README.md");
const MAKEFILE: &str = include_str!("../../../Makefile");
const WALK: &str = "## A call in curl\n";

/// The README before, in and after the walk.
fn parts() -> (&'static str, &'static str, &'static str) {
    let (before, rest) = README.split_once(WALK).expect("the walk's heading");
    let (walk, after) = rest.split_once("\n## ").expect("a heading after the walk");
    (before, walk, after)
}

/// The fenced blocks of a language, in order.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split_once("```").expect("the fence is closed").0)
        .collect()
}

/// What stands between backticks in the text, outside of fenced blocks.
fn spans(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose
        .flat_map(|part| part.split('`').skip(1).step_by(2))
        .collect()
}

/// The server, told to stop gracefully whatever the test finds: so its PostgreSQL ends as well.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn at_home(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("JTC__DATA__FOLDER", folder.join("var"))
        .env("JTC__HTTP__ADDRESS", "127.0.0.1:0")
        .stdin(Stdio::null());
    command
}

#[test]
fn the_walk_leads_from_a_draft_to_a_record_that_is_whole() {
    let curl = Command::new("curl").arg("--version").output();
    assert!(
        curl.is_ok(),
        "the walk needs curl: apt-get install curl (7.84 or newer)"
    );
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let binary = env!("CARGO_BIN_EXE_jtc");
    std::fs::create_dir_all(folder.join("target/release")).unwrap();
    std::os::unix::fs::symlink(binary, folder.join("target/release/jtc")).unwrap();
    let mut server = at_home(binary, folder)
        .arg("serve")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = server.stdout.take().unwrap();
    let _server = Server(server);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    let address = line
        .strip_prefix("JTC serves ")
        .and_then(|rest| rest.split_once("/ "));
    let address = address.unwrap_or_else(|| panic!("{line}")).0;

    let (before, walk, _) = parts();
    let mut script: String = blocks(before, "sh")
        .concat()
        .lines()
        .filter(|line| line.starts_with("target/release/jtc "))
        .map(|line| format!("{line}\n"))
        .collect();
    script.extend(blocks(walk, "sh"));
    std::fs::write(folder.join("walk.sh"), script).unwrap();
    let walked = at_home("sh", folder)
        .args(["-eu", "walk.sh"])
        .env("JTC", address)
        .output()
        .unwrap();
    let said = String::from_utf8(walked.stdout).unwrap();
    let complained = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}\n{complained}");

    let printed = blocks(walk, "text").concat();
    // How many heads the sealer signs depends on how fast one walks.
    let printed: Vec<&str> = printed
        .lines()
        .filter(|line| !line.contains(" signed heads"))
        .collect();
    assert!(printed.iter().any(|line| line.contains("WALKER")));
    assert!(
        printed
            .iter()
            .any(|line| line.starts_with("The record is whole"))
    );
    for line in printed {
        assert!(said.lines().any(|one| one == line), "no `{line}` in {said}");
    }
}

/// Sub-commands named after a word that is the command: `jtc user add you@example.org` names two.
fn named(line: &str) -> Vec<String> {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| !(word.trim_start_matches("$(") == "jtc" || word.ends_with("/jtc")));
    words.next();
    words
        .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_other_command_exists() {
    let (before, walk, after) = parts();
    let others = [before, after]
        .map(|part| blocks(part, "sh").concat())
        .concat();
    for line in others.lines() {
        assert!(
            ["git clone ", "make ", "target/release/jtc "]
                .iter()
                .any(|known| line.starts_with(known)),
            "no test runs `{line}`"
        );
    }
    let walk = blocks(walk, "sh").concat();
    let lines: Vec<&str> = others
        .lines()
        .chain(walk.lines())
        .chain(spans(README))
        .collect();

    let targets: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("make "))
        .collect();
    assert!(targets.contains(&"demo") && targets.contains(&"run"));
    for target in targets {
        let rule = format!("\n{target}:");
        assert!(MAKEFILE.contains(&rule), "the Makefile has no `{target}`");
    }

    let mut commands: Vec<Vec<String>> = lines.iter().map(|line| named(line)).collect();
    commands.retain(|command| !command.is_empty());
    commands.sort();
    commands.dedup();
    assert!(commands.contains(&vec!["user".to_owned(), "add".to_owned()]));
    assert!(commands.contains(&vec!["verify".to_owned()]));
    for command in commands {
        let help = Command::new(env!("CARGO_BIN_EXE_jtc"))
            .args(&command)
            .arg("--help")
            .output()
            .unwrap();
        assert!(
            help.status.success(),
            "there is no `jtc {}`",
            command.join(" ")
        );
    }
}
