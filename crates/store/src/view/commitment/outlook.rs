use ::commitment::{Outlook, Point, WhatIf};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A selection as a whole: what one more project costs, which funder is the bottleneck.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OutlookView {
    /// The selection.
    pub selection: Uuid,
    /// Its outlook.
    pub outlook: Outlook,
    /// The same in sentences.
    pub explanation: Vec<String>,
}

/// What other gap shares and raised commitments would change of a selection.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SensitivityView {
    /// The selection.
    pub selection: Uuid,
    /// Each gap share with each raise.
    pub points: Vec<Point>,
    /// A sentence for each point.
    pub explanation: Vec<String>,
}

/// What could be funded without the ranking rule. It is no selection, and nobody may decide by it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WhatIfView {
    /// The selection that it is compared with.
    pub selection: Uuid,
    /// Always false: the ranking rule binds.
    pub is_a_selection: bool,
    /// The optimum, or the best that was found in time.
    pub what_if: WhatIf,
    /// What that says.
    pub explanation: String,
}
