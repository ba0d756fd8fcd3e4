//! The own account: name, password, address.

use access::Action;
use kernel::Faults;
use kernel::identifiers::{bare, is_orcid};
use serde::Deserialize;
use serde_json::json;
use store::access::accounts::{self, AccountRow};
use store::access::tokens::{self, TokenKind};
use store::view::access::AccountView;
use utoipa::ToSchema;
use uuid::Uuid;

use super::factor::{self, Tries};
use super::{LinkToken, OnItsWay, hashing, links, password, sessions};
use crate::{Answer, Context, Problem, Service, Tx};

/// Another name or ORCID iD; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeName {
    /// Name, as others are to read it.
    #[serde(default)]
    pub name: Option<String>,
    /// ORCID iD, with or without `https://orcid.org/`; an empty one takes it out. Conflicts of interest are looked for
    /// by it; others read it only where one rests on it.
    #[serde(default)]
    #[schema(example = "0000-0002-1825-0097")]
    pub orcid: Option<String>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password now, where there is one.
    #[serde(default)]
    pub current: Option<String>,
    /// The new one: 15 to 128 characters, or 8 with a second factor.
    pub new: String,
}

/// An address whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// E-mail address of the account.
    #[schema(example = "marie.curie@example.org")]
    pub email: String,
}

/// A password set by link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// What stands in the link after `token=`.
    pub token: String,
    /// The new password: 15 to 128 characters, or 8 with a second factor.
    pub password: String,
}

/// Another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new e-mail address, to which a link is sent.
    pub email: String,
    /// The password, where there is one.
    #[serde(default)]
    pub password: Option<String>,
}

/// The own account.
pub async fn read_account(
    service: &Service,
    context: Context,
) -> Result<Answer<AccountView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        tx.permit(Action::ReadDesk, &accounts::own(me.account))
            .await?;
        let account = accounts::find(tx.conn(), me.account).await?;
        Ok(AccountView {
            desk: me.desk,
            ..AccountView::from(&account)
        })
    };
    service.read(context, work).await
}

/// Changes the own name or ORCID iD.
pub async fn rename_account(
    service: &Service,
    context: Context,
    input: ChangeName,
) -> Result<Answer<AccountView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let mut account = accounts::lock(tx.conn(), me.account).await?;
        let permit = tx
            .permit(Action::ManageOwnAccount, &account.object())
            .await?;
        tx.precondition(&AccountView::from(&account))?;
        let mut faults = Faults::default();
        let mut changed = Vec::new();
        if let Some(name) = &input.name {
            account.name = links::check_name("/name", name, &mut faults);
            changed.push("name");
        }
        if let Some(orcid) = input.orcid.as_deref().map(str::trim) {
            faults.require(
                orcid.is_empty() || is_orcid(orcid),
                "/orcid",
                "orcid",
                "it is no ORCID iD; copy it whole, such as 0000-0002-1825-0097, or leave it empty",
            );
            account.orcid = Some(bare(orcid).to_owned()).filter(|orcid| !orcid.is_empty());
            changed.push("orcid");
        }
        faults.require(
            !changed.is_empty(),
            "",
            "required",
            "give a name or an ORCID iD",
        );
        faults.or(())?;
        accounts::save(tx.conn(), &permit, &account).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "changed": changed.join(", ") }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}

/// The account that asks, once its password, where it has one, was given rightly. Not within a
/// transaction: the comparison takes its time.
async fn proven(
    service: &Service,
    context: &Context,
    pointer: &str,
    given: Option<&str>,
) -> Result<AccountRow, Problem> {
    let id = context
        .actor
        .account()
        .ok_or(access::Denied::NotAuthenticated)?;
    access::decide(
        &context.actor,
        Action::ManageCredentials,
        &accounts::own(id),
    )?;
    let parts = service.clone();
    let account = service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(accounts::find(&mut conn, id).await?)
        })
        .await?;
    let Some(stored) = &account.password_hash else {
        return Ok(account);
    };
    let Some(given) = given else {
        return Err(Problem::invalid(
            pointer,
            "required",
            "give the password of the account",
        ));
    };
    let place = hashing::queue_up(service)?;
    let tries = Tries::at_account(service, &account.email, context.source);
    tries.count(service).await?;
    if !hashing::verify(service, place, given, Some(stored))
        .await?
        .matches
    {
        return Err(factor::wrong());
    }
    Ok(account)
}

/// Sets another password; all other sessions end.
pub async fn change_password(
    service: &Service,
    context: Context,
    input: ChangePassword,
) -> Result<Answer<AccountView>, Problem> {
    let known = proven(service, &context, "/current", input.current.as_deref()).await?;
    let factor = known.has_second_factor();
    password::check("/new", &input.new, factor, &known.email, &known.name).or(())?;
    let hash = hashing::hash(service, &input.new).await?;
    let tries = Tries::at_account(service, &known.email, context.source);
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let mut account = accounts::lock(tx.conn(), me.account).await?;
        if account.password_hash != known.password_hash {
            return Err(factor::wrong());
        }
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        tx.precondition(&AccountView::from(&account))?;
        account.password_hash = Some(hash);
        accounts::save(tx.conn(), &permit, &account).await?;
        tries.succeeded(tx).await?;
        end_all(tx, &permit, account.id, Some(me.token)).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "changed": "password" }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}

