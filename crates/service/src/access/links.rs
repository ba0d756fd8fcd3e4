//! Random secrets, the links that carry them, and who holds them.

use access::{Actor, Permit, Person, Scope};
use chrono::TimeDelta;
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::access::tokens::{self, Link, NewToken, TokenKind};
use strum::IntoEnumIterator;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Problem, Service, Tx};

/// The answer where a mail may be on its way: the same whether the address is known or not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OnItsWay {
    /// What to do now.
    pub detail: String,
}

impl OnItsWay {
    pub(crate) fn new() -> OnItsWay {
        OnItsWay {
            detail:
                "If that is possible with this address, a mail with a link is on its way; look \
                     into the mailbox, and into its folder of unwanted mail."
                    .to_owned(),
        }
    }
}

/// A new secret: 128 random bits as text, and the hash that is kept of it.
pub(crate) struct Secret {
    pub text: String,
    pub hash: Vec<u8>,
}

pub(crate) fn mint() -> Result<Secret, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Problem::internal)?;
    let text = hex::encode(bytes);
    let hash = hash_of(&text);
    Ok(Secret { text, hash })
}

/// What is kept of a secret. One round is enough: there is nothing to guess in 128 random bits.
pub(crate) fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.trim().as_bytes()).to_vec()
}

impl Service {
    /// The page of a one-time link.
    pub fn link(&self, page: &str, token: &str) -> String {
        format!("{}/link/{page}?token={token}", self.settings().public_url)
    }
}

/// Where a link of this kind leads, for how long, and in which words.
fn page(kind: TokenKind) -> (&'static str, TimeDelta, &'static str) {
    match kind {
        TokenKind::ConfirmEmail => ("confirm", TimeDelta::days(3), "3 days"),
        TokenKind::PasswordReset => ("reset", TimeDelta::hours(1), "one hour"),
        TokenKind::ChangeEmail => ("email", TimeDelta::days(1), "one day"),
        TokenKind::LoginLink | TokenKind::Session | TokenKind::Bearer => {
            ("login", TimeDelta::minutes(30), "30 minutes")
        }
    }
}

/// Keeps a one-time link for the account; answers its address and how long it is valid, in words.
pub(crate) async fn make(
    tx: &mut Tx,
    permit: &Permit,
    account: Uuid,
    kind: TokenKind,
    payload: Option<Value>,
) -> Result<(String, &'static str), Problem> {
    let secret = mint()?;
    let (page, lasts, words) = page(kind);
    let row = NewToken {
        id: kernel::id::new(),
        account_id: account,
        kind: kind.into(),
        hash: secret.hash,
        label: String::new(),
        scopes: Vec::new(),
        strong: false,
        payload: payload.map(|payload| payload.to_string()),
        desk_call_id: None,
        expires_at: tx.now().await? + lasts,
    };
    tokens::insert(tx.conn(), permit, &row).await?;
    Ok((tx.service.link(page, &secret.text), words))
}

/// A link in force, or the one answer for all that are not.
pub(crate) async fn find(tx: &mut Tx, kind: TokenKind, token: &str) -> Result<Link, Problem> {
    tokens::link(tx.conn(), kind, &hash_of(token))
        .await?
        .ok_or_else(spent)
}

/// Uses a link up.
pub(crate) async fn spend(tx: &mut Tx, permit: &Permit, link: &Link) -> Result<(), Problem> {
    match tokens::spend(tx.conn(), permit, link).await {
        Err(store::StoreError::Stale) => Err(spent()),
        other => Ok(other?),
    }
}

/// The link cannot be used (any more).
pub(crate) fn spent() -> Problem {
    Problem::new(
        Code::LinkSpent,
        "This link was used, has expired or was replaced by a later one; ask for a new one.",
    )
}

/// From here on the request is the account owner's, who has shown the password or holds a link. Answers
/// of such requests hold secrets, so none is kept under an idempotency key.
pub(crate) fn as_owner(tx: &mut Tx, account: Uuid) {
    tx.context.idempotency = None;
    tx.context.actor = Actor::Person(Person {
        account,
        token: Uuid::nil(),
        scopes: Scope::iter().collect(),
        fresh: true,
        strong: false,
        desk: None,
        grants: Vec::new(),
    });
}

/// The account that asks.
pub(crate) fn person(tx: &Tx) -> Result<Person, Problem> {
    match &tx.context.actor {
        Actor::Person(person) => Ok(person.clone()),
        Actor::Public | Actor::System(_) => Err(access::Denied::NotAuthenticated.into()),
    }
}

/// An e-mail address as it is kept: no more is asked than that a mail can be sent to it.
pub(crate) fn check_email(pointer: &str, text: &str, faults: &mut Faults) -> String {
    let text = text.trim();
    let plain = text.len() <= 254 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains(['@', '<', '>', ',', ';', ':', '"', '\\', '(', ')'])
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            })
    });
    faults.require(
        plain && parts,
        pointer,
        "email",
        "this is no e-mail address; write it like name@example.org",
    );
    text.to_owned()
}

/// A person's name as it is kept.
pub(crate) fn check_name(pointer: &str, text: &str, faults: &mut Faults) -> String {
    let text = text.trim();
    let length = text.chars().count();
    faults.require(
        (1..=200).contains(&length) && !text.contains(char::is_control),
        pointer,
        "name",
        "give a name of 1 to 200 characters in one line",
    );
    text.to_owned()
}

/// Answers no sooner than 80 ms after it began, so that the time does not tell whether an address is
/// known.
pub(crate) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let until = tokio::time::Instant::now() + std::time::Duration::from_millis(80);
    let done = work.await;
    tokio::time::sleep_until(until).await;
    done
}
