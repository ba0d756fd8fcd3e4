use std::collections::{BTreeMap, HashSet};
use std::fmt;

use call::{EuBase, EuShare, FundingRules, RankingRule, Score};
use kernel::{Amount, Currency, Faults};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::{Fraction, Selection};

/// All that a selection depends on; the same document online and offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionInput {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Whether the ranking binds; with EU money it must.
    pub ranking_rule: RankingRule,
    /// The EU's contribution, for a co-funded call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eu: Option<EuInput>,
    /// How the EU's money is shared; stands together with `eu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convention: Option<Convention>,
    /// The part of the EU's money that fills gaps; nothing when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_share: Option<Fraction>,
    /// The most EU money of a funder, as a multiple of its national part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Fraction>,
    /// Codes of what was decided before and stays so: funded ahead of the list, whatever is ranked above. The
    /// walk goes on with the money that these leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// By code of the funders that refuse to pay for anything new: what is requested of each by what was decided before,
    /// and no more may be. Their commitments stand, for what they pay already is shared by them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub no_more: BTreeMap<String, Amount>,
    /// Codes of what was chosen among equals: of several equally good sets the one that holds the most of these is taken,
    /// and without any the alphabetically first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
    /// The funders that take part.
    pub funders: Vec<FunderInput>,
    /// The proposals of the ranking list, in any order.
    pub proposals: Vec<ProposalInput>,
}

/// What the EU contributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelectionEu)]
pub struct EuInput {
    /// Its part of the support to projects of eligible funders.
    pub rate: Fraction,
    /// The most it pays.
    pub ceiling: Amount,
}

/// By which convention the EU's money is shared. The same list gives different answers under different
/// conventions, so every result names the one it was computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelectionConvention)]
pub struct Convention {
    /// What the proportional part is taken of; `planned` goes with `by_commitment` only.
    pub base: EuBase,
    /// In which proportion.
    pub share: EuShare,
}

/// A funder and its money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelectionFunder)]
pub struct FunderInput {
    /// Its code within the call.
    pub code: String,
    /// Its national commitment.
    pub commitment: Amount,
    /// Whether it earns and receives EU money: a beneficiary of the co-fund grant, or affiliated to one,
    /// of a member state or an associated country.
    #[serde(default = "eligible")]
    pub eu_eligible: bool,
    /// What of the commitment is for each topic, where topics have money of their own: all of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Amount>,
}

fn eligible() -> bool {
    true
}

/// A proposal as the panel left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SelectionProposal)]
pub struct ProposalInput {
    /// Its code within the call.
    pub code: String,
    /// Its total; higher ranks first.
    pub score: Score,
    /// The topic of whose money it is paid, where topics have money of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The panel's rating.
    #[serde(default)]
    pub rating: Rating,
    /// Whether its coordinator withdrew it.
    #[serde(default)]
    pub withdrawn: bool,
    /// The fundable amount by funder: what the funder would pay after its own check.
    #[serde(deserialize_with = "each_funder_once")]
    pub requests: BTreeMap<String, Amount>,
}

/// What the panel says of a proposal.
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
#[schema(as = SelectionRating)]
pub enum Rating {
    /// To be funded.
    #[default]
    Recommended,
    /// To be funded if there is money; ranked by its score as any other.
    IfFundsAllow,
    /// Not on the list.
    NotRecommended,
}

impl ProposalInput {
    /// Whether it stands on the ranking list. What does not makes no gap.
    pub(crate) fn is_listed(&self) -> bool {
        !self.withdrawn && self.rating != Rating::NotRecommended
    }
}

impl SelectionInput {
    /// The input for a call with these rules.
    ///
    /// Faults: a co-funded call whose ceiling of EU money is not known yet.
    pub fn of_call(
        rules: &FundingRules,
        funders: Vec<FunderInput>,
        proposals: Vec<ProposalInput>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.require(
            rules.eu.as_ref().is_none_or(|eu| eu.max.is_some()),
            "/eu/ceiling",
            "not_known",
            "the call's rules leave the EU's contribution open; give rules.funding.eu.max before the selection",
        );
        let eu = rules.eu.as_ref();
        faults.or(Self {
            currency: rules.currency,
            ranking_rule: rules.ranking,
            eu: eu.map(|eu| EuInput {
                rate: Fraction::from_percent(eu.rate),
                ceiling: eu.max.unwrap_or_default(),
            }),
            convention: eu.map(|eu| Convention {
                base: eu.base,
                share: eu.share,
            }),
            gap_share: eu.map(|eu| Fraction::from_percent(eu.gap_filling)),
            cap: eu.and_then(|eu| eu.cap).map(Fraction::from_percent),
            kept: Vec::new(),
            no_more: BTreeMap::new(),
            chosen: Vec::new(),
            funders,
            proposals,
        })
    }

    /// Whether a proposal asks one of these funders for money.
    pub fn asks(&self, code: &str, funders: &[String]) -> bool {
        let asked = |one: &ProposalInput| {
            let paid = |funder: &String| one.requests.get(funder) > Some(&Amount::ZERO);
            one.code == code && funders.iter().any(paid)
        };
        self.proposals.iter().any(asked)
    }

