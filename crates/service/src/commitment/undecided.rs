//! What a call would select at this moment, for the operator: in the meeting nothing is proposed yet.

use access::Job;
use call::{STAGE, StageEvent};
use commitment::{Selection, SelectionInput};
use store::call as calls;
use store::commitment::balance as money;
use store::commitment::selection as rows;
use uuid::Uuid;

use super::last_stage;
use super::selection::input_of;
use super::ties::selected_by;
use crate::{Context, Problem, Service, Tx};

/// What the call would be selected from as it stands now, and what that selects; nothing unless its last stage is
/// ranked and no selection was proposed yet. Nothing of it is on record.
pub async fn undecided(
    service: &Service,
    call: Uuid,
) -> Result<Option<(SelectionInput, Selection)>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = last_stage(tx, call).await?;
        let ranked = STAGE.apply(stage.state()?, StageEvent::Decide).is_ok();
        if !ranked || rows::latest(tx.conn(), call).await?.is_some() {
            return Ok(None);
        }
        let rules = calls::find(tx.conn(), call).await?.rules()?;
        let funders = money::funders(tx.conn(), call).await?;
        let input = input_of(tx, &stage, &rules, &funders).await?;
        Ok(Some(selected_by(tx, &stage, &rules, input).await?))
    };
    service.look(Context::system(Job::Setup), work).await
}
