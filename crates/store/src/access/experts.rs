//! What an expert needs of the accounts: one to log in with, a link to it, and a seat on the panel.

use access::{Action, Permit, Role};
use chrono::TimeDelta;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::accounts::{AccountRow, by_email};
use super::roles::{GrantRow, insert};
use super::tokens::{NewToken, TokenKind};
use crate::error::demand;
use crate::schema::{account, role_grant, token};
use crate::{Conn, StoreError, db};

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
    if let Some(known) = by_email(conn, email).await? {
        return Ok(known.id);
    }
    let new = AccountRow::new(email, name);
    diesel::insert_into(account::table)
        .values(&new)
        .execute(conn)
        .await?;
    Ok(new.id)
}

/// Makes the secret of a one-time link to an expert's desk in the call of the permit, known here by its hash only. It
/// goes by mail and may lie there for weeks: so it opens nothing else of what the person may do.
pub async fn issue_desk_link(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    valid_for: TimeDelta,
) -> Result<String, StoreError> {
    let Some(call) = permit.call() else {
        return Err(StoreError::Permit);
    };
    demand(permit, &[Action::InviteExpert], call)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let secret = hex::encode(random);
    let row = NewToken {
        id: kernel::id::new(),
        account_id: account,
        kind: TokenKind::LoginLink.into(),
        hash: Sha256::digest(secret.as_bytes()).to_vec(),
        label: String::new(),
        scopes: Vec::new(),
        strong: false,
        payload: None,
        desk_call_id: Some(call),
        expires_at: db::clock(conn).await? + valid_for,
    };
    diesel::insert_into(token::table)
        .values(&row)
        .execute(conn)
        .await?;
    Ok(secret)
}

/// Ends the seats on the panel of an expert who leaves it (the permit's object), and gives the substitute the one that
/// goes with the place.
pub async fn pass_panel_seat(
    conn: &mut Conn,
    permit: &Permit,
    (leaving, account): (Uuid, Option<Uuid>),
    substitute: Option<Uuid>,
    role: Option<Role>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::CallUpSubstitute], leaving)?;
    let Some(call) = permit.call() else {
        return Err(StoreError::Permit);
    };
    let seats = [Role::PanelChair, Role::PanelMember].map(|role| role.to_string());
    diesel::update(
        role_grant::table
            .filter(role_grant::account_id.nullable().eq(account))
            .filter(role_grant::call_id.eq(call))
            .filter(role_grant::role.eq_any(seats))
            .filter(role_grant::ended_at.is_null()),
    )
    .set(role_grant::ended_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
    .execute(conn)
    .await?;
    let (Some(role), Some(account_id)) = (role, substitute) else {
        return Ok(());
    };
    let row = GrantRow {
        id: kernel::id::new(),
        account_id,
        call_id: Some(call),
        role: role.to_string(),
        organisation_id: None,
        granted_by: permit.account(),
        ended_at: None,
    };
    insert(conn, &row).await
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
    let row = GrantRow {
        id: kernel::id::new(),
        account_id: account,
        call_id: Some(call),
        role: role.to_string(),
        organisation_id: None,
        granted_by: Some(account),
        ended_at: None,
    };
    insert(conn, &row).await
}
