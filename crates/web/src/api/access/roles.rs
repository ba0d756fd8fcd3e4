//! Roles and the invitations to them.

use actix_web::web::Path;
use actix_web::{delete, get, post};
use service::access::{
    self, Accept, Invitations, Invite, InviteToInstallation, NewSession, Roles, Successor,
};
use service::call::Reason;
use service::view::access::InvitationView;
use uuid::Uuid;

use super::sessions::begun;
use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_roles)
        .service(invite_to_role)
        .service(list_invitations)
        .service(accept_invitation)
        .service(revoke_invitation)
        .service(hand_over_role)
        .service(end_role)
        .service(invite_to_installation);
}

/// Who wears which role in a call.
#[utoipa::path(tag = "roles", responses((status = 200, description = "The roles", body = Roles), Problems))]
#[get("/calls/{call}/roles")]
async fn list_roles(ask: Ask, path: Path<Uuid>) -> Reply<Roles> {
    Reply::ok(access::list_roles(&ask.service, ask.context, path.into_inner()).await)
}

/// Invite somebody to a role in the call, by mail.
#[utoipa::path(tag = "roles", request_body(content = Invite, example = json!({
    "email": "anna.berg@example.org", "role": "csc_chair"})),
    responses((status = 201, description = "The invitation", body = InvitationView), Problems))]
#[post("/calls/{call}/invitations")]
async fn invite_to_role(ask: Ask<Invite>, path: Path<Uuid>) -> Reply<InvitationView> {
    Reply::created(
        access::invite_to_role(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}

/// The invitations of a call that were not taken back.
#[utoipa::path(tag = "roles", responses((status = 200, description = "The invitations", body = Invitations), Problems))]
#[get("/calls/{call}/invitations")]
async fn list_invitations(ask: Ask, path: Path<Uuid>) -> Reply<Invitations> {
    Reply::ok(access::list_invitations(&ask.service, ask.context, path.into_inner()).await)
}

/// Accept an invitation, with the token of the mailed link. Without an account one is made; a session begins.
#[utoipa::path(tag = "roles", security(()), request_body(content = Accept, example = json!({
    "token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "name": "Anna Berg"})),
    responses((status = 201, description = "The session, its token shown this once", body = NewSession), Problems))]
#[post("/invitations/accept")]
async fn accept_invitation(ask: PublicAsk<Accept>) -> Reply<NewSession> {
    begun(access::accept_invitation(&ask.service, ask.context, ask.input).await)
}

/// Take an open invitation back.
#[utoipa::path(tag = "roles", responses((status = 200, description = "The invitation taken back", body = InvitationView), Problems))]
#[delete("/invitations/{invitation}")]
async fn revoke_invitation(ask: Ask, path: Path<Uuid>) -> Reply<InvitationView> {
    Reply::ok(access::revoke_invitation(&ask.service, ask.context, path.into_inner()).await)
}

/// Offer the own role to a successor, after a login of the last minutes; it ends when that person accepts.
#[utoipa::path(tag = "roles", request_body(content = Successor, example = json!({"email": "anna.berg@example.org"})),
    responses((status = 201, description = "The invitation", body = InvitationView), Problems))]
#[post("/roles/{role}/hand-over")]
async fn hand_over_role(ask: Ask<Successor>, path: Path<Uuid>) -> Reply<InvitationView> {
    Reply::created(
        access::hand_over_role(&ask.service, ask.context, path.into_inner(), ask.input).await,
    )
}

/// End somebody's role, from the next request on; never the last secretariat or administrator. With the role of the panel ends the seat that an expert has by it: the expert keeps the own reviews and presents nothing any more.
#[utoipa::path(tag = "roles", request_body(content = Reason, example = json!({"reason": "Left the ministry"})),
    responses((status = 200, description = "The roles left", body = Roles), Problems))]
#[delete("/roles/{role}")]
async fn end_role(ask: Ask<Reason>, path: Path<Uuid>) -> Reply<Roles> {
    Reply::ok(access::end_role(&ask.service, ask.context, path.into_inner(), ask.input).await)
}

/// Invite somebody to be administrator, agenda editor or call office, after a login of the last minutes.
#[utoipa::path(tag = "roles", request_body(content = InviteToInstallation, example = json!({
    "email": "anna.berg@example.org", "role": "call_office"})),
    responses((status = 201, description = "The invitation", body = InvitationView), Problems))]
#[post("/installation/roles")]
async fn invite_to_installation(ask: Ask<InviteToInstallation>) -> Reply<InvitationView> {
    Reply::created(access::invite_to_installation(&ask.service, ask.context, ask.input).await)
}
