use std::collections::{BTreeMap, HashSet};

use kernel::{Amount, Faults, Finding};
use serde::{Deserialize, Serialize};

use crate::{Percent, Rules};

/// The whole of a call's money: 100.00 %, in hundredths of a percent.
pub const WHOLE: i32 = 10_000;

/// Checks how a call's money is apportioned to action items: each item once, each share (in
/// hundredths of a percent) above nothing, and exactly 100.00 % in all.
///
/// A call may serve several items, and no euro is counted twice (the habit of the UK's Health
/// Research Classification System).
pub fn check_mapping(shares: &[(String, i32)]) -> Faults {
    let mut faults = Faults::default();
    faults.require(
        !shares.is_empty(),
        "",
        "mapping_empty",
        "name at least one action item",
    );
    let mut seen = HashSet::new();
    for (index, (item, share)) in shares.iter().enumerate() {
        faults.require(
            seen.insert(item),
            format!("/{index}/item"),
            "item_twice",
            format!("{item} is named twice; add the two shares into one"),
        );
        faults.require(
            (1..=WHOLE).contains(share),
            format!("/{index}/share"),
            "share",
            "a share lies between 0.01 and 100.00 percent; leave out an item without one",
        );
    }
    let sum: i64 = shares.iter().map(|(_, share)| i64::from(*share)).sum();
    faults.require(
        shares.is_empty() || sum == i64::from(WHOLE),
        "",
        "shares_sum",
        format!(
            "the shares add up to {} percent; they must add up to exactly 100.00",
            percent(sum)
        ),
    );
    faults
}

fn percent(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Equal shares for `items` items, in hundredths of a percent; the first ones take the hundredths
/// that do not divide, so that the sum is exactly 100.00 %. At most 10,000 items have a share.
pub fn equal_shares(items: usize) -> Vec<i32> {
    let Ok(count @ 1..) = i32::try_from(items) else {
        return Vec::new();
    };
    (0..count)
        .map(|index| WHOLE / count + i32::from(index < WHOLE % count))
        .collect()
}

/// The action items of one agenda that a call, a topic, a module or a project serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Code of the agenda; a second agenda has a mapping of its own beside the first.
    #[schema(example = "icpermed-2017")]
    pub agenda: String,
    /// The items; equal shares where none says its own.
    pub items: Vec<ItemShare>,
}

/// One action item with its share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemShare {
    /// The item's number.
    #[schema(example = "A.7")]
    pub item: String,
    /// Its share; left out with all others for equal ones.
    #[serde(default)]
    pub share: Option<Percent>,
}

/// What each item weighs when money is apportioned, in the order given. Only the proportions count.
pub type Weights = Vec<(String, u64)>;

impl Mapping {
    /// The shares in hundredths of a percent: those given, or equal ones where none is.
    pub fn shares(&self) -> Vec<(String, i32)> {
        let equal = equal_shares(self.items.len());
        let none_given = self.items.iter().all(|item| item.share.is_none());
        let shares = self.items.iter().zip(equal).map(|(item, equal)| {
            let given = item.share.map_or(0, |share| share.0);
            (item.item.clone(), if none_given { equal } else { given })
        });
        shares.collect()
    }

    /// The shares as weights.
    pub fn weights(&self) -> Weights {
        let weight = |share| u64::try_from(share).unwrap_or_default();
        let shares = self.shares().into_iter();
        shares.map(|(item, share)| (item, weight(share))).collect()
    }

    /// What is wrong with it: [`check_mapping`] over its shares, and an agenda without a code.
    pub fn validate(&self) -> Vec<Finding> {
        let mut faults = Faults::default();
        faults.require(
            !self.agenda.trim().is_empty(),
            "/agenda",
            "required",
            "the agenda is missing; give its code",
        );
        faults.0.extend(
            check_mapping(&self.shares())
                .0
                .into_iter()
                .map(|fault| kernel::Fault {
                    pointer: format!("/items{}", fault.pointer),
                    ..fault
                }),
        );
        faults.0.into_iter().map(Finding::from).collect()
    }
}

impl Rules {
    /// All mappings of topics and modules, each with where it stands, such as `/modules/0/serves/1`.
    pub fn mappings(&self) -> Vec<(String, &Mapping)> {
        let topics = self.topics.iter().map(|topic| &topic.serves).enumerate();
        let modules = self.modules.iter().map(|module| &module.serves).enumerate();
        let topics = topics.map(|(at, serves)| (format!("/topics/{at}"), serves));
        let modules = modules.map(|(at, serves)| (format!("/modules/{at}"), serves));
        let parts = topics.chain(modules);
        parts
            .flat_map(|(part, serves)| {
                let each = serves.iter().enumerate();
                each.map(move |(at, mapping)| (format!("{part}/serves/{at}"), mapping))
            })
            .collect()
    }

    /// What the items of an agenda weigh in a call that is mapped through its topics, or through its
    /// modules where no topic serves the agenda: each part by its share, equal where none says its own,
    /// and in each part its items by theirs. `None` where no part serves the agenda.
    pub fn weights_of_parts(&self, agenda: &str) -> Option<Weights> {
        let of = |serves: &[Mapping]| {
            let mapping = serves.iter().find(|mapping| mapping.agenda == agenda)?;
            Some(mapping.weights())
        };
        let topics = self.topics.iter();
        let modules = self.modules.iter();
        let mut parts: Vec<(Option<Percent>, Weights)> = topics
            .filter_map(|topic| Some((topic.share, of(&topic.serves)?)))
            .collect();
        if parts.is_empty() {
            parts = modules
                .filter_map(|module| Some((module.share, of(&module.serves)?)))
                .collect();
        }
        let none_given = parts.iter().all(|(share, _)| share.is_none());
        let equal = equal_shares(parts.len());
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut weights: Weights = Vec::new();
        for ((share, items), equal) in parts.into_iter().zip(equal) {
            let given = share.map_or(0, |share| share.0);
            let part = u64::try_from(if none_given { equal } else { given }).unwrap_or_default();
            for (item, weight) in items {
                let place = *places.entry(item.clone()).or_insert_with(|| {
                    weights.push((item, 0));
                    weights.len() - 1
                });
                weights[place].1 += part * weight;
            }
        }
        (!weights.is_empty()).then_some(weights)
    }
}

