//! How the money is given: the mode of funding, its conventions, and the limits of the first stage.

mod freeze;
mod topics;

use kernel::{Amount, Currency, Finding};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

pub use freeze::{CommitmentRules, FreezeRule};
pub use topics::TopicMoney;

use crate::Percent;

/// How the money is given. Without EU money it is a virtual common pot: every funder pays only its own
/// applicants. With EU money it is mixed: national money stays national, the EU's is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FundingRules {
    /// Whether the ranking binds the selection.
    pub ranking: RankingRule,
    /// Whether the topics of a call that ranks per topic share the commitments.
    #[serde(skip_serializing_if = "TopicMoney::is_shared")]
    pub topic_money: TopicMoney,
    /// Currency of budgets and commitments.
    pub currency: Currency,
    /// The EU's contribution, for a co-funded call.
    pub eu: Option<EuMoney>,
    /// How funders' commitments are made and changed.
    pub commitments: CommitmentRules,
    /// How the invitations are balanced against the money.
    pub first_stage: Option<FirstStageLimit>,
    /// Where several subsets of a tie are equally good: the call's own criteria, in their order. The selection takes the
    /// subset that they put first, and the steering committee records why.
    pub ties: Vec<TieBreak>,
}

/// Whether a project may be funded although a better one is not.
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
pub enum RankingRule {
    /// No: groups of equal score are funded whole from the top, but for the last one.
    Binding,
    /// Yes: where a funder has run out, the walk goes on below. The usual way of a virtual common pot.
    #[default]
    WithGaps,
}

/// The EU's contribution to a co-funded call, and by which conventions it is shared. The same list gives
/// different answers under different conventions, so every result names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EuMoney {
    /// The most the EU pays, in the call's currency; left out while it is not known.
    #[serde(default)]
    pub max: Option<Amount>,
    /// The EU's part of the support to projects of eligible funders: 33 % in an H2020 ERA-NET Cofund, 30 %
    /// or 50 % in Horizon Europe.
    pub rate: Percent,
    /// The part of it that fills gaps, the rest being shared in proportion (ERA-LEARN: 40 to 75 % are
    /// reasonable). A scenario may try another.
    pub gap_filling: Percent,
    /// What the proportional part is taken of.
    pub base: EuBase,
    /// In which proportion.
    pub share: EuShare,
    /// The most EU money of a funder as a multiple of its national part, in hundredths (`"200"` is twice,
    /// as some partnerships have it).
    #[serde(default)]
    pub cap: Option<Percent>,
}

/// What the proportional part of the EU money is taken of.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum EuBase {
    /// The most the EU pays.
    Planned,
    /// What the selected projects earn of it.
    Earned,
}

/// In which proportion funders share the proportional part.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum EuShare {
    /// Of their commitments.
    ByCommitment,
    /// Of what their selected applicants get.
    ByRequest,
}

/// How many proposals are invited to the full stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstStageLimit {
    /// How the ratio is looked at.
    pub policy: BalancingPolicy,
    /// Requested for each committed euro, in hundredths of a percent as a decimal string: `"300"` is three
    /// to one (ERA-LEARN speaks of about 3; one partnership used 3 with EU money and 2 without).
    pub ratio_max: Percent,
}

/// How requested and committed money are balanced at the invitation.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum BalancingPolicy {
    /// One limit on all funders together.
    Aggregate,
    /// A limit on each funder; the list is cut at the first proposal that breaks one.
    PerFunderCut,
    /// A limit on each funder; what breaks one is passed over. The first stage is not bound by a ranking.
    PerFunderWithGaps,
}

/// What decides between equally good subsets.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum TieBreak {
    /// The criterion that stands first among the criteria of the last stage.
    FirstCriterion,
    /// The one that stands second.
    SecondCriterion,
    /// The funder that would stay furthest below its commitment: the subset that leaves it the least.
    UnderSpentFunder,
}

impl Default for FundingRules {
    fn default() -> Self {
        Self {
            ranking: RankingRule::WithGaps,
            topic_money: TopicMoney::Shared,
            currency: Currency::EUR,
            eu: None,
            commitments: CommitmentRules::default(),
            first_stage: None,
            ties: Vec::new(),
        }
    }
}

impl FundingRules {
    /// All faults and doubts of the rules, with pointers from their own root.
    pub fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(eu) = &self.eu {
            if self.ranking == RankingRule::WithGaps {
                found.push(Finding::fault(
                    "/ranking",
                    "ranking_not_binding",
                    "a co-funded call with gaps in the ranking",
                    "the ranking of a co-funded call binds; write binding",
                ));
            }
            found.extend(
                eu.validate()
                    .into_iter()
                    .map(|finding| finding.below("/eu")),
            );
        }
        if let Some(limit) = &self.first_stage
            && !(10_000..=100_000).contains(&limit.ratio_max.0)
        {
            found.push(Finding::fault(
                "/first_stage/ratio_max",
                "ratio",
                format!("{} % of what is committed", limit.ratio_max),
                "give 100 to 1000; 300 is three to one",
            ));
        }
        for (at, tie) in self.ties.iter().enumerate() {
            if self.ties[..at].contains(tie) {
                found.push(Finding::fault(
                    format!("/ties/{at}"),
                    "value_twice",
                    format!("'{tie}' stands here a second time"),
                    "name each criterion once",
                ));
            }
        }
        found
    }
}

