//! Scenarios: made, read and taken back, never changed.

use ::commitment::{Overrides, Selection, SelectionInput, Visibility};
use access::{Action, Object, Permit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::organisation;
use crate::schema::sealed::{scenario, selection};
use crate::{Conn, StoreError, text};

/// A scenario.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = scenario)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct ScenarioRow {
    pub id: Uuid,
    pub call_id: Uuid,
    pub organisation_id: Option<Uuid>,
    pub visibility: String,
    pub name: String,
    pub overrides: Value,
    pub engine: String,
    pub input: Value,
    pub result: Value,
    pub made_by: Uuid,
    pub made_at: DateTime<Utc>,
}

impl ScenarioRow {
    /// Who sees it.
    pub fn visibility(&self) -> Result<Visibility, StoreError> {
        text::name(&self.visibility)
    }

    /// What it changes.
    pub fn overrides(&self) -> Result<Overrides, StoreError> {
        text::document(self.overrides.clone())
    }

    /// What it was computed from.
    pub fn input(&self) -> Result<SelectionInput, StoreError> {
        text::document(self.input.clone())
    }

    /// What was computed.
    pub fn result(&self) -> Result<Selection, StoreError> {
        text::document(self.result.clone())
    }

    /// The scenario as the policy sees it: by its kind who knows of it, and whose it is.
    pub fn object(&self) -> Result<Object, StoreError> {
        let whose = object(
            self.visibility()?,
            self.organisation_id,
            self.id,
            self.call_id,
        );
        Ok(Object {
            owner: Some(self.made_by),
            ..whose
        })
    }
}

/// A scenario of this kind as the policy sees it. A shared one is the whole committee's, whichever funder
/// made it.
pub fn object(visibility: Visibility, organisation: Option<Uuid>, id: Uuid, call: Uuid) -> Object {
    match visibility {
        Visibility::Shared => Object::of_call("scenario", id, call),
        Visibility::Secretariat => Object::of_call("office_scenario", id, call),
        Visibility::Private => Object {
            organisation,
            ..Object::of_call("own_scenario", id, call)
        },
    }
}

/// A scenario to be stored.
#[derive(Debug, Clone)]
pub struct NewScenario {
    /// Its id.
    pub id: Uuid,
    /// The funder it is made for; none for the secretariat's.
    pub organisation: Option<Uuid>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Its name.
    pub name: String,
    /// What it changes.
    pub overrides: Value,
    /// Name and version of what computed it.
    pub engine: String,
    /// What it was computed from.
    pub input: Value,
    /// What was computed.
    pub result: Value,
}

/// Keeps a scenario.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    call: Uuid,
    new: &NewScenario,
) -> Result<(), StoreError> {
    demand(permit, &[Action::MakeScenario], call)?;
    let by = permit.account().ok_or(StoreError::Permit)?;
    diesel::insert_into(scenario::table)
        .values((
            scenario::id.eq(new.id),
            scenario::call_id.eq(call),
            scenario::organisation_id.eq(new.organisation),
            scenario::visibility.eq(new.visibility.to_string()),
            scenario::name.eq(&new.name),
            scenario::overrides.eq(&new.overrides),
            scenario::engine.eq(&new.engine),
            scenario::input.eq(&new.input),
            scenario::result.eq(&new.result),
            scenario::made_by.eq(by),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads a scenario, with the key of the funder it was made for.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<(ScenarioRow, Option<String>), StoreError> {
    Ok(scenario::table
        .left_join(
            organisation::table.on(organisation::id.nullable().eq(scenario::organisation_id)),
        )
        .filter(scenario::id.eq(id))
        .select((ScenarioRow::as_select(), organisation::key.nullable()))
        .first(conn)
        .await?)
}

/// All scenarios of a call with the keys of their funders, oldest first.
pub async fn all(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(ScenarioRow, Option<String>)>, StoreError> {
    Ok(scenario::table
        .left_join(
            organisation::table.on(organisation::id.nullable().eq(scenario::organisation_id)),
        )
        .filter(scenario::call_id.eq(call))
        .order((scenario::made_at, scenario::id))
        .select((ScenarioRow::as_select(), organisation::key.nullable()))
        .load(conn)
        .await?)
}

/// Whether a selection was proposed of a scenario.
pub async fn was_proposed(conn: &mut Conn, id: Uuid) -> Result<bool, StoreError> {
    let of_it = selection::table.filter(selection::scenario_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(of_it))
        .get_result(conn)
        .await?)
}

/// Takes a scenario back.
pub async fn remove(conn: &mut Conn, permit: &Permit, id: Uuid) -> Result<(), StoreError> {
    demand(permit, &[Action::DropScenario], id)?;
    let removed = diesel::delete(scenario::table.find(id))
        .execute(conn)
        .await?;
    one_row(removed)
}
