//! Who writes which part of a proposal: partners are invited by mail, follow the link, and leave.

use access::{Action, Denied, Object, Permit};
use chrono::TimeDelta;
use intake::{Content, PartnerRole, part};
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::accounts::{self, AccountRow};
use store::call as calls;
use store::intake::{self as rows, MemberRow, PartnerInvitationRow, ProposalRow};
use store::review::expert as experts;
use store::view::intake::{self as view, PartnerSeat};
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft::drafted;
use super::{Held, call_words, hold};
use crate::access::{Accept, NewSession, Tries, enter, links};
use crate::{Answer, Context, Problem, Service, Tx};

/// How many invitations a proposal can send in its life: enough for each partner to lose its own several
/// times, too few to write to the world.
const MOST_INVITATIONS: i64 = 50;

/// Where an invitation goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerInvite {
    /// E-mail address; left out, that of the principal investigator.
    #[serde(default)]
    #[schema(example = "anna.berg@example.org")]
    pub email: Option<String>,
}

/// The partners of a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerSeats {
    /// In the order of the draft.
    pub items: Vec<PartnerSeat>,
}

/// What was claimed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClaimedPart {
    /// The proposal.
    pub proposal: Uuid,
    /// The partner whose part it is.
    pub partner: Uuid,
    /// The session that began, its token shown this once; none for who was logged in.
    pub session: Option<NewSession>,
}

/// The partners and who writes their parts: all to the coordinator, to a partner the own one.
pub async fn list_partners(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<PartnerSeats>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = rows::find(tx.conn(), id).await?;
        let account = tx.context.actor.account().ok_or(Denied::NotAuthenticated)?;
        let parts = rows::parts_of(tx.conn(), id, account).await?;
        let object = Object {
            partner: (!parts.is_empty()).then_some(account),
            ..proposal.object()
        };
        tx.permit(Action::ListPartners, &object).await?;
        let (content, _) = rows::current_stage(tx.conn(), id).await?;
        let (draft, _) = rows::draft(tx.conn(), content).await?;
        let draft: Content = store::text::document(draft)?;
        let all = account == proposal.coordinator_id;
        let shown = (!all).then_some(parts.as_slice());
        let items = view::partner_seats(tx.conn(), id, content, &draft, shown).await?;
        Ok(PartnerSeats { items })
    };
    service.read(context, work).await
}

/// The partner's seat as its coordinator sees it.
async fn seat(tx: &mut Tx, held: &Held, partner: Uuid) -> Result<PartnerSeat, Problem> {
    let (draft, _) = drafted(tx, held).await?;
    let id = held.proposal.id;
    let all = view::partner_seats(tx.conn(), id, held.content.id, &draft, None).await?;
    let found = all.into_iter().find(|seat| seat.partner == partner);
    found.ok_or_else(Problem::not_found)
}

/// Invites a partner to write its own part. A later invitation replaces an open one.
pub async fn invite_partner(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
    input: PartnerInvite,
) -> Result<Answer<PartnerSeat>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::InvitePartner, &object).await?;
        held.check_in_time(tx).await?;
        let email = address(tx, &held, partner, input).await?;
        let members = rows::members(tx.conn(), id).await?;
        if members.iter().any(|member| member.partner_id == partner) {
            return Err(Problem::state(
                "Somebody writes this partner's part already; end that membership before you invite another.",
            ));
        }
        if rows::invitations_sent(tx.conn(), id).await? >= MOST_INVITATIONS {
            return Err(Problem::state(format!(
                "This proposal has sent {MOST_INVITATIONS} invitations, which is the most; fill in the part yourself.",
            )));
        }
        let secret = links::mint()?;
        let row = PartnerInvitationRow {
            id: kernel::id::new(),
            call_id: held.call.id,
            proposal_id: id,
            partner_id: partner,
            email,
            token_hash: secret.hash,
            invited_by: permit.account().ok_or_else(Problem::not_found)?,
            expires_at: tx.now().await? + TimeDelta::days(14),
        };
        rows::invite_partner(tx.conn(), &permit, &row).await?;
        let coordinator = accounts::find(tx.conn(), row.invited_by).await?;
        // Nobody has confirmed the address, so the mail carries no word of the sender's choice.
        let words = json!({
            "call": call_words(&held.call),
            "proposal": held.proposal.number,
            "coordinator": coordinator.email,
            "link": tx.service.link("partner", &secret.text),
            "valid_for": "14 days",
        });
        tx.mail(Some(&held.call), &row.email, "partner_invitation", words)
            .await?;
        let detail = json!({ "partner": partner, "invitation": row.id });
        tx.audit(&permit, None, None, detail).await?;
        seat(tx, &held, partner).await
    };
    service.write(context, work).await
}

