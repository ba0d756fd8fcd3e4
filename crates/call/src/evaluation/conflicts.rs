use kernel::Finding;
use serde::{Deserialize, Serialize};

/// What makes a conflict of interest in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConflictRules {
    /// For how many years a joint publication or a joint proposal may speak against an expert, and for how many it is
    /// remembered in other calls that a possible conflict was judged to be none.
    pub years: u32,
    /// How many persons the applicants of one proposal may ask to keep from reviewing it.
    pub named_max: u32,
}

impl Default for ConflictRules {
    /// Five years are the custom of sister calls; three persons are a limit of ours.
    fn default() -> Self {
        Self {
            years: 5,
            named_max: 3,
        }
    }
}

impl ConflictRules {
    /// All faults, with pointers from the rules themselves.
    pub(super) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.years > 50 {
            found.push(Finding::fault(
                "/years",
                "years",
                format!("{} years", self.years),
                "give 0 to 50 years",
            ));
        }
        if self.named_max > 20 {
            found.push(Finding::fault(
                "/named_max",
                "named",
                format!("{} persons", self.named_max),
                "let applicants name 0 to 20 persons",
            ));
        }
        found
    }
}
