//! Who hears about proposals, and which funders they may ask.

use ::intake::FunderTerms;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{
    account, organisation, participation, partner_member, proposal, proposal_stage,
};
use crate::{Conn, StoreError, text};

/// Somebody to write to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
}

/// How to reach the owner of an account; `None` until the address is confirmed.
pub async fn account(conn: &mut Conn, id: Uuid) -> Result<Option<Contact>, StoreError> {
    Ok(account::table
        .find(id)
        .filter(account::email_confirmed_at.is_not_null())
        .select((account::email, account::name))
        .first(conn)
        .await
        .optional()?)
}

/// Who writes a part of these proposals now without coordinating them, each once for a proposal.
pub async fn partners_of(
    conn: &mut Conn,
    proposals: &[Uuid],
) -> Result<Vec<(Uuid, Contact)>, StoreError> {
    Ok(partner_member::table
        .inner_join(proposal::table.on(proposal::id.eq(partner_member::proposal_id)))
        .inner_join(account::table.on(account::id.eq(partner_member::account_id)))
        .filter(partner_member::proposal_id.eq_any(proposals))
        .filter(partner_member::left_at.is_null())
        .filter(partner_member::account_id.ne(proposal::coordinator_id))
        .filter(account::email_confirmed_at.is_not_null())
        .select((partner_member::proposal_id, (account::email, account::name)))
        .distinct()
        .order((partner_member::proposal_id, account::email))
        .load(conn)
        .await?)
}

/// The coordinators with a proposal in a stage that is not withdrawn, each once.
pub async fn coordinators(conn: &mut Conn, stage_id: Uuid) -> Result<Vec<Contact>, StoreError> {
    Ok(proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(account::table.on(account::id.eq(proposal::coordinator_id)))
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.ne("withdrawn"))
        .order(account::email)
        .select((account::email, account::name))
        .distinct()
        .load(conn)
        .await?)
}

/// How many proposals of a stage the coordinator of this one submits with it: those submitted or locked,
/// and this one whatever its state.
pub async fn coordinations(
    conn: &mut Conn,
    stage_id: Uuid,
    proposal_id: Uuid,
) -> Result<u32, StoreError> {
    let coordinator = proposal::table
        .find(proposal_id)
        .select(proposal::coordinator_id)
        .into_boxed();
    let others: i64 = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.eq_any(["submitted", "edited_since", "locked"]))
        .filter(proposal::id.ne(proposal_id))
        .filter(proposal::coordinator_id.eq_any(coordinator))
        .count()
        .get_result(conn)
        .await?;
    Ok(u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1))
}

/// The funders of a call as a check of a proposal needs them. An organisation without a country pays nobody
/// and is left out.
pub async fn funder_terms(conn: &mut Conn, call_id: Uuid) -> Result<Vec<FunderTerms>, StoreError> {
    type Row = (String, String, String, Option<String>, Value);
    let rows: Vec<Row> = participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call_id))
        .filter(participation::left_at.is_null())
        .filter(organisation::country.is_not_null())
        .order(organisation::key)
        .select((
            organisation::key,
            organisation::name,
            organisation::country.assume_not_null(),
            organisation::region,
            participation::terms,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(key, name, country, region, terms)| {
            Ok(FunderTerms {
                key,
                name,
                country: text::name(&country)?,
                region,
                terms: text::document(terms)?,
            })
        })
        .collect()
}
