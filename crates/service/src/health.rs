//! Whether the server is fit to serve.

use kernel::Code;

use crate::{Problem, Service};

/// Fails unless the database answers and has all migrations of this binary.
pub async fn ready(service: &Service) -> Result<(), Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let missing = store::migrate::missing(&mut conn).await?;
            if missing.is_empty() {
                return Ok(());
            }
            Err(Problem::new(
                Code::Unavailable,
                format!(
                    "Migrations are missing: {}; run `jtc migrate`.",
                    missing.join(", ")
                ),
            ))
        })
        .await
}
