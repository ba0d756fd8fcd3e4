//! Who reviews what.

use actix_web::web::Path;
use actix_web::{get, post};
use service::review::assign::{self, AssignInput, Assigned};
use service::review::assignment::{self, Assignments, PairInput, Replacement};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(assign_reviewers)
        .service(read_assignments)
        .service(assign_reviewer)
        .service(replace_reviewer);
}

/// Assign reviewers to all eligible proposals; where there is no assignment, errors say why.
#[utoipa::path(tag = "reviews", request_body(content = AssignInput, example = json!({"per_proposal": 3, "max_load": 12})),
    responses((status = 200, description = "The assignment", body = Assigned), Problems))]
#[post("/calls/{call}/stages/{stage}/assign")]
async fn assign_reviewers(ask: Ask<AssignInput>, path: Path<(Uuid, i32)>) -> Reply<Assigned> {
    let (call, stage) = path.into_inner();
    Reply::ok(assign::assign_reviewers(&ask.service, ask.context, call, stage, ask.input).await)
}

/// Who reviews what at a stage.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The assignments", body = Assignments), Problems))]
#[get("/calls/{call}/stages/{stage}/assignments")]
async fn read_assignments(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Assignments> {
    let (call, stage) = path.into_inner();
    Reply::ok(assignment::read_assignments(&ask.service, ask.context, call, stage).await)
}

/// Assign one expert to one proposal.
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
