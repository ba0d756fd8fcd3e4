//! Agendas of action items and the register of organisations.

use access::{Action, Object};
use call::{Organisation, kept_ror};
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda::{self as rows, OrganisationRow};
use store::view::agenda::{
    self as view, ActionItemView, AgendaView, ItemFilter, OrganisationFilter, OrganisationView,
};
use utoipa::ToSchema;

use crate::call::{Reason, given};
use crate::{Answer, Context, Problem, Service, Tx};

mod coverage;
mod interest;
mod ror;
mod seeds;

pub use coverage::{AgendaCoverage, read_coverage, read_member_report};
pub use interest::{
    InterestInput, InterestMatrix, list_interests, state_interest, withdraw_interest,
};
pub use ror::{RorInput, set_ror};
pub use seeds::{Loaded, load_agenda, load_seeds};

/// All agendas.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Agendas {
    /// By code.
    pub items: Vec<AgendaView>,
}

/// Action items of an agenda.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActionItems {
    /// In the agenda's order.
    pub items: Vec<ActionItemView>,
}

/// Organisations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Organisations {
    /// By key.
    pub items: Vec<OrganisationView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// An organisation to be entered into the register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationInput {
    /// Stable short key: country code, hyphen, short name; capital letters, digits and hyphens.
    #[schema(example = "BE-FNRS")]
    pub key: String,
    /// English name.
    pub name: String,
    /// Country (ISO 3166-1 alpha-2); left out for what belongs to none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "BE")]
    pub country: Option<Country>,
    /// Name in its own language.
    #[serde(default)]
    pub native_name: Option<String>,
    /// Short name in use.
    #[serde(default)]
    pub acronym: Option<String>,
    /// Region it acts for, where it is not the whole country.
    #[serde(default)]
    pub region: Option<String>,
    /// ROR id, with or without `https://ror.org/`; no other organisation has it.
    #[serde(default)]
    pub ror: Option<String>,
}

/// The agendas that calls can be mapped to.
pub async fn list_agendas(service: &Service, context: Context) -> Result<Answer<Agendas>, Problem> {
    let work = async move |tx: &mut Tx| {
        may_read(tx).await?;
        Ok(Agendas {
            items: view::agendas(tx.conn()).await?,
        })
    };
    service.read(context, work).await
}

async fn may_read(tx: &mut Tx) -> Result<(), Problem> {
    let object = Object::new("agenda", uuid::Uuid::nil());
    tx.permit(Action::ReadAgenda, &object).await?;
    Ok(())
}

/// The action items of an agenda.
pub async fn list_action_items(
    service: &Service,
    context: Context,
    code: String,
    filter: ItemFilter,
) -> Result<Answer<ActionItems>, Problem> {
    let work = async move |tx: &mut Tx| {
        may_read(tx).await?;
        Ok(ActionItems {
            items: view::action_items(tx.conn(), &code, &filter).await?,
        })
    };
    service.read(context, work).await
}

/// The register of organisations.
pub async fn list_organisations(
    service: &Service,
    context: Context,
    filter: OrganisationFilter,
    limit: u16,
) -> Result<Answer<Organisations>, Problem> {
    let work = async move |tx: &mut Tx| {
        may_read(tx).await?;
        let limit = i64::from(limit.clamp(1, 200));
        let items = view::organisations(tx.conn(), &filter, limit).await?;
        let full = items.len() as i64 == limit;
        let next = items.last().filter(|_| full).map(|last| last.key.clone());
        Ok(Organisations { items, next })
    };
    service.read(context, work).await
}

