//! The audit trail: one row for every event, verdict, right and money change, written in the
//! transaction of the deed; and the sealer's chain over the rows.

use access::Permit;
use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schema::{audit, audit_head, audit_link};
use crate::{Conn, StoreError, db};

/// One audit row. The digest covers everything but `account_id`'s meaning, `reason` and `detail`, which
/// enter it only as salted hashes: no personal data stands in what is hashed and published.
#[derive(Debug, Clone, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// Its id.
    pub id: Uuid,
    /// The chain it is sealed into: the call's id, or zero for the installation's.
    pub chain: Uuid,
    /// The call.
    pub call_id: Option<Uuid>,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// Who; nobody for the public and for jobs.
    pub account_id: Option<Uuid>,
    /// The role worn.
    pub worn: String,
    /// The deed.
    pub action: String,
    /// Kind of the thing.
    pub object_kind: String,
    /// Which one.
    pub object_id: Uuid,
    /// Its version after the deed.
    pub object_version: Option<i32>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// What more there is to say.
    pub detail: Value,
    /// Random bytes, so that a digest does not give its content away.
    pub salt: Vec<u8>,
    /// SHA-256 over salt and content.
    pub digest: Vec<u8>,
}

impl AuditRow {
    /// The digest as it must be for this row.
    pub fn computed_digest(&self) -> Vec<u8> {
        let salted = |text: &str| {
            let mut hash = Sha256::new();
            hash.update(&self.salt);
            hash.update(text.as_bytes());
            hex::encode(hash.finalize())
        };
        let reason = self.reason.as_deref().map(salted).unwrap_or_default();
        let fields = [
            self.id.to_string(),
            self.chain.to_string(),
            self.at.timestamp_micros().to_string(),
            self.account_id.map(|id| id.to_string()).unwrap_or_default(),
            self.worn.clone(),
            self.action.clone(),
            self.object_kind.clone(),
            self.object_id.to_string(),
            self.object_version
                .map(|v| v.to_string())
                .unwrap_or_default(),
            reason,
            salted(&self.detail.to_string()),
        ];
        let mut hash = Sha256::new();
        hash.update(&self.salt);
        for field in fields {
            hash.update(field.as_bytes());
            hash.update([0]);
        }
        hash.finalize().to_vec()
    }
}

/// Writes the audit row of a deed, in the caller's transaction.
pub async fn record(
    conn: &mut Conn,
    permit: &Permit,
    version: Option<i32>,
    reason: Option<&str>,
    detail: Value,
) -> Result<AuditRow, StoreError> {
    let (object_kind, object_id) = permit.object();
    let mut salt = vec![0; 16];
    getrandom::fill(&mut salt).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mut row = AuditRow {
        id: kernel::id::new(),
        chain: permit.call().unwrap_or(Uuid::nil()),
        call_id: permit.call(),
        at: db::clock(conn).await?.trunc_subsecs(6),
        account_id: permit.account(),
        worn: permit.worn().to_string(),
        action: permit.action().to_string(),
        object_kind: object_kind.to_owned(),
        object_id,
        object_version: version,
        reason: reason.map(str::to_owned),
        detail,
        salt,
        digest: Vec::new(),
    };
    row.digest = row.computed_digest();
    diesel::insert_into(audit::table)
        .values(&row)
        .execute(conn)
        .await?;
    Ok(row)
}

/// One link of a chain.
#[derive(Debug, Clone, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_link)]
pub struct AuditLink {
    /// The chain.
    pub chain: Uuid,
    /// Counted from 1 in sealing order.
    pub seq: i64,
    /// The row sealed.
    pub audit_id: Uuid,
    /// SHA-256 of the previous hash (32 zero bytes at first) and the row's digest.
    pub hash: Vec<u8>,
}

/// A signed head: everything up to `seq` is fixed.
#[derive(Debug, Clone, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_head)]
pub struct AuditHead {
    /// The chain.
    pub chain: Uuid,
    /// The last link covered.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// Which key signed.
    pub key_id: String,
    /// Ed25519 over [`head_bytes`].
    pub signature: Vec<u8>,
}

/// The bytes that a head's signature covers.
pub fn head_bytes(chain: Uuid, seq: i64, hash: &[u8]) -> Vec<u8> {
    format!("jtc-audit-head-v1\n{chain}\n{seq}\n{}", hex::encode(hash)).into_bytes()
}

