//! Two partners edit one proposal at once, in random rounds, each over the version it last saw. Whoever comes with
//! a stale one puts its own fields into what is there, by the help of the answer. No field is lost; and when one
//! of them saves without looking, that is noticed.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "consortium/invite.rs"]
mod invite;
mod proposals;

use std::collections::BTreeMap;

use proposals::{PARTNERS, draft, open_call};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testkit::{Client, Reply, TestApp, figure};

/// The figure of `make trust`.
const ROUNDS: usize = 1000;

const PART: &str = PARTNERS[1];

/// What the coordinator writes: texts of all, and parts of all partners, also of the one who writes itself.
const OF_COORDINATOR: &[&str] = &[
    "/title",
    "/abstract",
    "/texts/summary",
    "/partners/0/region",
    "/partners/0/budget/travel",
    "/partners/1/region",
    "/partners/1/budget/travel",
    "/partners/2/region",
];

/// What the partner writes, in its part.
const OF_PARTNER: &[&str] = &[
    "/region",
    "/budget/travel",
    "/budget/personnel",
    "/principal_investigator/name",
];

/// What is written of a round, by the pointer in the whole content.
type Written = BTreeMap<String, Value>;

/// One who edits.
struct Writer<'a> {
    client: &'a Client,
    path: &'a str,
    /// Where its documents stand in the content.
    root: &'a str,
    /// It saves over whatever is there, what it saw before included.
    blind: bool,
}

impl Writer<'_> {
    /// Where it saves.
    fn target(&self) -> String {
        match self.root {
            "" => self.path.to_owned(),
            _ => format!("{}/partners/{PART}", self.path),
        }
    }

    fn document(&self, seen: &Reply) -> Value {
        seen.json["stages"][0]["content"]
            .pointer(self.root)
            .unwrap()
            .clone()
    }

    /// Writes fields into the version it has seen, and again into what is there, until they are saved.
    async fn write(&self, seen: &Reply, fields: &Written) {
        let mut document = self.document(seen);
        let mut etag = if self.blind {
            "*".to_owned()
        } else {
            seen.etag.clone()
        };
        let mut mine = fields.clone();
        for _ in 0..5 {
            let patch = patch(&mut document, &mine);
            let saved = self.client.patch(&self.target()).etag(&etag).json(&patch);
            let saved = saved.send().await;
            if saved.status == 200 {
                return;
            }
            let stale = saved.expect(412);
            let merge = &stale.json["merge"];
            assert_eq!(merge["base_known"], true, "{}", stale.json);
            // Only the own fields are told, and only they are put in.
            mine = merge["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(|field| {
                    (
                        field["pointer"].as_str().unwrap().to_owned(),
                        field["yours"].clone(),
                    )
                })
                .collect();
            assert!(
                mine.keys().all(|pointer| fields.contains_key(pointer)),
                "{mine:?}"
            );
            let now = self.client.read(self.path).await;
            (document, etag) = (self.document(&now), now.etag);
        }
        panic!("two who write are in each other's way for ever");
    }
}

/// The merge patch that writes these fields into a document: lists are sent whole.
fn patch(document: &mut Value, fields: &Written) -> Value {
    let mut patch = json!({});
    for (pointer, value) in fields {
        *document.pointer_mut(pointer).unwrap() = value.clone();
        let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
        if tokens[0] == "partners" {
            patch["partners"] = document["partners"].clone();
            continue;
        }
        let mut at = &mut patch;
        for token in &tokens[..tokens.len() - 1] {
            at = &mut at[*token];
        }
        at[tokens[tokens.len() - 1]] = value.clone();
    }
    patch
}

/// Which fields of a list are written in a round, each with a value of its own.
fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    btree_set(select(of), 1..4).prop_map(|some| some.into_iter().collect())
}

