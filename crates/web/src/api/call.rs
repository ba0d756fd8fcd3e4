//! Calls, their mapping, their funders and commitments.

use ::call::CallFile;
use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use serde::Deserialize;
use service::call::{
    self, Amendment, CallCheck, CallInput, Calls, CopyInput, FunderInput, Funders, Leaving,
    MappingInput, NationalAnnex, NewDeadline, PledgeInput, Reason, TermsInput,
};
use service::view::call::CallView;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_calls)
        .service(draft_call)
        .service(read_call)
        .service(edit_call)
        .service(map_call)
        .service(list_funders)
        .service(add_funder)
        .service(remove_funder)
        .service(set_terms)
        .service(national_annex)
        .service(pledge_commitment)
        .service(approve_call)
        .service(pre_announce_call)
        .service(open_call)
        .service(cancel_call)
        .service(extend_stage)
        .service(shorten_stage)
        .service(check_call)
        .service(copy_call)
        .service(export_call_file)
        .service(import_call_file)
        .service(amend_call);
}

/// Where a list goes on, and how long a page is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The `next` of the page before.
    pub cursor: Option<Uuid>,
    /// How many items; more than 200 are never given at once, usually 50.
    #[serde(default = "usual")]
    #[param(minimum = 0, maximum = 65535)]
    pub limit: u16,
}

pub(super) fn usual() -> u16 {
    50
}

/// Calls: the published ones and those in which you wear a role.
#[utoipa::path(tag = "calls", security(()), params(Paging), responses((status = 200, description = "A page of calls", body = Calls, headers(("Link" = String, description = "The next page, where there is one (RFC 8288)"))), Problems))]
#[get("/calls")]
async fn list_calls(ask: PublicAsk, paging: Query<Paging>) -> Reply<Calls> {
    let page = call::list_calls(&ask.service, ask.context, paging.cursor, paging.limit).await;
    Reply::page(page, |page| page.next.as_ref())
}

/// Draft a call; you become its secretariat.
#[utoipa::path(tag = "calls", request_body(content = CallInput, example = json!({
    "code": "JTC2031", "title": "Clinical support tools", "topic": "Tools that support decisions in the clinic",
    "year": 2031, "stages": [
        {"opens_at": "2030-11-20T09:00:00Z", "deadline": {"at": "2031-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2031, 17:00 CET"}},
        {"opens_at": "2031-05-05T09:00:00Z", "deadline": {"at": "2031-06-17T15:00:00Z", "zone": "Europe/Paris", "label": "17 June 2031, 17:00 CEST"}}],
    "milestones": [
        {"kind": "panel", "at": {"at": "2031-09-24T07:00:00Z", "zone": "Europe/Paris", "label": "24 September 2031"}}]})),
    responses((status = 201, description = "The draft", body = CallView), Problems))]
#[post("/calls")]
async fn draft_call(ask: Ask<CallInput>) -> Reply<CallView> {
    Reply::created(call::draft_call(&ask.service, ask.context, ask.input).await)
}

/// Read a call.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The call", body = CallView), Problems))]
#[get("/calls/{call}")]
async fn read_call(ask: PublicAsk, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::read_call(&ask.service, ask.context, path.into_inner()).await)
}

/// Rewrite a draft call.
#[utoipa::path(tag = "calls", request_body(content = CallInput, example = json!({
    "code": "JTC2031", "title": "Clinical support tools", "topic": "Tools that support decisions in the clinic",
    "year": 2031, "stages": [
        {"opens_at": "2030-11-20T09:00:00Z", "deadline": {"at": "2031-03-04T16:00:00Z", "zone": "Europe/Paris", "label": "4 March 2031, 17:00 CET"}},
        {"opens_at": "2031-05-05T09:00:00Z", "deadline": {"at": "2031-06-17T15:00:00Z", "zone": "Europe/Paris", "label": "17 June 2031, 17:00 CEST"}}]})),
    responses((status = 200, description = "The draft", body = CallView), Problems))]
#[put("/calls/{call}")]
async fn edit_call(ask: Ask<CallInput>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::edit_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Map a call to the action items of one agenda; its mappings to others stay.
#[utoipa::path(tag = "calls", request_body(content = MappingInput, example = json!({
    "agenda": "icpermed-2017", "items": [{"number": "A.7", "share": 6000}, {"number": "A.13", "share": 4000}]})),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[put("/calls/{call}/action-items")]
