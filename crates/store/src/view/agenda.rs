//! Agendas and organisations: all of it public.

use ::call::{ActionItem, Membership, Part, Scope, TimeFrame};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::{acting_for, action_item, agenda, membership, organisation};
use crate::{Conn, StoreError, text};

/// An agenda of action items.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgendaView {
    /// Code, such as `icpermed-2017`.
    pub code: String,
    /// Title.
    pub title: String,
    /// Year, from which the items' time frames count.
    pub year: i32,
    /// Raised when a changed file was loaded.
    pub version: i32,
    /// SHA-256 of the files it was loaded from.
    pub content_sha256: String,
    /// When it was loaded.
    pub loaded_at: DateTime<Utc>,
    /// How many action items it holds.
    pub items: i64,
}

/// All agendas by code.
pub async fn agendas(conn: &mut Conn) -> Result<Vec<AgendaView>, StoreError> {
    type Row = (Uuid, String, String, i32, i32, String, DateTime<Utc>);
    let rows: Vec<Row> = agenda::table
        .order(agenda::code)
        .select((
            agenda::id,
            agenda::code,
            agenda::title,
            agenda::year,
            agenda::version,
            agenda::content_sha256,
            agenda::loaded_at,
        ))
        .load(conn)
        .await?;
    let counts: Vec<(Uuid, i64)> = action_item::table
        .group_by(action_item::agenda_id)
        .select((action_item::agenda_id, count_star()))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(
            |(id, code, title, year, version, content_sha256, loaded_at)| AgendaView {
                code,
                title,
                year,
                version,
                content_sha256,
                loaded_at,
                items: counts.iter().find(|(of, _)| *of == id).map_or(0, |c| c.1),
            },
        )
        .collect())
}

/// The year from which an agenda's time frames count; `NotFound` when there is no such agenda.
pub async fn year(conn: &mut Conn, code: &str) -> Result<i32, StoreError> {
    Ok(agenda::table
        .filter(agenda::code.eq(code))
        .select(agenda::year)
        .first(conn)
        .await?)
}

/// An action item.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActionItemView {
    /// Number in the agenda, such as `A.7`.
    pub number: String,
    /// Part of the agenda.
    pub part: Part,
    /// Heading the agenda lists it under.
    pub category: String,
    /// Title as published.
    pub title: String,
    /// What it asks for, in our words.
    pub summary: String,
    /// When steps are to be taken: S 2-4, M 5-7, L 8-12 years after the agenda's year.
    pub time_frames: Vec<TimeFrame>,
    /// On which levels: R/N regional or national, E European, I international.
    pub scopes: Vec<Scope>,
}

impl From<ActionItemView> for ActionItem {
    fn from(view: ActionItemView) -> ActionItem {
        ActionItem {
            number: view.number,
            part: view.part,
            category: view.category,
            title: view.title,
            summary: view.summary,
            time_frames: view.time_frames,
            scopes: view.scopes,
        }
    }
}

/// Which items; what is not given does not filter.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ItemFilter {
    /// Part of the agenda.
    pub part: Option<Part>,
    /// Heading, as the agenda writes it.
    pub category: Option<String>,
    /// One of the time frames.
    pub time_frame: Option<TimeFrame>,
    /// One of the levels.
    pub scope: Option<Scope>,
}

/// The items of an agenda in its order; `NotFound` when there is no such agenda.
pub async fn action_items(
    conn: &mut Conn,
    code: &str,
    filter: &ItemFilter,
) -> Result<Vec<ActionItemView>, StoreError> {
    let id: Uuid = agenda::table
        .filter(agenda::code.eq(code))
        .select(agenda::id)
        .first(conn)
        .await?;
    let mut query = action_item::table
        .filter(action_item::agenda_id.eq(id))
        .order(action_item::position)
        .select((
            action_item::number,
            action_item::part,
            action_item::category,
            action_item::title,
            action_item::summary,
            action_item::time_frames,
            action_item::scopes,
        ))
        .into_boxed();
    if let Some(part) = filter.part {
        query = query.filter(action_item::part.eq(part.to_string()));
    }
    if let Some(category) = &filter.category {
        query = query.filter(action_item::category.eq(category.clone()));
    }
    if let Some(frame) = filter.time_frame {
        query = query.filter(action_item::time_frames.contains(vec![frame.to_string()]));
    }
    if let Some(scope) = filter.scope {
        query = query.filter(action_item::scopes.contains(vec![scope.to_string()]));
    }
    type Row = (
        String,
        String,
        String,
        String,
        String,
        Vec<String>,
        Vec<String>,
    );
    let rows: Vec<Row> = query.load(conn).await?;
    rows.into_iter()
        .map(
            |(number, part, category, title, summary, time_frames, scopes)| {
                Ok(ActionItemView {
                    number,
                    part: text::name(&part)?,
                    category,
                    title,
                    summary,
                    time_frames: time_frames
                        .iter()
                        .map(|frame| text::name(frame))
                        .collect::<Result<_, _>>()?,
                    scopes: scopes
                        .iter()
                        .map(|scope| text::name(scope))
                        .collect::<Result<_, _>>()?,
                })
            },
        )
        .collect()
}

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrganisationView {
    /// Stable short key, such as `DE-BMBF`.
    #[schema(example = "DE-BMBF")]
    pub key: String,
    /// English name.
    pub name: String,
    /// Name in its own language.
    pub native_name: Option<String>,
    /// Short name in use.
    pub acronym: Option<String>,
    /// Country (ISO 3166-1 alpha-2); the European Commission has none.
    pub country: Option<String>,
    /// Region it acts for, where it is not the whole country.
    pub region: Option<String>,
    /// ROR id.
    #[schema(example = "03yrm5c26")]
    pub ror: Option<String>,
    /// Bodies it belongs to. To be a member is not to fund: that is a part in a call.
    pub memberships: Vec<MembershipView>,
    /// Organisations it acts for.
    pub acting_for: Vec<ActingView>,
}

