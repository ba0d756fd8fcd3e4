//! The embedded migrations, and the SQL that the application's role needs afterwards.

use diesel::QueryableByName;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{Conn, StoreError};

/// All migrations, in the binary.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Any number that no other program locks: two servers starting at once migrate one after the other.
const LOCK: i64 = 0x6a74_635f_6d69_6772;

/// Brings the database that `owner_url` names to this binary's version and answers the names of the
/// migrations that ran. `app_role` is granted what the application needs on what they made.
pub async fn run(owner_url: &str, app_role: Option<&str>) -> Result<Vec<String>, StoreError> {
    let (url, role) = (owner_url.to_owned(), app_role.map(str::to_owned));
    let failed = |error: &dyn std::fmt::Display| StoreError::Unavailable(error.to_string());
    // Migrating blocks, which only a multi-threaded runtime allows; the caller's may be another.
    let migrated = tokio::task::spawn_blocking(move || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?
            .block_on(migrate(&url, role.as_deref()))
    });
    migrated.await.map_err(|error| failed(&error))?
}

async fn migrate(owner_url: &str, app_role: Option<&str>) -> Result<Vec<String>, StoreError> {
    let mut conn = AsyncPgConnection::establish(owner_url)
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    conn.batch_execute(&format!(
        "set lock_timeout = '30s'; select pg_advisory_lock({LOCK})"
    ))
    .await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let ran = tokio::task::block_in_place(|| {
        harness
            .run_pending_migrations(MIGRATIONS)
            .map(|ran| ran.iter().map(ToString::to_string).collect::<Vec<_>>())
            .map_err(|error| StoreError::Unavailable(format!("migrating: {error}")))
    })?;
    let mut conn = harness.into_inner();
    if let Some(role) = app_role {
        conn.batch_execute(&grants(role)).await?;
    }
    conn.batch_execute(&format!("select pg_advisory_unlock({LOCK})"))
        .await?;
    Ok(ran)
}

/// What the application's role may do: read and write rows, never truncate, alter or own.
pub fn grants(role: &str) -> String {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    format!(
        "grant usage on schema public, sealed to {role};
         grant select, insert, update, delete on all tables in schema public, sealed to {role};
         revoke all on __diesel_schema_migrations from {role};
         grant select on __diesel_schema_migrations to {role};"
    )
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The migrations of this binary that the database does not have yet; empty when it is ready.
pub async fn missing(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let exists: Vec<Version> = diesel::sql_query(
        "select coalesce(to_regclass('public.__diesel_schema_migrations')::text, '') as version",
    )
    .load(conn)
    .await?;
    let applied: Vec<Version> = if exists.iter().all(|row| row.version.is_empty()) {
        Vec::new()
    } else {
        diesel::sql_query("select version::text as version from __diesel_schema_migrations")
            .load(conn)
            .await?
    };
    let all = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(all
        .iter()
        .map(|migration| migration.name().version().to_string())
        .filter(|version| !applied.iter().any(|row| row.version == *version))
        .collect())
}
