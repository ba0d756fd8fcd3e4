//! Small files, no loose ends, and documents that say what is there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot read what it checks has failed"
)]

use std::path::Path;

mod tree;

use tree::{Source, root, sources, tests_begin};

/// A file beyond this is two files.
const CEILING: usize = 20 * 1024;
/// Half of all files are smaller.
const MEDIAN: usize = 5 * 1024 + 512;
/// Written by a tool, so their size is not ours.
const GENERATED: &[&str] = &["crates/store/src/schema.rs"];

/// Tests that sleep, each with the reason why it cannot wait for a sign instead.
const SLEEPERS: &[(&str, &str)] = &[(
    "crates/jtc/tests/load/writer.rs",
    "people whose server is killed try again after a pause, and nobody tells them when",
)];

fn rust() -> Vec<Source> {
    let mut all = sources("crates", &[".rs"]);
    all.extend(sources("tests", &[".rs"]));
    all
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Lines with what `wrong` finds in them, as `path:line: what`.
fn lines(source: &Source, from: usize, wrong: impl Fn(&str) -> Option<String>) -> Vec<String> {
    source
        .text
        .lines()
        .enumerate()
        .skip(from)
        .filter_map(|(at, line)| {
            wrong(line).map(|what| format!("{}:{}: {what}", source.path, at + 1))
        })
        .collect()
}

#[test]
fn files_are_small() {
    let mut files: Vec<(usize, String)> = rust()
        .into_iter()
        .filter(|source| !GENERATED.contains(&source.path.as_str()))
        .map(|source| (source.text.len(), source.path))
        .collect();
    files.sort();
    let (median, largest) = (&files[files.len() / 2], &files[files.len() - 1]);
    println!(
        "{} files, median {} bytes, largest {} bytes ({})",
        files.len(),
        median.0,
        largest.0,
        largest.1
    );
    let mut faults: Vec<String> = files
        .iter()
        .filter(|(size, _)| *size > CEILING)
        .map(|(size, path)| format!("{path}: {size} bytes, {CEILING} at most: part it"))
        .collect();
    if median.0 > MEDIAN {
        faults.push(format!(
            "the median file has {} bytes, {MEDIAN} at most",
            median.0
        ));
    }
    report(&faults);
}

#[test]
fn there_are_no_loose_ends() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ig", "nore"),
    ];
    let mut faults = Vec::new();
    for source in rust()
        .into_iter()
        .chain(sources("", &[".sql", ".md", ".toml"]))
    {
        faults.extend(lines(&source, 0, |line| {
            let mark = marks.iter().find(|mark| line.contains(**mark))?;
            Some(format!("`{mark}`: finish it, or say it in an issue"))
        }));
    }
    report(&faults);
}

#[test]
fn tests_wait_for_signs_and_do_not_sleep() {
    let sleeps = [concat!("thread::sl", "eep("), concat!("time::sl", "eep(")];
    let mut faults = Vec::new();
    for source in rust() {
        let known = SLEEPERS.iter().any(|(path, _)| *path == source.path);
        if known {
            continue;
        }
        faults.extend(lines(&source, tests_begin(&source), |line| {
            let sleep = sleeps.iter().find(|sleep| line.contains(**sleep))?;
            Some(format!(
                "`{sleep}` in a test: wait for a sign, or give the reason in SLEEPERS"
            ))
        }));
    }
    report(&faults);
}

#[test]
fn nothing_of_one_machine_is_left_in_it() {
    let words = [
        concat!("/wo", "rk/"),
        concat!(".lib", "rary/"),
        concat!("/tmp/", "lock.sh"),
        concat!("/tmp/", "brief"),
        concat!("issues ", "show"),
        concat!("/root/", "."),
        "/home/",
    ];
    let everything = sources(
        "",
        &[
            ".rs", ".md", ".toml", ".sql", ".json", ".html", ".txt", ".csv", "Makefile", "LICENSE",
        ],
    );
    let mut faults = Vec::new();
    for source in everything
        .iter()
        .chain(&sources("scripts", &[""]))
        .chain(&sources(".ci", &[""]))
    {
        if source.path == "tests/tidy.rs" {
            continue;
        }
        faults.extend(lines(source, 0, |line| {
            let word = words.iter().find(|word| line.contains(**word))?;
            Some(format!("`{word}` means nothing elsewhere"))
        }));
    }
    report(&faults);
}

#[test]
fn every_exception_from_a_lint_has_its_reason() {
    let openings = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
    let mut faults = Vec::new();
    for source in rust() {
        for opening in openings {
            for (at, _) in source.text.match_indices(opening) {
                let line_start = source.text[..at]
                    .rfind('\n')
                    .map_or(0, |newline| newline + 1);
                let is_code = source.text[line_start..at].trim().is_empty();
                let attribute = source.text[at..].split(']').next().unwrap_or_default();
                if is_code && !attribute.contains("reason =") {
                    let line = source.text[..at].matches('\n').count() + 1;
                    faults.push(format!(
                        "{}:{line}: {attribute}] without `reason =`",
                        source.path
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn every_crate_has_a_readme_that_is_its_documentation() {
    let mut faults = Vec::new();
    for manifest in sources("crates", &["Cargo.toml"]) {
        let folder = root().join(&manifest.path).parent().unwrap().to_owned();
        let roots = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file));
        let includes = roots
            .iter()
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .any(|text| text.contains(r#"#![doc = include_str!("../README.md")]"#));
        if !folder.join("README.md").is_file() || !includes {
            faults.push(format!(
                "{}: README.md is missing, or not the crate's rustdoc",
                manifest.path
            ));
        }
    }
    report(&faults);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for source in sources("", &[".md"]) {
        let folder = root().join(Path::new(&source.path).parent().unwrap());
        let mut in_code = false;
        for (at, line) in source.text.lines().enumerate() {
            in_code ^= line.trim_start().starts_with("```");
            if in_code {
                continue;
            }
            for link in line
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next())
            {
                let file = link.split('#').next().unwrap_or_default();
                // Addresses, mails, anchors of the same page and names of Rust items are no files.
                if file.is_empty() || file.contains(':') {
                    continue;
                }
                if !folder.join(file).exists() {
                    faults.push(format!("{}:{}: {link} does not exist", source.path, at + 1));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn every_target_of_make_has_a_line_of_help() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let faults: Vec<String> = makefile
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(':'))
        .filter(|line| !line.contains(" ## "))
        .map(str::to_owned)
        .collect();
    report(&faults);
}
