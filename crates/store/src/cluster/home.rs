use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Kind;
use super::error::{ClusterError, io};
use super::user::ServerUser;

/// A socket's path is limited to 104 bytes on the narrowest system, of which `/.s.PGSQL.5432` takes 14 and a zero one.
const LONGEST_SOCKET_FOLDER: usize = 89;

/// In the asked folder, names the place where the data had to go instead.
const POINTER: &str = "elsewhere";

/// Two starters of one folder go one after the other. The lock is the kernel's and ends with its holders;
/// a child that inherits it as its stdin keeps it, so that an `initdb` whose starter was killed is waited for.
pub(super) struct Lock(File);

impl Lock {
    pub(super) fn take(folder: &Path) -> Result<Self, ClusterError> {
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(io("opening", &path))?;
        file.lock().map_err(io("locking", &path))?;
        Ok(Self(file))
    }

    /// Another handle of the same lock, for a child.
    pub(super) fn share(&self) -> std::io::Result<File> {
        self.0.try_clone()
    }
}

/// Makes `folder` where it is missing and gives its absolute path.
pub(super) fn make(folder: &Path) -> Result<PathBuf, ClusterError> {
    fs::create_dir_all(folder).map_err(io("making", folder))?;
    fs::canonicalize(folder).map_err(io("resolving", folder))
}

/// Where the data of `folder` stand, made private to the user of the server.
///
/// That is `folder` itself, unless root steps down to a user who cannot pass the folders above it (a clone
/// in `/root` is the usual case). Then it is a folder outside, and `folder` keeps its name: who deletes
/// `folder` starts afresh.
pub(super) fn claim(folder: &Path, user: ServerUser, kind: Kind) -> Result<PathBuf, ClusterError> {
    let home = match known(folder) {
        Some(home) => home,
        None if user.can_pass(folder.parent().unwrap_or(folder)) => folder.to_owned(),
        None if !user.steps_down() => folder.to_owned(),
        None => place_elsewhere(folder, kind)?,
    };
    fs::set_permissions(&home, Permissions::from_mode(0o700)).map_err(io("closing", &home))?;
    user.own(&home)?;
    Ok(home)
}

/// Where the data of `folder` stand when that is already settled.
pub(super) fn known(folder: &Path) -> Option<PathBuf> {
    if folder.join("data").is_dir() {
        return Some(folder.to_owned());
    }
    let home = PathBuf::from(fs::read_to_string(folder.join(POINTER)).ok()?.trim());
    home.is_dir().then_some(home)
}

fn place_elsewhere(folder: &Path, kind: Kind) -> Result<PathBuf, ClusterError> {
    let parent = match kind {
        Kind::Kept => Path::new("/var/lib/jtc"),
        Kind::ThrowAway => Path::new("/tmp"),
    };
    fs::create_dir_all(parent).map_err(io("making", parent))?;
    let home = parent.join(format!("cluster-{}", kernel::id::new().simple()));
    DirBuilder::new()
        .mode(0o700)
        .create(&home)
        .map_err(io("making", &home))?;
    let pointer = folder.join(POINTER);
    fs::write(&pointer, home.as_os_str().as_bytes()).map_err(io("writing", &pointer))?;
    Ok(home)
}

/// The folder of the socket: `home`, or a short one under `/tmp` when the path is too long for a socket.
pub(super) fn socket_folder(home: &Path) -> PathBuf {
    let bytes = home.as_os_str().as_bytes();
    if bytes.len() <= LONGEST_SOCKET_FOLDER {
        return home.to_owned();
    }
    let digest = hex::encode(Sha256::digest(bytes));
    Path::new("/tmp").join(format!("jtc-{}", &digest[..16]))
}

/// Makes the short folder, or makes sure that the one found there is ours: `/tmp` is open to everybody.
pub(super) fn prepare_socket_folder(socket: &Path, user: ServerUser) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(socket) {
        Ok(()) => user.own(socket)?,
        Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(fault) => return Err(io("making", socket)(fault)),
    }
    let meta = fs::symlink_metadata(socket).map_err(io("reading", socket))?;
    if meta.is_dir() && meta.uid() == user.uid() && meta.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(ClusterError::NotPrivate {
        path: socket.to_owned(),
    })
}

/// Removes what a killed start left behind. A backend that is still ending may write a file meanwhile, so
/// one more try is made.
pub(super) fn sweep(path: &Path) -> Result<(), ClusterError> {
    for last in [false, false, true] {
        match fs::remove_dir_all(path) {
            Ok(()) => return Ok(()),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(fault) if last => return Err(io("removing", path)(fault)),
            Err(_) => {}
        }
    }
    Ok(())
}
