//! Everything that stands in the way of publishing a call, at once.

use std::collections::BTreeSet;

use access::Action;
use call::check_calendar;
use kernel::{Amount, Deadline, Fault, Faults};
use serde::{Deserialize, Serialize};
use store::call as rows;
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// What a check of a call found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CallCheck {
    /// What stands in the way of publishing it.
    pub faults: Vec<Fault>,
    /// What is allowed but likely to mislead.
    pub doubts: Vec<Fault>,
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
        let mut faults = call.rules.check();
        let deadlines: Vec<Deadline> = call.stages.iter().map(|s| s.deadline.clone()).collect();
        let mut doubts = Vec::new();
        if let Some(first) = call.stages.first() {
            let calendar = check_calendar(first.opens_at, &deadlines);
            faults.0.extend(calendar.faults.0);
            doubts.extend(calendar.doubts);
        }
        faults.0.extend(complete(tx, &call).await?.0);
        Ok(CallCheck {
            faults: faults.0,
            doubts,
        })
    };
    service.read(context, work).await
}

/// A call that opens is mapped to action items and has funders with money in enough countries.
pub(super) async fn complete(tx: &mut Tx, call: &CallView) -> Result<Faults, Problem> {
    let mut faults = Faults::default();
    faults.require(
        !call.action_items.is_empty(),
        "/action_items",
        "mapping_missing",
        "map the call to at least one action item (PUT /calls/{call}/action-items)",
    );
    let funders = view::funders(tx.conn(), call.id, true).await?;
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
