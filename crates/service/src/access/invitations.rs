//! Invitations to a role, by mail: the only way to a role but drafting a call.

use access::{Action, Denied, Object, Permit, Role};
use chrono::TimeDelta;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::access::accounts::{self, AccountRow};
use store::access::invitations::{self as rows, InvitationRow};
use store::access::roles::{self, GrantRow};
use store::call::{self as calls, CallRow};
use store::view::access::{self as view, InvitationView, Sent};
use utoipa::ToSchema;
use uuid::Uuid;

use super::factor::{self, Tries};
use super::roles::words;
use super::{NewSession, links, sessions};
use crate::review::seat;
use crate::{Answer, Context, Problem, Service, Tx};

/// Somebody to be invited to a role in a call.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// E-mail address.
    #[schema(example = "anna.berg@example.org")]
    pub email: String,
    /// The role.
    pub role: Role,
    /// Key of the organisation to speak for: for a funder's roles, and only for them.
    #[serde(default)]
    pub organisation: Option<String>,
}

/// Somebody to be invited to a role of the installation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteToInstallation {
    /// E-mail address.
    #[schema(example = "anna.berg@example.org")]
    pub email: String,
    /// `administrator`, `agenda_editor`, `call_office` or `member_representative`.
    pub role: Role,
    /// Key of the organisation, for a member's representative.
    #[serde(default)]
    #[schema(example = "DE-BMBF")]
    pub organisation: Option<String>,
}

/// Who is to take the own role over.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// E-mail address.
    #[schema(example = "anna.berg@example.org")]
    pub email: String,
}

/// The answer to an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// What stands in the link after `token=`.
    pub token: String,
    /// Name, where the address has no account yet.
    #[serde(default)]
    pub name: Option<String>,
    /// Code of the second factor, where the account has one.
    #[serde(default)]
    pub code: Option<String>,
}

/// Invitations of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Invitations {
    /// Oldest first.
    pub items: Vec<InvitationView>,
}

/// Invites somebody to a role in a call.
pub async fn invite_to_role(
    service: &Service,
    context: Context,
    call: Uuid,
    input: Invite,
) -> Result<Answer<InvitationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        let permit = tx.permit(Action::InviteToRole, &call.object()).await?;
        let mut faults = Faults::default();
        let email = links::check_email("/email", &input.email, &mut faults);
        faults.require(
            !input.role.is_installation_wide(),
            "/role",
            "installation_wide",
            "this is a role of the installation; its administrator appoints to it",
        );
        let organisation = organisation(tx, call.id, &input, &mut faults).await?;
        faults.or(())?;
        let offer = Offer {
            email,
            role: input.role,
            organisation,
            hands_over: None,
        };
        send(tx, &permit, call.id, Some(&call), offer).await
    };
    service.write(context, work).await
}

/// Who speaks for a funder speaks for one that takes part in the call, or for one that acts for it.
async fn organisation(
    tx: &mut Tx,
    call: Uuid,
    input: &Invite,
    faults: &mut Faults,
) -> Result<Option<Uuid>, Problem> {
    let pointer = "/organisation";
    let Some(key) = &input.organisation else {
        faults.require(
            !input.role.speaks_for_an_organisation(),
            pointer,
            "required",
            "say for which funder of the call the person is to speak",
        );
        return Ok(None);
    };
    if !input.role.speaks_for_an_organisation() {
        faults.add(
            pointer,
            "not_a_funder",
            "this role speaks for no funder; leave it out",
        );
        return Ok(None);
    }
    let id = store::agenda::organisation_id(tx.conn(), key).await?;
    let takes_part = match id {
        Some(id) => rows::speaks_for_a_funder(tx.conn(), call, id).await?,
        None => false,
    };
    faults.require(
        takes_part,
        pointer,
        "not_in_the_call",
        format!("'{key}' neither takes part in the call nor acts for a funder that does; add the funder first"),
    );
    Ok(id)
}

struct Offer {
    email: String,
    role: Role,
    organisation: Option<Uuid>,
    hands_over: Option<Uuid>,
}

/// Keeps the invitation and mails its link; `object` is what the permit is for.
async fn send(
    tx: &mut Tx,
    permit: &Permit,
    object: Uuid,
    call: Option<&CallRow>,
    offer: Offer,
) -> Result<InvitationView, Problem> {
    let secret = links::mint()?;
    let row = InvitationRow {
        id: kernel::id::new(),
        call_id: call.map(|call| call.id),
        email: offer.email,
        role: offer.role.to_string(),
        organisation_id: offer.organisation,
        token_hash: secret.hash,
        invited_by: permit.account(),
        hands_over: offer.hands_over,
        expires_at: tx.now().await? + TimeDelta::days(14),
    };
    rows::insert(tx.conn(), permit, object, &row).await?;
    let view = shown(tx, row.id).await?;
    let inviter = match permit.account() {
        Some(account) => accounts::find(tx.conn(), account).await?.name,
        None => "This installation".to_owned(),
    };
    let context = json!({
        "role": words(offer.role),
        "call": called(call),
        "organisation": view.organisation,
        "invited_by": inviter,
        "link": tx.service.link("invitation", &secret.text),
        "valid_for": "14 days",
    });
    tx.mail(call, &row.email, "role_invitation", context)
        .await?;
    tx.audit(
        permit,
        None,
        None,
        json!({ "invitation": row.id, "role": row.role, "organisation": view.organisation }),
    )
    .await?;
    Ok(view)
}

