//! Proposals of which a conflict of interest, found once the applicants have read the reviews, left no released review:
//! what the stage does about it, and what it need not wait for.

use std::collections::BTreeMap;

use ::review::ReviewState;
use call::StageState;
use kernel::Finding;
use store::call::StageRow;
use store::outcome::Standing;
use store::review::review as reviews;
use store::view::review::Sight;
use uuid::Uuid;

use super::release::refuse;
use crate::{Problem, Tx};

/// The reviews of one proposal at a stage.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    /// How many are released.
    released: usize,
    /// How many are still to be written or released.
    open: usize,
    /// Whether one that was released is void now.
    voided: bool,
}

/// The reviews of a stage, or of one proposal in it, by proposal.
async fn left(
    tx: &mut Tx,
    stage: Uuid,
    proposal: Option<Uuid>,
) -> Result<BTreeMap<Uuid, Left>, Problem> {
    let mut all: BTreeMap<Uuid, Left> = BTreeMap::new();
    for place in reviews::places(tx.conn(), stage, proposal).await? {
        let of_it = all.entry(place.proposal).or_default();
        match place.state {
            ReviewState::Released => of_it.released += 1,
            state if state.holds_a_place() => of_it.open += 1,
            _ => of_it.voided |= place.ever_released,
        }
    }
    Ok(all)
}

/// Whether the applicants of the stage have read its reviews, and the panel has not adopted anything yet.
pub(super) fn is_read(stage: &StageRow) -> Result<bool, Problem> {
    Ok(matches!(
        stage.state()?,
        StageState::Rebuttal | StageState::Panel
    ))
}

/// Whether the applicants of the stage have read its reviews, and of this proposal none is released any more: experts may
/// be assigned to it again.
pub(super) async fn waits_for_another(
    tx: &mut Tx,
    stage: &StageRow,
    proposal: Uuid,
) -> Result<bool, Problem> {
    if !is_read(stage)? {
        return Ok(false);
    }
    let left = left(tx, stage.id, Some(proposal)).await?;
    Ok(left.values().all(|one| one.released == 0))
}

/// Refuses to convene the panel before each proposal has a released review and none is still to come. Where a conflict of
/// interest voided one that was released, what is missing since holds nobody else up: it is found, and the panel is convened
/// all the same by who has looked at it. Answers where something was found.
pub(super) async fn check(
    tx: &mut Tx,
    stage: &StageRow,
    standings: &[Standing],
    sight: &Sight,
    despite: bool,
) -> Result<Vec<Finding>, Problem> {
    let all = left(tx, stage.id, None).await?;
    let (mut found, mut hidden) = (Vec::new(), false);
    for standing in standings {
        let left = all.get(&standing.proposal).copied().unwrap_or_default();
        if left.released > 0 && left.open == 0 {
            continue;
        }
        if !left.voided {
            return Err(Problem::state(
                "The panel is convened when each proposal has a released review and none is still to come: release \
                 what is submitted, and have late experts replaced.",
            ));
        }
        if !sight.open(standing.proposal) {
            hidden = true;
            continue;
        }
        let at = format!("/proposals/{}", kernel::token(&standing.number));
        found.push(if left.open > 0 {
            Finding::doubt(
                at,
                "review_open",
                "a review is still to come in the place of one that a conflict of interest voided",
                "the panel agrees on this proposal when it is released",
            )
        } else {
            Finding::doubt(
                at,
                "no_review_released",
                "no released review is left: each was voided by a conflict of interest",
                "assign an expert (POST /calls/{call}/stages/{stage}/assignments); the panel agrees on this proposal when \
                 the review is released",
            )
        });
    }
    if hidden {
        found.push(Finding::doubt(
            "/proposals",
            "not_yours_to_know",
            "something is missing with proposals that you may not know about",
            "ask somebody else of the secretariat",
        ));
    }
    refuse(found.clone(), despite)?;
    Ok(found)
}
