//! Answers kept under their `Idempotency-Key`, written in the transaction of the effect.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schema::idempotency_key as keys;
use crate::statement::pg_try_advisory_xact_lock;
use crate::{Conn, StoreError};

/// What is known about a key.
#[derive(Debug)]
pub enum Seen {
    /// Never used: go on, and [`keep`] the answer.
    New,
    /// Another request with the same key is being worked on.
    Busy,
    /// The stored answer to the same body.
    Answered(Value),
    /// The key was used with another body.
    OtherBody,
}

/// Looks a key up and, when it is new, holds it until the caller's transaction ends.
pub async fn look_up(
    conn: &mut Conn,
    actor: Uuid,
    route: &str,
    key: &str,
    body_sha256: &[u8],
) -> Result<Seen, StoreError> {
    let mut hash = Sha256::new();
    for part in [
        actor.as_bytes().as_slice(),
        route.as_bytes(),
        key.as_bytes(),
    ] {
        hash.update(part);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let number = digest
        .iter()
        .take(8)
        .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let lock = pg_try_advisory_xact_lock(number.cast_signed());
    let locked: bool = diesel::select(lock).get_result(conn).await?;
    if !locked {
        return Ok(Seen::Busy);
    }
    let row: Option<(Vec<u8>, Value)> = keys::table
        .find((actor, route, key))
        .select((keys::body_sha256, keys::answer))
        .first(conn)
        .await
        .optional()?;
    Ok(match row {
        None => Seen::New,
        Some((sha256, answer)) if sha256 == body_sha256 => Seen::Answered(answer),
        Some(_) => Seen::OtherBody,
    })
}

/// Keeps the answer given.
pub async fn keep(
    conn: &mut Conn,
    actor: Uuid,
    route: &str,
    key: &str,
    body_sha256: &[u8],
    answer: Value,
) -> Result<(), StoreError> {
    diesel::insert_into(keys::table)
        .values((
            keys::actor.eq(actor),
            keys::route.eq(route),
            keys::key.eq(key),
            keys::body_sha256.eq(body_sha256),
            keys::answer.eq(answer),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets answers older than seven days.
pub async fn sweep(conn: &mut Conn) -> Result<usize, StoreError> {
    Ok(diesel::delete(
        keys::table.filter(
            keys::created_at.lt(sql::<Timestamptz>("clock_timestamp() - interval '7 days'")),
        ),
    )
    .execute(conn)
    .await?)
}
