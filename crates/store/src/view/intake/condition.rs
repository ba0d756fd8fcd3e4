//! Conditions of an invitation, as the consortium sees them and those who set them.

use ::intake::{Demand, Partner};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::StoreError;
use crate::intake::ConditionRow;

/// A condition of an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConditionView {
    /// Which one it is, counted from 1.
    pub number: i32,
    /// What is to be met.
    pub demand: Demand,
    /// The same as the letter says it.
    pub text: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Whether it is met, by what the secretariat noted or by the full proposal as far as you may read it; none
    /// where nobody can tell yet.
    pub met: Option<bool>,
    /// What the secretariat noted when it was met.
    pub met_because: Option<String>,
    /// Whether its time is over, and it is not known to be met.
    pub overdue: bool,
}

/// The conditions over the partners that were invited, and over those of the full proposal that the viewer reads.
pub fn condition_views(
    rows: Vec<ConditionRow>,
    before: &[Partner],
    full: Option<&[Partner]>,
    at: DateTime<Utc>,
) -> Result<Vec<ConditionView>, StoreError> {
    let view = |row: ConditionRow| {
        let demand = row.demand()?;
        let met = match row.met_at {
            Some(_) => Some(true),
            None => full.and_then(|now| demand.met(before, now)),
        };
        Ok(ConditionView {
            number: row.number,
            demand,
            text: row.text,
            until: row.until,
            met,
            met_because: row.met_because,
            overdue: met != Some(true) && row.until <= at,
        })
    };
    rows.into_iter().map(view).collect()
}
