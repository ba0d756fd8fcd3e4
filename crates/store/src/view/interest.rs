//! Interest in action items as a matrix of items by members, and requests to join a call.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Amount, MoneyFault};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::{action_item, agenda, interest, join_request, organisation, participation};
use crate::{Conn, StoreError};

/// Who is interested in an action item.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ItemInterest {
    /// The item's number.
    pub item: String,
    /// Its title.
    pub title: String,
    /// The interested members by key.
    pub members: Vec<InterestView>,
    /// Sum of the indicative amounts, in euros.
    pub amount: Amount,
    /// How many countries the members stand for.
    pub countries: usize,
    /// Whether members of enough countries meet here for a joint call.
    pub enough: bool,
}

/// A member's interest in an action item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InterestView {
    /// The member's key.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Option<String>,
    /// What it might commit, in euros; no promise.
    pub amount: Option<Amount>,
    /// What it says about it.
    pub remark: String,
    /// Since when it says so.
    pub stated_at: DateTime<Utc>,
    /// Raised with every change.
    pub version: i32,
}

/// Where a request to join stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JoinState {
    /// It waits for the secretariat.
    Asked,
    /// The organisation takes part as a funder.
    Joined,
    /// The secretariat declined it.
    Declined,
}

/// An organisation's request to join a call as a funder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JoinRequestView {
    /// Its id.
    pub id: Uuid,
    /// The organisation's key.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What it might commit, in the call's currency.
    pub amount: Option<Amount>,
    /// What it says about it.
    pub remark: String,
    /// When it asked.
    pub asked_at: DateTime<Utc>,
    /// Where it stands.
    pub state: JoinState,
    /// Why it was declined.
    pub declined_because: Option<String>,
    /// Raised with every change.
    pub version: i32,
}

/// The items of an agenda in its order, each with the members interested in it. `enough` countries make
/// a call. `NotFound` when there is no such agenda.
pub async fn matrix(
    conn: &mut Conn,
    code: &str,
    enough: usize,
) -> Result<Result<Vec<ItemInterest>, MoneyFault>, StoreError> {
    let agenda: Uuid = agenda::table
        .filter(agenda::code.eq(code))
        .select(agenda::id)
        .first(conn)
        .await?;
    let items: Vec<(Uuid, String, String)> = action_item::table
        .filter(action_item::agenda_id.eq(agenda))
        .order(action_item::position)
        .select((action_item::id, action_item::number, action_item::title))
        .load(conn)
        .await?;
    let stated = interests(conn, agenda).await?;
    Ok(items
        .into_iter()
        .map(|(id, number, title)| {
            let of_item = stated.iter().filter(|(item, _)| *item == id);
            let members: Vec<InterestView> = of_item.map(|(_, view)| view.clone()).collect();
            let amounts = members.iter().filter_map(|member| member.amount);
            let countries: BTreeSet<&str> = members
                .iter()
                .filter_map(|member| member.country.as_deref())
                .collect();
            Ok(ItemInterest {
                item: number,
                title,
                amount: Amount::sum(amounts)?,
                countries: countries.len(),
                enough: countries.len() >= enough,
                members,
            })
        })
        .collect())
}

async fn interests(conn: &mut Conn, agenda: Uuid) -> Result<Vec<(Uuid, InterestView)>, StoreError> {
    type Row = (
        Uuid,
        String,
        String,
        Option<String>,
        Option<i64>,
        String,
        DateTime<Utc>,
        i32,
    );
    let rows: Vec<Row> = interest::table
        .inner_join(action_item::table.on(action_item::id.eq(interest::action_item_id)))
        .inner_join(organisation::table.on(organisation::id.eq(interest::organisation_id)))
        .filter(action_item::agenda_id.eq(agenda))
        .order((action_item::position, organisation::key))
        .select((
            interest::action_item_id,
            organisation::key,
            organisation::name,
            organisation::country,
            interest::amount,
            interest::remark,
            interest::stated_at,
            interest::version,
        ))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(
            |(item, organisation, name, country, amount, remark, stated_at, version)| {
                let view = InterestView {
                    organisation,
                    name,
                    country,
                    amount: amount.map(Amount),
                    remark,
                    stated_at,
                    version,
                };
                (item, view)
            },
        )
        .collect())
}

/// The requests to join a call, oldest first; only those of `organisations`, or all.
pub async fn join_requests(
    conn: &mut Conn,
    call_id: Uuid,
    organisations: Option<&[Uuid]>,
) -> Result<Vec<JoinRequestView>, StoreError> {
    type Row = (
        (Uuid, String, String),
        Option<i64>,
        String,
        DateTime<Utc>,
        Option<String>,
        i32,
        Option<(Uuid, Option<DateTime<Utc>>)>,
    );
    let mut query = join_request::table
        .inner_join(organisation::table.on(organisation::id.eq(join_request::organisation_id)))
        .left_join(
            participation::table.on(participation::call_id
                .eq(join_request::call_id)
                .and(participation::organisation_id.eq(join_request::organisation_id))),
        )
        .filter(join_request::call_id.eq(call_id))
        .order(join_request::id)
        .select((
            (join_request::id, organisation::key, organisation::name),
            join_request::amount,
            join_request::remark,
            join_request::asked_at,
            join_request::declined_because,
            join_request::version,
            (participation::id, participation::left_at).nullable(),
        ))
        .into_boxed();
    if let Some(organisations) = organisations {
        query = query.filter(join_request::organisation_id.eq_any(organisations.to_vec()));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    Ok(rows
        .into_iter()
        .map(
            |(
                (id, organisation, name),
                amount,
                remark,
                asked_at,
                declined_because,
                version,
                part,
            )| {
                let state = match (&part, &declined_because) {
                    (Some((_, None)), _) => JoinState::Joined,
                    (_, Some(_)) => JoinState::Declined,
                    _ => JoinState::Asked,
                };
                JoinRequestView {
                    id,
                    organisation,
                    name,
                    amount: amount.map(Amount),
                    remark,
                    asked_at,
                    state,
                    declined_because,
                    version,
                }
            },
        )
        .collect())
}
