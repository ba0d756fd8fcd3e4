//! Failed logins by name and source. A try counts as failed until it has turned out right, so that tries
//! made at the same time cannot slip past the count.

use diesel::prelude::*;
use diesel::sql_types::{Binary, Float8, Integer, Text};
use diesel_async::RunQueryDsl;

use crate::schema::login_failure;
use crate::{Conn, StoreError};

/// What a further try would find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn {
    /// Go on; the try is counted.
    Now,
    /// Come back in so many seconds; nothing is counted.
    In(u64),
}

/// How long after the latest of `login_failure.failures` tries the next may be made: five are free, the
/// next waits a second, and each doubles the wait, up to a quarter of an hour. A day of rest starts anew.
const WAIT: &str = "(case when login_failure.failures < 5
         or login_failure.last_at < clock_timestamp() - interval '1 day' then interval '0'
     else least(interval '15 minutes',
                interval '1 second' * power(2, least(login_failure.failures - 5, 10))) end)";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    #[allow(dead_code, reason = "that the row came back is the answer")]
    failures: i32,
}

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = Float8)]
    seconds: f64,
}

/// Counts a try of `source` at `subject`, unless it has to wait.
pub async fn try_once(conn: &mut Conn, subject: &[u8], source: &str) -> Result<Turn, StoreError> {
    let counted: Option<Counted> = diesel::sql_query(format!(
        "insert into login_failure (subject, source, failures, last_at)
         values ($1, $2, 1, clock_timestamp())
         on conflict (subject, source) do update
         set failures = case when login_failure.last_at < clock_timestamp() - interval '1 day' then 1
                             else login_failure.failures + 1 end,
             last_at = clock_timestamp()
         where login_failure.last_at + {WAIT} <= clock_timestamp()
         returning failures"
    ))
    .bind::<Binary, _>(subject)
    .bind::<Text, _>(source)
    .get_result(conn)
    .await
    .optional()?;
    if counted.is_some() {
        return Ok(Turn::Now);
    }
    let left: Left = diesel::sql_query(format!(
        "select extract(epoch from last_at + {WAIT} - clock_timestamp())::float8 as seconds
         from login_failure where subject = $1 and source = $2"
    ))
    .bind::<Binary, _>(subject)
    .bind::<Text, _>(source)
    .get_result(conn)
    .await?;
    Ok(Turn::In(left.seconds.max(0.0).ceil() as u64 + 1))
}

/// Forgets the tries of `source` at `subject`: the last one was right.
pub async fn forget(conn: &mut Conn, subject: &[u8], source: &str) -> Result<(), StoreError> {
    diesel::delete(login_failure::table.find((subject, source)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what is older than a day and counts no more.
pub async fn sweep(conn: &mut Conn) -> Result<usize, StoreError> {
    use diesel::dsl::sql;
    use diesel::sql_types::Timestamptz;
    let old = sql::<Timestamptz>("clock_timestamp() - interval '1 day'");
    Ok(
        diesel::delete(login_failure::table.filter(login_failure::last_at.lt(old)))
            .execute(conn)
            .await?,
    )
}
