//! The figures of an evaluation.

use actix_web::get;
use actix_web::web::Path;
use service::review::statistics;
use service::view::review::statistics::StatisticsView;
use uuid::Uuid;

use crate::api::Routes;
use crate::api::document::FileBytes;
use crate::{Ask, Download, Problems, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config.service(read_statistics).service(export_statistics);
}

/// Figures of the evaluation of a stage: experts by country and gender, load, time taken, agreement (Krippendorff's alpha) and scores of each criterion, small counts hidden. For secretariat, independent observer and panel chair; for the steering committee once the panel has adopted its results, without load and times.
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The figures", body = StatisticsView), Problems))]
#[get("/calls/{call}/stages/{stage}/statistics")]
async fn read_statistics(ask: Ask, path: Path<(Uuid, i32)>) -> Reply<StatisticsView> {
    let (call, number) = path.into_inner();
    Reply::ok(statistics::read_statistics(&ask.service, ask.context, call, number).await)
}

/// The same figures as a workbook (XLSX).
#[utoipa::path(tag = "reviews", responses((status = 200, description = "The workbook", content((FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/calls/{call}/stages/{stage}/statistics.xlsx")]
async fn export_statistics(ask: Ask, path: Path<(Uuid, i32)>) -> Download {
    let (call, number) = path.into_inner();
    Download(statistics::export_statistics(&ask.service, ask.context, call, number).await)
}
