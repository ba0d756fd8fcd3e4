//! The panel's papers: rapporteurs, discussion, disagreement, evaluation summary reports; and the independent observer's
//! report on all of it.

use actix_web::web::{Path, Query};
use actix_web::{get, post, put};
use review::conformity::ConformityReport;
use review::summary::SummaryDraft;
use service::review::convening::{self, Convening};
use service::review::discussion::{self, MessageInput};
use service::review::rapporteur::{self, RapporteurInput, Rapporteurs};
use service::review::release::DespiteFindings;
use service::review::summary::{self, Summaries};
use service::review::{conformity, disagreement};
use service::view::review::conformity::ConformityView;
use service::view::review::disagreement::DisagreementView;
use service::view::review::discussion::DiscussionView;
use service::view::review::meeting::PanelView;
use service::view::review::rapporteur::RapporteurLine;
use service::view::review::summary::SummaryView;
use uuid::Uuid;

use super::AtStage;
use crate::api::Routes;
use crate::{Ask, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_panel)
        .service(convene_panel)
        .service(read_disagreement)
        .service(read_rapporteurs)
        .service(read_proposal_rapporteurs)
        .service(name_rapporteurs)
        .service(read_discussion)
        .service(post_message)
        .service(read_summaries)
        .service(read_summary)
        .service(write_summary)
        .service(approve_summary)
        .service(read_conformity)
        .service(write_conformity)
        .service(file_conformity);
}

/// When and where the panel of a stage meets, once it is convened.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The panel", body = PanelView), Problems))]
#[get("/calls/{call}/stages/{stage}/panel")]
async fn read_panel(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<PanelView> {
    let (call, stage) = path.into_inner();
    Reply::ok(convening::read_panel(&ask.service, ask.context, call, stage).await)
}

/// Convene the panel of a stage once all its reviews are released, or tell of another time or place; discussion and consensus begin with it. Everybody on the panel is told by mail, rapporteurs with what they present.
#[utoipa::path(tag = "panel", request_body(content = Convening, example = json!({
    "meets_at": "2097-05-12T07:00:00Z", "place": "Federal Ministry, Berlin, room 4", "online": false})),
    responses((status = 200, description = "The panel", body = PanelView), Problems))]
#[put("/calls/{call}/stages/{stage}/panel")]
async fn convene_panel(ask: Ask<Convening>, path: Path<(Uuid, i32)>) -> Reply<PanelView> {
    let (call, stage) = path.into_inner();
    Reply::ok(convening::convene_panel(&ask.service, ask.context, call, stage, ask.input).await)
}

/// Where the released reviews of a stage lie apart, and who scores high or low: a hint to look, no score is changed.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The disagreement", body = DisagreementView), Problems))]
#[get("/calls/{call}/stages/{stage}/disagreement")]
async fn read_disagreement(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<DisagreementView> {
    let (call, stage) = path.into_inner();
    Reply::ok(disagreement::read_disagreement(&ask.service, ask.context, call, stage).await)
}

/// The proposals of a stage with those who present them at the panel.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The proposals", body = Rapporteurs), Problems))]
#[get("/calls/{call}/stages/{stage}/rapporteurs")]
async fn read_rapporteurs(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Rapporteurs> {
    let (call, stage) = path.into_inner();
    Reply::ok(rapporteur::read_rapporteurs(&ask.service, ask.context, call, stage).await)
}

/// Who presents a proposal at the panel.
#[utoipa::path(tag = "panel", params(AtStage), responses((status = 200, description = "The proposal", body = RapporteurLine), Problems))]
#[get("/proposals/{proposal}/rapporteurs")]
async fn read_proposal_rapporteurs(
    ask: Ask,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<RapporteurLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rapporteur::read_proposal_rapporteurs(&ask.service, ask.context, id, stage).await)
}

/// Name the members of the panel who present a proposal, in place of those before.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = RapporteurInput, example = json!({
    "experts": ["01926f3e-5b7a-7c3d-8e9f-0123456789ad"]})),
    responses((status = 200, description = "The proposal", body = RapporteurLine), Problems))]
#[put("/proposals/{proposal}/rapporteurs")]
async fn name_rapporteurs(
    ask: Ask<RapporteurInput>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<RapporteurLine> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(rapporteur::name_rapporteurs(&ask.service, ask.context, id, stage, ask.input).await)
}

