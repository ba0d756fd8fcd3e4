//! Requests for exceptions to rules of a call, which the steering committee decides.

use actix_web::web::Path;
use actix_web::{get, post, put};
use service::intake::{
    self as intakes, CommentInput, StandInput, WaiverDecision, WaiverInput, Waivers,
};
use service::view::intake::WaiverView;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(ask_waiver)
        .service(list_waivers)
        .service(list_call_waivers)
        .service(comment_waiver)
        .service(take_stand)
        .service(decide_waiver);
}

/// Ask, for your proposal, for an exception to a rule: granted, the rule stands no more in the way of its check and submission in this stage.
#[utoipa::path(tag = "eligibility", request_body(content = WaiverInput, example = json!({
    "rule": "coordinator_changed", "reasons": "The coordinator has moved to a country without a funder"})),
    responses((status = 201, description = "The request", body = WaiverView), Problems))]
#[post("/proposals/{proposal}/waivers")]
async fn ask_waiver(ask: Ask<WaiverInput>, path: Path<Uuid>) -> Reply<WaiverView> {
    let id = path.into_inner();
    Reply::created(intakes::ask_waiver(&ask.service, ask.context, id, ask.input).await)
}

/// The requests for exceptions of a proposal: for its coordinator, and for the committee with what it says of them.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The requests", body = Waivers), Problems))]
#[get("/proposals/{proposal}/waivers")]
async fn list_waivers(ask: Ask, path: Path<Uuid>) -> Reply<Waivers> {
    Reply::ok(intakes::list_waivers(&ask.service, ask.context, path.into_inner()).await)
}

/// The requests for exceptions of a call, for the committee.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The requests", body = Waivers), Problems))]
#[get("/calls/{call}/waivers")]
async fn list_call_waivers(ask: Ask, path: Path<Uuid>) -> Reply<Waivers> {
    Reply::ok(intakes::list_call_waivers(&ask.service, ask.context, path.into_inner()).await)
}

/// Comment a request for the committee, as the secretariat.
#[utoipa::path(tag = "eligibility", request_body(content = CommentInput, example = json!({"comment": "A like request was granted in 2024"})),
    responses((status = 200, description = "The request", body = WaiverView), Problems))]
#[put("/waivers/{waiver}/comment")]
async fn comment_waiver(ask: Ask<CommentInput>, path: Path<Uuid>) -> Reply<WaiverView> {
    let id = path.into_inner();
    Reply::ok(intakes::comment_waiver(&ask.service, ask.context, id, ask.input).await)
}

/// State what your organisation holds of a request, or change it while it waits.
#[utoipa::path(tag = "eligibility", request_body(content = StandInput, example = json!({"stand": "for", "remark": "Her group stays whole"})),
    responses((status = 200, description = "The request", body = WaiverView), Problems))]
#[put("/waivers/{waiver}/stands/{organisation}")]
async fn take_stand(ask: Ask<StandInput>, path: Path<(Uuid, String)>) -> Reply<WaiverView> {
    let (id, organisation) = path.into_inner();
    Reply::ok(intakes::take_stand(&ask.service, ask.context, id, organisation, ask.input).await)
}

/// Record whether the committee grants a request, and why; the coordinator hears of it.
#[utoipa::path(tag = "eligibility", request_body(content = WaiverDecision, example = json!({"granted": true, "because": "Written procedure of 3 May: nobody against"})),
    responses((status = 200, description = "The request", body = WaiverView), Problems))]
#[post("/waivers/{waiver}/decide")]
async fn decide_waiver(ask: Ask<WaiverDecision>, path: Path<Uuid>) -> Reply<WaiverView> {
    let id = path.into_inner();
    Reply::ok(intakes::decide_waiver(&ask.service, ask.context, id, ask.input).await)
}
