//! Agendas of action items, organisations, memberships, and who acts for whom.

use ::call::{ActionItem, ListedOrganisation, Organisation};
use access::{Action, Object, Permit};
use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{demand, one_row};
use crate::schema::{acting_for, action_item, agenda, membership, organisation};
use crate::{Conn, StoreError};

/// An agenda of action items.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = agenda)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct AgendaRow {
    pub id: Uuid,
    pub code: String,
    pub title: String,
    pub year: i32,
    pub version: i32,
    pub content_sha256: String,
}

impl AgendaRow {
    /// The agenda as the policy sees it.
    pub fn object(&self) -> Object {
        Object {
            public: true,
            ..Object::new("agenda", self.id)
        }
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisation)]
#[allow(missing_docs, reason = "the columns are documented in migrations/")]
pub struct OrganisationRow {
    pub id: Uuid,
    pub key: String,
    pub name: String,
    pub native_name: Option<String>,
    pub acronym: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub ror: Option<String>,
    pub version: i32,
}

impl OrganisationRow {
    /// The row of an organisation that is new here.
    pub fn new(given: &Organisation) -> OrganisationRow {
        OrganisationRow {
            id: kernel::id::new(),
            key: given.key.clone(),
            name: given.name.clone(),
            native_name: given.native_name.clone(),
            acronym: given.acronym.clone(),
            country: given.country.map(|country| country.to_string()),
            region: given.region.clone(),
            ror: given.ror.clone(),
            version: 1,
        }
    }

    /// The organisation as the policy sees it.
    pub fn object(&self) -> Object {
        Object {
            public: true,
            ..Object::new("organisation", self.id)
        }
    }
}

/// Numbers and ids of an agenda's items; empty when there is no such agenda.
pub async fn item_ids(conn: &mut Conn, code: &str) -> Result<Vec<(String, Uuid)>, StoreError> {
    Ok(action_item::table
        .inner_join(agenda::table.on(agenda::id.eq(action_item::agenda_id)))
        .filter(agenda::code.eq(code))
        .order(action_item::position)
        .select((action_item::number, action_item::id))
        .load(conn)
        .await?)
}

/// The id of an organisation by its key.
pub async fn organisation_id(conn: &mut Conn, key: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(organisation::table
        .filter(organisation::key.eq(key))
        .select(organisation::id)
        .first(conn)
        .await
        .optional()?)
}

