use std::path::{Path, PathBuf};

/// Why a private cluster could not be found, made, started or stopped. Each text ends with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No folder holds `initdb`, `pg_ctl` and `postgres` together.
    #[error(
        "no PostgreSQL server found (looked for initdb, pg_ctl and postgres together in {looked}). \
         Install it (Debian 12: `apt-get install postgresql-15`, elsewhere the package `postgresql`), \
         or name the folder of its programs in `database.pg_bin`, or use a server of your own with `database.url`"
    )]
    NoBinaries {
        /// The folders that were searched, separated by commas.
        looked: String,
    },
    /// The programs are older than what the migrations and the tests rely on.
    #[error(
        "{} is PostgreSQL {major}, and {least} is the oldest that serves here. \
         Install a newer one (`apt-get install postgresql`), or set `database.url`", folder.display()
    )]
    TooOld {
        /// Folder of the programs.
        folder: PathBuf,
        /// Their major version.
        major: u32,
        /// The oldest major version that is accepted.
        least: u32,
    },
    /// The data were written by another major version than any that is installed.
    #[error(
        "{} was made by PostgreSQL {wanted}, and the programs found are of {found}. \
         Install `postgresql-{wanted}`, or name its programs in `database.pg_bin`; \
         to move the data to {found}, dump them with {wanted} and load them into a new folder", data.display()
    )]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// Major version that wrote it.
        wanted: String,
        /// Major version that was found.
        found: u32,
    },
    /// PostgreSQL refuses to run as root, and there is nobody to run it as.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody` to run it as. \
         Make one (`useradd --system postgres`), or start this program as an ordinary user"
    )]
    NoUser,
    /// A kept cluster was opened as a throw-away one, or the other way round.
    #[error(
        "{} holds a {found} cluster and was opened as {asked}. \
         Use another folder: a kept cluster must not lose its fsync, and a throw-away one has none", folder.display()
    )]
    OtherKind {
        /// The folder of the cluster.
        folder: PathBuf,
        /// What it holds.
        found: &'static str,
        /// What was asked for.
        asked: &'static str,
    },
    /// The short folder for the socket belongs to somebody else or is open to others.
    #[error(
        "{} must be a folder of mode 0700 that belongs to the user of the server, and is not. \
         Remove it, or choose a data folder with a shorter path", path.display()
    )]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
    /// A program of PostgreSQL failed.
    #[error("{tool} failed: {output}")]
    Tool {
        /// Name of the program.
        tool: &'static str,
        /// What it said, and the end of the server's log where there is one.
        output: String,
    },
    /// A file, a folder or a process could not be used.
    #[error("{doing} {}: {source}. Run as the user who made the folder, or choose another", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
}

/// Gives an I/O error the words it lacks: what was done, and to what.
pub(super) fn io(
    doing: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> ClusterError + use<> {
    let path = path.to_owned();
    move |source| ClusterError::Io {
        doing,
        path,
        source,
    }
}
