//! Everything that is not the JSON API: the front page, the documentation, problem pages, health.

use actix_web::dev::ServiceResponse;
use actix_web::web::{Data, Path, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse, Responder, body::MessageBody, dev::ServiceRequest};
use askama::Template;
use kernel::Code;
use service::Problem;
use service::view::call::CallSummary;
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem::respond;
use crate::server::Frame;

/// The root span of a request: no query string (it may hold a one-time token) and no user agent.
pub struct Quiet;

impl RootSpanBuilder for Quiet {
    fn on_request_start(request: &ServiceRequest) -> Span {
        tracing::info_span!(
            "request",
            id = %crate::ask::request_id(request.request()),
            method = %request.method(),
            path = request.path(),
            status = tracing::field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(
        span: Span,
        outcome: &Result<ServiceResponse<B>, actix_web::Error>,
    ) {
        if let Ok(response) = outcome {
            span.record("status", response.status().as_u16());
        }
    }
}

/// Adds the pages, and the answer for every other path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", get().to(front))
        .route("/livez", get().to(livez))
        .route("/readyz", get().to(readyz))
        .route("/problems/{code}", get().to(problem_page))
        .configure(crate::links::routes)
        .configure(crate::feeds::routes)
        .configure(crate::receipt::routes)
        .route("/style.css", get().to(style))
        .route("/api/openapi.json", get().to(openapi))
        .route("/.well-known/security.txt", get().to(security_txt))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(Config::new(["/api/openapi.json"])))
        .default_service(actix_web::web::to(nothing_here));
}

async fn livez() -> impl Responder {
    "alive"
}

/// Ready: the database answers and has this binary's migrations.
async fn readyz(request: HttpRequest, frame: Data<Frame>) -> HttpResponse {
    match service::health::ready(&frame.service).await {
        Ok(()) => HttpResponse::Ok().body("ready"),
        Err(problem) => respond(problem, &request),
    }
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    calls: Vec<CallSummary>,
}

async fn front(request: HttpRequest, frame: Data<Frame>) -> HttpResponse {
    match service::call::published(&frame.service).await {
        Ok(calls) => html(&Front { calls }, &request),
        Err(problem) => respond(problem, &request),
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    code: Code,
    title: &'static str,
    status: u16,
}

async fn problem_page(request: HttpRequest, code: Path<String>) -> HttpResponse {
    let Ok(code) = code.parse::<Code>() else {
        return respond(Problem::not_found(), &request);
    };
    let page = ProblemPage {
        code,
        title: code.title(),
        status: code.status(),
    };
    html(&page, &request)
}

pub(crate) fn html(page: &impl Template, request: &HttpRequest) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(text),
        Err(error) => respond(Problem::internal(error), request),
    }
}

/// The committed copy of the OpenAPI document; a test holds it to the code.
async fn openapi() -> impl Responder {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(include_str!("../../../openapi.json"))
}

async fn style() -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .body(include_str!("../templates/style.css"))
}

/// RFC 9116.
async fn security_txt() -> impl Responder {
    "Contact: https://github.com/icpermed/jtc/security/advisories\n\
     Expires: 2027-11-24T00:00:00Z\n\
     Preferred-Languages: en\n"
}

async fn nothing_here(request: HttpRequest) -> HttpResponse {
    // The path is that of an operation, so it was the method that found nothing.
    if request.match_pattern().is_some() {
        let detail = format!(
            "{} is not possible here; the documentation at /api/docs/ lists what is.",
            request.method()
        );
        return respond(Problem::new(Code::MethodNotAllowed, detail), &request);
    }
    respond(
        Problem::new(
            Code::NotFound,
            "There is nothing at this path; the API stands under /api/v1, its documentation at /api/docs/.",
        ),
        &request,
    )
}
