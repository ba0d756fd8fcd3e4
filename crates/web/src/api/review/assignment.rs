//! Who reviews what.

use actix_web::web::{Path, Query};
use actix_web::{get, post};
use service::review::assign::{self, Assigned};
use service::review::assignment::{self, Assignments, PairInput, Replacement};
use service::review::load::{self, LoadInput};
use service::review::price::{self, Considered, Price};
use service::review::reassign::{self, DropOut, ReassignInput, Reassigned};
use service::review::substitute::{self, CallUp, CalledUp};
use service::review::wishes::AssignInput;
use service::view::review::expert::ExpertView;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(assign_reviewers)
        .service(reassign_reviewers)
        .service(price_assignment)
        .service(read_assignments)
        .service(assign_reviewer)
        .service(replace_reviewer)
        .service(replace_expert)
        .service(call_up_substitute)
        .service(set_expert_load);
}

/// Assign reviewers to all eligible proposals; where there is no assignment, errors say why. A dry run proposes: send its `fingerprint` as `as_proposed` with the same wishes, and what was proposed is done, or nothing.
#[utoipa::path(tag = "reviews", request_body(content = AssignInput, example = json!({
    "per_proposal": 3, "max_load": 12, "objective": "fair", "caps": {"by": "country", "per_proposal": 2, "least": [{"of": "SE", "per_proposal": 1}]}})),
    responses((status = 200, description = "The assignment", body = Assigned), Problems))]
#[post("/calls/{call}/stages/{stage}/assign")]
async fn assign_reviewers(ask: Ask<AssignInput>, path: Path<(Uuid, i32)>) -> Reply<Assigned> {
    let (call, stage) = path.into_inner();
    Reply::ok(assign::assign_reviewers(&ask.service, ask.context, call, stage, ask.input).await)
}

/// Assign anew after something changed, with as few changes of what stands as possible; a dry run shows them first. Reviews that are begun stay.
#[utoipa::path(tag = "reviews", request_body(content = ReassignInput, example = json!({"reason": "Two experts have conflicts of interest"})),
    responses((status = 200, description = "What changed", body = Reassigned), Problems))]
#[post("/calls/{call}/stages/{stage}/reassign")]
async fn reassign_reviewers(ask: Ask<ReassignInput>, path: Path<(Uuid, i32)>) -> Reply<Reassigned> {
    let (call, stage) = path.into_inner();
    Reply::ok(reassign::reassign_reviewers(&ask.service, ask.context, call, stage, ask.input).await)
}

/// What it would cost to assign one expert to one proposal by hand; nothing is changed.
#[utoipa::path(tag = "reviews", params(Considered),
    responses((status = 200, description = "The cost", body = Price), Problems))]
#[get("/calls/{call}/stages/{stage}/assignments/price")]
async fn price_assignment(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    considered: Query<Considered>,
) -> Reply<Price> {
    let ((call, stage), considered) = (path.into_inner(), considered.into_inner());
    Reply::ok(price::price_assignment(&ask.service, ask.context, call, stage, considered).await)
}

/// Who reviews what at a stage.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The assignments", body = Assignments), Problems))]
#[get("/calls/{call}/stages/{stage}/assignments")]
async fn read_assignments(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Assignments> {
    let (call, stage) = path.into_inner();
    Reply::ok(assignment::read_assignments(&ask.service, ask.context, call, stage).await)
}

/// Assign one expert to one proposal; once applicants have read the reviews, where a conflict of interest left none of them.
#[utoipa::path(tag = "reviews", request_body(content = PairInput, example = json!({
    "proposal": "01926f3e-5b7a-7c3d-8e9f-0123456789ac", "expert": "01926f3e-5b7a-7c3d-8e9f-0123456789ab"})),
    responses((status = 201, description = "The assignments", body = Assignments), Problems))]
#[post("/calls/{call}/stages/{stage}/assignments")]
async fn assign_reviewer(ask: Ask<PairInput>, path: Path<(Uuid, i32)>) -> Reply<Assignments> {
    let (call, stage) = path.into_inner();
    Reply::created(
        assignment::assign_reviewer(&ask.service, ask.context, call, stage, ask.input).await,
    )
}

/// Give a review that is not submitted yet to another expert.
#[utoipa::path(tag = "reviews", request_body(content = Replacement, example = json!({
    "expert": "01926f3e-5b7a-7c3d-8e9f-0123456789ab", "reason": "Fell ill"})),
    responses((status = 200, description = "The assignments", body = Assignments), Problems))]
#[post("/reviews/{review}/replace")]
async fn replace_reviewer(ask: Ask<Replacement>, path: Path<Uuid>) -> Reply<Assignments> {
    let id = path.into_inner();
    Reply::ok(assignment::replace_reviewer(&ask.service, ask.context, id, ask.input).await)
}

/// Take an expert who drops out off all reviews that are not handed in, and find others for each of them, with as few other changes as possible; a dry run shows them first.
#[utoipa::path(tag = "reviews", params(AtStage), request_body(content = DropOut, example = json!({"reason": "Fell ill"})),
    responses((status = 200, description = "What changed", body = Reassigned), Problems))]
#[post("/experts/{expert}/replace")]
async fn replace_expert(
    ask: Ask<DropOut>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<Reassigned> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(reassign::replace_expert(&ask.service, ask.context, id, stage, ask.input).await)
}

/// Call up a substitute to the place of an expert who drops out or has a conflict of interest: the role, the seat on the panel, what the expert presents there, and, if wished, the reviews that are not handed in; a dry run shows it first. Both are told by mail.
#[utoipa::path(tag = "reviews", request_body(content = CallUp, example = json!({
    "substitute": "01926f3e-5b7a-7c3d-8e9f-0123456789ad", "reason": "Fell ill", "reviews": true})),
    responses((status = 200, description = "What the substitute took over", body = CalledUp), Problems))]
#[post("/experts/{expert}/call-up")]
async fn call_up_substitute(ask: Ask<CallUp>, path: Path<Uuid>) -> Reply<CalledUp> {
    let id = path.into_inner();
    Reply::ok(substitute::call_up_substitute(&ask.service, ask.context, id, ask.input).await)
}

/// Set how many proposals an expert takes at one stage at most, and at single stages where that is another number, as after a replacement, which leaves the loads at what the expert has.
#[utoipa::path(tag = "reviews", request_body(content = LoadInput, example = json!({"max_load": 8, "stage_loads": {"2": 4}, "reason": "Well again"})),
    responses((status = 200, description = "The expert", body = ExpertView), Problems))]
#[post("/experts/{expert}/load")]
async fn set_expert_load(ask: Ask<LoadInput>, path: Path<Uuid>) -> Reply<ExpertView> {
    let id = path.into_inner();
    Reply::ok(load::set_expert_load(&ask.service, ask.context, id, ask.input).await)
}
