//! What the checks of eligibility ask for: questions to applicants, national documents, notes, who is waited for.

use actix_web::web::Path;
use actix_web::{get, post, put};
use service::call::Reason;
use service::intake::{
    self as intakes, ChangeInput, ChangedConsortium, ConditionInput, Conditions, DemandedDocuments,
    FormalFindings, Note, Queries, QueryAnswer, QueryInput, ReceivedInput,
};
use service::view::intake::{QueryView, WaitingView};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_waiting)
        .service(read_formal_findings)
        .service(change_consortium)
        .service(read_conditions)
        .service(settle_condition)
        .service(list_queries)
        .service(ask_partner)
        .service(answer_query)
        .service(close_query)
        .service(read_note)
        .service(write_note)
        .service(list_demanded_documents)
        .service(receive_documents);
}

/// Who is waited for in a stage: by funder how many partners are open, asked and judged, by proposal what is missing.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "Who is waited for", body = WaitingView), Problems))]
#[get("/calls/{call}/stages/{stage}/waiting")]
async fn read_waiting(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<WaitingView> {
    let (call, number) = path.into_inner();
    Reply::ok(intakes::read_waiting(&ask.service, ask.context, call, number).await)
}

/// What the rules of the stage find in the version that counts, by the same check as at its submission, and whether it came late.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The findings beside the verdict", body = FormalFindings), Problems))]
#[get("/proposals/{proposal}/formal-findings")]
async fn read_formal_findings(ask: Ask, path: Path<Uuid>) -> Reply<FormalFindings> {
    let id = path.into_inner();
    Reply::ok(intakes::read_formal_findings(&ask.service, ask.context, id).await)
}

/// Record, while eligibility is checked, that a partner is dropped, replaced or pays its own way. The consortium rules and the funders' terms run again at once; what was submitted stays as it was, and the change stands beside it. If-Match names the verdicts.
#[utoipa::path(tag = "eligibility", request_body(content = ChangeInput, example = json!({
    "partner": "01936f3e-8b1a-7c2d-9e4f-0123456789ab", "change": {"kind": "own_funds", "means": "Staff and beds of the clinic"},
    "reason": "Its funder finds it ineligible; the consortium asked for it on 12 May"})),
    responses((status = 201, description = "The verdicts afterwards, and what the rules find", body = ChangedConsortium), Problems))]
#[post("/proposals/{proposal}/changes")]
async fn change_consortium(ask: Ask<ChangeInput>, path: Path<Uuid>) -> Reply<ChangedConsortium> {
    let id = path.into_inner();
    Reply::created(intakes::change_consortium(&ask.service, ask.context, id, ask.input).await)
}

/// The conditions of the proposal's invitation to the full stage, and which are met: for its coordinator over the own draft, for all others over what a deadline has disclosed.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The conditions", body = Conditions), Problems))]
#[get("/proposals/{proposal}/conditions")]
async fn read_conditions(ask: Ask, path: Path<Uuid>) -> Reply<Conditions> {
    Reply::ok(intakes::read_conditions(&ask.service, ask.context, path.into_inner()).await)
}

/// Note that a condition of the invitation is met, or that it is not after all. If-Match names the conditions.
#[utoipa::path(tag = "eligibility", request_body(content = ConditionInput, example = json!({"met": true, "because": "Letter of the coordinator of 3 May"})),
    responses((status = 200, description = "The conditions", body = Conditions), Problems))]
#[put("/proposals/{proposal}/conditions/{condition}")]
async fn settle_condition(ask: Ask<ConditionInput>, path: Path<(Uuid, i32)>) -> Reply<Conditions> {
    let (id, number) = path.into_inner();
    Reply::ok(intakes::settle_condition(&ask.service, ask.context, id, number, ask.input).await)
}

/// The questions about a proposal, in the last stage whose deadline has passed: for its coordinator, and for all who read the verdicts.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The questions, oldest first", body = Queries), Problems))]
#[get("/proposals/{proposal}/queries")]
async fn list_queries(ask: Ask, path: Path<Uuid>) -> Reply<Queries> {
    Reply::ok(intakes::list_queries(&ask.service, ask.context, path.into_inner()).await)
}

