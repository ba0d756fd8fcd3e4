//! Whom applicants ask to keep from reviewing their proposal.

use std::collections::BTreeMap;

use ::review::conflict::Named;
use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::named_persons;
use crate::{Conn, StoreError, text};

/// Whom the applicants of one proposal name.
pub async fn of_proposal(conn: &mut Conn, proposal: Uuid) -> Result<Vec<Named>, StoreError> {
    let found: Option<Value> = named_persons::table
        .find(proposal)
        .select(named_persons::persons)
        .first(conn)
        .await
        .optional()?;
    found.map_or(Ok(Vec::new()), text::document)
}

/// Whom the applicants of a call name, by proposal.
pub async fn of_call(
    conn: &mut Conn,
    call: Uuid,
) -> Result<BTreeMap<Uuid, Vec<Named>>, StoreError> {
    let rows: Vec<(Uuid, Value)> = named_persons::table
        .filter(named_persons::call_id.eq(call))
        .select((named_persons::proposal_id, named_persons::persons))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(proposal, persons)| Ok((proposal, text::document(persons)?)))
        .collect()
}

/// Keeps whom the applicants name, in the place of those named before. The caller holds the proposal.
pub async fn set(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    proposal: Uuid,
    persons: &[Named],
) -> Result<(), StoreError> {
    demand(permit, &[Action::NamePersons], proposal)?;
    let persons = named_persons::persons.eq(text::json(&persons)?);
    diesel::insert_into(named_persons::table)
        .values((
            named_persons::proposal_id.eq(proposal),
            named_persons::call_id.eq(call),
            persons.clone(),
        ))
        .on_conflict(named_persons::proposal_id)
        .do_update()
        .set(persons)
        .execute(conn)
        .await?;
    Ok(())
}
