//! Files: while they are uploaded, looked at, and kept.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use kernel::Fault;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

use super::Deed;

/// The bytes of a file, piece by piece, so that no file is ever in memory as a whole.
pub type FileStream = Pin<Box<dyn Stream<Item = Result<Bytes, FileFault>> + Send>>;

/// SHA-256 of a stream, in hexadecimal.
///
/// # Errors
///
/// The stream's own.
pub async fn sha256(mut bytes: FileStream) -> Result<String, FileFault> {
    let mut hash = Sha256::new();
    while let Some(piece) = bytes.next().await {
        hash.update(&piece?);
    }
    Ok(hex::encode(hash.finalize()))
}

/// Why a file could not be read or kept: the disk is full, the store does not answer. Never for the client.
#[derive(Debug, thiserror::Error)]
#[error("files: {0}")]
pub struct FileFault(pub String);

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its SHA-256, in hexadecimal; that is its name.
    pub sha256: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Keeps whole files under their SHA-256, so that the same bytes are kept once.
pub trait FileStore: Send + Sync {
    /// Keeps a file; returns when it outlives a loss of power. What is there already stays.
    fn put<'a>(&'a self, sha256: &'a str, bytes: FileStream) -> Deed<'a, (), FileFault>;
    /// The bytes, or nothing.
    fn get<'a>(&'a self, sha256: &'a str) -> Deed<'a, Option<FileStream>, FileFault>;
    /// Whether there is such a file.
    fn has<'a>(&'a self, sha256: &'a str) -> Deed<'a, bool, FileFault>;
    /// Removes a file, if it is there.
    fn delete<'a>(&'a self, sha256: &'a str) -> Deed<'a, (), FileFault>;
    /// All files.
    fn list(&self) -> Deed<'_, Vec<Kept>, FileFault>;
}

/// What became of the bytes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many bytes of the file are there now, safe from a loss of power.
    pub until: u64,
    /// More came than the file is to have; nothing of this request counts.
    pub too_many: bool,
}

/// Keeps what has come of files that are still uploaded.
pub trait Parts: Send + Sync {
    /// Writes what comes from `from` on, at most up to `most`, until `bytes` ends or nothing comes for a while.
    fn write(
        &self,
        part: Uuid,
        from: u64,
        most: u64,
        bytes: Receiver<Bytes>,
    ) -> Deed<'_, Written, FileFault>;
    /// The bytes that are there.
    fn read(&self, part: Uuid) -> Deed<'_, FileStream, FileFault>;
    /// Removes it, if it is there.
    fn discard(&self, part: Uuid) -> Deed<'_, (), FileFault>;
    /// The parts that are there.
    fn list(&self) -> Deed<'_, Vec<Uuid>, FileFault>;
}

/// What came of looking at a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken.
    Sound {
        /// What it is, by its bytes.
        media_type: String,
        /// How many pages a PDF has.
        pages: Option<i32>,
    },
    /// It is not: what is wrong with it, and how to mend it.
    Refused(Fault),
}

/// Looks at files that may be hostile.
pub trait FileChecker: Send + Sync {
    /// Looks at an uploaded part. A file that takes too long, or makes its reader fail, is refused.
    fn check(&self, part: Uuid) -> Deed<'_, Verdict, FileFault>;
}

/// The ports for files together, with what the operator allows.
#[derive(Clone)]
pub struct Files {
    /// Where whole files are.
    pub store: Arc<dyn FileStore>,
    /// Where parts are.
    pub parts: Arc<dyn Parts>,
    /// Who looks at them.
    pub checker: Arc<dyn FileChecker>,
    /// The largest file, in bytes.
    pub file_max: u64,
    /// What all files of one proposal may have together, in bytes.
    pub proposal_max: u64,
}
