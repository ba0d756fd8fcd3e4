//! Balance, invitations, the selection and its lines, letters, funded projects, the audit trail.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use call::BalancingPolicy;
use commitment::{Adoption, Balance};
use serde::Deserialize;
use service::audit::{self, Export};
use service::call::{MappingInput, Reason};
use service::commitment::{self as decision, DefaultInput, InvitationsInput};
use service::view::audit::AuditHeads;
use service::view::commitment::{
    DefaultView, FundedProjects, InvitationsView, Letters, LineView, SelectionView,
};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_balance)
        .service(plan_invitations)
        .service(decide_invitations)
        .service(propose_selection)
        .service(current_selection)
        .service(read_selection)
        .service(adopt_selection)
        .service(confirm_selection)
        .service(read_line)
        .service(accept_line)
        .service(refuse_line)
        .service(record_default)
        .service(read_default)
        .service(preview_letters)
        .service(release_letters)
        .service(read_letters)
        .service(list_funded)
        .service(classify_project)
        .service(read_audit_heads)
        .service(export_call);
}

/// How far requests may exceed commitments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// The most that requested by committed may be in aggregate, with at most two decimals; usually 3.0.
    #[param(
        example = "3.0",
        pattern = "^(0[.](0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,8}([.][0-9]{1,2})?)$"
    )]
    pub limit_ratio: Option<String>,
}

/// Which policy of balancing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct By {
    /// The policy; left out, that of the call's rules, else one limit on all funders together.
    pub policy: Option<BalancingPolicy>,
}

/// Requested against committed, per funder and in all, over the eligible proposals of a stage.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The balance", body = Balance), Problems))]
#[get("/calls/{call}/stages/{stage}/balance")]
async fn read_balance(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Balance> {
    let (call, stage) = path.into_inner();
    Reply::ok(decision::read_balance(&ask.service, ask.context, call, stage).await)
}

/// Whom to invite to the full stage: a proposal down the ranking, or what the committee decided.
#[utoipa::path(tag = "decision", params(Limit, By), responses((status = 200, description = "The invitations", body = InvitationsView), Problems))]
#[get("/calls/{call}/stages/{stage}/invitations")]
async fn plan_invitations(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    limit: Query<Limit>,
    by: Query<By>,
) -> Reply<InvitationsView> {
    let (call, stage) = path.into_inner();
    let limit = limit.into_inner().limit_ratio;
    let policy = by.policy;
    let plan = decision::plan_invitations(&ask.service, ask.context, call, stage, limit, policy);
    Reply::ok(plan.await)
}

/// Record whom the steering committee invites; all others that were evaluated are not invited.
#[utoipa::path(tag = "decision", request_body(content = InvitationsInput, example = json!({
    "invited": [{"proposal": "01936f3e-8b1a-7c2d-9e4f-0123456789ab", "conditions": [
        {"demand": {"kind": "add_partner", "funders": ["PL-NCBR"]}, "until": "2097-05-20T15:00:00Z"},
        {"demand": {"kind": "other", "text": "Name who leads the trial"}, "until": "2097-06-01T15:00:00Z"}]}],
    "policy": "per_funder_with_gaps", "limit_ratio": "3.0",
    "deviations": [{"proposal": "01936f3e-8b1a-7c2d-9e4f-0123456789ab", "reason": "No other on rare diseases"}],
    "under_represented": ["PL-NCBR"],
    "reason": "Decided by the steering committee on 12 May"})),
    responses((status = 200, description = "The invitations", body = InvitationsView), Problems))]
#[post("/calls/{call}/stages/{stage}/invitations")]
async fn decide_invitations(
    ask: Ask<InvitationsInput>,
    path: Path<(Uuid, i32)>,
) -> Reply<InvitationsView> {
    let (call, stage) = path.into_inner();
    Reply::ok(decision::decide_invitations(&ask.service, ask.context, call, stage, ask.input).await)
}

/// Propose a selection: down the ranking under the funders' commitments.
#[utoipa::path(tag = "decision", responses((status = 201, description = "The selection", body = SelectionView), Problems))]
#[post("/calls/{call}/selection")]
async fn propose_selection(ask: Ask, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::created(decision::propose_selection(&ask.service, ask.context, path.into_inner()).await)
}

/// The latest selection of a call.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[get("/calls/{call}/selection")]
async fn current_selection(ask: Ask, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::ok(decision::current_selection(&ask.service, ask.context, path.into_inner()).await)
}

/// Read a selection.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[get("/selections/{selection}")]
async fn read_selection(ask: Ask, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::ok(decision::read_selection(&ask.service, ask.context, path.into_inner()).await)
}

/// Record how the steering committee adopted a selection.
#[utoipa::path(tag = "decision", request_body(content = Adoption, example = json!({
    "procedure": "meeting", "attendance": ["DE-BMBF", "SE-VINNOVA", "PL-NCBR"],
    "votes": [{"member": "DE-BMBF", "vote": "for"}, {"member": "SE-VINNOVA", "vote": "for"},
              {"member": "PL-NCBR", "vote": "abstain"}],
    "minutes": "Minutes of 3 July, item 4",
    "tie_reason": "The second of the two equals is the better in excellence"})),
    responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[post("/selections/{selection}/adopt")]
