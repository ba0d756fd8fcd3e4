//! Everything that can be asked in a scene, and what comes back.

use std::collections::BTreeMap;
use std::fmt;

use futures::{StreamExt, stream};
use serde_json::Value;
use testkit::Client;

use super::queries;
use super::readable::readable;

/// A request. What writes is a dry run under any version, so that it comes as far as the rules.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// The operation as the document describes it, with an example of its body.
    described: Value,
    /// The operation's name in the document.
    pub operation: String,
}

impl Asked {
    /// Whether it would change something.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    fn read(path: String) -> Asked {
        Asked {
            method: "GET".to_owned(),
            path,
            described: Value::Null,
            operation: String::new(),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What came back: status, headers but those of the clock, body. Of a write that would succeed the status
/// alone: what it makes is new each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

type Ids = BTreeMap<&'static str, String>;

/// All reads, each with every filter, order and page that it has, and the writes to something in the scene. What has no
/// parameter is about the own account.
pub fn everything(ids: &Ids) -> Vec<Asked> {
    let document = serde_json::to_value(web::api::full_document()).unwrap();
    let mut asked = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "get" && !template.contains('{') {
                continue;
            }
            for path in fill(ids, template.trim_start_matches("/api/v1")) {
                if method == "get" {
                    for query in queries::variants(&document, ids, &path, operation) {
                        let read = Asked::read(format!("{path}?{query}"));
                        asked.push(Asked {
                            operation: operation["operationId"].as_str().unwrap().to_owned(),
                            ..read
                        });
                    }
                }
                asked.push(Asked {
                    method: method.to_uppercase(),
                    path,
                    described: operation.clone(),
                    operation: operation["operationId"].as_str().unwrap().to_owned(),
                });
            }
        }
    }
    let more = ["//".to_owned(), "//readyz".to_owned()];
    asked.extend(more.map(Asked::read));
    asked
}

/// The paths of a template, one for each choice of things.
fn fill(ids: &Ids, template: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in template.split('/').skip(1) {
        let names: &[&str] = match part {
            "{stage}" => &["number"],
            "{proposal}" => &["proposal", "rival"],
            "{review}" => &["review", "draft_review"],
            "{expert}" => &["expert", "other_expert"],
            "{organisation}" => &["funder"],
            other => &[other.trim_matches(['{', '}'])],
        };
        let word = |name: &str| match (part.starts_with('{'), name) {
            (false, name) => name.to_owned(),
            (true, "agenda") => "icpermed-2017".to_owned(),
            (true, "other") => "FR-ANR".to_owned(),
            (true, "key") => "guidelines".to_owned(),
            (true, "version" | "condition") => "1".to_owned(),
            (true, name) => {
                let nobody = "019a0000-0000-7000-8000-0000000000ff".to_owned();
                ids.get(name).cloned().unwrap_or(nobody)
            }
        };
        paths = names
            .iter()
            .flat_map(|name| {
                paths
                    .iter()
                    .map(move |path| format!("{path}/{}", word(name)))
            })
            .collect();
    }
    paths.sort();
    paths.dedup();
    paths
}

/// A refusal says when the request arrived, which is another instant each time.
fn without_arrival(body: &str) -> String {
    const SAYS: &str = "the submission was complete at ";
    let Some((before, after)) = body.split_once(SAYS) else {
        return body.to_owned();
    };
    let after = after.split_once(',').map_or("", |(_, after)| after);
    format!("{before}{SAYS}(masked),{after}")
}

/// Asks as one person.
pub async fn ask_all(who: &Client, asked: &[Asked]) -> Vec<Answer> {
    stream::iter(asked)
        .map(|asked| async move {
            let mut request = who.method(&asked.method, &asked.path);
            request = request.header("X-Request-Id", "trust");
            if asked.writes() {
                request = request.dry_run().etag("*");
            }
            let reply = request.example(&asked.described).send().await;
            if asked.writes() && reply.status < 300 {
                return Answer {
                    status: reply.status,
                    headers: Vec::new(),
                    body: String::new(),
                };
            }
            let clock = |name: &str| name == "date" || name.starts_with("ratelimit");
            let mut headers = reply.headers;
            headers.retain(|(name, _)| !clock(name));
            headers.sort();
            Answer {
                status: reply.status,
                headers,
                body: without_arrival(&readable(&reply.body)),
            }
        })
        .buffered(8)
        .collect()
        .await
}
