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
fn faults_of_options_and_of_every_readable_table_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("affinity", "proposal,reviewer,affinity\nP1,Ada,2\n"),
        (
            "experts",
            "reviewer,min_load,max_load,group\nAda,,,SE\nBo,2,1,SE\n",
        ),
    ];
    let more = [
        "--per-proposal",
        "1",
        "--min-load",
        "2",
        "--conflicts",
        "nowhere.csv",
        "--min-per-group",
        "FR=1",
    ];
    let output = assign(folder.path(), &files, &more);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let told: Vec<&str> = said.lines().collect();
    let expected = [
        "nowhere.csv: ",
        "--min-load is above --max-load",
        "affinity, line 2: ",
        "experts, line 3: Bo must take at least 2",
        "experts: nobody is of the group FR",
    ];
    // That the options contradict each other is told once, and not again of Ada, who leaves her load to them.
    assert_eq!(told.len(), expected.len(), "{said}");
    for (line, begins) in told.iter().zip(expected) {
        assert!(line.starts_with(begins), "{line}: {begins}");
    }

    // Nothing is said of the lines of a table that cannot be read.
    std::fs::write(
        folder.path().join("latin.csv"),
        b"proposal,reviewer\nP\xe9,Ada\n",
    )
    .unwrap();
    let more = ["--per-proposal", "1", "--affinity", "latin.csv"];
    let output = assign(folder.path(), &files[1..], &more);
    let said = String::from_utf8(output.stderr).unwrap();
    let told: Vec<&str> = said.lines().collect();
    assert_eq!(told.len(), 2, "{said}");
    assert!(
        told[0].starts_with("latin.csv, line 2: not UTF-8"),
        "{said}"
    );
    assert!(told[1].starts_with("experts, line 3: "), "{said}");
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

/// Two reviewers of one group are the best for both proposals; who is in none of them is next.
const OF_GROUPS: [(&str, &str); 2] = [
    (
        "affinity",
        "proposal,reviewer,affinity\nP1,Ada,0.9\nP1,Bo,0.8\nP1,Cy,0.2\nP1,Di,0.1\n\
         P2,Ada,0.7\nP2,Bo,0.9\nP2,Cy,0.3\nP2,Di,0.2\n",
    ),
    (
        "experts",
        "reviewer,min_load,max_load,group\nAda,,2,SE\nBo,,2,SE\nCy,,2,\nDi,,2,\n",
    ),
];

fn written(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("assignment.csv")).unwrap()
}

#[test]
fn a_group_counts_only_where_it_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    let two = ["--per-proposal", "2"];
    let output = assign(folder.path(), &OF_GROUPS, &two);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let without = written(folder.path());
    assert_eq!(
        without,
        "proposal,reviewer,affinity\nP1,Ada,0.9\nP1,Bo,0.8\nP2,Ada,0.7\nP2,Bo,0.9\n"
    );
    let wide = [&two[..], &["--max-per-group", "2"]].concat();
    assign(folder.path(), &OF_GROUPS, &wide);
    assert_eq!(written(folder.path()), without);

    for objective in ["total", "fair"] {
        let one = ["--max-per-group", "1", "--json", "--objective", objective];
        let output = assign(folder.path(), &OF_GROUPS, &[&two[..], &one].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(figures["total"], 2.3);
        assert_eq!(figures["worst"], 1.1);
        assert_eq!(
            written(folder.path()),
            "proposal,reviewer,affinity\nP1,Ada,0.9\nP1,Cy,0.2\nP2,Bo,0.9\nP2,Cy,0.3\n"
        );
    }
    // Who is in no group is not limited: both of these may have the same proposal.
    let away = ("conflicts", "proposal,reviewer\nP1,Ada\nP1,Bo\n");
    let files = [&OF_GROUPS[..], &[away]].concat();
    let one = [&two[..], &["--max-per-group", "1"]].concat();
    let output = assign(folder.path(), &files, &one);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        written(folder.path()),
        "proposal,reviewer,affinity\nP1,Cy,0.2\nP1,Di,0.1\nP2,Bo,0.9\nP2,Cy,0.3\n"
    );
}

#[test]
fn a_least_number_of_a_group_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let experts = "reviewer,max_load,group\nAda,2,SE\nBo,2,SE\nCy,2,\nDi,2,North and South\n";
    let files = [OF_GROUPS[0], ("experts", experts)];
    let more = [
        "--per-proposal",
        "2",
        "--max-per-group",
        "1",
        "--min-per-group",
        "North and South=1",
        "--min-per-group",
        "SE=1",
    ];
    let output = assign(folder.path(), &files, &more);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        written(folder.path()),
        "proposal,reviewer,affinity\nP1,Ada,0.9\nP1,Di,0.1\nP2,Bo,0.9\nP2,Di,0.2\n"
    );
}

#[test]
fn a_limit_of_groups_that_leaves_no_assignment_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let experts = "reviewer,max_load,group\nAda,2,SE\nBo,2,SE\n";
    let files = [("affinity", AFFINITY), ("experts", experts)];
    for (limit, told) in [
        (["--max-per-group", "1"], "at most 1 of any group."),
        (["--min-per-group", "SE=3"], "at least 3 of SE."),
    ] {
        let more = [&["--per-proposal", "2"][..], &limit].concat();
        let output = assign(folder.path(), &files, &more);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("Without the limits of groups there would be an assignment")
                && said.contains(told)
                && said.contains("of SE in P1"),
            "{said}"
        );
    }
    assert!(!folder.path().join("assignment.csv").exists());
}

/// Tables by name, flags, and what is said of them.
type Wrong<'a> = (&'a [(&'a str, &'a str)], Vec<&'a str>, &'a str);

#[test]
fn limits_of_groups_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ungrouped = [OF_GROUPS[0], ("experts", "reviewer,max_load\nAda,2\n")];
    let alone = &OF_GROUPS[..1];
    let most = |most| vec!["--max-per-group", most];
    let least = |least| vec!["--min-per-group", least];
    let wrong: [Wrong; 7] = [
        (
            &OF_GROUPS,
            most("0"),
            "--max-per-group is 0; give 1 or more",
        ),
        (&OF_GROUPS, least("SE=0"), "1 or more, such as SE=1"),
        (&OF_GROUPS, least("SE"), "1 or more, such as SE=1"),
        (&OF_GROUPS, least("FR=1"), "nobody is of the group FR"),
        (
            &OF_GROUPS,
            [most("1"), least("SE=2"), least("SE=1")].concat(),
            "--min-per-group SE=2 is above --max-per-group; lower the one or raise the other\n\
             --min-per-group names SE twice",
        ),
        (&ungrouped, most("1"), "there is no column group"),
        (alone, most("1"), "give --experts a table"),
    ];
    for (files, limits, told) in wrong {
        let more = [vec!["--per-proposal", "1"], limits].concat();
        let output = assign(folder.path(), files, &more);
        assert_eq!(output.status.code(), Some(2), "{more:?} {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(told), "{more:?}: {said}");
    }
    assert!(!folder.path().join("assignment.csv").exists());
}
