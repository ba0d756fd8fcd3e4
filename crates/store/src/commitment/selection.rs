//! Selections with their lines. Whoever changes one holds its stage's row locked.

use std::collections::BTreeMap;

use ::commitment::{Cause, LineState, SelectionState};
use access::{Action, Permit};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use kernel::Amount;
use serde_json::Value;
use uuid::Uuid;

use crate::call::topic_money;
use crate::error::{demand, one_row};
use crate::schema::sealed::{selection, selection_line};
use crate::schema::{organisation, participation};
use crate::{Conn, StoreError, text};

/// A selection.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = selection)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct SelectionRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub stage_id: Uuid,
    pub number: i32,
    pub state: String,
    pub engine: String,
    pub input: Value,
    pub result: Value,
    pub scenario_id: Option<Uuid>,
    pub amends: Option<Uuid>,
    pub cause: Option<String>,
    pub reason: Option<String>,
    pub proposed_at: DateTime<Utc>,
    pub minutes: Option<Value>,
    pub adopted_by: Option<Uuid>,
    pub adopted_at: Option<DateTime<Utc>>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub finalised_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl SelectionRow {
    /// The state.
    pub fn state(&self) -> Result<SelectionState, StoreError> {
        text::name(&self.state)
    }

    /// What it was computed from.
    pub fn input(&self) -> Result<::commitment::SelectionInput, StoreError> {
        text::document(self.input.clone())
    }

    /// What was computed.
    pub fn result(&self) -> Result<::commitment::Selection, StoreError> {
        text::document(self.result.clone())
    }

    /// Why it amends another.
    pub fn cause(&self) -> Result<Option<::commitment::Cause>, StoreError> {
        self.cause.as_deref().map(text::name).transpose()
    }

    /// The selection as the policy sees it.
    pub fn object(&self) -> access::Object {
        access::Object::of_call("selection", self.id, self.call_id)
    }
}

/// A selection to be stored.
#[derive(Debug, Clone)]
pub struct NewSelection {
    /// Its id.
    pub id: Uuid,
    /// The stage it decides.
    pub stage_id: Uuid,
    /// Counted from 1 in the call.
    pub number: i32,
    /// Name and version of what computed it.
    pub engine: String,
    /// What it was computed from.
    pub input: Value,
    /// What was computed.
    pub result: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// What each paying funder's part in the call is to pay.
    pub lines: Vec<NewLine>,
}

/// Where a proposed selection comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The call as it stands.
    Call,
    /// A scenario.
    Scenario(Uuid),
    /// Another selection, whose place it is to take.
    Amendment {
        /// That selection.
        amends: Uuid,
        /// Why.
        cause: Cause,
        /// Why, in words.
        reason: String,
    },
}

/// A funder's line to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewLine {
    /// Its part in the call.
    pub participation: Uuid,
    /// What its applicants get.
    pub requested: Amount,
    /// What of that is EU money.
    pub eu: Amount,
    /// What of that is national money, which the funder commits.
    pub national: Amount,
}

/// A funder's line of a selection.
#[derive(Debug, Clone, Queryable)]
pub struct LineRow {
    /// Its id.
    pub id: Uuid,
    /// The funder's part in the call.
    pub participation: Uuid,
    /// The organisation.
    pub organisation: Uuid,
    /// The organisation's key.
    pub key: String,
    /// The organisation's name.
    pub name: String,
    /// Cents that its applicants get.
    pub requested: i64,
    /// Cents of that which are EU money.
    pub eu: i64,
    /// Cents of that which are national money: what the funder commits itself to.
    pub national: i64,
    /// Where it stands.
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Who answered.
    pub answered_by: Option<Uuid>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Number of the selection in which the funder accepted the same, where it was not asked again.
    pub carried_from: Option<i32>,
    /// Raised with every change.
    pub version: i32,
}

impl LineRow {
    /// The state.
    pub fn state(&self) -> Result<LineState, StoreError> {
        text::name(&self.state)
    }

    /// The line as the policy sees it: its funder's business.
    pub fn object(&self, call: Uuid) -> access::Object {
        access::Object {
            organisation: Some(self.organisation),
            ..access::Object::of_call("selection_line", self.id, call)
        }
    }
}

/// Reads a selection.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<SelectionRow, StoreError> {
    Ok(selection::table
        .find(id)
        .select(SelectionRow::as_select())
        .first(conn)
        .await?)
}

