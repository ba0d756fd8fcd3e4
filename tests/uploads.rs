//! Mutated files: whatever comes, there is a definite answer, no fault of ours, memory stays flat, and nothing
//! is ever served to be shown.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;
mod uploading;

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use testkit::{Client, TestApp, figure, sample};
use uploading::{begin, send};

/// Mutated files in all.
const MUTANTS: usize = 5_000;

/// How much the server's process may grow over all of them, in KiB: less than two of the largest files.
const GROWTH: u64 = 48 * 1024;

/// A whole file with one or several of its bytes spoilt, cut, doubled or moved.
fn mutant(rng: &mut TestRng) -> Vec<u8> {
    let mut below = |most: usize| rng.next_u32() as usize % most.max(1);
    let mut bytes = match below(8) {
        0 => sample::png(),
        1 => sample::pdf_with_script(),
        2 => sample::encrypted_pdf(),
        3 => sample::pdf(1, &"x".repeat(below(200_000))),
        _ => sample::pdf(1 + below(20), "a remark"),
    };
    for _ in 0..=below(6) {
        let (at, length) = (below(bytes.len()), below(40));
        let end = (at + length).min(bytes.len());
        match below(7) {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes.truncate(at.max(1)),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].to_vec();
                bytes.extend(part);
            }
            4 => bytes[at..end].fill(b'9'),
            5 => bytes[at..end].reverse(),
            _ => {
                let words: [&[u8]; 6] = [
                    b"<<",
                    b"[[[[[[[[",
                    b" 0 R",
                    b"stream\n",
                    b"/Kids [2 0 R]",
                    b"99999999999",
                ];
                let word = words[below(words.len())].to_vec();
                bytes.splice(at..end, word);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'%');
        }
    }
    bytes
}

/// Resident memory of this process, in which the server is, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What came of one file, in a word.
async fn outcome(ada: &Client, path: &str, bytes: &[u8]) -> String {
    let begun = begin(ada, path, "a.pdf", bytes.len()).await.expect(201);
    // Half of it, then the rest.
    let middle = bytes.len() / 2;
    let first = send(ada, &begun.id(), 0, &bytes[..middle]).await;
    let first = if middle > 0 { first.expect(200) } else { first };
    assert!(first.status < 500, "{}", first.json);
    let ended = match first.json["state"] == "receiving" {
        true => send(ada, &begun.id(), middle, &bytes[middle..]).await,
        false => first,
    };
    let told = ada.read(&format!("/uploads/{}", begun.id())).await;
    let outcome = match ended.status {
        200 => {
            assert_eq!(told.json["state"], "accepted");
            let sha256 = told.json["file"]["sha256"].as_str().unwrap();
            let got = ada.read(&format!("{path}/files/{sha256}")).await;
            assert_eq!(got.body, bytes, "what is kept is what came");
            assert!(got.header("content-disposition").starts_with("attachment;"));
            let policies = got
                .headers
                .iter()
                .filter(|(name, _)| name == "content-security-policy");
            assert!(policies.into_iter().any(|(_, policy)| policy == "sandbox"));
            assert_eq!(got.header("x-content-type-options"), "nosniff");
            "accepted".to_owned()
        }
        422 => {
            assert_eq!(told.json["state"], "refused");
            ended.json["errors"][0]["code"].as_str().unwrap().to_owned()
        }
        status => panic!("{status}: {}", ended.json),
    };
    let gone = ada.delete(&format!("/uploads/{}", begun.id())).send().await;
    gone.expect(200);
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_files_are_answered_for_good_and_cost_nothing() {
    let app = TestApp::start().await;
    let (_, call) = proposals::open_call(&app).await;
    let ada = app.person("Ada").await;
    let path = format!("/proposals/{}", proposals::draft(&ada, &call).await.id());
    let seed = [7; 32];
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut counts = BTreeMap::new();
    let all = figure(MUTANTS);
    let (mut done, mut before) = (0, 0);
    while done < all {
        let some: Vec<Vec<u8>> = (0..50.min(all - done)).map(|_| mutant(&mut rng)).collect();
        done += some.len();
        let outcomes: Vec<String> = stream::iter(&some)
            .map(|bytes| outcome(&ada, &path, bytes))
            .buffer_unordered(4)
            .collect()
            .await;
        for outcome in outcomes {
            *counts.entry(outcome).or_insert(0) += 1;
        }
        // What was taken leaves no room for the rest.
        app.sql("delete from file").await;
        if before == 0 {
            before = resident();
        }
    }
    let after = resident();
    println!(
        "{done} mutated files: {counts:?}; memory {before} KiB after the first 50, {after} KiB after all"
    );
    assert!(after < before + GROWTH, "from {before} KiB to {after} KiB");
    assert!(counts.len() > 4, "the mutants are all alike: {counts:?}");
    assert_eq!(std::fs::read_dir(app.parts_folder()).unwrap().count(), 0);
}

/// The process that looks at a file ends where its memory does, and nobody else's: a picture that says it is
/// large makes its reader ask for more than a small process has.
#[test]
fn a_file_that_asks_for_too_much_ends_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    std::fs::write(&file, sample::png_that_says(12_000)).unwrap();
    let look = |memory: u64| {
        std::process::Command::new(env!("CARGO_BIN_EXE_check-file"))
            .arg(&file)
            .args([memory.to_string(), "5".to_owned()])
            .output()
            .unwrap()
    };
    let roomy = look(1 << 30);
    let said = String::from_utf8_lossy(&roomy.stdout).into_owned();
    assert!(
        roomy.status.success() && said.contains("file_broken"),
        "{said}"
    );
    let narrow = look(64 << 20);
    assert!(!narrow.status.success() && narrow.stdout.is_empty());
}
