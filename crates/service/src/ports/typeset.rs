//! Documents for people to read and to keep.

use bytes::Bytes;
use serde_json::Value;

use super::Deed;

/// Why a document was not set.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TypesetFault {
    /// Too many are being set; try again in a while.
    #[error("too many documents are being set")]
    Busy,
    /// The memory or the time that there is for one was not enough, or a file in it could not be read.
    #[error("the document could not be set")]
    TooHard,
    /// It could not be tried.
    #[error("documents cannot be set: {0}")]
    Failed(String),
}

/// Sets documents as PDF.
pub trait Typesetter: Send + Sync {
    /// Sets a document with a template of `config/pdf`. `files` are the hashes of the kept files that the document
    /// names. The same document gives the same bytes.
    fn typeset<'a>(
        &'a self,
        template: &'a str,
        document: Value,
        files: Vec<String>,
    ) -> Deed<'a, Bytes, TypesetFault>;
}
