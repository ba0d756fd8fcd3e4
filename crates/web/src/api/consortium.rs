//! Partners who write their own part of a proposal.

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde_json::Value;
use service::access::Accept;
use service::intake::{self as intakes, ClaimedPart, PartnerInvite, PartnerSeats};
use service::view::intake::{PartnerSeat, ProposalView};
use uuid::Uuid;

use crate::api::Routes;
use crate::ask::session_cookie;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(list_partners)
        .service(edit_part)
        .service(invite_partner)
        .service(claim_part)
        .service(confirm_part)
        .service(end_membership);
}

/// The partners of a proposal and who writes their parts: all to the coordinator, to a partner the own one.
#[utoipa::path(tag = "consortium", responses((status = 200, description = "The partners", body = PartnerSeats), Problems))]
#[get("/proposals/{proposal}/partners")]
async fn list_partners(ask: Ask, path: Path<Uuid>) -> Reply<PartnerSeats> {
    Reply::ok(intakes::list_partners(&ask.service, ask.context, path.into_inner()).await)
}

/// Change one partner's part of the draft, by a JSON merge patch (RFC 7396) of that partner; If-Match names the proposal as you see it. A partner changes its own part, the coordinator any. With a stale ETag the answer (412) holds help in `merge`, its pointers from the partner's root.
#[utoipa::path(tag = "consortium", request_body(content = Value, description = "A merge patch of the partner", example = json!({
    "organisation": "Institut Imagine", "budget": {"personnel": "120000.00", "travel": null}})),
    responses((status = 200, description = "The proposal, as you see it", body = ProposalView), Problems))]
#[patch("/proposals/{proposal}/partners/{partner}")]
async fn edit_part(ask: Ask<Value>, path: Path<(Uuid, Uuid)>) -> Reply<ProposalView> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::edit_part(&ask.service, ask.context, id, partner, ask.input).await)
}

/// Invite a partner by mail to write its own part; the link works once, for 14 days. A later invitation replaces an open one.
#[utoipa::path(tag = "consortium", request_body(content = PartnerInvite, example = json!({"email": "anna.berg@example.org"})),
    responses((status = 201, description = "The partner with its invitation", body = PartnerSeat), Problems))]
#[post("/proposals/{proposal}/partners/{partner}/invitation")]
async fn invite_partner(ask: Ask<PartnerInvite>, path: Path<(Uuid, Uuid)>) -> Reply<PartnerSeat> {
    let (id, partner) = path.into_inner();
    Reply::created(intakes::invite_partner(&ask.service, ask.context, id, partner, ask.input).await)
}

/// Claim an invitation with the token of the mailed link: as who you are logged in as, whatever your address, or else as the invited address, for which an account is made and a session begins.
#[utoipa::path(tag = "consortium", security(()), request_body(content = Accept, example = json!({
    "token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "name": "Anna Berg"})),
    responses((status = 201, description = "What you take part in", body = ClaimedPart), Problems))]
#[post("/partner-invitations/claim")]
async fn claim_part(ask: PublicAsk<Accept>) -> Reply<ClaimedPart> {
    let claimed = intakes::claim_part(&ask.service, ask.context, ask.input).await;
    let begun = claimed.as_ref().ok().filter(|answer| !answer.dry_run);
    let session = begun.and_then(|answer| answer.value.session.as_ref());
    let cookie = session.map(session_cookie);
    Reply::created(claimed).with(cookie)
}

/// Confirm your own part as it stands; a later change of it makes this void. Some calls ask for it.
#[utoipa::path(tag = "consortium", responses((status = 200, description = "Your part", body = PartnerSeat), Problems))]
#[post("/proposals/{proposal}/partners/{partner}/confirm")]
async fn confirm_part(ask: Ask, path: Path<(Uuid, Uuid)>) -> Reply<PartnerSeat> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::confirm_part(&ask.service, ask.context, id, partner).await)
}

/// End a membership: the coordinator takes it, or an open invitation, back; the partner leaves. The other side is told.
#[utoipa::path(tag = "consortium", responses((status = 200, description = "The partners, as far as you still see them", body = PartnerSeats), Problems))]
#[delete("/proposals/{proposal}/partners/{partner}/membership")]
async fn end_membership(ask: Ask, path: Path<(Uuid, Uuid)>) -> Reply<PartnerSeats> {
    let (id, partner) = path.into_inner();
    Reply::ok(intakes::end_membership(&ask.service, ask.context, id, partner).await)
}
