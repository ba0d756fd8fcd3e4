//! Who wears a role in a call, to be written to.

use access::Role;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::{account, acting_for, role_grant};
use crate::{Conn, StoreError};

/// Somebody with a role in a call.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Holder {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The organisation of the role, where it has one.
    pub organisation: Option<Uuid>,
}

/// Who wears one of the roles in the call, the longest first; who wears several, more than once.
pub async fn holders(
    conn: &mut Conn,
    call: Uuid,
    roles: &[Role],
) -> Result<Vec<Holder>, StoreError> {
    let roles = roles.iter().map(Role::to_string);
    Ok(role_grant::table
        .inner_join(account::table.on(account::id.eq(role_grant::account_id)))
        .filter(role_grant::call_id.eq(call))
        .filter(role_grant::role.eq_any(roles))
        .filter(role_grant::ended_at.is_null())
        .order(role_grant::id)
        .select((account::name, account::email, role_grant::organisation_id))
        .load(conn)
        .await?)
}

/// Pairs (acting, acted for) of organisations, in force.
pub async fn acting(conn: &mut Conn) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(acting_for::table
        .filter(acting_for::ended_at.is_null())
        .select((acting_for::organisation_id, acting_for::acts_for_id))
        .load(conn)
        .await?)
}