/// An agenda by its code, locked.
pub async fn lock(conn: &mut Conn, code: &str) -> Result<Option<AgendaRow>, StoreError> {
    Ok(agenda::table
        .filter(agenda::code.eq(code))
        .select(AgendaRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// Saves an agenda with its items: those it had keep their ids, so that calls stay mapped to them, and
/// one that a call serves cannot disappear.
pub async fn save(
    conn: &mut Conn,
    permit: &Permit,
    row: &AgendaRow,
    items: &[ActionItem],
) -> Result<(), StoreError> {
    demand(permit, &[Action::LoadAgenda], row.id)?;
    diesel::insert_into(agenda::table)
        .values(row)
        .on_conflict(agenda::id)
        .do_update()
        .set((
            agenda::title.eq(&row.title),
            agenda::year.eq(row.year),
            agenda::version.eq(row.version),
            agenda::content_sha256.eq(&row.content_sha256),
            agenda::loaded_at.eq(sql::<Timestamptz>("clock_timestamp()")),
        ))
        .execute(conn)
        .await?;
    let numbers: Vec<&str> = items.iter().map(|item| item.number.as_str()).collect();
    diesel::delete(action_item::table)
        .filter(action_item::agenda_id.eq(row.id))
        .filter(action_item::number.ne_all(numbers))
        .execute(conn)
        .await?;
    for (position, item) in (1..).zip(items) {
        let words = (
            action_item::position.eq(position),
            action_item::part.eq(item.part.to_string()),
            action_item::category.eq(&item.category),
            action_item::title.eq(&item.title),
            action_item::summary.eq(&item.summary),
            action_item::time_frames.eq(names(&item.time_frames)),
            action_item::scopes.eq(names(&item.scopes)),
        );
        diesel::insert_into(action_item::table)
            .values((
                action_item::id.eq(kernel::id::new()),
                action_item::agenda_id.eq(row.id),
                action_item::number.eq(&item.number),
                words.clone(),
            ))
            .on_conflict((action_item::agenda_id, action_item::number))
            .do_update()
            .set(words)
            .execute(conn)
            .await?;
    }
    Ok(())
}

fn names<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

/// An organisation by its key, locked.
pub async fn lock_organisation(
    conn: &mut Conn,
    key: &str,
) -> Result<Option<OrganisationRow>, StoreError> {
    Ok(organisation::table
        .filter(organisation::key.eq(key))
        .select(OrganisationRow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()?)
}

/// Inserts an organisation.
pub async fn insert_organisation(
    conn: &mut Conn,
    permit: &Permit,
    row: &OrganisationRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOrganisations], row.id)?;
    diesel::insert_into(organisation::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Saves what changed in an organisation that was read at `row.version`.
pub async fn save_organisation(
    conn: &mut Conn,
    permit: &Permit,
    row: &OrganisationRow,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOrganisations], row.id)?;
    let changed = diesel::update(organisation::table.find(row.id))
        .filter(organisation::version.eq(row.version))
        .set((
            organisation::name.eq(&row.name),
            organisation::native_name.eq(&row.native_name),
            organisation::acronym.eq(&row.acronym),
            organisation::country.eq(&row.country),
            organisation::region.eq(&row.region),
            organisation::ror.eq(&row.ror),
            organisation::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}

/// Notes an organisation's membership of a body, as of a day; answers whether that was news.
pub async fn note_membership(
    conn: &mut Conn,
    permit: &Permit,
    organisation: Uuid,
    body: &str,
    as_of: NaiveDate,
    listed: &ListedOrganisation,
) -> Result<bool, StoreError> {
    demand(permit, &[Action::ManageOrganisations], organisation)?;
    let inserted = diesel::insert_into(membership::table)
        .values((
            membership::id.eq(kernel::id::new()),
            membership::organisation_id.eq(organisation),
            membership::body.eq(body),
            membership::kind.eq(listed.membership.to_string()),
            membership::as_of.eq(as_of),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

/// Whether one organisation has ever been said to act for the other.
pub async fn has_acted_for(
    conn: &mut Conn,
    organisation: Uuid,
    other: Uuid,
) -> Result<bool, StoreError> {
    let known = acting_for::table
        .filter(acting_for::organisation_id.eq(organisation))
        .filter(acting_for::acts_for_id.eq(other));
    Ok(diesel::select(diesel::dsl::exists(known))
        .get_result(conn)
        .await?)
}

/// Lets an organisation act for another; the reason of one that does already is replaced.
pub async fn act_for(
    conn: &mut Conn,
    permit: &Permit,
    organisation: Uuid,
    other: Uuid,
    since: Option<NaiveDate>,
    reason: &str,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOrganisations], organisation)?;
    let changed = diesel::update(acting_for::table)
        .filter(acting_for::organisation_id.eq(organisation))
        .filter(acting_for::acts_for_id.eq(other))
        .filter(acting_for::ended_at.is_null())
        .set(acting_for::reason.eq(reason))
        .execute(conn)
        .await?;
    if changed == 0 {
        diesel::insert_into(acting_for::table)
            .values((
                acting_for::id.eq(kernel::id::new()),
                acting_for::organisation_id.eq(organisation),
                acting_for::acts_for_id.eq(other),
                acting_for::since.eq(since),
                acting_for::reason.eq(reason),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Ends that an organisation acts for another.
pub async fn end_acting(
    conn: &mut Conn,
    permit: &Permit,
    organisation: Uuid,
    other: Uuid,
) -> Result<(), StoreError> {
    demand(permit, &[Action::ManageOrganisations], organisation)?;
    let changed = diesel::update(acting_for::table)
        .filter(acting_for::organisation_id.eq(organisation))
        .filter(acting_for::acts_for_id.eq(other))
        .filter(acting_for::ended_at.is_null())
        .set(acting_for::ended_at.eq(sql::<Nullable<Timestamptz>>("clock_timestamp()")))
        .execute(conn)
        .await?;
    (changed > 0).then_some(()).ok_or(StoreError::NotFound)
}