/// Ask the applicant about a partner: its own funder does, or the secretariat about own means. The verdict is `asked` until the answer comes.
#[utoipa::path(tag = "eligibility", request_body(content = QueryInput, example = json!({
    "question": "Who employs the principal investigator until the end of the project?", "answer_by": "2097-04-01T15:00:00Z"})),
    responses((status = 201, description = "The question", body = QueryView), Problems))]
#[post("/proposals/{proposal}/partners/{partner}/queries")]
async fn ask_partner(ask: Ask<QueryInput>, path: Path<(Uuid, Uuid)>) -> Reply<QueryView> {
    let (id, partner) = path.into_inner();
    Reply::created(intakes::ask_partner(&ask.service, ask.context, id, partner, ask.input).await)
}

/// Answer a question about your proposal, once.
#[utoipa::path(tag = "eligibility", request_body(content = QueryAnswer, example = json!({"answer": "The university hospital; the contract is permanent."})),
    responses((status = 200, description = "The question with its answer", body = QueryView), Problems))]
#[post("/queries/{query}/answer")]
async fn answer_query(ask: Ask<QueryAnswer>, path: Path<Uuid>) -> Reply<QueryView> {
    let id = path.into_inner();
    Reply::ok(intakes::answer_query(&ask.service, ask.context, id, ask.input).await)
}

/// Close a question that will not be answered; its partner's verdict is open again.
#[utoipa::path(tag = "eligibility", request_body(content = Reason, example = json!({"reason": "The committee's cut-off has passed"})),
    responses((status = 200, description = "The question", body = QueryView), Problems))]
#[post("/queries/{query}/close")]
async fn close_query(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<QueryView> {
    let id = path.into_inner();
    Reply::ok(intakes::close_query(&ask.service, ask.context, id, ask.input).await)
}

/// What your own funder notes on its applicant.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The note; empty where there is none", body = Note), Problems))]
#[get("/proposals/{proposal}/partners/{partner}/note")]
async fn read_note(ask: Ask, path: Path<(Uuid, Uuid)>) -> Reply<Note> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::read_note(&ask.service, ask.context, id, partner).await)
}

/// Write your own funder's note on its applicant. Nobody outside the funder reads it.
#[utoipa::path(tag = "eligibility", request_body(content = Note, example = json!({"text": "Two grants of ours run there until June"})),
    responses((status = 200, description = "The note", body = Note), Problems))]
#[put("/proposals/{proposal}/partners/{partner}/note")]
async fn write_note(ask: Ask<Note>, path: Path<(Uuid, Uuid)>) -> Reply<Note> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::write_note(&ask.service, ask.context, id, partner, ask.input).await)
}

/// The documents that the partner's funder demands of it, and which of them were received.
#[utoipa::path(tag = "eligibility", responses((status = 200, description = "The documents", body = DemandedDocuments), Problems))]
#[get("/proposals/{proposal}/partners/{partner}/documents")]
async fn list_demanded_documents(ask: Ask, path: Path<(Uuid, Uuid)>) -> Reply<DemandedDocuments> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::list_demanded_documents(&ask.service, ask.context, id, partner).await)
}

/// Record which of the documents that your own funder demands were received: all of them so far.
#[utoipa::path(tag = "eligibility", request_body(content = ReceivedInput, example = json!({"received": [
    {"title": "National application", "received_on": "2026-03-12", "note": "Signature of the rector to follow"}]})),
    responses((status = 200, description = "The documents", body = DemandedDocuments), Problems))]
#[put("/proposals/{proposal}/partners/{partner}/documents")]
async fn receive_documents(
    ask: Ask<ReceivedInput>,
    path: Path<(Uuid, Uuid)>,
) -> Reply<DemandedDocuments> {
    let (id, partner) = path.into_inner();
    let input = ask.input;
    Reply::ok(intakes::receive_documents(&ask.service, ask.context, id, partner, input).await)
}
