//! A private PostgreSQL cluster: made, started, attached to and stopped without anything configured.
//!
//! The data stand in one folder of mode 0700 with the socket beside them; nothing listens on TCP, so whoever
//! may enter the folder may use the server and nobody else. Everything here blocks; call it from a thread
//! that may.

mod binaries;
mod error;
mod home;
mod init;
mod roles;
mod settings;
mod start;
#[cfg(test)]
mod tests;
mod user;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use binaries::{Binaries, LEAST_MAJOR};
pub use error::ClusterError;
pub use roles::{APP, DATABASE, OWNER, grant_sql};

use error::io;
use home::Lock;
use user::ServerUser;

/// The superuser of a private cluster.
pub const SUPERUSER: &str = "jtc_super";

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Holds data that matter: fsync is on.
    Kept,
    /// For tests and short demonstrations: fsync is off, and `current_setting('jtc.throw_away', true)` is `on`.
    ThrowAway,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Kept => "kept",
            Kind::ThrowAway => "throw-away",
        }
    }
}

/// Whether a cluster runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It takes connections; the process id of its first process.
    Running {
        /// Process id.
        pid: u32,
    },
    /// It does not.
    Stopped,
}

/// A cluster in a folder. Dropping the value does not stop the server.
#[derive(Debug, Clone)]
pub struct Cluster {
    binaries: Binaries,
    user: ServerUser,
    kind: Kind,
    /// The folder that was asked for; holds the lock.
    folder: PathBuf,
    /// Where the data stand: `folder`, unless the server's user cannot reach it.
    home: PathBuf,
    socket: PathBuf,
}

impl Cluster {
    /// The cluster in `folder`, made when it does not exist and started when it does not run.
    ///
    /// A new one holds the database [`DATABASE`], owned by [`OWNER`], and the role [`APP`]. It is made in
    /// `data.new` and renamed when whole, so that a start that was killed half-way leaves nothing but a
    /// folder that the next one sweeps. Starters of one folder wait for each other.
    ///
    /// # Errors
    /// Any [`ClusterError`]; each names its remedy.
    pub fn open(binaries: &Binaries, folder: &Path, kind: Kind) -> Result<Self, ClusterError> {
        let user = ServerUser::find()?;
        let folder = home::make(folder)?;
        let lock = Lock::take(&folder)?;
        let home = home::claim(&folder, user, kind)?;
        let mut cluster = Self {
            binaries: binaries.clone(),
            user,
            kind,
            socket: home::socket_folder(&home),
            folder,
            home,
        };
        if cluster.data().is_dir() {
            cluster.recognise()?;
            if cluster.kind != kind {
                return Err(ClusterError::OtherKind {
                    folder: cluster.folder,
                    found: cluster.kind.name(),
                    asked: kind.name(),
                });
            }
        } else {
            cluster.init(&lock)?;
        }
        cluster.start(&lock)?;
        Ok(cluster)
    }

    /// The cluster that `folder` already holds, as it is, without starting it; none when there is none.
    ///
    /// # Errors
    /// [`ClusterError::OtherVersion`] when no programs can read it, [`ClusterError::Io`].
    pub fn existing(binaries: &Binaries, folder: &Path) -> Result<Option<Self>, ClusterError> {
        let Ok(folder) = fs::canonicalize(folder) else {
            return Ok(None);
        };
        let Some(home) = home::known(&folder).filter(|home| home.join("data").is_dir()) else {
            return Ok(None);
        };
        let mut cluster = Self {
            binaries: binaries.clone(),
            user: ServerUser::find()?,
            kind: Kind::Kept,
            socket: home::socket_folder(&home),
            folder,
            home,
        };
        cluster.recognise()?;
        Ok(Some(cluster))
    }

