//! The history of a proposal's draft.

use actix_web::web::{Path, Query};
use actix_web::{get, post};
use serde::Deserialize;
use service::intake::{self as intakes, DraftHistory};
use service::view::intake::{DraftContent, ProposalView};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_drafts)
        .service(read_draft)
        .service(restore_draft);
}

/// Where a history goes on, and how long a page is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    /// The `next` of the page before: the number of the version to go on from, downwards.
    #[param(minimum = -2147483648, maximum = 2147483647)]
    cursor: Option<i32>,
    /// How many items; more than 200 are never given at once, usually 50.
    #[serde(default = "super::call::usual")]
    #[param(minimum = 0, maximum = 65535)]
    limit: u16,
}

/// With which version another is compared.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Against {
    /// The number of a version to compare with; `differences` lead from it to the one read.
    #[param(minimum = -2147483648, maximum = 2147483647)]
    against: Option<i32>,
}

/// The saved versions of your proposal's draft in its current stage: who saved when, and what changed.
#[utoipa::path(tag = "proposals", params(Back), responses((status = 200, description = "A page of the history, newest first", body = DraftHistory, headers(("Link" = String, description = "The next page, where there is one (RFC 8288)"))), Problems))]
#[get("/proposals/{proposal}/history")]
async fn list_drafts(ask: Ask, path: Path<Uuid>, back: Query<Back>) -> Reply<DraftHistory> {
    let (id, Back { cursor, limit }) = (path.into_inner(), back.into_inner());
    let page = intakes::list_drafts(&ask.service, ask.context, id, cursor, limit).await;
    Reply::page(page, |page| page.next.as_ref())
}

/// A saved version of your proposal's draft, compared with another one.
#[utoipa::path(tag = "proposals", params(Against), responses((status = 200, description = "What it says, and what differs", body = DraftContent), Problems))]
#[get("/proposals/{proposal}/history/{version}")]
async fn read_draft(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    against: Query<Against>,
) -> Reply<DraftContent> {
    let (id, version) = path.into_inner();
    let against = against.into_inner().against;
    Reply::ok(intakes::read_draft(&ask.service, ask.context, id, version, against).await)
}

/// Save what an earlier version of the draft said as the next one.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The proposal", body = ProposalView), Problems))]
#[post("/proposals/{proposal}/history/{version}/restore")]
async fn restore_draft(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ProposalView> {
    let (id, version) = path.into_inner();
    Reply::ok(intakes::restore_draft(&ask.service, ask.context, id, version).await)
}
