//! `jtc serve` as an operator runs it, in a folder of its own, and the ways to end it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use store::cluster::{APP, Cluster, DATABASE, SUPERUSER};
use testkit::Client;
use testkit::database::{binaries, execute, value};

/// A running server. Everything ends and goes with this value.
pub struct Server {
    folder: tempfile::TempDir,
    port: u16,
    child: Mutex<Option<Child>>,
}

fn jtc(folder: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jtc"));
    command
        .env("JTC__DATA__FOLDER", folder)
        .env("JTC__HTTP__ADDRESS", format!("127.0.0.1:{port}"))
        .env("JTC__LOG__FILTER", "warn")
        // One machine plays all people.
        .env("JTC__LIMITS__REQUESTS_PER_MINUTE", "0")
        .env("JTC__LIMITS__LOGIN_PER_MINUTE", "0")
        .env("JTC__LIMITS__SUBMIT_PER_MINUTE", "0")
        .stdin(Stdio::null());
    command
}

impl Server {
    /// Starts one on a new folder, with a new private cluster that keeps its promises (fsync on).
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            folder: tempfile::tempdir().unwrap(),
            port: listener.local_addr().unwrap().port(),
            child: Mutex::default(),
        };
        drop(listener);
        server.start_again();
        server
    }

    /// Starts it on its folder and port, and waits until it serves.
    pub fn start_again(&self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let mut child = jtc(self.folder.path(), self.port)
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        *self.child.lock().unwrap() = Some(child);
        assert!(
            line.starts_with("JTC serves"),
            "{line}{}",
            self.complaints()
        );
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("serve.log")
    }

    /// What it wrote to its log, at most the last lines.
    pub fn complaints(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// SIGKILL.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let child = child.as_mut().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Nobody in particular, at its API.
    pub fn client(&self) -> Client {
        Client::at(&format!("http://127.0.0.1:{}", self.port))
    }

    /// Waits until it says that it is ready, and answers how long that took.
    pub async fn ready(&self) -> Duration {
        let (started, client) = (Instant::now(), self.client());
        loop {
            let ready = client.get("//readyz").try_send().await;
            if ready.is_ok_and(|reply| reply.status == 200) {
                return started.elapsed();
            }
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "not ready after a minute: {}",
                self.complaints()
            );
            tokio::task::yield_now().await;
        }
    }

    fn cluster(&self) -> Cluster {
        let folder = self.folder.path().join("postgres");
        Cluster::existing(&binaries().unwrap(), &folder)
            .unwrap()
            .unwrap()
    }

    /// Whether the bytes of an uploaded file are there, as they were sent.
    pub fn keeps(&self, sha256: &str) -> bool {
        let files = self.folder.path().join("files");
        let bytes = std::fs::read(files.join(&sha256[..2]).join(sha256));
        bytes.is_ok_and(|bytes| hex::encode(Sha256::digest(bytes)) == sha256)
    }

    /// Keeps a file in the server's folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// What PostgreSQL logged.
    pub fn log_of_postgres(&self) -> String {
        let bytes = std::fs::read(self.cluster().log()).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `pgbench` as the application's role.
    pub fn pgbench(&self) -> Command {
        let cluster = self.cluster();
        let mut command = Command::new(cluster.binaries().client("pgbench"));
        command.arg(cluster.url(APP, DATABASE));
        command
    }

    /// Runs SQL as the superuser.
    pub async fn sql(&self, sql: &str) {
        let url = self.cluster().url(SUPERUSER, DATABASE);
        execute(&url, sql).await.unwrap();
    }

    /// The first column of the first row of a query, as text.
    pub async fn value(&self, query: &str) -> String {
        let url = self.cluster().url(SUPERUSER, DATABASE);
        value(&url, query).await.unwrap()
    }

    /// Sends SIGKILL to the first process of PostgreSQL and to all it started, in one go.
    pub fn kill_postgres(&self) {
        let file = self.cluster().data().join("postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        let postmaster = text.lines().next().unwrap().to_owned();
        let output = Command::new("kill")
            .env("LC_ALL", "C")
            .args(["-KILL", &postmaster])
            .args(children(&postmaster))
            .output()
            .unwrap();
        // A child may have ended by itself since it was listed; the first process may not.
        for complaint in String::from_utf8_lossy(&output.stderr).lines() {
            let mut numbers = complaint.split(|c: char| !c.is_ascii_digit());
            let of_a_child = numbers.all(|number| number != postmaster);
            let ended = complaint.contains("No such process");
            assert!(of_a_child && ended, "{complaint}");
        }
    }

    /// Holds PostgreSQL's writer of the log still, at a moment when it is idle and holds no lock.
    pub async fn hold_wal_writer(&self) {
        let of = "from pg_stat_activity where backend_type = 'walwriter'";
        loop {
            let pid = self.value(&format!("select pid {of}")).await;
            signal("-STOP", &pid);
            let idle = self.value(&format!("select wait_event {of}")).await;
            if idle == "WalWriterMain" {
                return;
            }
            signal("-CONT", &pid);
        }
    }

    /// Runs a command of the binary beside the server; fails with what it said unless it succeeds.
    fn command(&self, arguments: &[&str]) -> String {
        let output = jtc(self.folder.path(), self.port)
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}{complaints}");
        said
    }

    /// Looks at all invariants of the database; answers what the doctor said.
    pub fn doctor(&self) -> String {
        self.command(&["doctor"])
    }

    /// Writes the record of a call with all that was submitted and checks it; answers what the check said.
    pub fn verified_record(&self, call: &str) -> String {
        let file = self.folder.path().join("record.json");
        let submitted = self.folder.path().join("submitted");
        let (record, folder) = (file.to_str().unwrap(), submitted.to_str().unwrap());
        let exported = self.command(&["export", call, "--submissions", folder]);
        std::fs::write(&file, exported).unwrap();
        self.command(&["verify", record, "--submissions", folder])
    }
}

fn signal(name: &str, pid: &str) {
    let status = Command::new("kill").args([name, pid]).status();
    assert!(status.unwrap().success(), "kill {name} {pid}");
}

/// The processes that `parent` started.
fn children(parent: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap() {
        let folder = entry.unwrap().path();
        // Processes end while the folder is read.
        let Ok(stat) = std::fs::read_to_string(folder.join("stat")) else {
            continue;
        };
        // The name in brackets may hold anything; state and parent come after it.
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        if after_name.split(' ').nth(1) == Some(parent) {
            let pid = folder.file_name().unwrap().to_string_lossy().into_owned();
            found.push(pid);
        }
    }
    found
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().ok().and_then(|mut child| child.take()) {
            child.kill().ok();
            child.wait().ok();
        }
        jtc(self.folder.path(), self.port)
            .args(["db", "stop"])
            .output()
            .ok();
    }
}
