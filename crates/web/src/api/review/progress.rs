//! How far the reviews of a stage are.

use actix_web::web::Path;
use actix_web::{get, post};
use service::review::progress::{self, ReviewsDue};
use service::view::review::progress::ProgressView;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config.service(read_progress).service(set_reviews_due);
}

/// How far the reviews of a stage are: by expert, with what is overdue, until when the next is due and when the expert was reminded last, and by proposal. For secretariat, panel chair and independent observer; proposals with which one has a conflict of interest are left out.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "How far they are", body = ProgressView), Problems))]
#[get("/calls/{call}/stages/{stage}/progress")]
async fn read_progress(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ProgressView> {
    let (call, number) = path.into_inner();
    Reply::ok(progress::read_progress(&ask.service, ask.context, call, number).await)
}

/// Set until when reviews of a stage are due that are not handed in: those named, or all. Their authors are told by mail, and reminded five days and a day before, a day and a week after.
#[utoipa::path(tag = "reviews", request_body(content = ReviewsDue, example = json!({"due_at": "2097-03-01T12:00:00Z"})),
    responses((status = 200, description = "How far the reviews are", body = ProgressView), Problems))]
#[post("/calls/{call}/stages/{stage}/reviews/due")]
async fn set_reviews_due(ask: Ask<ReviewsDue>, path: Path<(Uuid, i32)>) -> Reply<ProgressView> {
    let (call, number) = path.into_inner();
    Reply::ok(progress::set_reviews_due(&ask.service, ask.context, call, number, ask.input).await)
}