    /// Stops the server and waits until it has ended; one that is stopped is left alone. A kept cluster ends
    /// its sessions and writes a checkpoint, a throw-away one just ends.
    ///
    /// # Errors
    /// [`ClusterError::Tool`] when it does not end within a minute.
    pub fn stop(&self) -> Result<(), ClusterError> {
        let lock = Lock::take(&self.folder)?;
        if !self.takes_connections() {
            return Ok(());
        }
        let mode = match self.kind {
            Kind::Kept => "fast",
            Kind::ThrowAway => "immediate",
        };
        let mut stop = self.pg_ctl("stop");
        stop.args(["-m", mode]);
        self.run("pg_ctl stop", &mut stop, &lock)
    }

    /// Stops a throw-away cluster and removes its data.
    ///
    /// # Errors
    /// [`ClusterError::OtherKind`] for a kept cluster, whose data are never removed from here.
    pub fn discard(self) -> Result<(), ClusterError> {
        if self.kind != Kind::ThrowAway {
            return Err(ClusterError::OtherKind {
                folder: self.folder,
                found: self.kind.name(),
                asked: Kind::ThrowAway.name(),
            });
        }
        self.stop()?;
        home::sweep(&self.home)?;
        home::sweep(&self.socket)?;
        home::sweep(&self.folder)
    }

    /// Whether the server takes connections. A stale process file of a killed server does not count.
    pub fn status(&self) -> Status {
        match pid_in(&self.pid_file()) {
            Some(pid) if self.takes_connections() => Status::Running { pid },
            _ => Status::Stopped,
        }
    }

    /// What the cluster is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The folder of the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket
    }

    /// The file the server writes its log to.
    pub fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// URL for a role in a database of this cluster, over its socket; understood by libpq and tokio-postgres.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{}@/{}?host={}&port={}",
            encode(role.as_bytes()),
            encode(database.as_bytes()),
            encode(self.socket.as_os_str().as_bytes()),
            settings::PORT
        )
    }

    /// URL for the superuser in the database `postgres`.
    pub fn superuser_url(&self) -> String {
        self.url(SUPERUSER, "postgres")
    }

    /// `psql` as `role` in `database`: the one beside the server's programs, else the one in `PATH`.
    pub fn psql(&self, role: &str, database: &str) -> Command {
        let mut command = Command::new(self.binaries.client("psql"));
        command.arg(self.url(role, database));
        command
    }

    /// The programs that fit this cluster's data.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Takes kind and programs from what the data folder says about itself.
    fn recognise(&mut self) -> Result<(), ClusterError> {
        let conf = self.data().join("jtc.conf");
        let text = fs::read_to_string(&conf).map_err(io("reading", &conf))?;
        self.kind = settings::kind_of(&text);
        self.binaries = self.binaries.that_read(&self.data())?;
        Ok(())
    }

    fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// The only true sign of life: the socket of a killed server stands there still, but refuses.
    fn takes_connections(&self) -> bool {
        UnixStream::connect(self.socket_file("")).is_ok()
    }

    fn socket_file(&self, ending: &str) -> PathBuf {
        self.socket
            .join(format!(".s.PGSQL.{}{ending}", settings::PORT))
    }

    fn pg_ctl(&self, deed: &str) -> Command {
        let mut command = self.command("pg_ctl");
        command.args([deed, "-s", "-w", "-t", "60", "-D"]);
        command.arg(self.data());
        command
    }

    fn command(&self, name: &str) -> Command {
        self.user.command(&self.binaries.program(name), &self.home)
    }

    /// Runs a program that keeps the lock for as long as it lives, even when we are killed meanwhile.
    fn run(
        &self,
        tool: &'static str,
        command: &mut Command,
        lock: &Lock,
    ) -> Result<(), ClusterError> {
        let stdin = lock
            .share()
            .map_err(io("sharing the lock of", &self.folder))?;
        let output = command
            .stdin(stdin)
            .output()
            .map_err(io("running", self.binaries.folder()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(ClusterError::Tool {
            tool,
            output: String::from_utf8_lossy(&said).trim().to_owned(),
        })
    }
}

/// The process id in the first line of one of PostgreSQL's lock files.
fn pid_in(file: &Path) -> Option<u32> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// Percent-encodes everything but letters, digits and `-._~`, which all parts of a URL take as they are.
fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(*byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
