//! The ethics step.

use actix_web::web::{Path, Query};
use actix_web::{get, put};
use service::review::ethics::{self, EthicsInput, EthicsLines};
use service::view::review::ethics::EthicsLine;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_ethics)
        .service(read_proposal_ethics)
        .service(record_ethics);
}

/// The proposals of a stage that the ethics step concerns, what each needs and what was found.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The proposals", body = EthicsLines), Problems))]
#[get("/calls/{call}/stages/{stage}/ethics")]
async fn read_ethics(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<EthicsLines> {
    let (call, stage) = path.into_inner();
    Reply::ok(ethics::read_ethics(&ask.service, ask.context, call, stage).await)
}

/// What was found on the ethics of a proposal; of your own, once the letters are out.
#[utoipa::path(tag = "panel", params(AtStage), responses((status = 200, description = "The assessment", body = EthicsLine), Problems))]
#[get("/proposals/{proposal}/ethics")]
async fn read_proposal_ethics(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<EthicsLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(ethics::read_proposal_ethics(&ask.service, ask.context, id, stage).await)
}

/// Begin the ethics assessment of a proposal, name who looks at it, or record what was found.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = EthicsInput, example = json!({
    "assessment": {"outcome": "conditions", "conditions": ["The vote of the ethics committee is there before the first patient"]}})),
    responses((status = 200, description = "The assessment", body = EthicsLine), Problems))]
#[put("/proposals/{proposal}/ethics")]
async fn record_ethics(
    ask: Ask<EthicsInput>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<EthicsLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(ethics::record_ethics(&ask.service, ask.context, id, stage, ask.input).await)
}
