use actix_web::body::BoxBody;
use actix_web::cookie::Cookie;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use service::call::DocumentFile;
use service::{Answer, Problem};

use crate::problem::respond;

/// The answer to an operation: a view with its ETag, or a problem document.
pub struct Reply<T> {
    result: Result<Answer<T>, Problem>,
    status: StatusCode,
    cookie: Option<Cookie<'static>>,
    next: Option<String>,
}

impl<T> Reply<T> {
    fn new(result: Result<Answer<T>, Problem>, status: StatusCode) -> Reply<T> {
        Reply {
            result,
            status,
            cookie: None,
            next: None,
        }
    }

    /// The same with a cookie, which is set when the operation succeeds.
    pub fn with(self, cookie: Option<Cookie<'static>>) -> Reply<T> {
        Reply { cookie, ..self }
    }

    /// 200 with the view.
    pub fn ok(result: Result<Answer<T>, Problem>) -> Reply<T> {
        Reply::new(result, StatusCode::OK)
    }

    /// 200 with a page of a list, and in `Link` where it goes on: at the cursor that `next` finds.
    pub fn page(
        result: Result<Answer<T>, Problem>,
        next: impl FnOnce(&T) -> Option<&String>,
    ) -> Reply<T> {
        let answer = result.as_ref().ok();
        let next = answer.and_then(|answer| next(&answer.value).cloned());
        Reply {
            next,
            ..Reply::ok(result)
        }
    }

    /// 201 with what was made.
    pub fn created(result: Result<Answer<T>, Problem>) -> Reply<T> {
        Reply::new(result, StatusCode::CREATED)
    }

    /// 202: it is on its way, by mail.
    pub fn accepted(result: Result<Answer<T>, Problem>) -> Reply<T> {
        Reply::new(result, StatusCode::ACCEPTED)
    }
}

impl<T: Serialize> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let answer = match self.result {
            Ok(answer) => answer,
            Err(problem) => return respond(problem, request),
        };
        if knows(request, &answer.etag) {
            return not_modified(&answer.etag);
        }
        let body = match serde_json::to_vec(&answer.value) {
            Ok(body) => body,
            Err(error) => return respond(Problem::internal(error), request),
        };
        let status = if answer.dry_run {
            StatusCode::OK
        } else {
            self.status
        };
        let mut response = HttpResponse::build(status);
        response.insert_header(("ETag", answer.etag));
        response.insert_header(("Cache-Control", "private, no-cache"));
        if answer.dry_run {
            response.insert_header(("Dry-Run", "true"));
        }
        if let Some(next) = self.next {
            response.insert_header(("Link", link(request, &next)));
        }
        if let Some(cookie) = self.cookie.filter(|_| !answer.dry_run) {
            response.cookie(cookie);
        }
        response.content_type("application/json").body(body)
    }
}

/// Whether a reader says that it has what this ETag names.
pub(crate) fn knows(request: &HttpRequest, etag: &str) -> bool {
    let tags = request.headers().get("If-None-Match");
    let tags = tags.and_then(|value| value.to_str().ok());
    request.method() == Method::GET
        && tags.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag))
}

pub(crate) fn not_modified(etag: &str) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header(("ETag", etag))
        .finish()
}

/// A file as it was sent, to be kept and not to be shown; its ETag is the digest of its bytes.
pub struct Download(pub Result<Answer<DocumentFile>, Problem>);

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let file = match self.0 {
            Ok(answer) => answer.value,
            Err(problem) => return respond(problem, request),
        };
        let etag = format!("\"{}\"", file.sha256);
        if knows(request, &etag) {
            return not_modified(&etag);
        }
        let disposition = format!("attachment; filename=\"{}\"", file.name);
        HttpResponse::Ok()
            .insert_header(("ETag", etag))
            .insert_header(("Cache-Control", "private, no-cache"))
            .insert_header(("Content-Disposition", disposition))
            .content_type(file.content_type)
            .body(file.content)
    }
}

/// The same request at another cursor, as the target of a link (RFC 8288).
fn link(request: &HttpRequest, cursor: &str) -> String {
    let query = request.query_string().split('&');
    let others = query.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = others.collect();
    let before = match query.as_slice() {
        [] => String::new(),
        query => format!("{}&", query.join("&")),
    };
    format!("<{}?{before}cursor={cursor}>; rel=\"next\"", request.path())
}
