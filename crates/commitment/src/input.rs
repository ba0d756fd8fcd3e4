use std::collections::{BTreeMap, HashSet};
use std::fmt;

use call::{RankingRule, Score};
use kernel::{Amount, Currency, Faults};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// All that a selection depends on; the same document online and offline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionInput {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Whether the ranking binds.
    pub ranking_rule: RankingRule,
    /// The funders that take part.
    pub funders: Vec<FunderInput>,
    /// The proposals of the ranking list, in any order.
    pub proposals: Vec<ProposalInput>,
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
    /// All faults of the content.
    pub fn check(&self) -> Faults {
        let mut faults = Faults::default();
        let mut funders = HashSet::new();
        // Sums are formed later without a check, so the sum of everything must fit.
        let mut whole = Some(0i64);
        let mut count = |amount: Amount| whole = whole.and_then(|sum| sum.checked_add(amount.0));
        for (index, funder) in self.funders.iter().enumerate() {
            let pointer = format!("/funders/{index}");
            check_amount(
                funder.commitment,
                &format!("{pointer}/commitment"),
                &mut faults,
            );
            count(funder.commitment);
            faults.require(
                !funder.code.is_empty() && funders.insert(&funder.code),
                format!("{pointer}/code"),
                "code",
                format!("'{}': each funder has a code of its own", funder.code),
            );
        }
        let mut codes = HashSet::new();
        for (index, proposal) in self.proposals.iter().enumerate() {
            let pointer = format!("/proposals/{index}");
            faults.require(
                !proposal.code.is_empty() && codes.insert(&proposal.code),
                format!("{pointer}/code"),
                "code",
                format!("'{}': each proposal has a code of its own", proposal.code),
            );
            for (funder, amount) in &proposal.requests {
                let escaped = funder.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/requests/{escaped}");
                check_amount(*amount, &pointer, &mut faults);
                count(*amount);
                faults.require(
                    funders.contains(funder),
                    pointer,
                    "funder_unknown",
                    format!("'{funder}' is not among the funders; add it or correct the code"),
                );
            }
        }
        faults.require(
            whole.is_some(),
            "",
            "amount_too_large",
            "the amounts add up to more than can be kept exactly; correct the largest",
        );
        faults
    }
}

fn check_amount(amount: Amount, pointer: &str, faults: &mut Faults) {
    faults.require(
        amount >= Amount::ZERO,
        pointer,
        "amount_negative",
        format!("{amount} is less than nothing; give an amount from 0.00"),
    );
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
mod tests {
    use super::*;

    #[test]
    fn reads_the_short_form_and_refuses_what_it_does_not_know() {
        let json = r#"{"currency":"EUR","ranking_rule":"with_gaps",
            "funders":[{"code":"AA","commitment":"2680000.00"}],
            "proposals":[{"code":"P01","score":"14.5","requests":{"AA":"400000.00"}}]}"#;
        let input: SelectionInput = serde_json::from_str(json).unwrap();
        assert_eq!(input.check(), Faults::default());
        assert_eq!(input.proposals[0].rating, Rating::Recommended);
        let twice = json.replace("\"AA\":\"400000.00\"", "\"AA\":\"1\",\"AA\":\"2\"");
        for bad in [
            json.replace("\"code\":\"P01\"", "\"code\":\"P01\",\"colour\":1"),
            twice,
        ] {
            assert!(
                serde_json::from_str::<SelectionInput>(&bad).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn names_every_fault() {
        let funder = |code: &str, cents| FunderInput {
            code: code.into(),
            commitment: Amount(cents),
        };
        let proposal = |code: &str, requests: &[(&str, i64)]| ProposalInput {
            code: code.into(),
            score: Score(1000),
            rating: Rating::Recommended,
            withdrawn: false,
            requests: requests
                .iter()
                .map(|(f, cents)| ((*f).into(), Amount(*cents)))
                .collect(),
        };
        let input = SelectionInput {
            currency: Currency::EUR,
            ranking_rule: RankingRule::Binding,
            funders: vec![funder("AA", -1), funder("BB", i64::MAX), funder("AA", 5)],
            proposals: vec![
                proposal("P1", &[("A/C", 5), ("BB", 1)]),
                proposal("P1", &[("AA", -5)]),
            ],
        };
        let places: Vec<String> = input.check().0.into_iter().map(|f| f.pointer).collect();
        assert_eq!(
            places,
            [
                "/funders/0/commitment",
                "/funders/2/code",
                "/proposals/0/requests/A~1C",
                "/proposals/1/code",
                "/proposals/1/requests/AA",
                "",
            ]
        );
    }
}
