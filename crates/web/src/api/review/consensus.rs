//! Consensus and ranking.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use review::Consensus;
use service::review::consensus::{self, ConsensusLines, ConsensusList};
use service::review::ranking;
use service::review::release::DespiteFindings;
use service::review::revision::{self, RankingRevision};
use service::view::review::consensus::ConsensusLine;
use service::view::review::ranking::RankingView;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_consensus)
        .service(record_consensus_list)
        .service(read_proposal_consensus)
        .service(record_consensus)
        .service(read_ranking)
        .service(adopt_ranking)
        .service(revise_ranking);
}

/// The panel's desk at a stage: all proposals with suggested scores and consensus.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The proposals", body = ConsensusLines), Problems))]
#[get("/calls/{call}/stages/{stage}/consensus")]
async fn read_consensus(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ConsensusLines> {
    let (call, stage) = path.into_inner();
    Reply::ok(consensus::read_consensus(&ask.service, ask.context, call, stage).await)
}

/// Record the consensus on many proposals: all, or none when one is wrong.
#[utoipa::path(tag = "panel", request_body(content = ConsensusList, example = json!({"consensus": [{
    "proposal": "01926f3e-5b7a-7c3d-8e9f-0123456789ac",
    "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"},
    "rating": "recommended", "comment": "Convincing throughout."}]})),
    responses((status = 200, description = "The proposals", body = ConsensusLines), Problems))]
#[post("/calls/{call}/stages/{stage}/consensus")]
async fn record_consensus_list(
    ask: Ask<ConsensusList>,
    path: Path<(Uuid, i32)>,
) -> Reply<ConsensusLines> {
    let (call, stage) = path.into_inner();
    Reply::ok(
        consensus::record_consensus_list(&ask.service, ask.context, call, stage, ask.input).await,
    )
}

/// One proposal on the panel's desk.
#[utoipa::path(tag = "panel", params(AtStage), responses((status = 200, description = "The proposal", body = ConsensusLine), Problems))]
#[get("/proposals/{proposal}/consensus")]
async fn read_proposal_consensus(
    ask: Ask,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<ConsensusLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(consensus::read_proposal_consensus(&ask.service, ask.context, id, stage).await)
}

/// Record the panel's consensus on a proposal.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = Consensus, example = json!({
    "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "3.5"},
    "rating": "recommended", "comment": "Convincing throughout."})),
    responses((status = 200, description = "The proposal", body = ConsensusLine), Problems))]
#[put("/proposals/{proposal}/consensus")]
async fn record_consensus(
    ask: Ask<Consensus>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<ConsensusLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(consensus::record_consensus(&ask.service, ask.context, id, stage, ask.input).await)
}

/// The ranking list of a stage; before its adoption what it would be, for the panel.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The list", body = RankingView), Problems))]
#[get("/calls/{call}/stages/{stage}/ranking")]
async fn read_ranking(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<RankingView> {
    let (call, stage) = path.into_inner();
    Reply::ok(ranking::read_ranking(&ask.service, ask.context, call, stage).await)
}

/// Adopt the ranking list for the panel. What applicants will read and seems to name who evaluated the proposal is listed with 409, unless `despite_findings` says that somebody has looked at it.
#[utoipa::path(tag = "panel", request_body(content = DespiteFindings, example = json!({"despite_findings": true})), responses((status = 200, description = "The list", body = RankingView), Problems))]
#[post("/calls/{call}/stages/{stage}/ranking/adopt")]
async fn adopt_ranking(ask: Ask<DespiteFindings>, path: Path<(Uuid, i32)>) -> Reply<RankingView> {
    let (call, stage) = path.into_inner();
    Reply::ok(ranking::adopt_ranking(&ask.service, ask.context, call, stage, ask.input).await)
}

/// Correct what was recorded wrong, and adopt the next version of the ranking list, as long as nothing is decided on it. The version before is kept, and applicants hear nothing of it. What applicants will read and seems to name who evaluated the proposal is listed with 409, unless `despite_findings` says that somebody has looked at it.
#[utoipa::path(tag = "panel", request_body(content = RankingRevision, example = json!({"consensus": [{
    "proposal": "01926f3e-5b7a-7c3d-8e9f-0123456789ac",
    "scores": {"excellence": "3.5", "impact": "4.0", "implementation": "3.5"},
    "rating": "recommended", "comment": "Convincing in most."}],
    "reason": "The scores of two proposals were recorded the wrong way round (minutes, item 4)."})),
    responses((status = 200, description = "The next version of the list", body = RankingView), Problems))]
#[post("/calls/{call}/stages/{stage}/ranking/revise")]
async fn revise_ranking(ask: Ask<RankingRevision>, path: Path<(Uuid, i32)>) -> Reply<RankingView> {
    let (call, stage) = path.into_inner();
    Reply::ok(revision::revise_ranking(&ask.service, ask.context, call, stage, ask.input).await)
}
