//! Commitments of funders with their signed documents, and the balance of the first stage.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use service::call::Reason;
use service::commitment::{self as decision, Signature};
use service::intake::Note;
use service::view::commitment::{BalancingView, Commitments, SignedDocument};
use uuid::Uuid;

use super::commitment::Limit;
use super::document::FileBytes;
use crate::api::Routes;
use crate::{Ask, Download, FileBody, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_commitments)
        .service(unfreeze_commitment)
        .service(file_signed_document)
        .service(read_signed_document)
        .service(read_commitment_note)
        .service(write_commitment_note)
        .service(compare_policies);
}

/// What the funders of the call commit, with every pledge, the signed documents, and whether the budget is frozen.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The commitments", body = Commitments), Problems))]
#[get("/calls/{call}/commitments")]
async fn read_commitments(ask: Ask, path: Path<Uuid>) -> Reply<Commitments> {
    Reply::ok(decision::read_commitments(&ask.service, ask.context, path.into_inner()).await)
}

/// Let a funder change its commitment once although the budget is frozen. If-Match is that of the commitments.
#[utoipa::path(tag = "decision", request_body(content = Reason, example = json!({
    "reason": "The ministry cut its programme; agreed at the meeting of 2 July"})),
    responses((status = 200, description = "The commitments", body = Commitments), Problems))]
#[post("/calls/{call}/funders/{organisation}/commitment/unfreeze")]
async fn unfreeze_commitment(ask: Ask<Reason>, path: Path<(Uuid, String)>) -> Reply<Commitments> {
    let (call, organisation) = path.into_inner();
    let done =
        decision::unfreeze_commitment(&ask.service, ask.context, call, organisation, ask.input);
    Reply::ok(done.await)
}

/// File a signed document of a funder's commitment, with who signed it; a pledge names it by its SHA-256.
///
/// The body is the PDF itself, at most 10 MiB.
#[utoipa::path(tag = "decision", params(Signature), request_body(content(
        (FileBytes = "application/pdf", example = json!("%PDF-1.7\n%%EOF\n")))),
    responses((status = 201, description = "The document", body = SignedDocument), Problems))]
#[post("/calls/{call}/funders/{organisation}/commitment/documents")]
async fn file_signed_document(
    ask: Ask<FileBody>,
    path: Path<(Uuid, String)>,
    signature: Query<Signature>,
) -> Reply<SignedDocument> {
    let (call, organisation) = path.into_inner();
    let filed = decision::file_signed_document(
        &ask.service,
        ask.context,
        call,
        organisation,
        signature.into_inner(),
        ask.input.0,
    );
    Reply::created(filed.await)
}

/// The bytes of a signed document of a funder's commitment, to be kept as a file; its ETag is their SHA-256.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The file", content(
        (FileBytes = "application/pdf"))), Problems))]
#[get("/calls/{call}/funders/{organisation}/commitment/documents/{sha256}")]
async fn read_signed_document(ask: Ask, path: Path<(Uuid, String, String)>) -> Download {
    let (call, organisation, sha256) = path.into_inner();
    let read =
        decision::read_signed_document(&ask.service, ask.context, call, organisation, sha256);
    Download(read.await)
}

/// What your own funder notes on its commitment.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The note; empty where there is none", body = Note), Problems))]
#[get("/calls/{call}/funders/{organisation}/commitment/note")]
async fn read_commitment_note(ask: Ask, path: Path<(Uuid, String)>) -> Reply<Note> {
    let (call, organisation) = path.into_inner();
    Reply::ok(decision::read_commitment_note(&ask.service, ask.context, call, organisation).await)
}

/// Write your own funder's note on its commitment. Nobody outside the funder reads it.
#[utoipa::path(tag = "decision", request_body(content = Note, example = json!({
    "text": "The ministry lets us go up to 2.8 million"})),
    responses((status = 200, description = "The note", body = Note), Problems))]
#[put("/calls/{call}/funders/{organisation}/commitment/note")]
async fn write_commitment_note(ask: Ask<Note>, path: Path<(Uuid, String)>) -> Reply<Note> {
    let (call, organisation) = path.into_inner();
    let written =
        decision::write_commitment_note(&ask.service, ask.context, call, organisation, ask.input);
    Reply::ok(written.await)
}

/// Requested against committed as the eligible proposals stand, and whom each policy of balancing would invite or leave out, and why.
#[utoipa::path(tag = "decision", params(Limit), responses((status = 200, description = "The balance, and what each policy makes of it", body = BalancingView), Problems))]
#[get("/calls/{call}/stages/{stage}/balancing")]
async fn compare_policies(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    limit: Query<Limit>,
) -> Reply<BalancingView> {
    let (call, stage) = path.into_inner();
    let limit = limit.into_inner().limit_ratio;
    Reply::ok(decision::compare_policies(&ask.service, ask.context, call, stage, limit).await)
}
