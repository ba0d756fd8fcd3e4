//! Where proposals stand: the content's life in `proposal_stage`, and what evaluation and decision made
//! of it in `sealed.outcome`, which nobody outside the evaluation sees before it is released.

use access::Permit;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use intake::ProposalState;
use uuid::Uuid;

use crate::error::one_row;
use crate::schema::sealed::{outcome, wall};
use crate::schema::{account, proposal, proposal_stage};
use crate::{Conn, StoreError, text};

/// One proposal in one stage, with the state it is in for the evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// The coordinator's account.
    pub coordinator: Uuid,
    /// The state: the outcome's where there is one and the content was not withdrawn since.
    pub state: ProposalState,
    /// Version of the outcome; 0 when there is none yet.
    pub version: i32,
    /// What the coordinator was told, once letters are released.
    pub released: Option<ProposalState>,
}

type Row = (
    Uuid,
    Uuid,
    String,
    Uuid,
    String,
    Option<(String, i32, Option<String>)>,
);

#[diesel::dsl::auto_type]
fn rows() -> _ {
    proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .left_join(outcome::table.on(outcome::proposal_stage_id.eq(proposal_stage::id)))
        .select((
            proposal_stage::id,
            proposal::id,
            proposal::number,
            proposal::coordinator_id,
            proposal_stage::state,
            (outcome::state, outcome::version, outcome::released_state).nullable(),
        ))
}

fn standing(row: Row) -> Result<Standing, StoreError> {
    let (proposal_stage, proposal, number, coordinator, content, outcome) = row;
    let content: ProposalState = text::name(&content)?;
    let (state, version, released) = match outcome {
        Some((state, version, released)) if content == ProposalState::Locked => {
            let released = released.as_deref().map(text::name).transpose()?;
            (text::name(&state)?, version, released)
        }
        Some((_, version, _)) => (content, version, None),
        None => (content, 0, None),
    };
    Ok(Standing {
        proposal_stage,
        proposal,
        number,
        coordinator,
        state,
        version,
        released,
    })
}

/// All proposals of a stage, by number.
pub async fn standings(conn: &mut Conn, stage: Uuid) -> Result<Vec<Standing>, StoreError> {
    let rows: Vec<Row> = rows()
        .filter(proposal_stage::stage_id.eq(stage))
        .order(proposal::number)
        .load(conn)
        .await?;
    rows.into_iter().map(standing).collect()
}

/// One proposal in one stage.
pub async fn find(conn: &mut Conn, proposal_id: Uuid, stage: Uuid) -> Result<Standing, StoreError> {
    let row: Row = rows()
        .filter(proposal_stage::proposal_id.eq(proposal_id))
        .filter(proposal_stage::stage_id.eq(stage))
        .first(conn)
        .await?;
    standing(row)
}

/// One proposal in one stage, its row locked until the transaction ends.
pub async fn lock(conn: &mut Conn, proposal_id: Uuid, stage: Uuid) -> Result<Standing, StoreError> {
    let id: Uuid = proposal_stage::table
        .filter(proposal_stage::proposal_id.eq(proposal_id))
        .filter(proposal_stage::stage_id.eq(stage))
        .select(proposal_stage::id)
        .for_update()
        .first(conn)
        .await?;
    let row: Row = rows().filter(proposal_stage::id.eq(id)).first(conn).await?;
    standing(row)
}