async fn map_call(ask: Ask<MappingInput>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::map_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// The funders of a call; their commitments are shown to the steering committee, the secretariat and the observer.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The funders", body = Funders), Problems))]
#[get("/calls/{call}/funders")]
async fn list_funders(ask: PublicAsk, path: Path<Uuid>) -> Reply<Funders> {
    Reply::ok(call::list_funders(&ask.service, ask.context, path.into_inner()).await)
}

/// Add a funder.
#[utoipa::path(tag = "calls", request_body(content = FunderInput, example = json!({
    "organisation": "SE-VINNOVA", "terms": {"ceilings": [{"scope": "partner", "max": "300000.00", "consequence": "cut"}]}})),
    responses((status = 201, description = "The funders", body = Funders), Problems))]
#[post("/calls/{call}/funders")]
async fn add_funder(ask: Ask<FunderInput>, path: Path<Uuid>) -> Reply<Funders> {
    Reply::created(call::add_funder(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Let a funder leave the call; a dry run says what that breaks.
#[utoipa::path(tag = "calls", request_body(content = Leaving, example = json!({
    "reason": "The ministry's budget was cut", "despite_breaking": true})),
    responses((status = 200, description = "The funders left", body = Funders), Problems))]
#[post("/calls/{call}/funders/{organisation}/leave")]
async fn remove_funder(ask: Ask<Leaving>, path: Path<(Uuid, String)>) -> Reply<Funders> {
    let (call, organisation) = path.into_inner();
    Reply::ok(call::remove_funder(&ask.service, ask.context, call, organisation, ask.input).await)
}

/// Set the terms on which a funder takes part; a dry run says what that breaks.
#[utoipa::path(tag = "calls", request_body(content = TermsInput, example = json!({
    "terms": {"ceilings": [
        {"scope": "partner", "max": "300000.00"},
        {"scope": "partners_in_proposal", "max": "400000.00", "when": {"partners_min": 2}}],
        "overheads": {"share_max": "20.00", "without": ["equipment", "subcontracting"]},
        "documents": [{"title": "Application to the funder", "due": {"near": {"stage": 1, "days": 5, "working": true}}}]},
    "reason": "The ministry raised its limit"})),
    responses((status = 200, description = "The funders", body = Funders), Problems))]
#[put("/calls/{call}/funders/{organisation}/terms")]
async fn set_terms(ask: Ask<TermsInput>, path: Path<(Uuid, String)>) -> Reply<Funders> {
    let (call, organisation) = path.into_inner();
    Reply::ok(call::set_terms(&ask.service, ask.context, call, organisation, ask.input).await)
}

/// The national annex of the guidelines: the funders' terms as applicants read them.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The annex", body = NationalAnnex), Problems))]
#[get("/calls/{call}/annex")]
async fn national_annex(ask: PublicAsk, path: Path<Uuid>) -> Reply<NationalAnnex> {
    Reply::ok(call::national_annex(&ask.service, ask.context, path.into_inner()).await)
}

/// Pledge or change a funder's commitment: the indicative one, or the signed one on availability of funds.
///
/// The amount is in the call's currency, or own_amount in the funder's, at the rate of its terms. If-Match is that of
/// the funders.
#[utoipa::path(tag = "calls", request_body(content = PledgeInput, example = json!({
    "amount": "2500000.00", "reason": "Letter of commitment of 12 October"})),
    responses((status = 200, description = "The funders", body = Funders), Problems))]
#[put("/calls/{call}/funders/{organisation}/commitment")]
async fn pledge_commitment(ask: Ask<PledgeInput>, path: Path<(Uuid, String)>) -> Reply<Funders> {
    let (call, organisation) = path.into_inner();
    Reply::ok(
        call::pledge_commitment(&ask.service, ask.context, call, organisation, ask.input).await,
    )
}

/// Approve the draft for the steering committee.
#[utoipa::path(tag = "calls", responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/approve")]
async fn approve_call(ask: Ask, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::approve_call(&ask.service, ask.context, path.into_inner()).await)
}

/// Pre-announce the approved call: the public sees it.
#[utoipa::path(tag = "calls", responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/pre-announce")]
async fn pre_announce_call(ask: Ask, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::pre_announce_call(&ask.service, ask.context, path.into_inner()).await)
}

/// Publish and open the call.
#[utoipa::path(tag = "calls", responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/open")]
async fn open_call(ask: Ask, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::open_call(&ask.service, ask.context, path.into_inner()).await)
}

