//! Redress after the letters, and what comes of it.

use actix_web::web::Path;
use actix_web::{get, post};
use service::commitment::{
    self as decision, RedressCheck, RedressDecision, RedressFinding, RedressInput, RedressList,
    Reevaluation, SettleInput,
};
use service::view::commitment::{LetterView, RedressView};
use uuid::Uuid;

use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::{Ask, Download, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(file_redress)
        .service(list_redress)
        .service(list_call_redress)
        .service(read_redress)
        .service(check_redress)
        .service(examine_redress)
        .service(decide_redress)
        .service(reevaluate_proposal)
        .service(settle_redress)
        .service(read_package);
}

/// Ask for redress for your proposal after the letter of a stage: once, on one of the call's grounds, in the window that the letter names. The judgement of the panel is no ground.
#[utoipa::path(tag = "redress", request_body(content = RedressInput, example = json!({
    "ground": "rules_not_followed", "reasons": "The call text prescribes three reviews, and the report tells of two"})),
    responses((status = 201, description = "The request", body = RedressView), Problems))]
#[post("/proposals/{proposal}/stages/{stage}/redress")]
async fn file_redress(ask: Ask<RedressInput>, path: Path<(Uuid, i32)>) -> Reply<RedressView> {
    let (proposal, stage) = path.into_inner();
    Reply::created(
        decision::file_redress(&ask.service, ask.context, proposal, stage, ask.input).await,
    )
}

/// The requests for redress of a proposal: for its coordinator, and for those who decide with what they know of it.
#[utoipa::path(tag = "redress", responses((status = 200, description = "The requests", body = RedressList), Problems))]
#[get("/proposals/{proposal}/redress")]
async fn list_redress(ask: Ask, path: Path<Uuid>) -> Reply<RedressList> {
    Reply::ok(decision::list_redress(&ask.service, ask.context, path.into_inner()).await)
}

/// The requests for redress of a call, for those who check, examine and decide.
#[utoipa::path(tag = "redress", responses((status = 200, description = "The requests", body = RedressList), Problems))]
#[get("/calls/{call}/redress")]
async fn list_call_redress(ask: Ask, path: Path<Uuid>) -> Reply<RedressList> {
    Reply::ok(decision::list_call_redress(&ask.service, ask.context, path.into_inner()).await)
}

/// A request for redress.
#[utoipa::path(tag = "redress", responses((status = 200, description = "The request", body = RedressView), Problems))]
#[get("/redress/{redress}")]
async fn read_redress(ask: Ask, path: Path<Uuid>) -> Reply<RedressView> {
    Reply::ok(decision::read_redress(&ask.service, ask.context, path.into_inner()).await)
}

/// Record, as the secretariat, whether a request is admissible, and why; the coordinator hears of it when it is not.
#[utoipa::path(tag = "redress", request_body(content = RedressCheck, example = json!({
    "admissible": true, "because": "It is on the procedure, and in time"})),
    responses((status = 200, description = "The request", body = RedressView), Problems))]
#[post("/redress/{redress}/check")]
async fn check_redress(ask: Ask<RedressCheck>, path: Path<Uuid>) -> Reply<RedressView> {
    let id = path.into_inner();
    Reply::ok(decision::check_redress(&ask.service, ask.context, id, ask.input).await)
}

/// File your finding on an admissible request, as the independent observer.
#[utoipa::path(tag = "redress", request_body(content = RedressFinding, example = json!({
    "followed": false, "finding": "Two reviews were released where the call text prescribes three"})),
    responses((status = 200, description = "The request", body = RedressView), Problems))]
#[post("/redress/{redress}/examine")]
async fn examine_redress(ask: Ask<RedressFinding>, path: Path<Uuid>) -> Reply<RedressView> {
    let id = path.into_inner();
    Reply::ok(decision::examine_redress(&ask.service, ask.context, id, ask.input).await)
}

/// Record, as the chair of the steering committee, whether a request is upheld, and why; the coordinator hears of it.
#[utoipa::path(tag = "redress", request_body(content = RedressDecision, example = json!({
    "upheld": true, "because": "Written procedure of 3 May: a step of the call text was left out"})),
    responses((status = 200, description = "The request", body = RedressView), Problems))]
#[post("/redress/{redress}/decide")]
async fn decide_redress(ask: Ask<RedressDecision>, path: Path<Uuid>) -> Reply<RedressView> {
    let id = path.into_inner();
    Reply::ok(decision::decide_redress(&ask.service, ask.context, id, ask.input).await)
}

/// Record, as the chair of the panel, what the panel agrees on after redress was upheld; the next version of the ranking list is adopted with it.
#[utoipa::path(tag = "redress", request_body(content = Reevaluation, example = json!({
    "scores": {"excellence": "4.5", "impact": "4.0", "implementation": "4.0"}, "rating": "recommended",
    "comment": "With the third review the panel finds the approach sound."})),
    responses((status = 200, description = "The request", body = RedressView), Problems))]
#[post("/redress/{redress}/reevaluate")]
async fn reevaluate_proposal(ask: Ask<Reevaluation>, path: Path<Uuid>) -> Reply<RedressView> {
    let id = path.into_inner();
    Reply::ok(decision::reevaluate_proposal(&ask.service, ask.context, id, ask.input).await)
}

/// Settle a request that was upheld with a letter to the coordinator, which stands with those of the proposal. A dry run answers the letter as it would go out.
#[utoipa::path(tag = "redress", request_body(content = SettleInput, example = json!({
    "remark": "The steering committee regrets the mistake."})),
    responses((status = 200, description = "The letter", body = LetterView), Problems))]
#[post("/redress/{redress}/settle")]
async fn settle_redress(ask: Ask<SettleInput>, path: Path<Uuid>) -> Reply<LetterView> {
    let id = path.into_inner();
    Reply::ok(decision::settle_redress(&ask.service, ask.context, id, ask.input).await)
}

/// The Commission's package on a call whose selection is final, as an archive (ZIP): ranking lists, conformity report, selection list, commitments on availability of funds, participants, principal investigators and abstracts as PDF, XLSX and CSV, the Commission's own forms unchanged, and the SHA-256 of each. In a call of Horizon Europe it tells of all proposals. Refused to whoever has a conflict of interest with one of them.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The archive", content((FileBytes = "application/zip"))), Problems))]
#[get("/calls/{call}/package")]
async fn read_package(ask: Ask, path: Path<Uuid>) -> Download {
    Download(decision::read_package(&ask.service, ask.context, path.into_inner()).await)
}