/// The hash of the next link.
pub fn link_hash(previous: &[u8], digest: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(digest);
    hash.finalize().to_vec()
}

/// Any number that no other program locks: one sealer works at a time.
const SEALER_LOCK: i64 = 0x6a74_635f_7365_616c;

/// Signs bytes; answers the key's id and the signature.
pub type Sign = dyn Fn(&[u8]) -> (String, Vec<u8>) + Send + Sync;

/// Seals every audit row that is not yet in a chain and signs the new heads; answers how many rows.
/// The caller holds a transaction. Rows committed later than rows already sealed simply come later.
pub async fn seal(conn: &mut Conn, sign: &Sign) -> Result<usize, StoreError> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let mine: Locked = diesel::sql_query(format!(
        "select pg_try_advisory_xact_lock({SEALER_LOCK}) as locked"
    ))
    .get_result(conn)
    .await?;
    if !mine.locked {
        return Ok(0);
    }
    let open: Vec<(Uuid, Uuid, Vec<u8>)> = audit::table
        .left_join(audit_link::table.on(audit_link::audit_id.eq(audit::id)))
        .filter(audit_link::audit_id.is_null())
        .order((audit::chain, audit::id))
        .select((audit::chain, audit::id, audit::digest))
        .limit(5000)
        .load(conn)
        .await?;
    let mut links: Vec<AuditLink> = Vec::new();
    let mut heads: Vec<AuditHead> = Vec::new();
    for same_chain in open.chunk_by(|a, b| a.0 == b.0) {
        let chain = same_chain[0].0;
        let last: Option<(i64, Vec<u8>)> = audit_link::table
            .filter(audit_link::chain.eq(chain))
            .order(audit_link::seq.desc())
            .select((audit_link::seq, audit_link::hash))
            .first(conn)
            .await
            .optional()?;
        let (mut seq, mut hash) = last.unwrap_or((0, vec![0; 32]));
        for (_, audit_id, digest) in same_chain {
            seq += 1;
            hash = link_hash(&hash, digest);
            links.push(AuditLink {
                chain,
                seq,
                audit_id: *audit_id,
                hash: hash.clone(),
            });
        }
        let (key_id, signature) = sign(&head_bytes(chain, seq, &hash));
        heads.push(AuditHead {
            chain,
            seq,
            hash,
            key_id,
            signature,
        });
    }
    for some in links.chunks(1000) {
        diesel::insert_into(audit_link::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    diesel::insert_into(audit_head::table)
        .values(&heads)
        .execute(conn)
        .await?;
    Ok(links.len())
}

/// A call's whole trail, for an export: rows in sealing order, links, heads. Unsealed rows come last.
pub async fn trail(
    conn: &mut Conn,
    chain: Uuid,
) -> Result<(Vec<AuditRow>, Vec<AuditLink>, Vec<AuditHead>), StoreError> {
    let rows = audit::table
        .left_join(audit_link::table.on(audit_link::audit_id.eq(audit::id)))
        .filter(audit::chain.eq(chain))
        .order((audit_link::seq.asc().nulls_last(), audit::id))
        .select(AuditRow::as_select())
        .load(conn)
        .await?;
    let links = audit_link::table
        .filter(audit_link::chain.eq(chain))
        .order(audit_link::seq)
        .select(AuditLink::as_select())
        .load(conn)
        .await?;
    let heads = heads(conn, chain).await?;
    Ok((rows, links, heads))
}

/// The signed heads of a chain, oldest first.
pub async fn heads(conn: &mut Conn, chain: Uuid) -> Result<Vec<AuditHead>, StoreError> {
    Ok(audit_head::table
        .filter(audit_head::chain.eq(chain))
        .order(audit_head::seq)
        .select(AuditHead::as_select())
        .load(conn)
        .await?)
}

/// The receipts given out in a call, in the order of their submissions.
pub async fn receipts(conn: &mut Conn, call: Uuid) -> Result<Vec<Value>, StoreError> {
    use crate::schema::submission;
    Ok(submission::table
        .filter(submission::call_id.eq(call))
        .filter(submission::receipt.is_not_null())
        .order(submission::id)
        .select(submission::receipt.assume_not_null())
        .load(conn)
        .await?)
}
