use access::Action;
use call::StageState;
use store::call as calls;
use store::view::commitment::{self as view, FundedProjects};
use uuid::Uuid;

use super::last_stage;
use crate::{Answer, Context, Problem, Service, Tx};

/// The funded projects of a call; nothing before the letters of the last stage are out.
pub async fn list_funded(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<FundedProjects>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        let stage = last_stage(tx, call).await?;
        let out = stage.state()? == StageState::Communicated;
        if !out || !access::sees(&tx.context.actor, &row.object()) {
            return Err(Problem::not_found());
        }
        tx.permit(Action::ReadCall, &row.object()).await?;
        Ok(view::funded(tx.conn(), stage.id).await?)
    };
    service.read(context, work).await
}
