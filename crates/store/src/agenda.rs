//! Agendas of action items, organisations, memberships, and who acts for whom.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::{action_item, agenda, organisation};
use crate::{Conn, StoreError};

/// Numbers and ids of an agenda's items; empty when there is no such agenda.
pub async fn item_ids(conn: &mut Conn, code: &str) -> Result<Vec<(String, Uuid)>, StoreError> {
    Ok(action_item::table
        .inner_join(agenda::table.on(agenda::id.eq(action_item::agenda_id)))
        .filter(agenda::code.eq(code))
        .order(action_item::position)
        .select((action_item::number, action_item::id))
        .load(conn)
        .await?)
}

/// The id of an organisation by its key.
pub async fn organisation_id(conn: &mut Conn, key: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(organisation::table
        .filter(organisation::key.eq(key))
        .select(organisation::id)
        .first(conn)
        .await
        .optional()?)
}