/// Where an invitation goes, and that there is somebody to invite.
async fn address(
    tx: &mut Tx,
    held: &Held,
    partner: Uuid,
    input: PartnerInvite,
) -> Result<String, Problem> {
    let (draft, _) = drafted(tx, held).await?;
    let found = draft.partners.iter().find(|one| one.id == partner);
    let found = found.ok_or_else(Problem::not_found)?;
    if found.role == PartnerRole::Coordinator {
        return Err(Problem::state(
            "This is the coordinator's own part, which you write yourself.",
        ));
    }
    let mut faults = Faults::default();
    let given = input.email.as_ref();
    let given = given.unwrap_or(&found.principal_investigator.email);
    let email = links::check_email("/email", given, &mut faults);
    Ok(faults.or(email)?)
}

/// Claims an invitation by the token of its link: with the account that is logged in, whatever its address, or
/// else with that of the address it was sent to, which is made where there is none.
pub async fn claim_part(
    service: &Service,
    context: Context,
    input: Accept,
) -> Result<Answer<ClaimedPart>, Problem> {
    let tries = Tries::at_link(service, &input.token);
    if input.code.is_some() {
        tries.count(service).await?;
    }
    let work = async move |tx: &mut Tx| {
        let invitation = rows::lock_invitation(tx.conn(), &links::hash_of(&input.token))
            .await?
            .ok_or_else(links::spent)?;
        let (account, session) = match tx.context.actor.account() {
            Some(account) => (accounts::find(tx.conn(), account).await?, None),
            None => {
                let (account, session) = enter(tx, &invitation.email, &input, &tries).await?;
                (account, Some(session))
            }
        };
        take_part(tx, &invitation, &account).await?;
        Ok(ClaimedPart {
            proposal: invitation.proposal_id,
            partner: invitation.partner_id,
            session,
        })
    };
    service.write(context, work).await
}

async fn take_part(
    tx: &mut Tx,
    invitation: &PartnerInvitationRow,
    account: &AccountRow,
) -> Result<(), Problem> {
    let permit = tx
        .permit(Action::ClaimPart, &invitation.object(account.id))
        .await?;
    let proposal = rows::find(tx.conn(), invitation.proposal_id).await?;
    if proposal.coordinator_id == account.id {
        return Err(Problem::state(
            "You coordinate this proposal and write all its parts; the invitation is for somebody else.",
        ));
    }
    does_not_evaluate(tx, &proposal, account.id).await?;
    rows::claim_part(tx.conn(), &permit, invitation, account.id).await?;
    let detail = json!({ "proposal": proposal.id, "partner": invitation.partner_id });
    tx.audit(&permit, None, None, detail).await?;
    let who = json!({ "email": account.email, "invited": invitation.email });
    let partner = invitation.partner_id;
    tell_coordinator(tx, &proposal, partner, "partner_joined", who).await
}

/// Refuses who evaluates in the call once the proposal is past a deadline: the search for conflicts of interest, which keeps
/// applicants from reviewing, may be over. Who comes earlier is found by it.
async fn does_not_evaluate(
    tx: &mut Tx,
    proposal: &ProposalRow,
    account: Uuid,
) -> Result<(), Problem> {
    let expert = experts::of_account(tx.conn(), account, proposal.call_id).await?;
    let accepted = expert.map(|row| row.has_accepted()).transpose()?;
    if accepted != Some(true)
        || rows::disclosed_stage(tx.conn(), proposal.id)
            .await?
            .is_none()
    {
        return Ok(());
    }
    Err(Problem::new(
        Code::ConflictOfInterest,
        "You evaluate in this call with the account you log in with, and no applicant does; somebody else of the partner \
         writes its part.",
    ))
}

