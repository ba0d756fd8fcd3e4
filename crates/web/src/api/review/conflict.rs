//! Declarations and conflicts of interest.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use service::review::conflict::{self, ConflictInput, Conflicts, Verdict, Verdicts};
use service::review::declaration::{self, Declaration};
use service::review::publication::{self, Publications};
use service::review::withdrawal::{self, Withdrawal};
use service::view::review::conflict::{ConflictView, DeclarationView};
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::ask::FileBody;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_declaration)
        .service(declare_conflicts)
        .service(detect_conflicts)
        .service(import_publications)
        .service(read_publications)
        .service(read_conflicts)
        .service(note_conflict)
        .service(judge_conflicts)
        .service(judge_conflict)
        .service(withdraw_conflict);
}

/// What you declare conflicts on: titles, institutions and people, no content.
#[utoipa::path(tag = "conflicts", params(AtStage),
    responses((status = 200, description = "What to declare on", body = DeclarationView), Problems))]
#[get("/experts/{expert}/declaration")]
async fn read_declaration(
    ask: Ask,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<DeclarationView> {
    let id = path.into_inner();
    Reply::ok(declaration::read_declaration(&ask.service, ask.context, id, at.stage).await)
}

/// Declare your conflicts of interest at a stage whose deadline has passed, or that there are none: content of the stage opens only after it.
#[utoipa::path(tag = "conflicts", params(AtStage), request_body(content = Declaration, example = json!({"conflicts": []})),
    responses((status = 200, description = "The declaration", body = DeclarationView), Problems))]
#[put("/experts/{expert}/declaration")]
async fn declare_conflicts(
    ask: Ask<Declaration>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<DeclarationView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(declaration::declare_conflicts(&ask.service, ask.context, id, stage, ask.input).await)
}

/// Look for conflicts between all experts who accepted and all proposals of the stage.
#[utoipa::path(tag = "conflicts", responses((status = 200, description = "All conflicts of the call", body = Conflicts), Problems))]
#[post("/calls/{call}/stages/{stage}/conflicts/detect")]
async fn detect_conflicts(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Conflicts> {
    let (call, stage) = path.into_inner();
    Reply::ok(conflict::detect_conflicts(&ask.service, ask.context, call, stage).await)
}

/// Bring in who published together, for finding conflicts, as a CSV table with a heading and a line for each author: `work` (a DOI or any other id, the same for all its authors), `title`, `year`, `name`, and where they are known `orcid` and `email`. It takes the place of the call's table before: all or nothing, every fault with its line and column.
#[utoipa::path(tag = "conflicts", request_body(content((FileBytes = "text/csv",
        example = json!("work,title,year,name\n10.1000/1,On genes,2026,Ada Example\n10.1000/1,On genes,2026,B. Other\n")))),
    responses((status = 200, description = "The publications of the call", body = Publications), Problems))]
#[post("/calls/{call}/publications")]
async fn import_publications(ask: Ask<FileBody>, path: Path<Uuid>) -> Reply<Publications> {
    let (call, file) = (path.into_inner(), ask.input.0);
    Reply::ok(publication::import_publications(&ask.service, ask.context, call, file).await)
}

/// Who published together, as far as the imported table says.
#[utoipa::path(tag = "conflicts", responses((status = 200, description = "The publications of the call", body = Publications), Problems))]
#[get("/calls/{call}/publications")]
async fn read_publications(ask: Ask, path: Path<Uuid>) -> Reply<Publications> {
    Reply::ok(publication::read_publications(&ask.service, ask.context, path.into_inner()).await)
}

/// All conflicts of a call.
#[utoipa::path(tag = "conflicts", responses((status = 200, description = "The conflicts", body = Conflicts), Problems))]
#[get("/calls/{call}/conflicts")]
async fn read_conflicts(ask: Ask, path: Path<Uuid>) -> Reply<Conflicts> {
    Reply::ok(conflict::read_conflicts(&ask.service, ask.context, path.into_inner()).await)
}

/// Note a conflict that you learnt of; it stands at once.
#[utoipa::path(tag = "conflicts", request_body(content = ConflictInput, example = json!({
    "expert": "01926f3e-5b7a-7c3d-8e9f-0123456789ab", "proposal": "01926f3e-5b7a-7c3d-8e9f-0123456789ac",
    "kind": "co_publication", "reason": "Three papers together since 2029"})),
    responses((status = 201, description = "The conflict", body = ConflictView), Problems))]
#[post("/calls/{call}/conflicts")]
async fn note_conflict(ask: Ask<ConflictInput>, path: Path<Uuid>) -> Reply<ConflictView> {
    let call = path.into_inner();
    Reply::created(conflict::note_conflict(&ask.service, ask.context, call, ask.input).await)
}

/// Decide on many conflicts at once.
#[utoipa::path(tag = "conflicts", request_body(content = Verdicts, example = json!({"verdicts": [
    {"conflict": "01926f3e-5b7a-7c3d-8e9f-0123456789ab", "stands": false, "reason": "A namesake in another field"}]})),
    responses((status = 200, description = "All conflicts of the call", body = Conflicts), Problems))]
#[post("/calls/{call}/conflicts/judge")]
async fn judge_conflicts(ask: Ask<Verdicts>, path: Path<Uuid>) -> Reply<Conflicts> {
    let call = path.into_inner();
    Reply::ok(conflict::judge_conflicts(&ask.service, ask.context, call, ask.input).await)
}

/// Decide whether a possible conflict stands; a certain one stands whatever anybody decides.
#[utoipa::path(tag = "conflicts", request_body(content = Verdict, example = json!({
    "stands": false, "reason": "A namesake in another field"})),
    responses((status = 200, description = "The conflict", body = ConflictView), Problems))]
#[post("/conflicts/{conflict}/judge")]
async fn judge_conflict(ask: Ask<Verdict>, path: Path<Uuid>) -> Reply<ConflictView> {
    let id = path.into_inner();
    Reply::ok(conflict::judge_conflict(&ask.service, ask.context, id, ask.input).await)
}

/// Withdraw a conflict that you, the secretariat, noted by mistake, as for the wrong pair. It keeps the expert from nothing any more, and the pair may be assigned again; reviews that it ended stay ended. What experts or applicants declared, or what was found, is not withdrawn.
#[utoipa::path(tag = "conflicts", request_body(content = Withdrawal, example = json!({
    "reason": "Meant was the namesake in the other proposal"})),
    responses((status = 200, description = "The conflict", body = ConflictView), Problems))]
#[post("/conflicts/{conflict}/withdraw")]
async fn withdraw_conflict(ask: Ask<Withdrawal>, path: Path<Uuid>) -> Reply<ConflictView> {
    let id = path.into_inner();
    Reply::ok(withdrawal::withdraw_conflict(&ask.service, ask.context, id, ask.input).await)
}