/// What the panel says on a proposal.
#[utoipa::path(tag = "panel", params(AtStage), responses((status = 200, description = "The discussion", body = DiscussionView), Problems))]
#[get("/proposals/{proposal}/discussion")]
async fn read_discussion(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<DiscussionView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(discussion::read_discussion(&ask.service, ask.context, id, stage).await)
}

/// Say something on a proposal among the panel. It stays as it is.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = MessageInput, example = json!({
    "text": "Two of three reviewers doubt that enough patients can be recruited."})),
    responses((status = 200, description = "The discussion", body = DiscussionView), Problems))]
#[post("/proposals/{proposal}/discussion")]
async fn post_message(
    ask: Ask<MessageInput>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<DiscussionView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(discussion::post_message(&ask.service, ask.context, id, stage, ask.input).await)
}

/// The evaluation summary reports of a stage, from the adoption of the ranking list on.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The reports", body = Summaries), Problems))]
#[get("/calls/{call}/stages/{stage}/summary-reports")]
async fn read_summaries(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Summaries> {
    let (call, stage) = path.into_inner();
    Reply::ok(summary::read_summaries(&ask.service, ask.context, call, stage).await)
}

/// The evaluation summary report of a proposal: for its coordinator once the results of the stage are communicated, for
/// the steering committee once the ranking list is adopted, for the panel while it is made.
#[utoipa::path(tag = "panel", params(AtStage), responses((status = 200, description = "The report", body = SummaryView), Problems))]
#[get("/proposals/{proposal}/summary-report")]
async fn read_summary(ask: Ask, path: Path<Uuid>, at: Query<AtStage>) -> Reply<SummaryView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(summary::read_summary(&ask.service, ask.context, id, stage).await)
}

/// Write the draft of the evaluation summary report, as rapporteur or for the panel. One that was approved has to be
/// approved again.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = SummaryDraft, example = json!({
    "scores": {"excellence": "4.5"},
    "comments": {"excellence": "Clear aims.", "impact": "Close to the clinic.", "implementation": "A tight time table."}})),
    responses((status = 200, description = "The report", body = SummaryView), Problems))]
#[put("/proposals/{proposal}/summary-report")]
async fn write_summary(
    ask: Ask<SummaryDraft>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<SummaryView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(summary::write_summary(&ask.service, ask.context, id, stage, ask.input).await)
}

/// Approve the evaluation summary report for the panel. Where a text seems to name who evaluated the proposal it is listed with 409, unless `despite_findings` says that somebody has looked at it.
#[utoipa::path(tag = "panel", params(AtStage), request_body(content = DespiteFindings, example = json!({"despite_findings": true})), responses((status = 200, description = "The report", body = SummaryView), Problems))]
#[post("/proposals/{proposal}/summary-report/approve")]
async fn approve_summary(
    ask: Ask<DespiteFindings>,
    path: Path<Uuid>,
    at: Query<AtStage>,
) -> Reply<SummaryView> {
    let (id, stage) = (path.into_inner(), at.stage);
    Reply::ok(summary::approve_summary(&ask.service, ask.context, id, stage, ask.input).await)
}

/// The independent observer's report on the evaluation of a stage: the own draft, or what was filed.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The report", body = ConformityView), Problems))]
#[get("/calls/{call}/stages/{stage}/conformity-report")]
async fn read_conformity(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ConformityView> {
    let (call, stage) = path.into_inner();
    Reply::ok(conformity::read_conformity(&ask.service, ask.context, call, stage).await)
}

/// Draft the independent observer's report on the evaluation of a stage.
#[utoipa::path(tag = "panel", request_body(content = ConformityReport, example = json!({
    "conclusion": "conforms_with_remarks", "findings": "Each proposal was judged by the criteria of the call.",
    "recommendations": "Give the panel a second day."})),
    responses((status = 200, description = "The report", body = ConformityView), Problems))]
#[put("/calls/{call}/stages/{stage}/conformity-report")]
async fn write_conformity(
    ask: Ask<ConformityReport>,
    path: Path<(Uuid, i32)>,
) -> Reply<ConformityView> {
    let (call, stage) = path.into_inner();
    Reply::ok(conformity::write_conformity(&ask.service, ask.context, call, stage, ask.input).await)
}

/// File the independent observer's report for good; its hash goes into the audit trail.
#[utoipa::path(tag = "panel", responses((status = 200, description = "The report", body = ConformityView), Problems))]
#[post("/calls/{call}/stages/{stage}/conformity-report/file")]
async fn file_conformity(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<ConformityView> {
    let (call, stage) = path.into_inner();
    Reply::ok(conformity::file_conformity(&ask.service, ask.context, call, stage).await)
}
