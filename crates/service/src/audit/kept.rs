//! Heads that somebody kept outside: what even a superuser cannot reach. Up to the last of them, a chain
//! that was made anew is found out, however well it fits itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::head_bytes;

use super::export::Export;
use super::verify::unhex;
use crate::keys;

/// A head as `GET /calls/{call}/audit/heads` and an export show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHead {
    /// The last link covered.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// Which key signed.
    pub key_id: String,
    /// Ed25519 signature.
    pub signature: String,
}

/// The heads in a document: one, a list, or the answer of `GET /calls/{call}/audit/heads`.
pub fn kept_heads(document: &Value) -> Result<Vec<KeptHead>, serde_json::Error> {
    let list = document.get("items").unwrap_or(document);
    match list {
        Value::Array(_) => serde_json::from_value(list.clone()),
        one => Ok(vec![serde_json::from_value(one.clone())?]),
    }
}

/// What is wrong with a record, measured against heads kept outside. The rows from the last head that
/// fits to the first that does not are those among which something was changed.
pub(super) fn faults(export: &Export, key: &[u8; 32], kept: &[KeptHead]) -> Vec<String> {
    let mut kept: Vec<&KeptHead> = kept.iter().collect();
    kept.sort_by_key(|head| head.seq);
    let mut faults = Vec::new();
    let mut good = 0;
    for head in kept {
        let bytes = unhex(&head.hash).map(|hash| head_bytes(export.call, head.seq, &hash));
        let signed = bytes
            .zip(unhex(&head.signature))
            .is_some_and(|(bytes, signature)| keys::verify(key, &bytes, &signature));
        if !signed {
            faults.push(format!(
                "the head kept of row {} was signed by the key {}, or for another call; this record names the key {}",
                head.seq, head.key_id, export.key_id
            ));
        }
        let (from, to) = (good + 1, head.seq);
        match export.links.iter().find(|link| link.seq == head.seq) {
            Some(link) if link.hash == head.hash => good = head.seq,
            Some(_) => {
                faults.push(format!(
                    "rows {from} to {to} are not those that the head kept of row {to} vouches for"
                ));
                break;
            }
            None => {
                let from = export.links.last().map_or(1, |last| last.seq + 1);
                faults.push(format!(
                    "rows {from} to {to} are missing: a head kept outside vouches for them"
                ));
                break;
            }
        }
    }
    faults
}
