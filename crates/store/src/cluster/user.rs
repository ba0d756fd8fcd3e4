use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::{ClusterError, io};

/// Whom the server runs as. PostgreSQL refuses root, so root steps down to `postgres` or else `nobody`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServerUser {
    uid: u32,
    /// The group to step down to; none when we are an ordinary user and stay who we are.
    step_down: Option<u32>,
}

impl ServerUser {
    pub(super) fn find() -> Result<Self, ClusterError> {
        match id(&["-u"])? {
            Some(0) => {}
            Some(uid) => {
                return Ok(Self {
                    uid,
                    step_down: None,
                });
            }
            None => return Err(ClusterError::NoUser),
        }
        for name in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id(&["-u", name])?, id(&["-g", name])?) {
                return Ok(Self {
                    uid,
                    step_down: Some(gid),
                });
            }
        }
        Err(ClusterError::NoUser)
    }

    pub(super) fn uid(self) -> u32 {
        self.uid
    }

    pub(super) fn steps_down(self) -> bool {
        self.step_down.is_some()
    }

    /// A command that runs as this user, in `folder`, with nothing of our environment: a stray `PGDATA`,
    /// `PGPORT` or `LC_ALL` must not reach the server. The standard library drops the supplementary groups
    /// of root when it changes the user.
    pub(super) fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(folder)
            .stdin(Stdio::null());
        if let Some(gid) = self.step_down {
            command.uid(self.uid).gid(gid);
        }
        command
    }

    /// Gives `path` to this user.
    pub(super) fn own(self, path: &Path) -> Result<(), ClusterError> {
        match self.step_down {
            Some(gid) => chown(path, Some(self.uid), Some(gid)).map_err(io("giving away", path)),
            None => Ok(()),
        }
    }

    /// Whether this user can pass through `folder` and all folders above it.
    pub(super) fn can_pass(self, folder: &Path) -> bool {
        self.command(Path::new("test"), Path::new("/"))
            .arg("-x")
            .arg(folder)
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// The number that `id` prints, or none when there is no such user.
fn id(arguments: &[&str]) -> Result<Option<u32>, ClusterError> {
    let output = Command::new("id")
        .args(arguments)
        .output()
        .map_err(io("running", Path::new("id")))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
