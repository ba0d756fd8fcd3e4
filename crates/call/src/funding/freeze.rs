//! When and how funders may still change what they commit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::FundingRules;
use crate::{Milestone, MilestoneKind};

/// How commitments are made and changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommitmentRules {
    /// Whether an indicative commitment needs a signed document too; one on availability of funds always does.
    pub indicative_signed: bool,
    /// What a funder may do once the budget is frozen.
    pub after_freeze: FreezeRule,
}

/// What a funder may do with its commitment once the budget is frozen.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FreezeRule {
    /// Raise it: the first remedy where money lacks. To lower it, it needs to be unfrozen.
    #[default]
    RaiseOnly,
    /// Nothing, unless the secretariat or the committee's chair unfreezes it.
    Unfreezing,
}

impl FundingRules {
    /// From when on the budget is frozen: at the calendar's entry for it; where a co-funded call has none, at the
    /// selection meeting. A virtual common pot without an entry is never frozen.
    pub fn frozen_from(&self, milestones: &[Milestone]) -> Option<DateTime<Utc>> {
        let at = |kind| {
            let found = milestones.iter().find(|one| one.kind == kind);
            found.map(|one| one.at.as_ref().map(|at| at.at))
        };
        match at(MilestoneKind::BudgetFreeze) {
            Some(entry) => entry,
            None if self.eu.is_some() => at(MilestoneKind::SelectionMeeting).flatten(),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Deadline;

    use super::*;
    use crate::{EuBase, EuMoney, EuShare, Percent, RankingRule};

    fn milestone(kind: MilestoneKind, at: Option<&str>) -> Milestone {
        let at = at.map(|at| {
            let label = "17:00 CET";
            let json = format!(r#"{{"at":"{at}","zone":"Europe/Paris","label":"{label}"}}"#);
            serde_json::from_str::<Deadline>(&json).unwrap()
        });
        let note = String::new();
        Milestone { kind, at, note }
    }

    #[test]
    fn frozen_by_the_calendar_and_in_a_co_funded_call_at_the_selection_meeting() {
        use MilestoneKind::{BudgetFreeze, SelectionMeeting};
        let pot = FundingRules::default();
        let co_funded = FundingRules {
            ranking: RankingRule::Binding,
            eu: Some(EuMoney {
                max: None,
                rate: Percent(3_300),
                gap_filling: Percent(5_000),
                base: EuBase::Planned,
                share: EuShare::ByCommitment,
                cap: None,
            }),
            ..FundingRules::default()
        };
        let meeting = milestone(SelectionMeeting, Some("2026-07-02T15:00:00Z"));
        let freeze = milestone(BudgetFreeze, Some("2026-06-01T15:00:00Z"));
        let day = |rules: &FundingRules, milestones: &[Milestone]| {
            let at = rules.frozen_from(milestones);
            at.map(|at| at.date_naive().to_string()).unwrap_or_default()
        };
        assert_eq!(day(&pot, &[]), "");
        assert_eq!(day(&pot, std::slice::from_ref(&meeting)), "");
        assert_eq!(
            day(&co_funded, std::slice::from_ref(&meeting)),
            "2026-07-02"
        );
        let both = [meeting.clone(), freeze];
        assert_eq!(day(&pot, &both), "2026-06-01");
        assert_eq!(day(&co_funded, &both), "2026-06-01");
        // An entry whose date is not known yet freezes nothing.
        let unknown = [meeting, milestone(BudgetFreeze, None)];
        assert_eq!(day(&co_funded, &unknown), "");
    }
}
