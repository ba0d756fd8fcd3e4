//! What the secretariat looks for in all proposals of a stage, and what goes out and comes in of them as files.

use actix_web::web::{Path, Query};
use actix_web::{get, post};
use serde::Deserialize;
use service::intake::{self as intakes, Brought, Duplicates};
use utoipa::IntoParams;
use uuid::Uuid;

use super::document::FileBytes;
use super::intake::Filter;
use crate::api::Routes;
use crate::stream::ExportDownload;
use crate::{Ask, Download, FileBody, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(read_duplicates)
        .service(export_proposals_csv)
        .service(export_proposals_ndjson)
        .service(export_proposals_xlsx)
        .service(export_proposals_pdf)
        .service(read_import_template)
        .service(import_proposals);
}

/// Proposals of a stage that may be one: of the same title or acronym, with the same people, or coordinated by one person; each with what shows it. After the deadline.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "What proposals have in common", body = Duplicates), Problems))]
#[get("/calls/{call}/stages/{stage}/duplicates")]
async fn read_duplicates(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<Duplicates> {
    let (call, number) = path.into_inner();
    Reply::ok(intakes::read_duplicates(&ask.service, ask.context, call, number).await)
}

/// An overview of the proposals of a stage as CSV, a line for each, after its deadline; of those that you may see, as the list filters and orders them. For the secretariat, the funders, the committee's chair and the independent observer.
#[utoipa::path(tag = "proposals", params(Filter), responses((status = 200, description = "The table", content((FileBytes = "text/csv"))), Problems))]
#[get("/calls/{call}/stages/{stage}/proposals.csv")]
async fn export_proposals_csv(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    filter: Query<Filter>,
) -> ExportDownload {
    let (call, number) = path.into_inner();
    let filter = filter.into_inner().read();
    let export = intakes::export_csv(&ask.service, ask.context, call, number, filter).await;
    ExportDownload(export)
}

/// Whole proposals of a stage, a line of JSON for each, as their pages show them; otherwise as the CSV.
#[utoipa::path(tag = "proposals", params(Filter), responses((status = 200, description = "The proposals", content((FileBytes = "application/x-ndjson"))), Problems))]
#[get("/calls/{call}/stages/{stage}/proposals.ndjson")]
async fn export_proposals_ndjson(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    filter: Query<Filter>,
) -> ExportDownload {
    let (call, number) = path.into_inner();
    let filter = filter.into_inner().read();
    let export = intakes::export_ndjson(&ask.service, ask.context, call, number, filter).await;
    ExportDownload(export)
}

/// A workbook (XLSX) of the proposals of a stage, their partners, budgets and verdicts, in the form in which another installation brings them in; otherwise as the CSV.
#[utoipa::path(tag = "proposals", params(Filter), responses((status = 200, description = "The workbook", content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/calls/{call}/stages/{stage}/proposals.xlsx")]
async fn export_proposals_xlsx(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    filter: Query<Filter>,
) -> Download {
    let (call, number) = path.into_inner();
    let filter = filter.into_inner().read();
    Download(intakes::export_xlsx(&ask.service, ask.context, call, number, filter).await)
}

/// An archive (ZIP) of the proposals of a stage as PDF, each named by its number; otherwise as the CSV. It is put together while it goes out.
#[utoipa::path(tag = "proposals", params(Filter), responses((status = 200, description = "The archive", content((FileBytes = "application/zip"))), Problems))]
#[get("/calls/{call}/stages/{stage}/proposals.zip")]
async fn export_proposals_pdf(
    ask: Ask,
    path: Path<(Uuid, i32)>,
    filter: Query<Filter>,
) -> ExportDownload {
    let (call, number) = path.into_inner();
    let filter = filter.into_inner().read();
    let export = intakes::export_pdfs(&ask.service, ask.context, call, number, filter).await;
    ExportDownload(export)
}

/// The workbook (XLSX) to fill in with the proposals, partners, budgets and verdicts of a stage that was begun elsewhere. For the secretariat.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The empty workbook, with notes", content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/calls/{call}/stages/{stage}/import-template.xlsx")]
async fn read_import_template(ask: Ask, path: Path<(Uuid, i32)>) -> Download {
    let (call, number) = path.into_inner();
    Download(intakes::import_template(&ask.service, ask.context, call, number).await)
}

/// How proposals are brought in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct How {
    /// Whether their coordinators are told by mail, with the way to their proposals here.
    #[serde(default)]
    tell: bool,
}

/// Bring in the proposals of a stage that was begun elsewhere, with partners, budgets and verdicts, from the filled-in workbook (at most 10 MB and 500 proposals): all or none, every fault with its sheet, row and column. They are locked as of the stage's deadline, which has passed, have no receipt of this installation, and are carried on as any other. `dry_run` says what would come in.
#[utoipa::path(tag = "proposals", params(How), request_body(content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("PK")))),
    responses((status = 201, description = "What came in", body = Brought), Problems))]
#[post("/calls/{call}/stages/{stage}/import")]
async fn import_proposals(
    ask: Ask<FileBody>,
    path: Path<(Uuid, i32)>,
    how: Query<How>,
) -> Reply<Brought> {
    let (call, number) = path.into_inner();
    let (tell, file) = (how.into_inner().tell, ask.input.0);
    let brought =
        intakes::import_proposals(&ask.service, ask.context, call, number, tell, file).await;
    Reply::created(brought)
}
