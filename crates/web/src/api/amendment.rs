//! From a scenario to a selection, amendments of a selection, and all selections of a call.

use actix_web::web::Path;
use actix_web::{get, post};
use service::commitment::{self as decision, AmendmentInput};
use service::view::commitment::{Letters, SelectionView, Selections};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_selections)
        .service(amend_selection)
        .service(tell_amendment)
        .service(propose_scenario);
}

/// All selections of a call, by number: the one in force, those whose place it took, and one that is being decided.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The selections", body = Selections), Problems))]
#[get("/calls/{call}/selections")]
async fn list_selections(ask: Ask, path: Path<Uuid>) -> Reply<Selections> {
    Reply::ok(decision::list_selections(&ask.service, ask.context, path.into_inner()).await)
}

/// Propose a selection that is to take the place of this one: what was decided and not withdrawn stays, and the walk goes on down the ranking with the money that is left.
#[utoipa::path(tag = "decision", request_body(content = AmendmentInput, example = json!({
    "cause": "withdrawal", "reason": "P02 was withdrawn: its coordinator moves to a company"})),
    responses((status = 201, description = "The selection", body = SelectionView), Problems))]
#[post("/selections/{selection}/amend")]
async fn amend_selection(ask: Ask<AmendmentInput>, path: Path<Uuid>) -> Reply<SelectionView> {
    let selection = path.into_inner();
    Reply::created(decision::amend_selection(&ask.service, ask.context, selection, ask.input).await)
}

/// Tell the coordinators of what an amendment funds, after the letters of the stage; to be asked for once it is final.
#[utoipa::path(tag = "decision", responses((status = 200, description = "The letters of the stage", body = Letters), Problems))]
#[post("/selections/{selection}/letters/release")]
async fn tell_amendment(ask: Ask, path: Path<Uuid>) -> Reply<Letters> {
    Reply::ok(decision::tell_amendment(&ask.service, ask.context, path.into_inner()).await)
}

/// Propose what a scenario selects; refused, with every difference, where the call is otherwise by now or less is pledged than it spends.
#[utoipa::path(tag = "decision", responses((status = 201, description = "The selection", body = SelectionView), Problems))]
#[post("/scenarios/{scenario}/propose")]
async fn propose_scenario(ask: Ask, path: Path<Uuid>) -> Reply<SelectionView> {
    Reply::created(decision::propose_scenario(&ask.service, ask.context, path.into_inner()).await)
}
