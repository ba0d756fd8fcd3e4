//! The committed OpenAPI document is the one the code makes, and it keeps the API's conventions.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(web::api::full_document()).unwrap()
}

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let current = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if committed != current {
        let new = path.with_extension("json.new");
        std::fs::write(&new, current).unwrap();
        panic!("openapi.json is not what the code makes; look at openapi.json.new and rename it");
    }
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                found.push((format!("{method} {path}"), operation));
            }
        }
    }
    found
}

#[test]
fn every_operation_says_what_it_is_and_how_it_ends() {
    let document = document();
    let mut faults = Vec::new();
    for (name, operation) in operations(&document) {
        if operation["summary"].as_str().unwrap_or_default().is_empty() {
            faults.push(format!("{name}: no summary"));
        }
        let responses = operation["responses"].as_object().unwrap();
        if !responses.keys().any(|status| status.starts_with('2')) {
            faults.push(format!("{name}: no success"));
        }
        for status in ["401", "403", "404", "422", "500", "503"] {
            if !responses.contains_key(status) {
                faults.push(format!("{name}: no {status}"));
            }
        }
        if let Some(body) = operation.get("requestBody") {
            let content = body["content"].as_object().unwrap();
            if content.values().any(|kind| kind.get("example").is_none()) {
                faults.push(format!("{name}: its body has no example"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let mut names: Vec<String> = operations(&document)
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// Two types of one name would stand in the document as one, and the answers of the other be described
/// wrongly: `#[schema(as = ...)]` gives a name of its own.
#[test]
fn every_type_of_the_document_has_a_name_of_its_own() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut names = schema_names(&crates);
    assert!(names.len() > 100, "only {}", names.len());
    println!("{} types have names of their own", names.len());
    names.sort();
    let mut twice = names.windows(2).filter(|pair| pair[0] == pair[1]);
    assert_eq!(twice.next(), None);
}

fn schema_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(schema_names(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            names.extend(names_in(&std::fs::read_to_string(path).unwrap()));
        }
    }
    names
}

/// The names under which the types of a source file stand in the document.
fn names_in(source: &str) -> Vec<String> {
    let derived = source.split("#[derive(").skip(1);
    derived
        .filter_map(|part| {
            let (head, rest) = part.split_once("\npub ")?;
            if !head.contains("ToSchema") {
                return None;
            }
            let given = head.split_once("schema(as = ").map(|(_, name)| name);
            let kept = rest.split_once(' ').map(|(_, name)| name);
            let name = given.or(kept)?;
            let end = name.find(|c: char| !c.is_alphanumeric())?;
            Some(name[..end].to_owned())
        })
        .collect()
}

#[test]
fn a_planted_second_name_is_found() {
    let source = "#[derive(Debug, ToSchema)]\npub struct One {\n}\n#[derive(ToSchema)]\n#[schema(as = One)]\npub enum Two {\n";
    assert_eq!(names_in(source), ["One", "One"]);
}
