//! All proposals of a stage are judged by the same rules: from the first assignment of a reviewer on they stay as they are.

use call::Rules;
use kernel::Faults;
use store::call::StageRow;
use store::review::review as reviews;
use store::view::review::after_panel;

use crate::{Problem, Tx};

/// A fault for each rule by which a stage is being judged, or was, and that a change would touch. Nobody can accept it:
/// what was scored by other criteria cannot be ranked by these, and no list would follow from its scores any more.
///
/// The caller has locked the call, and needs no lock of the stages, which everybody takes before the call's: a review
/// refers to its call, so none is assigned as long as the call is locked, and the call is not locked before one that was
/// just assigned is there to be seen.
pub(super) async fn check_kept(
    tx: &mut Tx,
    stages: &[StageRow],
    (before, after): (&Rules, &Rules),
    faults: &mut Faults,
) -> Result<(), Problem> {
    let both = before.stages.iter().zip(&after.stages);
    for (stage, (before, after)) in stages.iter().zip(both) {
        let touched = before.evaluation.judges_otherwise(&after.evaluation);
        if touched.is_empty() || !is_judged(tx, stage).await? {
            continue;
        }
        let (number, index) = (stage.number, stage.number - 1);
        for pointer in touched {
            faults.add(
                format!("/rules/stages/{index}/evaluation{pointer}"),
                "being_judged",
                format!(
                    "reviewers of stage {number} are assigned, and all its proposals are judged by the same rules; \
                     leave it as it was"
                ),
            );
        }
    }
    Ok(())
}

/// Whether anybody was ever assigned to review a proposal of the stage.
async fn is_judged(tx: &mut Tx, stage: &StageRow) -> Result<bool, Problem> {
    if after_panel(stage.state()?) {
        return Ok(true);
    }
    let places = reviews::places(tx.conn(), stage.id, None).await?;
    Ok(!places.is_empty())
}