/// Cancel the call.
#[utoipa::path(tag = "calls", request_body(content = Reason, example = json!({"reason": "The funders withdrew"})),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/cancel")]
async fn cancel_call(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::cancel_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Move a stage's deadline to a later time.
#[utoipa::path(tag = "calls", request_body(content = NewDeadline, example = json!({
    "deadline": {"at": "2099-03-11T16:00:00Z", "zone": "Europe/Paris", "label": "11 March 2099, 17:00 CET"},
    "reason": "The submission site was down for a day"})),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/stages/{stage}/extend")]
async fn extend_stage(ask: Ask<NewDeadline>, path: Path<(Uuid, i32)>) -> Reply<CallView> {
    let (id, number) = path.into_inner();
    Reply::ok(call::extend_stage(&ask.service, ask.context, id, number, ask.input).await)
}

/// Move the deadline of a rehearsal's stage to an earlier time.
#[utoipa::path(tag = "calls", request_body(content = NewDeadline, example = json!({
    "deadline": {"at": "2097-03-11T16:00:00Z", "zone": "Europe/Paris", "label": "11 March 2097, 17:00 CET"},
    "reason": "The rehearsal goes on"})),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/stages/{stage}/shorten")]
async fn shorten_stage(ask: Ask<NewDeadline>, path: Path<(Uuid, i32)>) -> Reply<CallView> {
    let (id, number) = path.into_inner();
    Reply::ok(call::shorten_stage(&ask.service, ask.context, id, number, ask.input).await)
}

/// Everything that stands in the way of publishing the call, and what is doubtful.
#[utoipa::path(tag = "calls", responses((status = 200, description = "What was found", body = CallCheck), Problems))]
#[get("/calls/{call}/check")]
async fn check_call(ask: Ask, path: Path<Uuid>) -> Reply<CallCheck> {
    Reply::ok(call::check_call(&ask.service, ask.context, path.into_inner()).await)
}

/// Draft a call after this one: its rules, calendar, mapping and funders.
#[utoipa::path(tag = "calls", request_body(content = CopyInput, example = json!({
    "code": "JTC2032", "title": "Prevention in personalised medicine", "year": 2032, "weeks": 52})),
    responses((status = 201, description = "The draft", body = CallView), Problems))]
#[post("/calls/{call}/copy")]
async fn copy_call(ask: Ask<CopyInput>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::created(call::copy_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// The call's set-up as a file; commitments are in it for the steering committee, the secretariat and the observer.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The file", body = CallFile), Problems))]
#[get("/calls/{call}/file")]
async fn export_call_file(ask: PublicAsk, path: Path<Uuid>) -> Reply<CallFile> {
    Reply::ok(call::export_call_file(&ask.service, ask.context, path.into_inner()).await)
}

/// Draft a call from a file, with its funders and what they commit; you become its secretariat.
#[utoipa::path(tag = "calls", request_body(content = CallFile, example = json!({
    "code": "JTC2033", "title": "Personalised prevention", "topic": "Prevention by risk", "year": 2033,
    "serves": [{"agenda": "icpermed-2017", "items": [{"item": "A.7"}]}],
    "doubts": [{"at": "/budget", "standing": "not_known", "note": "Not announced yet."}],
    "calendar": {"stages": [{
        "opens_at": "2032-11-22T09:00:00Z",
        "deadline": {"at": "2033-03-03T16:00:00Z", "zone": "Europe/Paris", "label": "3 March 2033, 17:00 CET"}}]},
    "rules": {"stages": [{
        "kind": "full_proposal",
        "consortium": {"partners_min": 3, "partners_max": 6, "countries_min": 3, "eu_or_associated_min": 2,
            "own_funded_max": 1, "coordinator_asks_money": true},
        "texts": [{"key": "summary", "title": "Summary", "max_characters": 2000}]}]},
    "funders": [{"organisation": "DE-BMBF", "commitment": "3000000.00", "terms": {}}]})),
    responses((status = 201, description = "The draft", body = CallView), Problems))]
#[post("/calls/import")]
async fn import_call_file(ask: Ask<CallFile>) -> Reply<CallView> {
    Reply::created(call::import_call_file(&ask.service, ask.context, ask.input).await)
}

/// Amend the published call; a dry run says what that breaks.
#[utoipa::path(tag = "calls", request_body(content = Amendment, example = json!({
    "title": "Clinical support tools and their use", "reason": "The title was too narrow"})),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[post("/calls/{call}/amend")]
async fn amend_call(ask: Ask<Amendment>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::amend_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}
