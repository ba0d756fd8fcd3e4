//! What the panel says among itself on a proposal.

use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::account;
use crate::schema::sealed::panel_message;
use crate::{Conn, StoreError};

/// A message: its id, who wrote it by account and name, when, and the text.
pub type Message = (Uuid, Uuid, String, DateTime<Utc>, String);

/// The messages on one proposal at a stage, oldest first.
pub async fn of_proposal(
    conn: &mut Conn,
    proposal_stage: Uuid,
) -> Result<Vec<Message>, StoreError> {
    Ok(panel_message::table
        .inner_join(account::table.on(account::id.eq(panel_message::written_by)))
        .filter(panel_message::proposal_stage_id.eq(proposal_stage))
        .order(panel_message::id)
        .select((
            panel_message::id,
            account::id,
            account::name,
            panel_message::written_at,
            panel_message::text,
        ))
        .load(conn)
        .await?)
}

/// Adds a message; answers its id. The caller holds the stage, so that the ranking is not adopted meanwhile.
pub async fn post(
    conn: &mut Conn,
    permit: &Permit,
    (proposal, proposal_stage): (Uuid, Uuid),
    text: &str,
) -> Result<Uuid, StoreError> {
    demand(permit, &[Action::PostMessage], proposal)?;
    let (Some(call), Some(account)) = (permit.call(), permit.account()) else {
        return Err(StoreError::Permit);
    };
    let id = kernel::id::new();
    diesel::insert_into(panel_message::table)
        .values((
            panel_message::id.eq(id),
            panel_message::call_id.eq(call),
            panel_message::proposal_stage_id.eq(proposal_stage),
            panel_message::written_by.eq(account),
            panel_message::text.eq(text),
        ))
        .execute(conn)
        .await?;
    Ok(id)
}
