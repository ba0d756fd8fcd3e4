//! Requests for redress, as their coordinator sees them, and those who check, examine and decide.

use ::commitment::redress::RedressState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commitment::redress::{FiledRedress, list};
use crate::{Conn, StoreError};

/// A request for redress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RedressView {
    /// Its id.
    pub id: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// Number of the stage whose letter it is about.
    pub stage: i32,
    /// The ground, by its key in the rules of the call.
    #[schema(example = "rules_not_followed")]
    pub ground: String,
    /// Why the coordinator asks.
    pub reasons: String,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// Where it stands; for the coordinator as far as it was told.
    pub state: RedressState,
    /// Why the secretariat found it admissible or not.
    pub checked_because: Option<String>,
    /// Why the committee decided as it did.
    pub decided_because: Option<String>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// When the letter that settles it was released; it stands with the letters of the proposal.
    pub settled_at: Option<DateTime<Utc>>,
    /// What is not for the coordinator; left out for it.
    pub inside: Option<RedressInside>,
}

/// What those who decide on a request know of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct RedressInside {
    /// Whether the independent observer holds that the procedure was followed.
    pub followed: Option<bool>,
    /// What the observer found.
    pub finding: Option<String>,
    /// When the finding was filed.
    pub found_at: Option<DateTime<Utc>>,
    /// The version of the ranking list that came of it.
    pub ranking_list: Option<i32>,
}

/// A request; `inside` for those who decide and watch.
pub fn redress_view(filed: FiledRedress, inside: bool) -> Result<RedressView, StoreError> {
    let state = filed.row.state()?;
    let row = filed.row;
    Ok(RedressView {
        id: row.id,
        proposal: filed.proposal,
        number: filed.number,
        stage: filed.stage_number,
        ground: row.ground,
        reasons: row.reasons,
        filed_at: row.filed_at,
        state: if inside { state } else { state.told() },
        checked_because: row.checked_because,
        decided_because: row.decided_because,
        decided_at: row.decided_at,
        settled_at: filed.settled_at,
        inside: inside.then_some(RedressInside {
            followed: row.followed,
            finding: row.finding,
            found_at: row.found_at,
            ranking_list: filed.ranking,
        }),
    })
}

/// The requests of a call, or of one proposal in it, oldest first.
pub async fn redress_views(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
    inside: bool,
) -> Result<Vec<RedressView>, StoreError> {
    let filed = list(conn, call, of).await?.into_iter();
    filed.map(|one| redress_view(one, inside)).collect()
}
