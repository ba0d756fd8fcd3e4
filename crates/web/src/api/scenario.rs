//! Scenarios of the selection, and what would change the latest one.

use actix_web::web::{Path, Query};
use actix_web::{delete, get, post};
use serde::Deserialize;
use service::commitment::{self as decision, Grid, ScenarioInput};
use service::view::commitment::{
    OutlookView, ScenarioComparison, ScenarioView, Scenarios, SensitivityView, WhatIfView,
};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(make_scenario)
        .service(list_scenarios)
        .service(compare_scenarios)
        .service(read_scenario)
        .service(drop_scenario)
        .service(read_outlook)
        .service(read_sensitivity)
        .service(read_what_if);
}

/// Which two scenarios.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Pair {
    /// The first; it has to be given.
    pub a: Option<Uuid>,
    /// The second; it has to be given.
    pub b: Option<Uuid>,
}

/// A grid of gap shares and raises, 100 points at most.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GridParameters {
    /// Parts of the EU's money that fill gaps, with commas between; for a co-funded call.
    #[param(example = "0.4,0.5,0.75", pattern = "^[0-9.,]*$")]
    pub gap_shares: Option<String>,
    /// Parts of the commitment by which it is raised, with commas between.
    #[param(example = "0,0.1,0.2", pattern = "^[0-9.,]*$")]
    pub raises: Option<String>,
    /// Key of the funder that raises its commitment; all do when it is left out.
    pub funder: Option<String>,
}

/// Make a scenario of the call as it stands now: other commitments, another gap share, proposals left off the list. A private one is seen by its funder alone.
#[utoipa::path(tag = "decision", request_body(content = ScenarioInput, example = json!({
    "name": "Poland raises by 200,000", "visibility": "private", "organisation": "PL-NCBR",
    "overrides": {"commitments": [{"funder": "PL-NCBR", "amount": "1200000.00"}]}})),
    responses((status = 201, description = "The scenario", body = ScenarioView), Problems))]
#[post("/calls/{call}/scenarios")]
async fn make_scenario(ask: Ask<ScenarioInput>, path: Path<Uuid>) -> Reply<ScenarioView> {
    let call = path.into_inner();
    Reply::created(decision::make_scenario(&ask.service, ask.context, call, ask.input).await)
}

/// The scenarios of a call that one may see: the shared ones, and those of one's own funder or office.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The scenarios", body = Scenarios), Problems))]
#[get("/calls/{call}/scenarios")]
async fn list_scenarios(ask: Ask, path: Path<Uuid>) -> Reply<Scenarios> {
    Reply::ok(decision::list_scenarios(&ask.service, ask.context, path.into_inner()).await)
}

/// Two scenarios side by side: what each funds, the money of each funder, the differences.
#[utoipa::path(tag = "decision", params(Pair), responses((status = 200, description = "Both", body = ScenarioComparison), Problems))]
#[get("/calls/{call}/scenarios/compare")]
async fn compare_scenarios(
    ask: Ask,
    path: Path<Uuid>,
    pair: Query<Pair>,
) -> Reply<ScenarioComparison> {
    let pair = (pair.a, pair.b);
    Reply::ok(decision::compare_scenarios(&ask.service, ask.context, path.into_inner(), pair).await)
}

/// Read a scenario with what it was computed from.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The scenario", body = ScenarioView), Problems))]
#[get("/scenarios/{scenario}")]
async fn read_scenario(ask: Ask, path: Path<Uuid>) -> Reply<ScenarioView> {
    Reply::ok(decision::read_scenario(&ask.service, ask.context, path.into_inner()).await)
}

/// Take back a scenario that you made.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The scenario taken back", body = ScenarioView), Problems))]
#[delete("/scenarios/{scenario}")]
async fn drop_scenario(ask: Ask, path: Path<Uuid>) -> Reply<ScenarioView> {
    Reply::ok(decision::drop_scenario(&ask.service, ask.context, path.into_inner()).await)
}

/// What one more project would cost, and which funder is the bottleneck of the latest selection.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The outlook", body = OutlookView), Problems))]
#[get("/calls/{call}/selection/outlook")]
async fn read_outlook(ask: Ask, path: Path<Uuid>) -> Reply<OutlookView> {
    Reply::ok(decision::read_outlook(&ask.service, ask.context, path.into_inner()).await)
}

/// What other gap shares and raised commitments would change of the latest selection.
#[utoipa::path(tag = "decision", params(GridParameters), responses((status = 200, description = "The grid", body = SensitivityView), Problems))]
#[get("/calls/{call}/selection/sensitivity")]
async fn read_sensitivity(
    ask: Ask,
    path: Path<Uuid>,
    grid: Query<GridParameters>,
) -> Reply<SensitivityView> {
    let given = grid.into_inner();
    let grid = Grid {
        gap_shares: given.gap_shares,
        raises: given.raises,
        funder: given.funder,
    };
    Reply::ok(decision::read_sensitivity(&ask.service, ask.context, path.into_inner(), grid).await)
}

/// What could be funded without the ranking rule: the price of the rule, and never a selection.
#[utoipa::path(tag = "decision", responses((status = 200, description = "What if", body = WhatIfView), Problems))]
#[get("/calls/{call}/selection/what-if")]
async fn read_what_if(ask: Ask, path: Path<Uuid>) -> Reply<WhatIfView> {
    Reply::ok(decision::read_what_if(&ask.service, ask.context, path.into_inner()).await)
}