/// Ends a membership, and takes an open invitation back: the coordinator revokes it, or the partner leaves.
pub async fn end_membership(
    service: &Service,
    context: Context,
    id: Uuid,
    partner: Uuid,
) -> Result<Answer<PartnerSeats>, Problem> {
    let work = async move |tx: &mut Tx| {
        let held = hold(tx, id).await?;
        let object = held.object(&tx.context.actor);
        let permit = tx.permit(Action::EndMembership, &object).await?;
        let account = permit.account().ok_or(Denied::NotAuthenticated)?;
        let coordinates = account == held.proposal.coordinator_id;
        if !coordinates && !held.parts.contains(&partner) {
            return Err(Denied::Forbidden.into());
        }
        let open = rows::revoke_invitations(tx.conn(), &permit, id, &[partner]).await?;
        let mut members = rows::members(tx.conn(), id).await?;
        members.retain(|member| member.partner_id == partner);
        if open == 0 && members.is_empty() {
            return Err(Problem::not_found());
        }
        let reason = if coordinates { "revoked" } else { "left" };
        for member in &members {
            rows::end_membership(tx.conn(), &permit, member).await?;
            if coordinates {
                tell_former(tx, &held, member).await?;
            } else {
                let who = accounts::find(tx.conn(), account).await?;
                let who = json!({ "email": who.email });
                tell_coordinator(tx, &held.proposal, partner, "partner_left", who).await?;
            }
        }
        let detail = json!({ "partner": partner, "because": reason });
        tx.audit(&permit, None, None, detail).await?;
        let items = match coordinates {
            true => {
                let (draft, _) = drafted(tx, &held).await?;
                view::partner_seats(tx.conn(), id, held.content.id, &draft, None).await?
            }
            // Who has left sees nothing any more.
            false => Vec::new(),
        };
        Ok(PartnerSeats { items })
    };
    service.write(context, work).await
}

/// After the coordinator changed a draft: who wrote for a partner that is gone, or whose place somebody else
/// takes, does so no more, and the open invitations to such a place are void.
pub(super) async fn follow(
    tx: &mut Tx,
    permit: &Permit,
    held: &Held,
    before: &Content,
    after: &Content,
) -> Result<(), Problem> {
    if permit.account() != Some(held.proposal.coordinator_id) {
        return Ok(());
    }
    let left = |old: &&intake::Partner| {
        let mut now = after.partners.iter();
        let now = now.find(|new| new.id == old.id);
        let coordinates =
            |new: &intake::Partner| old.role != new.role && new.role == PartnerRole::Coordinator;
        now.is_none_or(|new| part::replaced(old, new) || coordinates(new))
    };
    let gone = before.partners.iter().filter(left);
    let gone: Vec<Uuid> = gone.map(|partner| partner.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let id = held.proposal.id;
    rows::revoke_invitations(tx.conn(), permit, id, &gone).await?;
    for member in rows::members(tx.conn(), id).await? {
        if gone.contains(&member.partner_id) {
            rows::end_membership(tx.conn(), permit, &member).await?;
            let detail = json!({ "partner": member.partner_id, "because": "replaced" });
            tx.audit(permit, None, None, detail).await?;
            tell_former(tx, held, &member).await?;
        }
    }
    Ok(())
}

async fn tell_former(tx: &mut Tx, held: &Held, member: &MemberRow) -> Result<(), Problem> {
    let Some(to) = rows::account(tx.conn(), member.account_id).await? else {
        return Ok(());
    };
    let words = json!({
        "name": to.name,
        "call": call_words(&held.call),
        "proposal": held.proposal.number,
    });
    tx.mail(Some(&held.call), &to.email, "partner_removed", words)
        .await
}

/// Tells the coordinator what a partner did; `who` says who it was.
async fn tell_coordinator(
    tx: &mut Tx,
    proposal: &ProposalRow,
    partner: Uuid,
    template: &str,
    who: serde_json::Value,
) -> Result<(), Problem> {
    let Some(to) = rows::account(tx.conn(), proposal.coordinator_id).await? else {
        return Ok(());
    };
    let call = calls::find(tx.conn(), proposal.call_id).await?;
    let (content, _) = rows::current_stage(tx.conn(), proposal.id).await?;
    let (draft, _) = rows::draft(tx.conn(), content).await?;
    let draft: Content = store::text::document(draft)?;
    let found = draft.partners.iter().find(|one| one.id == partner);
    let mut words = who;
    words["name"] = json!(to.name);
    words["call"] = json!(call_words(&call));
    words["proposal"] = json!(proposal.number);
    words["partner"] = json!(
        found
            .map(|one| one.organisation.clone())
            .unwrap_or_default()
    );
    let link = tx
        .service
        .api(format_args!("/proposals/{}/partners", proposal.id));
    words["link"] = json!(link);
    tx.mail(Some(&call), &to.email, template, words).await
}
