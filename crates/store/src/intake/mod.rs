//! Proposals and what is written of them before the deadline. What happens at the deadline stands in
//! `closing`, submitted versions in `submission`, verdicts in `eligibility`.

mod change;
mod closing;
mod condition;
mod confirmation;
mod eligibility;
mod exception;
mod file;
mod history;
mod import;
mod membership;
mod note;
mod people;
mod query;
mod reminder;
mod submission;
mod waiver;

use ::intake::ProposalState;
use access::{Action, Permit};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::call::CallRow;
use crate::error::{demand, one_row};
use crate::schema::{call, draft, draft_history, proposal, proposal_stage, stage};
use crate::statement::statement;
use crate::{Conn, StoreError, text};

pub(crate) use change::amend;
pub use change::{ChangeRow, change_consortium, changed_partners, changes};
pub use closing::{Applicant, Closing, close, open_contents, submitted_partners};
pub use condition::{
    ConditionRow, DueCondition, conditions_of, conditions_told, insert_conditions, lock_conditions,
    move_conditions, note_due_conditions, tick_condition,
};
pub use confirmation::{Unconfirmed, note_confirmations};
pub use eligibility::{
    FormalRow, JudgedPartner, check_formally, ever_judged, formal_checks, found_ineligible, judge,
    judged,
};
pub use exception::{
    DueException, ExceptionRow, any_open, due_exceptions, excepted, exception, give_exception,
    judged_upon, reopen,
};
pub use file::{
    FileRow, UploadRow, accept, advance_upload, delete_upload, file, forget_old, insert_upload,
    is_known, lock_bytes, name_files, refuse, room, submitted_files, upload, uploads_among,
};
pub use history::{SavedRow, saved, saved_version, submission_times};
pub use import::{Incoming, has_proposals, imported_codes, insert_imported};
pub use membership::{
    MemberRow, PartnerInvitationRow, claim_part, confirm_part, end_left_behind, end_membership,
    invitations_sent, invite_partner, lock_invitation, members, parts_of, revoke_invitations,
};
pub use note::{ReceivedRow, note, receive, received, write_note};
pub use people::{Contact, account, coordinations, coordinators, funder_terms, partners_of};
pub use query::{
    Overdue, QueryRow, Settled, ask, close_by_verdict, find_query, note_overdue_queries, queries,
    settle_query, waiting_query,
};
pub use reminder::{Reminder, note_reminders};
pub use submission::{
    SubmissionRow, counting, counting_content, insert_submission, receipts, submission,
    submitted_content, submitted_contents, submitted_in_stage, submitted_versions,
};
pub use waiver::{
    WaiverRow, ask_waiver, comment_waiver, decide_waiver, lock_waiver, stands, take_stand, waived,
    waived_among, waivers,
};

/// A proposal of a consortium, through all stages.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = proposal)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ProposalRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub number: String,
    pub coordinator_id: Uuid,
}

impl ProposalRow {
    /// The proposal as the policy sees it, before conflicts and assignments are looked up.
    pub fn object(&self) -> access::Object {
        access::Object {
            coordinator: Some(self.coordinator_id),
            ..access::Object::of_call("proposal", self.id, self.call_id)
        }
    }
}

/// The life of a proposal's content in one stage.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = proposal_stage)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ContentRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_id: Uuid,
    pub stage_id: Uuid,
    pub state: String,
    pub submitted: i32,
    pub version: i32,
}

impl ContentRow {
    /// Where the content stands; what evaluation and decision made of it is not in here.
    pub fn state(&self) -> Result<ProposalState, StoreError> {
        text::name(&self.state)
    }
}

/// The beginning of a proposal in a stage.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The proposal.
    pub proposal: Uuid,
    /// What the draft says at first.
    pub content: Value,
    /// Whose draft it is.
    pub saved_by: Uuid,
}

/// Reads a proposal.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<ProposalRow, StoreError> {
    Ok(proposal::table
        .find(id)
        .select(ProposalRow::as_select())
        .first(conn)
        .await?)
}

