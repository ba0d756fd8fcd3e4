//! Reviews written away from the network.

use actix_web::web::Path;
use actix_web::{get, put};
use service::review::form;
use service::view::review::review::ReviewView;
use uuid::Uuid;

use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::{Ask, Download, FileBody, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config.service(read_review_form).service(fill_review_form);
}

/// The form (XLSX) for writing your review offline: criteria with weights, thresholds and limits of words, and what you have saved so far. It holds nothing of other reviewers, and neither it nor its name says yours.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The form", content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/reviews/{review}/form.xlsx")]
async fn read_review_form(ask: Ask, path: Path<Uuid>) -> Download {
    Download(form::read_review_form(&ask.service, ask.context, path.into_inner()).await)
}

/// Save the filled-in form as the draft of your review, all or nothing: every fault comes with its sheet and cell. It must be the form of this review as it is now; `If-Match` takes the review's ETag. `dry_run` shows what would be saved. Nothing is handed in by it.
#[utoipa::path(tag = "reviews", request_body(content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("PK")))),
    responses((status = 200, description = "The review", body = ReviewView), Problems))]
#[put("/reviews/{review}/form.xlsx")]
async fn fill_review_form(ask: Ask<FileBody>, path: Path<Uuid>) -> Reply<ReviewView> {
    let (id, file) = (path.into_inner(), ask.input.0);
    Reply::ok(form::fill_review_form(&ask.service, ask.context, id, file).await)
}