fn called(call: Option<&CallRow>) -> String {
    match call {
        Some(call) => format!("{}: {}", call.code, call.title),
        None => "the management of joint transnational calls".to_owned(),
    }
}

async fn shown(tx: &mut Tx, id: Uuid) -> Result<InvitationView, Problem> {
    view::invitations(tx.conn(), Sent::One(id))
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}

/// Invites somebody to a role of the installation.
pub async fn invite_to_installation(
    service: &Service,
    context: Context,
    input: InviteToInstallation,
) -> Result<Answer<InvitationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let object = Object::new("installation", Uuid::nil());
        let permit = tx.permit(Action::GrantInstallationRole, &object).await?;
        let mut faults = Faults::default();
        let email = links::check_email("/email", &input.email, &mut faults);
        faults.require(
            input.role.is_installation_wide(),
            "/role",
            "of_a_call",
            "this is a role of a call; its secretariat invites to it",
        );
        let organisation = member(tx, &input, &mut faults).await?;
        faults.or(())?;
        let offer = Offer {
            email,
            role: input.role,
            organisation,
            hands_over: None,
        };
        send(tx, &permit, object.id, None, offer).await
    };
    service.write(context, work).await
}

/// The organisation a role of the installation speaks for, where it speaks for one.
async fn member(
    tx: &mut Tx,
    input: &InviteToInstallation,
    faults: &mut Faults,
) -> Result<Option<Uuid>, Problem> {
    let pointer = "/organisation";
    match (&input.organisation, input.role.speaks_for_an_organisation()) {
        (Some(key), true) => {
            let id = store::agenda::organisation_id(tx.conn(), key).await?;
            let unknown =
                "the register has no such organisation; GET /api/v1/organisations lists it";
            faults.require(id.is_some(), pointer, "unknown_organisation", unknown);
            Ok(id)
        }
        (None, true) => {
            let missing = "say for which organisation the person is to speak";
            faults.add(pointer, "required", missing);
            Ok(None)
        }
        (Some(_), false) => {
            let idle = "this role speaks for no organisation; leave it out";
            faults.add(pointer, "not_a_funder", idle);
            Ok(None)
        }
        (None, false) => Ok(None),
    }
}

/// Offers the own role to a successor; when that person accepts, the own role ends.
pub async fn hand_over_role(
    service: &Service,
    context: Context,
    role: Uuid,
    input: Successor,
) -> Result<Answer<InvitationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let grant = roles::find(tx.conn(), role).await?;
        let permit = tx.permit(Action::HandOverRole, &grant.object()).await?;
        // Whoever could not act in the role cannot give it away either.
        if grant.role()?.is_privileged() && !links::person(tx)?.strong {
            return Err(Denied::SecondFactor.into());
        }
        let mut faults = Faults::default();
        let email = links::check_email("/email", &input.email, &mut faults);
        faults.or(())?;
        let call = match grant.call_id {
            Some(call) => Some(calls::find(tx.conn(), call).await?),
            None => None,
        };
        let offer = Offer {
            email,
            role: grant.role()?,
            organisation: grant.organisation_id,
            hands_over: Some(grant.id),
        };
        send(tx, &permit, grant.id, call.as_ref(), offer).await
    };
    service.write(context, work).await
}

/// The invitations of a call that were not taken back.
pub async fn list_invitations(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Invitations>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        tx.permit(Action::InviteToRole, &row.object()).await?;
        Ok(Invitations {
            items: view::invitations(tx.conn(), Sent::For(call)).await?,
        })
    };
    service.read(context, work).await
}

/// Takes an open invitation back.
pub async fn revoke_invitation(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<InvitationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = rows::find(tx.conn(), id).await?;
        let action = match row.call_id {
            Some(_) => Action::InviteToRole,
            None => Action::GrantInstallationRole,
        };
        let permit = tx.permit(action, &row.object()).await?;
        let view = shown(tx, id).await?;
        rows::revoke(tx.conn(), &permit, id).await?;
        tx.audit(&permit, None, None, json!({ "revoked": true }))
            .await?;
        Ok(view)
    };
    service.write(context, work).await
}

/// Accepts an invitation: makes the account where there is none (the link proves the address), grants
/// the role, ends the one handed over, and begins a session.
pub async fn accept_invitation(
    service: &Service,
    context: Context,
    input: Accept,
) -> Result<Answer<NewSession>, Problem> {
    let tries = Tries::at_link(service, &input.token);
    if input.code.is_some() {
        tries.count(service).await?;
    }
    let work = async move |tx: &mut Tx| {
        let invitation = rows::lock_open(tx.conn(), &links::hash_of(&input.token))
            .await?
            .ok_or_else(links::spent)?;
        let (account, session) = enter(tx, &invitation.email, &input, &tries).await?;
        take_role(tx, &invitation, &account).await?;
        Ok(session)
    };
    service.write(context, work).await
}

