//! Reading calls.

use access::{Action, Object};
use call::CallState;
use serde::{Deserialize, Serialize};
use store::call::{self as rows, CallRow};
use store::view::call::{self as view, CallSummary, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// Calls as a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Calls {
    /// Newest first.
    pub items: Vec<CallSummary>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Reads a call; a draft answers as absent to everybody without a role in it.
pub async fn read_call(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<CallView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = visible(tx, id).await?;
        let insider = tx.wears_a_role(&row.object());
        Ok(view::call_view(tx.conn(), &row, insider).await?)
    };
    service.read(context, work).await
}

/// The call, for those who may know of it.
pub(crate) async fn visible(tx: &mut Tx, id: Uuid) -> Result<CallRow, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    let idea = row.state()? == CallState::Idea && is_member(tx);
    if !access::sees(&tx.context.actor, &row.object()) && !idea {
        return Err(Problem::not_found());
    }
    tx.permit(Action::ReadCall, &row.object()).await?;
    Ok(row)
}

/// Whether the actor works on the agenda, and so knows of the ideas for calls.
fn is_member(tx: &Tx) -> bool {
    let object = Object::new("interest", Uuid::nil());
    access::decide(&tx.context.actor, Action::ReadInterests, &object).is_ok()
}

/// Lists the published calls and those in which the viewer wears a role.
pub async fn list_calls(
    service: &Service,
    context: Context,
    cursor: Option<Uuid>,
    limit: u16,
) -> Result<Answer<Calls>, Problem> {
    let work = async move |tx: &mut Tx| {
        let own = tx.calls_with_a_role();
        let limit = i64::from(limit.clamp(1, 200));
        let ideas = is_member(tx);
        let items = view::calls(tx.conn(), &own, ideas, cursor, limit).await?;
        let full = items.len() as i64 == limit;
        let next = items
            .last()
            .filter(|_| full)
            .map(|call| call.id.to_string());
        Ok(Calls { items, next })
    };
    service.read(context, work).await
}

/// The published calls, for the front page.
pub async fn published(service: &Service) -> Result<Vec<CallSummary>, Problem> {
    let service = service.clone();
    let database = service.clone();
    database
        .on_database_runtime(async move {
            let mut conn = service.db().connection().await?;
            Ok(view::calls(&mut conn, &[], false, None, 50).await?)
        })
        .await
}

/// The id of a call by its code, for the command line.
pub async fn by_code(service: &Service, code: &str) -> Result<Uuid, Problem> {
    let (parts, code) = (service.clone(), code.to_owned());
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            Ok(rows::id_of(&mut conn, &code).await?)
        })
        .await
}
