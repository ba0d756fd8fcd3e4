//! The verifier: pure, so that anybody can run it over a file, far from any database.

use std::collections::HashMap;

use commitment::{Selection, SelectionInput, SelectionState};
use intake::SignedReceipt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::{AuditRow, head_bytes, link_hash};
use uuid::Uuid;

use super::amended;
use super::export::{Export, ExportedRow, ExportedSelection, FORMAT, VERSION};
use super::kept::{self, KeptHead};
use super::{ranking, scenario};
use crate::commitment::fingerprint;
use crate::keys;

/// What was verified, and what is wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// How much was looked at.
    pub checked: Checked,
    /// A sentence for each thing that is wrong; empty when all is well.
    pub faults: Vec<String>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Audit rows.
    pub rows: usize,
    /// Of these, rows that no link seals yet.
    pub unsealed: usize,
    /// Links.
    pub links: usize,
    /// Signed heads.
    pub heads: usize,
    /// Receipts.
    pub receipts: usize,
    /// Ranking lists computed again.
    pub rankings: usize,
    /// Selections computed again.
    pub selections: usize,
    /// Shared scenarios computed again.
    pub scenarios: usize,
}

/// Whether the installation with this public key signed the receipt.
pub fn verify_receipt(public_key: &[u8; 32], signed: &SignedReceipt) -> bool {
    unhex(&signed.signature).is_some_and(|signature| {
        signed.receipt.key_id == keys::key_id(public_key)
            && keys::verify(public_key, &signed.receipt.signed_bytes(), &signature)
    })
}

/// Verifies an export: every digest, link, signature and receipt, and that each ranking list, each selection
/// and each scenario computes to what was stored. Whoever doubts the public key compares it with the one the installation publishes.
pub fn verify_export(document: &Value) -> Verification {
    verify_export_with(document, &[])
}

/// The same, and that the record is the one that heads kept outside vouch for: so nothing at or before the
/// last of them was changed, even if the whole chain was made anew.
pub fn verify_export_with(document: &Value, kept: &[KeptHead]) -> Verification {
    let mut verifier = Verifier::default();
    match serde_json::from_value::<Export>(document.clone()) {
        Ok(export) => verifier.run(&export, kept),
        Err(error) => verifier.fault(format!("the document is not a call's export: {error}")),
    }
    Verification {
        checked: verifier.checked,
        faults: verifier.faults,
    }
}

/// Only the one spelling that an export has: otherwise a changed letter could go unseen.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(text).ok()?;
    (hex::encode(&bytes) == text).then_some(bytes)
}

#[derive(Default)]
struct Verifier {
    checked: Checked,
    faults: Vec<String>,
}

