//! Conflicts of interest of people with a role in a call.

use ::review::ConflictKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sight;
use super::conflict::ConflictState;
use crate::review::own_conflict as rows;
use crate::{Conn, StoreError, text};

/// A conflict of somebody with a role in the call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnConflictView {
    /// Its id.
    pub id: Uuid,
    /// Who.
    pub name: String,
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number.
    pub number: String,
    /// What it rests on.
    pub reason: String,
    /// Why: `declared` where a person entered it, else what was found.
    pub kind: ConflictKind,
    /// Who brought it up: `declared`, `detected` or `secretariat`.
    pub source: String,
    /// `standing`, or `dismissed` once the secretariat took it back.
    pub state: ConflictState,
    /// Why it was judged so.
    pub judged_because: Option<String>,
    /// Raised with every verdict.
    pub version: i32,
}

/// What is on file in a call: for secretariat and observer all of it, but what others have with proposals behind a wall
/// of their own; for everybody else what is on file of themselves.
pub async fn own_conflicts(
    conn: &mut Conn,
    call: Uuid,
    sight: &Sight,
) -> Result<Vec<OwnConflictView>, StoreError> {
    let all_of_it = sight.named;
    let all = rows::of_call(conn, call, sight.account.filter(|_| !all_of_it)).await?;
    all.into_iter()
        .filter(|row| Some(row.account) == sight.account || sight.open(row.proposal))
        .map(|row| {
            Ok(OwnConflictView {
                id: row.id,
                kind: text::name(&row.kind)?,
                name: row.name,
                proposal: row.proposal,
                number: row.number,
                reason: row.reason,
                source: row.source,
                state: if row.standing {
                    ConflictState::Standing
                } else {
                    ConflictState::Dismissed
                },
                judged_because: row.judged_because,
                version: row.version,
            })
        })
        .collect()
}
