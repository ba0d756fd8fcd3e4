//! Who is to be asked for the declaration of conflicts of interest, and that it was done.

use diesel::prelude::*;
use diesel::sql_types::{Int4, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{Conn, StoreError};

/// An expert who has not declared conflicts of interest for a stage.
#[derive(Debug, Clone, QueryableByName)]
pub struct Undeclared {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The stage, 1 or 2.
    #[diesel(sql_type = Int4)]
    pub stage: i32,
    /// The expert's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The expert's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Notes the experts who have signed the confidentiality and not declared for the stage under evaluation, and answers
/// them: each as soon as the deadline of the stage has passed, and again after every week, until the panel has adopted
/// its results. Whose row somebody holds at this moment waits for the next time.
pub async fn note_undeclared(conn: &mut Conn) -> Result<Vec<Undeclared>, StoreError> {
    Ok(diesel::sql_query(
        "with due as (
             select e.id, s.number
             from sealed.expert e
             join call c on c.id = e.call_id
             join stage s on s.call_id = e.call_id
             where c.state in ('open', 'evaluation') and e.state = 'contracted'
               and s.state in ('checking', 'reviewing', 'rebuttal', 'panel')
               and not exists (select from stage later where later.call_id = s.call_id and later.number > s.number
                               and later.state not in ('planned', 'open', 'closed'))
               and s.number <> all(e.declared_stages)
               -- Who takes nothing there has nothing to read.
               and ((e.stage_loads ->> s.number::text)::integer is distinct from 0
                    or e.role in ('chair', 'rapporteur', 'panel_member', 'substitute')
                    or exists (select from sealed.review r where r.expert_id = e.id and r.stage_id = s.id
                               and r.state not in ('declined', 'conflicted', 'replaced', 'voided')))
               and (e.asked_stage is distinct from s.number
                    or e.asked_at + interval '7 days' <= clock_timestamp())
             for no key update of e skip locked
         ), noted as (
             update sealed.expert e set asked_stage = due.number, asked_at = clock_timestamp()
             from due where due.id = e.id
             returning e.id, e.call_id, due.number, e.name, e.email
         )
         select call_id, number as stage, name, email from noted order by id",
    )
    .load(conn)
    .await?)
}
