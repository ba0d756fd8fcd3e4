//! What was decided in other calls of the installation on conflicts of the same persons.

use std::collections::BTreeMap;

use ::review::conflict::Conflict;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::statement::statement;
use crate::{Conn, StoreError, text};

/// A verdict of another call on somebody who is an expert of this one.
#[derive(Debug, Clone, QueryableByName)]
pub struct Decided {
    /// The expert of this call.
    #[diesel(sql_type = SqlUuid)]
    pub expert: Uuid,
    /// The conflict of the other call that was decided on.
    #[diesel(sql_type = SqlUuid)]
    pub conflict: Uuid,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What it rests on.
    #[diesel(sql_type = Text)]
    pub about: String,
    /// Whether it was upheld.
    #[diesel(sql_type = Bool)]
    pub stands: bool,
}

impl Decided {
    /// What was found, as the search for conflicts names it; the sentence about it stays in its call.
    pub fn found(&self) -> Result<Conflict, StoreError> {
        Ok(Conflict {
            kind: text::name(&self.kind)?,
            evidence: String::new(),
            about: self.about.clone(),
        })
    }
}

/// What people decided in other calls on possible conflicts of the same persons that were found since an instant, newest first. A person is
/// known by ORCID iD, account or address, never by name alone. A verdict that follows another one is none of its own, and
/// what was tried in a rehearsal counts in rehearsals alone.
pub async fn elsewhere(
    conn: &mut Conn,
    experts: &[Uuid],
    since: DateTime<Utc>,
) -> Result<Vec<Decided>, StoreError> {
    // Three joins and no `or`: each finds its rows by a hash.
    Ok(statement(
        "with me as (
             select e.id, e.call_id, e.account_id, lower(trim(e.email)) as email, right(trim(e.orcid), 19) as orcid, k.rehearsal
             from sealed.expert e join call k on k.id = e.call_id where e.id = any($1)),
         same as (
             select me.id as mine, e.id as theirs, me.rehearsal, e.call_id from me
             join sealed.expert e on lower(trim(e.email)) = me.email and e.call_id <> me.call_id
             union
             select me.id, e.id, me.rehearsal, e.call_id from me
             join sealed.expert e on e.account_id = me.account_id and e.call_id <> me.call_id
             union
             select me.id, e.id, me.rehearsal, e.call_id from me
             join sealed.expert e on right(trim(e.orcid), 19) = me.orcid and e.call_id <> me.call_id)
         select s.mine as expert, c.id as conflict, c.kind, c.about, c.standing as stands
         from same s join call k on k.id = s.call_id and (s.rehearsal or not k.rehearsal)
         join sealed.conflict c on c.expert_id = s.theirs
         where c.source = 'detected' and not c.certain and c.judged_because is not null
           and c.remembered_from is null and c.found_at >= $2
         order by c.id desc",
    )
    .bind::<Array<SqlUuid>, _>(experts)
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct Origin {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
}

/// The codes of the calls from which conflicts of a call have their verdicts, by the conflicts that follow them.
pub async fn origins(conn: &mut Conn, call: Uuid) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let found: Vec<Origin> = statement(
        "select c.id, k.code from sealed.conflict c join sealed.conflict o on o.id = c.remembered_from
         join call k on k.id = o.call_id where c.call_id = $1",
    )
    .bind::<SqlUuid, _>(call)
    .load(conn)
    .await?;
    Ok(found.into_iter().map(|row| (row.id, row.code)).collect())
}
