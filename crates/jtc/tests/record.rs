//! A record with what was submitted shows each byte that was changed, in the database, in the store of files, in the
//! folder and in the receipts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use store::cluster::APP;
use tempfile::TempDir;
use testkit::TestApp;

#[path = "../../../tests/proposals.rs"]
mod proposals;
#[path = "../../../tests/uploading.rs"]
mod uploading;

/// Places at which a byte of each file is changed.
const PLACES: usize = 20;

/// `jtc` over the database and the files of a server under test.
struct Keeper<'a> {
    app: &'a TestApp,
    home: TempDir,
}

impl Keeper<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
        command
            .env("JTC__DATA__FOLDER", self.home.path())
            .env("JTC__DATABASE__URL", self.app.database_url(APP))
            .current_dir(self.home.path());
        command.args(arguments).output().unwrap()
    }

    /// Writes the record with all submissions; answers the folder of these.
    fn export(&self, name: &str) -> PathBuf {
        let exported = self.run(&["export", "JTC2026", "--submissions", name]);
        let complaint = String::from_utf8_lossy(&exported.stderr);
        assert!(exported.status.success(), "{complaint}");
        std::fs::write(self.home.path().join("record.json"), exported.stdout).unwrap();
        self.home.path().join(name)
    }

    /// What `jtc verify` says of the record beside a folder, and whether it is satisfied.
    fn verify(&self, folder: &str) -> (bool, String) {
        let verified = self.run(&["verify", "record.json", "--submissions", folder]);
        let said = String::from_utf8(verified.stdout).unwrap();
        (verified.status.success(), said)
    }

    fn finds(&self, folder: &str) {
        let (satisfied, said) = self.verify(folder);
        assert!(!satisfied && said.contains("FAULT"), "{said}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(std::fs::copy(&path, &target).unwrap()),
        }
    }
}

/// Changes one bit of a file, has `look` look, and puts it back.
fn with_a_bit_changed(path: &Path, dice: &mut StdRng, look: impl Fn()) {
    let whole = std::fs::read(path).unwrap();
    let mut changed = whole.clone();
    let at = dice.random_range(0..changed.len());
    changed[at] ^= 1 << dice.random_range(0..8);
    std::fs::write(path, changed).unwrap();
    look();
    std::fs::write(path, whole).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_changed_byte_of_what_was_submitted_is_found() {
    let app = TestApp::start().await;
    let (_, call) = proposals::open_call(&app).await;
    uploading::allow_letters(&app, &call).await;
    let ada = app.person("Ada").await;
    let (path, letters, _) = uploading::submitted_with_letters(&ada, &call).await;
    app.tick().await;
    let home = tempfile::tempdir().unwrap();
    let key = "07".repeat(32);
    std::fs::write(home.path().join("installation.key"), &key).unwrap();
    let keeper = Keeper { app: &app, home };
    let files = keeper.home.path().join("files");
    copy(&app.files_folder(), &files);

    let folder = keeper.export("whole");
    let (satisfied, said) = keeper.verify("whole");
    assert!(satisfied, "{said}");
    assert!(
        said.contains("1 submitted versions and 1 files of them checked"),
        "{said}"
    );

    // In the folder, and in the record.
    let mut dice = StdRng::seed_from_u64(20_310_304);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(paths.len(), 2);
    paths.sort();
    for path in &paths {
        for _ in 0..PLACES {
            with_a_bit_changed(path, &mut dice, || keeper.finds("whole"));
        }
        let away = path.with_extension("away");
        std::fs::rename(path, &away).unwrap();
        keeper.finds("whole");
        std::fs::rename(&away, path).unwrap();
    }

    // A receipt alone vouches for its version too.
    let receipts = ada.read(&format!("{path}/receipts")).await;
    let receipt = serde_json::to_string(&receipts.json["items"][0]).unwrap();
    std::fs::write(keeper.home.path().join("receipt.json"), receipt).unwrap();
    let public = app.client().read("/installation/key").await;
    let public = public.json["public_key"].as_str().unwrap().to_owned();
    let of_receipt = || {
        let verify = [
            "verify",
            "receipt.json",
            "--key",
            &public,
            "--submissions",
            "whole",
        ];
        keeper.run(&verify).status.success()
    };
    assert!(of_receipt());
    let receipt = keeper.home.path().join("receipt.json");
    for changed in paths.iter().chain([&receipt]) {
        with_a_bit_changed(changed, &mut dice, || assert!(!of_receipt()));
    }

    // In the store of files, and in the database.
    let kept = files.join(&letters[..2]).join(&letters);
    with_a_bit_changed(&kept, &mut dice, || {
        keeper.export("file");
        keeper.finds("file");
        let doctor = keeper.run(&["doctor"]);
        assert_eq!(doctor.status.code(), Some(1));
    });
    app.broken_on_purpose("one letter of what was submitted is changed");
    app.psql(
        "alter table submission disable trigger all;
         update submission set content = jsonb_set(content, '{title}', to_jsonb((content->>'title') || '.'))",
    );
    keeper.export("content");
    keeper.finds("content");
    assert_eq!(keeper.run(&["doctor"]).status.code(), Some(1));
}
