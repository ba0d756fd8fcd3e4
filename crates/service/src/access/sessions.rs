//! Logging in and out.

use access::{Action, Permit};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::accounts::{self, AccountRow};
use store::access::tokens::{self, TokenKind};
use store::view::access::{self as view, TokenView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::factor::{self, Tries};
use super::{OnItsWay, hashing, links};
use crate::{Answer, Context, Problem, Service, Tx};

/// A login by password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// E-mail address of the account.
    #[schema(example = "marie.curie@example.org")]
    pub email: String,
    /// Its password.
    pub password: String,
    /// Code of the authenticator, or a recovery code, where the account has a second factor.
    #[serde(default)]
    pub code: Option<String>,
}

/// An address to send a login link to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestLink {
    /// E-mail address of the account.
    #[schema(example = "marie.curie@example.org")]
    pub email: String,
}

/// A login by link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// What stands in the link after `token=`.
    pub token: String,
    /// Code of the authenticator, or a recovery code, where the account has a second factor.
    #[serde(default)]
    pub code: Option<String>,
}

/// A session that has begun. The token is shown this once; browsers get it as a cookie, programs send
/// it as a bearer token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewSession {
    /// The secret.
    pub token: String,
    /// Until when it is valid.
    pub expires_at: DateTime<Utc>,
    /// The account.
    pub account: Uuid,
    /// Its name.
    pub name: String,
    /// Whether a second factor was used.
    pub strong: bool,
    /// The call whose expert's desk is all that the session opens, where it began by the link of an invitation to
    /// evaluate; left out for a session of everything the account may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Uuid>,
}

/// Sessions or bearer tokens in force.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// Newest first.
    pub items: Vec<TokenView>,
}

/// Reads an account by its address, outside of any transaction.
pub(crate) async fn account_of(
    service: &Service,
    email: &str,
) -> Result<Option<AccountRow>, Problem> {
    let (parts, email) = (service.clone(), email.trim().to_owned());
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(accounts::by_email(&mut conn, &email).await?)
        })
        .await
}

/// Logs in by password. An unknown account is counted and takes as long as a known one.
pub async fn log_in(
    service: &Service,
    context: Context,
    input: LogIn,
) -> Result<Answer<NewSession>, Problem> {
    let place = hashing::queue_up(service)?;
    let tries = Tries::at_account(service, &input.email, context.source);
    tries.count(service).await?;
    let known = account_of(service, &input.email).await?;
    let stored = known
        .as_ref()
        .and_then(|account| account.password_hash.clone());
    let verdict = hashing::verify(service, place, &input.password, stored.as_deref()).await?;
    let Some(id) = known.filter(|_| verdict.matches).map(|account| account.id) else {
        return Err(factor::wrong());
    };
    let stronger = if verdict.outdated {
        Some(hashing::hash(service, &input.password).await?)
    } else {
        None
    };
    let work = async move |tx: &mut Tx| {
        let before = accounts::lock(tx.conn(), id).await?;
        if before.password_hash != stored {
            return Err(factor::wrong());
        }
        links::as_owner(tx, id);
        let permit = tx.permit(Action::LogIn, &before.object()).await?;
        let mut account = before.clone();
        let strong = factor::check(tx, &permit, &mut account, input.code.as_deref()).await?;
        if stronger.is_some() {
            account.password_hash = stronger;
        }
        if account != before {
            accounts::save(tx.conn(), &permit, &account).await?;
        }
        tries.succeeded(tx).await?;
        start(tx, &permit, &account, strong, "password", None).await
    };
    service.write(context, work).await
}

/// Begins a session of the account that the permit is for; with `desk`, of no more than the expert of that call may do.
pub(crate) async fn start(
    tx: &mut Tx,
    permit: &Permit,
    account: &AccountRow,
    strong: bool,
    by: &str,
    desk: Option<Uuid>,
) -> Result<NewSession, Problem> {
    let secret = links::mint()?;
    let lasts = TimeDelta::from_std(tx.service.settings().session).map_err(Problem::internal)?;
    let expires_at = tx.now().await? + lasts;
    let row = tokens::NewToken {
        id: kernel::id::new(),
        account_id: account.id,
        kind: TokenKind::Session.into(),
        hash: secret.hash,
        label: String::new(),
        scopes: Vec::new(),
        strong,
        payload: None,
        desk_call_id: desk,
        expires_at,
    };
    tokens::insert(tx.conn(), permit, &row).await?;
    let detail = match desk {
        Some(call) => json!({ "by": by, "strong": strong, "desk": call }),
        None => json!({ "by": by, "strong": strong }),
    };
    tx.audit(permit, None, None, detail).await?;
    Ok(NewSession {
        token: secret.text,
        expires_at,
        account: account.id,
        name: account.name.clone(),
        strong,
        desk,
    })
}

