//! The released reviews under labels, and the applicants' reply to them.

use std::collections::BTreeSet;

use ::review::rebuttal::Reply;
use ::review::{Marks, RebuttalState, ReviewState, labels};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::StoreError;
use crate::review::rebuttal::RebuttalRow;
use crate::review::review::ReviewRow;

/// The window in which the applicants reply to the reviews of a proposal, and what comes of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RebuttalView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Since when a reply may be written.
    pub opens_at: DateTime<Utc>,
    /// Until when; what is complete at the server before it counts.
    pub closes_at: DateTime<Utc>,
    /// Where the reply stands; the panel learns it once the window is over.
    pub state: Option<RebuttalState>,
    /// The released reviews.
    pub reviews: Vec<ReleasedReview>,
    /// What is being written: for the consortium alone.
    pub draft: Option<Reply>,
    /// What was submitted last; the panel reads it once the window is over.
    pub submitted: Option<Reply>,
}

/// A released review without its author and what is not for the applicants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReleasedReview {
    /// The reviewer's label, the same in the reply and in the letter.
    pub label: String,
    /// Which review it is: for the panel alone, as an id tells when it was asked for.
    pub review: Option<Uuid>,
    /// Scores and comments by criterion.
    pub scores: Marks,
}

/// Who looks at a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The coordinator and the partners that joined.
    Consortium,
    /// Who takes part in the panel or watches over it.
    Panel,
}

/// The labels that the released reviews of a proposal have; a review that was voided since keeps its own.
fn labelled(written: &[ReviewRow]) -> Result<Vec<(String, &ReviewRow)>, StoreError> {
    let mut shown = Vec::new();
    let mut ever = Vec::new();
    for row in written {
        if row.ever_released()? {
            ever.push(row.id);
        }
        if row.state()? == ReviewState::Released {
            shown.push(row);
        }
    }
    let labels = labels(ever);
    let mut found: Vec<_> = shown
        .into_iter()
        .filter_map(|row| Some((labels.get(&row.id)?.clone(), row)))
        .collect();
    // By number: the tenth comes after the ninth.
    found.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    Ok(found)
}

/// The labels of the reviews that a reply may answer.
pub fn answerable(written: &[ReviewRow]) -> Result<BTreeSet<String>, StoreError> {
    let found = labelled(written)?;
    Ok(found.into_iter().map(|(label, _)| label).collect())
}

/// The window of a proposal, given by its id and number, as a reader sees it.
pub fn rebuttal(
    row: &RebuttalRow,
    (proposal, number, stage): (Uuid, &str, i32),
    written: &[ReviewRow],
    reader: Reader,
    now: DateTime<Utc>,
) -> Result<RebuttalView, StoreError> {
    let state = row.state_at(now)?;
    let own = reader == Reader::Consortium;
    let mut reviews = Vec::new();
    for (label, review) in labelled(written)? {
        reviews.push(ReleasedReview {
            label,
            review: (!own).then_some(review.id),
            scores: review.marks()?,
        });
    }
    Ok(RebuttalView {
        proposal,
        number: number.to_owned(),
        stage,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        state: (own || !state.is_written()).then_some(state),
        reviews,
        draft: if own { Some(row.draft()?) } else { None },
        submitted: if own || state.reaches_panel() {
            row.submitted()?
        } else {
            None
        },
    })
}
