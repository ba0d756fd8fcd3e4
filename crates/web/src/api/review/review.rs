//! Reviews.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use service::call::Reason;
use service::review::release::{self, ReleaseInput, ReleaseReviews, Released};
use service::review::review::{self, ReviewInput, Reviews};
use service::view::review::review::ReviewView;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_my_reviews)
        .service(read_review)
        .service(read_reviews)
        .service(write_review)
        .service(decline_review)
        .service(submit_review)
        .service(return_review)
        .service(release_review)
        .service(release_reviews);
}

/// The reviews that are yours to write, or that you wrote.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "Your reviews", body = Reviews), Problems))]
#[get("/me/reviews")]
async fn list_my_reviews(ask: Ask) -> Reply<Reviews> {
    Reply::ok(review::list_my_reviews(&ask.service, ask.context).await)
}

/// Read a review.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[get("/reviews/{review}")]
async fn read_review(ask: Ask, path: Path<Uuid>) -> Reply<ReviewView> {
    Reply::ok(review::read_review(&ask.service, ask.context, path.into_inner()).await)
}

/// The reviews of a proposal, as far as you may see them.
#[utoipa::path(tag = "reviews", params(AtStage), responses((status = 200, description = "The reviews", body = Reviews), Problems))]
#[get("/proposals/{proposal}/reviews")]
async fn read_reviews(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<Reviews> {
    let proposal = path.into_inner();
    Reply::ok(review::read_reviews(&ask.service, ask.context, proposal, at.stage).await)
}

/// Save your review as a draft; for an invited one it is a yes.
#[utoipa::path(tag = "reviews", request_body(content = ReviewInput, example = json!({
    "scores": {"excellence": {"score": "4.5", "comment": "Convincing and ambitious."},
        "impact": {"score": "4.0", "comment": "Patients will notice."},
        "implementation": {"score": "3.5", "comment": "The time table is tight."}},
    "remark": "I would fund it"})),
    responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[put("/reviews/{review}")]
async fn write_review(ask: Ask<ReviewInput>, path: Path<Uuid>) -> Reply<ReviewView> {
    let id = path.into_inner();
    Reply::ok(review::write_review(&ask.service, ask.context, id, ask.input).await)
}

/// Decline to review the proposal.
#[utoipa::path(tag = "reviews", request_body(content = Reason, example = json!({"reason": "Not my field"})),
    responses((status = 200, description = "Nothing of it is yours any more", body = Reviews), Problems))]
#[post("/reviews/{review}/decline")]
async fn decline_review(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<Reviews> {
    let id = path.into_inner();
    Reply::ok(review::decline_review(&ask.service, ask.context, id, ask.input).await)
}

/// Submit your review.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[post("/reviews/{review}/submit")]
async fn submit_review(ask: Ask, path: Path<Uuid>) -> Reply<ReviewView> {
    Reply::ok(review::submit_review(&ask.service, ask.context, path.into_inner()).await)
}

/// Give a submitted review back to its author; or one that was released by mistake, as long as neither applicants nor other reviewers were told of it and the panel has not begun to talk of the proposal.
#[utoipa::path(tag = "reviews", request_body(content = Reason, example = json!({"reason": "The score of impact does not fit its text"})),
    responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[post("/reviews/{review}/return")]
async fn return_review(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<ReviewView> {
    let id = path.into_inner();
    Reply::ok(release::return_review(&ask.service, ask.context, id, ask.input).await)
}

/// Release a submitted review. What is found in its texts (its author's name, institution or address, words that do not fit their score) is listed with 409, unless `despite_findings` says that somebody has looked at it.
#[utoipa::path(tag = "reviews", request_body(content = ReleaseInput, example = json!({"despite_findings": true})), responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[post("/reviews/{review}/release")]
async fn release_review(ask: Ask<ReleaseInput>, path: Path<Uuid>) -> Reply<ReviewView> {
    let id = path.into_inner();
    Reply::ok(release::release_review(&ask.service, ask.context, id, ask.input).await)
}

/// Release submitted reviews of a stage: those named, or all. With the versions that were read nothing is released that somebody has changed since. What is found in their texts is listed with 409, as for a single one.
#[utoipa::path(tag = "reviews", request_body(content = ReleaseReviews, example = json!({"despite_findings": true})),
    responses((status = 200, description = "What was released", body = Released), Problems))]
#[post("/calls/{call}/stages/{stage}/reviews/release")]
async fn release_reviews(ask: Ask<ReleaseReviews>, path: Path<(Uuid, i32)>) -> Reply<Released> {
    let (call, stage) = path.into_inner();
    Reply::ok(release::release_reviews(&ask.service, ask.context, call, stage, ask.input).await)
}