/// Takes the next numbers of a call, and answers the last of them. The call's row stays locked until the transaction
/// ends, so this comes as late in it as possible.
pub async fn next_numbers(
    conn: &mut Conn,
    permit: &Permit,
    call_id: Uuid,
    many: i32,
) -> Result<i32, StoreError> {
    let actions = [Action::DraftProposal, Action::ImportProposals];
    if permit.call() != Some(call_id) || !actions.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    Ok(diesel::update(call::table.find(call_id))
        .set(call::proposals_numbered.eq(call::proposals_numbered + many))
        .returning(call::proposals_numbered)
        .get_result(conn)
        .await?)
}

/// Inserts a proposal.
pub async fn insert(conn: &mut Conn, permit: &Permit, row: &ProposalRow) -> Result<(), StoreError> {
    demand(permit, &[Action::DraftProposal], row.id)?;
    diesel::insert_into(proposal::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives proposals a draft in a stage.
pub async fn begin(
    conn: &mut Conn,
    permit: &Permit,
    stage_id: Uuid,
    beginnings: &[Beginning],
) -> Result<(), StoreError> {
    let actions = [
        Action::DraftProposal,
        Action::OpenStage,
        Action::SettleRedress,
    ];
    let call = permit.call().ok_or(StoreError::Permit)?;
    if !actions.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    for some in beginnings.chunks(100) {
        let ids: Vec<Uuid> = some.iter().map(|_| kernel::id::new()).collect();
        let rows = || ids.iter().zip(some);
        let stages: Vec<_> = rows()
            .map(|(id, beginning)| {
                (
                    proposal_stage::id.eq(*id),
                    proposal_stage::call_id.eq(call),
                    proposal_stage::proposal_id.eq(beginning.proposal),
                    proposal_stage::stage_id.eq(stage_id),
                    proposal_stage::state.eq(ProposalState::Draft.to_string()),
                )
            })
            .collect();
        diesel::insert_into(proposal_stage::table)
            .values(stages)
            .execute(conn)
            .await?;
        let drafts: Vec<_> = rows()
            .map(|(id, beginning)| {
                (
                    draft::proposal_stage_id.eq(*id),
                    draft::call_id.eq(call),
                    draft::content.eq(&beginning.content),
                )
            })
            .collect();
        diesel::insert_into(draft::table)
            .values(drafts)
            .execute(conn)
            .await?;
        let history: Vec<_> = rows()
            .map(|(id, beginning)| {
                (
                    draft_history::proposal_stage_id.eq(*id),
                    draft_history::version.eq(1),
                    draft_history::call_id.eq(call),
                    draft_history::content.eq(&beginning.content),
                    draft_history::saved_by.eq(beginning.saved_by),
                )
            })
            .collect();
        diesel::insert_into(draft_history::table)
            .values(history)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Ids of the last stage a proposal has come to: of its row there, and of the stage.
pub async fn current_stage(conn: &mut Conn, proposal_id: Uuid) -> Result<(Uuid, Uuid), StoreError> {
    Ok(proposal_stage::table
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal_id))
        .order(stage::number.desc())
        .select((proposal_stage::id, stage::id))
        .first(conn)
        .await?)
}

/// A proposal with its call, and what [`current_stage`] gives.
pub async fn current(
    conn: &mut Conn,
    id: Uuid,
) -> Result<(ProposalRow, CallRow, (Uuid, Uuid)), StoreError> {
    Ok(proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(call::table.on(call::id.eq(proposal::call_id)))
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal_stage::proposal_id.eq(id))
        .order(stage::number.desc())
        .select((
            ProposalRow::as_select(),
            CallRow::as_select(),
            (proposal_stage::id, stage::id),
        ))
        .first(conn)
        .await?)
}

/// Ids of the last stage whose deadline laid a proposal open, as [`current_stage`] gives them. Its
/// partners are on record from then on.
pub async fn disclosed_stage(
    conn: &mut Conn,
    proposal_id: Uuid,
) -> Result<Option<(Uuid, Uuid)>, StoreError> {
    use crate::schema::partner;
    let partners = partner::table.filter(partner::proposal_stage_id.eq(proposal_stage::id));
    Ok(proposal_stage::table
        .inner_join(stage::table.on(stage::id.eq(proposal_stage::stage_id)))
        .filter(proposal_stage::proposal_id.eq(proposal_id))
        .filter(diesel::dsl::exists(partners))
        .order(stage::number.desc())
        .select((proposal_stage::id, stage::id))
        .first(conn)
        .await
        .optional()?)
}

/// The stage of a proposal's row in it.
pub async fn stage_of(conn: &mut Conn, id: Uuid) -> Result<Uuid, StoreError> {
    Ok(proposal_stage::table
        .find(id)
        .select(proposal_stage::stage_id)
        .first(conn)
        .await?)
}

/// Locks a proposal's row in a stage until the transaction ends.
pub async fn lock_content(conn: &mut Conn, id: Uuid) -> Result<ContentRow, StoreError> {
    Ok(proposal_stage::table
        .find(id)
        .select(ContentRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Locks many, always in the same order, so that two that want the same ones wait and do not deadlock.
pub async fn lock_contents(conn: &mut Conn, ids: &[Uuid]) -> Result<(), StoreError> {
    proposal_stage::table
        .filter(proposal_stage::id.eq_any(ids))
        .order(proposal_stage::id)
        .select(proposal_stage::id)
        .for_update()
        .load::<Uuid>(conn)
        .await?;
    Ok(())
}

/// What the draft says, and its version.
pub async fn draft(conn: &mut Conn, proposal_stage_id: Uuid) -> Result<(Value, i32), StoreError> {
    Ok(draft::table
        .find(proposal_stage_id)
        .select((draft::content, draft::version))
        .first(conn)
        .await?)
}

/// Saves a draft over the version it was made from, and keeps every version.
pub async fn save_draft(
    conn: &mut Conn,
    permit: &Permit,
    row: &ContentRow,
    version: i32,
    content: &Value,
) -> Result<(), StoreError> {
    let actions = [Action::EditProposal, Action::EditPart];
    demand(permit, &actions, row.proposal_id)?;
    let saved_by = permit.account().ok_or(StoreError::Permit)?;
    let saved = statement(
        "with saved as (
             update draft set content = $1, version = version + 1, saved_at = clock_timestamp()
             where proposal_stage_id = $2 and version = $3
             returning *
         )
         insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
         select proposal_stage_id, version, call_id, content, $4 from saved",
    )
    .bind::<Jsonb, _>(content)
    .bind::<SqlUuid, _>(row.id)
    .bind::<Integer, _>(version)
    .bind::<SqlUuid, _>(saved_by)
    .execute(conn)
    .await?;
    one_row(saved)
}

/// Moves the content on. `submitted` is the number of the last submitted version afterwards.
pub async fn set_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &ContentRow,
    state: ProposalState,
    submitted: i32,
    withdrawn_because: Option<&str>,
) -> Result<(), StoreError> {
    let actions = [
        Action::EditProposal,
        Action::EditPart,
        Action::SubmitProposal,
        Action::WithdrawProposal,
        Action::ReinstateProposal,
    ];
    demand(permit, &actions, row.proposal_id)?;
    let changed = statement(
        "update proposal_stage set state = $1, submitted = $2, withdrawn_because = $3, version = version + 1
         where id = $4 and state = $5 and version = $6",
    )
    .bind::<Text, _>(state.to_string())
    .bind::<Integer, _>(submitted)
    .bind::<Nullable<Text>, _>(withdrawn_because)
    .bind::<SqlUuid, _>(row.id)
    .bind::<Text, _>(&row.state)
    .bind::<Integer, _>(row.version)
    .execute(conn)
    .await?;
    one_row(changed)
}
