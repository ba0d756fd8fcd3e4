//! Accounts, sessions, tokens, roles and invitations as their viewers see them.

use access::{Role, Scope};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::AccountRow;
use crate::schema::{account, call, invitation, organisation, role_grant, token};
use crate::{Conn, StoreError, text};

/// The own account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// ORCID iD, where its owner gave it.
    pub orcid: Option<String>,
    /// Whether a password is set; without one, log in by link.
    pub has_password: bool,
    /// Whether logging in needs a second factor.
    pub second_factor: bool,
    /// The call whose expert's desk is all that this session opens, where it began by the link of an invitation to
    /// evaluate; left out where it opens everything the account may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Uuid>,
}

impl From<&AccountRow> for AccountView {
    fn from(row: &AccountRow) -> AccountView {
        AccountView {
            id: row.id,
            email: row.email.clone(),
            name: row.name.clone(),
            orcid: row.orcid.clone(),
            has_password: row.password_hash.is_some(),
            second_factor: row.has_second_factor(),
            desk: None,
        }
    }
}

/// A session or a bearer token in force, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    pub id: Uuid,
    /// The name its owner gave a bearer token; empty for a session.
    pub label: String,
    /// What a bearer token may be used for; empty for a session.
    pub scopes: Vec<Scope>,
    /// The call whose expert's desk is all that a session opens, which began by the link of an invitation to evaluate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Uuid>,
    /// Whether it is the one this request came with.
    pub current: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// The tokens of one kind (`session` or `bearer`) in force, newest first.
pub async fn tokens(
    conn: &mut Conn,
    account_id: Uuid,
    kind: &str,
    current: Uuid,
) -> Result<Vec<TokenView>, StoreError> {
    type Row = (
        Uuid,
        String,
        Vec<String>,
        Option<Uuid>,
        DateTime<Utc>,
        DateTime<Utc>,
    );
    let rows: Vec<Row> = token::table
        .filter(token::account_id.eq(account_id))
        .filter(token::kind.eq(kind))
        .filter(token::revoked_at.is_null())
        .filter(sql::<Bool>("expires_at > clock_timestamp()"))
        .order(token::id.desc())
        .select((
            token::id,
            token::label,
            token::scopes,
            token::desk_call_id,
            token::created_at,
            token::expires_at,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(id, label, scopes, desk, created_at, expires_at)| {
            let scopes = scopes.iter().map(|scope| text::name(scope));
            Ok(TokenView {
                id,
                label,
                scopes: scopes.collect::<Result<_, _>>()?,
                desk,
                current: id == current,
                created_at,
                expires_at,
            })
        })
        .collect()
}

/// A role held.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleView {
    /// Id of the grant, by which it is handed over or ended.
    pub id: Uuid,
    /// The role.
    pub role: Role,
    /// The call; none for a role of the installation.
    pub call: Option<Uuid>,
    /// The call's code.
    pub call_code: Option<String>,
    /// Key of the organisation spoken for.
    pub organisation: Option<String>,
    /// The holder's account.
    pub account: Uuid,
    /// The holder's name.
    pub name: String,
    /// The holder's address.
    pub email: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Whose roles.
pub enum Holding {
    /// All roles of an account.
    By(Uuid),
    /// All roles in a call.
    In(Uuid),
}

/// Roles in force, in the order in which they were granted.
pub async fn roles(conn: &mut Conn, whose: Holding) -> Result<Vec<RoleView>, StoreError> {
    type Row = (
        (Uuid, String, Option<Uuid>, DateTime<Utc>),
        (Uuid, String, String),
        Option<String>,
        Option<String>,
    );
    let mut query = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .left_join(call::table.on(call::id.nullable().eq(role_grant::call_id)))
        .left_join(
            organisation::table.on(organisation::id.nullable().eq(role_grant::organisation_id)),
        )
        .filter(role_grant::ended_at.is_null())
        .order(role_grant::id)
        .select((
            (
                role_grant::id,
                role_grant::role,
                role_grant::call_id,
                role_grant::granted_at,
            ),
            (account::id, account::name, account::email),
            call::code.nullable(),
            organisation::key.nullable(),
        ))
        .into_boxed();
    query = match whose {
        Holding::By(id) => query.filter(role_grant::account_id.eq(id)),
        Holding::In(id) => query.filter(role_grant::call_id.eq(id)),
    };
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(
            |((id, role, call, since), (account, name, email), call_code, organisation)| {
                Ok(RoleView {
                    id,
                    role: text::name(&role)?,
                    call,
                    call_code,
                    organisation,
                    account,
                    name,
                    email,
                    since,
                })
            },
        )
        .collect()
}

/// An invitation to a role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    /// Its id.
    pub id: Uuid,
    /// Whom it was sent to.
    pub email: String,
    /// The role offered.
    pub role: Role,
    /// The call; none for a role of the installation.
    pub call: Option<Uuid>,
    /// Key of the organisation to speak for.
    pub organisation: Option<String>,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
}

/// Which invitations.
pub enum Sent {
    /// One.
    One(Uuid),
    /// All of a call that were not taken back.
    For(Uuid),
}

/// Invitations, oldest first.
pub async fn invitations(conn: &mut Conn, which: Sent) -> Result<Vec<InvitationView>, StoreError> {
    type Row = (
        (Uuid, String, String, Option<Uuid>),
        (DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>),
        Option<String>,
    );
    let mut query = invitation::table
        .left_join(
            organisation::table.on(organisation::id.nullable().eq(invitation::organisation_id)),
        )
        .filter(invitation::revoked_at.is_null())
        .order(invitation::id)
        .select((
            (
                invitation::id,
                invitation::email,
                invitation::role,
                invitation::call_id,
            ),
            (
                invitation::created_at,
                invitation::expires_at,
                invitation::accepted_at,
            ),
            organisation::key.nullable(),
        ))
        .into_boxed();
    query = match which {
        Sent::One(id) => query.filter(invitation::id.eq(id)),
        Sent::For(id) => query.filter(invitation::call_id.eq(id)),
    };
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(
            |((id, email, role, call), (sent_at, expires_at, accepted_at), organisation)| {
                Ok(InvitationView {
                    id,
                    email,
                    role: text::name(&role)?,
                    call,
                    organisation,
                    sent_at,
                    expires_at,
                    accepted_at,
                })
            },
        )
        .collect()
}
