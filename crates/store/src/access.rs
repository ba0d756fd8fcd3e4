//! Accounts, tokens, roles.

use access::{Action, Grant, Permit, Role};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::demand;
use crate::schema::{account, acting_for, role_grant, token};
use crate::{Conn, StoreError, text};

/// A session or bearer token in force, and the database's time when it was read.
#[derive(Debug, Clone, Queryable)]
pub struct Authenticated {
    /// The account.
    pub account: Uuid,
    /// The token's id.
    pub token: Uuid,
    /// `session` or `bearer`.
    pub kind: String,
    /// Scopes of a bearer token.
    pub scopes: Vec<String>,
    /// Whether a second factor was used.
    pub strong: bool,
    /// When the person logged in.
    pub authenticated_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Looks a session or bearer token up by its hash.
pub async fn authenticate(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<Authenticated>, StoreError> {
    Ok(token::table
        .filter(token::hash.eq(hash))
        .filter(token::kind.eq_any(["session", "bearer"]))
        .filter(token::revoked_at.is_null())
        .filter(sql::<Bool>("expires_at > clock_timestamp()"))
        .select((
            token::account_id,
            token::id,
            token::kind,
            token::scopes,
            token::strong,
            token::authenticated_at,
            sql::<Timestamptz>("clock_timestamp()"),
        ))
        .first(conn)
        .await
        .optional()?)
}

/// The roles of an account in force. A role for an organisation counts for the organisations it acts
/// for as well.
pub async fn grants(conn: &mut Conn, account: Uuid) -> Result<Vec<Grant>, StoreError> {
    let rows: Vec<(String, Option<Uuid>, Option<Uuid>)> = role_grant::table
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
    diesel::insert_into(role_grant::table)
        .values((
            role_grant::id.eq(kernel::id::new()),
            role_grant::account_id.eq(account),
            role_grant::call_id.eq(call),
            role_grant::role.eq(Role::Secretariat.to_string()),
            role_grant::granted_by.eq(permit.account()),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The account of an e-mail address, made when there is none. Its address counts as confirmed once a
/// link that was sent there is used.
pub async fn find_or_make_account(
    conn: &mut Conn,
    permit: &Permit,
    email: &str,
    name: &str,
) -> Result<Uuid, StoreError> {
    if permit.action() != Action::InviteExpert {
        return Err(StoreError::Permit);
    }
    let known: Option<Uuid> = account::table
        .filter(
            sql::<Bool>("lower(email) = lower(")
                .bind::<Text, _>(email)
                .sql(")"),
        )
        .select(account::id)
        .first(conn)
        .await
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = kernel::id::new();
    diesel::insert_into(account::table)
        .values((
            account::id.eq(id),
            account::email.eq(email),
            account::name.eq(name),
        ))
        .execute(conn)
        .await?;
    Ok(id)
}

/// Makes a one-time link's secret, known here by its hash only.
pub async fn issue_link(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    kind: &str,
    valid_for: TimeDelta,
) -> Result<String, StoreError> {
    if permit.action() != Action::InviteExpert {
        return Err(StoreError::Permit);
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let secret = hex::encode(random);
    let expires = crate::db::clock(conn).await? + valid_for;
    diesel::insert_into(token::table)
        .values((
            token::id.eq(kernel::id::new()),
            token::account_id.eq(account),
            token::kind.eq(kind),
            token::hash.eq(Sha256::digest(secret.as_bytes()).to_vec()),
            token::expires_at.eq(expires),
        ))
        .execute(conn)
        .await?;
    Ok(secret)
}

/// Gives an expert who accepted a seat on the panel the role that goes with it.
pub async fn grant_panel_seat(
    conn: &mut Conn,
    permit: &Permit,
    expert: Uuid,
    role: Role,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AnswerInvitation], expert)?;
    let (Some(account), Some(call)) = (permit.account(), permit.call()) else {
        return Err(StoreError::Permit);
    };
    diesel::insert_into(role_grant::table)
        .values((
            role_grant::id.eq(kernel::id::new()),
            role_grant::account_id.eq(account),
            role_grant::call_id.eq(call),
            role_grant::role.eq(role.to_string()),
            role_grant::granted_by.eq(account),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}
