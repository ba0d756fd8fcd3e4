//! The connection pool and the transactions that use cases run in.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Text};
use diesel::{ConnectionError, QueryableByName};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use futures::FutureExt;
use tokio::runtime::Handle;

use crate::StoreError;
use crate::statement::clock_timestamp;

/// A connection, inside or outside of a transaction.
pub type Conn = AsyncPgConnection;

/// A connection on loan from the pool.
pub type Pooled = Object<AsyncPgConnection>;

/// What every connection says first. Acknowledged means on disk, so `synchronous_commit` is never left
/// to the server's configuration; nothing waits for a lock or runs without end.
const SESSION: &str = "set synchronous_commit = on; set lock_timeout = '10s'; \
    set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'; \
    set time zone 'UTC'";

/// How long a request waits for a connection before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The pool. Its connections belong to one multi-threaded runtime, and all queries run there: a
/// connection polled on a busy HTTP worker would stall everybody who borrows it.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
    runtime: Handle,
}

/// A role or a server that the application refuses to run with.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The role could undo the audit trail.
    #[error(
        "the database role '{0}' is a superuser or owns the tables; connect as the application's role \
         (`jtc db grant` prints the SQL that makes it)"
    )]
    TooPowerful(String),
    /// Acknowledged submissions could be lost.
    #[error(
        "fsync is off on this PostgreSQL and it is not marked as a throw-away cluster; turn fsync on"
    )]
    NotDurable,
    /// It cannot be reached or asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(QueryableByName)]
struct Fitness {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    too_powerful: bool,
    #[diesel(sql_type = Bool)]
    durable: bool,
}

impl Db {
    /// A pool of at most `size` connections to `url`, opened when they are needed, on `runtime`.
    pub fn new(url: &str, size: usize, runtime: Handle) -> Result<Db, StoreError> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| connect(url.to_owned()).boxed());
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(size)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Db { pool, runtime })
    }

    /// The runtime that the connections belong to.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Refuses a role that could change the audit trail, and a server that could forget a commit.
    pub async fn check_fitness(&self) -> Result<(), Unfit> {
        let mut conn = self.connection().await?;
        let found: Fitness = diesel::sql_query(
            "select current_user::text as role,
                    (select rolsuper from pg_roles where rolname = current_user)
                    or exists (select from pg_tables where schemaname in ('public', 'sealed')
                               and pg_has_role(current_user, tableowner, 'member'))
                    as too_powerful,
                    current_setting('fsync')::boolean
                    or coalesce(current_setting('jtc.throw_away', true), 'off')::boolean as durable",
        )
        .get_result(&mut conn)
        .await
        .map_err(StoreError::from)?;
        if found.too_powerful {
            return Err(Unfit::TooPowerful(found.role));
        }
        if !found.durable {
            return Err(Unfit::NotDurable);
        }
        Ok(())
    }

    /// A connection for reading, or for a transaction of the caller's.
    pub async fn connection(&self) -> Result<Pooled, StoreError> {
        tokio::time::timeout(LONGEST_WAIT, self.pool.get())
            .await
            .map_err(|_| StoreError::Unavailable("no connection became free in time".to_owned()))?
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

async fn connect(url: String) -> Result<AsyncPgConnection, ConnectionError> {
    let mut conn = AsyncPgConnection::establish(&url).await?;
    conn.batch_execute(SESSION)
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// Starts a transaction (READ COMMITTED: rows are guarded by locks and versions).
pub async fn begin(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::begin_transaction(conn).await?)
}

/// Starts a transaction that sees one snapshot, for reads made of several queries.
pub async fn begin_snapshot(conn: &mut Conn) -> Result<(), StoreError> {
    let sql = "begin transaction isolation level repeatable read read only";
    Ok(AnsiTransactionManager::begin_transaction_sql(conn, sql).await?)
}

/// Commits: only after this returns is anything acknowledged.
pub async fn commit(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::commit_transaction(conn).await?)
}

/// Leaves nothing behind.
pub async fn rollback(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::rollback_transaction(conn).await?)
}

/// The database's clock, read now and not at the start of the transaction.
pub async fn clock(conn: &mut Conn) -> Result<DateTime<Utc>, StoreError> {
    Ok(diesel::select(clock_timestamp()).get_result(conn).await?)
}

/// A setting of the connection, as PostgreSQL prints it.
pub async fn setting(conn: &mut Conn, name: &str) -> Result<String, StoreError> {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let row: Setting = diesel::sql_query("select current_setting($1) as value")
        .bind::<Text, _>(name)
        .get_result(conn)
        .await?;
    Ok(row.value)
}
