//! Requests for redress, as those read them who may.

use access::Action;
use serde::{Deserialize, Serialize};
use store::call as calls;
use store::commitment::redress as rows;
use store::intake as proposals;
use store::outcome;
use store::view::commitment::{RedressView, redress_view, redress_views};
use utoipa::ToSchema;
use uuid::Uuid;

use super::object;
use crate::{Answer, Context, Problem, Service, Tx};

/// Requests for redress.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RedressList {
    /// Oldest first.
    pub items: Vec<RedressView>,
}

/// The requests for redress of one proposal: for its coordinator, and for those who decide with what they know of it.
pub async fn list_redress(
    service: &Service,
    context: Context,
    proposal: Uuid,
) -> Result<Answer<RedressList>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = proposals::find(tx.conn(), proposal).await?;
        let object = object(tx, &known, proposal).await?;
        tx.permit(Action::ReadRedress, &object).await?;
        let own = tx.context.actor.account() == Some(known.coordinator_id);
        let items = redress_views(tx.conn(), known.call_id, Some(proposal), !own).await?;
        // That a proposal is begun is told by what it asks for, and by nothing else.
        let disclosed = own
            || proposals::disclosed_stage(tx.conn(), proposal)
                .await?
                .is_some();
        if items.is_empty() && !disclosed {
            return Err(Problem::not_found());
        }
        Ok(RedressList { items })
    };
    service.read(context, work).await
}

/// One request for redress.
pub async fn read_redress(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<RedressView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let filed = rows::find(tx.conn(), id).await?;
        let known = proposals::find(tx.conn(), filed.proposal).await?;
        let object = object(tx, &known, id).await?;
        tx.permit(Action::ReadRedress, &object).await?;
        let own = tx.context.actor.account() == Some(known.coordinator_id);
        Ok(redress_view(filed, !own)?)
    };
    service.read(context, work).await
}

/// The requests for redress of a call; without those of proposals that the person has a conflict of interest with.
pub async fn list_call_redress(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<RedressList>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadCallRedress, &call.object()).await?;
        let account = tx.context.actor.account();
        let walled_off = outcome::conflicts_of(tx.conn(), account, call.id).await?;
        let mut items = redress_views(tx.conn(), call.id, None, true).await?;
        items.retain(|one| !walled_off.contains(&one.proposal));
        Ok(RedressList { items })
    };
    service.read(context, work).await
}
