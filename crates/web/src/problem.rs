use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use kernel::{Code, Fault};
use serde::Serialize;
use service::Problem;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::ask::request_id;

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/problems/stale_version")]
    kind: String,
    /// The same words each time the code is used.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, and the remedy.
    detail: String,
    /// The path asked for.
    instance: String,
    /// The code from the registry.
    #[schema(value_type = String, example = "stale_version")]
    code: Code,
    /// By field: of shape faults the first, of content faults all.
    errors: Vec<Fault>,
    /// For the secretariat's and the operator's logs.
    request_id: String,
    /// Of a stale change to a draft: the fields it touches, as it has them, as they are now, and as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    merge: Option<Box<intake::Merge>>,
}

/// Builds the answer for a problem and logs what the client does not see.
pub fn respond(problem: Problem, request: &HttpRequest) -> HttpResponse {
    let id = request_id(request);
    if let Some(cause) = &problem.cause {
        if problem.code.status() >= 500 {
            tracing::error!(request_id = %id, code = %problem.code, cause, "request failed");
        } else {
            tracing::info!(request_id = %id, code = %problem.code, cause, "request refused");
        }
    }
    let status = problem.code.status();
    let document = ProblemDocument {
        kind: format!("/problems/{}", problem.code),
        title: problem.code.title().to_owned(),
        status,
        detail: problem.detail,
        instance: request.path().to_owned(),
        code: problem.code,
        errors: problem.errors,
        request_id: id,
        merge: problem.merge,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(etag) = problem.etag {
        response.insert_header(("ETag", etag));
    }
    if let Some(seconds) = problem.retry_after {
        response.insert_header(("Retry-After", seconds.to_string()));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header(("WWW-Authenticate", "Bearer"));
    }
    let body = serde_json::to_vec(&document).unwrap_or_default();
    response.content_type("application/problem+json").body(body)
}

/// A problem met before the handler ran, with its answer made.
#[derive(Debug)]
pub struct Reject(std::cell::RefCell<Option<HttpResponse>>, StatusCode);

impl Reject {
    /// The rejection of `request`.
    pub fn new(problem: Problem, request: &HttpRequest) -> Reject {
        let response = respond(problem, request);
        let status = response.status();
        Reject(std::cell::RefCell::new(Some(response)), status)
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rejected with {}", self.1)
    }
}

impl ResponseError for Reject {
    fn status_code(&self) -> StatusCode {
        self.1
    }

    fn error_response(&self) -> HttpResponse {
        self.0
            .borrow_mut()
            .take()
            .unwrap_or_else(|| HttpResponse::new(self.1))
    }
}

/// The problem answers that any operation can give, for the OpenAPI document.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let words = [
            (400, "A parameter cannot be read"),
            (401, "Nobody is logged in, or the credentials do not match"),
            (403, "Visible, but not allowed for the roles worn"),
            (404, "Absent or hidden"),
            (
                409,
                "The state, the deadline or a conflict of interest does not allow it",
            ),
            (410, "The one-time link is spent"),
            (
                412,
                "If-Match names an older version; ETag has the current one",
            ),
            (413, "The body is too large"),
            (415, "The operation does not read a body of this media type"),
            (422, "The body breaks rules; errors lists them by field"),
            (428, "If-Match is missing"),
            (429, "Too many requests; Retry-After says when to come back"),
            (500, "A fault on our side"),
            (503, "Not available now; Retry-After says when to come back"),
        ];
        words
            .into_iter()
            .map(|(status, description)| {
                let content = ContentBuilder::new()
                    .schema(Some(Ref::from_schema_name("ProblemDocument")))
                    .build();
                let response = ResponseBuilder::new()
                    .description(description)
                    .content("application/problem+json", content)
                    .build();
                (status.to_string(), RefOr::T(response))
            })
            .collect()
    }
}
