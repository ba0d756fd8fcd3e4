//! Experts of a call.

use ::review::conflict::{ExpertFacts, Organisation, Person};
use ::review::{Affiliation, ExpertRole, ExpertState, Gender, Loads};
use access::{Action, Object, Permit};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::sealed::expert;
use crate::{Conn, StoreError, text};

/// An expert of a call.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = expert)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ExpertRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub account_id: Option<Uuid>,
    pub email: String,
    pub name: String,
    pub organisation: String,
    pub department: String,
    pub ror: Option<String>,
    pub orcid: Option<String>,
    pub country: Option<String>,
    pub gender: Option<String>,
    pub languages: Vec<String>,
    pub keywords: Vec<String>,
    pub modules: Vec<String>,
    pub statement: String,
    pub affiliations: Value,
    pub state: String,
    pub role: String,
    pub max_load: i32,
    pub stage_loads: Value,
    pub nominated_by: Option<Uuid>,
    pub declined_because: Option<String>,
    pub declared_at: Option<DateTime<Utc>>,
    pub declared_stages: Vec<i32>,
    pub version: i32,
}

impl ExpertRow {
    /// The state.
    pub fn state(&self) -> Result<ExpertState, StoreError> {
        text::name(&self.state)
    }

    /// What the expert does in the evaluation.
    pub fn role(&self) -> Result<ExpertRole, StoreError> {
        text::name(&self.role)
    }

    /// Whether the expert said yes to the invitation.
    pub fn has_accepted(&self) -> Result<bool, StoreError> {
        Ok(matches!(
            self.state()?,
            ExpertState::Accepted | ExpertState::Contracted
        ))
    }

    /// Whether content of the stage opens: the confidentiality is signed and the conflicts are declared for it, since the
    /// next stage brings other partners and people.
    pub fn may_read(&self, stage: i32) -> Result<bool, StoreError> {
        Ok(self.state()? == ExpertState::Contracted && self.declared_stages.contains(&stage))
    }

    /// Whether content of any stage opens.
    pub fn may_read_any(&self) -> Result<bool, StoreError> {
        Ok(self.state()? == ExpertState::Contracted && !self.declared_stages.is_empty())
    }

    /// How many proposals the expert takes at most, at every stage and at single ones.
    pub fn loads(&self) -> Result<Loads, StoreError> {
        Ok(Loads {
            max_load: self.max_load,
            stage_loads: text::document(self.stage_loads.clone())?,
        })
    }

    /// The most proposals that the expert takes at a stage.
    pub fn load_at(&self, stage: i32) -> Result<i32, StoreError> {
        Ok(self.loads()?.load_at(stage))
    }

    /// The expert as the policy sees one.
    pub fn object(&self) -> Object {
        Object {
            expert: self.account_id,
            ..Object::of_call("expert", self.id, self.call_id)
        }
    }

    /// The gender, where the expert gives it.
    pub fn gender(&self) -> Result<Option<Gender>, StoreError> {
        self.gender.as_deref().map(text::name).transpose()
    }

    /// Other and former places of work.
    pub fn affiliations(&self) -> Result<Vec<Affiliation>, StoreError> {
        text::document(self.affiliations.clone())
    }

    /// Who it is, as conflicts are looked for with it.
    pub fn person(&self) -> Person {
        Person {
            name: self.name.clone(),
            email: self.email.clone(),
            orcid: self.orcid.clone(),
        }
    }

    /// What conflicts are looked for with on a day: places of work that are over by then are left out.
    pub fn facts(&self, today: NaiveDate) -> Result<ExpertFacts, StoreError> {
        let main = Organisation {
            name: self.organisation.clone(),
            ror: self.ror.clone(),
            department: self.department.clone(),
        };
        let others = self.affiliations()?;
        let others = others.iter().filter(|one| !one.is_over(today));
        Ok(ExpertFacts {
            person: self.person(),
            organisations: std::iter::once(main)
                .chain(others.map(Affiliation::place))
                .collect(),
            companions: Vec::new(),
        })
    }
}

/// Inserts nominated experts.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    rows: &[ExpertRow],
) -> Result<(), StoreError> {
    for row in rows {
        demand(permit, &[Action::NominateExpert], row.call_id)?;
    }
    diesel::insert_into(expert::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// The experts of a call, in the order of their nomination.
pub async fn of_call(conn: &mut Conn, call: Uuid) -> Result<Vec<ExpertRow>, StoreError> {
    Ok(expert::table
        .filter(expert::call_id.eq(call))
        .order(expert::id)
        .select(ExpertRow::as_select())
        .load(conn)
        .await?)
}

/// The experts of a call, locked: who assigns keeps conflicts from being noted meanwhile.
pub async fn lock_of_call(conn: &mut Conn, call: Uuid) -> Result<Vec<ExpertRow>, StoreError> {
    Ok(expert::table
        .filter(expert::call_id.eq(call))
        .order(expert::id)
        .select(ExpertRow::as_select())
        .for_no_key_update()
        .load(conn)
        .await?)
}

/// Reads an expert.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<ExpertRow, StoreError> {
    Ok(expert::table
        .find(id)
        .select(ExpertRow::as_select())
        .first(conn)
        .await?)
}

/// Reads an expert, locked: conflicts and assignments of one expert are written one after the other.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<ExpertRow, StoreError> {
    Ok(expert::table
        .find(id)
        .select(ExpertRow::as_select())
        .for_no_key_update()
        .first(conn)
        .await?)
}

