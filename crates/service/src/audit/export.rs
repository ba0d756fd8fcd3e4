use ::review::RankingState;
use access::{Action, Job};
use chrono::{DateTime, Utc};
use commitment::{SelectionState, Visibility};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::audit::{self as rows, AuditHead, AuditLink, AuditRow};
use store::call as calls;
use store::commitment::{scenario, selection};
use store::review::ranking;
use store::view::audit::{self as view, AuditHeads};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::as_a_whole;
use crate::{Answer, Context, Problem, Service, Tx};

/// What the document calls itself.
pub(super) const FORMAT: &str = "jtc-call-export";
/// Raised when a reader of the former form would misread it.
pub(super) const VERSION: u32 = 1;

/// A call's audit trail with what it vouches for; verifiable without a database and without us. Hashes,
/// keys, salts and signatures are in lower-case hexadecimal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Always `jtc-call-export`.
    pub format: String,
    /// Version of the form.
    pub version: u32,
    /// The call; its chain has the same id.
    pub call: Uuid,
    /// The call's code.
    pub code: String,
    /// Ed25519 public key of the installation.
    pub public_key: String,
    /// The key's short name.
    pub key_id: String,
    /// The audit rows in sealing order, then those not sealed yet.
    pub rows: Vec<ExportedRow>,
    /// The chain over them.
    pub links: Vec<ExportedLink>,
    /// The signed heads, oldest first.
    pub heads: Vec<ExportedHead>,
    /// Every version of every ranking list, by stage and number.
    pub rankings: Vec<ExportedRanking>,
    /// All selections, by number.
    pub selections: Vec<ExportedSelection>,
    /// The scenarios that are shared with the committee, oldest first, where the operator takes the record out; a
    /// funder's own and the office's never leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(ignore)]
    pub scenarios: Vec<ExportedScenario>,
    /// The signed receipts, as they were given to the coordinators.
    #[schema(value_type = Vec<intake::SignedReceipt>)]
    pub receipts: Vec<Value>,
}

/// An audit row.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedRow {
    /// Its id.
    pub id: Uuid,
    /// The chain.
    pub chain: Uuid,
    /// The call.
    pub call_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
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
    /// Why.
    pub reason: Option<String>,
    /// What more there is to say.
    pub detail: Value,
    /// Random bytes.
    pub salt: String,
    /// SHA-256 over salt and content.
    pub digest: String,
}

/// A link of the chain.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedLink {
    /// Counted from 1.
    pub seq: i64,
    /// The row sealed.
    pub audit_id: Uuid,
    /// SHA-256 of the former hash and the row's digest.
    pub hash: String,
}

/// A signed head.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedHead {
    /// The last link covered.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// Which key signed.
    pub key_id: String,
    /// Ed25519 signature.
    pub signature: String,
}

/// A ranking list with what it was computed from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedRanking {
    /// Its id.
    pub id: Uuid,
    /// 1 or 2.
    pub stage: i32,
    /// Counted from 1, at its stage.
    pub number: i32,
    /// Where it stands.
    pub state: RankingState,
    /// The list, and what it was computed from.
    #[schema(value_type = review::Ranked)]
    pub list: Value,
}

/// A selection with what it was computed from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedSelection {
    /// Its id.
    pub id: Uuid,
    /// Counted from 1.
    pub number: i32,
    /// Where it stands.
    pub state: SelectionState,
    /// Name and version of what computed it.
    pub engine: String,
    /// The selection whose place it is to take, or took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<Uuid>,
    /// Why it amends that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<commitment::Cause>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it was computed from.
    #[schema(value_type = commitment::SelectionInput)]
    pub input: Value,
    /// What was computed.
    #[schema(value_type = commitment::Selection)]
    pub result: Value,
}

/// A scenario with what it was computed from. The audit knows it by its fingerprint as it knows a selection; that one
/// is missing nobody notices, since it may have been taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedScenario {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Key of the funder that it was made for; none where the secretariat made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Name and version of what computed it.
    pub engine: String,
    /// What it was computed from: the call as it stood, with what the scenario changes.
    pub input: Value,
    /// What was computed.
    pub result: Value,
}