/// A membership of a body.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MembershipView {
    /// The body, such as `ICPerMed`.
    pub body: String,
    /// How it belongs to it.
    pub kind: Membership,
    /// The day of the list that says so.
    pub as_of: NaiveDate,
}

/// An organisation acted for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActingView {
    /// Its key.
    pub organisation: String,
    /// Since when, where it is known.
    pub since: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Which organisations; what is not given does not filter.
#[derive(Debug, Clone, Default)]
pub struct OrganisationFilter {
    /// One of this key.
    pub key: Option<String>,
    /// Of this country.
    pub country: Option<String>,
    /// Members, in whatever way, of this body.
    pub body: Option<String>,
    /// Keys after this one.
    pub after: Option<String>,
}

/// Up to `limit` organisations, by key.
pub async fn organisations(
    conn: &mut Conn,
    filter: &OrganisationFilter,
    limit: i64,
) -> Result<Vec<OrganisationView>, StoreError> {
    let mut query = organisation::table
        .order(organisation::key)
        .limit(limit)
        .select((
            organisation::id,
            organisation::key,
            organisation::name,
            organisation::native_name,
            organisation::acronym,
            organisation::country,
            organisation::region,
            organisation::ror,
        ))
        .into_boxed();
    if let Some(key) = &filter.key {
        query = query.filter(organisation::key.eq(key.clone()));
    }
    if let Some(country) = &filter.country {
        query = query.filter(organisation::country.eq(country.clone()));
    }
    if let Some(body) = &filter.body {
        let members = membership::table
            .filter(membership::body.eq(body.clone()))
            .select(membership::organisation_id);
        query = query.filter(organisation::id.eq_any(members));
    }
    if let Some(after) = &filter.after {
        query = query.filter(organisation::key.gt(after.clone()));
    }
    type Row = (
        Uuid,
        String,
        String,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let rows: Vec<Row> = query.load(conn).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let memberships: Vec<(Uuid, String, String, NaiveDate)> = membership::table
        .filter(membership::organisation_id.eq_any(&ids))
        .order((membership::body, membership::as_of))
        .select((
            membership::organisation_id,
            membership::body,
            membership::kind,
            membership::as_of,
        ))
        .load(conn)
        .await?;
    let acting: Vec<(Uuid, String, Option<NaiveDate>, String)> = acting_for::table
        .inner_join(organisation::table.on(organisation::id.eq(acting_for::acts_for_id)))
        .filter(acting_for::organisation_id.eq_any(&ids))
        .filter(acting_for::ended_at.is_null())
        .order(organisation::key)
        .select((
            acting_for::organisation_id,
            organisation::key,
            acting_for::since,
            acting_for::reason,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(
            |(id, key, name, native_name, acronym, country, region, ror)| {
                let memberships = memberships.iter().filter(|row| row.0 == id);
                let acting = acting.iter().filter(|row| row.0 == id);
                Ok(OrganisationView {
                    key,
                    name,
                    native_name,
                    acronym,
                    country,
                    region,
                    ror,
                    memberships: memberships
                        .map(|(_, body, kind, as_of)| {
                            Ok(MembershipView {
                                body: body.clone(),
                                kind: text::name(kind)?,
                                as_of: *as_of,
                            })
                        })
                        .collect::<Result<_, StoreError>>()?,
                    acting_for: acting
                        .map(|(_, key, since, reason)| ActingView {
                            organisation: key.clone(),
                            since: *since,
                            reason: reason.clone(),
                        })
                        .collect(),
                })
            },
        )
        .collect()
}
