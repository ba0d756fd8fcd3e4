//! The directions between the crates, and what each may lean on. ARCHITECTURE.md says why.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot read what it checks has failed"
)]

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

mod tree;

const DOMAIN: &[&str] = &["kernel", "call", "intake", "review", "commitment", "access"];

/// Which crates of ours each may use. What is not listed here is not a crate of ours.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("call", &["kernel"]),
    ("intake", &["kernel", "call"]),
    ("review", &["kernel", "call", "intake"]),
    ("commitment", &["kernel", "call", "intake"]),
    ("access", &["kernel"]),
    ("store", DOMAIN),
    (
        "service",
        &[
            "kernel",
            "call",
            "intake",
            "review",
            "commitment",
            "access",
            "store",
            "tables",
        ],
    ),
    ("tables", &["kernel"]),
    ("confined", &[]),
    ("filecheck", &["confined"]),
    ("typeset", &["confined"]),
    (
        "outbound",
        &[
            "confined",
            "filecheck",
            "kernel",
            "call",
            "intake",
            "review",
            "commitment",
            "access",
            "service",
        ],
    ),
    (
        "web",
        &[
            "kernel",
            "call",
            "intake",
            "review",
            "commitment",
            "access",
            "service",
        ],
    ),
    (
        "jtc",
        &[
            "confined",
            "filecheck",
            "typeset",
            "kernel",
            "call",
            "intake",
            "review",
            "commitment",
            "access",
            "store",
            "service",
            "tables",
            "outbound",
            "web",
        ],
    ),
    (
        "testkit",
        &[
            "confined",
            "kernel",
            "call",
            "intake",
            "review",
            "commitment",
            "access",
            "store",
            "service",
            "outbound",
            "web",
            "jtc",
        ],
    ),
    // The confined programs for the servers under test.
    ("tests", &["confined", "filecheck", "typeset"]),
];

/// Libraries that only some crates may use: `jtc` and `testkit` start the HTTP server's runtime.
const OWNERS: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("actix", &["web", "jtc", "testkit"]),
    ("lettre", &["outbound"]),
    ("object_store", &["outbound"]),
    ("lopdf", &["filecheck"]),
    ("calamine", &["tables"]),
    ("rust_xlsxwriter", &["tables"]),
    ("zip", &["tables"]),
    ("typst", &["typeset"]),
];

/// What would give a domain crate a runtime, a network or a database.
const IMPURE: &[&str] = &[
    "tokio", "futures", "actix", "diesel", "reqwest", "lettre", "config", "tracing",
];

/// What would give a domain crate a clock, an environment or a disk.
const DEEDS: &[&str] = &[
    "async fn",
    "async move",
    ".await",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(tree::root())
        .no_deps()
        .exec()
        .unwrap()
}

fn normal_dependencies(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

/// `name` is the library `family` or one of its companions: `diesel`, `diesel-async`, `diesel_migrations`.
fn of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn crates_lean_only_in_the_allowed_directions() {
    let metadata = metadata();
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let Some((_, allowed)) = DIRECTIONS
            .iter()
            .find(|(name, _)| *name == package.name.as_str())
        else {
            faults.push(format!(
                "{} has no row in DIRECTIONS: say what it may use",
                package.name
            ));
            continue;
        };
        for used in normal_dependencies(package).intersection(&ours) {
            if !allowed.contains(used) {
                faults.push(format!("{} must not use {used}", package.name));
            }
        }
    }
    report(&faults);
}

#[test]
fn the_test_kit_is_never_part_of_the_product() {
    let metadata = metadata();
    let faults: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| normal_dependencies(package).contains("testkit"))
        .map(|package| format!("{} may use testkit as a dev-dependency only", package.name))
        .collect();
    report(&faults);
}

#[test]
fn only_store_has_diesel_only_web_has_actix_only_outbound_has_lettre() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        for used in normal_dependencies(package) {
            for (family, owners) in OWNERS {
                if of_family(used, family) && !owners.contains(&package.name.as_str()) {
                    faults.push(format!(
                        "{} must not use {used}: only {owners:?} may",
                        package.name
                    ));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn domain_crates_use_nothing_that_does_something() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        if !DOMAIN.contains(&package.name.as_str()) {
            continue;
        }
        for used in normal_dependencies(package) {
            if IMPURE.iter().any(|family| of_family(used, family)) {
                faults.push(format!("{} is pure and must not use {used}", package.name));
            }
        }
    }
    report(&faults);
}

#[test]
fn domain_crates_do_nothing_but_decide() {
    let mut faults = Vec::new();
    for name in DOMAIN {
        for source in tree::sources(&format!("crates/{name}/src"), &[".rs"]) {
            let code = source.text.lines().take(tree::tests_begin(&source));
            for (number, line) in code.enumerate() {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for deed in DEEDS.iter().filter(|deed| line.contains(**deed)) {
                    faults.push(format!(
                        "{}:{}: `{deed}` in a domain crate",
                        source.path,
                        number + 1
                    ));
                }
            }
        }
    }
    report(&faults);
}
