//! Where a text that applicants will read seems to name who evaluated the proposal.

use std::collections::BTreeSet;

use ::review::identity_doubts;
use ::review::summary::SummaryDraft;
use kernel::Finding;
use store::review::{expert as experts, review as reviews};
use uuid::Uuid;

use super::panel::AtPanel;
use crate::{Problem, Tx};

/// The doubts about the texts of a report, each once: they hold a name, an address or an institution of a reviewer of
/// the proposal, or of somebody who sits on the panel.
pub(super) async fn doubts(
    tx: &mut Tx,
    found: &AtPanel,
    draft: &SummaryDraft,
    comment: &str,
) -> Result<Vec<Finding>, Problem> {
    let mut texts = draft.texts();
    texts.push(("/comment".to_owned(), comment));
    let proposal = found.standing.proposal;
    let written = reviews::of_proposal(tx.conn(), proposal, found.stage.id).await?;
    let reviewers: BTreeSet<Uuid> = written.iter().map(|row| row.expert_id).collect();
    let today = tx.now().await?.date_naive();
    let mut doubts: Vec<Finding> = Vec::new();
    for expert in experts::of_call(tx.conn(), found.stage.call_id).await? {
        if reviewers.contains(&expert.id) || expert.role()?.sits_on_panel() {
            for doubt in identity_doubts(&expert.facts(today)?, &texts) {
                if !doubts.contains(&doubt) {
                    doubts.push(doubt);
                }
            }
        }
    }
    Ok(doubts)
}
