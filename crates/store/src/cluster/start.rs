use std::fs;
use std::path::Path;
use std::time::Duration;

use super::error::{ClusterError, io};
use super::home::{self, Lock};
use super::{Cluster, pid_in, settings};

/// How often a start is tried again while the processes of a killed server are still ending.
const STARTS: u32 = 50;

impl Cluster {
    /// Starts the server and waits until it takes connections; one that does is left alone.
    pub(super) fn start(&self, lock: &Lock) -> Result<(), ClusterError> {
        if self.takes_connections() {
            return Ok(());
        }
        home::prepare_socket_folder(&self.socket, self.user)?;
        self.write_settings(&self.data())?;
        self.forget_strangers()?;
        let mut tries = 0;
        loop {
            tries += 1;
            let mut start = self.pg_ctl("start");
            start.arg("-l").arg(self.log());
            match self.run("pg_ctl start", &mut start, lock) {
                Ok(()) => return Ok(()),
                Err(ClusterError::Tool { tool, output }) => {
                    let log = self.end_of_log();
                    // What a killed server left needs a moment to notice that its first process is gone.
                    if tries < STARTS && log.contains("is still in use") {
                        std::thread::sleep(Duration::from_millis(100));
                        continue;
                    }
                    let output = format!("{output}\n{log}");
                    return Err(ClusterError::Tool { tool, output });
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// Removes the lock files of a killed server whose number belongs by now to a dead or a foreign process.
    /// PostgreSQL sees only that the number is taken and would refuse to start; a file whose number is free
    /// it handles itself.
    fn forget_strangers(&self) -> Result<(), ClusterError> {
        for file in [self.pid_file(), self.socket_file(".lock")] {
            if pid_in(&file).and_then(command_line).is_some_and(foreign) {
                fs::remove_file(&file).map_err(io("removing", &file))?;
            }
        }
        Ok(())
    }

    /// Starts a server that died: killed, out of memory, crashed. One that was stopped stays stopped, and one
    /// that runs is left alone. Answers whether it was started.
    ///
    /// # Errors
    /// Any [`ClusterError`] of a start; the next try may go better.
    pub fn revive(&self) -> Result<bool, ClusterError> {
        if !self.died() {
            return Ok(false);
        }
        let lock = Lock::take(&self.folder)?;
        // Whoever held the lock may have started or stopped it.
        if !self.died() {
            return Ok(false);
        }
        self.start(&lock)?;
        Ok(true)
    }

    /// Whether the server ended without having been stopped: it leaves its process file behind.
    fn died(&self) -> bool {
        let Some(pid) = pid_in(&self.pid_file()) else {
            return false;
        };
        !self.takes_connections() && command_line(pid).is_none_or(foreign)
    }

    fn end_of_log(&self) -> String {
        let bytes = fs::read(self.log()).unwrap_or_default();
        let from = bytes.len().saturating_sub(1500);
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }

    pub(super) fn write_settings(&self, data: &Path) -> Result<(), ClusterError> {
        let conf = data.join("jtc.conf");
        fs::write(&conf, settings::text(self.kind, &self.socket)).map_err(io("writing", &conf))?;
        self.user.own(&conf)
    }
}

/// The command line of a process, where the system shows it; of a dead process that nobody has waited for
/// it is empty.
fn command_line(pid: u32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a command line is another program's than PostgreSQL's.
fn foreign(command_line: String) -> bool {
    !command_line.contains("postgres")
}