/// Sends a login link. No throttle of passwords stands before it: it is the way in for whom somebody
/// else tries to keep out (S3).
pub async fn request_login_link(
    service: &Service,
    context: Context,
    input: RequestLink,
) -> Result<Answer<OnItsWay>, Problem> {
    let kind = TokenKind::LoginLink;
    request(service, context, &input.email, kind, "login_link").await
}

/// Sends a link of a kind to an address, where it has an account.
pub(crate) async fn request(
    service: &Service,
    context: Context,
    email: &str,
    kind: TokenKind,
    template: &'static str,
) -> Result<Answer<OnItsWay>, Problem> {
    let mut faults = Faults::default();
    let email = links::check_email("/email", email, &mut faults);
    faults.or(())?;
    let work = async move |tx: &mut Tx| {
        let Some(account) = accounts::by_email(tx.conn(), &email).await? else {
            return Ok(OnItsWay::new());
        };
        let permit = tx.permit(Action::RequestLink, &account.object()).await?;
        let (link, valid_for) = links::make(tx, &permit, account.id, kind, None).await?;
        let words = json!({ "name": account.name, "link": link, "valid_for": valid_for });
        tx.mail(None, &account.email, template, words).await?;
        tx.audit(&permit, None, None, json!({ "kind": template }))
            .await?;
        Ok(OnItsWay::new())
    };
    links::evenly(service.write(context, work)).await
}

/// Logs in by link. A link that asks for a second factor is used up only with it.
pub async fn redeem_login_link(
    service: &Service,
    context: Context,
    input: Redeem,
) -> Result<Answer<NewSession>, Problem> {
    let tries = Tries::at_link(service, &input.token);
    if input.code.is_some() {
        tries.count(service).await?;
    }
    let work = async move |tx: &mut Tx| {
        let link = links::find(tx, TokenKind::LoginLink, &input.token).await?;
        let mut account = accounts::lock(tx.conn(), link.account).await?;
        links::as_owner(tx, account.id);
        let permit = tx.permit(Action::LogIn, &account.object()).await?;
        let strong = factor::check(tx, &permit, &mut account, input.code.as_deref()).await?;
        links::spend(tx, &permit, &link).await?;
        confirm_address(tx, &permit, &mut account).await?;
        accounts::save(tx.conn(), &permit, &account).await?;
        tries.succeeded(tx).await?;
        start(tx, &permit, &account, strong, "link", link.desk).await
    };
    service.write(context, work).await
}

/// Whoever opened a link that was sent to the address has it: forms of a sign-up by somebody else that
/// still wait for their own link count no more.
pub(crate) async fn confirm_address(
    tx: &mut Tx,
    permit: &Permit,
    account: &mut AccountRow,
) -> Result<(), Problem> {
    if account.email_confirmed_at.is_none() {
        account.email_confirmed_at = Some(tx.now().await?);
        let kinds = [TokenKind::ConfirmEmail];
        tokens::revoke_all(tx.conn(), permit, account.id, &kinds, None).await?;
    }
    Ok(())
}

/// The own sessions.
pub async fn list_sessions(service: &Service, context: Context) -> Result<Answer<Tokens>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        tx.permit(Action::ReadOwnAccount, &accounts::own(me.account))
            .await?;
        sessions_of(tx, me.account, me.token).await
    };
    service.read(context, work).await
}

async fn sessions_of(tx: &mut Tx, account: Uuid, current: Uuid) -> Result<Tokens, Problem> {
    Ok(Tokens {
        items: view::tokens(tx.conn(), account, "session", current).await?,
    })
}

/// Ends one of the own sessions, on its next request.
pub async fn end_session(
    service: &Service,
    context: Context,
    session: Uuid,
) -> Result<Answer<Tokens>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        end(tx, Action::ManageOwnAccount, session).await?;
        sessions_of(tx, me.account, me.token).await
    };
    service.write(context, work).await
}

/// Ends the session that the request came with. One at an expert's desk learns nothing of the others.
pub async fn log_out(service: &Service, context: Context) -> Result<Answer<Tokens>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        end(tx, Action::LogOut, me.token).await?;
        if me.desk.is_some() {
            return Ok(Tokens { items: Vec::new() });
        }
        sessions_of(tx, me.account, me.token).await
    };
    service.write(context, work).await
}

async fn end(tx: &mut Tx, action: Action, session: Uuid) -> Result<(), Problem> {
    let me = links::person(tx)?;
    let permit = tx.permit(action, &accounts::own(me.account)).await?;
    tokens::revoke(tx.conn(), &permit, me.account, TokenKind::Session, session).await?;
    tx.audit(&permit, None, None, json!({ "ended_session": session }))
        .await?;
    Ok(())
}
