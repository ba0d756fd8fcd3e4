//! Until when reviews are due, and who is reminded of them.

use std::collections::BTreeMap;

use ::review::ReviewState;
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use strum::IntoEnumIterator;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::sealed::review;
use crate::{Conn, StoreError};

/// A review that its author is to be reminded of.
#[derive(Debug, Clone, QueryableByName)]
pub struct DueReview {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The author, as an expert of the call.
    #[diesel(sql_type = SqlUuid)]
    pub expert_id: Uuid,
    /// The stage.
    #[diesel(sql_type = SqlUuid)]
    pub stage_id: Uuid,
    /// The proposal's number.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// Until when it is due.
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    /// The author's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The author's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Notes the reviews that are not handed in five days and a day before they are due, a day and a week after, each once
/// for each of these moments, and answers them by expert. Of a proposal that is out of the evaluation nobody is
/// reminded; of one that is judged anew as redress was upheld, whoever reviews it is. What somebody is writing at this moment waits for the next time.
pub async fn note_due_reviews(conn: &mut Conn) -> Result<Vec<DueReview>, StoreError> {
    Ok(diesel::sql_query(
        "with due as (
             select r.id from sealed.review r
             join stage s on s.id = r.stage_id
             join call c on c.id = r.call_id
             join proposal_stage ps on ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id
             join sealed.outcome o on o.proposal_stage_id = ps.id
             where ps.state = 'locked' and r.state in ('invited', 'accepted', 'draft', 'returned')
               and (s.state in ('reviewing', 'rebuttal', 'panel') and c.state in ('open', 'evaluation')
                        and o.state in ('eligible', 'conditional', 'evaluated')
                    or c.state not in ('cancelled', 'closed') and o.state not in ('ineligible', 'withdrawn', 'excluded')
                       and exists (select from sealed.redress d
                                   where d.proposal_stage_id = ps.id and d.state = 'upheld'))
               and exists (
                   select from (values (-5), (-1), (1), (7)) moment (days)
                   where r.due_at + make_interval(days => moment.days) <= clock_timestamp()
                     and r.due_at + make_interval(days => moment.days) > greatest(r.assigned_at, r.reminded_at))
             for update of r skip locked
         ), noted as (
             update sealed.review r set reminded_at = clock_timestamp()
             where r.id in (select id from due)
             returning r.call_id, r.expert_id, r.stage_id, r.proposal_id, r.due_at
         )
         select n.call_id, n.expert_id, n.stage_id, p.number, n.due_at, e.name, e.email
         from noted n join proposal p on p.id = n.proposal_id join sealed.expert e on e.id = n.expert_id
         order by n.stage_id, n.expert_id, p.number",
    )
    .load(conn)
    .await?)
}

/// The reviews of a stage that are not handed in, locked: each with its proposal.
pub async fn lock_waiting(conn: &mut Conn, stage: Uuid) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let waiting = ReviewState::iter().filter(|state| state.is_waited_for());
    let waiting: Vec<String> = waiting.map(|state| state.to_string()).collect();
    Ok(review::table
        .filter(review::stage_id.eq(stage))
        .filter(review::state.eq_any(waiting))
        .order(review::id)
        .select((review::id, review::proposal_id))
        .for_update()
        .load(conn)
        .await?)
}

/// Sets until when reviews of a stage are due, which the caller has locked; answers them by expert. Their authors are
/// told at once, and reminded from then on.
pub async fn set_due(
    conn: &mut Conn,
    permit: &Permit,
    stage: Uuid,
    reviews: &[Uuid],
    due: DateTime<Utc>,
) -> Result<Vec<DueReview>, StoreError> {
    demand(permit, &[Action::SetReviewDue], stage)?;
    Ok(diesel::sql_query(
        "with changed as (
             update sealed.review set due_at = $3, reminded_at = clock_timestamp()
             where stage_id = $1 and id = any($2)
             returning call_id, expert_id, stage_id, proposal_id, due_at
         )
         select n.call_id, n.expert_id, n.stage_id, p.number, n.due_at, e.name, e.email
         from changed n join proposal p on p.id = n.proposal_id join sealed.expert e on e.id = n.expert_id
         order by n.stage_id, n.expert_id, p.number",
    )
    .bind::<SqlUuid, _>(stage)
    .bind::<Array<SqlUuid>, _>(reviews)
    .bind::<Timestamptz, _>(due)
    .load(conn)
    .await?)
}

/// Until when a review is due, and when its author was reminded last.
pub type Due = (DateTime<Utc>, Option<DateTime<Utc>>);

/// Of each review of a stage, or of one proposal in it: until when it is due.
pub async fn dues(
    conn: &mut Conn,
    stage: Uuid,
    proposal: Option<Uuid>,
) -> Result<BTreeMap<Uuid, Due>, StoreError> {
    let mut query = review::table
        .filter(review::stage_id.eq(stage))
        .select((review::id, review::due_at, review::reminded_at))
        .into_boxed();
    if let Some(proposal) = proposal {
        query = query.filter(review::proposal_id.eq(proposal));
    }
    let rows: Vec<(Uuid, DateTime<Utc>, Option<DateTime<Utc>>)> = query.load(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(id, due, reminded)| (id, (due, reminded)))
        .collect())
}
