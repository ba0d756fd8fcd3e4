//! Conditions of invitations to the full stage, as the steering committee set them.

use ::intake::{Condition, Demand};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::call::StageRow;
use crate::error::{demand, one_row};
use crate::schema::proposal_stage;
use crate::schema::sealed::{invitation_condition, outcome};
use crate::{Conn, StoreError, text};

/// A condition of an invitation.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitation_condition)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ConditionRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub proposal_stage_id: Uuid,
    pub number: i32,
    pub demand: Value,
    pub text: String,
    pub until: DateTime<Utc>,
    pub met_because: Option<String>,
    pub met_by: Option<Uuid>,
    pub met_at: Option<DateTime<Utc>>,
}

impl ConditionRow {
    /// The condition as the rules look at it.
    pub fn condition(&self) -> Result<Condition, StoreError> {
        Ok(Condition {
            demand: self.demand()?,
            text: self.text.clone(),
            until: self.until,
            ticked: self.met_at.is_some(),
        })
    }

    /// What is to be met.
    pub fn demand(&self) -> Result<Demand, StoreError> {
        text::document(self.demand.clone())
    }
}

/// Keeps the conditions of a stage's invitations.
pub async fn insert_conditions(
    conn: &mut Conn,
    permit: &Permit,
    stage: Uuid,
    rows: &[ConditionRow],
) -> Result<(), StoreError> {
    // Who is invited because redress was upheld has conditions as others have.
    let redressed = permit.action() == Action::SettleRedress
        && rows.iter().all(|row| permit.call() == Some(row.call_id));
    if !redressed {
        demand(permit, &[Action::DecideInvitations], stage)?;
    }
    for some in rows.chunks(500) {
        diesel::insert_into(invitation_condition::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The conditions of a proposal's invitation out of a stage, in their order.
pub async fn conditions_of(
    conn: &mut Conn,
    stage: Uuid,
    proposal: Uuid,
) -> Result<Vec<ConditionRow>, StoreError> {
    Ok(invitation_condition::table
        .inner_join(
            proposal_stage::table
                .on(proposal_stage::id.eq(invitation_condition::proposal_stage_id)),
        )
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(proposal_stage::proposal_id.eq(proposal))
        .order(invitation_condition::number)
        .select(ConditionRow::as_select())
        .load(conn)
        .await?)
}

/// The conditions of a proposal's invitation, with whether its letter has told them.
pub async fn conditions_told(
    conn: &mut Conn,
    proposal: Uuid,
) -> Result<(Vec<ConditionRow>, bool), StoreError> {
    let rows: Vec<(ConditionRow, Option<DateTime<Utc>>)> = invitation_condition::table
        .inner_join(
            proposal_stage::table
                .on(proposal_stage::id.eq(invitation_condition::proposal_stage_id)),
        )
        .inner_join(
            outcome::table
                .on(outcome::proposal_stage_id.eq(invitation_condition::proposal_stage_id)),
        )
        .filter(proposal_stage::proposal_id.eq(proposal))
        .order(invitation_condition::number)
        .select((ConditionRow::as_select(), outcome::released_at))
        .load(conn)
        .await?;
    let told = rows.iter().all(|(_, released)| released.is_some());
    Ok((rows.into_iter().map(|(row, _)| row).collect(), told))
}

/// Locks the conditions of a proposal's invitation until the transaction ends.
pub async fn lock_conditions(conn: &mut Conn, proposal_stage: Uuid) -> Result<(), StoreError> {
    invitation_condition::table
        .filter(invitation_condition::proposal_stage_id.eq(proposal_stage))
        .order(invitation_condition::number)
        .select(invitation_condition::id)
        .for_update()
        .load::<Uuid>(conn)
        .await?;
    Ok(())
}

/// Notes that a condition is met, and why; or, without a reason, that it is not.
pub async fn tick_condition(
    conn: &mut Conn,
    permit: &Permit,
    row: &ConditionRow,
    because: Option<&str>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::SettleCondition], row.id)?;
    let at = diesel::dsl::sql::<diesel::sql_types::Nullable<Timestamptz>>(match because {
        Some(_) => "clock_timestamp()",
        None => "null",
    });
    let changed = diesel::update(invitation_condition::table.find(row.id))
        .set((
            invitation_condition::met_because.eq(because.map(str::trim)),
            invitation_condition::met_by.eq(permit.account().filter(|_| because.is_some())),
            invitation_condition::met_at.eq(at),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Moves what is due with the full proposals of a stage, or would be due after them, to their new deadline.
pub async fn move_conditions(
    conn: &mut Conn,
    permit: &Permit,
    before: &StageRow,
    deadline_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    demand(
        permit,
        &[Action::ExtendStage, Action::ShortenStage],
        before.id,
    )?;
    diesel::sql_query(
        "update sealed.invitation_condition c set until = $1, reminded_at = null
         from proposal_stage was, stage s
         where was.id = c.proposal_stage_id and s.id = was.stage_id and s.call_id = $2 and s.number = $3
           and (c.until = $4 or c.until > $1)",
    )
    .bind::<Timestamptz, _>(deadline_at)
    .bind::<SqlUuid, _>(before.call_id)
    .bind::<Integer, _>(before.number - 1)
    .bind::<Timestamptz, _>(before.deadline_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A condition whose time is over, of a full proposal that is still written.
#[derive(Debug, Clone, QueryableByName)]
pub struct DueCondition {
    /// The call.
    #[diesel(sql_type = SqlUuid)]
    pub call_id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal_id: Uuid,
    /// Its number in the call.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// What was to be met, for people.
    #[diesel(sql_type = Text)]
    pub text: String,
    /// What was to be met.
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub demand: Value,
    /// Until when.
    #[diesel(sql_type = Timestamptz)]
    pub until: DateTime<Utc>,
    /// The row of the proposal in the stage that invited it.
    #[diesel(sql_type = SqlUuid)]
    pub invited: Uuid,
    /// What the draft of the full proposal says of its partners.
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub partners: Value,
    /// The coordinator's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The coordinator's address.
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Notes the conditions that have come due, each once, while the full proposal can be written; not those that the
/// secretariat has said are met.
pub async fn note_due_conditions(conn: &mut Conn) -> Result<Vec<DueCondition>, StoreError> {
    Ok(diesel::sql_query(
        "with noted as (
             update sealed.invitation_condition c set reminded_at = clock_timestamp()
             from proposal_stage was, proposal_stage ps, stage s
             where was.id = c.proposal_stage_id and ps.proposal_id = was.proposal_id and s.id = ps.stage_id
               and s.number > 1 and s.state = 'open' and ps.state in ('draft', 'submitted', 'edited_since')
               and c.reminded_at is null and c.met_at is null and c.until <= clock_timestamp()
             returning c.call_id, c.number, c.text, c.demand, c.until, was.id as invited, ps.id as row, ps.proposal_id
         )
         select n.call_id, n.proposal_id, p.number, n.text, n.demand, n.until, n.invited,
                coalesce(d.content -> 'partners', '[]') as partners, a.name, a.email
         from noted n join proposal p on p.id = n.proposal_id join draft d on d.proposal_stage_id = n.row
         join account a on a.id = p.coordinator_id
         order by n.proposal_id, n.number",
    )
    .load(conn)
    .await?)
}
