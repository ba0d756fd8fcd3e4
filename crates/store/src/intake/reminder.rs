//! Who is to be reminded before a deadline, and that it was done.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Int4, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{Conn, StoreError};

/// A coordinator to be reminded of a proposal.
#[derive(Debug, Clone, QueryableByName)]
pub struct Reminder {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_id: Uuid,
    /// Its number in the call.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// Its short name, as the draft has it.
    #[diesel(sql_type = Text)]
    pub acronym: String,
    /// Pre-proposal or full proposal.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Whether a version was submitted before the last edits.
    #[diesel(sql_type = Bool)]
    pub edited_since: bool,
    /// How many hours before the deadline the reminder is for.
    #[diesel(sql_type = Int4)]
    pub hours: i32,
    /// The deadline.
    #[diesel(sql_type = Timestamptz)]
    pub deadline_at: DateTime<Utc>,
    /// The deadline as published.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// The coordinator's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The coordinator's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Notes every reminder that is due and answers them, each proposal once: of several that came due
/// together the last. What was never submitted is reminded of a week, a day and three hours before the
/// deadline; what was edited since, three hours before. Nobody is reminded of a moment that lies before
/// the proposal was begun.
pub async fn note_reminders(conn: &mut Conn) -> Result<Vec<Reminder>, StoreError> {
    Ok(diesel::sql_query(
        "with due as (
             select ps.id, ps.call_id, w.hours, s.deadline_at
             from stage s
             join call c on c.id = s.call_id
             join proposal_stage ps on ps.stage_id = s.id
             join proposal p on p.id = ps.proposal_id
             join (values (168), (24), (3)) w (hours)
               on s.deadline_at - make_interval(hours => w.hours)
                  between greatest(p.created_at, s.opens_at) and clock_timestamp()
             where s.state = 'open' and c.state in ('open', 'evaluation')
             and s.deadline_at > clock_timestamp()
             and (ps.state = 'draft' or ps.state = 'edited_since' and w.hours = 3)
         ), noted as (
             insert into reminder (proposal_stage_id, call_id, hours, deadline_at)
             select id, call_id, hours, deadline_at from due
             on conflict do nothing
             returning proposal_stage_id, hours, deadline_at
         )
         select distinct on (n.proposal_stage_id) ps.call_id, p.id as proposal_id, p.number,
                coalesce(d.content ->> 'acronym', '') as acronym, s.kind,
                ps.state = 'edited_since' as edited_since, n.hours, n.deadline_at, s.label,
                a.name, a.email
         from noted n
         join proposal_stage ps on ps.id = n.proposal_stage_id
         join stage s on s.id = ps.stage_id
         join proposal p on p.id = ps.proposal_id
         join draft d on d.proposal_stage_id = ps.id
         join account a on a.id = p.coordinator_id
         order by n.proposal_stage_id, n.hours",
    )
    .load(conn)
    .await?)
}
