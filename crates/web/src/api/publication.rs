//! What a call says in public: its changes and versions, questions and answers.

use actix_web::web::{Path, Query};
use actix_web::{get, post};
use serde::Deserialize;
use service::call::{self, AnswerInput, Changes, QuestionInput, Questions, VersionView};
use service::view::publication::QuestionView;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_changes)
        .service(read_version)
        .service(list_questions)
        .service(ask_question)
        .service(answer_question);
}

/// Which version to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Comparison {
    /// Number of the other version; left out, the one before.
    against: Option<i32>,
}

/// The public log of the call's changes.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The changes", body = Changes), Problems))]
#[get("/calls/{call}/changes")]
async fn list_changes(ask: PublicAsk, path: Path<Uuid>) -> Reply<Changes> {
    Reply::ok(call::list_changes(&ask.service, ask.context, path.into_inner()).await)
}

/// What the call said in a version, and how that differs from another.
#[utoipa::path(tag = "calls", security(()), params(Comparison), responses((status = 200, description = "The version", body = VersionView), Problems))]
#[get("/calls/{call}/versions/{version}")]
async fn read_version(
    ask: PublicAsk,
    path: Path<(Uuid, i32)>,
    comparison: Query<Comparison>,
) -> Reply<VersionView> {
    let (call, version) = path.into_inner();
    let against = comparison.against;
    Reply::ok(call::read_version(&ask.service, ask.context, call, version, against).await)
}

/// The questions about the call with their answers.
#[utoipa::path(tag = "calls", security(()), responses((status = 200, description = "The questions", body = Questions), Problems))]
#[get("/calls/{call}/questions")]
async fn list_questions(ask: PublicAsk, path: Path<Uuid>) -> Reply<Questions> {
    Reply::ok(call::list_questions(&ask.service, ask.context, path.into_inner()).await)
}

/// Ask a question about the call.
#[utoipa::path(tag = "calls", request_body(content = QuestionInput, example = json!({
    "question": "May a hospital be a partner of its own?"})),
    responses((status = 201, description = "The question", body = QuestionView), Problems))]
#[post("/calls/{call}/questions")]
async fn ask_question(ask: Ask<QuestionInput>, path: Path<Uuid>) -> Reply<QuestionView> {
    Reply::created(
        call::ask_question(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}

/// Publish a question with its answer, or a better answer.
#[utoipa::path(tag = "calls", request_body(content = AnswerInput, example = json!({
    "question": "May a hospital be a partner of its own?", "answer": "Yes, where its funder accepts hospitals."})),
    responses((status = 200, description = "The question", body = QuestionView), Problems))]
#[post("/questions/{question}/answer")]
async fn answer_question(ask: Ask<AnswerInput>, path: Path<Uuid>) -> Reply<QuestionView> {
    Reply::ok(call::answer_question(&ask.service, ask.context, path.into_inner(), ask.input).await)
}
