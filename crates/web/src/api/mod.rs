//! The JSON API, one file for each aggregate.

mod access;
mod agenda;
mod call;
mod commitment;
mod intake;
mod review;

use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds all operations under `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        utoipa_actix_web::scope("/api/v1")
            .configure(access::routes)
            .configure(agenda::routes)
            .configure(call::routes)
            .configure(intake::routes)
            .configure(review::routes)
            .configure(commitment::routes),
    );
}

/// The head of the OpenAPI document; the operations add themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "JTC",
        description = "Management of joint transnational calls. Errors are problem documents (RFC 9457); \
            writes that change something read before ask for its ETag in If-Match; POST takes an \
            Idempotency-Key; every action takes ?dry_run=true.",
        license(name = "EUPL-1.2")
    ),
    components(schemas(crate::ProblemDocument))
)]
struct Document;

/// The document's head.
pub(crate) fn head() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The whole document, with every operation.
pub fn full_document() -> utoipa::openapi::OpenApi {
    actix_web::App::new()
        .into_utoipa_app()
        .openapi(head())
        .configure(routes)
        .split_for_parts()
        .1
}
