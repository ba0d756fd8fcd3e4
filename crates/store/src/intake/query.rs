//! Questions of funders to their applicants, and the answers.

use ::intake::{PartnerVerdict, QueryState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::JudgedPartner;
use crate::error::{demand, one_row};
use crate::schema::{eligibility, query};
use crate::{Conn, StoreError, text};

/// A question to a partner.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = query)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct QueryRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub partner_row_id: Uuid,
    pub question: String,
    pub answer_by: DateTime<Utc>,
    pub asked_at: DateTime<Utc>,
    pub state: String,
    pub answer: Option<String>,
    pub closed_because: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
}

impl QueryRow {
    /// Where it stands.
    pub fn state(&self) -> Result<QueryState, StoreError> {
        text::name(&self.state)
    }
}

/// What settles a query.
#[derive(Debug, Clone, Copy)]
pub enum Settled<'a> {
    /// The coordinator's answer.
    Answer(&'a str),
    /// Why it is closed without one.
    Closed(&'a str),
}

/// Reads a query.
pub async fn find_query(conn: &mut Conn, id: Uuid) -> Result<QueryRow, StoreError> {
    Ok(query::table
        .find(id)
        .select(QueryRow::as_select())
        .first(conn)
        .await?)
}

/// The queries to partners of proposals in a stage, oldest first.
pub async fn queries(
    conn: &mut Conn,
    proposal_stages: &[Uuid],
) -> Result<Vec<QueryRow>, StoreError> {
    Ok(query::table
        .filter(query::proposal_stage_id.eq_any(proposal_stages))
        .order(query::id)
        .select(QueryRow::as_select())
        .load(conn)
        .await?)
}

/// The query that waits for an answer of the partner on this record.
pub async fn waiting_query(
    conn: &mut Conn,
    partner_row_id: Uuid,
) -> Result<Option<QueryRow>, StoreError> {
    Ok(query::table
        .filter(query::partner_row_id.eq(partner_row_id))
        .filter(query::state.eq(QueryState::Waiting.to_string()))
        .select(QueryRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Asks a partner, whose eligibility waits for the answer from now on.
pub async fn ask(
    conn: &mut Conn,
    permit: &Permit,
    row: &JudgedPartner,
    question: &str,
    answer_by: DateTime<Utc>,
) -> Result<Uuid, StoreError> {
    demand(permit, &[Action::AskPartner, Action::AskOwnFunded], row.id)?;
    let call = permit.call().ok_or(StoreError::Permit)?;
    let asked_by = permit.account().ok_or(StoreError::Permit)?;
    let id = kernel::id::new();
    diesel::insert_into(query::table)
        .values((
            query::id.eq(id),
            query::call_id.eq(call),
            query::proposal_stage_id.eq(row.proposal_stage_id),
            query::partner_row_id.eq(row.id),
            query::question.eq(question.trim()),
            query::answer_by.eq(answer_by),
            query::asked_by.eq(asked_by),
        ))
        .execute(conn)
        .await?;
    set_verdict(conn, row, PartnerVerdict::Asked).await?;
    Ok(id)
}

/// Settles a query; the eligibility of its partner is open again.
pub async fn settle_query(
    conn: &mut Conn,
    permit: &Permit,
    one: &QueryRow,
    row: &JudgedPartner,
    settled: Settled<'_>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AnswerQuery, Action::CloseQuery], one.id)?;
    settle(conn, permit, one.id, settled).await?;
    set_verdict(conn, row, PartnerVerdict::Open).await
}

/// Closes the query, if one waits, to a partner that has its verdict now.
pub async fn close_by_verdict(
    conn: &mut Conn,
    permit: &Permit,
    partner_row_id: Uuid,
) -> Result<(), StoreError> {
    let actions = [
        Action::JudgeEligibility,
        Action::CheckOwnMeans,
        Action::ImportProposals,
    ];
    demand(permit, &actions, partner_row_id)?;
    let Some(one) = waiting_query(conn, partner_row_id).await? else {
        return Ok(());
    };
    let closed = Settled::Closed("the verdict was given without the answer");
    settle(conn, permit, one.id, closed).await
}

pub(super) async fn settle(
    conn: &mut Conn,
    permit: &Permit,
    id: Uuid,
    settled: Settled<'_>,
) -> Result<(), StoreError> {
    let (state, answer, closed) = match settled {
        Settled::Answer(text) => (QueryState::Answered, Some(text.trim()), None),
        Settled::Closed(why) => (QueryState::Closed, None, Some(why.trim())),
    };
    let changed = diesel::update(query::table.find(id))
        .filter(query::state.eq(QueryState::Waiting.to_string()))
        .set((
            query::state.eq(state.to_string()),
            query::answer.eq(answer),
            query::closed_because.eq(closed),
            query::settled_by.eq(permit.account()),
            query::settled_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

pub(super) async fn set_verdict(
    conn: &mut Conn,
    row: &JudgedPartner,
    state: PartnerVerdict,
) -> Result<(), StoreError> {
    let changed = diesel::update(eligibility::table.find(row.id))
        .filter(eligibility::state.eq(&row.state))
        .filter(eligibility::version.eq(row.version))
        .set((
            eligibility::state.eq(state.to_string()),
            eligibility::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// A coordinator to be reminded of a query whose time is over.
#[derive(Debug, Clone, QueryableByName)]
pub struct Overdue {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_id: Uuid,
    /// Its number in the call.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// The organisation that is asked.
    #[diesel(sql_type = Text)]
    pub organisation: String,
    /// What is asked.
    #[diesel(sql_type = Text)]
    pub question: String,
    /// Until when it was to be answered.
    #[diesel(sql_type = Timestamptz)]
    pub answer_by: DateTime<Utc>,
    /// The coordinator's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The coordinator's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Notes the queries that have become overdue, each once, and answers whom to remind.
pub async fn note_overdue_queries(conn: &mut Conn) -> Result<Vec<Overdue>, StoreError> {
    Ok(diesel::sql_query(
        "with noted as (
             update query q set reminded_at = clock_timestamp()
             from proposal_stage ps
             where ps.id = q.proposal_stage_id and ps.state = 'locked' and q.state = 'waiting'
               and q.reminded_at is null and q.answer_by <= clock_timestamp()
             returning q.id, q.call_id, q.partner_row_id, q.question, q.answer_by, ps.proposal_id
         )
         select n.call_id, n.proposal_id, p.number, x.organisation, n.question, n.answer_by, a.name, a.email
         from noted n join proposal p on p.id = n.proposal_id join partner x on x.id = n.partner_row_id
         join account a on a.id = p.coordinator_id
         order by n.id",
    )
    .load(conn)
    .await?)
}
