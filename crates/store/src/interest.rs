//! Who would like to fund what: interest in action items, and requests to join a call.

use access::{Action, Object, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{interest, join_request};
use crate::{Conn, StoreError};

/// A member's interest in an action item.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = interest)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct InterestRow {
    pub id: Uuid,
    pub action_item_id: Uuid,
    pub organisation_id: Uuid,
    pub amount: Option<i64>,
    pub remark: String,
    pub stated_by: Option<Uuid>,
    pub version: i32,
}

impl InterestRow {
    /// The interest as the policy sees it: its organisation's business.
    pub fn object(&self) -> Object {
        Object {
            organisation: Some(self.organisation_id),
            ..Object::new("interest", self.id)
        }
    }
}

/// An organisation's request to join a call.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = join_request)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct JoinRequestRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub organisation_id: Uuid,
    pub amount: Option<i64>,
    pub remark: String,
    pub asked_by: Option<Uuid>,
    pub version: i32,
}

impl JoinRequestRow {
    /// The request as the policy sees it.
    pub fn object(&self, public: bool) -> Object {
        Object {
            organisation: Some(self.organisation_id),
            public,
            ..Object::of_call("join_request", self.id, self.call_id)
        }
    }
}

/// A member's interest in an item, locked until the transaction ends.
pub async fn lock(
    conn: &mut Conn,
    item: Uuid,
    organisation: Uuid,
) -> Result<Option<InterestRow>, StoreError> {
    Ok(interest::table
        .filter(interest::action_item_id.eq(item))
        .filter(interest::organisation_id.eq(organisation))
        .select(InterestRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// Keeps a member's interest; `row.version` is the one read, 0 for a new one.
pub async fn state(conn: &mut Conn, permit: &Permit, row: &InterestRow) -> Result<(), StoreError> {
    demand(permit, &[Action::StateInterest], row.id)?;
    if row.version == 0 {
        let row = InterestRow {
            version: 1,
            ..row.clone()
        };
        diesel::insert_into(interest::table)
            .values(row)
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(interest::table.find(row.id))
        .filter(interest::version.eq(row.version))
        .set((
            interest::amount.eq(row.amount),
            interest::remark.eq(&row.remark),
            interest::stated_by.eq(row.stated_by),
            interest::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Takes a member's interest back.
pub async fn withdraw(
    conn: &mut Conn,
    permit: &Permit,
    row: &InterestRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::StateInterest], row.id)?;
    let changed = diesel::delete(interest::table.find(row.id))
        .filter(interest::version.eq(row.version))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Keeps a request to join a call.
pub async fn ask_to_join(
    conn: &mut Conn,
    permit: &Permit,
    row: &JoinRequestRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AskToJoin], row.id)?;
    diesel::insert_into(join_request::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// A request to join a call, locked until the transaction ends.
pub async fn lock_request(conn: &mut Conn, id: Uuid) -> Result<JoinRequestRow, StoreError> {
    Ok(join_request::table
        .find(id)
        .select(JoinRequestRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Declines a request to join a call.
pub async fn decline(
    conn: &mut Conn,
    permit: &Permit,
    row: &JoinRequestRow,
    reason: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DeclineJoinRequest], row.id)?;
    let changed = diesel::update(join_request::table.find(row.id))
        .filter(join_request::version.eq(row.version))
        .set((
            join_request::declined_because.eq(reason),
            join_request::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
