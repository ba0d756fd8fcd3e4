use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use access::{Actor, Denied};
use actix_web::cookie::time::OffsetDateTime;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::StreamExt;
use kernel::{Code, Fault};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use service::access::NewSession;
use service::call::SentFile;
use service::context::Arrival;
use service::{Context, Idempotency, Problem, Service};
use sha2::{Digest, Sha256};

use crate::problem::Reject;
use crate::server::Frame;

/// The session's cookie. The prefix binds it to https (browsers let loopback pass) and to this host.
pub const SESSION_COOKIE: &str = "__Host-jtc";

/// The cookie of a session that began, as long as the session lasts.
pub fn session_cookie(session: &NewSession) -> Cookie<'static> {
    let until = OffsetDateTime::from_unix_timestamp(session.expires_at.timestamp());
    let mut cookie = bare_cookie(session.token.clone());
    if let Ok(until) = until {
        cookie.set_expires(until);
    }
    cookie
}

/// Takes the session's cookie from the browser.
pub fn no_session_cookie() -> Cookie<'static> {
    let mut cookie = bare_cookie(String::new());
    cookie.make_removal();
    cookie
}

fn bare_cookie(value: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// A request: who asks under which conditions, and the body.
///
/// The order is fixed: the body is read, the arrival is stamped, the person authenticated, and only then
/// is the body parsed, so that a stranger learns nothing from a shape fault. Unless the operation is
/// `OPEN` to everybody, nobody comes past that point without a login: so nothing that is loaded later can
/// make two answers to strangers differ.
pub struct Ask<T = NoBody, const OPEN: bool = false> {
    /// The parts.
    pub service: Service,
    /// Who asks, and how.
    pub context: Context,
    /// The parsed body.
    pub input: T,
}

/// A request to an operation that needs no login.
pub type PublicAsk<T = NoBody> = Ask<T, true>;

/// For operations that read no body.
#[derive(Debug, Deserialize)]
pub struct NoBody {}

#[derive(Deserialize)]
struct Flags {
    #[serde(default)]
    dry_run: bool,
}

/// What a request's body is read into.
pub trait Body: Sized + 'static {
    /// The largest body, in bytes.
    const MOST_BYTES: usize;

    /// Reads a body that has come whole.
    fn read(request: &HttpRequest, body: &Bytes) -> Result<Self, Problem>;
}

impl<T: DeserializeOwned + 'static> Body for T {
    /// A full proposal's texts with room to spare.
    const MOST_BYTES: usize = 2 * 1024 * 1024;

    fn read(request: &HttpRequest, body: &Bytes) -> Result<T, Problem> {
        parse(request, body)
    }
}

/// A body that is taken as it comes.
pub struct FileBody(pub SentFile);

impl Body for FileBody {
    const MOST_BYTES: usize = call::LARGEST_DOCUMENT;

    fn read(request: &HttpRequest, body: &Bytes) -> Result<FileBody, Problem> {
        Ok(FileBody(SentFile {
            content_type: header(request, "Content-Type").unwrap_or_default(),
            content: body.to_vec(),
        }))
    }
}

impl<T: Body, const OPEN: bool> FromRequest for Ask<T, OPEN> {
    type Error = Reject;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Reject>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            ask(&request, payload)
                .await
                .map_err(|problem| Reject::new(problem, &request))
        })
    }
}

async fn ask<T: Body, const OPEN: bool>(
    request: &HttpRequest,
    payload: Payload,
) -> Result<Ask<T, OPEN>, Problem> {
    refuse_nul_in_address(request)?;
    let body = read(payload, T::MOST_BYTES).await?;
    let arrival = Arc::new(frame(request)?.service.arrive());
    let Known { service, context } = know(request, &body, OPEN, arrival.at, Some(arrival)).await?;
    let input = T::read(request, &body)?;
    Ok(Ask {
        service,
        context,
        input,
    })
}

fn frame(request: &HttpRequest) -> Result<&Data<Frame>, Problem> {
    request
        .app_data::<Data<Frame>>()
        .ok_or_else(|| Problem::internal("no frame"))
}

/// Refuses what no text is made of and no database takes; of bodies [`refuse_nul`] says where it stands.
pub(crate) fn refuse_nul_in_address(request: &HttpRequest) -> Result<(), Problem> {
    let address = [request.uri().path(), request.query_string()];
    if address.iter().any(|part| part.contains("%00")) {
        let remedy = "U+0000 is no text; leave it out of the address";
        return Err(Problem::invalid("/query", "nul", remedy));
    }
    Ok(())
}

/// What is known of a request besides what it wants.
pub(crate) struct Known {
    /// The parts.
    pub(crate) service: Service,
    /// Who asks, and how.
    pub(crate) context: Context,
}

/// Finds out who asks, and how. `body` is what an idempotency key goes with.
pub(crate) async fn know(
    request: &HttpRequest,
    body: &[u8],
    open: bool,
    arrived: Instant,
    arrival: Option<Arc<Arrival>>,
) -> Result<Known, Problem> {
    let frame = frame(request)?;
    let service = frame.service.clone();
    let source = source(request, frame);
    let actor = authenticate(request, &service).await?;
    if !open && matches!(actor, Actor::Public) {
        return Err(Denied::NotAuthenticated.into());
    }
    let query = request.query_string();
    let flags: Flags = serde_urlencoded::from_str(query)
        .map_err(|error| parameter("dry_run", &error.to_string()))?;
    let context = Context {
        actor,
        dry_run: flags.dry_run,
        if_match: header(request, "If-Match"),
        idempotency: idempotency(request, query, body)?,
        request_id: request_id(request),
        source,
        arrived,
        arrival,
    };
    Ok(Known { service, context })
}

