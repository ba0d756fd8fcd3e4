//! The heads of the audit chain, for the secretariat and the observer.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::audit_head;
use crate::{Conn, StoreError};

/// The signed heads of a call's chain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditHeads {
    /// Oldest first.
    pub items: Vec<HeadView>,
}

/// A signed head: everything up to `seq` is fixed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HeadView {
    /// The last link covered.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
    /// Which key signed.
    pub key_id: String,
    /// Ed25519 signature, in hexadecimal.
    pub signature: String,
    /// When.
    pub signed_at: DateTime<Utc>,
}

/// The signed heads of a chain, oldest first.
pub async fn heads(conn: &mut Conn, chain: Uuid) -> Result<AuditHeads, StoreError> {
    type Row = (i64, Vec<u8>, String, Vec<u8>, DateTime<Utc>);
    let rows: Vec<Row> = audit_head::table
        .filter(audit_head::chain.eq(chain))
        .order(audit_head::seq)
        .select((
            audit_head::seq,
            audit_head::hash,
            audit_head::key_id,
            audit_head::signature,
            audit_head::signed_at,
        ))
        .load(conn)
        .await?;
    let items = rows
        .into_iter()
        .map(|(seq, hash, key_id, signature, signed_at)| HeadView {
            seq,
            hash: hex::encode(hash),
            key_id,
            signature: hex::encode(signature),
            signed_at,
        });
    Ok(AuditHeads {
        items: items.collect(),
    })
}
