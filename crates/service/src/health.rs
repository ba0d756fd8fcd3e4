//! Whether the server is fit to serve, and its database sound.

use kernel::Code;
use store::doctor::{self, Broken};

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

/// Looks at all invariants of the database in one read-only snapshot, and at every submitted file; answers
/// what is broken.
pub async fn examine(service: &Service) -> Result<Vec<Broken>, Problem> {
    let parts = service.clone();
    let mut broken = service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(doctor::examine(&mut conn).await?)
        })
        .await?;
    let (_, of_files) = crate::intake::examine_files(service).await?;
    broken.extend(of_files);
    Ok(broken)
}
