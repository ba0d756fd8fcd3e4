//! Individual exceptions to a deadline, and what they open again.

use ::intake::ProposalState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::ContentRow;
use super::closing::OPEN;
use crate::call::StageRow;
use crate::error::{demand, one_row};
use crate::schema::sealed::outcome;
use crate::schema::{
    consortium_change, deadline_exception, eligibility, formal_check, partner, proposal_stage,
    query,
};
use crate::{Conn, StoreError};

/// An exception for one proposal in one stage.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = deadline_exception)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ExceptionRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub number: i32,
    pub deadline_at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub reason: String,
    pub given_by: Uuid,
    pub given_at: DateTime<Utc>,
}

/// The exception that counts for a proposal in a stage: the last one given.
pub async fn exception(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
) -> Result<Option<ExceptionRow>, StoreError> {
    Ok(deadline_exception::table
        .filter(deadline_exception::proposal_stage_id.eq(proposal_stage_id))
        .order(deadline_exception::number.desc())
        .select(ExceptionRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Gives an exception; the proposal's row is locked.
pub async fn give_exception(
    conn: &mut Conn,
    permit: &Permit,
    proposal_id: Uuid,
    row: &ExceptionRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::GiveException], proposal_id)?;
    diesel::insert_into(deadline_exception::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The proposals of a stage whose exception ends after the stage's own deadline.
pub async fn excepted(conn: &mut Conn, stage: &StageRow) -> Result<Vec<Uuid>, StoreError> {
    let last: Vec<(Uuid, DateTime<Utc>)> = deadline_exception::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id.eq(deadline_exception::proposal_stage_id)),
        )
        .filter(proposal_stage::stage_id.eq(stage.id))
        .distinct_on(deadline_exception::proposal_stage_id)
        .order((
            deadline_exception::proposal_stage_id,
            deadline_exception::number.desc(),
        ))
        .select((
            deadline_exception::proposal_stage_id,
            deadline_exception::until,
        ))
        .load(conn)
        .await?;
    let later = last.into_iter().filter(|(_, at)| *at > stage.deadline_at);
    Ok(later.map(|(id, _)| id).collect())
}

/// Whether a proposal of a stage can still be written.
pub async fn any_open(conn: &mut Conn, stage_id: Uuid) -> Result<bool, StoreError> {
    let open = proposal_stage::table
        .filter(proposal_stage::stage_id.eq(stage_id))
        .filter(proposal_stage::state.eq_any(OPEN));
    Ok(diesel::select(diesel::dsl::exists(open))
        .get_result(conn)
        .await?)
}

/// An exception whose instant has passed, of a proposal in a stage that is closed.
#[derive(Debug, QueryableByName)]
pub struct DueException {
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal: Uuid,
    /// Its row in the stage.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_stage: Uuid,
}

/// The exceptions that are over while their proposals are open. Where the stage is open too, its own closing
/// comes later and does the same.
pub async fn due_exceptions(conn: &mut Conn) -> Result<Vec<DueException>, StoreError> {
    Ok(diesel::sql_query(
        "select ps.proposal_id as proposal, ps.id as proposal_stage
         from (select distinct on (proposal_stage_id) proposal_stage_id, until
               from deadline_exception order by proposal_stage_id, number desc) e
         join proposal_stage ps on ps.id = e.proposal_stage_id
         join stage s on s.id = ps.stage_id join call c on c.id = s.call_id
         where e.until <= clock_timestamp() and ps.state in ('draft', 'submitted', 'edited_since')
           and s.state in ('closed', 'checking') and c.state in ('open', 'evaluation')
         order by ps.id",
    )
    .load(conn)
    .await?)
}

/// Whether anybody has judged a proposal in a stage, or asked about it.
pub async fn judged_upon(conn: &mut Conn, proposal_stage_id: Uuid) -> Result<bool, StoreError> {
    let checks = formal_check::table.filter(formal_check::proposal_stage_id.eq(proposal_stage_id));
    let changes =
        consortium_change::table.filter(consortium_change::proposal_stage_id.eq(proposal_stage_id));
    let queries = query::table.filter(query::proposal_stage_id.eq(proposal_stage_id));
    let outcomes = outcome::table.filter(outcome::proposal_stage_id.eq(proposal_stage_id));
    let verdicts = eligibility::table
        .filter(eligibility::proposal_stage_id.eq(proposal_stage_id))
        .filter(
            eligibility::state
                .ne("open")
                .or(eligibility::judged_at.is_not_null()),
        );
    let any = diesel::dsl::exists(checks)
        .or(diesel::dsl::exists(outcomes))
        .or(diesel::dsl::exists(queries))
        .or(diesel::dsl::exists(changes))
        .or(diesel::dsl::exists(verdicts));
    Ok(diesel::select(any).get_result(conn).await?)
}

/// Opens a proposal again that the deadline had closed: its partners go off the record until it is closed
/// anew, so that nobody else sees it meanwhile.
pub async fn reopen(
    conn: &mut Conn,
    permit: &Permit,
    row: &ContentRow,
    state: ProposalState,
) -> Result<(), StoreError> {
    demand(permit, &[Action::GiveException], row.proposal_id)?;
    diesel::delete(eligibility::table.filter(eligibility::proposal_stage_id.eq(row.id)))
        .execute(conn)
        .await?;
    diesel::delete(partner::table.filter(partner::proposal_stage_id.eq(row.id)))
        .execute(conn)
        .await?;
    let changed = diesel::update(proposal_stage::table.find(row.id))
        .filter(proposal_stage::state.eq(&row.state))
        .filter(proposal_stage::version.eq(row.version))
        .set((
            proposal_stage::state.eq(state.to_string()),
            proposal_stage::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
