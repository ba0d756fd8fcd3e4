//! How far the reviews of a stage are.

use actix_web::get;
use actix_web::web::Path;
use service::review::progress;
use service::view::review::progress::ProgressView;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operation.
pub fn routes(config: &mut impl Routes) {
    config.service(read_progress);
}

/// How far the reviews of a stage are: by expert, with what is overdue, until when the next is due and when the expert was reminded last, and by proposal. For secretariat, panel chair and independent observer; proposals with which one has a conflict of interest are left out.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "How far they are", body = ProgressView), Problems))]
#[get("/calls/{call}/stages/{stage}/progress")]
async fn read_progress(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ProgressView> {
    let (call, number) = path.into_inner();
    Reply::ok(progress::read_progress(&ask.service, ask.context, call, number).await)
}
