//! Mails wait here, written in the transaction that caused them, until the worker has sent them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::outbox;
use crate::statement::clock_timestamp;
use crate::{Conn, StoreError};

/// A mail to be sent: the template's name and what it is filled with.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub struct Mail {
    /// Its id.
    pub id: Uuid,
    /// The call it is about.
    pub call_id: Option<Uuid>,
    /// E-mail address.
    pub recipient: String,
    /// Name of a template in `config/mail`.
    pub template: String,
    /// The template's variables.
    pub context: Value,
    /// RFC 5322 Message-ID, the same at every attempt, so that a repeated mail is known as one.
    pub message_id: String,
}

/// Queues mails, in the caller's transaction.
pub async fn queue(conn: &mut Conn, mails: &[Mail]) -> Result<(), StoreError> {
    // One is the usual number, and a statement for one is prepared once for each connection.
    if let [mail] = mails {
        diesel::insert_into(outbox::table)
            .values(mail)
            .execute(conn)
            .await?;
        return Ok(());
    }
    for some in mails.chunks(500) {
        diesel::insert_into(outbox::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Up to `limit` mails that are due, locked until the caller's transaction ends, with the number of
/// attempts already made. Other workers skip them.
pub async fn due(conn: &mut Conn, limit: i64) -> Result<Vec<(Mail, i32)>, StoreError> {
    Ok(outbox::table
        .filter(outbox::state.eq("queued"))
        .filter(outbox::next_at.le(clock_timestamp()))
        .order(outbox::next_at)
        .limit(limit)
        .select((Mail::as_select(), outbox::attempts))
        .for_update()
        .skip_locked()
        .load(conn)
        .await?)
}

/// Marks mails as sent and forgets their variables, which may hold a one-time link.
pub async fn sent(conn: &mut Conn, ids: &[Uuid]) -> Result<(), StoreError> {
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids)))
        .set((
            outbox::state.eq("sent"),
            outbox::context.eq(Value::Object(Default::default())),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::last_error.eq(None::<String>),
            outbox::sent_at.eq(clock_timestamp().nullable()),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Leaves out a mail that its receiver does without, and forgets its variables.
pub async fn leave_out(conn: &mut Conn, id: Uuid) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq("unwanted"),
            outbox::context.eq(Value::Object(Default::default())),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes a failed attempt: again at `next_at`, or never (a dead letter that an operator looks at).
pub async fn failed(
    conn: &mut Conn,
    id: Uuid,
    error: &str,
    next_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq(if next_at.is_some() { "queued" } else { "dead" }),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::last_error.eq(error),
            next_at.map(|at| outbox::next_at.eq(at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// How long to wait after the nth failed attempt: a minute, doubling, at most six hours.
pub fn back_off(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1 << attempts.clamp(0, 9)).min(TimeDelta::hours(6))
}

/// After so many attempts (about two days) a mail is a dead letter.
pub const MOST_ATTEMPTS: i32 = 16;
