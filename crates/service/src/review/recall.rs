//! Taking a release back: the review goes back to its author as long as nobody who reads released reviews was told of it.

use ::review::recall::{Reader, Recall, Told};
use chrono::{DateTime, Utc};
use store::outcome;
use store::review::{consensus, discussion, facts, review as rows, summary};

use super::evaluation;
use super::review::Opened;
use crate::{Problem, Tx};

/// Refuses to take a release back of which somebody was told. The caller has locked the stage, so that nobody hands in,
/// releases or begins to talk meanwhile.
pub(super) async fn untold(tx: &mut Tx, opened: &Opened) -> Result<(), Problem> {
    let row = &opened.row;
    let Some(released_at) = row.released_at else {
        return Ok(());
    };
    let rules = evaluation(&opened.call, opened.stage.number)?;
    let recall = Recall {
        released_at,
        told: told(tx, opened, rules.rebuttal.is_some()).await?,
        peer_reads: rules.names.reviews_open_after_own && peer_reads(tx, opened).await?,
        panel_began: panel_began(tx, opened, released_at).await?,
    };
    let why = match recall.reader() {
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

/// How the applicants come to read it. The caller has seen that it may be written on at all: while its stage is reviewed, or
/// where redress has the panel judge the proposal anew.
async fn told(tx: &mut Tx, opened: &Opened, rebuttal: bool) -> Result<Told, Problem> {
    let row = &opened.row;
    if let Some(upheld) = opened.upheld {
        return Ok(match upheld.hides(row.released_at) {
            true => Told::Later,
            false => Told::Already,
        });
    }
    if rebuttal {
        return Ok(Told::Later);
    }
    let taking_part = facts::taking_part(tx.conn(), row.stage_id).await?;
    let to_come = rows::to_come(tx.conn(), row.stage_id).await?.into_iter();
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

/// Whether the panel goes by the review already: it talks, has agreed, or reports. What it agreed on before redress does not
/// rest on a review that was written after it.
async fn panel_began(
    tx: &mut Tx,
    opened: &Opened,
    released_at: DateTime<Utc>,
) -> Result<bool, Problem> {
    let row = &opened.row;
    let standing = outcome::find(tx.conn(), row.proposal_id, row.stage_id).await?;
    let at = standing.proposal_stage;
    let said = discussion::of_proposal(tx.conn(), at).await?;
    if said.iter().any(|(_, _, _, when, _)| *when > released_at) {
        return Ok(true);
    }
    if opened.upheld.is_some() {
        return Ok(false);
    }
    let agreed = consensus::find(tx.conn(), at).await?.is_some();
    Ok(agreed || summary::find(tx.conn(), at).await?.is_some())
}