/// Divides an amount by weights so that the parts add up to it exactly: each part is rounded towards
/// nothing, and the cents left over go to the largest remainders, the earlier part first in a tie.
///
/// Without any weight there is nothing to divide by: `None`.
pub fn apportion(amount: Amount, weights: &[u64]) -> Option<Vec<Amount>> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return None;
    }
    let size = i128::from(amount.0.unsigned_abs());
    let sign = amount.0.signum();
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = size;
    for (place, weight) in weights.iter().enumerate() {
        let product = size * i128::from(*weight);
        parts.push(product / whole);
        left -= product / whole;
        remainders.push((-(product % whole), place));
    }
    remainders.sort_unstable();
    // Fewer units are left than there are parts with a remainder: each was rounded by less than one.
    let bonus = remainders
        .iter()
        .take(usize::try_from(left).unwrap_or_default());
    for (_, place) in bonus {
        parts[*place] += 1;
    }
    let signed = |part: i128| Amount(sign * i64::try_from(part).unwrap_or(i64::MAX));
    Some(parts.into_iter().map(signed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn equal_shares_pass_the_check(items in 1usize..200) {
            let shares: Vec<(String, i32)> = equal_shares(items)
                .into_iter()
                .enumerate()
                .map(|(index, share)| (format!("A.{index}"), share))
                .collect();
            proptest::prop_assert_eq!(shares.len(), items);
            proptest::prop_assert!(check_mapping(&shares).is_empty());
        }
    }

    proptest::proptest! {
        #[test]
        fn the_parts_add_up_and_none_is_off_by_a_cent(
            amount in -i64::MAX..i64::MAX,
            weights in proptest::collection::vec(0u64..100_000_000, 1..40),
        ) {
            let Some(parts) = apportion(Amount(amount), &weights) else {
                proptest::prop_assert!(weights.iter().all(|weight| *weight == 0));
                return Ok(());
            };
            proptest::prop_assert_eq!(Amount::sum(parts.iter().copied()), Ok(Amount(amount)));
            let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = i128::from(amount) * i128::from(*weight);
                proptest::prop_assert!((i128::from(part.0) * whole - exact).abs() < whole);
            }
        }
    }

    #[test]
    fn cents_left_over_go_to_the_largest_remainders() {
        let parts = |amount, weights: &[u64]| apportion(Amount(amount), weights).unwrap();
        assert_eq!(parts(100, &[1, 1, 1]), [34, 33, 33].map(Amount));
        assert_eq!(parts(-100, &[1, 1, 1]), [-34, -33, -33].map(Amount));
        assert_eq!(parts(10, &[5, 3, 1]), [6, 3, 1].map(Amount));
        assert_eq!(parts(1, &[1, 2, 0]), [0, 1, 0].map(Amount));
        assert_eq!(apportion(Amount(1), &[0, 0]), None);
    }

    fn mapping(items: &[(&str, Option<i32>)]) -> Mapping {
        Mapping {
            agenda: "icpermed-2017".to_owned(),
            items: items
                .iter()
                .map(|(item, share)| ItemShare {
                    item: (*item).to_owned(),
                    share: share.map(Percent),
                })
                .collect(),
        }
    }

    #[test]
    fn shares_are_equal_unless_one_is_given() {
        let equal = mapping(&[("A.1", None), ("A.2", None)]);
        assert_eq!(equal.shares()[1], ("A.2".to_owned(), 5000));
        assert_eq!(equal.validate(), []);
        let half = mapping(&[("A.1", Some(6000)), ("A.2", None)]);
        let codes: Vec<String> = half.validate().into_iter().map(|f| f.code).collect();
        assert_eq!(codes, ["share", "shares_sum"]);
    }

    #[test]
    fn a_call_mapped_through_its_modules_weighs_items_by_both_shares() {
        let mut rules = Rules::default_two_stage();
        assert_eq!(rules.weights_of_parts("icpermed-2017"), None);
        let module = |key: &str, serves| crate::Module {
            key: key.to_owned(),
            title: key.to_owned(),
            within: None,
            share: None,
            serves,
        };
        rules.modules = vec![
            module("RA1", vec![mapping(&[("A.9", None), ("A.13", None)])]),
            module("RA2", vec![mapping(&[("A.13", None)])]),
            module("RA3", vec![]),
        ];
        let weights = rules.weights_of_parts("icpermed-2017").unwrap();
        let quarter = 25_000_000;
        assert_eq!(
            weights,
            [
                ("A.9".to_owned(), quarter),
                ("A.13".to_owned(), 3 * quarter)
            ]
        );
    }

    #[test]
    fn a_hundredth_too_much_is_a_fault() {
        assert_eq!(equal_shares(3), [3334, 3333, 3333]);
        assert!(equal_shares(0).is_empty());
        let shares = vec![("A.1".to_owned(), 5001), ("A.1".to_owned(), 5000)];
        let codes: Vec<String> = check_mapping(&shares)
            .0
            .into_iter()
            .map(|f| f.code)
            .collect();
        assert_eq!(codes, ["item_twice", "shares_sum"]);
        assert_eq!(check_mapping(&[]).0[0].code, "mapping_empty");
    }
}
