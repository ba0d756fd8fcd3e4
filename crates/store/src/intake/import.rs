//! Proposals that were handed in elsewhere.

use std::collections::BTreeSet;

use ::intake::ProposalState;
use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{ProposalRow, SubmissionRow};
use crate::error::demand;
use crate::schema::{draft, draft_history, proposal, proposal_stage, submission};
use crate::{Conn, StoreError};

/// How many proposals go into one statement.
const AT_ONCE: usize = 100;

/// A proposal that comes in.
#[derive(Debug)]
pub struct Incoming {
    /// The proposal.
    pub proposal: ProposalRow,
    /// What it is called where it comes from.
    pub imported_as: String,
    /// What it says. It has no receipt of ours.
    pub submission: SubmissionRow,
}

/// The codes under which proposals of a stage came in already.
pub async fn imported_codes(
    conn: &mut Conn,
    stage_id: Uuid,
) -> Result<BTreeSet<String>, StoreError> {
    let codes: Vec<Option<String>> = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::imported_as.is_not_null())
        .select(proposal_stage::imported_as)
        .load(conn)
        .await?;
    Ok(codes.into_iter().flatten().collect())
}

/// Whether any proposal of a stage is here.
pub async fn has_proposals(conn: &mut Conn, stage_id: Uuid) -> Result<bool, StoreError> {
    let some = proposal_stage::table.filter(proposal_stage::stage_id.eq(stage_id));
    Ok(diesel::select(diesel::dsl::exists(some))
        .get_result(conn)
        .await?)
}

/// Inserts proposals as submitted in a stage; what its deadline makes of them [`super::close`] writes.
pub async fn insert_imported(
    conn: &mut Conn,
    permit: &Permit,
    stage_id: Uuid,
    rows: &[Incoming],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ImportProposals], stage_id)?;
    for some in rows.chunks(AT_ONCE) {
        let proposals: Vec<&ProposalRow> = some.iter().map(|one| &one.proposal).collect();
        diesel::insert_into(proposal::table)
            .values(proposals)
            .execute(conn)
            .await?;
        let stages: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    proposal_stage::id.eq(one.submission.proposal_stage_id),
                    proposal_stage::call_id.eq(one.proposal.call_id),
                    proposal_stage::proposal_id.eq(one.proposal.id),
                    proposal_stage::stage_id.eq(stage_id),
                    proposal_stage::state.eq(ProposalState::Submitted.to_string()),
                    proposal_stage::submitted.eq(one.submission.number),
                    proposal_stage::imported_as.eq(&one.imported_as),
                )
            })
            .collect();
        diesel::insert_into(proposal_stage::table)
            .values(stages)
            .execute(conn)
            .await?;
        let drafts: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    draft::proposal_stage_id.eq(one.submission.proposal_stage_id),
                    draft::call_id.eq(one.proposal.call_id),
                    draft::content.eq(&one.submission.content),
                )
            })
            .collect();
        diesel::insert_into(draft::table)
            .values(drafts)
            .execute(conn)
            .await?;
        let history: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    draft_history::proposal_stage_id.eq(one.submission.proposal_stage_id),
                    draft_history::version.eq(1),
                    draft_history::call_id.eq(one.proposal.call_id),
                    draft_history::content.eq(&one.submission.content),
                    draft_history::saved_by.eq(one.submission.submitted_by),
                )
            })
            .collect();
        diesel::insert_into(draft_history::table)
            .values(history)
            .execute(conn)
            .await?;
        let submissions: Vec<&SubmissionRow> = some.iter().map(|one| &one.submission).collect();
        diesel::insert_into(submission::table)
            .values(submissions)
            .execute(conn)
            .await?;
    }
    Ok(())
}
