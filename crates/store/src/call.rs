//! Calls, their stages, the mapping to action items; the funders taking part stand in `funder`.

mod funder;
mod pledge;
pub mod topic_money;

use ::call::{CallState, StageState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{call, call_action_item, participation, stage};
use crate::{Conn, StoreError, text};

pub use funder::{
    ParticipationRow, add_participation, end_participation, find_participation, lock_participation,
    participations, set_terms,
};
pub use pledge::{NewPledge, OwnMoney, pledge};

/// A call.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = call)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct CallRow {
    pub id: Uuid,
    pub code: String,
    pub title: String,
    pub topic: String,
    pub year: i32,
    pub state: String,
    pub rehearsal: bool,
    pub rules: Value,
    pub milestones: Value,
    pub budget: Option<i64>,
    pub funders_total: Option<i32>,
    pub countries_total: Option<i32>,
    pub doubts: Value,
    pub version: i32,
}

impl CallRow {
    /// The state.
    pub fn state(&self) -> Result<CallState, StoreError> {
        text::name(&self.state)
    }

    /// The rules.
    pub fn rules(&self) -> Result<::call::Rules, StoreError> {
        text::document(self.rules.clone())
    }

    /// What has a date beside the stages.
    pub fn milestones(&self) -> Result<Vec<::call::Milestone>, StoreError> {
        text::document(self.milestones.clone())
    }

    /// What of the set-up is not known, or not from the call itself.
    pub fn doubts(&self) -> Result<Vec<::call::KnownDoubt>, StoreError> {
        text::document(self.doubts.clone())
    }

    /// Whether the public knows of it.
    pub fn is_published(&self) -> bool {
        !matches!(self.state.as_str(), "idea" | "draft" | "approved")
    }

    /// The call as the policy sees it.
    pub fn object(&self) -> access::Object {
        access::Object {
            public: self.is_published(),
            ..access::Object::of_call("call", self.id, self.id)
        }
    }
}

/// One stage of a call.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stage)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct StageRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub number: i32,
    pub kind: String,
    pub state: String,
    pub opens_at: Option<DateTime<Utc>>,
    pub deadline_at: DateTime<Utc>,
    pub zone: String,
    pub label: String,
    pub moved: i32,
    pub under_represented: Vec<String>,
    pub version: i32,
}

impl StageRow {
    /// The state.
    pub fn state(&self) -> Result<StageState, StoreError> {
        text::name(&self.state)
    }

    /// Whether its deadline has laid the proposals open.
    pub fn is_disclosed(&self) -> Result<bool, StoreError> {
        use StageState::{Open, Planned};
        Ok(!matches!(self.state()?, Planned | Open))
    }

    /// Whether its proposals are locked, all of them, and may be evaluated.
    pub fn is_locked(&self) -> Result<bool, StoreError> {
        Ok(self.is_disclosed()? && self.state()? != StageState::Closed)
    }

    /// The deadline with its zone and label.
    pub fn deadline(&self) -> Result<kernel::Deadline, StoreError> {
        Ok(kernel::Deadline {
            at: self.deadline_at,
            zone: text::name(&self.zone)?,
            label: self.label.clone(),
        })
    }

    /// The stage as the policy sees it.
    pub fn object(&self) -> access::Object {
        access::Object::of_call("stage", self.id, self.call_id)
    }
}

/// Reads a call.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<CallRow, StoreError> {
    Ok(call::table
        .find(id)
        .select(CallRow::as_select())
        .first(conn)
        .await?)
}

/// The id of a call by its code.
pub async fn id_of(conn: &mut Conn, code: &str) -> Result<Uuid, StoreError> {
    Ok(call::table
        .filter(call::code.eq(code))
        .select(call::id)
        .first(conn)
        .await?)
}

