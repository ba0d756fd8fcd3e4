//! What a change of an assignment moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sight;
use super::conflict::names;
use crate::review::{expert as experts, facts};
use crate::{Conn, StoreError};

/// A pair that a change adds or takes away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MovedPair {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The expert.
    pub expert: Uuid,
    /// The expert's name.
    pub name: String,
}

/// Pairs of proposals and experts with their names, by number and name, but for those of proposals that the viewer may
/// not know about.
pub async fn moved(
    conn: &mut Conn,
    call: Uuid,
    pairs: &[(Uuid, Uuid)],
    sight: &Sight,
) -> Result<Vec<MovedPair>, StoreError> {
    let names: BTreeMap<Uuid, String> = names(&experts::of_call(conn, call).await?);
    let numbers = facts::numbers(conn, call).await?;
    let shown = pairs.iter().filter(|(proposal, _)| sight.open(*proposal));
    let mut moved: Vec<MovedPair> = shown
        .map(|(proposal, expert)| MovedPair {
            proposal: *proposal,
            number: numbers.get(proposal).cloned().unwrap_or_default(),
            expert: *expert,
            name: names.get(expert).cloned().unwrap_or_default(),
        })
        .collect();
    moved.sort_by(|a, b| (&a.number, &a.name, a.expert).cmp(&(&b.number, &b.name, b.expert)));
    Ok(moved)
}