fn values(pointers: &[&str], who: usize, round: usize) -> Written {
    let value = |pointer: &str| match pointer.contains("budget") {
        true => json!([format!("{}.{who:02}", 1000 + round)]),
        false => json!(format!("{pointer} by {who} in round {round}")),
    };
    let each = pointers.iter();
    each.map(|pointer| ((*pointer).to_owned(), value(pointer)))
        .collect()
}

/// Rounds in which both write at once; answers the fields that were lost.
async fn rounds(app: &TestApp, rounds: usize, blind: bool) -> Vec<String> {
    let (_, call) = open_call(app).await;
    let (ada, bea) = (app.person("Ada").await, app.person("Bea").await);
    let path = format!("/proposals/{}", draft(&ada, &call).await.id());
    invite::join(app, &ada, &path, PART, &bea).await;
    // Every field is there from the beginning.
    let mut partners = proposals::content()["partners"].clone();
    for partner in partners.as_array_mut().unwrap() {
        partner["region"] = json!("Begun");
    }
    let now = ada.read(&path).await;
    let begun = json!({ "partners": partners });
    proposals::save(&ada, &path, &now.etag, begun)
        .await
        .expect(200);

    let writers = [
        Writer {
            client: &ada,
            path: &path,
            root: "",
            blind,
        },
        Writer {
            client: &bea,
            path: &path,
            root: "/partners/1",
            blind: false,
        },
    ];
    // The same rounds in every run.
    let mut runner = TestRunner::deterministic();
    let strategy = (some(OF_COORDINATOR), some(OF_PARTNER));
    let mut lost = Vec::new();
    for round in 0..rounds {
        let (one, other) = strategy.new_tree(&mut runner).unwrap().current();
        let (one, other) = (values(&one, 1, round), values(&other, 2, round));
        let before = ada.read(&path).await;
        let seen = bea.read(&path).await;
        if blind {
            // What is lost must not hang on who is faster: who does not look comes second.
            writers[1].write(&seen, &other).await;
            writers[0].write(&before, &one).await;
        } else {
            tokio::join!(
                writers[0].write(&before, &one),
                writers[1].write(&seen, &other)
            );
        }
        let after = ada.read(&path).await;
        let content = |reply: &Reply| reply.json["stages"][0]["content"].clone();
        lost.extend(missing(&content(&before), &content(&after), &one, &other));
    }
    lost
}

/// What is not as one of those who wrote it in the round has it; and what changed that nobody wrote.
fn missing(before: &Value, after: &Value, one: &Written, other: &Written) -> Vec<String> {
    let mut expected: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    let theirs = other
        .iter()
        .map(|(at, value)| (format!("/partners/1{at}"), value));
    for (at, value) in one
        .iter()
        .map(|(at, value)| (at.clone(), value))
        .chain(theirs)
    {
        expected.entry(at).or_default().push(value);
    }
    let mut untouched = after.clone();
    for at in expected.keys() {
        *untouched.pointer_mut(at).unwrap() = before.pointer(at).unwrap().clone();
    }
    let mut lost: Vec<String> = expected
        .iter()
        .filter(|(at, values)| !values.contains(&after.pointer(at).unwrap()))
        .map(|(at, _)| at.clone())
        .collect();
    if untouched != *before {
        lost.push("a field that nobody wrote changed".to_owned());
    }
    lost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_partners_who_edit_at_once_lose_no_field() {
    let app = TestApp::start().await;
    let whole = figure(ROUNDS);
    let lost = rounds(&app, whole, false).await;
    let saved = app.value("select count(*) from draft_history").await;
    println!(
        "{whole} rounds, {saved} versions saved, {} fields lost",
        lost.len()
    );
    assert!(lost.is_empty(), "{lost:?}");
}

/// The planted bug: the coordinator's client saves without saying what it has seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_look_loses_fields_and_is_noticed() {
    let app = TestApp::start().await;
    let lost = rounds(&app, 30, true).await;
    println!(
        "30 rounds of a client that does not look: {} fields lost",
        lost.len()
    );
    assert!(!lost.is_empty());
}
