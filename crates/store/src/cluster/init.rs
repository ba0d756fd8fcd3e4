use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::{ClusterError, io};
use super::home::{self, Lock};
use super::roles::{APP, DATABASE, OWNER, grant_sql};
use super::{Cluster, Kind, SUPERUSER};

impl Cluster {
    /// Makes the data folder with its roles and its database, whole or not at all.
    pub(super) fn init(&self, lock: &Lock) -> Result<(), ClusterError> {
        let new = self.home.join("data.new");
        home::sweep(&new)?;
        self.run("initdb", &mut self.initdb(&new), lock)?;
        self.write_settings(&new)?;
        let conf = new.join("postgresql.conf");
        fs::OpenOptions::new()
            .append(true)
            .open(&conf)
            .and_then(|mut file| file.write_all(b"\ninclude = 'jtc.conf'\n"))
            .map_err(io("writing", &conf))?;
        self.single_user(
            &new,
            "postgres",
            &format!("create role {OWNER} login;\n\ncreate database {DATABASE} owner {OWNER};\n\n"),
        )?;
        self.single_user(&new, DATABASE, &grant_sql(DATABASE, OWNER, APP))?;
        fs::rename(&new, self.data()).map_err(io("renaming", &new))?;
        fs::File::open(&self.home)
            .and_then(|home| home.sync_all())
            .map_err(io("syncing", &self.home))
    }

    /// Sorts by code point on every machine alike, but folds the case of all letters, not of ASCII alone.
    pub(super) fn initdb(&self, new: &Path) -> Command {
        let mut initdb = self.command("initdb");
        initdb
            .arg("-D")
            .arg(new)
            .args(["-U", SUPERUSER, "--encoding=UTF8", "--locale=C"])
            .args(["--lc-ctype=C.UTF-8", "--data-checksums"])
            .args(["--auth-local=trust", "--auth-host=reject"]);
        if self.kind == Kind::ThrowAway {
            initdb.arg("--no-sync");
        }
        initdb
    }

    /// Runs statements, parted by empty lines, before the server has ever been started.
    fn single_user(&self, data: &Path, database: &str, sql: &str) -> Result<(), ClusterError> {
        let program = self.binaries.program("postgres");
        let mut child = self
            .command("postgres")
            .args(["--single", "-j", "-c", "exit_on_error=on", "-D"])
            .arg(data)
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io("running", &program))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin
                .write_all(sql.as_bytes())
                .map_err(io("writing to", &program))?;
        }
        let output = child.wait_with_output().map_err(io("running", &program))?;
        if output.status.success() {
            return Ok(());
        }
        Err(ClusterError::Tool {
            tool: "postgres --single",
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
