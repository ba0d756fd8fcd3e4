use kernel::Finding;
use serde::{Deserialize, Serialize};

use crate::{Percent, Score};

/// From which difference on the panel is told that reviewers disagree. Both are shares of the best score
/// of a criterion, so that they fit any scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DisagreementRules {
    /// Between two reviews of one proposal.
    pub apart: Percent,
    /// Between what an expert gives and what the others give to the same proposals, on average.
    pub leaning: Percent,
}

impl Default for DisagreementRules {
    /// On a scale of 0 to 5: one and a half points between two reviews, one point on average.
    fn default() -> Self {
        Self {
            apart: Percent(3_000),
            leaning: Percent(2_000),
        }
    }
}

impl DisagreementRules {
    /// A share of the best score in hundredths of a point, rounded up.
    pub fn points(share: Percent, scale_max: Score) -> Score {
        let product = i64::from(share.0) * i64::from(scale_max.0);
        let whole = i64::from(Percent::WHOLE.0);
        let up = (product + whole - 1).div_euclid(whole);
        Score(i32::try_from(up).unwrap_or(i32::MAX))
    }

    /// All faults, with pointers from the rules themselves.
    pub(super) fn validate(&self) -> Vec<Finding> {
        [("apart", self.apart), ("leaning", self.leaning)]
            .into_iter()
            .filter(|(_, share)| share.0 == 0 || !share.is_part())
            .map(|(field, share)| {
                Finding::fault(
                    format!("/{field}"),
                    "share",
                    format!("{share} %"),
                    "give more than 0 and at most 100 percent of the best score",
                )
            })
            .collect()
    }
}
