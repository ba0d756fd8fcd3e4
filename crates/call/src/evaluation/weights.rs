use kernel::Finding;
use serde::{Deserialize, Serialize};

/// How much each part counts in the affinity of an expert and a proposal: whole numbers, of which only
/// the proportion matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AffinityWeights {
    /// Keywords that both have.
    #[serde(default)]
    pub keywords: u32,
    /// Modules that both work in.
    #[serde(default)]
    pub modules: u32,
    /// Likeness of the proposal's abstract and the expert's statement.
    #[serde(default)]
    pub text: u32,
}

impl Default for AffinityWeights {
    /// Keywords and texts count twice as much as modules, which many proposals share.
    fn default() -> Self {
        Self {
            keywords: 2,
            modules: 1,
            text: 2,
        }
    }
}

impl AffinityWeights {
    /// All faults, with pointers from the weights themselves.
    pub(super) fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let all = [
            ("keywords", self.keywords),
            ("modules", self.modules),
            ("text", self.text),
        ];
        for (field, weight) in all {
            if weight > 100 {
                found.push(Finding::fault(
                    format!("/{field}"),
                    "weight",
                    format!("a weight of {weight}"),
                    "a weight is a whole number from 0 to 100",
                ));
            }
        }
        if all.iter().all(|(_, weight)| *weight == 0) {
            found.push(Finding::fault(
                "",
                "weights_missing",
                "nothing counts in the affinity",
                "give at least one weight above 0",
            ));
        }
        found
    }
}
