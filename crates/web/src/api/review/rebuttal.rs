//! The applicants' reply to the released reviews.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use review::rebuttal::Reply as Written;
use service::review::rebuttal::{self, MoreTime};
use service::view::review::rebuttal::RebuttalView;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_rebuttal)
        .service(write_rebuttal)
        .service(submit_rebuttal)
        .service(reopen_rebuttal);
}

/// The released reviews of a proposal under labels, and the applicants' reply: yours to write, or for the panel once
/// the window is over.
#[utoipa::path(tag = "reviews", params(AtStage), responses((status = 200, description = "Reviews and reply", body = RebuttalView), Problems))]
#[get("/proposals/{proposal}/rebuttal")]
async fn read_rebuttal(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<RebuttalView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rebuttal::read_rebuttal(&ask.service, ask.context, id, stage).await)
}

/// Save your reply as a draft.
#[utoipa::path(tag = "reviews", params(AtStage), request_body(content = Written, example = json!({
    "to_all": "We thank the reviewers for their advice.",
    "to_reviews": {"Reviewer 1": "The time table has a reserve of six months; see section 4."}})),
    responses((status = 200, description = "Reviews and reply", body = RebuttalView), Problems))]
#[put("/proposals/{proposal}/rebuttal")]
async fn write_rebuttal(
    ask: Ask<Written>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<RebuttalView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rebuttal::write_rebuttal(&ask.service, ask.context, id, stage, ask.input).await)
}

/// Submit your reply as it is written.
#[utoipa::path(tag = "reviews", params(AtStage), responses((status = 200, description = "Reviews and reply", body = RebuttalView), Problems))]
#[post("/proposals/{proposal}/rebuttal/submit")]
async fn submit_rebuttal(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<RebuttalView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rebuttal::submit_rebuttal(&ask.service, ask.context, id, stage).await)
}

/// Give the applicants of a proposal time to reply again, at most as many days as the rules give to all, or move the end of it; the panel goes on with all others meanwhile.
#[utoipa::path(tag = "reviews", params(AtStage), request_body(content = MoreTime, example = json!({
    "until": "2097-03-01T16:00:00Z", "reason": "The service was down on the last day"})),
    responses((status = 200, description = "The window", body = RebuttalView), Problems))]
#[post("/proposals/{proposal}/rebuttal/reopen")]
async fn reopen_rebuttal(
    ask: Ask<MoreTime>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<RebuttalView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rebuttal::reopen_rebuttal(&ask.service, ask.context, id, stage, ask.input).await)
}
