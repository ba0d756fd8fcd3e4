//! Changes to a consortium after the deadline. What was submitted is never touched: who reads it for what comes
//! after reads it with the changes applied.

use std::collections::HashMap;

use ::intake::{Change, Partner, PartnerVerdict, change};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::JudgedPartner;
use super::closing::{Applicant, insert_applicants, submitted_partners};
use super::query::{Settled, set_verdict, settle, waiting_query};
use crate::error::demand;
use crate::schema::{consortium_change, partner};
use crate::{Conn, StoreError, text};

/// A change as it was recorded.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = consortium_change)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ChangeRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub number: i32,
    pub kind: String,
    pub partner_id: Uuid,
    pub becomes: Option<Value>,
    pub reason: String,
    pub recorded_by: Uuid,
    pub recorded_at: DateTime<Utc>,
}

impl ChangeRow {
    /// What it does to the consortium.
    pub fn change(&self) -> Result<Change, StoreError> {
        Ok(Change {
            partner: self.partner_id,
            becomes: self.becomes.clone().map(text::document).transpose()?,
        })
    }
}

/// The changes to proposals in a stage, in the order in which they were made.
pub async fn changes(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<ChangeRow>, StoreError> {
    Ok(consortium_change::table
        .filter(consortium_change::proposal_stage_id.eq_any(proposal_stages))
        .order((
            consortium_change::proposal_stage_id,
            consortium_change::number,
        ))
        .select(ChangeRow::as_select())
        .load(conn)
        .await?)
}

/// The partners of those of these proposals whose consortium was changed, as they are now.
pub async fn changed_partners(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Partner>>, StoreError> {
    let rows = changes(conn, proposal_stages).await?;
    let mut changed: Vec<Uuid> = rows.iter().map(|row| row.proposal_stage_id).collect();
    changed.dedup();
    if changed.is_empty() {
        return Ok(HashMap::new());
    }
    let submitted = submitted_partners(conn, &changed).await?;
    let mut found: HashMap<Uuid, Vec<Partner>> = submitted.into_iter().collect();
    for row in rows {
        if let Some(partners) = found.get_mut(&row.proposal_stage_id) {
            change::apply(partners, [row.change()?]);
        }
    }
    Ok(found)
}

/// Puts the partners as they are now into contents that were submitted, which are given with the row of their
/// proposal in the stage.
pub(crate) async fn amend(
    conn: &mut Conn,
    contents: &mut [(Uuid, &mut Value)],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = contents.iter().map(|(id, _)| *id).collect();
    let changed = changed_partners(conn, &ids).await?;
    for (id, content) in contents {
        if let Some(partners) = changed.get(id) {
            content["partners"] = text::json(partners)?;
        }
    }
    Ok(())
}

/// Records a change of the partner `before`: it is waited for no more, and who stands in its place has no verdict
/// yet.
pub async fn change_consortium(
    conn: &mut Conn,
    permit: &Permit,
    before: &JudgedPartner,
    row: &ChangeRow,
    becomes: Option<Partner>,
) -> Result<(), StoreError> {
    demand(
        permit,
        &[Action::ChangeConsortium],
        before.proposal_stage_id,
    )?;
    if let Some(query) = waiting_query(conn, before.id).await? {
        let why = Settled::Closed("the consortium was changed, and nobody waits for the answer");
        settle(conn, permit, query.id, why).await?;
        set_verdict(conn, before, PartnerVerdict::Open).await?;
    }
    diesel::insert_into(consortium_change::table)
        .values(row)
        .execute(conn)
        .await?;
    let (position, call) = diesel::update(partner::table.find(before.id))
        .filter(partner::gone_by.is_null())
        .set(partner::gone_by.eq(row.id))
        .returning((partner::position, partner::call_id))
        .get_results::<(i32, Uuid)>(conn)
        .await?
        .pop()
        .ok_or(StoreError::Stale)?;
    let Some(partner) = becomes else {
        return Ok(());
    };
    let requested = partner
        .requested()
        .map_err(|why| StoreError::Refused(why.to_string()))?;
    let applicant = Applicant {
        proposal_stage: before.proposal_stage_id,
        position,
        partner,
        requested,
    };
    insert_applicants(conn, call, &[applicant], Some(row.id)).await
}
