//! Who sits on a call's panel, or sat there: by an expert's seat, or by a role in the call alone.

use std::collections::BTreeMap;

use ::review::conflict::Person;
use access::Role;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::{account, role_grant};
use crate::{Conn, StoreError};

/// Everybody who wears a role of the panel or ever wore one, by account.
pub async fn ever(conn: &mut Conn, call: Uuid) -> Result<BTreeMap<Uuid, Person>, StoreError> {
    let roles = [Role::PanelChair, Role::PanelMember].map(|role| role.to_string());
    let found: Vec<(Uuid, String, String, Option<String>)> = role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(role_grant::call_id.eq(call))
        .filter(role_grant::role.eq_any(roles))
        .select((account::id, account::name, account::email, account::orcid))
        .load(conn)
        .await?;
    let person = |(id, name, email, orcid)| (id, Person { name, email, orcid });
    Ok(found.into_iter().map(person).collect())
}

#[derive(QueryableByName)]
struct Served {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Who wore a role of the panel when it adopted a ranking list of the call: the names by account.
pub async fn served(conn: &mut Conn, call: Uuid) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let found: Vec<Served> = diesel::sql_query(
        "select g.account_id, a.name from role_grant g join account a on a.id = g.account_id
         where g.call_id = $1 and g.role in ('panel_chair', 'panel_member') and exists (
             select from sealed.ranking_list l
             where l.call_id = g.call_id and l.adopted_at >= g.granted_at
               and (g.ended_at is null or l.adopted_at <= g.ended_at))",
    )
    .bind::<SqlUuid, _>(call)
    .load(conn)
    .await?;
    let found = found.into_iter();
    Ok(found.map(|one| (one.account_id, one.name)).collect())
}
