//! Which action items the funded projects serve.

use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::project_action_item;
use crate::schema::{action_item, agenda};
use crate::{Conn, StoreError};

/// An action item that a project serves.
#[derive(Debug, Clone, Queryable)]
pub struct Served {
    /// The project's proposal.
    pub proposal: Uuid,
    /// The agenda's code.
    pub agenda: String,
    /// The item's number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its share of the project in hundredths of a percent.
    pub share: i32,
}

/// What the projects of these calls serve, in the order of each agenda.
pub async fn served(conn: &mut Conn, calls: &[Uuid]) -> Result<Vec<Served>, StoreError> {
    Ok(project_action_item::table
        .inner_join(action_item::table.on(action_item::id.eq(project_action_item::action_item_id)))
        .inner_join(agenda::table.on(agenda::id.eq(action_item::agenda_id)))
        .filter(project_action_item::call_id.eq_any(calls))
        .order((
            project_action_item::proposal_id,
            agenda::code,
            action_item::position,
        ))
        .select((
            project_action_item::proposal_id,
            agenda::code,
            action_item::number,
            action_item::title,
            project_action_item::share,
        ))
        .load(conn)
        .await?)
}

/// Replaces a project's classification by the action items `of_agenda`; that by other agendas stays. The
/// caller holds the stage of the selection locked.
pub async fn replace(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    proposal: Uuid,
    of_agenda: &[Uuid],
    shares: &[(Uuid, i32)],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ClassifyProject], proposal)?;
    diesel::delete(project_action_item::table)
        .filter(project_action_item::proposal_id.eq(proposal))
        .filter(project_action_item::action_item_id.eq_any(of_agenda))
        .execute(conn)
        .await?;
    let rows: Vec<_> = shares
        .iter()
        .map(|(item, share)| {
            (
                project_action_item::proposal_id.eq(proposal),
                project_action_item::action_item_id.eq(*item),
                project_action_item::call_id.eq(call),
                project_action_item::share.eq(*share),
            )
        })
        .collect();
    diesel::insert_into(project_action_item::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}
