//! Everything that stands in the way of publishing a call, at once.

use std::collections::{BTreeMap, BTreeSet};

use access::Action;
use kernel::{Amount, Country, Faults, Finding};
use serde::{Deserialize, Serialize};
use store::call as rows;
use store::view::call::{self as view, CallView, FunderView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::calendar;
use super::mapping::{items_of, through_parts, unknown_in_parts};
use crate::{Answer, Context, Problem, Service, Tx};

/// What a check of a call found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallCheck {
    /// What stands in the way of publishing it.
    pub faults: Vec<Finding>,
    /// What is allowed but likely to mislead.
    pub doubts: Vec<Finding>,
}

/// Says everything that stands in the way of publishing the call, and what is doubtful.
pub async fn check_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallCheck>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), id).await?;
        tx.permit(Action::CheckCall, &row.object()).await?;
        let call = view::call_view(tx.conn(), &row, true).await?;
        let mut found = rules_found(&call);
        let dates = call.stages.iter().map(|s| (s.opens_at, &s.deadline));
        let calendar = calendar(dates, call.milestones.clone());
        found.extend(calendar.check(call.rules.funding.eu.is_some()));
        found.extend(known_doubts(&call));
        let funders = view::funders(tx.conn(), id, true).await?;
        found.extend(scope_found(tx, &call, &funders).await?);
        found.extend(terms_found(&call, &funders));
        let missing = complete(tx, &call, &funders).await?;
        found.extend(missing.0.into_iter().map(Finding::from));
        let (faults, mut doubts): (Vec<Finding>, Vec<Finding>) =
            found.into_iter().partition(Finding::is_fault);
        // What stands in the way is not told a second time as a doubt.
        doubts.retain(|doubt| faults.iter().all(|fault| fault.pointer != doubt.pointer));
        Ok(CallCheck { faults, doubts })
    };
    service.read(context, work).await
}

fn rules_found(call: &CallView) -> Vec<Finding> {
    let found = call.rules.validate();
    found.into_iter().map(|one| one.below("/rules")).collect()
}

/// What is wrong or doubtful with the terms of the funders.
fn terms_found(call: &CallView, funders: &[FunderView]) -> Vec<Finding> {
    let mut found = Vec::new();
    for funder in funders {
        let pointer = format!("/funders/{}/terms", kernel::token(&funder.organisation));
        let findings = call.rules.check_terms(&funder.terms).into_iter();
        found.extend(findings.map(|one| one.below(&pointer)));
    }
    found
}

/// The doubts that the call's set-up brought, where the call has what they are about.
fn known_doubts(call: &CallView) -> Vec<Finding> {
    let doubts = call.doubts.iter().enumerate();
    let found = doubts.map(|(at, doubt)| {
        let finding = doubt.finding(at);
        // The file has its dates in a calendar of their own.
        let pointer = finding.pointer.strip_prefix("/calendar");
        Finding {
            pointer: pointer.unwrap_or(&finding.pointer).to_owned(),
            ..finding
        }
    });
    found.collect()
}

/// Doubts about action items whose scope does not fit a transnational call, or these funders; in each
/// agenda that the call, its topics or its modules are mapped to.
async fn scope_found(
    tx: &mut Tx,
    call: &CallView,
    funders: &[FunderView],
) -> Result<Vec<Finding>, Problem> {
    let country = |funder: &FunderView| funder.country.as_deref()?.parse().ok();
    let funders: Vec<(String, Country)> = funders
        .iter()
        .filter_map(|funder| Some((funder.organisation.clone(), country(funder)?)))
        .collect();
    let mut found = Vec::new();
    for (agenda, places) in places(call) {
        // One that there is not is a fault of its own.
        let items = items_of(tx, &agenda).await?.unwrap_or_default();
        let mapped: Vec<_> = items
            .into_iter()
            .filter_map(|item| Some((places.get(&item.number)?.clone(), item)))
            .collect();
        found.extend(call::scope_doubts(&mapped, &funders));
    }
    Ok(found)
}

/// By agenda and item where the call says that it serves it: its own mapping stands before its parts.
fn places(call: &CallView) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut places: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (at, item) in call.action_items.iter().enumerate() {
        let of_agenda = places.entry(item.agenda.clone()).or_default();
        of_agenda.insert(item.number.clone(), format!("/action_items/{at}"));
    }
    let direct: BTreeSet<String> = places.keys().cloned().collect();
    for (pointer, mapping) in call.rules.mappings() {
        if direct.contains(&mapping.agenda) {
            continue;
        }
        let of_agenda = places.entry(mapping.agenda.clone()).or_default();
        for (at, served) in mapping.items.iter().enumerate() {
            let place = || format!("/rules{pointer}/items/{at}");
            of_agenda.entry(served.item.clone()).or_insert_with(place);
        }
    }
    places
}

/// A call that opens says from when, is mapped to action items that there are, itself or through its topics
/// or modules, and has funders with money in enough countries.
/// `funders` are with their commitments.
pub(super) async fn complete(
    tx: &mut Tx,
    call: &CallView,
    funders: &[FunderView],
) -> Result<Faults, Problem> {
    let mut faults = unknown_in_parts(tx, &call.rules).await?;
    faults.require(
        !call.action_items.is_empty() || through_parts(&call.rules),
        "/action_items",
        "mapping_missing",
        "map the call to at least one action item (PUT /calls/{call}/action-items), or its topics or \
         modules in the rules",
    );
    faults.require(
        call.stages.first().is_none_or(|first| first.opens_at.is_some()),
        "/stages/0/opens_at",
        "opening_missing",
        "when the first stage opens is not known; give the instant in the draft (PUT /calls/{call})",
    );
    let paying: BTreeSet<_> = funders
        .iter()
        .filter(|funder| {
            funder
                .commitment
                .as_ref()
                .is_some_and(|c| c.amount > Amount::ZERO)
        })
        .filter_map(|funder| funder.country.clone())
        .collect();
    let needed = call
        .rules
        .stages
        .iter()
        .map(|stage| stage.consortium.countries_min as usize)
        .max()
        .unwrap_or(1);
    faults.require(
        paying.len() >= needed,
        "/funders",
        "funders_missing",
        format!(
            "funders of {} countries have committed money and the consortium rules ask for {needed}; \
             add funders and their commitments",
            paying.len()
        ),
    );
    Ok(faults)
}
