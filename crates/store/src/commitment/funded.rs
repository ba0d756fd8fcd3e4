//! The funded projects of a call, as the public reads them.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use intake::ProposalState;
use uuid::Uuid;

use crate::schema::sealed::outcome;
use crate::schema::{eligibility, partner, proposal, proposal_stage, submission};
use crate::{Conn, StoreError};

/// A funded proposal: its row in the stage, number, acronym and title.
pub type Funded = (Uuid, String, Option<String>, Option<String>);

/// A partner of one: the proposal's row in the stage, the country, cents to be paid.
pub type FundedPartner = (Uuid, Option<String>, Option<i64>);

/// What was told to be selected in a stage and is not withdrawn, by number, and its partners.
pub async fn funded(
    conn: &mut Conn,
    stage: Uuid,
) -> Result<(Vec<Funded>, Vec<FundedPartner>), StoreError> {
    let submitted = submission::proposal_stage_id
        .eq(proposal_stage::id)
        .and(submission::number.eq(proposal_stage::submitted));
    let projects: Vec<Funded> = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(outcome::table.on(outcome::proposal_stage_id.eq(proposal_stage::id)))
        .left_join(submission::table.on(submitted))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .filter(outcome::released_state.eq(ProposalState::Selected.to_string()))
        .order(proposal::number)
        .select((
            proposal_stage::id,
            proposal::number,
            diesel::dsl::sql::<Nullable<Text>>("submission.content->>'acronym'"),
            diesel::dsl::sql::<Nullable<Text>>("submission.content->>'title'"),
        ))
        .load(conn)
        .await?;
    let ids: Vec<Uuid> = projects.iter().map(|project| project.0).collect();
    let partners = partner::table
        .left_join(eligibility::table.on(eligibility::partner_row_id.eq(partner::id)))
        .filter(partner::proposal_stage_id.eq_any(ids))
        .order((partner::proposal_stage_id, partner::position))
        .select((
            partner::proposal_stage_id,
            partner::country,
            eligibility::fundable.nullable(),
        ))
        .load(conn)
        .await?;
    Ok((projects, partners))
}