/// The latest selection of a call.
pub async fn latest(conn: &mut Conn, call: Uuid) -> Result<Option<SelectionRow>, StoreError> {
    Ok(selection::table
        .filter(selection::call_id.eq(call))
        .order(selection::number.desc())
        .select(SelectionRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// The selection of a call that is in force, if it is decided.
pub async fn in_force(conn: &mut Conn, call: Uuid) -> Result<Option<SelectionRow>, StoreError> {
    Ok(selection::table
        .filter(selection::call_id.eq(call))
        .filter(selection::state.eq(SelectionState::Final.to_string()))
        .select(SelectionRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// All selections of a call, by number.
pub async fn all(conn: &mut Conn, call: Uuid) -> Result<Vec<SelectionRow>, StoreError> {
    Ok(selection::table
        .filter(selection::call_id.eq(call))
        .order(selection::number)
        .select(SelectionRow::as_select())
        .load(conn)
        .await?)
}

/// The lines of a selection, by the funders' keys.
pub async fn lines(conn: &mut Conn, of: Uuid) -> Result<Vec<LineRow>, StoreError> {
    Ok(selection_line::table
        .inner_join(participation::table.on(participation::id.eq(selection_line::participation_id)))
        .inner_join(organisation::table.on(organisation::id.eq(participation::organisation_id)))
        .filter(selection_line::selection_id.eq(of))
        .order(organisation::key)
        .select((
            selection_line::id,
            participation::id,
            organisation::id,
            organisation::key,
            organisation::name,
            selection_line::requested,
            selection_line::eu,
            selection_line::national,
            selection_line::state,
            selection_line::reason,
            selection_line::answered_by,
            selection_line::answered_at,
            selection_line::carried_from,
            selection_line::version,
        ))
        .load(conn)
        .await?)
}

/// Stores a proposed selection with its lines.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    new: &NewSelection,
) -> Result<(), StoreError> {
    let (mut scenario, mut amendment) = (None, (None, None, None));
    match &new.origin {
        Origin::Call => demand(permit, &[Action::ProposeSelection], call)?,
        Origin::Scenario(id) => {
            demand(permit, &[Action::ProposeSelection], call)?;
            scenario = Some(*id);
        }
        Origin::Amendment {
            amends,
            cause,
            reason,
        } => {
            demand(permit, &[Action::AmendSelection], *amends)?;
            amendment = (
                Some(*amends),
                Some(cause.to_string()),
                Some(reason.as_str()),
            );
        }
    }
    let (amends, cause, reason) = amendment;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(selection::table)
        .values((
            selection::id.eq(new.id),
            selection::call_id.eq(call),
            selection::stage_id.eq(new.stage_id),
            selection::number.eq(new.number),
            selection::state.eq(SelectionState::Proposed.to_string()),
            selection::engine.eq(&new.engine),
            selection::input.eq(&new.input),
            selection::result.eq(&new.result),
            selection::scenario_id.eq(scenario),
            selection::amends.eq(amends),
            selection::cause.eq(cause),
            selection::reason.eq(reason),
            selection::proposed_by.eq(by),
        ))
        .execute(conn)
        .await?;
    let lines: Vec<_> = new
        .lines
        .iter()
        .map(|line| {
            (
                selection_line::id.eq(kernel::id::new()),
                selection_line::call_id.eq(call),
                selection_line::selection_id.eq(new.id),
                selection_line::participation_id.eq(line.participation),
                selection_line::requested.eq(line.requested.0),
                selection_line::eu.eq(line.eu.0),
                selection_line::national.eq(line.national.0),
                selection_line::state.eq(LineState::Open.to_string()),
            )
        })
        .collect();
    diesel::insert_into(selection_line::table)
        .values(lines)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a selection aside for the next one, or makes it final.
pub async fn set_state(
    conn: &mut Conn,
    permit: &Permit,
    row: &SelectionRow,
    state: SelectionState,
) -> Result<(), StoreError> {
    let actions = [
        Action::ProposeSelection,
        Action::AmendSelection,
        Action::ConfirmSelection,
        Action::AnswerLine,
    ];
    if permit.call() != Some(row.call_id) || !actions.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    let in_force = match state {
        SelectionState::Final => "clock_timestamp()",
        _ => "finalised_at",
    };
    let changed = diesel::update(selection::table.find(row.id))
        .filter(selection::state.eq(&row.state))
        .filter(selection::version.eq(row.version))
        .set((
            selection::state.eq(state.to_string()),
            selection::finalised_at.eq(sql::<Nullable<Timestamptz>>(in_force)),
            selection::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Records how the committee adopted it.
pub async fn adopt(
    conn: &mut Conn,
    permit: &Permit,
    row: &SelectionRow,
    minutes: Value,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AdoptSelection], row.id)?;
    let changed = diesel::update(selection::table.find(row.id))
        .filter(selection::state.eq(&row.state))
        .filter(selection::version.eq(row.version))
        .set((
            selection::state.eq(SelectionState::Adopted.to_string()),
            selection::minutes.eq(minutes),
            selection::adopted_by.eq(permit.account()),
            selection::adopted_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            selection::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Records that the chair confirmed it. The database refuses the person who recorded the adoption.
pub async fn confirm(
    conn: &mut Conn,
    permit: &Permit,
    row: &SelectionRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ConfirmSelection], row.id)?;
    let changed = diesel::update(selection::table.find(row.id))
        .filter(selection::state.eq(&row.state))
        .filter(selection::version.eq(row.version))
        .set((
            selection::state.eq(SelectionState::Confirmed.to_string()),
            selection::confirmed_by.eq(permit.account()),
            selection::confirmed_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            selection::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Records a funder's answer for its line.
pub async fn answer(
    conn: &mut Conn,
    permit: &Permit,
    line: &LineRow,
    state: LineState,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    demand(permit, &[Action::AnswerLine], line.id)?;
    let changed = diesel::update(selection_line::table.find(line.id))
        .filter(selection_line::state.eq(&line.state))
        .filter(selection_line::version.eq(line.version))
        .set((
            selection_line::state.eq(state.to_string()),
            selection_line::reason.eq(reason),
            selection_line::answered_by.eq(permit.account()),
            selection_line::answered_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            selection_line::version.eq(line.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Carries over the acceptance of a funder that is asked the same as in the selection with this number: it is not asked
/// again, and who accepted then has accepted.
pub async fn carry(
    conn: &mut Conn,
    permit: &Permit,
    line: &LineRow,
    (from, number): (&LineRow, i32),
) -> Result<(), StoreError> {
    if permit.action() != Action::ConfirmSelection || from.participation != line.participation {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(selection_line::table.find(line.id))
        .filter(selection_line::call_id.nullable().eq(permit.call()))
        .filter(selection_line::state.eq(LineState::Open.to_string()))
        .filter(selection_line::version.eq(line.version))
        .set((
            selection_line::state.eq(LineState::Accepted.to_string()),
            selection_line::answered_by.eq(from.answered_by),
            selection_line::answered_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")),
            selection_line::carried_from.eq(Some(from.carried_from.unwrap_or(number))),
            selection_line::version.eq(line.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// A funder's money as a decision finds it, in cents.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Bindable {
    /// What it commits.
    pub commitment: i64,
    /// What of that it commits on availability of funds, once it is signed.
    pub available: Option<i64>,
    /// What of it is decided.
    pub decided: i64,
    /// Whether it takes part in the call.
    pub stays: bool,
}

impl Bindable {
    /// What can be bound beyond what is decided: nothing of a funder that left the call.
    pub fn left(&self) -> i64 {
        match self.stays {
            true => (self.available.unwrap_or(self.commitment)).saturating_sub(self.decided),
            false => 0,
        }
    }
}

/// A funder's part in the call, locked, with its money.
pub async fn lock_money(conn: &mut Conn, id: Uuid) -> Result<Bindable, StoreError> {
    Ok(participation::table
        .find(id)
        .select((
            participation::commitment,
            participation::available,
            participation::decided,
            participation::left_at.is_null(),
        ))
        .for_update()
        .first(conn)
        .await?)
}

/// What is left to be bound of a funder's commitment to each topic, in cents; on availability of funds where that is
/// signed. The caller holds the funder's part in the call locked.
pub async fn left_by_topic(
    conn: &mut Conn,
    call: Uuid,
    participation: Uuid,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let all = topic_money::of_call(conn, call)
        .await?
        .remove(&participation);
    let left = all.unwrap_or_default().into_iter().map(|(topic, money)| {
        let most = money.available.unwrap_or(money.indicative);
        (topic, most.0.saturating_sub(money.decided.0))
    });
    Ok(left.collect())
}

/// Binds more of a funder's commitment, or less where an amount below nothing is given; `topics` is what of it is
/// bound in each topic with money of its own. The caller holds the row locked; the table's CHECK refuses to
/// bind more than is committed.
pub async fn bind_money(
    conn: &mut Conn,
    permit: &Permit,
    id: Uuid,
    amount: Amount,
    topics: &BTreeMap<String, i64>,
) -> Result<(), StoreError> {
    let actions = [Action::AnswerLine, Action::ConfirmSelection];
    if !actions.contains(&permit.action()) {
        return Err(StoreError::Permit);
    }
    let changed = diesel::update(participation::table.find(id))
        .filter(participation::call_id.nullable().eq(permit.call()))
        .set(participation::decided.eq(participation::decided + amount.0))
        .execute(conn)
        .await?;
    one_row(changed)?;
    for (topic, more) in topics {
        topic_money::bind(conn, id, topic, Amount(*more)).await?;
    }
    Ok(())
}