/// Ends all sessions and open links but one. Bearer tokens stay: they are listed, and revoked singly.
async fn end_all(
    tx: &mut Tx,
    permit: &access::Permit,
    account: Uuid,
    except: Option<Uuid>,
) -> Result<(), Problem> {
    let kinds = [
        TokenKind::Session,
        TokenKind::LoginLink,
        TokenKind::PasswordReset,
        TokenKind::ChangeEmail,
    ];
    tokens::revoke_all(tx.conn(), permit, account, &kinds, except).await?;
    Ok(())
}

/// Sends a link to set a new password.
pub async fn request_password_reset(
    service: &Service,
    context: Context,
    input: ForgottenPassword,
) -> Result<Answer<OnItsWay>, Problem> {
    let kind = TokenKind::PasswordReset;
    sessions::request(service, context, &input.email, kind, "password_reset").await
}

/// Sets a new password by link; all sessions end. Logging in still takes the second factor.
pub async fn redeem_password_reset(
    service: &Service,
    context: Context,
    input: NewPassword,
) -> Result<Answer<AccountView>, Problem> {
    let (parts, token) = (service.clone(), input.token.clone());
    let known = service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let kind = TokenKind::PasswordReset;
            let link = tokens::link(&mut conn, kind, &links::hash_of(&token))
                .await?
                .ok_or_else(links::spent)?;
            Ok(accounts::find(&mut conn, link.account).await?)
        })
        .await?;
    let factor = known.has_second_factor();
    password::check(
        "/password",
        &input.password,
        factor,
        &known.email,
        &known.name,
    )
    .or(())?;
    let hash = hashing::hash(service, &input.password).await?;
    let work = async move |tx: &mut Tx| {
        let link = links::find(tx, TokenKind::PasswordReset, &input.token).await?;
        let mut account = accounts::lock(tx.conn(), link.account).await?;
        links::as_owner(tx, account.id);
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        links::spend(tx, &permit, &link).await?;
        sessions::confirm_address(tx, &permit, &mut account).await?;
        account.password_hash = Some(hash);
        accounts::save(tx.conn(), &permit, &account).await?;
        end_all(tx, &permit, account.id, None).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "changed": "password", "by": "link" }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}

/// Sends a link to a new address. Whether that address has an account is told to it alone.
pub async fn change_email(
    service: &Service,
    context: Context,
    input: ChangeEmail,
) -> Result<Answer<OnItsWay>, Problem> {
    let mut faults = Faults::default();
    let email = links::check_email("/email", &input.email, &mut faults);
    faults.or(())?;
    let known = proven(service, &context, "/password", input.password.as_deref()).await?;
    let tries = Tries::at_account(service, &known.email, context.source);
    let work = async move |tx: &mut Tx| {
        let account = accounts::lock(tx.conn(), known.id).await?;
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        if account.password_hash != known.password_hash {
            return Err(factor::wrong());
        }
        tries.succeeded(tx).await?;
        let holder = accounts::by_email(tx.conn(), &email).await?;
        if holder.is_some_and(|holder| holder.id != account.id) {
            let link = format!("{}/link/login", tx.service.settings().public_url);
            tx.mail(None, &email, "email_taken", json!({ "link": link }))
                .await?;
            return Ok(OnItsWay::new());
        }
        let kinds = [TokenKind::ChangeEmail];
        tokens::revoke_all(tx.conn(), &permit, account.id, &kinds, None).await?;
        let payload = Some(json!(email));
        let (link, valid_for) =
            links::make(tx, &permit, account.id, TokenKind::ChangeEmail, payload).await?;
        let words = json!({ "link": link, "valid_for": valid_for });
        tx.mail(None, &email, "change_email", words).await?;
        Ok(OnItsWay::new())
    };
    links::evenly(service.write(context, work)).await
}

/// Makes the new address, which the link was sent to, the account's; all sessions end, and the old
/// address is told.
pub async fn confirm_email(
    service: &Service,
    context: Context,
    input: LinkToken,
) -> Result<Answer<AccountView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let link = links::find(tx, TokenKind::ChangeEmail, &input.token).await?;
        let mut account = accounts::lock(tx.conn(), link.account).await?;
        links::as_owner(tx, account.id);
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        links::spend(tx, &permit, &link).await?;
        let payload = link.payload.as_deref().unwrap_or_default();
        let email: String = serde_json::from_str(payload).map_err(Problem::internal)?;
        let now = tx.now().await?;
        let before = std::mem::replace(&mut account.email, email);
        account.email_confirmed_at = Some(now);
        // Somebody signed up with the address since the link was sent: the link is worth nothing now.
        accounts::save(tx.conn(), &permit, &account)
            .await
            .map_err(|error| match error {
                store::StoreError::Exists(_) => links::spent(),
                other => other.into(),
            })?;
        end_all(tx, &permit, account.id, None).await?;
        let time = now.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        let words = json!({ "name": account.name, "time_utc": time });
        tx.mail(None, &before, "email_changed", words).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "changed": "email" }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}