impl From<AuditRow> for ExportedRow {
    fn from(row: AuditRow) -> ExportedRow {
        ExportedRow {
            id: row.id,
            chain: row.chain,
            call_id: row.call_id,
            at: row.at,
            account_id: row.account_id,
            worn: row.worn,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            object_version: row.object_version,
            reason: row.reason,
            detail: row.detail,
            salt: hex::encode(row.salt),
            digest: hex::encode(row.digest),
        }
    }
}

impl From<AuditLink> for ExportedLink {
    fn from(link: AuditLink) -> ExportedLink {
        ExportedLink {
            seq: link.seq,
            audit_id: link.audit_id,
            hash: hex::encode(link.hash),
        }
    }
}

impl From<AuditHead> for ExportedHead {
    fn from(head: AuditHead) -> ExportedHead {
        ExportedHead {
            seq: head.seq,
            hash: hex::encode(head.hash),
            key_id: head.key_id,
            signature: hex::encode(head.signature),
        }
    }
}

/// The ranking lists of a call with what they were computed from.
async fn rankings(tx: &mut Tx, call: Uuid) -> Result<Vec<ExportedRanking>, Problem> {
    let stages = calls::stages(tx.conn(), call).await?;
    let mut found = Vec::new();
    for row in ranking::all(tx.conn(), call).await? {
        let stage = stages.iter().find(|stage| stage.id == row.stage_id);
        found.push(ExportedRanking {
            id: row.id,
            stage: stage.map_or(0, |stage| stage.number),
            number: row.number,
            state: row.state()?,
            list: json!({ "input": row.input, "entries": row.entries }),
        });
    }
    Ok(found)
}

/// The scenarios of a call that all of its committee may see.
async fn shared(tx: &mut Tx, call: Uuid) -> Result<Vec<ExportedScenario>, Problem> {
    let mut found = Vec::new();
    for (row, organisation) in scenario::all(tx.conn(), call).await? {
        if row.visibility()? == Visibility::Shared {
            found.push(ExportedScenario {
                id: row.id,
                name: row.name,
                organisation,
                engine: row.engine,
                input: row.input,
                result: row.result,
            });
        }
    }
    Ok(found)
}

async fn gather(tx: &mut Tx, call: Uuid) -> Result<Export, Problem> {
    let row = calls::find(tx.conn(), call).await?;
    let (audit, links, heads) = rows::trail(tx.conn(), call).await?;
    let selections = selection::all(tx.conn(), call).await?;
    let selections = selections.into_iter().map(|one| {
        Ok::<_, Problem>(ExportedSelection {
            id: one.id,
            number: one.number,
            state: one.state()?,
            amends: one.amends,
            cause: one.cause()?,
            reason: one.reason,
            engine: one.engine,
            input: one.input,
            result: one.result,
        })
    });
    Ok(Export {
        format: FORMAT.to_owned(),
        version: VERSION,
        call,
        code: row.code,
        public_key: hex::encode(tx.service.keys().public_key()),
        key_id: tx.service.keys().key_id(),
        rows: audit.into_iter().map(Into::into).collect(),
        links: links.into_iter().map(Into::into).collect(),
        heads: heads.into_iter().map(Into::into).collect(),
        rankings: rankings(tx, call).await?,
        selections: selections.collect::<Result<_, _>>()?,
        scenarios: Vec::new(),
        receipts: rows::receipts(tx.conn(), call).await?,
    })
}

/// Exports a call's audit trail, for whoever may read it. It is whole or nothing: somebody with a conflict of interest
/// does not take it out.
pub async fn export_call(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Export>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        let object = as_a_whole(tx, row.object()).await?;
        tx.permit(Action::ReadAudit, &object).await?;
        gather(tx, call).await
    };
    service.read(context, work).await
}

/// The same for the operator, from the command line, with the scenarios that are shared.
pub async fn export(service: &Service, call: Uuid) -> Result<Value, Problem> {
    let work = async move |tx: &mut Tx| {
        let scenarios = shared(tx, call).await?;
        Ok(Export {
            scenarios,
            ..gather(tx, call).await?
        })
    };
    let answer = service.read(Context::system(Job::Setup), work).await?;
    serde_json::to_value(answer.value).map_err(Problem::internal)
}

/// The signed heads of a call's chain.
pub async fn read_audit_heads(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<AuditHeads>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadAudit, &row.object()).await?;
        Ok(view::heads(tx.conn(), call).await?)
    };
    service.read(context, work).await
}
