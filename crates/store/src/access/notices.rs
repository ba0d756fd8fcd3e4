//! Kinds of mails that people do without.

use access::{Action, Notice, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::{account, notice_off};
use crate::statement::lower;
use crate::{Conn, StoreError, text};

/// The kinds that the owner of an account does without.
pub async fn off(conn: &mut Conn, account: Uuid) -> Result<Vec<Notice>, StoreError> {
    let names: Vec<String> = notice_off::table
        .filter(notice_off::account_id.eq(account))
        .select(notice_off::kind)
        .load(conn)
        .await?;
    names.iter().map(|name| text::name(name)).collect()
}

/// Keeps these kinds in the place of those before. The account's row is locked.
pub async fn set_off(
    conn: &mut Conn,
    permit: &Permit,
    account: Uuid,
    kinds: &[Notice],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOwnAccount], account)?;
    diesel::delete(notice_off::table.filter(notice_off::account_id.eq(account)))
        .execute(conn)
        .await?;
    let rows: Vec<_> = kinds
        .iter()
        .map(|kind| {
            (
                notice_off::account_id.eq(account),
                notice_off::kind.eq(kind.to_string()),
            )
        })
        .collect();
    diesel::insert_into(notice_off::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether whoever has this address does without mails of this kind.
pub async fn unwanted(conn: &mut Conn, email: &str, kind: Notice) -> Result<bool, StoreError> {
    if !kind.is_switchable() {
        return Ok(false);
    }
    let whose = notice_off::table
        .inner_join(account::table.on(account::id.eq(notice_off::account_id)))
        .filter(notice_off::kind.eq(kind.to_string()))
        .filter(lower(account::email).eq(lower(email)));
    Ok(diesel::select(diesel::dsl::exists(whose))
        .get_result(conn)
        .await?)
}
