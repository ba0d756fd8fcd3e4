//! Who presents which proposal at the panel.

use access::{Action, Permit};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::demand;
use crate::schema::proposal_stage;
use crate::schema::sealed::{expert, rapporteur, wall};
use crate::{Conn, StoreError};

/// A rapporteur of a proposal at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rapporteur {
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// The expert.
    pub expert: Uuid,
    /// The expert's account.
    pub account: Option<Uuid>,
    /// The expert's name.
    pub name: String,
}

type Row = (Uuid, Uuid, Uuid, Option<Uuid>, String);

#[diesel::dsl::auto_type]
fn rows() -> _ {
    rapporteur::table
        .inner_join(expert::table.on(expert::id.eq(rapporteur::expert_id)))
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(rapporteur::proposal_stage_id)))
        .select((
            proposal_stage::id,
            proposal_stage::proposal_id,
            expert::id,
            expert::account_id,
            expert::name,
        ))
}

/// Those with whom no conflict of interest stands: who has one is none any more, from the next request on.
async fn free(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Rapporteur>, StoreError> {
    let proposals: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let walls: Vec<(Uuid, Uuid)> = wall::table
        .filter(wall::proposal_id.eq_any(proposals))
        .select((wall::account_id, wall::proposal_id))
        .load(conn)
        .await?;
    let open = |(_, proposal, _, account, _): &Row| {
        account.is_none_or(|account| !walls.contains(&(account, *proposal)))
    };
    Ok(rows
        .into_iter()
        .filter(open)
        .map(|(proposal_stage, _, expert, account, name)| Rapporteur {
            proposal_stage,
            expert,
            account,
            name,
        })
        .collect())
}

/// The rapporteurs at a stage, the leading one of each proposal before the others.
pub async fn of_stage(conn: &mut Conn, stage: Uuid) -> Result<Vec<Rapporteur>, StoreError> {
    let found = rows()
        .filter(proposal_stage::stage_id.eq(stage))
        .order((rapporteur::proposal_stage_id, rapporteur::position))
        .load(conn)
        .await?;
    free(conn, found).await
}

/// The rapporteurs of one proposal at a stage, the leading one first.
pub async fn of_proposal(
    conn: &mut Conn,
    proposal_stage: Uuid,
) -> Result<Vec<Rapporteur>, StoreError> {
    let found = rows()
        .filter(rapporteur::proposal_stage_id.eq(proposal_stage))
        .order(rapporteur::position)
        .load(conn)
        .await?;
    free(conn, found).await
}

/// What an expert presents at a stage, with whatever conflict of interest: rows of the proposals in the stage, and all
/// who present each, the leading one first.
pub async fn of_expert(
    conn: &mut Conn,
    stage: Uuid,
    expert: Uuid,
) -> Result<Vec<(Uuid, Vec<Uuid>)>, StoreError> {
    let rows: Vec<(Uuid, Uuid)> = rapporteur::table
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(rapporteur::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .order((rapporteur::proposal_stage_id, rapporteur::position))
        .select((rapporteur::proposal_stage_id, rapporteur::expert_id))
        .load(conn)
        .await?;
    let mut all: Vec<(Uuid, Vec<Uuid>)> = Vec::new();
    for (row, named) in rows {
        match all.last_mut() {
            Some((last, present)) if *last == row => present.push(named),
            _ => all.push((row, vec![named])),
        }
    }
    all.retain(|(_, present)| present.contains(&expert));
    Ok(all)
}

/// A proposal that a rapporteur presents to a panel which has not adopted its results.
#[derive(Debug, Clone, QueryableByName)]
pub struct Presented {
    /// The expert.
    #[diesel(sql_type = SqlUuid)]
    pub expert_id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_id: Uuid,
    /// Its number.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// The stage.
    #[diesel(sql_type = SqlUuid)]
    pub stage_id: Uuid,
    /// The expert's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The expert's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

impl Presented {
    /// Whether the same expert presents the same in a list.
    pub fn is_among(&self, list: &[Presented]) -> bool {
        let key = |one: &Presented| (one.expert_id, one.proposal_id, one.stage_id);
        list.iter().any(|one| key(one) == key(self))
    }
}

/// What experts are to present to a panel that has not adopted its results, and have no conflict of interest with.
pub async fn presented(conn: &mut Conn, experts: &[Uuid]) -> Result<Vec<Presented>, StoreError> {
    Ok(diesel::sql_query(
        "select r.expert_id, ps.proposal_id, p.number, s.id as stage_id, e.name, e.email
         from sealed.rapporteur r
         join sealed.expert e on e.id = r.expert_id
         join proposal_stage ps on ps.id = r.proposal_stage_id and ps.state = 'locked'
         join proposal p on p.id = ps.proposal_id
         join stage s on s.id = ps.stage_id and s.state in ('checking', 'reviewing', 'rebuttal', 'panel')
         where r.expert_id = any($1)
           and not exists (select from sealed.wall w
                           where w.account_id = e.account_id and w.proposal_id = ps.proposal_id)
         order by r.expert_id, p.number",
    )
    .bind::<Array<SqlUuid>, _>(experts)
    .load(conn)
    .await?)
}

/// Names the rapporteurs of a proposal, the leading one first, in place of those before. The caller has locked the
/// proposal's row, or the stage where a substitute takes over or a seat on the panel ends.
pub async fn name(
    conn: &mut Conn,
    permit: &Permit,
    (proposal, proposal_stage): (Uuid, Uuid),
    experts: &[Uuid],
) -> Result<(), StoreError> {
    let of_a_seat = [
        Action::CallUpSubstitute,
        Action::EndRole,
        Action::AcceptRole,
    ];
    if !of_a_seat.contains(&permit.action()) {
        demand(permit, &[Action::NameRapporteurs], proposal)?;
    }
    let (Some(call), Some(account)) = (permit.call(), permit.account()) else {
        return Err(StoreError::Permit);
    };
    diesel::delete(rapporteur::table.filter(rapporteur::proposal_stage_id.eq(proposal_stage)))
        .execute(conn)
        .await?;
    if experts.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = (1..)
        .zip(experts)
        .map(|(position, expert): (i32, &Uuid)| {
            (
                rapporteur::proposal_stage_id.eq(proposal_stage),
                rapporteur::expert_id.eq(*expert),
                rapporteur::call_id.eq(call),
                rapporteur::position.eq(position),
                rapporteur::named_by.eq(account),
            )
        })
        .collect();
    diesel::insert_into(rapporteur::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}
