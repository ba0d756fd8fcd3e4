//! Publications of the experts and applicants of a call, for finding who published together.

use ::review::conflict::parse_publications;
use access::Action;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::review::publication as rows;
use store::view::review::publication::{self as view, PublicationView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::table;
use crate::call::SentFile;
use crate::{Answer, Context, Problem, Service, Tx};

/// Who published together, as far as a list that was imported says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Publications {
    /// In the order of the list.
    pub items: Vec<PublicationView>,
}

/// The publications that the search for conflicts uses beside the proposals of other calls.
pub async fn read_publications(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Publications>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        tx.permit(Action::ReadConflicts, &call.object()).await?;
        list(tx, id).await
    };
    service.read(context, work).await
}

async fn list(tx: &mut Tx, call: Uuid) -> Result<Publications, Problem> {
    Ok(Publications {
        items: view::publications(tx.conn(), call).await?,
    })
}

/// Takes a CSV table of publications in, in the place of the one before: all or nothing, faults with their lines.
/// The next search for conflicts of interest uses it; conflicts found with an earlier table stay on file.
pub async fn import_publications(
    service: &Service,
    context: Context,
    id: Uuid,
    file: SentFile,
) -> Result<Answer<Publications>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx
            .permit(Action::ImportPublications, &call.object())
            .await?;
        let works = parse_publications(table::text(&file)?)?;
        rows::replace(tx.conn(), &permit, id, &works).await?;
        let sha256 = table::sha256(&file);
        let detail = json!({ "table_sha256": sha256, "publications": works.len() });
        tx.audit(&permit, None, None, detail).await?;
        list(tx, id).await
    };
    service.write(context, work).await
}
