//! SQL given as text, over a connection of its own: for tests and for an operator's tools, never for a
//! request.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::StoreError;

async fn connect(url: &str) -> Result<AsyncPgConnection, StoreError> {
    AsyncPgConnection::establish(url)
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Runs statements.
pub async fn execute(url: &str, sql: &str) -> Result<(), StoreError> {
    Ok(connect(url).await?.batch_execute(sql).await?)
}

/// The first column of the first row of a query, as text; empty when there is none.
pub async fn value(url: &str, query: &str) -> Result<String, StoreError> {
    #[derive(QueryableByName)]
    struct Value {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let sql = format!("select coalesce(q.v::text, '') as value from ({query}) q(v)");
    let rows: Vec<Value> = sql_query(sql).load(&mut connect(url).await?).await?;
    Ok(rows
        .into_iter()
        .next()
        .map(|row| row.value)
        .unwrap_or_default())
}

/// Runs `work` while nobody else runs under the same number on this server.
pub async fn exclusively<T>(
    url: &str,
    number: i64,
    work: impl Future<Output = T>,
) -> Result<T, StoreError> {
    let mut conn = connect(url).await?;
    conn.batch_execute(&format!("select pg_advisory_lock({number})"))
        .await?;
    let done = work.await;
    conn.batch_execute(&format!("select pg_advisory_unlock({number})"))
        .await?;
    Ok(done)
}
