//! What the secretariat looks for in all proposals of a stage, and what goes out and comes in of them as files.

use actix_web::get;
use actix_web::web::Path;
use service::intake::{self as intakes, Duplicates};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config.service(read_duplicates);
}

/// Proposals of a stage that may be one: of the same title or acronym, with the same people, or coordinated by one person; each with what shows it. After the deadline.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "What proposals have in common", body = Duplicates), Problems))]
#[get("/calls/{call}/stages/{stage}/duplicates")]
async fn read_duplicates(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Duplicates> {
    let (call, number) = path.into_inner();
    Reply::ok(intakes::read_duplicates(&ask.service, ask.context, call, number).await)
}
