//! The documents of a call.

use actix_web::web::{Path, Query};
use actix_web::{delete, get, put};
use serde::Deserialize;
use service::call::{self, DocumentHeading};
use service::view::call::CallView;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, Download, FileBody, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(put_document)
        .service(remove_document)
        .service(read_document);
}

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it stands in the API's document alone")]
pub(crate) struct FileBytes(Vec<u8>);

/// Which version of a document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Version {
    /// Its number; left out, the one that counts.
    version: Option<i32>,
}

/// Why a document is taken out.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Why {
    /// Why, for the public log of changes.
    reason: Option<String>,
}

/// Add a document to the call, or replace one; the body is the file itself, at most 10 MiB.
///
/// A new document needs title and kind; of one that is replaced, what is left out stays. If-Match is the call's.
#[utoipa::path(tag = "calls", params(DocumentHeading), request_body(content(
        (FileBytes = "text/plain", example = json!("Guidelines for applicants.")),
        (FileBytes = "text/markdown", example = json!("# Guidelines for applicants")),
        (FileBytes = "application/pdf", example = json!("%PDF-1.7\n%%EOF\n")),
        (FileBytes = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", example = json!("PK")),
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("PK")))),
    responses((status = 200, description = "The call", body = CallView), Problems))]
#[put("/calls/{call}/documents/{key}")]
async fn put_document(
    ask: Ask<FileBody>,
    path: Path<(Uuid, String)>,
    heading: Query<DocumentHeading>,
) -> Reply<CallView> {
    let (id, key) = path.into_inner();
    let heading = heading.into_inner();
    Reply::ok(call::put_document(&ask.service, ask.context, id, key, heading, ask.input.0).await)
}

/// Take a document out of the call; its versions stay to be read. If-Match is the call's.
#[utoipa::path(tag = "calls", params(Why), responses((status = 200, description = "The call", body = CallView), Problems))]
#[delete("/calls/{call}/documents/{key}")]
async fn remove_document(ask: Ask, path: Path<(Uuid, String)>, why: Query<Why>) -> Reply<CallView> {
    let (id, key) = path.into_inner();
    let reason = why.into_inner().reason;
    Reply::ok(call::remove_document(&ask.service, ask.context, id, key, reason).await)
}

/// The bytes of a document of the call, to be kept as a file; its ETag is their SHA-256.
#[utoipa::path(tag = "calls", security(()), params(Version), responses((status = 200, description = "The file", content(
        (FileBytes = "application/pdf"), (FileBytes = "text/plain"), (FileBytes = "text/markdown"),
        (FileBytes = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
#[get("/calls/{call}/documents/{key}")]
async fn read_document(
    ask: PublicAsk,
    path: Path<(Uuid, String)>,
    which: Query<Version>,
) -> Download {
    let (id, key) = path.into_inner();
    Download(call::read_document(&ask.service, ask.context, id, key, which.version).await)
}
