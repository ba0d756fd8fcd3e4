//! The JSON API, one file for each aggregate.

mod access;
mod agenda;
mod call;
mod commitment;
mod intake;
mod interest;
mod publication;
mod review;

use ::access::{Action, allowed};
use actix_web::dev::HttpServiceFactory;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
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
    interest::routes(config);
    publication::routes(config);
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

/// The whole document, with every operation and who may call it. The server serves the committed copy,
/// which a test compares with this.
pub fn full_document() -> utoipa::openapi::OpenApi {
    let mut document = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .service(utoipa_actix_web::scope(BASE).configure(
            |config: &mut utoipa_actix_web::service_config::ServiceConfig| routes(config),
        ))
        .split_for_parts()
        .1;
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            say_who(operation);
        }
    }
    document
}

/// Adds the roles that the policy allows, for operations named after their deed.
fn say_who(operation: &mut Operation) {
    let name = operation.operation_id.as_deref().unwrap_or_default();
    let Ok(action) = name.parse::<Action>() else {
        return;
    };
    let roles: Vec<String> = allowed(action).iter().map(ToString::to_string).collect();
    let text = operation.description.get_or_insert_default();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(&format!(
        "For: {}. Scope of a token: {}.",
        roles.join(", "),
        action.scope()
    ));
}
