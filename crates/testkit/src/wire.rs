//! A wire between the server and PostgreSQL that lets row locks fall out of the queries, so that a test can
//! show that it would notice if the locks were missing. The product has no such switch.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// The clauses that lock rows, as diesel writes them.
const LOCKS: [&[u8]; 4] = [
    b" FOR UPDATE",
    b" FOR NO KEY UPDATE",
    b" FOR SHARE",
    b" FOR KEY SHARE",
];

/// The name of PostgreSQL's socket in a folder; the clusters all use its usual port.
const SOCKET: &str = ".s.PGSQL.5432";

/// A socket in a folder of its own, behind which stands the cluster without row locks. It ends with this value.
pub struct Wire {
    folder: TempDir,
    listener: JoinHandle<()>,
}

impl Wire {
    /// Listens for connections to the cluster whose socket is in `cluster`. What locks rows of these tables loses its
    /// locks; where none is named, every query does.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn without_locks(cluster: &Path, tables: &'static [&'static str]) -> Result<Wire> {
        let folder = tempfile::tempdir().context("a folder for the socket")?;
        let listener = UnixListener::bind(folder.path().join(SOCKET)).context("listening")?;
        let server = cluster.join(SOCKET);
        let listener = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = server.clone();
                // Either side hanging up ends the connection; the other side notices.
                tokio::spawn(async move { carry(client, server, tables).await });
            }
        });
        Ok(Wire { folder, listener })
    }

    /// Where the socket is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn carry(client: UnixStream, server: PathBuf, tables: &'static [&'static str]) -> Result<()> {
    let server = UnixStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async move { tokio::io::copy(&mut from_server, &mut to_client).await };
    let questions = async move {
        // The first message has no type.
        let mut typed = false;
        loop {
            let message = read(&mut from_client, typed, tables).await?;
            typed = true;
            to_server.write_all(&message).await?;
        }
    };
    tokio::select! {
        done = answers => Ok(done.map(|_| ())?),
        done = questions => done,
    }
}

/// The next message of the client, without locks of these tables in it.
async fn read(
    from: &mut (impl AsyncReadExt + Unpin),
    typed: bool,
    tables: &[&str],
) -> Result<Vec<u8>> {
    let head = if typed { 5 } else { 4 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).await?;
    let mut length = [0; 4];
    length.copy_from_slice(&message[head - 4..]);
    // The length counts itself, but not the type before it.
    let whole = head - 4 + usize::try_from(u32::from_be_bytes(length))?;
    message.resize(whole.max(head), 0);
    from.read_exact(&mut message[head..]).await?;
    if typed && matches!(message[0], b'P' | b'Q') && asks_of(&message, tables) {
        unlock(&mut message);
    }
    Ok(message)
}

/// Whether a query reads one of these tables first of all, or any where none is named.
fn asks_of(message: &[u8], tables: &[&str]) -> bool {
    let reads = |table: &&str| {
        let from = format!(" FROM \"{table}\" ").into_bytes();
        message.windows(from.len()).any(|part| part == from)
    };
    tables.is_empty() || tables.iter().any(reads)
}

/// Overwrites the locks in a query's text with as many spaces.
fn unlock(message: &mut [u8]) {
    for at in 0..message.len() {
        for lock in LOCKS {
            if message[at..].starts_with(lock) {
                message[at..at + lock.len()].fill(b' ');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, text].concat()
    }

    #[tokio::test]
    async fn only_locks_in_queries_are_taken_out() {
        let message = |kind: u8| message(kind, b"select 1 from a FOR NO KEY UPDATE");
        let query = read(&mut message(b'Q').as_slice(), true, &[])
            .await
            .unwrap();
        assert_eq!(query.len(), message(b'Q').len());
        assert!(query.ends_with(b"select 1 from a                  "));
        // What a query is given as a value stays as it is.
        let bound = read(&mut message(b'B').as_slice(), true, &[])
            .await
            .unwrap();
        assert_eq!(bound, message(b'B'));
        let mut first = &message(b'Q')[1..];
        let first = read(&mut first, false, &[]).await.unwrap();
        assert!(first.ends_with(b"UPDATE"));
    }

    #[tokio::test]
    async fn where_tables_are_named_the_locks_of_others_stay() {
        let of = |table: &str| {
            let text = format!("SELECT \"{table}\".\"id\" FROM \"{table}\" WHERE true  FOR UPDATE");
            message(b'P', text.as_bytes())
        };
        for (table, stays) in [("call", false), ("stage", true), ("call_version", true)] {
            let sent = of(table);
            let query = read(&mut sent.as_slice(), true, &["call", "participation"])
                .await
                .unwrap();
            assert_eq!(query == sent, stays, "{table}");
        }
    }
}
