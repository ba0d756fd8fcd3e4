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
