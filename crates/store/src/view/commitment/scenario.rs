use ::commitment::{Comparison, Overrides, Selection, SelectionInput, Visibility};
use chrono::{DateTime, Utc};
use kernel::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::StoreError;
use crate::commitment::scenario::ScenarioRow;
use crate::view::commitment::selection::explained;

/// The scenarios of a call that one may see.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Scenarios {
    /// Oldest first.
    pub items: Vec<ScenarioSummary>,
}

/// A scenario in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioSummary {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Key of the funder it was made for; none for the secretariat's.
    pub organisation: Option<String>,
    /// How many projects it funds.
    pub projects: usize,
    /// What the EU pays for them.
    pub eu_contribution: Amount,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// A scenario, with all that it can be computed again from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioView {
    /// Its id.
    pub id: Uuid,
    /// The call.
    pub call: Uuid,
    /// Its name.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Key of the funder it was made for; none for the secretariat's.
    pub organisation: Option<String>,
    /// What it changes of the call as it stood then.
    pub overrides: Overrides,
    /// Name and version of what computed it.
    pub engine: String,
    /// What it was computed from, the changes made.
    pub input: SelectionInput,
    /// What was computed.
    pub result: Selection,
    /// The result in sentences.
    pub explanation: Vec<String>,
    /// EU money that is lost because proposals are left off the list, or not funded above others that are: it is earned
    /// only above the first gap.
    pub eu_lost_to_gaps: Amount,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// Two scenarios side by side.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScenarioComparison {
    /// The first.
    pub a: ScenarioSummary,
    /// The second.
    pub b: ScenarioSummary,
    /// In what they agree and differ.
    pub comparison: Comparison,
}

/// A scenario in a list.
pub fn scenario_summary(
    (row, organisation): &(ScenarioRow, Option<String>),
) -> Result<ScenarioSummary, StoreError> {
    let result = row.result()?;
    Ok(ScenarioSummary {
        id: row.id,
        name: row.name.clone(),
        visibility: row.visibility()?,
        organisation: organisation.clone(),
        projects: result.selected.len(),
        eu_contribution: result.eu_contribution,
        made_at: row.made_at,
    })
}

/// The whole scenario.
pub fn scenario(
    (row, organisation): &(ScenarioRow, Option<String>),
) -> Result<ScenarioView, StoreError> {
    let (overrides, input, result) = (row.overrides()?, row.input()?, row.result()?);
    let (eu_lost_to_gaps, explanation) = explained(&overrides, &input, &result)?;
    Ok(ScenarioView {
        id: row.id,
        call: row.call_id,
        name: row.name.clone(),
        visibility: row.visibility()?,
        organisation: organisation.clone(),
        overrides,
        engine: row.engine.clone(),
        explanation,
        input,
        result,
        eu_lost_to_gaps,
        made_at: row.made_at,
    })
}
