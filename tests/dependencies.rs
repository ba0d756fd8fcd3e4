//! Licences and bans of the dependencies, by the `deny.toml` that cargo-deny reads too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot read what it checks has failed"
)]

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{Metadata, MetadataCommand};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn deny() -> Deny {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).exec().unwrap()
}

#[test]
fn every_licence_is_an_allowed_one() {
    let allowed: Vec<Licensee> = deny()
        .licenses
        .allow
        .iter()
        .map(|licence| Licensee::parse(licence).unwrap())
        .collect();
    let metadata = metadata();
    let mut faults = BTreeSet::new();
    for package in &metadata.packages {
        let Some(licence) = &package.license else {
            faults.insert(format!(
                "{} {}: no licence named",
                package.name, package.version
            ));
            continue;
        };
        let expression = Expression::parse_mode(licence, ParseMode::LAX).unwrap();
        if !expression.evaluate(|asked| allowed.iter().any(|given| given.satisfies(asked))) {
            faults.insert(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    assert!(
        metadata.packages.len() > 100,
        "the graph of dependencies was not read"
    );
    assert!(
        faults.is_empty(),
        "licences that deny.toml does not allow: {faults:#?}"
    );
}

#[test]
fn nothing_banned_is_used() {
    let bans = deny().bans.deny;
    let metadata = metadata();
    let faults: Vec<String> = metadata
        .packages
        .iter()
        .filter_map(|package| bans.iter().find(|ban| ban.name == package.name.as_str()))
        .map(|ban| format!("{}: {}", ban.name, ban.reason))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_dependency_comes_from_the_registry() {
    let metadata = metadata();
    let faults: Vec<String> = metadata
        .packages
        .iter()
        .filter_map(|package| package.source.as_ref())
        .filter(|source| !source.is_crates_io())
        .map(|source| source.repr.clone())
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