    /// Bars funders from paying for anything but what is kept.
    pub fn bar(&mut self, funders: &[String]) {
        for code in funders {
            let kept = self.proposals.iter();
            let kept = kept.filter(|one| self.kept.contains(&one.code));
            let requested = kept.filter_map(|one| one.requests.get(code)).copied();
            // The check of the input refuses what is too large to be added up.
            let sum = Amount::sum(requested).unwrap_or(Amount(i64::MAX));
            self.no_more.insert(code.clone(), sum);
        }
    }

    /// The input of a selection once it is decided: what it funds stays, whatever else is tried.
    #[must_use]
    pub fn decided(&self, selection: &Selection) -> Self {
        Self {
            kept: selection.selected.clone(),
            ..self.clone()
        }
    }

    /// The money alone.
    pub(crate) fn clone_without_proposals(&self) -> Self {
        Self {
            currency: self.currency,
            ranking_rule: self.ranking_rule,
            eu: self.eu,
            convention: self.convention,
            gap_share: self.gap_share,
            cap: self.cap,
            kept: Vec::new(),
            no_more: self.no_more.clone(),
            chosen: self.chosen.clone(),
            funders: self.funders.clone(),
            proposals: Vec::new(),
        }
    }

    /// All faults of the content.
    pub fn check(&self) -> Faults {
        let mut faults = crate::rules::check(self);
        let mut funders = HashSet::new();
        for (index, funder) in self.funders.iter().enumerate() {
            let pointer = |field| format!("/funders/{index}/{field}");
            check_amount(funder.commitment, || pointer("commitment"), &mut faults);
            if funder.code.is_empty() || !funders.insert(funder.code.as_str()) {
                let detail = format!("'{}': each funder has a code of its own", funder.code);
                faults.add(pointer("code"), "code", detail);
            }
        }
        let mut codes = HashSet::new();
        for (index, proposal) in self.proposals.iter().enumerate() {
            if proposal.code.is_empty() || !codes.insert(proposal.code.as_str()) {
                let detail = format!("'{}': each proposal has a code of its own", proposal.code);
                faults.add(format!("/proposals/{index}/code"), "code", detail);
            }
            for (funder, amount) in &proposal.requests {
                let pointer = || format!("/proposals/{index}/requests/{}", kernel::token(funder));
                check_amount(*amount, pointer, &mut faults);
                if !funders.contains(funder.as_str()) {
                    let detail =
                        format!("'{funder}' is not among the funders; add it or correct the code");
                    faults.add(pointer(), "funder_unknown", detail);
                }
            }
        }
        for (code, amount) in &self.no_more {
            let pointer = || format!("/no_more/{}", kernel::token(code));
            check_amount(*amount, pointer, &mut faults);
            if !funders.contains(code.as_str()) {
                let detail =
                    format!("'{code}' is not among the funders; add it or correct the code");
                faults.add(pointer(), "funder_unknown", detail);
            }
        }
        crate::topic::check(self, &mut faults);
        let mut kept = HashSet::new();
        for (index, code) in self.kept.iter().enumerate() {
            let listed = |one: &ProposalInput| one.code == *code && one.is_listed();
            if !self.proposals.iter().any(listed) {
                let detail =
                    format!("'{code}' is not on the list; what was decided before stands on it");
                faults.add(format!("/kept/{index}"), "not_on_the_list", detail);
            }
            if !kept.insert(code.as_str()) {
                let detail = format!("'{code}' stands here twice; give it once");
                faults.add(format!("/kept/{index}"), "twice", detail);
            }
        }
        for (index, code) in self.chosen.iter().enumerate() {
            if !codes.contains(code.as_str()) {
                let detail = format!("'{code}' is not among the proposals; correct the code");
                faults.add(format!("/chosen/{index}"), "proposal_unknown", detail);
            }
        }
        // Sums are formed later without a check, so the sum of everything must fit.
        let commitments = self.funders.iter().map(|funder| funder.commitment);
        let requests = self.proposals.iter().flat_map(|one| one.requests.values());
        faults.require(
            Amount::sum(commitments.chain(requests.copied())).is_ok(),
            "",
            "amount_too_large",
            "the amounts add up to more than can be kept exactly; correct the largest",
        );
        faults
    }
}

pub(crate) fn check_amount(amount: Amount, pointer: impl Fn() -> String, faults: &mut Faults) {
    if amount < Amount::ZERO {
        let detail = format!("{amount} is less than nothing; give an amount from 0.00");
        faults.add(pointer(), "amount_negative", detail);
    }
}

/// A JSON object that names a funder twice would lose one of the two amounts: it is refused.
fn each_funder_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Amount>, D::Error> {
    struct Requests;
    impl<'de> Visitor<'de> for Requests {
        type Value = BTreeMap<String, Amount>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of amounts by funder")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut requests = BTreeMap::new();
            while let Some((funder, amount)) = map.next_entry::<String, Amount>()? {
                if requests.insert(funder.clone(), amount).is_some() {
                    return Err(A::Error::custom(format!("duplicate funder '{funder}'")));
                }
            }
            Ok(requests)
        }
    }
    deserializer.deserialize_map(Requests)
}

#[cfg(test)]
mod tests;
