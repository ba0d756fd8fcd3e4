//! Questions to applicants as they are shown, to the consortium and to those who check it.

use ::intake::QueryState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{JudgedPartner, QueryRow, ever_judged, queries};
use crate::{Conn, StoreError, db};

/// A question to a partner, with its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QueryView {
    /// Its id.
    pub id: Uuid,
    /// The partner asked, by its id in the proposal.
    pub partner: Uuid,
    /// Its organisation.
    pub organisation: String,
    /// The funder that asks; none where the secretariat asks about own means.
    #[schema(example = "DE-BMBF")]
    pub funder: Option<String>,
    /// What is asked.
    pub question: String,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Until when the answer is asked for.
    pub answer_by: DateTime<Utc>,
    /// Where it stands.
    pub state: QueryState,
    /// Whether it waits although its time is over.
    pub overdue: bool,
    /// The answer.
    pub answer: Option<String>,
    /// Why it was closed without one.
    pub closed_because: Option<String>,
    /// When it was answered or closed.
    pub settled_at: Option<DateTime<Utc>>,
}

/// The questions to partners of a proposal in a stage, oldest first.
pub async fn query_views(
    conn: &mut Conn,
    proposal_stage: Uuid,
) -> Result<Vec<QueryView>, StoreError> {
    let partners = ever_judged(conn, &[proposal_stage]).await?;
    let now = db::clock(conn).await?;
    queries(conn, &[proposal_stage])
        .await?
        .into_iter()
        .filter_map(|row| {
            let of = partners.iter().find(|one| one.id == row.partner_row_id)?;
            Some(view(row, of, now))
        })
        .collect()
}

fn view(
    row: QueryRow,
    partner: &JudgedPartner,
    now: DateTime<Utc>,
) -> Result<QueryView, StoreError> {
    let state = row.state()?;
    Ok(QueryView {
        id: row.id,
        partner: partner.partner_id,
        organisation: partner.organisation.clone(),
        funder: partner.funder.clone(),
        question: row.question,
        asked_at: row.asked_at,
        answer_by: row.answer_by,
        state,
        overdue: state == QueryState::Waiting && row.answer_by <= now,
        answer: row.answer,
        closed_because: row.closed_because,
        settled_at: row.settled_at,
    })
}
