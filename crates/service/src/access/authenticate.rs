//! Who presents a session or bearer token.

use access::{Actor, Person, Scope, at_desk};
use kernel::Code;
use sha2::{Digest, Sha256};
use strum::IntoEnumIterator;

use crate::{Problem, Service};

/// Who presents this session or bearer token. Roles are read anew with every request, so that a lost
/// role acts on the next one (S6).
pub async fn authenticate(service: &Service, secret: &str) -> Result<Actor, Problem> {
    let hash = Sha256::digest(secret.as_bytes()).to_vec();
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let (found, grants) = store::access::authenticate(&mut conn, &hash)
                .await?
                .ok_or_else(|| {
                    Problem::new(
                        Code::NotAuthenticated,
                        "The session or token is unknown, expired or revoked; log in again.",
                    )
                })?;
            let settings = parts.settings();
            let since_login = (found.now - found.authenticated_at)
                .to_std()
                .unwrap_or_default();
            let bearer = found.kind == "bearer";
            let scopes = if bearer {
                found
                    .scopes
                    .iter()
                    .filter_map(|scope| scope.parse().ok())
                    .collect()
            } else {
                Scope::iter().collect()
            };
            let person = Person {
                account: found.account,
                token: found.token,
                scopes,
                fresh: !bearer && since_login <= settings.fresh,
                strong: found.strong || !settings.require_second_factor,
                desk: None,
                grants,
            };
            Ok(Actor::Person(match found.desk {
                Some(call) => at_desk(person, call),
                None => person,
            }))
        })
        .await
}
