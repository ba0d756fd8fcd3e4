//! Persons whom applicants ask to keep from reviewing their proposal.

use actix_web::web::Path;
use actix_web::{get, put};
use service::intake::{self as intakes, NamedPersons};
use service::view::review::named::NamedPersonsView;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config.service(read_named_persons).service(name_persons);
}

/// Whom the applicants ask to keep from reviewing the proposal: for its coordinator, and after the deadline for the secretariat and the observer.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The persons", body = NamedPersonsView), Problems))]
#[get("/proposals/{proposal}/named-persons")]
async fn read_named_persons(ask: Ask, path: Path<Uuid>) -> Reply<NamedPersonsView> {
    Reply::ok(intakes::read_named_persons(&ask.service, ask.context, path.into_inner()).await)
}

/// Ask, for your proposal, that some persons do not review it, as many as the call allows; the list takes the place of the one before, until the deadline.
#[utoipa::path(tag = "proposals", request_body(content = NamedPersons, example = json!({"persons": [
    {"name": "Ray Rival", "organisation": "University of Example"}]})),
    responses((status = 200, description = "The persons", body = NamedPersonsView), Problems))]
#[put("/proposals/{proposal}/named-persons")]
async fn name_persons(ask: Ask<NamedPersons>, path: Path<Uuid>) -> Reply<NamedPersonsView> {
    let id = path.into_inner();
    Reply::ok(intakes::name_persons(&ask.service, ask.context, id, ask.input).await)
}