async fn adopt_selection(ask: Ask<Adoption>, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::ok(
        decision::adopt_selection(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}

/// Confirm the decision as the committee's chair; the funders are asked to accept their lines.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[post("/selections/{selection}/confirm")]
async fn confirm_selection(ask: Ask, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::ok(decision::confirm_selection(&ask.service, ask.context, path.into_inner()).await)
}

/// Read a funder's line of a selection.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The line", body = LineView), Problems))]
#[get("/selections/{selection}/lines/{organisation}")]
async fn read_line(ask: Ask, path: Path<(Uuid, String)>) -> Reply<LineView> {
    let (selection, organisation) = path.into_inner();
    Reply::ok(decision::read_line(&ask.service, ask.context, selection, organisation).await)
}

/// Accept your funder's line; the last one to be accepted makes the selection final.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[post("/selections/{selection}/lines/{organisation}/accept")]
async fn accept_line(ask: Ask, path: Path<(Uuid, String)>) -> Reply<SelectionView> {
    let (selection, organisation) = path.into_inner();
    Reply::ok(decision::accept_line(&ask.service, ask.context, selection, organisation).await)
}

/// Refuse your funder's line: this selection cannot become final.
#[utoipa::path(tag = "decision", request_body(content = Reason, example = json!({"reason": "The ministry froze the programme"})),
    responses((status = 200, description = "The selection", body = SelectionView), Problems))]
#[post("/selections/{selection}/lines/{organisation}/refuse")]
async fn refuse_line(ask: Ask<Reason>, path: Path<(Uuid, String)>) -> Reply<SelectionView> {
    let (selection, organisation) = path.into_inner();
    Reply::ok(
        decision::refuse_line(
            &ask.service,
            ask.context,
            selection,
            organisation,
            ask.input,
        )
        .await,
    )
}

/// Record that a funder does not pay its line of the final selection, where that stands, and which projects go on without its money. The selection is then amended because of it.
#[utoipa::path(tag = "decision", request_body(content = DefaultInput, example = json!({
    "reason": "The ministry withdrew the programme", "evidence": "Letter of the ministry of 3 March 2027",
    "goes_on": [{"proposal": "JTC2026-001", "how": "own_means"}]})),
    responses((status = 201, description = "The default, and which projects can go on", body = DefaultView), Problems))]
#[post("/selections/{selection}/lines/{organisation}/default")]
async fn record_default(ask: Ask<DefaultInput>, path: Path<(Uuid, String)>) -> Reply<DefaultView> {
    let (selection, organisation) = path.into_inner();
    Reply::created(
        decision::record_default(
            &ask.service,
            ask.context,
            selection,
            organisation,
            ask.input,
        )
        .await,
    )
}

/// That a funder does not pay its line of a selection, and which projects can go on.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The default, and which projects can go on", body = DefaultView), Problems))]
#[get("/selections/{selection}/lines/{organisation}/default")]
async fn read_default(ask: Ask, path: Path<(Uuid, String)>) -> Reply<DefaultView> {
    let (selection, organisation) = path.into_inner();
    Reply::ok(decision::read_default(&ask.service, ask.context, selection, organisation).await)
}

/// The letters of a stage, as they would be sent now or as they were.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The letters", body = Letters), Problems))]
#[get("/calls/{call}/stages/{stage}/letters")]
async fn preview_letters(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Letters> {
    let (call, stage) = path.into_inner();
    Reply::ok(decision::preview_letters(&ask.service, ask.context, call, stage).await)
}

/// Release all letters of a stage together.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The letters", body = Letters), Problems))]
#[post("/calls/{call}/stages/{stage}/letters/release")]
async fn release_letters(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Letters> {
    let (call, stage) = path.into_inner();
    Reply::ok(decision::release_letters(&ask.service, ask.context, call, stage).await)
}

/// The letters released on a proposal.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The letters", body = Letters), Problems))]
#[get("/proposals/{proposal}/letters")]
async fn read_letters(ask: Ask, path: Path<Uuid>) -> Reply<Letters> {
    Reply::ok(decision::read_letters(&ask.service, ask.context, path.into_inner()).await)
}

/// The funded projects, once the letters are out; for the steering committee, the secretariat and the observer once the selection is final.
#[utoipa::path(tag = "decision", security(()), responses((status = 200, description = "The projects", body = FundedProjects), Problems))]
#[get("/calls/{call}/funded")]
async fn list_funded(ask: PublicAsk, path: Path<Uuid>) -> Reply<FundedProjects> {
    Reply::ok(decision::list_funded(&ask.service, ask.context, path.into_inner()).await)
}

/// Say which action items of an agenda a funded project serves; the list of funded projects is what If-Match names.
#[utoipa::path(tag = "decision", request_body(content = MappingInput, example = json!({
    "agenda": "icpermed-2017", "items": [{"number": "A.7"}, {"number": "A.13"}]})),
    responses((status = 200, description = "The projects", body = FundedProjects), Problems))]
#[put("/proposals/{proposal}/action-items")]
async fn classify_project(ask: Ask<MappingInput>, path: Path<Uuid>) -> Reply<FundedProjects> {
    Reply::ok(
        decision::classify_project(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}

/// The signed heads of the call's audit chain.
#[utoipa::path(tag = "audit", responses((status = 200, description = "The heads", body = AuditHeads), Problems))]
#[get("/calls/{call}/audit/heads")]
async fn read_audit_heads(ask: Ask, path: Path<Uuid>) -> Reply<AuditHeads> {
    Reply::ok(audit::read_audit_heads(&ask.service, ask.context, path.into_inner()).await)
}

/// Export the call's audit trail with all that `jtc verify` needs.
#[utoipa::path(tag = "audit", responses((status = 200, description = "The export", body = Export), Problems))]
#[get("/calls/{call}/export")]
async fn export_call(ask: Ask, path: Path<Uuid>) -> Reply<Export> {
    Reply::ok(audit::export_call(&ask.service, ask.context, path.into_inner()).await)
}