/// Reads a call and keeps others from changing it until the transaction ends.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<CallRow, StoreError> {
    Ok(call::table
        .find(id)
        .select(CallRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Reads a call and keeps its rules and stages as they are until the transaction ends: what is written by them takes this
/// lock, and does not wait for others that do.
pub async fn hold(conn: &mut Conn, id: Uuid) -> Result<CallRow, StoreError> {
    Ok(call::table
        .find(id)
        .select(CallRow::as_select())
        .for_share()
        .first(conn)
        .await?)
}

/// Inserts a call and its stages.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    row: &CallRow,
    stages: &[StageRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::DraftCall], row.id)?;
    diesel::insert_into(call::table)
        .values(row)
        .execute(conn)
        .await?;
    diesel::insert_into(stage::table)
        .values(stages)
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces what a draft says, and its stages.
pub async fn replace(
    conn: &mut Conn,
    permit: &Permit,
    row: &CallRow,
    stages: &[StageRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::EditCall], row.id)?;
    let changed = diesel::update(call::table.find(row.id))
        .filter(call::version.eq(row.version))
        .filter(call::state.eq(&row.state))
        .set((
            call::code.eq(&row.code),
            call::title.eq(&row.title),
            call::topic.eq(&row.topic),
            call::year.eq(row.year),
            call::rules.eq(&row.rules),
            call::milestones.eq(&row.milestones),
            call::budget.eq(row.budget),
            call::funders_total.eq(row.funders_total),
            call::countries_total.eq(row.countries_total),
            call::doubts.eq(&row.doubts),
            call::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)?;
    diesel::delete(stage::table.filter(stage::call_id.eq(row.id)))
        .execute(conn)
        .await?;
    diesel::insert_into(stage::table)
        .values(stages)
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves a call from the state it was read in to the next.
pub async fn set_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &CallRow,
    state: CallState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let actions = [
        Action::ApproveCall,
        Action::PreAnnounceCall,
        Action::OpenCall,
        Action::CancelCall,
        Action::CloseStage,
        Action::AdoptSelection,
        Action::ConfirmSelection,
        Action::AnswerLine,
        Action::ReleaseLetters,
    ];
    if permit.call() != Some(row.id) || !actions.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    let opened = (state == CallState::Open)
        .then(|| call::opened_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")));
    let because = reason.map(|reason| call::cancelled_because.eq(reason));
    let changed = diesel::update(call::table.find(row.id))
        .filter(call::state.eq(&row.state))
        .filter(call::version.eq(row.version))
        .set((
            call::state.eq(state.to_string()),
            call::version.eq(row.version + 1),
            opened,
            because,
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Turns an idea into a draft, with the memorandum it rests on.
pub async fn prepare(
    conn: &mut Conn,
    permit: &Permit,
    row: &CallRow,
    state: CallState,
    memorandum: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::PrepareCall], row.id)?;
    let changed = diesel::update(call::table.find(row.id))
        .filter(call::state.eq(&row.state))
        .filter(call::version.eq(row.version))
        .set((
            call::state.eq(state.to_string()),
            call::memorandum.eq(memorandum),
            call::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Replaces the mapping to the action items `of_agenda`; `shares` in hundredths of a percent. The
/// mappings to other agendas stay.
pub async fn replace_mapping(
    conn: &mut Conn,
    permit: &Permit,
    call_id: Uuid,
    of_agenda: &[Uuid],
    shares: &[(Uuid, i32)],
) -> Result<(), StoreError> {
    demand(permit, &[Action::MapCall], call_id)?;
    diesel::delete(call_action_item::table)
        .filter(call_action_item::call_id.eq(call_id))
        .filter(call_action_item::action_item_id.eq_any(of_agenda))
        .execute(conn)
        .await?;
    insert_mapping(conn, call_id, shares).await
}

async fn insert_mapping(
    conn: &mut Conn,
    call_id: Uuid,
    shares: &[(Uuid, i32)],
) -> Result<(), StoreError> {
    let rows: Vec<_> = shares
        .iter()
        .map(|(item, share)| {
            (
                call_action_item::call_id.eq(call_id),
                call_action_item::action_item_id.eq(*item),
                call_action_item::share.eq(*share),
            )
        })
        .collect();
    diesel::insert_into(call_action_item::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives a new call the mapping of another, and funders.
pub async fn copy_parts(
    conn: &mut Conn,
    permit: &Permit,
    from: Uuid,
    to: Uuid,
    funders: &[ParticipationRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::DraftCall], to)?;
    let shares: Vec<(Uuid, i32)> = call_action_item::table
        .filter(call_action_item::call_id.eq(from))
        .select((call_action_item::action_item_id, call_action_item::share))
        .load(conn)
        .await?;
    insert_parts(conn, permit, to, &shares, funders).await
}

/// Gives a new call its mapping, in hundredths of a percent, and its funders.
pub async fn insert_parts(
    conn: &mut Conn,
    permit: &Permit,
    call_id: Uuid,
    shares: &[(Uuid, i32)],
    funders: &[ParticipationRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::DraftCall], call_id)?;
    insert_mapping(conn, call_id, shares).await?;
    diesel::insert_into(participation::table)
        .values(funders)
        .execute(conn)
        .await?;
    Ok(())
}

/// The stages of a call, in order.
pub async fn stages(conn: &mut Conn, call_id: Uuid) -> Result<Vec<StageRow>, StoreError> {
    Ok(stage::table
        .filter(stage::call_id.eq(call_id))
        .order(stage::number)
        .select(StageRow::as_select())
        .load(conn)
        .await?)
}

/// The last stage of a call whose proposals are locked.
pub async fn current_stage(conn: &mut Conn, call_id: Uuid) -> Result<Option<StageRow>, StoreError> {
    let mut current = None;
    for stage in stages(conn, call_id).await? {
        if stage.is_locked()? {
            current = Some(stage);
        }
    }
    Ok(current)
}

/// One stage of a call.
pub async fn stage(conn: &mut Conn, call_id: Uuid, number: i32) -> Result<StageRow, StoreError> {
    Ok(stage::table
        .filter(stage::call_id.eq(call_id))
        .filter(stage::number.eq(number))
        .select(StageRow::as_select())
        .first(conn)
        .await?)
}

/// Reads a stage.
pub async fn find_stage(conn: &mut Conn, id: Uuid) -> Result<StageRow, StoreError> {
    Ok(stage::table
        .find(id)
        .select(StageRow::as_select())
        .first(conn)
        .await?)
}

/// Reads a stage and keeps others from changing it: what moves a deadline or a state takes this lock.
pub async fn lock_stage(conn: &mut Conn, id: Uuid) -> Result<StageRow, StoreError> {
    Ok(stage::table
        .find(id)
        .select(StageRow::as_select())
        .for_update()
        .first(conn)
        .await?)
}

/// Reads a stage and keeps its deadline and state as they are: what submits takes this lock, and does
/// not wait for others that do.
pub async fn hold_stage(conn: &mut Conn, id: Uuid) -> Result<StageRow, StoreError> {
    Ok(stage::table
        .find(id)
        .select(StageRow::as_select())
        .for_share()
        .first(conn)
        .await?)
}

/// Moves a stage from the state it was read in to the next.
pub async fn set_stage_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &StageRow,
    state: StageState,
) -> Result<(), StoreError> {
    if permit.call() != Some(row.call_id) {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(stage::table.find(row.id))
        .filter(stage::state.eq(&row.state))
        .filter(stage::version.eq(row.version))
        .set((
            stage::state.eq(state.to_string()),
            stage::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Moves a stage's deadline.
pub async fn set_deadline(
    conn: &mut Conn,
    permit: &Permit,
    row: &StageRow,
    deadline: &kernel::Deadline,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ExtendStage, Action::ShortenStage], row.id)?;
    let changed = diesel::update(stage::table.find(row.id))
        .filter(stage::version.eq(row.version))
        .set((
            stage::deadline_at.eq(deadline.at),
            stage::zone.eq(deadline.zone.name()),
            stage::label.eq(&deadline.label),
            stage::moved.eq(row.moved + 1),
            stage::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// The stages whose time has come: planned ones to open, open ones to close. A second stage without an
/// opening opens as soon as the invitations to it are out.
pub async fn due_stages(conn: &mut Conn) -> Result<Vec<StageRow>, StoreError> {
    let now = || sql::<Timestamptz>("clock_timestamp()");
    let time_has_come = stage::opens_at
        .le(now().nullable())
        .or(stage::opens_at.is_null().and(stage::number.gt(1)));
    let to_open = stage::state
        .eq("planned")
        .and(time_has_come.assume_not_null());
    let to_close = stage::state.eq("open").and(stage::deadline_at.le(now()));
    Ok(stage::table
        .inner_join(call::table.on(call::id.eq(stage::call_id)))
        .filter(call::state.eq_any(["open", "evaluation"]))
        .filter(to_open.or(to_close))
        .order((stage::deadline_at, stage::id))
        .select(StageRow::as_select())
        .load(conn)
        .await?)
}

/// Keeps the funders that the steering committee names under-represented at the invitation, on the
/// stage that it invites to.
pub async fn set_under_represented(
    conn: &mut Conn,
    permit: &Permit,
    row: &StageRow,
    funders: &[String],
) -> Result<(), StoreError> {
    if permit.call() != Some(row.call_id) || permit.action() != Action::DecideInvitations {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(stage::table.find(row.id))
        .filter(stage::version.eq(row.version))
        .set((
            stage::under_represented.eq(funders),
            stage::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Changes what a published call says.
pub async fn amend(conn: &mut Conn, permit: &Permit, row: &CallRow) -> Result<(), StoreError> {
    demand(permit, &[Action::AmendCall], row.id)?;
    let changed = diesel::update(call::table.find(row.id))
        .filter(call::version.eq(row.version))
        .set((
            call::title.eq(&row.title),
            call::topic.eq(&row.topic),
            call::rules.eq(&row.rules),
            call::milestones.eq(&row.milestones),
            call::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
