//! Conflicts of interest that people with a role in a call declare of themselves.

use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::own_conflict;
use crate::schema::{account, proposal};
use crate::{Conn, StoreError};

/// Who declared a conflict with what: name, proposal, its number, reason.
pub type OwnConflict = (String, Uuid, String, String);

/// Keeps that the actor has a conflict of interest with a proposal. One that was declared before stays as it is.
pub async fn declare(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    proposal: Uuid,
    reason: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DeclareOwnConflict], call)?;
    let account = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(own_conflict::table)
        .values((
            own_conflict::account_id.eq(account),
            own_conflict::proposal_id.eq(proposal),
            own_conflict::call_id.eq(call),
            own_conflict::reason.eq(reason.trim()),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// What was declared in a call, or by one account in it, by the proposals' numbers.
pub async fn of_call(
    conn: &mut Conn,
    call: Uuid,
    by: Option<Uuid>,
) -> Result<Vec<OwnConflict>, StoreError> {
    let mut query = own_conflict::table
        .inner_join(account::table.on(account::id.eq(own_conflict::account_id)))
        .inner_join(proposal::table.on(proposal::id.eq(own_conflict::proposal_id)))
        .filter(own_conflict::call_id.eq(call))
        .order((proposal::number, account::name))
        .select((
            account::name,
            proposal::id,
            proposal::number,
            own_conflict::reason,
        ))
        .into_boxed();
    if let Some(by) = by {
        query = query.filter(own_conflict::account_id.eq(by));
    }
    Ok(query.load(conn).await?)
}
