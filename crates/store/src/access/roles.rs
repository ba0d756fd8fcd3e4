//! Roles held: granted for a call or the installation, until they end.

use access::{Action, Grant, Object, Permit, Role};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{acting_for, role_grant};
use crate::{Conn, StoreError, text};

/// A role held by an account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = role_grant)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct GrantRow {
    pub id: Uuid,
    pub account_id: Uuid,
    pub call_id: Option<Uuid>,
    pub role: String,
    pub organisation_id: Option<Uuid>,
    pub granted_by: Option<Uuid>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl GrantRow {
    /// The role.
    pub fn role(&self) -> Result<Role, StoreError> {
        text::name(&self.role)
    }

    /// The role held as the policy sees it: its holder's.
    pub fn object(&self) -> Object {
        Object {
            call: self.call_id,
            owner: Some(self.account_id),
            ..Object::new("role_grant", self.id)
        }
    }
}

/// A role in force, as it is kept: its name, the call and the organisation.
pub(super) type Held = (String, Option<Uuid>, Option<Uuid>);

/// The roles of an account in force, as [`effective`] has them.
pub async fn grants(conn: &mut Conn, account: Uuid) -> Result<Vec<Grant>, StoreError> {
    let rows: Vec<Held> = role_grant::table
        .filter(role_grant::account_id.eq(account))
        .filter(role_grant::ended_at.is_null())
        .order(role_grant::id)
        .select((
            role_grant::role,
            role_grant::call_id,
            role_grant::organisation_id,
        ))
        .load(conn)
        .await?;
    effective(conn, rows).await
}

/// What roles mean: one for an organisation counts for the organisations it acts for as well.
pub(super) async fn effective(conn: &mut Conn, rows: Vec<Held>) -> Result<Vec<Grant>, StoreError> {
    let organisations: Vec<Uuid> = rows.iter().filter_map(|row| row.2).collect();
    let acting: Vec<(Uuid, Uuid)> = if organisations.is_empty() {
        Vec::new()
    } else {
        acting_for::table
            .filter(acting_for::organisation_id.eq_any(&organisations))
            .filter(acting_for::ended_at.is_null())
            .select((acting_for::organisation_id, acting_for::acts_for_id))
            .load(conn)
            .await?
    };
    let mut grants = Vec::new();
    for (role, call, organisation) in rows {
        let role: Role = text::name(&role)?;
        grants.push(Grant {
            role,
            call,
            organisation,
        });
        let others = acting
            .iter()
            .filter(|(acts, _)| Some(*acts) == organisation);
        grants.extend(others.map(|(_, acted_for)| Grant {
            role,
            call,
            organisation: Some(*acted_for),
        }));
    }
    Ok(grants)
}

/// Makes the drafter of a call its secretariat.
pub async fn grant_secretariat(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    call: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DraftCall], call)?;
    let row = GrantRow {
        id: kernel::id::new(),
        account_id: account,
        call_id: Some(call),
        role: Role::Secretariat.to_string(),
        organisation_id: None,
        granted_by: permit.account(),
        ended_at: None,
    };
    insert(conn, &row).await
}

/// Grants a role: to who accepted the invitation `row` comes from (the permit's object), or at set-up
/// to the account itself. A role held already stays as it is.
pub async fn grant(
    conn: &mut Conn,
    permit: &Permit,
    from: Uuid,
    row: &GrantRow,
) -> Result<(), StoreError> {
    let actions = [Action::AcceptRole, Action::GrantInstallationRole];
    demand(permit, &actions, from)?;
    insert(conn, row).await
}

pub(super) async fn insert(conn: &mut Conn, row: &GrantRow) -> Result<(), StoreError> {
    diesel::insert_into(role_grant::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// A role in force.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<GrantRow, StoreError> {
    Ok(role_grant::table
        .find(id)
        .filter(role_grant::ended_at.is_null())
        .select(GrantRow::as_select())
        .first(conn)
        .await?)
}

/// All who hold a role in a call (or the installation), locked, so that of two who end the last two
/// holders at the same time the second is told.
pub async fn lock_holders(
    conn: &mut Conn,
    call: Option<Uuid>,
    role: &str,
) -> Result<Vec<GrantRow>, StoreError> {
    Ok(role_grant::table
        .filter(role_grant::call_id.is_not_distinct_from(call))
        .filter(role_grant::role.eq(role))
        .filter(role_grant::ended_at.is_null())
        .order(role_grant::id)
        .select(GrantRow::as_select())
        .for_update()
        .load(conn)
        .await?)
}

/// Ends a role: at once, for rights are read anew with every request. `because` is what the permit is
/// for: the role itself, or the invitation by which it was handed over.
pub async fn end(
    conn: &mut Conn,
    permit: &Permit,
    because: Uuid,
    id: Uuid,
) -> Result<(), StoreError> {
    let actions = [
        Action::EndRole,
        Action::GrantInstallationRole,
        Action::AcceptRole,
    ];
    demand(permit, &actions, because)?;
    let changed = diesel::update(role_grant::table.find(id))
        .filter(role_grant::ended_at.is_null())
        .set(role_grant::ended_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    one_row(changed)
}
