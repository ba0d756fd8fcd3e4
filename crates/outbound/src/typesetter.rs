//! Documents, set in a process of its own for each, and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use moka::future::Cache;
use serde_json::{Value, json};
use service::ports::{Deed, FileFault, FileStore, TypesetFault, Typesetter};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::child::{Ended, Program};

/// The longest PDF, in bytes: the annexes of a proposal are in it.
const LONGEST: u64 = 1 << 28;

/// Bytes of the PDFs that are kept because somebody may ask for the same one again: the reviewers of a proposal do.
const KEPT: u64 = 1 << 26;

/// A PDF that nobody asks for is given up after so long.
const IDLE: Duration = Duration::from_secs(600);

/// So many ask at once; each may hold a document with its files.
const ASKING: usize = 16;

/// A file that a document names: its hash, and its bytes.
type Named = (String, Vec<u8>);

/// Starts a program for each document, which does as `typeset::main` does.
pub struct ChildTypesetter {
    program: Program,
    files: Arc<dyn FileStore>,
    asking: Semaphore,
    /// PDFs under the hash of what they were set from: the same order gives the same bytes.
    kept: Cache<[u8; 32], Bytes>,
}

impl ChildTypesetter {
    /// Sets documents with this program, with files from this store.
    pub fn new(program: Program, files: Arc<dyn FileStore>) -> ChildTypesetter {
        let bytes = |_: &[u8; 32], pdf: &Bytes| u32::try_from(pdf.len()).unwrap_or(u32::MAX);
        let kept = Cache::builder().weigher(bytes).max_capacity(KEPT);
        ChildTypesetter {
            program,
            files,
            asking: Semaphore::new(ASKING),
            kept: kept.time_to_idle(IDLE).build(),
        }
    }

    async fn ask(
        &self,
        template: &str,
        document: Value,
        files: Vec<String>,
    ) -> Result<Bytes, TypesetFault> {
        let _place = self.asking.try_acquire().map_err(|_| TypesetFault::Busy)?;
        // The hashes vouch for the files.
        let asked = json!([template, document, files]).to_string();
        let key = Sha256::digest(asked).into();
        // Who asks for one that is being set waits for it.
        let set = self.set(template, &document, files);
        let pdf = self.kept.try_get_with(key, set).await;
        pdf.map_err(|fault| TypesetFault::clone(&fault))
    }

    async fn set(
        &self,
        template: &str,
        document: &Value,
        files: Vec<String>,
    ) -> Result<Bytes, TypesetFault> {
        if self.program.is_busy() {
            return Err(TypesetFault::Busy);
        }
        let mut named = Vec::new();
        for sha256 in files {
            let bytes = self.whole(&sha256).await?;
            named.push((sha256, bytes));
        }
        let order = order(template, document, &named);
        let ended = self.program.run(None, &order, LONGEST).await;
        match ended.map_err(|why| TypesetFault::Failed(why.to_string()))? {
            Ended::Answered(pdf) => Ok(pdf.into()),
            Ended::Died => Err(TypesetFault::TooHard),
        }
    }

    async fn whole(&self, sha256: &str) -> Result<Vec<u8>, TypesetFault> {
        let failed = |why: FileFault| TypesetFault::Failed(why.to_string());
        let found = self.files.get(sha256).await.map_err(failed)?;
        let gone = || TypesetFault::Failed("a file's bytes are gone".to_owned());
        let pieces: Vec<Bytes> = found
            .ok_or_else(gone)?
            .try_collect()
            .await
            .map_err(failed)?;
        Ok(pieces.concat())
    }
}

/// What to set, as one line of JSON, then the bytes of the files.
fn order(template: &str, document: &Value, files: &[Named]) -> Vec<u8> {
    let sizes: Vec<(&str, usize)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.len()))
        .collect();
    let line = json!({ "template": template, "document": document, "files": sizes });
    let mut order = format!("{line}\n").into_bytes();
    for (_, bytes) in files {
        order.extend_from_slice(bytes);
    }
    order
}

impl Typesetter for ChildTypesetter {
    fn typeset<'a>(
        &'a self,
        template: &'a str,
        document: Value,
        files: Vec<String>,
    ) -> Deed<'a, Bytes, TypesetFault> {
        Box::pin(self.ask(template, document, files))
    }
}
