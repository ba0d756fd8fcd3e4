//! What surrounds every handler: the rate limit, the security headers, the metrics.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use kernel::Code;
use service::Problem;

use crate::ask::{request_id, source};
use crate::problem::respond;
use crate::server::Frame;

/// On every answer, errors included. One policy without exceptions: nothing inline, nothing foreign.
const HEADERS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "strict-transport-security",
        "max-age=63072000; includeSubDomains",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    ("x-permitted-cross-domain-policies", "none"),
];

/// Limits, measures and dresses every request.
pub async fn surround<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let started = Instant::now();
    let id = request_id(request.request());
    let method = request.method().to_string();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let allowance = request.app_data::<Data<Frame>>().and_then(|frame| {
        let source = source(request.request(), frame);
        frame.limits.take(source, request.path())
    });
    let mut response = match allowance.as_ref().and_then(|allowance| allowance.wait) {
        Some(seconds) => {
            let problem = Problem {
                retry_after: Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
                ..Problem::new(
                    Code::TooManyRequests,
                    format!("Too many requests from your address; wait {seconds} s and try again."),
                )
            };
            let answer: actix_web::HttpResponse<BoxBody> = respond(problem, request.request());
            request.into_response(answer).map_into_right_body()
        }
        None => match next.call(request).await {
            Ok(response) => response.map_into_left_body(),
            Err(error) => return Err(error),
        },
    };
    let status = response.status().as_u16().to_string();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    // What other people sent is handed out without any of this site's powers (a second policy adds to the first).
    if headers.contains_key(CONTENT_DISPOSITION) {
        let sandbox = HeaderValue::from_static("sandbox");
        headers.append(CONTENT_SECURITY_POLICY, sandbox);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    if let Some(allowance) = allowance {
        let text = format!(
            "limit={}, remaining={}, reset=60",
            allowance.limit, allowance.remaining
        );
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static("ratelimit"), value);
        }
    }
    let labels = [("method", method), ("route", route), ("status", status)];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(started.elapsed().as_secs_f64());
    Ok(response)
}
