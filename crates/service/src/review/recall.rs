//! Taking a release back: the review goes back to its author as long as nobody who reads released reviews was told of it.

use ::review::recall::{Reader, Recall, Told};
use call::StageState;
use store::outcome;
use store::review::{consensus, discussion, facts, review as rows, summary};

use super::evaluation;
use super::review::Opened;
use crate::{Problem, Tx};

/// Refuses to take a release back of which somebody was told. The caller has locked the stage, so that nobody hands in,
/// releases or begins to talk meanwhile.
pub(super) async fn untold(tx: &mut Tx, opened: &Opened) -> Result<(), Problem> {
    let Some(released_at) = opened.row.released_at else {
        return Ok(());
    };
    if opened.stage.state()? != StageState::Reviewing {
        // Later, as after redress, what is released is read at once: by the panel, or by the steering committee.
        return Err(Problem::state(format!(
            "A release is taken back while the stage is 'reviewing', and it is '{}'; what was told stays.",
            opened.stage.state
        )));
    }
    let rules = evaluation(&opened.call, opened.stage.number)?;
    let recall = Recall {
        released_at,
        told: told(tx, opened, rules.rebuttal.is_some()).await?,
        peer_reads: rules.names.reviews_open_after_own && peer_reads(tx, opened).await?,
        panel_began: panel_began(tx, opened).await?,
    };
    let reader = match opened.row.told {
        true => Some(Reader::Applicants),
        false => recall.reader(),
    };
    let why = match reader {
        None => return Ok(()),
        Some(Reader::Applicants) => {
            "The applicants read the review, or may have read it; what they were told stays."
        }
        Some(Reader::Reviewers) => {
            "Other reviewers of the proposal, who have handed in, may have read the review; what they were told stays."
        }
        Some(Reader::Panel) => {
            "The panel has begun to talk or to agree on the proposal, and goes by this review; it stays."
        }
    };
    Err(Problem::state(why))
}

/// How the applicants come to read it.
async fn told(tx: &mut Tx, opened: &Opened, rebuttal: bool) -> Result<Told, Problem> {
    if rebuttal {
        return Ok(Told::Later);
    }
    let stage = opened.stage.id;
    let taking_part = facts::taking_part(tx.conn(), stage).await?;
    let to_come = rows::to_come(tx.conn(), stage).await?.into_iter();
    let to_come = to_come.filter(|(proposal, _)| taking_part.contains(proposal));
    Ok(Told::WithTheLast(to_come.map(|(_, at)| at).collect()))
}

/// Whether somebody else has ever handed in a review of the proposal, and could read the others since.
async fn peer_reads(tx: &mut Tx, opened: &Opened) -> Result<bool, Problem> {
    let row = &opened.row;
    let of_it = rows::of_proposal(tx.conn(), row.proposal_id, row.stage_id).await?;
    let mut others = of_it.iter().filter(|one| one.expert_id != row.expert_id);
    Ok(others.any(|one| one.submitted_at.is_some()))
}

/// Whether the panel goes by the review already: it talks, has agreed, or reports.
async fn panel_began(tx: &mut Tx, opened: &Opened) -> Result<bool, Problem> {
    let (proposal, stage) = (opened.row.proposal_id, opened.stage.id);
    let standing = outcome::find(tx.conn(), proposal, stage).await?;
    let at = standing.proposal_stage;
    let began = !discussion::of_proposal(tx.conn(), at).await?.is_empty()
        || consensus::find(tx.conn(), at).await?.is_some()
        || summary::find(tx.conn(), at).await?.is_some();
    Ok(began)
}
