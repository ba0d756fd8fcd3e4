//! Bearer tokens for programs.

use access::{Action, Scope};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::accounts;
use store::access::tokens::{self, TokenKind};
use store::view::access as view;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Tokens, links};
use crate::{Answer, Context, Problem, Service, Tx};

/// A bearer token to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// What it is for, to know it again.
    #[schema(example = "nightly export")]
    pub label: String,
    /// What it may be used for; no more than the request's own session or token may.
    pub scopes: Vec<Scope>,
    /// Until when; at most a year from now.
    pub expires_at: DateTime<Utc>,
}

/// A bearer token that was made. The secret is shown this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    /// Its id, by which it is revoked.
    pub id: Uuid,
    /// The secret.
    pub token: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes a bearer token.
pub async fn make_token(
    service: &Service,
    mut context: Context,
    input: TokenInput,
) -> Result<Answer<NewToken>, Problem> {
    context.idempotency = None;
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let permit = tx
            .permit(Action::ManageOwnAccount, &accounts::own(me.account))
            .await?;
        let now = tx.now().await?;
        let mut faults = Faults::default();
        let label = links::check_name("/label", &input.label, &mut faults);
        faults.require(
            !input.scopes.is_empty(),
            "/scopes",
            "required",
            "give at least one scope",
        );
        for (index, scope) in input.scopes.iter().enumerate() {
            faults.require(
                me.scopes.contains(scope),
                format!("/scopes/{index}"),
                "beyond",
                format!(
                    "the token that asks has no scope '{scope}' to pass on; log in to make this one"
                ),
            );
        }
        faults.require(
            input.expires_at > now && input.expires_at <= now + TimeDelta::days(366),
            "/expires_at",
            "out_of_range",
            "give a time from now to a year from now",
        );
        faults.or(())?;
        let secret = links::mint()?;
        let row = tokens::NewToken {
            id: kernel::id::new(),
            account_id: me.account,
            kind: TokenKind::Bearer.into(),
            hash: secret.hash,
            label,
            scopes: input.scopes.iter().map(Scope::to_string).collect(),
            strong: tokens::is_strong(tx.conn(), me.token).await?,
            payload: None,
            desk_call_id: None,
            expires_at: input.expires_at,
        };
        tokens::insert(tx.conn(), &permit, &row).await?;
        tx.audit(
            &permit,
            None,
            None,
            json!({ "token": row.id, "scopes": input.scopes }),
        )
        .await?;
        Ok(NewToken {
            id: row.id,
            token: secret.text,
            scopes: input.scopes,
            expires_at: input.expires_at,
        })
    };
    service.write(context, work).await
}

/// The own bearer tokens.
pub async fn list_tokens(service: &Service, context: Context) -> Result<Answer<Tokens>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        tx.permit(Action::ReadOwnAccount, &accounts::own(me.account))
            .await?;
        tokens_of(tx, me.account, me.token).await
    };
    service.read(context, work).await
}

async fn tokens_of(tx: &mut Tx, account: Uuid, current: Uuid) -> Result<Tokens, Problem> {
    Ok(Tokens {
        items: view::tokens(tx.conn(), account, "bearer", current).await?,
    })
}

/// Revokes one of the own bearer tokens, on its next request.
pub async fn revoke_token(
    service: &Service,
    context: Context,
    token: Uuid,
) -> Result<Answer<Tokens>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        let permit = tx
            .permit(Action::ManageOwnAccount, &accounts::own(me.account))
            .await?;
        tokens::revoke(tx.conn(), &permit, me.account, TokenKind::Bearer, token).await?;
        tx.audit(&permit, None, None, json!({ "revoked_token": token }))
            .await?;
        tokens_of(tx, me.account, me.token).await
    };
    service.write(context, work).await
}
