//! Conflicts of interest of the secretariat, the chairs, the committee and the funders.

use actix_web::web::Path;
use actix_web::{get, post};
use service::review::conflict::Verdict;
use service::review::own_conflict::{self, OwnConflict, OwnConflicts};
use service::review::own_verdict;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_own_conflicts)
        .service(declare_own_conflict)
        .service(judge_own_conflict);
}

/// Conflicts of people with a role in the call, declared, noted or detected: all for the secretariat, the own for others.
#[utoipa::path(tag = "conflicts", responses((status = 200, description = "The conflicts", body = OwnConflicts), Problems))]
#[get("/calls/{call}/own-conflicts")]
async fn read_own_conflicts(ask: Ask, path: Path<Uuid>) -> Reply<OwnConflicts> {
    Reply::ok(own_conflict::read_own_conflicts(&ask.service, ask.context, path.into_inner()).await)
}

/// Declare that you, with a role in the call, have a conflict of interest with a proposal; you see nothing of it any more.
/// The secretariat notes one of somebody else by the account.
#[utoipa::path(tag = "conflicts", request_body(content = OwnConflict, example = json!({
    "proposal": "01926f3e-5b7a-7c3d-8e9f-0123456789ac", "reason": "My institute takes part"})),
    responses((status = 200, description = "The conflicts", body = OwnConflicts), Problems))]
#[post("/calls/{call}/own-conflicts")]
async fn declare_own_conflict(ask: Ask<OwnConflict>, path: Path<Uuid>) -> Reply<OwnConflicts> {
    let call = path.into_inner();
    Reply::ok(own_conflict::declare_own_conflict(&ask.service, ask.context, call, ask.input).await)
}

/// Take back a conflict of somebody with a role in the call that rests on an error, or let it stand after all. Nobody judges the own one, and that of who applies in the call stands.
#[utoipa::path(tag = "conflicts", request_body(content = Verdict, example = json!({
    "stands": false, "reason": "A namesake at another institute"})),
    responses((status = 200, description = "The conflicts of the call", body = OwnConflicts), Problems))]
#[post("/own-conflicts/{own_conflict}/judge")]
async fn judge_own_conflict(ask: Ask<Verdict>, path: Path<Uuid>) -> Reply<OwnConflicts> {
    let id = path.into_inner();
    Reply::ok(own_verdict::judge_own_conflict(&ask.service, ask.context, id, ask.input).await)
}