impl EuMoney {
    fn validate(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut fault = |broken: bool, field: &str, code: &str, what: String, allowed: &str| {
            if broken {
                found.push(Finding::fault(format!("/{field}"), code, what, allowed));
            }
        };
        let whole = Percent::WHOLE.0;
        let rate_fits = (1..whole).contains(&self.rate.0);
        fault(
            self.max.is_some_and(|max| max.0 <= 0),
            "max",
            "amount",
            "no EU money".to_owned(),
            "give more than 0, or leave it out while it is not known",
        );
        fault(
            !rate_fits,
            "rate",
            "percent",
            format!("the EU pays {} %", self.rate),
            "give more than 0 and less than 100",
        );
        fault(
            !self.gap_filling.is_part(),
            "gap_filling",
            "percent",
            format!("{} % fill gaps", self.gap_filling),
            "give 0 (all in proportion) to 100 (all fill gaps)",
        );
        fault(
            self.base == EuBase::Planned && self.share == EuShare::ByRequest,
            "share",
            "convention",
            "a planned base shared by request".to_owned(),
            "planned goes with by_commitment only: requests are not known when it is planned",
        );
        // With less, the eligible funders could not take the money that their projects earn: c >= r / (1 - r).
        let too_low = self.cap.is_some_and(|cap| {
            i64::from(cap.0) * i64::from(whole - self.rate.0)
                < i64::from(self.rate.0) * i64::from(whole)
        });
        fault(
            rate_fits && too_low,
            "cap",
            "cap_too_low",
            format!(
                "at most {} % of the national part",
                self.cap.unwrap_or_default()
            ),
            "it must let funders take what their projects earn: at least rate / (100 - rate)",
        );
        if self.max.is_none() {
            found.push(Finding::doubt(
                "/max",
                "not_known",
                "the EU's contribution is not known yet",
                "give it before the selection",
            ));
        }
        if self.gap_filling.is_part() && !(4_000..=7_500).contains(&self.gap_filling.0) {
            found.push(Finding::doubt(
                "/gap_filling",
                "gap_filling_unusual",
                format!("{} % of the EU money fill gaps", self.gap_filling),
                "40 to 75 % are found reasonable",
            ));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eu() -> EuMoney {
        EuMoney {
            max: Some(Amount(330_000_000)),
            rate: Percent(3300),
            gap_filling: Percent(5000),
            base: EuBase::Planned,
            share: EuShare::ByCommitment,
            cap: None,
        }
    }

    fn found(ranking: RankingRule, vary: impl Fn(&mut EuMoney)) -> Vec<(String, bool)> {
        let mut eu = eu();
        vary(&mut eu);
        let rules = FundingRules {
            ranking,
            eu: Some(eu),
            ..FundingRules::default()
        };
        let found = rules.validate().into_iter();
        found.map(|f| (f.pointer.clone(), f.is_fault())).collect()
    }

    #[test]
    fn conventions_that_do_not_go_together_are_refused() {
        use RankingRule::{Binding, WithGaps};
        let fault = |pointer: &str| vec![(pointer.to_owned(), true)];
        let doubt = |pointer: &str| vec![(pointer.to_owned(), false)];
        assert_eq!(FundingRules::default().validate(), []);
        assert_eq!(found(Binding, |_| ()), []);
        assert_eq!(found(WithGaps, |_| ()), fault("/ranking"));
        assert_eq!(
            found(Binding, |eu| eu.share = EuShare::ByRequest),
            fault("/eu/share")
        );
        assert_eq!(
            found(Binding, |eu| eu.rate = Percent(10_000)),
            fault("/eu/rate")
        );
        assert_eq!(
            found(Binding, |eu| eu.gap_filling = Percent(-1)),
            fault("/eu/gap_filling")
        );
        assert_eq!(
            found(Binding, |eu| eu.gap_filling = Percent(0)),
            doubt("/eu/gap_filling")
        );
        assert_eq!(found(Binding, |eu| eu.gap_filling = Percent(7_500)), []);
        assert_eq!(found(Binding, |eu| eu.max = None), doubt("/eu/max"));
    }

    /// 33 % of EU money are 49.2537... % of the national 67 %: the cap may be the next hundredth and no less.
    #[test]
    fn a_cap_lets_funders_take_what_is_earned() {
        let with = |cap| found(RankingRule::Binding, |eu| eu.cap = Some(Percent(cap)));
        assert_eq!(with(4926), []);
        assert_eq!(with(4925), [("/eu/cap".to_owned(), true)]);
        assert_eq!(with(20_000), []);
    }

    #[test]
    fn the_ratio_of_the_first_stage_is_plausible() {
        let mut rules = FundingRules {
            first_stage: Some(FirstStageLimit {
                policy: BalancingPolicy::PerFunderWithGaps,
                ratio_max: Percent(30_000),
            }),
            ties: vec![TieBreak::FirstCriterion, TieBreak::FirstCriterion],
            ..FundingRules::default()
        };
        let pointers = |rules: &FundingRules| -> Vec<String> {
            rules.validate().into_iter().map(|f| f.pointer).collect()
        };
        assert_eq!(pointers(&rules), ["/ties/1"]);
        rules.first_stage.as_mut().unwrap().ratio_max = Percent(300);
        assert_eq!(pointers(&rules), ["/first_stage/ratio_max", "/ties/1"]);
    }
}
