//! How well experts fit proposals.

use actix_web::web::{Path, Query};
use actix_web::{delete, get, post};
use serde::Deserialize;
use service::review::affinity;
use service::view::review::affinity::{AffinityView, ImportedAffinity};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::ask::FileBody;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(import_affinity)
        .service(read_imported_affinity)
        .service(take_back_affinity)
        .service(read_affinity);
}

/// Whose affinity.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfExpert {
    /// The expert; left out: the ten who fit best.
    expert: Option<Uuid>,
}

/// Bring in affinities of the stage's proposals and the call's experts, as a CSV table with a heading: `proposal` (its number), `reviewer` (the expert's e-mail address) and `affinity` (0 to 1, at most 6 decimals). Each takes the place of the computed one. The table takes the place of the one before: all or nothing, every fault with its line and column.
#[utoipa::path(tag = "reviews", request_body(content((FileBytes = "text/csv",
        example = json!("proposal,reviewer,affinity\nJTC2026-001,ada.example@university.example,0.85\n")))),
    responses((status = 200, description = "What is imported", body = ImportedAffinity), Problems))]
#[post("/calls/{call}/stages/{stage}/affinity")]
async fn import_affinity(ask: Ask<FileBody>, path: Path<(Uuid, i32)>) -> Reply<ImportedAffinity> {
    let ((call, stage), file) = (path.into_inner(), ask.input.0);
    Reply::ok(affinity::import_affinity(&ask.service, ask.context, call, stage, file).await)
}

/// Which affinities of a stage were brought in; all others are computed.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "What is imported", body = ImportedAffinity), Problems))]
#[get("/calls/{call}/stages/{stage}/affinity")]
async fn read_imported_affinity(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ImportedAffinity> {
    let (call, stage) = path.into_inner();
    Reply::ok(affinity::read_imported_affinity(&ask.service, ask.context, call, stage).await)
}

/// Take all imported affinities of a stage back, so that every affinity is computed.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "What is imported", body = ImportedAffinity), Problems))]
#[delete("/calls/{call}/stages/{stage}/affinity")]
async fn take_back_affinity(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ImportedAffinity> {
    let (call, stage) = path.into_inner();
    Reply::ok(affinity::take_back_affinity(&ask.service, ask.context, call, stage).await)
}

/// Which experts fit a proposal best, or how well one does, and why: keywords, modules and words they share, each with what it counts.
#[utoipa::path(tag = "reviews", params(OfExpert),
    responses((status = 200, description = "The affinities", body = AffinityView), Problems))]
#[get("/calls/{call}/stages/{stage}/affinity/{proposal}")]
async fn read_affinity(
    ask: Ask,
    path: Path<(Uuid, i32, Uuid)>,
    of: Query<OfExpert>,
) -> Reply<AffinityView> {
    let (call, stage, proposal) = path.into_inner();
    let expert = of.expert;
    Reply::ok(
        affinity::read_affinity(&ask.service, ask.context, call, stage, proposal, expert).await,
    )
}
