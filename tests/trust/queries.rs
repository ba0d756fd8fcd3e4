//! What is asked of a read beside its path: every filter, every order, every page.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::BTreeMap;

use serde_json::Value;

type Ids = BTreeMap<&'static str, String>;

/// Parameters that go together: one alone answers nothing.
const TOGETHER: &[&[&str]] = &[
    &["proposal", "expert"],
    &["proposal", "expert", "instead_of"],
    &["a", "b"],
    &["sort", "descending"],
    &["from", "to"],
    &["limit_ratio", "policy"],
    &["gap_shares", "raises", "funder"],
    &["country", "body"],
];

/// The names of the query parameters of an operation.
pub fn parameters(operation: &Value) -> Vec<(&str, &Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|one| one["in"] == "query")
        .map(|one| (one["name"].as_str().unwrap(), &one["schema"]))
        .collect()
}

/// The names that a schema allows, if it is such a list.
pub fn names(document: &Value, schema: &Value) -> Option<Vec<String>> {
    let referred = schema["$ref"].as_str();
    let schema = referred.map_or(schema, |path| {
        document.pointer(path.trim_start_matches('#')).unwrap()
    });
    let names = schema["enum"].as_array()?.iter();
    Some(
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect(),
    )
}

/// What is tried in the place of a parameter.
fn values(document: &Value, ids: &Ids, of: &str, name: &str, schema: &Value) -> Vec<String> {
    if let Some(names) = names(document, schema) {
        return names;
    }
    let known = |names: &[&'static str]| {
        let found = names.iter().filter_map(|name| ids.get(name).cloned());
        found.collect::<Vec<String>>()
    };
    let literal =
        |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    let drafts = of == "list_drafts";
    match name {
        "descending" => literal(&["true", "false"]),
        "limit" => literal(&["1"]),
        "stage" | "version" | "against" => literal(&["1", "2"]),
        "cursor" if drafts => literal(&["2"]),
        "cursor" if of == "list_organisations" => literal(&["DE-BMBF"]),
        "cursor" if of == "list_calls" => known(&["call"]),
        "cursor" | "proposal" => known(&["proposal", "rival"]),
        "expert" | "instead_of" => known(&["expert", "other_expert"]),
        "a" | "b" => known(&["scenario"]),
        "funder" => known(&["funder"]),
        "country" => literal(&["FR", "DE"]),
        // Of people, of titles, and of nothing.
        "q" => literal(&["person", "tools", "xylophone"]),
        "module" => literal(&["1A"]),
        "category" => literal(&["Data"]),
        "body" => literal(&["ICPerMed"]),
        "year" | "from" | "to" => literal(&["2026", "2031"]),
        "limit_ratio" => literal(&["3"]),
        "gap_shares" => literal(&["0.4,0.5"]),
        "raises" => literal(&["0,0.1"]),
        _ => panic!("{of} has a new parameter, {name}: say here what to ask for"),
    }
}

/// Each parameter with each of its values, and with each of the others where they go together. Of workbooks, which are made
/// anew each time, the first value of each, and of documents that are set two: their rows are the list's.
pub fn variants(document: &Value, ids: &Ids, path: &str, operation: &Value) -> Vec<String> {
    let of = operation["operationId"].as_str().unwrap();
    let heavy = path.ends_with(".zip") || path.ends_with(".xlsx");
    let asked: Vec<(&str, Vec<String>)> = parameters(operation)
        .into_iter()
        .map(|(name, schema)| {
            let mut values = values(document, ids, of, name, schema);
            values.truncate(if heavy { 1 } else { usize::MAX });
            (name, values)
        })
        .collect();
    let mut found = Vec::new();
    for (name, values) in &asked {
        found.extend(values.iter().map(|value| format!("{name}={value}")));
    }
    for together in TOGETHER.iter().filter(|_| !heavy) {
        let mut queries = vec![String::new()];
        for name in *together {
            let Some((_, values)) = asked.iter().find(|(known, _)| known == name) else {
                queries.clear();
                break;
            };
            queries = queries
                .iter()
                .flat_map(|query| {
                    values
                        .iter()
                        .map(move |one| format!("{query}&{name}={one}"))
                })
                .collect();
        }
        found.extend(queries.iter().map(|query| query[1..].to_owned()));
    }
    if path.ends_with(".zip") {
        found.truncate(2);
    }
    found
}