async fn read(mut payload: Payload, most: usize) -> Result<Bytes, Problem> {
    let mut body = actix_web::web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Code::MalformedBody, format!("The body broke off: {error}."))
        })?;
        if body.len() + chunk.len() > most {
            return Err(Problem::new(
                Code::TooLarge,
                format!("The body is larger than {most} bytes; send less at once."),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Refuses U+0000 in any text of the body, as [`kernel::no_text`] does. Only a body that spells it out is
/// looked at closer.
fn refuse_nul(body: &[u8]) -> Result<(), Problem> {
    const SPELT: &[u8] = b"\\u0000";
    if !body.windows(SPELT.len()).any(|bytes| bytes == SPELT) {
        return Ok(());
    }
    match serde_json::from_slice(body) {
        Ok(document) => Ok(kernel::no_text(&document).or(())?),
        // What is wrong with it the parser says.
        Err(_) => Ok(()),
    }
}

fn parse<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    let json = request
        .content_type()
        .split(';')
        .next()
        .is_some_and(|kind| kind == "application/json" || kind == "application/merge-patch+json");
    if !body.is_empty() && !json {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            "Send the body as application/json.",
        ));
    }
    let body = if body.is_empty() { b"{}" } else { body };
    refuse_nul(body)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let detail = error.inner().to_string();
        Problem {
            errors: vec![Fault::new(pointer, "shape", detail.clone())],
            ..Problem::new(
                Code::MalformedBody,
                format!("The body cannot be read: {detail}. The documentation at /api/docs shows its shape."),
            )
        }
    })?;
    reader.end().map_err(|error| {
        Problem::new(
            Code::MalformedBody,
            format!("Something follows the JSON body: {error}."),
        )
    })?;
    Ok(parsed)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

async fn authenticate(request: &HttpRequest, service: &Service) -> Result<Actor, Problem> {
    if let Some(value) = header(request, "Authorization") {
        let token = value.strip_prefix("Bearer ").ok_or_else(|| {
            Problem::new(
                Code::NotAuthenticated,
                "The Authorization header must be `Bearer` and a token.",
            )
        })?;
        return service::access::authenticate(service, token.trim()).await;
    }
    let Some(cookie) = request.cookie(SESSION_COOKIE) else {
        return Ok(Actor::Public);
    };
    if request.method() != Method::GET && request.method() != Method::HEAD {
        same_site(request)?;
    }
    match service::access::authenticate(service, cookie.value()).await {
        // An old cookie must not keep its bearer from the public pages or from logging in again.
        Err(problem) if problem.code == Code::NotAuthenticated => Ok(Actor::Public),
        other => other,
    }
}

/// Cookies come along with requests that other sites make: those are refused.
fn same_site(request: &HttpRequest) -> Result<(), Problem> {
    let refused = || {
        Problem::new(
            Code::CrossSite,
            "This request was made by another site; use a bearer token for programs.",
        )
    };
    match header(request, "Sec-Fetch-Site").as_deref() {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(refused()),
        None => {}
    }
    let origin = header(request, "Origin").ok_or_else(refused)?;
    let host = header(request, "Host").ok_or_else(refused)?;
    let from = origin.split("//").nth(1).unwrap_or_default();
    (from == host).then_some(()).ok_or_else(refused)
}

fn idempotency(
    request: &HttpRequest,
    query: &str,
    body: &[u8],
) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = header(request, "Idempotency-Key") else {
        return Ok(None);
    };
    if request.method() != Method::POST {
        return Ok(None);
    }
    if key.is_empty() || key.len() > 200 {
        return Err(parameter("Idempotency-Key", "give 1 to 200 characters"));
    }
    let mut hash = Sha256::new();
    hash.update(query.as_bytes());
    hash.update([0]);
    hash.update(body);
    Ok(Some(Idempotency {
        key,
        route: format!("{} {}", request.method(), request.path()),
        body_sha256: hash.finalize().to_vec(),
    }))
}

/// A problem with a parameter of the path, the query or a header.
pub fn parameter(name: &str, remedy: &str) -> Problem {
    Problem {
        errors: vec![Fault::new(format!("/{name}"), "parameter", remedy)],
        ..Problem::new(
            Code::MalformedParameter,
            format!("The parameter {name} cannot be read: {remedy}."),
        )
    }
}

fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let value = request.headers().get(name)?.to_str().ok()?;
    Some(value.trim().to_owned())
}

/// The client's own id for the request, where it is plain enough to be logged, or a new one.
pub fn request_id(request: &HttpRequest) -> String {
    #[derive(Clone)]
    struct Known(String);
    if let Some(known) = request.extensions().get::<Known>() {
        return known.0.clone();
    }
    let given = header(request, "X-Request-Id").filter(|id| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let id = given.unwrap_or_else(|| kernel::id::new().to_string());
    request.extensions_mut().insert(Known(id.clone()));
    id
}

/// The client's address: the peer, or what the nearest trusted proxy says about it.
pub fn source(request: &HttpRequest, frame: &Frame) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip());
    let proxies = &frame.settings.trusted_proxies;
    let trusted = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !trusted(&peer) {
        return peer;
    }
    let forwarded = header(request, "X-Forwarded-For").unwrap_or_default();
    forwarded
        .rsplit(',')
        .filter_map(|hop| hop.trim().parse().ok())
        .find(|hop| !trusted(hop))
        .unwrap_or(peer)
}
