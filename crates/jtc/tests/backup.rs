//! A database is backed up, restored into a new cluster, and is the same: row by row, export by export.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
use store::cluster::{APP, OWNER};

#[path = "../../../tests/commitment/world.rs"]
mod world;

use world::World;

/// Makes a query for name, count and hash of all rows of every table, one line for each.
const TABLES: &str = "select string_agg(format(
        'select %L, count(*), md5(string_agg(t::text, '','' order by t::text)) from %I.%I t',
        schemaname || '.' || tablename, schemaname, tablename), ' union all ') || ' order by 1'
    from pg_tables where schemaname in ('public', 'sealed')";

/// `jtc` with its data in a folder, over a private cluster there.
struct Home<'f>(&'f Path);

impl Home<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
        command.env("JTC__DATA__FOLDER", self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    fn psql(&self, sql: &str) -> String {
        said(&self.run(&["db", "psql", "--", "-XqAtc", sql]))
    }

    fn tables(&self) -> Vec<String> {
        lines(&self.psql(&self.psql(TABLES)))
    }
}

impl Drop for Home<'_> {
    fn drop(&mut self) {
        let _ = self.command().args(["db", "stop"]).output();
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// What a command printed; it has succeeded.
fn said(output: &Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command complained of; it has failed.
fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn what_is_restored_is_what_was_backed_up() {
    let world = World::ranked().await;
    let selection = world.confirmed().await;
    world.accept(&selection, 0..4).await;
    let release = world.path("stages/2/letters/release");
    world.secretariat.post(&release).send().await.expect(200);
    world.app.tick().await;

    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = from.path().join("call.dump");
    let file = file.to_str().unwrap();
    // The key of the server under test.
    let key = "07".repeat(32);
    std::fs::write(from.path().join("installation.key"), &key).unwrap();
    let at_first = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
        command
            .env("JTC__DATA__FOLDER", from.path())
            .env("JTC__DATABASE__URL", world.app.database_url(APP));
        if arguments[0] == "db" {
            command.env("JTC__DATABASE__OWNER_URL", world.app.database_url(OWNER));
        }
        command.args(arguments).output().unwrap()
    };
    let letters = testkit::sample::pdf(2, "letters");
    let hash = hex::encode(Sha256::digest(&letters));
    let kept = |home: &Path| home.join("files").join(&hash[..2]).join(&hash);
    std::fs::create_dir_all(kept(from.path()).parent().unwrap()).unwrap();
    std::fs::write(kept(from.path()), &letters).unwrap();
    let backed_up = said(&at_first(&["db", "backup", file]));
    assert!(backed_up.contains("and 1 files into"), "{backed_up}");
    // A damaged file is not taken into a backup in silence.
    std::fs::write(kept(from.path()), "%PDF-").unwrap();
    let other = from.path().join("other.dump");
    let damaged = refused(&at_first(&["db", "backup", other.to_str().unwrap()]));
    assert!(damaged.contains("damaged"), "{damaged}");
    assert!(refused(&at_first(&["db", "backup", file])).contains("exists already"));
    assert!(refused(&at_first(&["db", "restore", file])).contains("empty"));

    let home = Home(to.path());
    let without_key = refused(&home.run(&["db", "restore", file]));
    assert!(without_key.contains("installation.key"), "{without_key}");
    std::fs::write(to.path().join("installation.key"), &key).unwrap();
    let restored = said(&home.run(&["db", "restore", file]));
    assert!(restored.contains("invariants hold"), "{restored}");
    assert!(restored.contains("with 1 files"), "{restored}");
    assert_eq!(std::fs::read(kept(to.path())).unwrap(), letters);
    said(&home.run(&["db", "start"]));

    let before = lines(&world.app.psql(&world.app.psql(TABLES)));
    let after = home.tables();
    assert_eq!(before, after);
    let rows = |line: &String| line.split('|').nth(1).unwrap().parse::<usize>().unwrap();
    let all: usize = after.iter().map(rows).sum();
    println!(
        "{} tables with {all} rows restored, all the same",
        after.len()
    );
    assert!(after.len() > 30 && all > 300);

    let export = said(&at_first(&["export", "JTC2031"]));
    assert_eq!(said(&home.run(&["export", "JTC2031"])), export);
    let record = to.path().join("record.json");
    std::fs::write(&record, &export).unwrap();
    let verified = said(&home.run(&["verify", record.to_str().unwrap()]));
    assert!(
        verified.contains("10 receipts, 1 ranking lists, 1 selections"),
        "{verified}"
    );
    let doctor = said(&home.run(&["doctor"]));
    assert!(doctor.contains("invariants hold"), "{doctor}");
    assert!(refused(&home.run(&["db", "restore", file])).contains("empty"));

    // Neither the comparison nor the doctor is blind.
    home.psql("update sealed.consensus set total = total + 1 where total = 1450");
    let now = home.tables();
    let changed = before
        .iter()
        .zip(&now)
        .filter(|(before, now)| before != now);
    let changed: Vec<&str> = changed
        .map(|(_, now)| now.split('|').next().unwrap())
        .collect();
    assert_eq!(changed, ["sealed.consensus"]);
    let doctor = home.run(&["doctor", "--json"]);
    assert_eq!(doctor.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    println!("{report}");
    let broken = &report["broken"][0]["name"];
    assert_eq!(*broken, "ranking_says_what_the_panel_agreed");
}
