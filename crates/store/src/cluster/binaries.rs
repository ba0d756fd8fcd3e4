use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{ClusterError, io};

/// The oldest major version accepted: Debian 12 carries it, and the schema `public` is the owner's from it on.
pub const LEAST_MAJOR: u32 = 15;

/// Where Debian and its children put each major version in a folder of its own.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The server programs of one PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the programs: in `explicit` alone when given, else Debian's folders, newest first, else along `path`.
    ///
    /// A folder counts when it holds `initdb`, `pg_ctl` **and** `postgres`: links to single programs are
    /// often all that `/usr/local/bin` has. `path` is the value of `PATH`, passed in because only the binary
    /// reads the environment.
    ///
    /// # Errors
    /// [`ClusterError::NoBinaries`] when no folder has all three, [`ClusterError::TooOld`] below version 15.
    pub fn find(explicit: Option<&Path>, path: Option<&OsStr>) -> Result<Self, ClusterError> {
        let candidates: Vec<PathBuf> = match explicit {
            Some(folder) => vec![folder.to_owned()],
            None => debian_folders()
                .into_iter()
                .chain(path.into_iter().flat_map(std::env::split_paths))
                .collect(),
        };
        match candidates.iter().find(|folder| is_complete(folder)) {
            Some(folder) => Self::at(folder),
            None => Err(ClusterError::NoBinaries {
                looked: looked(explicit),
            }),
        }
    }

    /// The programs in exactly this folder.
    fn at(folder: &Path) -> Result<Self, ClusterError> {
        let postgres = folder.join("postgres");
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(io("running", &postgres))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let major = major_of(&said).ok_or_else(|| ClusterError::Tool {
            tool: "postgres --version",
            output: format!("{said}{}", String::from_utf8_lossy(&output.stderr)),
        })?;
        if major < LEAST_MAJOR {
            return Err(ClusterError::TooOld {
                folder: folder.to_owned(),
                major,
                least: LEAST_MAJOR,
            });
        }
        Ok(Self {
            folder: folder.to_owned(),
            major,
        })
    }

    /// These programs, or those of the version that wrote `data`: after an upgrade of the system the newest
    /// is no longer the one that can read what is there.
    pub(super) fn that_read(&self, data: &Path) -> Result<Self, ClusterError> {
        let file = data.join("PG_VERSION");
        let text = std::fs::read_to_string(&file).map_err(io("reading", &file))?;
        let wanted = text.trim();
        if wanted == self.major.to_string() {
            return Ok(self.clone());
        }
        let beside = Path::new(DEBIAN).join(wanted).join("bin");
        if is_complete(&beside) {
            return Self::at(&beside);
        }
        Err(ClusterError::OtherVersion {
            data: data.to_owned(),
            wanted: wanted.to_owned(),
            found: self.major,
        })
    }

    /// Folder of the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Major version, for example 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// A client's program such as `pg_dump`: the one beside the server's programs, else the one in `PATH`.
    pub fn client(&self, name: &str) -> PathBuf {
        let beside = self.program(name);
        if beside.is_file() {
            beside
        } else {
            PathBuf::from(name)
        }
    }

    /// Path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The major version in the answer to `--version`: `postgres (PostgreSQL) 15.8 (Debian ...)`.
fn major_of(said: &str) -> Option<u32> {
    let number = said.split_whitespace().nth(2)?;
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn debian_folders() -> Vec<PathBuf> {
    let mut versions: Vec<u32> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
        .into_iter()
        .map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin"))
        .collect()
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| {
        std::fs::metadata(folder.join(name))
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    })
}

fn looked(explicit: Option<&Path>) -> String {
    match explicit {
        Some(folder) => folder.display().to_string(),
        None => format!("{DEBIAN}/*/bin, PATH"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_only_some_programs_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("initdb"), "").unwrap();
        let fault = Binaries::find(Some(folder.path()), None).unwrap_err();
        let said = fault.to_string();
        assert!(
            said.contains("postgresql-15") && said.contains("database.url"),
            "{said}"
        );
        assert!(
            said.contains(&folder.path().display().to_string()),
            "{said}"
        );
    }

    #[test]
    fn an_old_server_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["initdb", "pg_ctl", "postgres"] {
            let file = folder.path().join(name);
            std::fs::write(&file, "#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let fault = Binaries::find(Some(folder.path()), None).unwrap_err();
        assert!(
            matches!(fault, ClusterError::TooOld { major: 13, .. }),
            "{fault}"
        );
    }

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.8 (Debian 15.8-0)"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major_of("something else"), None);
    }
}
