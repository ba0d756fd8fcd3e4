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
            let Some(pid) = pid_in(&file) else { continue };
            let Ok(command_line) = fs::read(format!("/proc/{pid}/cmdline")) else {
                continue;
            };
            // The command line of a dead process that nobody has waited for is empty.
            if !String::from_utf8_lossy(&command_line).contains("postgres") {
                fs::remove_file(&file).map_err(io("removing", &file))?;
            }
        }
        Ok(())
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
