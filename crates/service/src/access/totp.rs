//! Setting up and removing the second factor.

use access::Action;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::accounts;
use store::access::tokens;
use store::view::access::AccountView;
use totp_rs::Secret;
use utoipa::ToSchema;

use super::{factor, links};
use crate::{Answer, Context, Problem, Service, Tx};

/// What an authenticator application needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TotpSecret {
    /// The secret in base 32, to be typed in.
    pub secret: String,
    /// The same as `otpauth://` address, to be shown as a QR code.
    pub uri: String,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits of the authenticator, or a recovery code where the factor is in use.
    pub code: String,
}

/// Codes that each stand in for the authenticator once. They are shown this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes.
    pub recovery_codes: Vec<String>,
}

/// Makes a secret for the authenticator; it counts once a code of it was shown.
pub async fn start_totp(
    service: &Service,
    mut context: Context,
) -> Result<Answer<TotpSecret>, Problem> {
    context.idempotency = None;
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let mut account = accounts::lock(tx.conn(), me.account).await?;
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        if account.has_second_factor() {
            return Err(Problem::state(
                "The account has a second factor; remove it first (DELETE /me/totp).",
            ));
        }
        let mut secret = vec![0; 20];
        getrandom::fill(&mut secret).map_err(Problem::internal)?;
        let totp = factor::totp(&secret, &account.email)?;
        let answer = TotpSecret {
            secret: Secret::from(secret.clone()).to_base32(),
            uri: totp.to_url().map_err(Problem::internal)?,
        };
        account.totp_secret = Some(secret);
        account.totp_last_step = 0;
        accounts::save(tx.conn(), &permit, &account).await?;
        Ok(answer)
    };
    service.write(context, work).await
}

/// Puts the second factor into use; answers the recovery codes. The session counts as strong at once.
pub async fn confirm_totp(
    service: &Service,
    mut context: Context,
    input: Code,
) -> Result<Answer<RecoveryCodes>, Problem> {
    context.idempotency = None;
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let mut account = accounts::lock(tx.conn(), me.account).await?;
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        let Some(secret) = account
            .totp_secret
            .clone()
            .filter(|_| !account.has_second_factor())
        else {
            return Err(Problem::state(
                "There is no second factor to be confirmed; make a secret first (POST /me/totp).",
            ));
        };
        let step = factor::step_of(tx, &secret, &account.email, input.code.trim()).await?;
        account.totp_last_step = step;
        account.totp_confirmed_at = Some(tx.now().await?);
        accounts::save(tx.conn(), &permit, &account).await?;
        let mut codes = Vec::new();
        for _ in 0..10 {
            codes.push(recovery_code()?);
        }
        let hashes: Vec<Vec<u8>> = codes
            .iter()
            .map(|code| factor::recovery_hash(account.id, code))
            .collect();
        accounts::replace_recovery_codes(tx.conn(), &permit, account.id, &hashes).await?;
        tokens::strengthen(tx.conn(), &permit, account.id, me.token).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "second_factor": true }),
        )
        .await?;
        Ok(RecoveryCodes {
            recovery_codes: codes,
        })
    };
    service.write(context, work).await
}

/// Eighty random bits in five groups, so that a fast hash of them tells nothing.
fn recovery_code() -> Result<String, Problem> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).map_err(Problem::internal)?;
    let groups: Vec<String> = bytes.chunks(2).map(hex::encode).collect();
    Ok(groups.join("-"))
}

/// Removes the second factor, which takes a code of it.
pub async fn remove_totp(
    service: &Service,
    context: Context,
    input: Code,
) -> Result<Answer<AccountView>, Problem> {
    let account = context
        .actor
        .account()
        .ok_or(access::Denied::NotAuthenticated)?;
    let tries = factor::Tries::at_link(service, &account.to_string());
    tries.count(service).await?;
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let mut account = accounts::lock(tx.conn(), me.account).await?;
        let permit = tx
            .permit(Action::ManageCredentials, &account.object())
            .await?;
        tx.precondition(&AccountView::from(&account))?;
        if !factor::check(tx, &permit, &mut account, Some(&input.code)).await? {
            return Err(Problem::state("The account has no second factor."));
        }
        account.totp_secret = None;
        account.totp_confirmed_at = None;
        account.totp_last_step = 0;
        accounts::save(tx.conn(), &permit, &account).await?;
        accounts::replace_recovery_codes(tx.conn(), &permit, account.id, &[]).await?;
        tries.succeeded(tx).await?;
        tx.audit(
            &permit,
            Some(account.version + 1),
            None,
            json!({ "second_factor": false }),
        )
        .await?;
        Ok(AccountView::from(&account))
    };
    service.write(context, work).await
}
