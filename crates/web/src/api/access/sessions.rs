//! Sessions and bearer tokens.

use actix_web::web::Path;
use actix_web::{delete, get, post};
use service::access::{
    self, LogIn, NewSession, NewToken, OnItsWay, Redeem, RequestLink, TokenInput, Tokens,
};
use uuid::Uuid;

use crate::api::Routes;
use crate::ask::{no_session_cookie, session_cookie};
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(log_in)
        .service(request_login_link)
        .service(redeem_login_link)
        .service(list_sessions)
        .service(log_out)
        .service(end_session)
        .service(make_token)
        .service(list_tokens)
        .service(revoke_token);
}

/// Log in by password. The token comes as a cookie too; programs send it as `Authorization: Bearer`.
#[utoipa::path(tag = "sessions", security(()), request_body(content = LogIn, example = json!({
    "email": "marie.curie@example.org", "password": "radium glows in the shed"})),
    responses((status = 201, description = "The session, its token shown this once", body = NewSession), Problems))]
#[post("/sessions")]
async fn log_in(ask: PublicAsk<LogIn>) -> Reply<NewSession> {
    begun(access::log_in(&ask.service, ask.context, ask.input).await)
}

/// Have a link sent that logs in once. The answer is the same for an unknown address.
#[utoipa::path(tag = "sessions", security(()), request_body(content = RequestLink, example = json!({"email": "marie.curie@example.org"})),
    responses((status = 202, description = "A mail is on its way", body = OnItsWay), Problems))]
#[post("/sessions/link")]
async fn request_login_link(ask: PublicAsk<RequestLink>) -> Reply<OnItsWay> {
    Reply::accepted(access::request_login_link(&ask.service, ask.context, ask.input).await)
}

/// Log in with the token of a mailed link, and with the second factor where the account has one.
#[utoipa::path(tag = "sessions", security(()), request_body(content = Redeem, example = json!({"token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"})),
    responses((status = 201, description = "The session, its token shown this once", body = NewSession), Problems))]
#[post("/sessions/redeem")]
async fn redeem_login_link(ask: PublicAsk<Redeem>) -> Reply<NewSession> {
    begun(access::redeem_login_link(&ask.service, ask.context, ask.input).await)
}

/// A session that began comes as a cookie too.
pub(super) fn begun(
    result: Result<service::Answer<NewSession>, service::Problem>,
) -> Reply<NewSession> {
    let cookie = match &result {
        Ok(answer) if !answer.dry_run => Some(session_cookie(&answer.value)),
        Ok(_) | Err(_) => None,
    };
    Reply::created(result).with(cookie)
}

/// The own sessions.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The sessions in force", body = Tokens), Problems))]
#[get("/sessions")]
async fn list_sessions(ask: Ask) -> Reply<Tokens> {
    Reply::ok(access::list_sessions(&ask.service, ask.context).await)
}

/// Log out: the session of this request ends.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The sessions left", body = Tokens), Problems))]
#[delete("/sessions/current")]
async fn log_out(ask: Ask) -> Reply<Tokens> {
    Reply::ok(access::log_out(&ask.service, ask.context).await).with(Some(no_session_cookie()))
}

/// End one of the own sessions, on its next request.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The sessions left", body = Tokens), Problems))]
#[delete("/sessions/{session}")]
async fn end_session(ask: Ask, path: Path<Uuid>) -> Reply<Tokens> {
    Reply::ok(access::end_session(&ask.service, ask.context, path.into_inner()).await)
}

/// Make a bearer token for a program.
#[utoipa::path(tag = "sessions", request_body(content = TokenInput, example = json!({
    "label": "nightly export", "scopes": ["read"], "expires_at": "2027-06-30T00:00:00Z"})),
    responses((status = 201, description = "The token, shown this once", body = NewToken), Problems))]
#[post("/tokens")]
async fn make_token(ask: Ask<TokenInput>) -> Reply<NewToken> {
    Reply::created(access::make_token(&ask.service, ask.context, ask.input).await)
}

/// The own bearer tokens.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The tokens in force", body = Tokens), Problems))]
#[get("/tokens")]
async fn list_tokens(ask: Ask) -> Reply<Tokens> {
    Reply::ok(access::list_tokens(&ask.service, ask.context).await)
}

/// Revoke one of the own bearer tokens, on its next request.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The tokens left", body = Tokens), Problems))]
#[delete("/tokens/{token}")]
async fn revoke_token(ask: Ask, path: Path<Uuid>) -> Reply<Tokens> {
    Reply::ok(access::revoke_token(&ask.service, ask.context, path.into_inner()).await)
}
