//! The JSON API, one file for each aggregate.

mod access;
mod agenda;
mod amendment;
mod call;
mod commitment;
mod consortium;
mod document;
mod draft;
mod eligibility;
mod exchange;
mod file;
mod funding;
mod intake;
mod interest;
mod named;
mod publication;
mod redress;
mod review;
mod scenario;
mod waiver;

use ::access::{Action, allowed};
use actix_web::dev::HttpServiceFactory;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, Object, ObjectBuilder, Ref, RefOr, Required, Schema, SecurityRequirement, Type,
};
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
    document::routes(config);
    interest::routes(config);
    publication::routes(config);
    intake::routes(config);
    eligibility::routes(config);
    exchange::routes(config);
    named::routes(config);
    waiver::routes(config);
    draft::routes(config);
    consortium::routes(config);
    file::routes(config);
    review::routes(config);
    commitment::routes(config);
    amendment::routes(config);
    funding::routes(config);
    scenario::routes(config);
    redress::routes(config);
}

/// The head of the OpenAPI document; the operations add themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "JTC",
        description = "Management of joint transnational calls. Errors are problem documents (RFC 9457); \
            writes that change something read before ask for its ETag in If-Match (what only is or is not, as a \
            session or a role, ends without); POST takes an Idempotency-Key; every action takes \
            ?dry_run=true; a list that goes on says where in Link.",
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
    let components = document.components.get_or_insert_default();
    for item in document.paths.paths.values_mut() {
        let operations = [
            (&mut item.get, [].as_slice()),
            (&mut item.put, &[DRY_RUN, IF_MATCH]),
            (&mut item.post, &[DRY_RUN, IF_MATCH, IDEMPOTENCY_KEY]),
            (&mut item.delete, &[DRY_RUN, IF_MATCH]),
            (&mut item.patch, &[DRY_RUN, IF_MATCH]),
        ];
        for (operation, conditions) in operations {
            if let Some(operation) = operation {
                say_who(operation);
                say_how(operation, conditions);
                say_whether_a_body_is_needed(operation, components);
            }
        }
    }
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    for condition in [DRY_RUN, IF_MATCH, IDEMPOTENCY_KEY] {
        let parameter = RefOr::T(condition.parameter());
        components
            .parameters
            .insert(condition.name.to_owned(), parameter);
    }
    document
}

const BEARER: &str = "bearer";

/// A condition that a writing request can name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Condition {
    name: &'static str,
    in_header: bool,
    meaning: &'static str,
}

const DRY_RUN: Condition = Condition {
    name: "dry_run",
    in_header: false,
    meaning: "Say what would happen, faults included, and change nothing.",
};
const IF_MATCH: Condition = Condition {
    name: "If-Match",
    in_header: true,
    meaning: "The ETag of what was read before; where it is needed and missing the answer is 428.",
};
const IDEMPOTENCY_KEY: Condition = Condition {
    name: "Idempotency-Key",
    in_header: true,
    meaning: "1 to 200 characters: a repetition with the same key is answered as the first time.",
};

impl Condition {
    fn schema(self, kind: Type) -> Object {
        let object = ObjectBuilder::new().schema_type(kind);
        match self == IDEMPOTENCY_KEY {
            true => object.min_length(Some(1)).max_length(Some(200)).build(),
            false => object.build(),
        }
    }

    fn parameter(self) -> Parameter {
        let (place, kind) = match self.in_header {
            true => (ParameterIn::Header, Type::String),
            false => (ParameterIn::Query, Type::Boolean),
        };
        ParameterBuilder::new()
            .name(self.name)
            .parameter_in(place)
            .description(Some(self.meaning))
            .required(Required::False)
            .schema(Some(self.schema(kind)))
            .build()
    }
}

/// Adds the conditions a request can name. An operation that is not open to everybody needs a login, and
/// only there is something known that more than a dry run could be asked about.
fn say_how(operation: &mut Operation, conditions: &[Condition]) {
    let security = operation.security.get_or_insert_default();
    let open = !security.is_empty();
    security.push(SecurityRequirement::new(BEARER, Vec::<String>::new()));
    if conditions.contains(&DRY_RUN) {
        say_dry(operation);
    }
    for condition in conditions {
        if !open || *condition == DRY_RUN {
            let name = format!("#/components/parameters/{}", condition.name);
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(RefOr::Ref(Ref::new(name)));
        }
    }
}

/// A dry run makes nothing and sends nothing, so it answers 200 with what would be made.
fn say_dry(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    let made = ["201", "202"]
        .iter()
        .find_map(|status| responses.get(*status));
    if let Some(RefOr::T(mut dry)) = made.cloned() {
        dry.description = "What would be answered, by a dry run".to_owned();
        responses.entry("200".to_owned()).or_insert(RefOr::T(dry));
    }
}

/// A body without a field that must be there may be left out: no body is read as `{}`.
fn say_whether_a_body_is_needed(operation: &mut Operation, components: &Components) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let Some(RefOr::T(content)) = body.content.values().next() else {
        return;
    };
    let Some(RefOr::Ref(reference)) = &content.schema else {
        return;
    };
    let name = reference
        .ref_location
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get(name)
        && object.required.is_empty()
    {
        body.required = Some(Required::False);
    }
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
