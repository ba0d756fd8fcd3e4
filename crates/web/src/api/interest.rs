//! Where calls begin: members' interest in action items, ideas for calls, requests to join.

use actix_web::web::Path;
use actix_web::{delete, get, post, put};
use service::agenda::{self, InterestInput, InterestMatrix};
use service::call::{self, JoinInput, JoinRequests, Memorandum, Reason};
use service::view::call::CallView;
use service::view::interest::{InterestView, JoinRequestView};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_interests)
        .service(state_interest)
        .service(withdraw_interest)
        .service(prepare_call)
        .service(list_join_requests)
        .service(ask_to_join)
        .service(decline_join_request);
}

/// Which members are interested in which action items, and where enough of them meet for a call.
#[utoipa::path(tag = "agenda", responses((status = 200, description = "Items by members", body = InterestMatrix), Problems))]
#[get("/agendas/{agenda}/interests")]
async fn list_interests(ask: Ask, path: Path<String>) -> Reply<InterestMatrix> {
    Reply::ok(agenda::list_interests(&ask.service, ask.context, path.into_inner()).await)
}

/// State a member's interest in an action item, or change it.
#[utoipa::path(tag = "agenda", request_body(content = InterestInput, example = json!({
    "amount": "1500000.00", "remark": "Our hospitals have the data"})),
    responses((status = 200, description = "The interest", body = InterestView), Problems))]
#[put("/agendas/{agenda}/action-items/{item}/interests/{organisation}")]
async fn state_interest(
    ask: Ask<InterestInput>,
    path: Path<(String, String, String)>,
) -> Reply<InterestView> {
    let (code, item, organisation) = path.into_inner();
    let (service, input) = (ask.service, ask.input);
    Reply::ok(agenda::state_interest(&service, ask.context, code, item, organisation, input).await)
}

/// Take a member's interest in an action item back.
#[utoipa::path(tag = "agenda", responses((status = 200, description = "Items by members", body = InterestMatrix), Problems))]
#[delete("/agendas/{agenda}/action-items/{item}/interests/{organisation}")]
async fn withdraw_interest(
    ask: Ask,
    path: Path<(String, String, String)>,
) -> Reply<InterestMatrix> {
    let (code, item, organisation) = path.into_inner();
    Reply::ok(agenda::withdraw_interest(&ask.service, ask.context, code, item, organisation).await)
}

/// Turn a call idea into a draft, on the members' memorandum of understanding.
#[utoipa::path(tag = "calls", request_body(content = Memorandum, example = json!({
    "memorandum": "Signed by 12 members on 3 March 2031, kept by the secretariat as MoU-2031"})),
    responses((status = 200, description = "The draft", body = CallView), Problems))]
#[post("/calls/{call}/prepare")]
async fn prepare_call(ask: Ask<Memorandum>, path: Path<Uuid>) -> Reply<CallView> {
    Reply::ok(call::prepare_call(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// The requests to join the call.
#[utoipa::path(tag = "calls", responses((status = 200, description = "The requests", body = JoinRequests), Problems))]
#[get("/calls/{call}/join-requests")]
async fn list_join_requests(ask: Ask, path: Path<Uuid>) -> Reply<JoinRequests> {
    Reply::ok(call::list_join_requests(&ask.service, ask.context, path.into_inner()).await)
}

/// Ask for an organisation to join the call as a funder.
#[utoipa::path(tag = "calls", request_body(content = JoinInput, example = json!({
    "organisation": "SE-VINNOVA", "amount": "1000000.00", "remark": "Our board agreed in May"})),
    responses((status = 201, description = "The request", body = JoinRequestView), Problems))]
#[post("/calls/{call}/join-requests")]
async fn ask_to_join(ask: Ask<JoinInput>, path: Path<Uuid>) -> Reply<JoinRequestView> {
    Reply::created(call::ask_to_join(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Decline that an organisation joins the call.
#[utoipa::path(tag = "calls", request_body(content = Reason, example = json!({"reason": "The call is closed to further funders"})),
    responses((status = 200, description = "The request", body = JoinRequestView), Problems))]
#[post("/join-requests/{request}/decline")]
async fn decline_join_request(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<JoinRequestView> {
    Reply::ok(
        call::decline_join_request(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}
