//! Where a report that applicants will read seems to name who evaluated the proposal.

use ::review::summary::SummaryDraft;
use kernel::Finding;
use store::review::naming::Names;

use super::panel::AtPanel;
use crate::{Problem, Tx};

/// The doubts about the texts of a report.
pub(super) async fn doubts(
    tx: &mut Tx,
    found: &AtPanel,
    draft: &SummaryDraft,
    comment: &str,
) -> Result<Vec<Finding>, Problem> {
    let mut texts = draft.texts();
    texts.push(("/comment".to_owned(), comment));
    let proposal = found.standing.proposal;
    let names = Names::of(tx.conn(), &found.stage, Some(proposal)).await?;
    Ok(names.doubts(proposal, &texts))
}
