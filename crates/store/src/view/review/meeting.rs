//! The meeting of a stage's panel.

use ::review::Meeting;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::review::meeting::MeetingRow;

/// The panel of a stage, as those who belong to it see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PanelView {
    /// The stage, 1 or 2.
    pub stage: i32,
    /// When and where it meets; none before it is convened.
    pub meeting: Option<Meeting>,
    /// When it was convened, or told of another time or place.
    pub convened_at: Option<DateTime<Utc>>,
}

/// The panel of a stage.
pub fn panel(stage: i32, row: Option<&MeetingRow>) -> PanelView {
    PanelView {
        stage,
        meeting: row.map(MeetingRow::meeting),
        convened_at: row.map(|row| row.convened_at),
    }
}
