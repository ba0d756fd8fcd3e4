//! What a deadline does: content is locked or lapses, and the partners of what counts go on record.

use ::intake::{Partner, PartnerVerdict, ProposalState};
use access::{Action, Permit};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde_json::Value;
use uuid::Uuid;

use super::ContentRow;
use crate::error::demand;
use crate::schema::{
    eligibility, organisation, participation, partner, proposal_stage, submission,
};
use crate::{Conn, StoreError, text};

/// States of a proposal that is still being written or waits for its deadline.
pub(super) const OPEN: [&str; 3] = ["draft", "submitted", "edited_since"];

/// How many rows go into one statement.
const AT_ONCE: usize = 1000;

/// What a deadline makes of proposals.
#[derive(Debug, Default)]
pub struct Closing {
    /// Rows and the states they come to.
    pub states: Vec<(Uuid, ProposalState)>,
    /// The partners of the versions that count.
    pub applicants: Vec<Applicant>,
}

/// A partner of a version that counts.
#[derive(Debug)]
pub struct Applicant {
    /// Row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// Place in the consortium, from 0.
    pub position: i32,
    /// The partner.
    pub partner: Partner,
    /// What it asks of its funder.
    pub requested: Amount,
}

/// Locks the proposals of a stage that are still being written or wait for the deadline.
pub async fn open_contents(conn: &mut Conn, stage_id: Uuid) -> Result<Vec<ContentRow>, StoreError> {
    Ok(proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.eq_any(OPEN))
        .order(proposal_stage::id)
        .select(ContentRow::as_select())
        .for_update()
        .load(conn)
        .await?)
}

/// The partners of the last submitted versions of these proposals, by row of the proposal in the stage.
/// Only they are read: the texts of a whole call would be many megabytes.
pub async fn submitted_partners(
    conn: &mut Conn,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Vec<Partner>)>, StoreError> {
    let rows: Vec<(Uuid, Value)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .filter(proposal_stage::id.eq_any(ids))
        .select((
            proposal_stage::id,
            sql::<Jsonb>("submission.content -> 'partners'"),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(id, partners)| Ok((id, text::document(partners)?)))
        .collect()
}

/// Writes down what a deadline did, and opens the eligibility of every partner. What is closed is `of` a
/// stage, also what came into it from elsewhere, or of one proposal at the end of its exception.
pub async fn close(
    conn: &mut Conn,
    permit: &Permit,
    of: Uuid,
    closing: &Closing,
) -> Result<(), StoreError> {
    let actions = [
        Action::CloseStage,
        Action::CloseException,
        Action::ImportProposals,
    ];
    demand(permit, &actions, of)?;
    let call = permit.call().ok_or(StoreError::Permit)?;
    for state in [ProposalState::Locked, ProposalState::Lapsed] {
        let those = closing.states.iter().filter(|(_, to)| *to == state);
        let ids: Vec<Uuid> = those.map(|(id, _)| *id).collect();
        diesel::update(proposal_stage::table.filter(proposal_stage::id.eq_any(ids)))
            .set((
                proposal_stage::state.eq(state.to_string()),
                proposal_stage::version.eq(proposal_stage::version + 1),
            ))
            .execute(conn)
            .await?;
    }
    insert_applicants(conn, call, &closing.applicants, None).await
}

/// Puts partners on record, and opens the eligibility of each; `came_by` is the change that brought them.
pub(super) async fn insert_applicants(
    conn: &mut Conn,
    call: Uuid,
    applicants: &[Applicant],
    came_by: Option<Uuid>,
) -> Result<(), StoreError> {
    let funders: Vec<(String, Uuid)> = participation::table
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(participation::call_id.eq(call))
        .select((organisation::key, participation::id))
        .load(conn)
        .await?;
    let asked = |partner: &Partner| {
        let key = partner.funder()?;
        let found = funders.iter().find(|(known, _)| known == key);
        found.map(|(_, id)| *id)
    };
    for some in applicants.chunks(AT_ONCE) {
        let ids: Vec<Uuid> = some.iter().map(|_| kernel::id::new()).collect();
        let rows: Vec<_> = ids
            .iter()
            .zip(some)
            .map(|(id, applicant)| {
                let one = &applicant.partner;
                (
                    partner::id.eq(*id),
                    partner::call_id.eq(call),
                    partner::proposal_stage_id.eq(applicant.proposal_stage),
                    partner::partner_id.eq(one.id),
                    partner::position.eq(applicant.position),
                    partner::role.eq(one.role.to_string()),
                    partner::organisation.eq(&one.organisation),
                    partner::country.eq(one.country.map(|country| country.to_string())),
                    partner::sector.eq(one.sector.map(|sector| sector.to_string())),
                    partner::investigator.eq(&one.principal_investigator.name),
                    partner::participation_id.eq(asked(one)),
                    partner::requested.eq(applicant.requested.0),
                    partner::came_by.eq(came_by),
                )
            })
            .collect();
        diesel::insert_into(partner::table)
            .values(rows)
            .execute(conn)
            .await?;
        let verdicts: Vec<_> = ids
            .iter()
            .zip(some)
            .map(|(id, applicant)| {
                (
                    eligibility::partner_row_id.eq(*id),
                    eligibility::call_id.eq(call),
                    eligibility::proposal_stage_id.eq(applicant.proposal_stage),
                    eligibility::participation_id.eq(asked(&applicant.partner)),
                    eligibility::state.eq(PartnerVerdict::Open.to_string()),
                )
            })
            .collect();
        diesel::insert_into(eligibility::table)
            .values(verdicts)
            .execute(conn)
            .await?;
    }
    Ok(())
}
