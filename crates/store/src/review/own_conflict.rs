//! Conflicts of interest of people with a role in a call: what they declare of themselves, what the secretariat notes, and
//! what is found.

use std::collections::BTreeSet;

use ::review::ConflictKind;
use access::{Action, Permit, Role};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::sealed::own_conflict;
use crate::schema::{account, partner_member, proposal, role_grant};
use crate::statement::statement;
use crate::{Conn, StoreError};

/// A conflict of interest of somebody with a role in a call. It stands.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = own_conflict)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct OwnConflictRow {
    pub account_id: Uuid,
    pub proposal_id: Uuid,
    pub call_id: Uuid,
    pub kind: String,
    pub source: String,
    pub reason: String,
}

impl OwnConflictRow {
    /// One that a person enters: who has it (`source` is `declared`), or the secretariat.
    pub fn entered(account: Uuid, proposal: Uuid, call: Uuid, source: &str, reason: &str) -> Self {
        Self {
            account_id: account,
            proposal_id: proposal,
            call_id: call,
            kind: ConflictKind::Declared.to_string(),
            source: source.to_owned(),
            reason: reason.trim().to_owned(),
        }
    }
}

/// A conflict in a list.
#[derive(Debug, Clone, Queryable)]
pub struct OwnConflict {
    /// Who has it.
    pub account: Uuid,
    /// The name.
    pub name: String,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// What it rests on.
    pub reason: String,
    /// Of which kind.
    pub kind: String,
    /// Who brought it up.
    pub source: String,
}

/// Keeps conflicts of interest. Of each kind the first one between an account and a proposal stays as it is.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[OwnConflictRow],
) -> Result<(), StoreError> {
    let writes = [
        Action::DeclareOwnConflict,
        Action::NoteConflict,
        Action::AssignReviewers,
        Action::ReplaceReviewer,
        Action::ChangeConsortium,
    ];
    let own_call = rows.iter().all(|row| permit.call() == Some(row.call_id));
    if !own_call || !writes.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    for some in rows.chunks(1000) {
        diesel::insert_into(own_conflict::table)
            .values(some)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// What is on file in a call, or of one account in it, by the proposals' numbers.
pub async fn of_call(
    conn: &mut Conn,
    call: Uuid,
    of: Option<Uuid>,
) -> Result<Vec<OwnConflict>, StoreError> {
    let mut query = own_conflict::table
        .inner_join(account::table.on(account::id.eq(own_conflict::account_id)))
        .inner_join(proposal::table.on(proposal::id.eq(own_conflict::proposal_id)))
        .filter(own_conflict::call_id.eq(call))
        .order((proposal::number, account::name, own_conflict::kind))
        .select((
            account::id,
            account::name,
            proposal::id,
            proposal::number,
            own_conflict::reason,
            own_conflict::kind,
            own_conflict::source,
        ))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(own_conflict::account_id.eq(of));
    }
    Ok(query.load(conn).await?)
}

/// Account, proposal and kind of everything on file in a call.
pub async fn on_file(
    conn: &mut Conn,
    call: Uuid,
) -> Result<BTreeSet<(Uuid, Uuid, String)>, StoreError> {
    let rows: Vec<(Uuid, Uuid, String)> = own_conflict::table
        .filter(own_conflict::call_id.eq(call))
        .select((
            own_conflict::account_id,
            own_conflict::proposal_id,
            own_conflict::kind,
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Whether somebody wears a role in the call.
pub async fn wears_a_role(conn: &mut Conn, who: Uuid, call: Uuid) -> Result<bool, StoreError> {
    let worn = role_grant::table
        .filter(role_grant::account_id.eq(who))
        .filter(role_grant::call_id.eq(call))
        .filter(role_grant::ended_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(worn))
        .get_result(conn)
        .await?)
}

/// What tells whether somebody with a role in a call has an interest in a proposal.
#[derive(Debug, Clone, QueryableByName)]
pub struct Wearer {
    /// The account.
    #[diesel(sql_type = SqlUuid)]
    pub account: Uuid,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The address, once it is confirmed; else empty.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The names of the organisations spoken for, with those that these act for. The register has no ROR ids.
    #[diesel(sql_type = Array<Text>)]
    pub organisations: Vec<String>,
}

/// Who wears one of the roles in a call.
pub async fn wearers(
    conn: &mut Conn,
    call: Uuid,
    roles: &[Role],
) -> Result<Vec<Wearer>, StoreError> {
    let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
    Ok(statement(
        "select a.id as account, a.name, case when a.email_confirmed_at is null then '' else a.email end as email,
                array(select distinct said.name
                      from role_grant g
                      left join acting_for f on f.organisation_id = g.organisation_id and f.ended_at is null
                      join organisation o on o.id in (g.organisation_id, f.acts_for_id)
                      cross join lateral (values (o.name), (o.native_name)) said (name)
                      where g.account_id = a.id and g.call_id = $1 and g.role = any($2) and g.ended_at is null
                        and said.name is not null
                      order by said.name) as organisations
         from account a
         where a.id in (select account_id from role_grant
                        where call_id = $1 and role = any($2) and ended_at is null)
         order by a.id",
    )
    .bind::<SqlUuid, _>(call)
    .bind::<Array<Text>, _>(roles)
    .load(conn)
    .await?)
}

/// Account and proposal of everybody who writes a partner's part in a call.
pub async fn members(conn: &mut Conn, call: Uuid) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(partner_member::table
        .filter(partner_member::call_id.eq(call))
        .filter(partner_member::left_at.is_null())
        .select((partner_member::account_id, partner_member::proposal_id))
        .load(conn)
        .await?)
}
