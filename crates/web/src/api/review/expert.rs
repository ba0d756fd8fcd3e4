//! Experts and their invitations.

use actix_web::web::Path;
use actix_web::{get, post, put};
use service::call::Reason;
use service::review::ChosenExperts;
use service::review::correction::{self, ExpertiseInput, RecordInput};
use service::review::expert::{self, Experts};
use service::review::invitation::{self, Acceptance, Desks};
use service::review::nomination::{self, Nominations};
use service::view::review::record::ExpertRecord;
use uuid::Uuid;

use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::ask::FileBody;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(nominate_expert)
        .service(import_experts)
        .service(read_experts)
        .service(read_expert_record)
        .service(correct_expert)
        .service(correct_own_expertise)
        .service(approve_panel)
        .service(invite_expert)
        .service(list_my_experts)
        .service(accept_expert_invitation)
        .service(decline_expert_invitation);
}

/// Nominate experts, at most 500 at once; nobody who applies in the call can be one.
#[utoipa::path(tag = "experts", request_body(content = Nominations, example = json!({
    "experts": [{"email": "ada.example@university.example", "name": "Ada Example", "organisation": "University of Example",
        "country": "SE", "keywords": ["genomics", "ethics"], "role": "remote_reviewer", "max_load": 8, "stage_loads": {"2": 4}}]})),
    responses((status = 201, description = "The experts of the call", body = Experts), Problems))]
#[post("/calls/{call}/experts")]
async fn nominate_expert(ask: Ask<Nominations>, path: Path<Uuid>) -> Reply<Experts> {
    let call = path.into_inner();
    Reply::created(nomination::nominate_expert(&ask.service, ask.context, call, ask.input).await)
}

/// Nominate the experts of a CSV table with a heading (at most 500): all or none, every fault with its line and column. Columns: `email`, `name`, `organisation`, `keywords`, `max_load`, and where there is something to say `department`, `ror`, `orcid`, `country`, `affiliations` (other and former places of work, such as `University of Example [03yrm5c26] 2019-01-01..2022-12-31; Institute 2023..`: a ROR id in brackets and the days may be left out, a year stands for its first or its last day, and what is not over has no last one), `gender`, `languages`, `modules`, `statement`, `role` (left out: `remote_reviewer`), `max_load_stage_1` and `max_load_stage_2` (another most at that stage; empty: `max_load` holds); a cell with several entries has a semicolon between them.
#[utoipa::path(tag = "experts", request_body(content((FileBytes = "text/csv",
        example = json!("email,name,organisation,keywords,max_load\nada.example@university.example,Ada Example,University of Example,genomics; ethics,8\n")))),
    responses((status = 201, description = "The experts of the call", body = Experts), Problems))]
#[post("/calls/{call}/experts/import")]
async fn import_experts(ask: Ask<FileBody>, path: Path<Uuid>) -> Reply<Experts> {
    let (call, file) = (path.into_inner(), ask.input.0);
    Reply::created(nomination::import_experts(&ask.service, ask.context, call, file).await)
}

/// The experts of a call.
#[utoipa::path(tag = "experts", responses((status = 200, description = "The experts of the call", body = Experts), Problems))]
#[get("/calls/{call}/experts")]
async fn read_experts(ask: Ask, path: Path<Uuid>) -> Reply<Experts> {
    Reply::ok(expert::read_experts(&ask.service, ask.context, path.into_inner()).await)
}

/// What is on record of an expert: for the secretariat, and for the expert.
#[utoipa::path(tag = "experts", responses((status = 200, description = "The record", body = ExpertRecord), Problems))]
#[get("/experts/{expert}/record")]
async fn read_expert_record(ask: Ask, path: Path<Uuid>) -> Reply<ExpertRecord> {
    Reply::ok(correction::read_expert_record(&ask.service, ask.context, path.into_inner()).await)
}

