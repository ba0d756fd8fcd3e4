//! Files of proposals: uploaded in pieces, handed out as attachments.

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use service::intake::{self as intakes, NewUpload};
use service::view::intake::UploadView;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::Routes;
use crate::{Ask, FileDownload, Problems, Reply, Stream};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(upload_file)
        .service(append_upload)
        .service(read_upload)
        .service(delete_upload)
        .service(read_file);
}

/// A part of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "it stands in the API's document alone")]
struct FilePart(Vec<u8>);

/// Begin to upload a file to the proposal. Its bytes follow with PATCH, in as many requests as it takes.
#[utoipa::path(tag = "proposals", request_body(content = NewUpload, example = json!({
    "name": "letters.pdf", "bytes": 48213})),
    responses((status = 201, description = "The upload", body = UploadView), Problems))]
#[post("/proposals/{proposal}/uploads")]
async fn upload_file(ask: Ask<NewUpload>, path: Path<Uuid>) -> Reply<UploadView> {
    let proposal = path.into_inner();
    Reply::created(intakes::upload_file(&ask.service, ask.context, proposal, ask.input).await)
}

/// Send the next bytes of the file; `Upload-Offset` says where they belong, and an upload stands at one place alone.
///
/// What came before a connection broke off counts: ask for the offset, and go on from there. With the last byte the
/// file is looked at, and accepted, or refused (422) with what is wrong; sent again, it is answered alike.
#[utoipa::path(tag = "proposals",
    params(("Upload-Offset" = u64, Header, description = "Where the body belongs: the upload's `offset`")),
    request_body(content((FilePart = "application/offset+octet-stream", example = json!("%PDF-1.7\n")))),
    responses((status = 200, description = "The upload", body = UploadView), Problems))]
#[patch("/uploads/{upload}")]
async fn append_upload(stream: Stream, path: Path<Uuid>) -> Reply<UploadView> {
    let id = path.into_inner();
    let append = async |service, context, offset, bytes| {
        intakes::append_upload(&service, context, id, offset, bytes).await
    };
    Reply::ok(stream.into(append).await)
}

/// Where an upload stands: what offset to go on from, and in the end the file or what is wrong with it.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The upload", body = UploadView), Problems))]
#[get("/uploads/{upload}")]
async fn read_upload(ask: Ask, path: Path<Uuid>) -> Reply<UploadView> {
    Reply::ok(intakes::read_upload(&ask.service, ask.context, path.into_inner()).await)
}

/// Give an upload up. A file that it has become stays.
#[utoipa::path(tag = "proposals", responses((status = 200, description = "The upload as it was", body = UploadView), Problems))]
#[delete("/uploads/{upload}")]
async fn delete_upload(ask: Ask, path: Path<Uuid>) -> Reply<UploadView> {
    Reply::ok(intakes::delete_upload(&ask.service, ask.context, path.into_inner()).await)
}

/// The bytes of a file of the proposal, for whoever may read a version that names it; always to be kept as a file.
#[utoipa::path(tag = "proposals",
    responses((status = 200, description = "The file", content(
        (FilePart = "application/pdf"), (FilePart = "image/png"), (FilePart = "image/jpeg"))), Problems))]
#[get("/proposals/{proposal}/files/{sha256}")]
async fn read_file(ask: Ask, path: Path<(Uuid, String)>) -> FileDownload {
    let (proposal, sha256) = path.into_inner();
    FileDownload(intakes::read_file(&ask.service, ask.context, proposal, sha256).await)
}