/// Begins a session for who followed the link of an invitation: of the account with the address it was sent to,
/// which is made where there is none, since the link proves the address.
pub(crate) async fn enter(
    tx: &mut Tx,
    email: &str,
    input: &Accept,
    tries: &Tries,
) -> Result<(AccountRow, NewSession), Problem> {
    let mut account = invited(tx, email, input.name.as_deref()).await?;
    links::as_owner(tx, account.id);
    let login = tx.permit(Action::LogIn, &account.object()).await?;
    let strong = factor::check(tx, &login, &mut account, input.code.as_deref()).await?;
    sessions::confirm_address(tx, &login, &mut account).await?;
    accounts::save(tx.conn(), &login, &account).await?;
    tries.succeeded(tx).await?;
    let session = sessions::start(tx, &login, &account, strong, "invitation", None).await?;
    Ok((account, session))
}

/// The invited person's account, locked, or a new one.
async fn invited(tx: &mut Tx, email: &str, name: Option<&str>) -> Result<AccountRow, Problem> {
    if let Some(known) = accounts::by_email(tx.conn(), email).await? {
        let mut known = accounts::lock(tx.conn(), known.id).await?;
        if known.name.is_empty() {
            known.name = name_of(name)?;
        }
        return Ok(known);
    }
    let new = AccountRow::new(email, &name_of(name)?);
    let object = Object::new("account", new.id);
    let permit = tx.permit(Action::SignUp, &object).await?;
    if !accounts::insert(tx.conn(), &permit, &new).await? {
        return Err(store::StoreError::Stale.into());
    }
    Ok(new)
}

fn name_of(name: Option<&str>) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let name = links::check_name("/name", name.unwrap_or_default(), &mut faults);
    Ok(faults.or(name)?)
}

async fn take_role(
    tx: &mut Tx,
    invitation: &InvitationRow,
    account: &AccountRow,
) -> Result<(), Problem> {
    let object = Object {
        owner: Some(account.id),
        ..invitation.object()
    };
    let permit = tx.permit(Action::AcceptRole, &object).await?;
    rows::accept(tx.conn(), &permit, invitation.id, account.id).await?;
    let mut detail = json!({ "role": invitation.role, "handed_over": invitation.hands_over });
    let former = match invitation.hands_over {
        Some(id) => {
            let (former, seat) = end_former(tx, &permit, invitation.id, id).await?;
            if let Some(seat) = seat {
                detail["seat"] = seat;
            }
            Some(former)
        }
        None => None,
    };
    let grant = GrantRow {
        id: kernel::id::new(),
        account_id: account.id,
        call_id: invitation.call_id,
        role: invitation.role.clone(),
        organisation_id: invitation.organisation_id,
        granted_by: invitation.invited_by,
        ended_at: None,
    };
    roles::grant(tx.conn(), &permit, invitation.id, &grant).await?;
    tx.audit(&permit, None, None, detail).await?;
    tell(tx, invitation, account, former).await
}

/// Ends the role that is handed over, which must still be in force, and with it the seat on the panel that goes with it;
/// answers whose it was, and what the audit trail keeps of the seat.
async fn end_former(
    tx: &mut Tx,
    permit: &Permit,
    invitation: Uuid,
    id: Uuid,
) -> Result<(AccountRow, Option<Value>), Problem> {
    let former = match roles::find(tx.conn(), id).await {
        Err(store::StoreError::NotFound) => return Err(links::spent()),
        other => other?,
    };
    let seat = seat::of_role(tx, &former).await?;
    roles::end(tx.conn(), permit, invitation, id).await?;
    let ended = match seat {
        Some(seat) => Some(seat::end(tx, permit, invitation, seat).await?),
        None => None,
    };
    let former = accounts::find(tx.conn(), former.account_id).await?;
    Ok((former, ended))
}

async fn tell(
    tx: &mut Tx,
    invitation: &InvitationRow,
    account: &AccountRow,
    former: Option<AccountRow>,
) -> Result<(), Problem> {
    let call = match invitation.call_id {
        Some(call) => Some(calls::find(tx.conn(), call).await?),
        None => None,
    };
    let organisation = shown(tx, invitation.id).await?.organisation;
    let mut context = json!({
        "name": account.name,
        "role": words(invitation.role()?),
        "call": called(call.as_ref()),
        "organisation": organisation,
        "link": format!("{}/", tx.service.settings().public_url),
    });
    let call = call.as_ref();
    tx.mail(call, &account.email, "role_granted", context.clone())
        .await?;
    if let Some(former) = former {
        let now = tx.now().await?;
        context["name"] = json!(former.name);
        context["successor"] = json!(account.name);
        context["time_utc"] = json!(now.format("%Y-%m-%d %H:%M:%S UTC").to_string());
        tx.mail(call, &former.email, "role_handed_over", context)
            .await?;
    }
    Ok(())
}
