use std::path::Path;

use super::Kind;

/// The setting a throw-away cluster carries and no other: it may lose data, and says so.
pub(super) const MARKER: &str = "jtc.throw_away";

/// The port names the socket's file; nothing listens on TCP.
pub(super) const PORT: u16 = 5432;

/// Text of `jtc.conf`, which `postgresql.conf` includes. Written anew at each start, so that a cluster that
/// was moved or made by an older version gets the settings of today.
pub(super) fn text(kind: Kind, socket: &Path) -> String {
    let socket = socket.display().to_string().replace('\'', "''");
    let common = format!(
        "# Written at each start; changes are lost.\n\
         listen_addresses = ''\n\
         port = {PORT}\n\
         unix_socket_directories = '{socket}'\n\
         unix_socket_permissions = 0700\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         log_min_messages = warning\n\
         jit = off\n"
    );
    // A kept cluster is small, for an idle laptop, and never gives up durability.
    // A throw-away one serves many test processes at once and never waits for a disk.
    let own = match kind {
        Kind::Kept => {
            "fsync = on\n\
             synchronous_commit = on\n\
             full_page_writes = on\n\
             max_connections = 60\n\
             shared_buffers = 32MB\n\
             max_wal_size = 256MB\n"
        }
        Kind::ThrowAway => {
            "fsync = off\n\
             wal_level = minimal\n\
             max_wal_senders = 0\n\
             synchronous_commit = off\n\
             full_page_writes = off\n\
             max_connections = 200\n\
             shared_buffers = 64MB\n\
             max_wal_size = 1GB\n\
             max_locks_per_transaction = 128\n"
        }
    };
    match kind {
        Kind::Kept => common + own,
        Kind::ThrowAway => format!("{common}{MARKER} = on\n{own}"),
    }
}

/// Which kind a text of `jtc.conf` belongs to.
pub(super) fn kind_of(text: &str) -> Kind {
    if text.lines().any(|line| line.starts_with(MARKER)) {
        Kind::ThrowAway
    } else {
        Kind::Kept
    }
}
