//! What was submitted to a call, as files in a folder: each version's canonical JSON as `SHA-256.json`, and the
//! figures and annexes that versions name as `SHA-256`. Beside a record or a receipt it shows that what is
//! kept is what was submitted.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result};
use futures::TryStreamExt;
use intake::{Content, SignedReceipt, submission};
use service::Service;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::server::plain;

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct Archive {
    /// Versions that receipts name.
    pub versions: BTreeSet<String>,
    /// Files that those versions name.
    pub files: BTreeSet<String>,
    /// What is missing or was changed.
    pub faults: Vec<String>,
}

/// Writes all submitted versions of a call with their files into a folder, which is made where there is none.
pub async fn write(service: &Service, call: Uuid, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut files = BTreeSet::new();
    let versions = service::intake::submitted_versions(service, call).await;
    for (id, sha256) in versions.map_err(plain)? {
        let content = service::intake::submitted_content(service, id).await;
        let content = content.map_err(plain)?;
        files.extend(content.annexes.values().map(|annex| annex.file.clone()));
        let path = folder.join(format!("{sha256}.json"));
        std::fs::write(&path, submission::canonical(&content))
            .with_context(|| format!("writing {}", path.display()))?;
    }
    for sha256 in files {
        copy(service, &sha256, &folder.join(&sha256)).await?;
    }
    Ok(())
}

/// A file that is gone is left out: whoever checks the folder finds it missing.
async fn copy(service: &Service, sha256: &str, to: &Path) -> Result<()> {
    let Some(mut bytes) = service::intake::kept_file(service, sha256)
        .await
        .map_err(plain)?
    else {
        return Ok(());
    };
    let mut file = BufWriter::new(File::create(to)?);
    while let Some(piece) = bytes.try_next().await? {
        file.write_all(&piece)?;
    }
    file.flush()
        .with_context(|| format!("writing {}", to.display()))
}

/// Whether the folder holds what these receipts were given for, to the byte.
pub fn check(receipts: &[SignedReceipt], folder: &Path) -> Archive {
    let mut archive = Archive::default();
    for signed in receipts {
        let receipt = &signed.receipt;
        let place = format!("version {} of {}", receipt.version, receipt.proposal);
        let sha256 = &receipt.content_sha256;
        if !archive.versions.insert(sha256.clone()) {
            continue;
        }
        let bytes = std::fs::read(folder.join(format!("{sha256}.json"))).unwrap_or_default();
        let content: Option<Content> = serde_json::from_slice(&bytes).ok();
        let Some(content) = content.filter(|_| hex::encode(Sha256::digest(&bytes)) == *sha256)
        else {
            let fault =
                format!("{place}: what was submitted ({sha256}.json) is missing or was changed");
            archive.faults.push(fault);
            continue;
        };
        for (key, annex) in &content.annexes {
            let new = archive.files.insert(annex.file.clone());
            if new && hash(&folder.join(&annex.file)).as_deref() != Some(&annex.file) {
                let fault = format!(
                    "{place}: its file '{key}' ({}) is missing or was changed",
                    annex.file
                );
                archive.faults.push(fault);
            }
        }
    }
    archive
}

/// SHA-256 of a file that can be read to its end.
fn hash(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).ok()? {
            0 => return Some(hex::encode(hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}
