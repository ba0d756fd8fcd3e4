//! Invitations to a role, sent by mail.

use access::{Action, Object, Permit, Role};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{acting_for, invitation, participation};
use crate::statement::lower;
use crate::{Conn, StoreError, text};

/// An invitation. It has no `Debug`, for it holds the hash of a secret.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitation)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct InvitationRow {
    pub id: Uuid,
    pub call_id: Option<Uuid>,
    pub email: String,
    pub role: String,
    pub organisation_id: Option<Uuid>,
    pub token_hash: Vec<u8>,
    pub invited_by: Option<Uuid>,
    pub hands_over: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}

impl InvitationRow {
    /// The role offered.
    pub fn role(&self) -> Result<Role, StoreError> {
        text::name(&self.role)
    }

    /// The invitation as the policy sees it.
    pub fn object(&self) -> Object {
        Object {
            call: self.call_id,
            ..Object::new("invitation", self.id)
        }
    }
}

/// Keeps an invitation; an open one to the same person for the same role is replaced. `object` is what
/// the permit is for: the call, the installation or the role handed over.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    object: Uuid,
    row: &InvitationRow,
) -> Result<(), StoreError> {
    let actions = [
        Action::InviteToRole,
        Action::GrantInstallationRole,
        Action::HandOverRole,
    ];
    demand(permit, &actions, object)?;
    diesel::update(invitation::table)
        .filter(invitation::call_id.is_not_distinct_from(row.call_id))
        .filter(invitation::role.eq(&row.role))
        .filter(invitation::organisation_id.is_not_distinct_from(row.organisation_id))
        .filter(lower(invitation::email).eq(lower(&row.email)))
        .filter(invitation::accepted_at.is_null())
        .filter(invitation::revoked_at.is_null())
        .set(invitation::revoked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    diesel::insert_into(invitation::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// An open invitation by the hash of its link, locked.
pub async fn lock_open(
    conn: &mut Conn,
    token_hash: &[u8],
) -> Result<Option<InvitationRow>, StoreError> {
    Ok(invitation::table
        .filter(invitation::token_hash.eq(token_hash))
        .filter(invitation::accepted_at.is_null())
        .filter(invitation::revoked_at.is_null())
        .filter(sql::<Bool>("expires_at > clock_timestamp()"))
        .select(InvitationRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// An invitation that nobody has accepted or taken back.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<InvitationRow, StoreError> {
    Ok(invitation::table
        .find(id)
        .filter(invitation::accepted_at.is_null())
        .filter(invitation::revoked_at.is_null())
        .select(InvitationRow::as_select())
        .first(conn)
        .await?)
}

/// Notes who accepted.
pub async fn accept(
    conn: &mut Conn,
    permit: &Permit,
    id: Uuid,
    account: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AcceptRole], id)?;
    let changed = diesel::update(invitation::table.find(id))
        .filter(invitation::accepted_at.is_null())
        .set((
            invitation::accepted_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            invitation::accepted_by.eq(account),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Takes an open invitation back.
pub async fn revoke(conn: &mut Conn, permit: &Permit, id: Uuid) -> Result<(), StoreError> {
    let actions = [Action::InviteToRole, Action::GrantInstallationRole];
    demand(permit, &actions, id)?;
    let changed = diesel::update(invitation::table.find(id))
        .filter(invitation::accepted_at.is_null())
        .filter(invitation::revoked_at.is_null())
        .set(invitation::revoked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Whether an organisation takes part in a call, or acts for one that does.
pub async fn speaks_for_a_funder(
    conn: &mut Conn,
    call: Uuid,
    organisation: Uuid,
) -> Result<bool, StoreError> {
    let mut acted_for: Vec<Uuid> = acting_for::table
        .filter(acting_for::organisation_id.eq(organisation))
        .filter(acting_for::ended_at.is_null())
        .select(acting_for::acts_for_id)
        .load(conn)
        .await?;
    acted_for.push(organisation);
    let taking_part = participation::table
        .filter(participation::call_id.eq(call))
        .filter(participation::left_at.is_null())
        .filter(participation::organisation_id.eq_any(acted_for));
    Ok(diesel::select(diesel::dsl::exists(taking_part))
        .get_result(conn)
        .await?)
}
