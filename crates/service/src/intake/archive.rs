//! What was submitted, for those who keep the installation and show that it is as it was. No person asks for it here.

use intake::Content;
use store::intake as rows;
use uuid::Uuid;

use crate::ports::FileStream;
use crate::{Problem, Service};

/// All submitted versions of a call, each by its id and the hash that its receipt names.
pub async fn submitted_versions(
    service: &Service,
    call: Uuid,
) -> Result<Vec<(Uuid, String)>, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(rows::submitted_versions(&mut conn, call).await?)
        })
        .await
}

/// What a submitted version says.
pub async fn submitted_content(service: &Service, id: Uuid) -> Result<Content, Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            let content = rows::submitted_content(&mut conn, id).await?;
            Ok(store::text::document(content)?)
        })
        .await
}

/// The bytes of a file that is kept.
pub async fn kept_file(service: &Service, sha256: &str) -> Result<Option<FileStream>, Problem> {
    Ok(service.files().store.get(sha256).await?)
}
