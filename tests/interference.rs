//! Non-interference: when one secret changes, the answers to those who may not know it do not, by a byte.
//! Every GET of the API is asked before and after, as every role, with every filter, order and page that it has, and
//! every write to something as a dry run, for what its refusal says; archives and workbooks are unpacked. Deeds that send
//! mails are done before and after, and everybody's mails compared. Only what the clock puts in is masked.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "commitment/world.rs"]
mod decision;
mod evaluation;
mod proposals;
#[path = "trust/scene.rs"]
mod scene;
#[path = "trust/secrets.rs"]
mod secrets;
mod uploading;

use std::collections::{BTreeMap, BTreeSet};

use scene::{Answer, Leak, Mails, Scene};
use secrets::Secret;
use testkit::whole_run;

type Before = BTreeMap<&'static str, Vec<Answer>>;

async fn before(scene: &Scene) -> Before {
    let mut before = Before::new();
    for (name, _) in &scene.people {
        before.insert(name, scene.crawl(name).await);
    }
    before
}

/// What is another answer now, for people to read.
async fn differences(scene: &Scene, before: &Before, name: &str) -> Vec<String> {
    let now = scene.crawl(name).await;
    let asked = scene.asked.iter().zip(&before[name]).zip(&now);
    asked
        .filter(|((_, before), now)| before != now)
        .map(|((asked, before), now)| {
            let at = before
                .body
                .bytes()
                .zip(now.body.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let part = |answer: &Answer| {
                let bytes = answer.body.as_bytes();
                let end = bytes.len().min(at + 60);
                let from = at.saturating_sub(60).min(end);
                format!(
                    "{} {}",
                    answer.status,
                    String::from_utf8_lossy(&bytes[from..end])
                )
            };
            format!(
                "{name} {asked}\n      before: {}\n      after:  {}",
                part(before),
                part(now)
            )
        })
        .collect()
}

/// What comes to somebody otherwise by mail than before, for people to read. What the deeds made is taken back.
async fn other_mails(scene: &Scene, before: &Mails, name: &str) -> Vec<String> {
    let now = scene.mails().await;
    scene.restore().await;
    if before[name] == now[name] {
        return Vec::new();
    }
    let (before, now) = (before[name].join("\n"), now[name].join("\n"));
    vec![format!(
        "{name} by mail\n      before: {before}\n      after:  {now}"
    )]
}

/// Every secret by itself, or all at once that somebody may not know.
async fn check(mut scene: Scene, secrets: &[Secret]) {
    if !whole_run() {
        scene.sample(16);
    }
    let before = before(&scene).await;
    let statuses: Vec<u16> = before
        .values()
        .flatten()
        .map(|answer| answer.status)
        .collect();
    assert!(
        statuses.iter().all(|status| *status < 500),
        "a request fails"
    );
    let mails = scene.mails().await;
    scene.restore().await;
    let sent: usize = mails.values().map(Vec::len).sum();
    assert!(sent > 0, "no mails to compare");
    let mut leaks = Vec::new();
    for (name, _) in &scene.people {
        let hidden: Vec<&Secret> = secrets
            .iter()
            .filter(|secret| !secret.known_to(name))
            .collect();
        // In halves, until single ones are left that tell; what only several together change is nobody's secret.
        let mut tries: Vec<Vec<&Secret>> = match whole_run() {
            true => hidden.into_iter().map(|secret| vec![secret]).collect(),
            false => vec![hidden],
        };
        while let Some(some) = tries.pop() {
            for secret in &some {
                scene.sql(secret.sql).await;
            }
            let mut told = differences(&scene, &before, name).await;
            told.extend(other_mails(&scene, &mails, name).await);
            match some.as_slice() {
                _ if told.is_empty() => {}
                [secret] => {
                    let told = told.into_iter();
                    leaks.extend(told.map(|leak| format!("{}: {leak}", secret.name)));
                }
                more => {
                    let (one, other) = more.split_at(more.len() / 2);
                    tries.extend([one.to_vec(), other.to_vec()]);
                }
            }
        }
    }
    let writes = scene.asked.iter().filter(|asked| asked.writes()).count();
    println!(
        "{}: {} secrets, {} reads and {writes} refusals or promises of writes, {} roles; {} answers were 200, {sent} mails",
        scene.name,
        secrets.len(),
        scene.asked.len() - writes,
        scene.people.len(),
        statuses.iter().filter(|status| **status == 200).count()
    );
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
    witnesses(&scene, &before, secrets).await;
}

/// A change that nobody sees would prove nothing: the first of those who may know a secret does see it.
async fn witnesses(scene: &Scene, before: &Before, secrets: &[Secret]) {
    let step = if whole_run() { 1 } else { 4 };
    for secret in secrets.iter().step_by(step) {
        let Some(witness) = secret.known.first().and_then(|group| group.first()) else {
            continue;
        };
        scene.sql(secret.sql).await;
        let seen = differences(scene, before, witness).await;
        assert!(
            !seen.is_empty(),
            "{}: {witness} sees no change either",
            secret.name
        );
        scene.restore().await;
    }
    let (name, _) = scene.people[0];
    assert_eq!(
        differences(scene, before, name).await,
        Vec::<String>::new(),
        "not restored"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_proposals_come_in_nobody_learns_of_another() {
    let secrets = [secrets::INTAKE, secrets::files::FILES].concat();
    check(scene::intake().await, &secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_reviews_are_written_nobody_outside_learns_of_them() {
    let secrets = [
        secrets::REVIEWING,
        secrets::EXPERTISE,
        secrets::WRITTEN,
        secrets::AFFINITY,
        secrets::CHECKING,
        secrets::PAPERS,
    ]
    .concat();
    check(scene::reviewing().await, &secrets).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_letters_nobody_outside_learns_of_the_decision() {
    let secrets = [
        secrets::DECISION,
        secrets::FUNDING,
        secrets::RESULTS,
        secrets::KEPT,
        secrets::REDRESS,
    ]
    .concat();
    check(scene::decision().await, &secrets).await;
}

/// The tables of the evaluation: each holds something that somebody may not know.
const REVIEW_TABLES: [&str; 15] = [
    "affinity",
    "conflict",
    "conformity_report",
    "consensus",
    "ethics_assessment",
    "expert",
    "named_persons",
    "own_conflict",
    "panel_message",
    "publication",
    "ranking_list",
    "rapporteur",
    "rebuttal",
    "review",
    "summary_report",
];

/// Of the evaluation alone there are sixty secrets, different facts each, none for everybody, and some in each of its
/// tables.
#[test]
fn the_evaluation_has_sixty_secrets() {
    let all = [
        secrets::INTAKE,
        secrets::REVIEWING,
        secrets::EXPERTISE,
        secrets::WRITTEN,
        secrets::AFFINITY,
        secrets::PAPERS,
        secrets::DECISION,
        secrets::RESULTS,
        secrets::KEPT,
    ]
    .concat();
    let of = |table: &str, secret: &Secret| {
        let table = format!("sealed.{table}");
        let mut after = secret.sql.match_indices(&table);
        after.any(|(at, _)| {
            let next = secret.sql[at + table.len()..].chars().next();
            next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
        })
    };
    let (mut facts, mut names) = (BTreeSet::new(), BTreeMap::new());
    for table in REVIEW_TABLES {
        let own: Vec<&Secret> = all.iter().filter(|secret| of(table, secret)).collect();
        assert!(!own.is_empty(), "nothing in {table} is a secret");
        for secret in own {
            facts.insert(secret.sql);
            let before = names.insert(secret.name, secret.sql);
            let same = before.is_none_or(|before| before == secret.sql);
            assert!(same, "two secrets are called '{}'", secret.name);
            let outsiders = ["public", "stranger", "elsewhere", "former_partner"];
            for name in outsiders {
                assert!(!secret.known_to(name), "{} is no secret", secret.name);
            }
        }
    }
    println!(
        "{} facts of the evaluation are secret, {} counting each moment",
        facts.len(),
        names.len()
    );
    assert!(facts.len() >= 60);
}

/// The comparison is not blind: what everybody may know is seen by everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_leak_is_found() {
    let mut scene = scene::intake().await;
    scene.sample(16);
    let before = before(&scene).await;
    for (name, _) in &scene.people {
        assert!(
            differences(&scene, &before, name).await.is_empty(),
            "{name}: answers change by themselves"
        );
    }
    for public in [
        "update call set title = title || '.'",
        "update stage set label = label || '.'",
        "update participation set terms = '{\"text\": \"Other terms\"}'",
    ] {
        scene.sql(public).await;
        for name in ["public", "rival", "expert", "signatory"] {
            assert!(
                !differences(&scene, &before, name).await.is_empty(),
                "{name} does not see {public}"
            );
        }
        scene.restore().await;
    }
}

/// What would get out, by what, and the secret that changes it; none of them is for a member of the committee.
const LEAKS: [(Leak, &str); 6] = [
    (Leak::Count, "an assignment more"),
    (Leak::Filter, "a remark of a submitted review"),
    (Leak::Order, "that a review is written on"),
    (Leak::Etag, "that a review is written on"),
    (Leak::Length, "a remark of a submitted review"),
    (Leak::Mail, "an assignment more"),
];

/// A server that lets a secret out by a count, a filter, an order, an ETag, a length or a mail is found out, by each; and
/// one that does not is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_of_each_kind_is_found() {
    let mut scene = scene::reviewing().await;
    // What is planted is in what is asked of a call and its lists; the other reads are the rest of the answers.
    let mut seen = 0;
    scene.asked.retain(|asked| {
        seen += 1;
        let planted = ["read_call", "list_proposals"].contains(&asked.operation.as_str());
        planted || !asked.writes() && !asked.path.contains('?') && seen % 4 == 0
    });
    for (leak, name) in LEAKS {
        let secret = secrets::REVIEWING.iter().find(|one| one.name == name);
        let secret = secret.unwrap();
        let (reader, addressee) = ("csc_representative", "rival");
        assert!(!secret.known_to(reader) && !secret.known_to(addressee));
        for planted in [None, Some(leak)] {
            scene.leak = planted;
            let before = Before::from([(reader, scene.crawl(reader).await)]);
            let mails = scene.mails().await;
            scene.restore().await;
            scene.sql(secret.sql).await;
            let mut told = differences(&scene, &before, reader).await;
            told.extend(other_mails(&scene, &mails, addressee).await);
            println!(
                "{planted:?} planted: {} answers and mails differ",
                told.len()
            );
            assert_eq!(told.is_empty(), planted.is_none(), "{leak:?}: {told:?}");
        }
    }
}

/// Every filter, order and page of every read is asked for, and every name that one of them knows.
#[test]
fn every_parameter_of_every_read_is_tried() {
    let id = "019a0000-0000-7000-8000-000000000001".to_owned();
    let names = [
        "call",
        "proposal",
        "rival",
        "expert",
        "other_expert",
        "scenario",
    ];
    let mut ids: BTreeMap<&str, String> = names.map(|name| (name, id.clone())).into();
    ids.extend([("number", "1".to_owned()), ("funder", "DE-BMBF".to_owned())]);
    let asked = scene::everything(&ids);
    let document = serde_json::to_value(web::api::full_document()).unwrap();
    let (mut parameters, mut values) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["get"];
        if operation.is_null() || path.ends_with(".zip") {
            continue;
        }
        let name = operation["operationId"].as_str().unwrap();
        for (parameter, schema) in scene::queries::parameters(operation) {
            let queries = || {
                let own = asked.iter().filter(move |one| one.operation == name);
                own.filter_map(|one| one.path.split_once('?'))
                    .flat_map(|(_, query)| query.split('&'))
                    .filter_map(|part| part.split_once('='))
                    .filter(move |(known, _)| *known == parameter)
            };
            assert!(
                queries().count() > 0,
                "{name} is never asked with {parameter}"
            );
            parameters += 1;
            let listed = scene::queries::names(&document, schema).unwrap_or_default();
            for value in listed.iter().filter(|_| !path.ends_with(".xlsx")) {
                assert!(
                    queries().any(|(_, asked)| asked == value),
                    "{name} is never asked with {parameter}={value}"
                );
                values += 1;
            }
        }
    }
    println!("{parameters} parameters of reads, {values} names among their values");
    assert!(parameters > 60 && values > 60);
}

/// What an archive holds is read, though its bytes say nothing.
#[test]
fn words_in_archives_are_seen() {
    use scene::readable::{packed, readable};
    let inner = packed(&[("xl/sharedStrings.xml", &b"<t>canary</t>"[..])]);
    let outer = packed(&[("a.csv", &b"a,b\n"[..]), ("b.xlsx", &inner[..])]);
    let seen = readable(&outer);
    assert!(
        seen.contains("b.xlsx") && seen.contains("<t>canary</t>"),
        "{seen}"
    );
    assert_eq!(readable(b"{\"items\":[]}"), "{\"items\":[]}");
    let other = packed(&[("a.csv", &b"a,c\n"[..]), ("b.xlsx", &inner[..])]);
    assert_ne!(readable(&other), seen);
    // A sheet as it is really packed.
    let sheet = kernel::Sheet {
        name: "Reviews".to_owned(),
        rows: vec![vec![kernel::Cell::Text("canary.review".to_owned())]],
    };
    let workbook = tables::write_workbook(&[sheet]).unwrap();
    assert!(!String::from_utf8_lossy(&workbook).contains("canary.review"));
    assert!(readable(&workbook).contains("canary.review"));
}