/// Correct the record of an expert, whole; the e-mail address stays once the expert is invited. Conflicts of interest of one who accepted are looked for anew: those found take effect at once, and those that were detected on facts that are none any more are taken back, so that the proposal may be assigned to the expert again. What was declared, noted or judged stays, and reviews that ended stay ended.
#[utoipa::path(tag = "experts", request_body(content = RecordInput, example = json!({
    "email": "ada.example@university.example", "name": "Ada Example", "organisation": "University of Example",
    "department": "Oncology", "ror": "03yrm5c26", "orcid": "0000-0002-1825-0097", "country": "SE",
    "affiliations": [{"organisation": "Institute of Example", "to": "2024-12-31"}], "gender": "woman",
    "languages": ["en", "sv"], "keywords": ["genomics", "ethics"], "modules": [], "statement": "I study genes.",
    "reason": "The expert left the Institute of Example"})),
    responses((status = 200, description = "The record", body = ExpertRecord), Problems))]
#[put("/experts/{expert}/record")]
async fn correct_expert(ask: Ask<RecordInput>, path: Path<Uuid>) -> Reply<ExpertRecord> {
    let id = path.into_inner();
    Reply::ok(correction::correct_expert(&ask.service, ask.context, id, ask.input).await)
}

/// Correct your own expertise, and your other and former places of work. Conflicts of interest that follow take effect at once; none is taken back before the secretariat saved the record, too. If-Match is the ETag of the record.
#[utoipa::path(tag = "experts", request_body(content = ExpertiseInput, example = json!({
    "keywords": ["genomics", "ethics"], "statement": "I study genes.", "languages": ["en", "sv"],
    "affiliations": [{"organisation": "Institute of Example", "from": "2025-01-01"}]})),
    responses((status = 200, description = "The record", body = ExpertRecord), Problems))]
#[put("/experts/{expert}/expertise")]
async fn correct_own_expertise(ask: Ask<ExpertiseInput>, path: Path<Uuid>) -> Reply<ExpertRecord> {
    let id = path.into_inner();
    Reply::ok(correction::correct_own_expertise(&ask.service, ask.context, id, ask.input).await)
}

/// Approve nominated experts for the panel: those named, or all.
#[utoipa::path(tag = "experts", request_body(content = ChosenExperts, example = json!({})),
    responses((status = 200, description = "The experts of the call", body = Experts), Problems))]
#[post("/calls/{call}/panel/approve")]
async fn approve_panel(ask: Ask<ChosenExperts>, path: Path<Uuid>) -> Reply<Experts> {
    let call = path.into_inner();
    Reply::ok(expert::approve_panel(&ask.service, ask.context, call, ask.input).await)
}

/// Invite approved experts by mail: those named, or all.
#[utoipa::path(tag = "experts", request_body(content = ChosenExperts, example = json!({})),
    responses((status = 200, description = "The experts of the call", body = Experts), Problems))]
#[post("/calls/{call}/experts/invite")]
async fn invite_expert(ask: Ask<ChosenExperts>, path: Path<Uuid>) -> Reply<Experts> {
    let call = path.into_inner();
    Reply::ok(expert::invite_expert(&ask.service, ask.context, call, ask.input).await)
}

/// What you are as an expert, in all calls, and what waits for you there.
#[utoipa::path(tag = "experts", responses((status = 200, description = "Your desks", body = Desks), Problems))]
#[get("/me/experts")]
async fn list_my_experts(ask: Ask) -> Reply<Desks> {
    Reply::ok(invitation::list_my_experts(&ask.service, ask.context).await)
}

/// Accept the invitation and sign the confidentiality; say where you take fewer proposals at a stage than you were asked for.
#[utoipa::path(tag = "experts", request_body(content = Acceptance, example = json!({"confidentiality": true})),
    responses((status = 200, description = "Your desks", body = Desks), Problems))]
#[post("/experts/{expert}/accept")]
async fn accept_expert_invitation(ask: Ask<Acceptance>, path: Path<Uuid>) -> Reply<Desks> {
    let id = path.into_inner();
    Reply::ok(invitation::accept_invitation(&ask.service, ask.context, id, ask.input).await)
}

/// Decline the invitation.
#[utoipa::path(tag = "experts", request_body(content = Reason, example = json!({"reason": "I am on leave"})),
    responses((status = 200, description = "Your desks", body = Desks), Problems))]
#[post("/experts/{expert}/decline")]
async fn decline_expert_invitation(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<Desks> {
    let id = path.into_inner();
    Reply::ok(invitation::decline_invitation(&ask.service, ask.context, id, ask.input).await)
}
