//! Ranking lists.

use ::review::{Entry, RankingState, recounted};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sight;
use crate::StoreError;
use crate::review::ranking::RankingRow;

/// The ranking list of a stage: the adopted one, or what it would be now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RankingView {
    /// The stage, 1 or 2.
    pub stage: i32,
    /// `draft` as long as it is only what the consensus adds up to.
    pub state: RankingState,
    /// Version of the list, from 1; 0 of a draft.
    pub number: i32,
    /// When the panel adopted it.
    pub adopted_at: Option<DateTime<Utc>>,
    /// What had been recorded wrong, where the chair corrected it with this version. Told to those who may know of all
    /// proposals concerned.
    pub reason: Option<String>,
    /// The lines, best first; where the stage ranks per topic, topic after topic. Positions count what the viewer may
    /// know of.
    pub entries: Vec<Entry>,
}

/// An adopted list.
pub fn adopted(stage: i32, row: &RankingRow, sight: &Sight) -> Result<RankingView, StoreError> {
    let corrects = row.corrects()?;
    let told = corrects.into_iter().all(|proposal| sight.open(proposal));
    Ok(RankingView {
        stage,
        state: row.state()?,
        number: row.number,
        adopted_at: row.adopted_at,
        reason: row.reason.clone().filter(|_| told),
        entries: open(row.entries()?, sight),
    })
}

/// What the list would be if it were adopted now.
pub fn draft(stage: i32, entries: Vec<Entry>, sight: &Sight) -> RankingView {
    RankingView {
        stage,
        state: RankingState::Draft,
        number: 0,
        adopted_at: None,
        reason: None,
        entries: open(entries, sight),
    }
}

/// Without the proposals the viewer may know nothing about. Positions are counted anew: a gap would
/// tell where the hidden one stands.
fn open(entries: Vec<Entry>, sight: &Sight) -> Vec<Entry> {
    let shown = entries.into_iter();
    let shown = shown.filter(|entry| sight.open(entry.proposal));
    recounted(shown.collect())
}
