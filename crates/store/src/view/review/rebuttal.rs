//! The released reviews under labels, and the applicants' reply to them.

use std::collections::BTreeSet;

use ::review::rebuttal::Reply;
use ::review::{Marks, RebuttalState, ReviewState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::StoreError;
use crate::review::rebuttal::RebuttalRow;
use crate::review::review::{ReviewRow, labelled};

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
    /// The released reviews; for the consortium as they were told to it, for the panel those that count.
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

/// The labels of the reviews that a reply may answer.
pub fn answerable(written: &[ReviewRow]) -> Result<BTreeSet<String>, StoreError> {
    let found = labelled(written)?;
    Ok(found.into_iter().map(|(label, _)| label).collect())
}

/// The window of a proposal, given by its id and number, as a reader sees it; `written` are the reviews of which the
/// reader may know. One that was told and voided since stays with the consortium, under its label, as it was; the panel
/// goes on without it.
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
        if !own && review.state()? != ReviewState::Released {
            continue;
        }
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
