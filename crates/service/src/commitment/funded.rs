use access::{Action, Object};
use call::StageState;
use store::call as calls;
use store::commitment::classification;
use store::intake;
use store::view::commitment::{self as view, FundedProjects};
use uuid::Uuid;

use super::{last_stage, lock_stage_by_id};
use crate::call::{MappingInput, Shares, deed, shares};
use crate::{Answer, Context, Problem, Service, Tx};

/// The funded projects of a call, with the action items they serve. Before the letters of the last stage
/// are out they exist for those alone who may read the selection, and only once it is final; the money by
/// funder is for them at any time.
pub async fn list_funded(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<FundedProjects>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        let stage = last_stage(tx, call).await?;
        let told = stage.state()? == StageState::Communicated;
        let insider = is_insider(tx, call);
        if !(told || insider) || !access::sees(&tx.context.actor, &row.object()) {
            return Err(Problem::not_found());
        }
        tx.permit(Action::ReadCall, &row.object()).await?;
        let funded = view::funded(tx.conn(), call, told, insider).await?;
        funded.ok_or_else(Problem::not_found)
    };
    service.read(context, work).await
}

/// Whether the actor reads selections of the call.
fn is_insider(tx: &Tx, call: Uuid) -> bool {
    let selection = Object::of_call("selection", call, call);
    access::decide(&tx.context.actor, Action::ReadSelection, &selection).is_ok()
}

/// Says which action items of an agenda a funded project serves, as the secretariat classifies it; the
/// shares add up to 100 %, and no item at all takes it back. `If-Match` names the list of funded projects.
pub async fn classify_project(
    service: &Service,
    context: Context,
    proposal: Uuid,
    input: MappingInput,
) -> Result<Answer<FundedProjects>, Problem> {
    let work = async move |tx: &mut Tx| {
        let project = intake::find(tx.conn(), proposal).await?;
        let call = project.call_id;
        let last = last_stage(tx, call).await?;
        let (_, stage) = lock_stage_by_id(tx, last.id).await?;
        let permit = tx
            .permit(Action::ClassifyProject, &project.object())
            .await?;
        let told = stage.state()? == StageState::Communicated;
        let current = view::funded(tx.conn(), call, told, true)
            .await?
            .ok_or_else(|| {
                Problem::state("No selection of the call is final yet, so no project is funded.")
            })?;
        tx.precondition(&current)?;
        if !current.items.iter().any(|one| one.number == project.number) {
            return Err(Problem::state(format!(
                "{} is not among the funded projects of the call.",
                project.number
            )));
        }
        let Shares { of_agenda, shares } = shares(tx, &input, true).await?;
        classification::replace(tx.conn(), &permit, call, proposal, &of_agenda, &shares).await?;
        tx.audit(&permit, None, None, deed(&input)).await?;
        let funded = view::funded(tx.conn(), call, told, true).await?;
        funded.ok_or_else(Problem::not_found)
    };
    service.write(context, work).await
}
