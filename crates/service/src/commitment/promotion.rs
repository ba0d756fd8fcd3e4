//! From a scenario to a proposed selection.

use access::Action;
use call::{STAGE, StageEvent};
use kernel::Faults;
use store::commitment::balance as money;
use store::commitment::scenario as scenarios;
use store::commitment::selection::Origin;
use store::view::commitment::{self as view, SelectionView};
use uuid::Uuid;

use super::scenario::readable;
use super::selection::{Proposed, input_of, keep, selected};
use super::{last_stage, lock_stage_by_id};
use crate::{Answer, Context, Problem, Service, Tx};

/// Proposes what a scenario selects. All that it was computed from is read anew, and where the call is otherwise by
/// now, or the scenario supposes what nobody pledged, it is refused with every difference.
pub async fn propose_scenario(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<SelectionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let named = scenarios::find(tx.conn(), id).await?;
        readable(tx, &named.0).await?;
        let last = last_stage(tx, named.0.call_id).await?;
        let (call, stage) = lock_stage_by_id(tx, last.id).await?;
        let permit = tx.permit(Action::ProposeSelection, &call.object()).await?;
        tx.precondition(&view::scenario(&named)?)?;
        STAGE.apply(stage.state()?, StageEvent::Decide)?;
        let scenario = named.0;
        let funders = money::funders(tx.conn(), call.id).await?;
        let now = input_of(tx, &stage, &call.rules()?, &funders).await?;
        let input = scenario.overrides()?.promote(&scenario.input()?, &now)?;
        let (input, result) = selected(input).await?;
        let mut faults = Faults::default();
        faults.require(
            result == scenario.result()?,
            "/result",
            "moved",
            "selections are computed otherwise by now; make the scenario anew",
        );
        faults.or(())?;
        let new = Proposed {
            stage: &stage,
            funders: &funders,
            input: &input,
            result: &result,
            origin: Origin::Scenario(id),
        };
        keep(tx, &permit, new).await
    };
    service.write(context, work).await
}