/// Moves a proposal on; the first move of a locked proposal makes its outcome.
pub async fn set(
    conn: &mut Conn,
    permit: &Permit,
    standing: &Standing,
    state: ProposalState,
    condition: Option<&str>,
) -> Result<(), StoreError> {
    let call = permit.call().ok_or(StoreError::Permit)?;
    if standing.version == 0 {
        diesel::insert_into(outcome::table)
            .values((
                outcome::proposal_stage_id.eq(standing.proposal_stage),
                outcome::call_id.eq(call),
                outcome::state.eq(state.to_string()),
                outcome::condition.eq(condition),
            ))
            .execute(conn)
            .await?;
        return Ok(());
    }
    let changed = diesel::update(outcome::table.find(standing.proposal_stage))
        .filter(outcome::state.eq(standing.state.to_string()))
        .filter(outcome::version.eq(standing.version))
        .filter(outcome::call_id.eq(call))
        .set((
            outcome::state.eq(state.to_string()),
            outcome::condition.eq(condition),
            outcome::version.eq(standing.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Takes an outcome back, as not all verdicts on the proposal are given any more.
pub async fn clear(
    conn: &mut Conn,
    permit: &Permit,
    standing: &Standing,
) -> Result<(), StoreError> {
    let call = permit.call().ok_or(StoreError::Permit)?;
    let changed = diesel::delete(
        outcome::table
            .find(standing.proposal_stage)
            .filter(outcome::state.eq(standing.state.to_string()))
            .filter(outcome::version.eq(standing.version))
            .filter(outcome::released_at.is_null())
            .filter(outcome::call_id.eq(call)),
    )
    .execute(conn)
    .await?;
    one_row(changed)
}

/// Moves a proposal that has an outcome on, and leaves its condition as it is.
pub async fn advance(
    conn: &mut Conn,
    permit: &Permit,
    standing: &Standing,
    state: ProposalState,
) -> Result<(), StoreError> {
    let call = permit.call().ok_or(StoreError::Permit)?;
    let changed = diesel::update(outcome::table.find(standing.proposal_stage))
        .filter(outcome::state.eq(standing.state.to_string()))
        .filter(outcome::version.eq(standing.version))
        .filter(outcome::call_id.eq(call))
        .set((
            outcome::state.eq(state.to_string()),
            outcome::version.eq(standing.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Releases the outcomes of a stage to the coordinators, all together.
pub async fn release(conn: &mut Conn, permit: &Permit, stage: Uuid) -> Result<usize, StoreError> {
    let of_stage = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage))
        .select(proposal_stage::id);
    Ok(diesel::update(
        outcome::table
            .filter(outcome::proposal_stage_id.eq_any(of_stage))
            .filter(outcome::call_id.nullable().eq(permit.call()))
            .filter(outcome::released_at.is_null()),
    )
    .set((
        outcome::released_state.eq(outcome::state.nullable()),
        outcome::released_at.eq(diesel::dsl::sql::<
            diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>,
        >("clock_timestamp()")),
    ))
    .execute(conn)
    .await?)
}

/// Whether a conflict of interest between the account and the proposal stands.
pub async fn conflicted(
    conn: &mut Conn,
    account: Option<Uuid>,
    proposal: Uuid,
) -> Result<bool, StoreError> {
    let Some(account) = account else {
        return Ok(false);
    };
    let standing = wall::table
        .filter(wall::account_id.eq(account))
        .filter(wall::proposal_id.eq(proposal));
    Ok(diesel::select(diesel::dsl::exists(standing))
        .get_result(conn)
        .await?)
}

/// The e-mail addresses of all who have a standing conflict of interest with the proposal.
pub async fn addresses_in_conflict(
    conn: &mut Conn,
    proposal: Uuid,
) -> Result<Vec<String>, StoreError> {
    Ok(wall::table
        .inner_join(account::table.on(account::id.eq(wall::account_id)))
        .filter(wall::proposal_id.eq(proposal))
        .select(account::email)
        .load(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Walled {
    #[diesel(sql_type = Bool)]
    walled: bool,
}

/// Whether a funder of the call, or who acts for it, has contact persons and each of them has a standing conflict of
/// interest with the proposal.
pub async fn nobody_left(
    conn: &mut Conn,
    call: Uuid,
    funder: Uuid,
    proposal: Uuid,
) -> Result<bool, StoreError> {
    let found: Walled = diesel::sql_query(
        "select coalesce(bool_and(exists (
             select from sealed.wall w where w.account_id = g.account_id and w.proposal_id = $3)), false) as walled
         from role_grant g
         where g.call_id = $1 and g.role = 'contact_person' and g.ended_at is null
           and (g.organisation_id = $2 or exists (
               select from acting_for f
               where f.organisation_id = g.organisation_id and f.acts_for_id = $2 and f.ended_at is null))",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<SqlUuid, _>(funder)
    .bind::<SqlUuid, _>(proposal)
    .get_result(conn)
    .await?;
    Ok(found.walled)
}

/// Account and proposal of every standing conflict of interest in a call, declared in whatever role.
pub async fn walls(conn: &mut Conn, call: Uuid) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(wall::table
        .filter(wall::call_id.eq(call))
        .select((wall::account_id, wall::proposal_id))
        .load(conn)
        .await?)
}

/// The proposals of a call with which the account has a standing conflict of interest.
pub async fn conflicts_of(
    conn: &mut Conn,
    account: Option<Uuid>,
    call: Uuid,
) -> Result<Vec<Uuid>, StoreError> {
    let Some(account) = account else {
        return Ok(Vec::new());
    };
    Ok(wall::table
        .filter(wall::account_id.eq(account))
        .filter(wall::call_id.eq(call))
        .select(wall::proposal_id)
        .load(conn)
        .await?)
}
