//! Which action items a call, its parts or a project serve.

use std::collections::BTreeMap;

use access::Action;
use call::{ActionItem, CALL, CallEvent, ItemShare, Mapping, Percent, Rules};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as rows;
use store::view::agenda::{self as agendas, ItemFilter};
use store::view::call::{self as view, CallView};
use store::{StoreError, agenda};
use utoipa::ToSchema;
use uuid::Uuid;

use super::refreshed;
use super::version::publish;
use crate::{Answer, Context, Problem, Service, Tx};

/// The action items of one agenda that a call or a project serves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingInput {
    /// Code of the agenda; the mappings to other agendas stay.
    #[schema(example = "icpermed-2017")]
    pub agenda: String,
    /// The items; their shares add up to 10000 hundredths of a percent, or are all left out for equal ones.
    /// None at all takes the mapping to this agenda back.
    pub items: Vec<MappingItem>,
}

/// One action item with its share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingItem {
    /// The item's number.
    #[schema(example = "A.7")]
    pub number: String,
    /// Its share in hundredths of a percent.
    #[serde(default)]
    pub share: Option<i32>,
}

/// A mapping as the store keeps it.
pub(crate) struct Shares {
    /// All items of the agenda.
    pub of_agenda: Vec<Uuid>,
    /// The items served, in hundredths of a percent.
    pub shares: Vec<(Uuid, i32)>,
}

/// Maps a call to the action items of one agenda; the shares add up to 100 %. Without any item the mapping
/// to this agenda is taken back, where another one or the call's topics and modules are left.
pub async fn map_call(
    service: &Service,
    context: Context,
    id: Uuid,
    input: MappingInput,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::MapCall, &row.object()).await?;
        let current = view::call_view(tx.conn(), &row, true).await?;
        tx.precondition(&current)?;
        CALL.apply(row.state()?, CallEvent::Amend)?;
        let beside = current.action_items.iter();
        let is_mapped =
            through_parts(&current.rules) || beside.clone().any(|item| item.agenda != input.agenda);
        let Shares { of_agenda, shares } = shares(tx, &input, is_mapped).await?;
        rows::replace_mapping(tx.conn(), &permit, id, &of_agenda, &shares).await?;
        publish(tx, &permit, id, "Mapped to action items anew", "").await?;
        tx.audit(&permit, None, None, deed(&input)).await?;
        refreshed(tx, id).await
    };
    service.write(context, work).await
}

/// What the audit trail says of a mapping.
pub(crate) fn deed(input: &MappingInput) -> serde_json::Value {
    let numbers = input.items.iter().map(|item| item.number.as_str());
    json!({ "agenda": input.agenda, "items": numbers.collect::<Vec<_>>() })
}

/// Whether topics or modules serve action items, so that the call needs no mapping of its own.
pub(super) fn through_parts(rules: &Rules) -> bool {
    let mappings = rules.mappings();
    mappings
        .iter()
        .any(|(_, mapping)| !mapping.items.is_empty())
}

/// The shares as given, or equal ones; `may_be_none` where a mapping without items takes it back.
///
/// Faults: shares that do not make a whole, an unknown agenda, unknown items.
pub(crate) async fn shares(
    tx: &mut Tx,
    input: &MappingInput,
    may_be_none: bool,
) -> Result<Shares, Problem> {
    let items = input.items.iter().map(|item| ItemShare {
        item: item.number.clone(),
        share: item.share.map(Percent),
    });
    let mapping = Mapping {
        agenda: input.agenda.clone(),
        items: items.collect(),
    };
    let shares = mapping.shares();
    let mut faults = Faults::default();
    if !shares.is_empty() || !may_be_none {
        for fault in call::check_mapping(&shares).0 {
            let place = fault.pointer.replace("/item", "/number");
            faults.add(format!("/items{place}"), &fault.code, fault.detail);
        }
    }
    let known = agenda::item_ids(tx.conn(), &input.agenda).await?;
    faults.require(
        !known.is_empty(),
        "/agenda",
        "unknown_agenda",
        unknown_agenda(&input.agenda),
    );
    let of_items = |index| format!("/items/{index}/number");
    let mapped = known_items(&input.agenda, &known, &shares, of_items, &mut faults);
    Ok(faults.or(Shares {
        of_agenda: known.into_iter().map(|(_, id)| id).collect(),
        shares: mapped,
    })?)
}

/// The ids and shares of the items that the agenda has; a fault at each that it does not have, at the
/// pointer of its place.
pub(super) fn known_items(
    agenda: &str,
    known: &[(String, Uuid)],
    shares: &[(String, i32)],
    pointer: impl Fn(usize) -> String,
    faults: &mut Faults,
) -> Vec<(Uuid, i32)> {
    let mut found = Vec::new();
    for (place, (number, share)) in shares.iter().enumerate() {
        match known.iter().find(|(known, _)| known == number) {
            Some((_, id)) => found.push((*id, *share)),
            None => faults.add(pointer(place), "unknown_item", unknown_item(agenda, number)),
        }
    }
    found
}

fn unknown_item(agenda: &str, number: &str) -> String {
    format!("the agenda '{agenda}' has no item '{number}'")
}

pub(super) fn unknown_agenda(code: &str) -> String {
    format!("there is no agenda '{code}'; GET /api/v1/agendas lists them")
}

/// The items of an agenda; nothing where there is no such agenda.
pub(super) async fn items_of(tx: &mut Tx, code: &str) -> Result<Option<Vec<ActionItem>>, Problem> {
    match agendas::action_items(tx.conn(), code, &ItemFilter::default()).await {
        Ok(items) => Ok(Some(items.into_iter().map(ActionItem::from).collect())),
        Err(StoreError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The agendas and items that topics and modules name and that the database does not have, with pointers
/// below `/rules`.
pub(super) async fn unknown_in_parts(tx: &mut Tx, rules: &Rules) -> Result<Faults, Problem> {
    let mut known: BTreeMap<&str, Option<Vec<ActionItem>>> = BTreeMap::new();
    let mut faults = Faults::default();
    for (pointer, mapping) in rules.mappings() {
        let code = mapping.agenda.as_str();
        if !known.contains_key(code) {
            known.insert(code, items_of(tx, code).await?);
        }
        let Some(Some(items)) = known.get(code) else {
            faults.add(
                format!("/rules{pointer}/agenda"),
                "unknown_agenda",
                unknown_agenda(code),
            );
            continue;
        };
        for (at, served) in mapping.items.iter().enumerate() {
            faults.require(
                items.iter().any(|item| item.number == served.item),
                format!("/rules{pointer}/items/{at}/item"),
                "unknown_item",
                unknown_item(code, &served.item),
            );
        }
    }
    Ok(faults)
}
