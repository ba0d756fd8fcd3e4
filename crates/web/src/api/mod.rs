//! The JSON API, one file for each aggregate.

mod access;
mod agenda;
mod call;
mod commitment;
mod intake;
mod review;

use actix_web::dev::HttpServiceFactory;
use utoipa::OpenApi;
use utoipa_actix_web::{AppExt, OpenApiFactory};

/// What operations are added to: the server, or the OpenAPI document. Only the second needs the
/// operations' descriptions, which take 14 MB to put together.
pub trait Routes {
    /// Adds an operation.
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static;
}

impl Routes for actix_web::web::ServiceConfig {
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        self.service(operation)
    }
}

impl Routes for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        self.service(operation)
    }
}

/// Where the operations stand.
pub const BASE: &str = "/api/v1";

/// Adds all operations.
pub fn routes(config: &mut impl Routes) {
    access::routes(config);
    agenda::routes(config);
    call::routes(config);
    intake::routes(config);
    review::routes(config);
    commitment::routes(config);
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

/// The whole document, with every operation. The server serves the committed copy, which a test compares
/// with this.
pub fn full_document() -> utoipa::openapi::OpenApi {
    actix_web::App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .service(utoipa_actix_web::scope(BASE).configure(
            |config: &mut utoipa_actix_web::service_config::ServiceConfig| routes(config),
        ))
        .split_for_parts()
        .1
}
