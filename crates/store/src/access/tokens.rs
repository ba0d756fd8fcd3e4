//! Sessions, bearer tokens and one-time links: random texts of which only the hash is kept.

use access::{Action, Grant, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use strum::{Display, EnumString, IntoStaticStr};
use uuid::Uuid;

use super::roles::{Held, effective};
use crate::error::{demand, one_row};
use crate::schema::{role_grant, token};
use crate::statement::clock_timestamp;
use crate::{Conn, StoreError};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenKind {
    /// A login of a person.
    Session,
    /// A program's access in a person's name.
    Bearer,
    /// Proves the address of a sign-up.
    ConfirmEmail,
    /// Logs in, once.
    LoginLink,
    /// Sets a new password, once.
    PasswordReset,
    /// Proves a new address.
    ChangeEmail,
}

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
    /// The call whose expert's desk is all that the session opens.
    pub desk: Option<Uuid>,
    /// When the person logged in.
    pub authenticated_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Looks a session or bearer token up by its hash; with it, in one look, the roles of its account in force.
pub async fn authenticate(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<(Authenticated, Vec<Grant>)>, StoreError> {
    let in_force = role_grant::account_id
        .eq(token::account_id)
        .and(role_grant::ended_at.is_null());
    let rows: Vec<(Authenticated, Option<Held>)> = token::table
        .left_join(role_grant::table.on(in_force))
        .filter(token::hash.eq(hash))
        .filter(token::kind.eq_any(["session", "bearer"]))
        .filter(token::revoked_at.is_null())
        .filter(token::expires_at.gt(clock_timestamp()))
        .order(role_grant::id)
        .select((
            (
                token::account_id,
                token::id,
                token::kind,
                token::scopes,
                token::strong,
                token::desk_call_id,
                token::authenticated_at,
                clock_timestamp(),
            ),
            (
                role_grant::role,
                role_grant::call_id,
                role_grant::organisation_id,
            )
                .nullable(),
        ))
        .load(conn)
        .await?;
    let Some((found, _)) = rows.as_slice().first().cloned() else {
        return Ok(None);
    };
    let held = rows.into_iter().filter_map(|(_, held)| held).collect();
    Ok(Some((found, effective(conn, held).await?)))
}

/// A token to be kept.
#[derive(Insertable)]
#[diesel(table_name = token, treat_none_as_default_value = false)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct NewToken {
    pub id: Uuid,
    pub account_id: Uuid,
    pub kind: &'static str,
    pub hash: Vec<u8>,
    pub label: String,
    pub scopes: Vec<String>,
    pub strong: bool,
    pub payload: Option<String>,
    pub desk_call_id: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}

/// Keeps a new token of the account that the permit is for.
pub async fn insert(conn: &mut Conn, permit: &Permit, row: &NewToken) -> Result<(), StoreError> {
    let actions = [
        Action::SignUp,
        Action::RequestLink,
        Action::LogIn,
        Action::ManageOwnAccount,
        Action::ManageCredentials,
        Action::GrantInstallationRole,
    ];
    demand(permit, &actions, row.account_id)?;
    diesel::insert_into(token::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// A one-time link that was not used yet.
#[derive(Clone, Queryable)]
pub struct Link {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub account: Uuid,
    /// What it will do, where the kind says so.
    pub payload: Option<String>,
    /// The call whose expert's desk is all that it opens.
    pub desk: Option<Uuid>,
}

/// A link in force by its hash.
pub async fn link(
    conn: &mut Conn,
    kind: TokenKind,
    hash: &[u8],
) -> Result<Option<Link>, StoreError> {
    Ok(token::table
        .filter(token::hash.eq(hash))
        .filter(token::kind.eq(<&str>::from(kind)))
        .filter(token::used_at.is_null())
        .filter(token::revoked_at.is_null())
        .filter(sql::<Bool>("expires_at > clock_timestamp()"))
        .select((
            token::id,
            token::account_id,
            token::payload,
            token::desk_call_id,
        ))
        .first(conn)
        .await
        .optional()?)
}

/// Uses a link up. Of two who come at the same time with the same link, one finds it spent.
pub async fn spend(conn: &mut Conn, permit: &Permit, link: &Link) -> Result<(), StoreError> {
    let actions = [
        Action::LogIn,
        Action::ManageOwnAccount,
        Action::ManageCredentials,
    ];
    demand(permit, &actions, link.account)?;
    let changed = diesel::update(token::table.find(link.id))
        .filter(token::used_at.is_null())
        .filter(token::revoked_at.is_null())
        .set(token::used_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Ends all tokens of these kinds but `except`; answers how many.
pub async fn revoke_all(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    kinds: &[TokenKind],
    except: Option<Uuid>,
) -> Result<usize, StoreError> {
    let actions = [
        Action::LogIn,
        Action::ManageOwnAccount,
        Action::ManageCredentials,
    ];
    demand(permit, &actions, account)?;
    let kinds: Vec<&str> = kinds.iter().map(|kind| <&str>::from(*kind)).collect();
    Ok(diesel::update(token::table)
        .filter(token::account_id.eq(account))
        .filter(token::kind.eq_any(kinds))
        .filter(token::id.ne(except.unwrap_or(Uuid::nil())))
        .filter(token::revoked_at.is_null())
        .set(token::revoked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?)
}

/// Ends one token of the account; there must be such a one in force.
pub async fn revoke(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    kind: TokenKind,
    id: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOwnAccount, Action::LogOut], account)?;
    let changed = diesel::update(token::table.find(id))
        .filter(token::account_id.eq(account))
        .filter(token::kind.eq(<&str>::from(kind)))
        .filter(token::revoked_at.is_null())
        .set(token::revoked_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    (changed == 1).then_some(()).ok_or(StoreError::NotFound)
}

/// Whether the login behind a token used a second factor.
pub async fn is_strong(conn: &mut Conn, id: Uuid) -> Result<bool, StoreError> {
    Ok(token::table
        .find(id)
        .select(token::strong)
        .first(conn)
        .await?)
}

/// Notes that the person behind a session has just shown a second factor.
pub async fn strengthen(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    id: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageCredentials], account)?;
    let changed = diesel::update(token::table.find(id))
        .filter(token::account_id.eq(account))
        .set(token::strong.eq(true))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Removes tokens that ended more than 30 days ago.
pub async fn sweep(conn: &mut Conn) -> Result<usize, StoreError> {
    let old = sql::<Timestamptz>("clock_timestamp() - interval '30 days'");
    Ok(
        diesel::delete(token::table.filter(token::expires_at.lt(old)))
            .execute(conn)
            .await?,
    )
}