/// The expert that an account is in a call.
pub async fn of_account(
    conn: &mut Conn,
    account: Uuid,
    call: Uuid,
) -> Result<Option<ExpertRow>, StoreError> {
    Ok(expert::table
        .filter(expert::account_id.eq(account))
        .filter(expert::call_id.eq(call))
        .select(ExpertRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// Everything that an account is as an expert, newest first.
pub async fn desks(conn: &mut Conn, account: Uuid) -> Result<Vec<ExpertRow>, StoreError> {
    Ok(expert::table
        .filter(expert::account_id.eq(account))
        .order(expert::id.desc())
        .select(ExpertRow::as_select())
        .load(conn)
        .await?)
}

/// Moves an expert from the state it was read in to the next.
pub async fn set_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &ExpertRow,
    state: ExpertState,
    declined_because: Option<&str>,
) -> Result<(), StoreError> {
    let of_call = [Action::ApprovePanel, Action::InviteExpert];
    let own = permit.covers(Action::AnswerInvitation, row.id);
    if !own && !of_call.iter().any(|one| permit.covers(*one, row.call_id)) {
        return Err(StoreError::Permit);
    }
    let because = declined_because.map(|reason| expert::declined_because.eq(reason));
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::state.eq(&row.state))
        .filter(expert::version.eq(row.version))
        .set((
            expert::state.eq(state.to_string()),
            expert::version.eq(row.version + 1),
            because,
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Moves an expert who accepts from the state it was read in to the next, with the loads that are agreed on by that.
pub async fn accept(
    conn: &mut Conn,
    permit: &Permit,
    row: &ExpertRow,
    state: ExpertState,
    loads: &Loads,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AnswerInvitation], row.id)?;
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::state.eq(&row.state))
        .filter(expert::version.eq(row.version))
        .set((
            expert::state.eq(state.to_string()),
            expert::max_load.eq(loads.max_load),
            expert::stage_loads.eq(text::json(&loads.stage_loads)?),
            expert::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Says which account the invited expert logs in with.
pub async fn connect(
    conn: &mut Conn,
    permit: &Permit,
    row: &ExpertRow,
    account: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::InviteExpert], row.call_id)?;
    let changed = diesel::update(expert::table.find(row.id))
        .set(expert::account_id.eq(account))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Gives the place of an expert who leaves to a substitute: the one has `role` and takes no more than `loads` from now on,
/// the other has the role that the expert had. The caller has locked both.
pub async fn hand_over(
    conn: &mut Conn,
    permit: &Permit,
    leaving: &ExpertRow,
    (role, loads): (ExpertRole, &Loads),
    substitute: &ExpertRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::CallUpSubstitute], leaving.id)?;
    if substitute.call_id != leaving.call_id {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(expert::table.find(leaving.id))
        .filter(expert::version.eq(leaving.version))
        .set((
            expert::role.eq(role.to_string()),
            expert::max_load.eq(loads.max_load),
            expert::stage_loads.eq(text::json(&loads.stage_loads)?),
            expert::version.eq(leaving.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    let changed = diesel::update(expert::table.find(substitute.id))
        .filter(expert::version.eq(substitute.version))
        .set((
            expert::role.eq(&leaving.role),
            expert::version.eq(substitute.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Has an expert go on in another role as the seat on the panel ended, for which the permit is: the role in the call, or
/// the invitation by which it was handed over. The caller has locked the expert.
pub async fn leave_panel(
    conn: &mut Conn,
    permit: &Permit,
    because: Uuid,
    row: &ExpertRow,
    role: ExpertRole,
) -> Result<(), StoreError> {
    demand(permit, &[Action::EndRole, Action::AcceptRole], because)?;
    if permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::version.eq(row.version))
        .set((
            expert::role.eq(role.to_string()),
            expert::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Sets how many proposals the expert takes at the stages: what is left to one who drops out, or what was agreed on. The
/// caller has locked the expert.
pub async fn set_load(
    conn: &mut Conn,
    permit: &Permit,
    row: &ExpertRow,
    loads: &Loads,
) -> Result<(), StoreError> {
    demand(
        permit,
        &[Action::ReplaceReviewer, Action::SetExpertLoad],
        row.id,
    )?;
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::version.eq(row.version))
        .set((
            expert::max_load.eq(loads.max_load),
            expert::stage_loads.eq(text::json(&loads.stage_loads)?),
            expert::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Takes loads of their own from the experts of a draft for stages that it has no more.
pub async fn forget_stages(conn: &mut Conn, permit: &Permit, call: Uuid) -> Result<(), StoreError> {
    demand(permit, &[Action::EditCall], call)?;
    diesel::sql_query(
        "update sealed.expert e set stage_loads = (
             select coalesce(jsonb_object_agg(l.key, l.value), '{}') from jsonb_each(e.stage_loads) l
             where exists (select from stage s where s.call_id = e.call_id and s.number::text = l.key))
         where e.call_id = $1 and e.stage_loads <> '{}'",
    )
    .bind::<SqlUuid, _>(call)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the expert declared all conflicts there are at a stage.
pub async fn declared(
    conn: &mut Conn,
    permit: &Permit,
    row: &ExpertRow,
    stage: i32,
) -> Result<(), StoreError> {
    demand(permit, &[Action::DeclareConflicts], row.id)?;
    let mut stages = row.declared_stages.clone();
    if !stages.contains(&stage) {
        stages.push(stage);
        stages.sort_unstable();
    }
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::version.eq(row.version))
        .set((
            expert::declared_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            expert::declared_stages.eq(stages),
            expert::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
