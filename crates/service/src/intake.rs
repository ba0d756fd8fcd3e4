//! Proposals: drafting, submitting, eligibility.

use access::Permit;
use store::call::{CallRow, StageRow};

use crate::call::NewDeadline;
use crate::{Problem, Tx};

/// Tells every coordinator with a proposal in the stage that the deadline moved.
pub(crate) async fn tell_of_new_deadline(
    _tx: &mut Tx,
    _call: &CallRow,
    _stage: &StageRow,
    _input: &NewDeadline,
) -> Result<(), Problem> {
    Ok(())
}

/// Gives every invited proposal a draft of its full proposal, begun from the pre-proposal.
pub(crate) async fn start_full_proposals(
    _tx: &mut Tx,
    _permit: &Permit,
    _stage: &StageRow,
) -> Result<(), Problem> {
    Ok(())
}

/// Locks what was submitted, lets the rest lapse, and opens the eligibility checks; answers how many
/// of each.
pub(crate) async fn lock_proposals(
    _tx: &mut Tx,
    _permit: &Permit,
    _stage: &StageRow,
) -> Result<(usize, usize), Problem> {
    Ok((0, 0))
}
