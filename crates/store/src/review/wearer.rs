//! Who runs a call, who applies in it, and by what somebody is known to do both.

use ::intake::ProposalState;
use ::review::conflict::{ExpertFacts, Organisation, Person};
use access::Role;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::statement::statement;
use crate::{Conn, StoreError, text};

/// What tells whether somebody with a role in a call has an interest in a proposal.
#[derive(Debug, Clone)]
pub struct Wearer {
    /// The account.
    pub account: Uuid,
    /// Who: the address is left out until it is confirmed.
    pub person: Person,
    /// The organisations spoken for, with those that these act for, by each of their names.
    pub organisations: Vec<Organisation>,
}

impl Wearer {
    /// What conflicts are looked for with.
    pub fn facts(&self) -> ExpertFacts {
        ExpertFacts {
            person: self.person.clone(),
            organisations: self.organisations.clone(),
            companions: Vec::new(),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    account: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    orcid: Option<String>,
    #[diesel(sql_type = Jsonb)]
    organisations: Value,
}

/// Who wears one of the roles in a call. An address that is not confirmed is anybody's, and says nothing.
pub async fn wearers(
    conn: &mut Conn,
    call: Uuid,
    roles: &[Role],
) -> Result<Vec<Wearer>, StoreError> {
    let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
    let rows: Vec<Row> = statement(
        "select a.id as account, a.name, case when a.email_confirmed_at is null then '' else a.email end as email, a.orcid,
                (select coalesce(jsonb_agg(distinct jsonb_build_object('name', said.name, 'ror', o.ror)), '[]')
                 from role_grant g
                 left join acting_for f on f.organisation_id = g.organisation_id and f.ended_at is null
                 join organisation o on o.id in (g.organisation_id, f.acts_for_id)
                 cross join lateral (values (o.name), (o.native_name)) said (name)
                 where g.account_id = a.id and g.call_id = $1 and g.role = any($2) and g.ended_at is null
                   and said.name is not null) as organisations
         from account a
         where a.id in (select account_id from role_grant
                        where call_id = $1 and role = any($2) and ended_at is null)
         order by a.id",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<Array<Text>, _>(roles)
    .load(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Wearer {
                account: row.account,
                person: Person {
                    name: row.name,
                    email: row.email,
                    orcid: row.orcid,
                },
                organisations: text::document(row.organisations)?,
            })
        })
        .collect()
}

/// That somebody applies in a call by an account of one's own.
#[derive(Debug, Clone, QueryableByName)]
pub struct Applying {
    /// The account.
    #[diesel(sql_type = SqlUuid)]
    pub account: Uuid,
    /// With which proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal: Uuid,
    /// Whether as its coordinator; else with a partner's part.
    #[diesel(sql_type = Bool)]
    pub coordinates: bool,
}

#[derive(QueryableByName)]
struct Writer {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    orcid: Option<String>,
}

/// Who writes a partner's part of a proposal of a call that is past a deadline: the form may list others.
pub(super) async fn writers(conn: &mut Conn, call: Uuid) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<Writer> = statement(
        "select distinct a.name, case when a.email_confirmed_at is null then '' else a.email end as email, a.orcid
         from partner_member m
         join account a on a.id = m.account_id
         where m.call_id = $1 and m.left_at is null
           and exists (select from proposal_stage s where s.proposal_id = m.proposal_id and s.state = $2)
         order by email, name",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<Text, _>(ProposalState::Locked.to_string())
    .load(conn)
    .await?;
    let people = rows.into_iter().map(|row| Person {
        name: row.name,
        email: row.email,
        orcid: row.orcid,
    });
    Ok(people.collect())
}

/// Who coordinates a proposal of a call that is past a deadline, or writes a partner's part of it. A stage
/// from which it was withdrawn does not count, and that a draft exists is nobody's to know.
pub async fn applying(conn: &mut Conn, call: Uuid) -> Result<Vec<Applying>, StoreError> {
    Ok(statement(
        "select p.coordinator_id as account, p.id as proposal, true as coordinates
         from proposal p
         where p.call_id = $1
           and exists (select from proposal_stage s where s.proposal_id = p.id and s.state = $2)
         union
         select m.account_id, m.proposal_id, false
         from partner_member m
         where m.call_id = $1 and m.left_at is null
           and exists (select from proposal_stage s where s.proposal_id = m.proposal_id and s.state = $2)
         order by account, proposal, coordinates desc",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<Text, _>(ProposalState::Locked.to_string())
    .load(conn)
    .await?)
}
