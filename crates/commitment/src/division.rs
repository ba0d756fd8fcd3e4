//! A commitment divided among the topics of a call, where each topic has money of its own.

use std::collections::BTreeMap;

use call::CommitmentRules;
use kernel::{Amount, Faults};

use crate::{Committed, Freeze, Pledge};

/// What is wrong with the parts of a pledge: each topic has one, they add up to the pledge, and each is held against
/// what stands for its topic as the whole is. Answers whether one of them uses up that the commitment was unfrozen.
///
/// `now` is what stands for each topic of the call; it is empty where topics share the money, and then a pledge has
/// no parts.
pub fn check_division(
    pledge: Pledge,
    parts: &BTreeMap<String, Amount>,
    now: &BTreeMap<String, Committed>,
    rules: &CommitmentRules,
    freeze: Freeze,
) -> Result<bool, Faults> {
    let mut faults = Faults::default();
    let mut uses_unfreezing = false;
    let pointer = |topic: &str| format!("/topics/{}", kernel::token(topic));
    for topic in parts.keys().filter(|topic| !now.contains_key(*topic)) {
        let detail = match now.is_empty() {
            true => "all topics of the call share the money; leave the parts out".to_owned(),
            false => format!("'{topic}' is no topic of the call; leave it out"),
        };
        faults.add(pointer(topic), "topic_unknown", detail);
    }
    for (topic, committed) in now {
        let Some(amount) = parts.get(topic) else {
            faults.add(
                pointer(topic),
                "required",
                format!("say what of the commitment is for '{topic}', if only 0.00"),
            );
            continue;
        };
        let part = Pledge {
            amount: *amount,
            // The document is that of the whole.
            signed: true,
            ..pledge
        };
        match committed.check(part, rules, freeze) {
            Ok(used) => uses_unfreezing |= used,
            Err(found) => {
                for fault in found.0 {
                    faults.add(pointer(topic), &fault.code, fault.detail);
                }
            }
        }
    }
    let whole = Amount::sum(parts.values().copied());
    faults.require(
        now.is_empty() || whole == Ok(pledge.amount),
        "/topics",
        "not_the_sum",
        format!(
            "the parts for the topics do not add up to {}; correct them, or the amount",
            pledge.amount
        ),
    );
    faults.or(uses_unfreezing)
}

/// The numbers of a funder by topic, for the topics of a call: nothing is committed to one that is not there yet.
pub fn divide<'a>(
    topics: impl IntoIterator<Item = &'a str>,
    stands: &BTreeMap<String, Committed>,
) -> BTreeMap<String, Committed> {
    let nothing = Committed {
        indicative: Amount::ZERO,
        available: None,
        decided: Amount::ZERO,
    };
    let one = |topic: &str| {
        let found = stands.get(topic).copied();
        (topic.to_owned(), found.unwrap_or(nothing))
    };
    topics.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use call::FreezeRule;

    use super::*;
    use crate::CommitmentKind;

    fn now() -> BTreeMap<String, Committed> {
        let care = Committed {
            indicative: Amount(600),
            available: None,
            decided: Amount(250),
        };
        let stands = BTreeMap::from([("care".to_owned(), care)]);
        divide(["care", "tools"], &stands)
    }

    fn parts(parts: &[(&str, i64)]) -> BTreeMap<String, Amount> {
        let part = |(topic, cents): &(&str, i64)| ((*topic).to_owned(), Amount(*cents));
        parts.iter().map(part).collect()
    }

    fn check(amount: i64, given: &[(&str, i64)], frozen: bool) -> Vec<String> {
        let pledge = Pledge {
            kind: CommitmentKind::Indicative,
            amount: Amount(amount),
            signed: false,
        };
        let rules = CommitmentRules {
            indicative_signed: true,
            after_freeze: FreezeRule::RaiseOnly,
        };
        let freeze = Freeze {
            frozen,
            unfrozen: false,
        };
        let found = check_division(pledge, &parts(given), &now(), &rules, freeze);
        let faults = found.err().unwrap_or_default().0.into_iter();
        let told = faults.map(|fault| format!("{} {}", fault.pointer, fault.code));
        told.collect()
    }

    #[test]
    fn the_parts_are_the_whole() {
        assert_eq!(check(900, &[("care", 600), ("tools", 300)], false), [""; 0]);
        assert_eq!(
            check(901, &[("care", 600), ("tools", 300)], false),
            ["/topics not_the_sum"]
        );
        assert_eq!(
            check(900, &[("care", 600), ("food", 300)], false),
            ["/topics/food topic_unknown", "/topics/tools required"]
        );
    }

    #[test]
    fn no_topic_falls_below_what_is_decided_in_it() {
        assert_eq!(
            check(900, &[("care", 249), ("tools", 651)], false),
            ["/topics/care below_decided"]
        );
        assert_eq!(
            check(250, &[("care", 251), ("tools", -1)], false),
            [
                "/topics/tools amount_negative",
                "/topics/tools below_decided"
            ]
        );
    }

    #[test]
    fn a_frozen_budget_is_not_moved_from_topic_to_topic() {
        assert_eq!(check(900, &[("care", 600), ("tools", 300)], true), [""; 0]);
        assert_eq!(
            check(900, &[("care", 500), ("tools", 400)], true),
            ["/topics/care budget_frozen"]
        );
    }

    #[test]
    fn where_topics_share_the_money_nothing_is_divided() {
        let pledge = Pledge {
            kind: CommitmentKind::Indicative,
            amount: Amount(900),
            signed: false,
        };
        let check = |given: &[(&str, i64)]| {
            let rules = CommitmentRules::default();
            check_division(
                pledge,
                &parts(given),
                &BTreeMap::new(),
                &rules,
                Freeze::default(),
            )
        };
        assert_eq!(check(&[]), Ok(false));
        assert!(check(&[("care", 900)]).is_err());
    }
}
