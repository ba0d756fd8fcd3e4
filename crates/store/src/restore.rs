//! What a restore asks of a database before and after `pg_restore` has filled it.

use crate::{StoreError, script};

/// How many tables, views and sequences stand in a database; a restore wants none.
pub async fn relations(url: &str) -> Result<u64, StoreError> {
    let count = script::value(
        url,
        "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')",
    )
    .await?;
    count
        .parse()
        .map_err(|_| StoreError::Unavailable(format!("'{count}' is no count")))
}

/// Removes the schema that stands ready, empty, in a database made for us: the backup brings its own.
pub async fn make_room(owner_url: &str) -> Result<(), StoreError> {
    script::execute(owner_url, "drop schema if exists sealed").await
}

/// Name of the key that signed the last audit head; empty when nothing was signed.
pub async fn last_signer(url: &str) -> Result<String, StoreError> {
    let query = "select key_id from audit_head order by signed_at desc limit 1";
    script::value(url, query).await
}
