//! Signing up. An account without a confirmed address has neither name nor password: both wait in the
//! link, so that each link confirms what its own form said.

use access::{Action, Object};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::accounts::{self, AccountRow};
use store::access::tokens::{self, TokenKind};
use store::view::access::AccountView;
use utoipa::ToSchema;

use super::{OnItsWay, hashing, links, password};
use crate::{Answer, Context, Problem, Service, Tx};

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// E-mail address, to which a link is sent.
    #[schema(example = "marie.curie@example.org")]
    pub email: String,
    /// Name, as others are to read it.
    pub name: String,
    /// Password of 15 to 128 characters; left out, the account is entered by one-time links.
    #[serde(default)]
    pub password: Option<String>,
}

/// The secret of a one-time link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// What stands in the link after `token=`.
    pub token: String,
}

#[derive(Serialize, Deserialize)]
struct Pending {
    name: String,
    password_hash: Option<String>,
}

/// Sends a link that confirms the address. For an address that has an account the mail says so, and
/// neither the answer nor its time differs.
pub async fn sign_up(
    service: &Service,
    context: Context,
    input: SignUp,
) -> Result<Answer<OnItsWay>, Problem> {
    let mut faults = Faults::default();
    let email = links::check_email("/email", &input.email, &mut faults);
    let name = links::check_name("/name", &input.name, &mut faults);
    if let Some(password) = &input.password {
        let weak = password::check("/password", password, false, &email, &name);
        faults.0.extend(weak.0);
    }
    faults.or(())?;
    let password_hash = match &input.password {
        Some(password) => Some(hashing::hash(service, password).await?),
        None => None,
    };
    let pending = Pending {
        name,
        password_hash,
    };
    let work = async move |tx: &mut Tx| {
        let new = AccountRow::new(&email, "");
        let permit = tx
            .permit(Action::SignUp, &Object::new("account", new.id))
            .await?;
        let is_new = accounts::insert(tx.conn(), &permit, &new).await?;
        let account = accounts::by_email(tx.conn(), &email)
            .await?
            .ok_or_else(Problem::not_found)?;
        if account.email_confirmed_at.is_some() {
            let link = format!("{}/link/login", tx.service.settings().public_url);
            tx.mail(None, &account.email, "email_taken", json!({ "link": link }))
                .await?;
            return Ok(OnItsWay::new());
        }
        let permit = tx
            .permit(Action::SignUp, &Object::new("account", account.id))
            .await?;
        let payload = serde_json::to_value(&pending).map_err(Problem::internal)?;
        let (link, valid_for) = links::make(
            tx,
            &permit,
            account.id,
            TokenKind::ConfirmEmail,
            Some(payload),
        )
        .await?;
        if is_new {
            tx.audit(&permit, Some(1), None, json!({})).await?;
        }
        let words = json!({ "link": link, "valid_for": valid_for });
        tx.mail(None, &account.email, "confirm_email", words)
            .await?;
        Ok(OnItsWay::new())
    };
    links::evenly(service.write(context, work)).await
}

/// Confirms the address of a sign-up: from now on the account can be used.
pub async fn confirm_account(
    service: &Service,
    context: Context,
    input: LinkToken,
) -> Result<Answer<AccountView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let link = links::find(tx, TokenKind::ConfirmEmail, &input.token).await?;
        let mut account = accounts::lock(tx.conn(), link.account).await?;
        links::as_owner(tx, account.id);
        let permit = tx
            .permit(Action::ManageOwnAccount, &account.object())
            .await?;
        links::spend(tx, &permit, &link).await?;
        let payload = link.payload.as_deref().unwrap_or_default();
        let pending: Pending = serde_json::from_str(payload).map_err(Problem::internal)?;
        account.name = pending.name;
        account.password_hash = pending.password_hash;
        account.email_confirmed_at = Some(tx.now().await?);
        accounts::save(tx.conn(), &permit, &account).await?;
        let others = [TokenKind::ConfirmEmail];
        tokens::revoke_all(tx.conn(), &permit, account.id, &others, None).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "confirmed": true }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}