/// Enters an organisation into the register.
pub async fn add_organisation(
    service: &Service,
    context: Context,
    input: OrganisationInput,
) -> Result<Answer<OrganisationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let mut faults = Faults::default();
        let given = Organisation {
            key: input.key.trim().to_owned(),
            country: input.country,
            name: input.name.trim().to_owned(),
            native_name: input.native_name,
            acronym: input.acronym,
            region: input.region,
            ror: kept_ror("/ror", input.ror.as_deref(), &mut faults),
        };
        let row = OrganisationRow::new(&given);
        let permit = tx
            .permit(Action::ManageOrganisations, &row.object())
            .await?;
        check(&given, &mut faults);
        faults.or(())?;
        rows::insert_organisation(tx.conn(), &permit, &row)
            .await
            .map_err(taken)?;
        tx.audit(&permit, Some(1), None, json!({ "key": row.key }))
            .await?;
        shown(tx, &row.key).await
    };
    service.write(context, work).await
}

/// Which of what is unique another organisation has already.
fn taken(error: store::StoreError) -> Problem {
    match error {
        store::StoreError::Exists(index) if index == "organisation_ror" => {
            Problem::invalid("/ror", "taken", "another organisation has this ROR id")
        }
        store::StoreError::Exists(_) => {
            Problem::invalid("/key", "taken", "another organisation has this key")
        }
        other => other.into(),
    }
}

fn check(given: &Organisation, faults: &mut Faults) {
    let country = given.country.map(|country| country.to_string());
    let prefix = given.key.split('-').next().unwrap_or_default();
    let fits = match &country {
        Some(code) => prefix == code,
        None => prefix.len() == 2,
    };
    let plain = given
        .key
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
    faults.require(
        fits && plain && given.key.len() > 3 && given.key.len() <= 40,
        "/key",
        "key",
        "write the country's code, a hyphen and a short name in capital letters, such as DE-BMBF",
    );
    faults.require(
        !given.name.is_empty(),
        "/name",
        "required",
        "give at least one character",
    );
}

async fn shown(tx: &mut Tx, key: &str) -> Result<OrganisationView, Problem> {
    let filter = OrganisationFilter {
        key: Some(key.to_owned()),
        ..OrganisationFilter::default()
    };
    view::organisations(tx.conn(), &filter, 1)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}

/// Lets an organisation act for another: those who speak for the first speak for the second too, from
/// their next request on.
pub async fn let_act_for(
    service: &Service,
    context: Context,
    key: String,
    other: String,
    input: Reason,
) -> Result<Answer<OrganisationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (row, acted_for) = pair(tx, &key, &other).await?;
        let permit = tx
            .permit(Action::ManageOrganisations, &row.object())
            .await?;
        let reason = given(&input.reason)?;
        if row.id == acted_for.id {
            return Err(Problem::state(
                "An organisation acts for itself in any case.",
            ));
        }
        let since = Some(tx.now().await?.date_naive());
        rows::act_for(tx.conn(), &permit, row.id, acted_for.id, since, reason).await?;
        tx.audit(&permit, None, Some(reason), json!({ "acts_for": other }))
            .await?;
        shown(tx, &key).await
    };
    service.write(context, work).await
}

/// Ends that an organisation acts for another.
pub async fn end_acting_for(
    service: &Service,
    context: Context,
    key: String,
    other: String,
    input: Reason,
) -> Result<Answer<OrganisationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (row, acted_for) = pair(tx, &key, &other).await?;
        let permit = tx
            .permit(Action::ManageOrganisations, &row.object())
            .await?;
        let reason = given(&input.reason)?;
        rows::end_acting(tx.conn(), &permit, row.id, acted_for.id).await?;
        let detail = json!({ "acts_for_no_more": other });
        tx.audit(&permit, None, Some(reason), detail).await?;
        shown(tx, &key).await
    };
    service.write(context, work).await
}

async fn pair(
    tx: &mut Tx,
    key: &str,
    other: &str,
) -> Result<(OrganisationRow, OrganisationRow), Problem> {
    let row = rows::lock_organisation(tx.conn(), key).await?;
    let other = rows::lock_organisation(tx.conn(), other).await?;
    row.zip(other).ok_or_else(Problem::not_found)
}
