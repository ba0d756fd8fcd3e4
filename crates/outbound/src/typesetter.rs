//! Documents, set in a process of its own for each, and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::{Value, json};
use service::ports::{Deed, TypesetFault, Typesetter};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::child::{Ended, Program};

/// The longest PDF, in bytes: the annexes of a proposal are in it.
const LONGEST: u64 = 1 << 28;

/// Bytes of the PDFs that are kept because somebody may ask for the same one again: the reviewers of a proposal do.
const KEPT: u64 = 1 << 26;

/// A PDF that nobody asks for is given up after so long.
const IDLE: Duration = Duration::from_secs(600);

/// So many ask at once; each holds the files of its document meanwhile.
const ASKING: usize = 16;

/// Starts a program for each document, which does as `typeset::main` does.
pub struct ChildTypesetter {
    program: Program,
    asking: Semaphore,
    /// PDFs under the hash of what they were set from: the same order gives the same bytes.
    kept: Cache<[u8; 32], Arc<[u8]>>,
}

impl ChildTypesetter {
    /// Sets documents with this program.
    pub fn new(program: Program) -> ChildTypesetter {
        let bytes = |_: &[u8; 32], pdf: &Arc<[u8]>| u32::try_from(pdf.len()).unwrap_or(u32::MAX);
        let kept = Cache::builder().weigher(bytes).max_capacity(KEPT);
        ChildTypesetter {
            program,
            asking: Semaphore::new(ASKING),
            kept: kept.time_to_idle(IDLE).build(),
        }
    }

    async fn ask(
        &self,
        template: &str,
        document: Value,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<Vec<u8>, TypesetFault> {
        let _place = self.asking.try_acquire().map_err(|_| TypesetFault::Busy)?;
        // Files are named by their hashes, so the line vouches for them too.
        let line = line(template, &document, &files);
        let key = Sha256::digest(&line).into();
        // Who asks for one that is being set waits for it.
        let pdf = self.kept.try_get_with(key, self.set(line, files)).await;
        Ok(pdf.map_err(|fault| TypesetFault::clone(&fault))?.to_vec())
    }

    async fn set(
        &self,
        line: String,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<Arc<[u8]>, TypesetFault> {
        if self.program.is_busy() {
            return Err(TypesetFault::Busy);
        }
        let mut order = line.into_bytes();
        for (_, bytes) in files {
            order.extend_from_slice(&bytes);
        }
        let ended = self.program.run(None, &order, LONGEST).await;
        match ended.map_err(|why| TypesetFault::Failed(why.to_string()))? {
            Ended::Answered(pdf) => Ok(pdf.into()),
            Ended::Died => Err(TypesetFault::TooHard),
        }
    }
}

/// What to set, as one line of JSON; the bytes of the files come after it.
fn line(template: &str, document: &Value, files: &[(String, Vec<u8>)]) -> String {
    let sizes: Vec<(&str, usize)> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.len()))
        .collect();
    let line = json!({ "template": template, "document": document, "files": sizes });
    format!("{line}\n")
}

impl Typesetter for ChildTypesetter {
    fn typeset<'a>(
        &'a self,
        template: &'a str,
        document: Value,
        files: Vec<(String, Vec<u8>)>,
    ) -> Deed<'a, Vec<u8>, TypesetFault> {
        Box::pin(self.ask(template, document, files))
    }
}
