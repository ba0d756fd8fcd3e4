//! Changes to a consortium after the deadline, as everybody sees them who reads the proposal.

use std::collections::HashMap;

use ::intake::{ChangeKind, Partner, Reading, change};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{ChangeRow, changes};
use crate::{Conn, StoreError, text};

/// A change to the consortium after the deadline. The content stays what was submitted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsortiumChange)]
pub struct ChangeView {
    /// Which one it is of the proposal in the stage, counted from 1.
    pub number: i32,
    /// What happened to the partner.
    pub kind: ChangeKind,
    /// The partner concerned.
    pub partner: Uuid,
    /// Its organisation.
    pub organisation: String,
    /// The partner with its own means, or who takes its place; a budget stands here where you see it.
    pub becomes: Option<Partner>,
    /// Why.
    pub reason: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The changes to proposals in a stage, by their rows there.
pub(super) async fn change_rows(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ChangeRow>>, StoreError> {
    let mut found: HashMap<Uuid, Vec<ChangeRow>> = HashMap::new();
    for row in changes(conn, proposal_stages).await? {
        found.entry(row.proposal_stage_id).or_default().push(row);
    }
    Ok(found)
}

/// The changes as they are read beside the partners that were submitted.
pub(super) fn change_views(
    rows: Vec<ChangeRow>,
    partners: &[Partner],
    reading: &Reading,
) -> Result<Vec<ChangeView>, StoreError> {
    let mut views = Vec::new();
    if rows.is_empty() {
        return Ok(views);
    }
    let mut partners = partners.to_vec();
    for row in rows {
        let made = row.change()?;
        let of = partners.iter().find(|one| one.id == row.partner_id);
        views.push(ChangeView {
            number: row.number,
            kind: text::name(&row.kind)?,
            partner: row.partner_id,
            organisation: of.map(|one| one.organisation.clone()).unwrap_or_default(),
            becomes: made.becomes.clone().map(|one| reading.of_partner(one)),
            reason: row.reason,
            recorded_at: row.recorded_at,
        });
        change::apply(&mut partners, [made]);
    }
    Ok(views)
}
