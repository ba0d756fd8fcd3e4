//! The second factor, and the throttle before every secret that could be guessed.

use access::Permit;
use kernel::{Code, Fault};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use store::access::accounts::{self, AccountRow};
use store::access::throttle::{self, Turn};
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use crate::{Problem, Service, Tx};

/// One login name, or one link, as tried from one place.
#[derive(Clone)]
pub(crate) struct Tries {
    subject: Vec<u8>,
    source: String,
}

impl Tries {
    /// Tries at an account's secrets from one source. Other sources are counted apart, so that nobody
    /// locks somebody else out. An IPv6 network of 64 bits is one source.
    pub fn at_account(service: &Service, email: &str, source: IpAddr) -> Tries {
        let source = match source {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => address.to_string(),
                None => {
                    let [a, b, c, d, ..] = address.segments();
                    format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
                }
            },
        };
        Tries {
            subject: service.keys().login_subject(email.trim()),
            source,
        }
    }

    /// Tries at the second factor behind one link, from anywhere: whoever is slowed down can ask for
    /// another link.
    pub fn at_link(service: &Service, token: &str) -> Tries {
        let link = hex::encode(super::links::hash_of(token));
        Tries {
            subject: service.keys().login_subject(&format!("link {link}")),
            source: "any".to_owned(),
        }
    }

    /// Counts a try, before anything is looked at, or says how long to wait.
    pub async fn count(&self, service: &Service) -> Result<(), Problem> {
        let (parts, tries) = (service.clone(), self.clone());
        let turn = service
            .on_database_runtime(async move {
                let mut conn = parts.db().connection().await?;
                Ok(throttle::try_once(&mut conn, &tries.subject, &tries.source).await?)
            })
            .await?;
        match turn {
            Turn::Now => Ok(()),
            Turn::In(seconds) => Err(Problem {
                retry_after: Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
                ..Problem::new(
                    Code::TooManyRequests,
                    format!(
                        "Too many tries have failed; wait {seconds} s, or have a login link sent to \
                         your address."
                    ),
                )
            }),
        }
    }

    /// The try was right: the count starts anew.
    pub async fn succeeded(&self, tx: &mut Tx) -> Result<(), Problem> {
        Ok(throttle::forget(tx.conn(), &self.subject, &self.source).await?)
    }
}

/// The credentials do not fit together; it is not said which of them.
pub(crate) fn wrong() -> Problem {
    Problem::new(
        Code::WrongCredentials,
        "E-mail address, password or code are not right; check them, or have a login link sent.",
    )
}

fn wrong_code(code: &str, detail: &str) -> Problem {
    Problem {
        errors: vec![Fault::new("/code", code, detail)],
        ..wrong()
    }
}

/// The clock of an authenticator application: six digits, every 30 seconds, one step to either side.
pub(crate) fn totp(secret: &[u8], email: &str) -> Result<Totp, Problem> {
    Builder::new()
        .with_secret(secret)
        // The otpauth format reserves the colon.
        .with_account_name(email.replace(':', "_"))
        .with_issuer(Some("JTC"))
        .build()
        .map_err(Problem::internal)
}

/// What is kept of a recovery code: bound to its account, so that equal codes do not look equal.
pub(crate) fn recovery_hash(account: Uuid, code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut hash = Sha256::new();
    hash.update(account.as_bytes());
    hash.update(plain.to_lowercase());
    hash.finalize().to_vec()
}

/// Notes in `account` (locked, saved by the caller) that its second factor was shown; answers `false`
/// where it has none. A code that was used is refused, and so are all before it (S4).
pub(crate) async fn check(
    tx: &mut Tx,
    permit: &Permit,
    account: &mut AccountRow,
    code: Option<&str>,
) -> Result<bool, Problem> {
    let Some(secret) = account
        .totp_secret
        .clone()
        .filter(|_| account.has_second_factor())
    else {
        return Ok(false);
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(wrong_code(
            "required",
            "this account has a second factor; give the code of your authenticator, or a recovery code",
        ));
    };
    check_code(tx, permit, account, &secret, code).await?;
    Ok(true)
}

async fn check_code(
    tx: &mut Tx,
    permit: &Permit,
    account: &mut AccountRow,
    secret: &[u8],
    code: &str,
) -> Result<(), Problem> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let step = step_of(tx, secret, &account.email, &digits).await?;
        if step <= account.totp_last_step {
            return Err(wrong_code(
                "used",
                "this code was used already; wait for the next one",
            ));
        }
        account.totp_last_step = step;
        return Ok(());
    }
    let hash = recovery_hash(account.id, code);
    if accounts::use_recovery_code(tx.conn(), permit, account.id, &hash).await? {
        return Ok(());
    }
    Err(wrong_code(
        "wrong",
        "the code is not right, or it was used before",
    ))
}

/// The step of time that a code of six digits belongs to.
pub(crate) async fn step_of(
    tx: &mut Tx,
    secret: &[u8],
    email: &str,
    digits: &str,
) -> Result<i64, Problem> {
    let now = u64::try_from(tx.now().await?.timestamp()).map_err(Problem::internal)?;
    let step = totp(secret, email)?
        .check(digits, now)
        .ok_or_else(|| wrong_code("wrong", "the code is not right; wait for the next one"))?;
    i64::try_from(step).map_err(Problem::internal)
}
