//! Requests for an exception to a rule, as their consortium sees them, and the committee.

use ::intake::{Stand, WaiverState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{WaiverRow, stands, waivers};
use crate::{Conn, StoreError, text};

/// A request for an exception to a rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WaiverView {
    /// Its id.
    pub id: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The rule, by the code of its findings.
    #[schema(example = "coordinator_changed")]
    pub rule: String,
    /// Why the consortium asks.
    pub reasons: String,
    /// When it asked.
    pub asked_at: DateTime<Utc>,
    /// Where it stands.
    pub state: WaiverState,
    /// Why it was decided so.
    pub decided_because: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// What the committee says among itself; left out for the consortium.
    pub inside: Option<WaiverInside>,
}

/// What the committee says of a request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct WaiverInside {
    /// The secretariat's comment.
    pub comment: Option<String>,
    /// What the members hold of it, by organisation.
    pub stands: Vec<StandView>,
}

/// What a member holds of a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StandView {
    /// Key of the organisation.
    #[schema(example = "DE-BMBF")]
    pub organisation: String,
    /// What it holds.
    pub stand: Stand,
    /// A remark.
    pub remark: String,
}

/// The requests of a call, or of one proposal in it; `inside` for those who decide and watch.
pub async fn waiver_views(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
    inside: bool,
) -> Result<Vec<WaiverView>, StoreError> {
    let rows = waivers(conn, call, of).await?;
    let ids: Vec<Uuid> = rows.iter().map(|(row, ..)| row.id).collect();
    let held = match inside {
        true => stands(conn, &ids).await?,
        false => Vec::new(),
    };
    rows.into_iter()
        .map(|(row, proposal, number)| {
            let own = held.iter().filter(|(id, ..)| *id == row.id);
            let own = own.map(|(_, organisation, stand, remark)| {
                Ok(StandView {
                    organisation: organisation.clone(),
                    stand: text::name(stand)?,
                    remark: remark.clone(),
                })
            });
            let own: Vec<StandView> = own.collect::<Result<_, StoreError>>()?;
            view(row, (proposal, number), inside.then_some(own))
        })
        .collect()
}

fn view(
    row: WaiverRow,
    (proposal, number): (Uuid, String),
    stands: Option<Vec<StandView>>,
) -> Result<WaiverView, StoreError> {
    let state = row.state()?;
    Ok(WaiverView {
        id: row.id,
        proposal,
        number,
        state,
        inside: stands.map(|stands| WaiverInside {
            comment: row.comment,
            stands,
        }),
        rule: row.rule,
        reasons: row.reasons,
        asked_at: row.asked_at,
        decided_because: row.decided_because,
        decided_at: row.decided_at,
    })
}
