//! Conflicts of interest that people with a role in a call declare of themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sight;
use crate::review::own_conflict as rows;
use crate::{Conn, StoreError};

/// A conflict that somebody with a role in the call declared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OwnConflictView {
    /// Who.
    pub name: String,
    /// The proposal.
    pub proposal: Uuid,
    /// The proposal's number.
    pub number: String,
    /// What it rests on.
    pub reason: String,
}

/// What was declared in a call: for secretariat and observer all of it, but on proposals behind a wall of their own; for
/// everybody else the own declarations.
pub async fn own_conflicts(
    conn: &mut Conn,
    call: Uuid,
    sight: &Sight,
) -> Result<Vec<OwnConflictView>, StoreError> {
    let all_of_it = sight.named;
    let all = rows::of_call(conn, call, sight.account.filter(|_| !all_of_it)).await?;
    let views = all
        .into_iter()
        .filter(|(_, proposal, ..)| !all_of_it || sight.open(*proposal))
        .map(|(name, proposal, number, reason)| OwnConflictView {
            name,
            proposal,
            number,
            reason,
        });
    Ok(views.collect())
}
