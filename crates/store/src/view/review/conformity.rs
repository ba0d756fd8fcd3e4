//! The independent observer's report on a stage.

use ::review::ConformityState;
use ::review::conformity::ConformityReport;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::StoreError;
use crate::review::conformity::ConformityRow;

/// The conformity report on a stage.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConformityView {
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Where it stands; none where nobody began it.
    pub state: Option<ConformityState>,
    /// What it says.
    pub report: ConformityReport,
    /// When it was filed.
    pub filed_at: Option<DateTime<Utc>>,
    /// SHA-256 of conclusion, findings and recommendations with an end of line between them, as the audit trail has it.
    pub sha256: Option<String>,
}

/// The report as its reader sees it, if at all: a draft is the observer's alone.
pub fn conformity(
    stage: i32,
    row: Option<&ConformityRow>,
    observer: bool,
) -> Result<Option<ConformityView>, StoreError> {
    let Some(row) = row else {
        return Ok(observer.then(|| ConformityView {
            stage,
            state: None,
            report: ConformityReport::default(),
            filed_at: None,
            sha256: None,
        }));
    };
    let state = row.state()?;
    if state != ConformityState::Filed && !observer {
        return Ok(None);
    }
    Ok(Some(ConformityView {
        stage,
        state: Some(state),
        report: row.report()?,
        filed_at: row.filed_at,
        sha256: row.sha256.clone(),
    }))
}