impl Verifier {
    fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    fn require(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.fault(fault());
        }
    }

    fn run(&mut self, export: &Export, kept: &[KeptHead]) {
        self.require(export.format == FORMAT && export.version == VERSION, || {
            format!(
                "format '{}' version {} is not known here",
                export.format, export.version
            )
        });
        let key: Option<[u8; 32]> = unhex(&export.public_key).and_then(|key| key.try_into().ok());
        let Some(key) = key else {
            return self.fault("the public key is no Ed25519 key".to_owned());
        };
        self.require(export.key_id == keys::key_id(&key), || {
            "the key id is not the public key's".to_owned()
        });
        let digests = self.rows(export);
        self.links(export, &digests);
        self.heads(export, &key);
        self.faults.extend(kept::faults(export, &key, kept));
        self.receipts(export, &key, &digests);
        self.checked.rankings = export.rankings.len();
        self.faults.extend(ranking::faults(export));
        self.selections(export);
        self.checked.scenarios = export.scenarios.len();
        self.faults.extend(scenario::faults(export));
    }

    /// Checks every row; answers the digests by the row's id.
    fn rows(&mut self, export: &Export) -> HashMap<Uuid, Vec<u8>> {
        let mut digests = HashMap::new();
        for (index, row) in export.rows.iter().enumerate() {
            self.checked.rows += 1;
            let place = format!("row {} ({})", index + 1, row.id);
            let in_call = row.chain == export.call && row.call_id == Some(export.call);
            self.require(in_call, || format!("{place} belongs to another call"));
            match audit_row(row) {
                Some(row) if row.computed_digest() == row.digest => {
                    if digests.insert(row.id, row.digest).is_some() {
                        self.fault(format!("{place} is there twice"));
                    }
                }
                _ => self.fault(format!("{place} was changed: its digest does not fit")),
            }
        }
        digests
    }

    fn links(&mut self, export: &Export, digests: &HashMap<Uuid, Vec<u8>>) {
        let mut before = vec![0; 32];
        let rows = export.rows.iter().enumerate();
        let rows: HashMap<Uuid, usize> = rows.map(|(at, row)| (row.id, at)).collect();
        // Number and row that come next; going on from what is found names each break once.
        let (mut number, mut next) = (1, 0);
        for (index, link) in export.links.iter().enumerate() {
            self.checked.links += 1;
            let place = format!("link {} (row {})", index + 1, link.audit_id);
            self.require(link.seq == number, || {
                format!("{place} has number {} and not {number}", link.seq)
            });
            number = link.seq + 1;
            match rows.get(&link.audit_id) {
                Some(at) => {
                    self.require(*at == next, || {
                        format!("{place} does not seal row {}", next + 1)
                    });
                    next = at + 1;
                }
                None => self.fault(format!("{place} seals a row that is missing")),
            }
            let fits = digests
                .get(&link.audit_id)
                .is_some_and(|digest| hex::encode(link_hash(&before, digest)) == link.hash);
            self.require(fits, || {
                format!("{place} does not follow from the one before")
            });
            // Going on from the hash as it stands names the one place that was changed.
            before = unhex(&link.hash).unwrap_or_default();
        }
        self.checked.unsealed = export.rows.len().saturating_sub(export.links.len());
    }

    fn heads(&mut self, export: &Export, key: &[u8; 32]) {
        let links = export.links.iter().map(|link| (link.seq, &link.hash));
        let links: HashMap<i64, &String> = links.collect();
        for head in &export.heads {
            self.checked.heads += 1;
            let place = format!("head {}", head.seq);
            self.require(links.get(&head.seq) == Some(&&head.hash), || {
                format!("{place} is not the hash of its link")
            });
            let bytes = unhex(&head.hash).map(|hash| head_bytes(export.call, head.seq, &hash));
            let signed = bytes
                .zip(unhex(&head.signature))
                .is_some_and(|(bytes, signature)| {
                    head.key_id == export.key_id && keys::verify(key, &bytes, &signature)
                });
            self.require(signed, || format!("{place} is not signed by the key"));
        }
        let covered = export.heads.last().map_or(0, |head| head.seq);
        let sealed = export.links.last().map_or(0, |link| link.seq);
        self.require(covered == sealed, || {
            format!("the links after {covered} are covered by no signed head")
        });
    }

    fn receipts(&mut self, export: &Export, key: &[u8; 32], digests: &HashMap<Uuid, Vec<u8>>) {
        for (index, receipt) in export.receipts.iter().enumerate() {
            self.checked.receipts += 1;
            let place = format!("receipt {}", index + 1);
            let Ok(signed) = serde_json::from_value::<SignedReceipt>(receipt.clone()) else {
                self.fault(format!("{place} is no receipt"));
                continue;
            };
            self.require(verify_receipt(key, &signed), || {
                format!("{place} is not signed by the key")
            });
            let known = unhex(&signed.receipt.audit_digest)
                .is_some_and(|digest| digests.values().any(|known| *known == digest));
            self.require(known, || {
                format!("{place}: its audit entry is not among the rows")
            });
            self.require(signed.receipt.call == export.code, || {
                format!("{place} is of another call")
            });
        }
    }

    fn selections(&mut self, export: &Export) {
        for one in &export.selections {
            self.checked.selections += 1;
            let place = format!("selection {}", one.number);
            let parsed = serde_json::from_value::<SelectionInput>(one.input.clone())
                .and_then(|input| Ok((input, serde_json::from_value(one.result.clone())?)));
            let (input, result): (SelectionInput, Selection) = match parsed {
                Ok(parsed) => parsed,
                Err(error) => {
                    self.fault(format!("{place} cannot be read: {error}"));
                    continue;
                }
            };
            let again = commitment::select(&input);
            self.require(again.as_ref() == Ok(&result), || {
                format!(
                    "{place} computes to another result ({} had computed it)",
                    one.engine
                )
            });
            let print = fingerprint(&input, &result).unwrap_or_default();
            self.require(vouched(export, one, "sha256", &print), || {
                format!("{place} is not the one that the audit knows")
            });
            let settled =
                one.state != SelectionState::Final || vouched(export, one, "state", "final");
            self.require(settled, || format!("{place} was never made final"));
        }
        self.faults.extend(amended::faults(export));
    }
}

/// Whether an audit row says `value` of the selection.
pub(super) fn vouched(
    export: &Export,
    selection: &ExportedSelection,
    field: &str,
    value: &str,
) -> bool {
    let id = selection.id.to_string();
    export
        .rows
        .iter()
        .any(|row| row.detail["selection"] == id.as_str() && row.detail[field] == value)
}

fn audit_row(row: &ExportedRow) -> Option<AuditRow> {
    Some(AuditRow {
        id: row.id,
        chain: row.chain,
        call_id: row.call_id,
        at: row.at,
        account_id: row.account_id,
        worn: row.worn.clone(),
        action: row.action.clone(),
        object_kind: row.object_kind.clone(),
        object_id: row.object_id,
        object_version: row.object_version,
        reason: row.reason.clone(),
        detail: row.detail.clone(),
        salt: unhex(&row.salt)?,
        digest: unhex(&row.digest)?,
    })
}
