//! What the latest selection of a call says as a whole, what would change it, and what the ranking rule costs.

use std::time::Duration;

use commitment::{Fraction, Raise, SelectionInput, SelectionState, explain};
use kernel::{Code, Faults};
use store::commitment::selection as rows;
use store::view::commitment::{OutlookView, SensitivityView, WhatIfView};
use uuid::Uuid;

use super::holding::seen_whole;
use super::selection::readable;
use crate::{Answer, Context, Problem, Service, Tx};

/// How long the optimum without the ranking rule is looked for.
const WHAT_IF_SECONDS: f64 = 2.0;

/// How long somebody waits for a turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Points of a grid at most.
const POINTS: usize = 100;

/// The grid of one's choice, as lists with commas between.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Parts of the EU's money that fill gaps.
    pub gap_shares: Option<String>,
    /// Parts of the commitment by which it is raised.
    pub raises: Option<String>,
    /// Key of the funder that raises its commitment; all do when it is left out.
    pub funder: Option<String>,
}

/// The latest selection's id and input, for those who may read it. What a final one funds is decided, and stays
/// whatever is tried.
async fn latest(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<(Uuid, SelectionInput), Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::latest(tx.conn(), call).await?;
        let row = row.ok_or_else(Problem::not_found)?;
        let input = row.input()?;
        let object = seen_whole(tx, row.object(), &input).await?;
        readable(tx, &object).await?;
        Ok(match row.state()? {
            SelectionState::Final => (row.id, input.decided(&row.result()?)),
            _ => (row.id, input),
        })
    };
    service.look(context, work).await
}

/// Computes where it keeps nobody waiting, while no connection to the database is held.
async fn aside<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce() -> Result<T, Faults> + Send + 'static,
) -> Result<T, Problem> {
    let turn = tokio::time::timeout(LONGEST_WAIT, service.optima().acquire());
    let turn = turn.await.map_err(|_| Problem {
        retry_after: Some(5),
        ..Problem::new(
            Code::Unavailable,
            "Others have selections looked at just now; ask for it again in a few seconds.",
        )
    })?;
    let done = service.db().runtime().spawn_blocking(work).await;
    drop(turn);
    Ok(done.map_err(Problem::internal)??)
}

fn answer<T: serde::Serialize>(service: &Service, value: T) -> Result<Answer<T>, Problem> {
    Ok(Answer {
        etag: service.etag(&value)?,
        value,
        dry_run: false,
    })
}

/// What one more project costs, and which funder is the bottleneck: beside what is decided, once it is.
pub async fn read_outlook(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<OutlookView>, Problem> {
    let (selection, input) = latest(service, context, call).await?;
    let currency = input.currency;
    let outlook = aside(service, move || {
        commitment::select(&input).map(|result| commitment::outlook(&result))
    })
    .await?;
    let view = OutlookView {
        selection,
        explanation: explain::outlook(&outlook, currency),
        outlook,
    };
    answer(service, view)
}

/// What other gap shares and raised commitments would change.
pub async fn read_sensitivity(
    service: &Service,
    context: Context,
    call: Uuid,
    grid: Grid,
) -> Result<Answer<SensitivityView>, Problem> {
    let (selection, input) = latest(service, context, call).await?;
    let (shares, raises) = points(&grid, &input)?;
    let work = move || {
        commitment::sensitivity(&input, &shares, &raises).map_err(|found| in_the_query(&found))
    };
    let points = aside(service, work).await?;
    let view = SensitivityView {
        selection,
        explanation: points.iter().map(explain::point).collect(),
        points,
    };
    answer(service, view)
}

/// The gap shares and raises that are asked for; some that are usual where none are.
fn points(grid: &Grid, input: &SelectionInput) -> Result<(Vec<Fraction>, Vec<Raise>), Faults> {
    let mut faults = Faults::default();
    let mut read = |pointer: &str, given: Option<&str>, usual: &str| -> Vec<Fraction> {
        let text = given.unwrap_or(usual);
        let parts = text.split(',').filter(|part| !part.is_empty());
        let mut found = Vec::new();
        for part in parts {
            match part.trim().parse::<Fraction>() {
                Ok(part) => found.push(part),
                Err(fault) => faults.add(pointer, "share", fault.to_string()),
            }
        }
        found
    };
    let usual = match input.eu {
        Some(_) => "0,0.25,0.5,0.75,1",
        None => "",
    };
    let shares = read("/gap_shares", grid.gap_shares.as_deref(), usual);
    let raises = read("/raises", grid.raises.as_deref(), "0,0.05,0.1,0.2,0.5");
    let count = shares.len().max(1) * raises.len();
    faults.require(
        (1..=POINTS).contains(&count),
        "/raises",
        "out_of_range",
        format!("{count} points of the grid; give 1 to {POINTS}"),
    );
    let raises = raises.into_iter().map(|by| Raise {
        funder: grid.funder.clone(),
        by,
    });
    faults.or((shares, raises.collect()))
}

/// The engine's faults name places of lists; here they are parameters.
fn in_the_query(found: &Faults) -> Faults {
    let mut faults = Faults::default();
    for fault in &found.0 {
        let pointer = match fault.pointer.as_str() {
            place if place.ends_with("/funder") => "/funder",
            place if place.starts_with("/gap_shares") => "/gap_shares",
            place if place.starts_with("/raises") => "/raises",
            place => place,
        };
        let known = faults
            .0
            .iter()
            .any(|one| one.pointer == pointer && one.detail == fault.detail);
        faults.require(known, pointer, &fault.code, fault.detail.as_str());
    }
    faults
}

/// What could be funded without the ranking rule: the price of the rule, and never a selection.
pub async fn read_what_if(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<WhatIfView>, Problem> {
    let (selection, input) = latest(service, context, call).await?;
    let currency = input.currency;
    let work = move || commitment::without_ranking(&input, WHAT_IF_SECONDS);
    let what_if = aside(service, work).await?;
    let view = WhatIfView {
        selection,
        is_a_selection: false,
        explanation: explain::what_if(&what_if, currency),
        what_if,
    };
    answer(service, view)
}
