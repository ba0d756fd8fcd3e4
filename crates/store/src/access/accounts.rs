//! Accounts and their recovery codes.

use access::{Action, Object, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{account, recovery_code};
use crate::statement::lower;
use crate::{Conn, StoreError};

/// A person's account. It has no `Debug`, for it holds secrets.
#[derive(Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct AccountRow {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub orcid: Option<String>,
    pub password_hash: Option<String>,
    pub totp_secret: Option<Vec<u8>>,
    pub totp_confirmed_at: Option<DateTime<Utc>>,
    pub totp_last_step: i64,
    pub email_confirmed_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl AccountRow {
    /// A new account with nothing but a name and an address.
    pub fn new(email: &str, name: &str) -> AccountRow {
        AccountRow {
            id: kernel::id::new(),
            email: email.to_owned(),
            name: name.to_owned(),
            orcid: None,
            password_hash: None,
            totp_secret: None,
            totp_confirmed_at: None,
            totp_last_step: 0,
            email_confirmed_at: None,
            version: 1,
        }
    }

    /// The account as the policy sees it: its owner's.
    pub fn object(&self) -> Object {
        own(self.id)
    }

    /// Whether logging in needs a second factor.
    pub fn has_second_factor(&self) -> bool {
        self.totp_confirmed_at.is_some()
    }
}

/// An account as the policy sees it, known by its id alone.
pub fn own(id: Uuid) -> Object {
    Object {
        owner: Some(id),
        ..Object::new("account", id)
    }
}

/// Reads an account.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<AccountRow, StoreError> {
    Ok(account::table
        .find(id)
        .select(AccountRow::as_select())
        .first(conn)
        .await?)
}

/// Reads an account and keeps others from changing it until the transaction ends.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<AccountRow, StoreError> {
    Ok(account::table
        .find(id)
        .select(AccountRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// The account with this address, whatever its case.
pub async fn by_email(conn: &mut Conn, email: &str) -> Result<Option<AccountRow>, StoreError> {
    Ok(account::table
        .filter(lower(account::email).eq(lower(email)))
        .select(AccountRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Inserts an account unless there is one with its address; answers whether it did.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    row: &AccountRow,
) -> Result<bool, StoreError> {
    let actions = [
        Action::SignUp,
        Action::GrantInstallationRole,
        Action::ImportProposals,
    ];
    demand(permit, &actions, row.id)?;
    let inserted = diesel::insert_into(account::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Saves what changed in an account that was read at `row.version`.
pub async fn save(conn: &mut Conn, permit: &Permit, row: &AccountRow) -> Result<(), StoreError> {
    let actions = [
        Action::LogIn,
        Action::ManageOwnAccount,
        Action::ManageCredentials,
    ];
    demand(permit, &actions, row.id)?;
    let changed = diesel::update(account::table.find(row.id))
        .filter(account::version.eq(row.version))
        .set((
            account::email.eq(&row.email),
            account::name.eq(&row.name),
            account::orcid.eq(&row.orcid),
            account::password_hash.eq(&row.password_hash),
            account::totp_secret.eq(&row.totp_secret),
            account::totp_confirmed_at.eq(row.totp_confirmed_at),
            account::totp_last_step.eq(row.totp_last_step),
            account::email_confirmed_at.eq(row.email_confirmed_at),
            account::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Replaces the recovery codes, known by their hashes; none removes them.
pub async fn replace_recovery_codes(
    conn: &mut Conn,
    permit: &Permit,
    account_id: Uuid,
    hashes: &[Vec<u8>],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageCredentials], account_id)?;
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(account_id)))
        .execute(conn)
        .await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| {
            (
                recovery_code::account_id.eq(account_id),
                recovery_code::hash.eq(hash),
            )
        })
        .collect();
    diesel::insert_into(recovery_code::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// Uses up a recovery code; answers whether there was such a one, unused.
pub async fn use_recovery_code(
    conn: &mut Conn,
    permit: &Permit,
    account_id: Uuid,
    hash: &[u8],
) -> Result<bool, StoreError> {
    let actions = [Action::LogIn, Action::ManageCredentials];
    demand(permit, &actions, account_id)?;
    let used = diesel::update(recovery_code::table.find((account_id, hash)))
        .filter(recovery_code::used_at.is_null())
        .set(recovery_code::used_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    Ok(used == 1)
}
