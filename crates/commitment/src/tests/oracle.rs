//! Every legal set of small random calls, tried one by one in fractions, against the answer.

mod formulas;

use call::RankingRule;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use self::formulas::{
    Set, binding, broken, codes, groups, legal, need, payable, settlement, subsets,
};
use super::instance::{cases, cofunded, virtual_pot};
use crate::{ProposalInput, Reason, Selection, SelectionInput, WAYS_MAX, select};

/// All that the walk with gaps may fund, the first choices first, and per group the number of equally good choices below
/// the first ones.
fn with_gaps<'a>(input: &'a SelectionInput) -> (Vec<Vec<String>>, Vec<usize>) {
    let mut ways: Vec<Set<'a>> = vec![Vec::new()];
    let mut choices = Vec::new();
    for group in groups(input) {
        let below = |funded: &Set<'a>| below(input, &group, funded);
        choices.push(below(&ways[0]).len());
        ways = ways.iter().flat_map(below).collect();
    }
    (ways.iter().map(|way| codes(way)).collect(), choices)
}

/// What is funded with each equally good choice of a group beside what is funded above it.
fn below<'a>(
    input: &'a SelectionInput,
    group: &[&'a ProposalInput],
    funded: &[&'a ProposalInput],
) -> Vec<Set<'a>> {
    let beside = |subset: &[&'a ProposalInput]| -> Set<'a> { [funded, subset].concat() };
    let mut fitting = subsets(group);
    fitting.retain(|subset| payable(input, &beside(subset)));
    let most = fitting.iter().map(Vec::len).max().unwrap_or(0);
    fitting.retain(|subset| subset.len() == most);
    fitting.sort_by_key(|subset| codes(subset));
    fitting.iter().map(|subset| beside(subset)).collect()
}

fn sorted(mut codes: Vec<String>) -> Vec<String> {
    codes.sort();
    codes
}

fn found(answer: &Selection) -> Vec<Vec<String>> {
    answer.equally_good.iter().cloned().map(sorted).collect()
}

fn set<'a>(input: &'a SelectionInput, codes: &[String]) -> Set<'a> {
    let member = |code: &String| {
        input
            .proposals
            .iter()
            .find(|one| one.code == *code)
            .unwrap()
    };
    codes.iter().map(member).collect()
}

/// Why a proposal is not funded, read off the rules that are broken.
fn reason(input: &SelectionInput, answer: &Selection, code: &str) -> Option<Reason> {
    let groups = groups(input);
    let own = groups
        .iter()
        .position(|group| group.iter().any(|one| one.code == code))?;
    let above: Set = groups[..own].concat();
    if input.ranking_rule == RankingRule::Binding
        && above.iter().any(|one| !answer.selected.contains(&one.code))
    {
        return Some(Reason::BelowLine);
    }
    let mut tried: Set = above
        .into_iter()
        .filter(|one| answer.selected.contains(&one.code))
        .collect();
    tried.extend(set(input, &[code.to_owned()]));
    let [funder, gap, earned, cap] = broken(input, &tried, input);
    let no_gap_money = input.gap_share.is_none_or(|share| share.0 == 0);
    Some(if funder || (gap && no_gap_money) {
        Reason::Funder
    } else if gap {
        Reason::Gap
    } else if earned {
        Reason::EuEarned
    } else if cap {
        Reason::Cap
    } else {
        Reason::Tie
    })
}

/// Who stops at the first set that cannot be paid: the planted fault.
fn stops_at_the_first_failure(input: &SelectionInput) -> usize {
    let mut most = 0;
    for set in legal(input) {
        let whole = groups(input)
            .iter()
            .scan(0, |sum, group| {
                *sum += group.len();
                Some(*sum)
            })
            .any(|sum| sum == set.len());
        if payable(input, &set) {
            most = most.max(set.len());
        } else if whole {
            break;
        }
    }
    most
}

/// With `amount` less by one cent no raise of commitments pays the set, with the proportional parts held.
fn is_least(input: &SelectionInput, set: &Set, amount: i64) -> bool {
    fn any(
        raised: &mut SelectionInput,
        held: &SelectionInput,
        set: &Set,
        from: usize,
        left: i64,
    ) -> bool {
        if from + 1 == raised.funders.len() {
            raised.funders[from].commitment.0 += left;
            let pays = broken(raised, set, held) == [false; 4];
            raised.funders[from].commitment.0 -= left;
            return pays;
        }
        for raise in 0..=left {
            raised.funders[from].commitment.0 += raise;
            let pays = any(raised, held, set, from + 1, left - raise);
            raised.funders[from].commitment.0 -= raise;
            if pays {
                return true;
            }
        }
        false
    }
    amount == 0 || !any(&mut input.clone(), input, set, 0, amount - 1)
}

/// What is said of each proposal that is not funded.
fn check_reasons(input: &SelectionInput, answer: &Selection) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        answer.selected.len() + answer.not_funded.len(),
        input.proposals.len()
    );
    for one in &answer.not_funded {
        let Some(expected) = reason(input, answer, &one.code) else {
            prop_assert!(matches!(
                one.reason,
                Reason::Withdrawn | Reason::NotRecommended
            ));
            prop_assert!(one.blocked_by.is_empty() && one.additional_national.is_none());
            continue;
        };
        prop_assert_eq!(one.reason, expected, "{}", &one.code);
        prop_assert!(
            !one.blocked_by.is_empty() && one.blocked_by.iter().all(|by| by.shortfall.0 > 0)
        );
        let more = one.additional_national.as_ref().unwrap();
        let mut raised = input.clone();
        for (code, part) in more.at.iter().zip(&more.parts) {
            let funder = raised
                .funders
                .iter_mut()
                .find(|funder| funder.code == *code)
                .unwrap();
            funder.commitment.0 += part.0;
        }
        prop_assert_eq!(
            more.parts.iter().map(|part| part.0).sum::<i64>(),
            more.amount.0
        );
        prop_assert!(more.parts.iter().all(|part| part.0 > 0));
        let again = select(&raised).unwrap();
        prop_assert_eq!(
            more.confirmed,
            again.selected.contains(&one.code),
            "{}",
            &one.code
        );
        let beside: Set = if input.ranking_rule == RankingRule::WithGaps {
            set(input, &answer.selected)
        } else {
            let groups = groups(input);
            let own = groups
                .iter()
                .position(|group| group.iter().any(|p| p.code == one.code))
                .unwrap();
            let equals = groups[own]
                .iter()
                .filter(|p| answer.selected.contains(&p.code));
            groups[..own]
                .iter()
                .flatten()
                .chain(equals)
                .copied()
                .collect()
        };
        let whole: Set = beside
            .into_iter()
            .chain(set(input, std::slice::from_ref(&one.code)))
            .collect();
        prop_assert_eq!(
            broken(&raised, &whole, input),
            [false; 4],
            "{} is paid",
            &one.code
        );
        if more.amount.0 <= 8 {
            prop_assert!(
                is_least(input, &whole, more.amount.0),
                "{} for less",
                &one.code
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn cofunded_calls_equal_the_exhaustive_oracle(input in cofunded()) {
        prop_assert_eq!(input.check(), kernel::Faults::default());
        let answer = select(&input).unwrap();
        let expected = binding(&input);
        prop_assert_eq!(&found(&answer), &expected, "in the order of their sorted codes");
        prop_assert_eq!(&answer.selected, &answer.equally_good[0]);
        prop_assert_eq!(answer.bound as usize, answer.selected.len());
        let funded = set(&input, &answer.selected);
        let settled: Vec<(i64, i64)> =
            answer.funders.iter().map(|one| (one.eu.0, one.transfer.0)).collect();
        prop_assert_eq!(settled, settlement(&input, &funded));
        let need = need(&input, &funded, &input).round().to_integer();
        prop_assert_eq!(i64::try_from(need).unwrap(), answer.gap_need.0);
        check_reasons(&input, &answer)?;
    }

    #[test]
    fn binding_equals_the_exhaustive_oracle(input in virtual_pot(RankingRule::Binding)) {
        let answer = select(&input).unwrap();
        prop_assert_eq!(&found(&answer), &binding(&input), "in the order of their sorted codes");
        prop_assert_eq!(&answer.selected, &answer.equally_good[0]);
        check_reasons(&input, &answer)?;
    }

    #[test]
    fn with_gaps_equals_the_exhaustive_oracle(input in virtual_pot(RankingRule::WithGaps)) {
        let answer = select(&input).unwrap();
        let (expected, choices) = with_gaps(&input);
        prop_assert_eq!(&answer.selected, &answer.equally_good[0]);
        prop_assert_eq!(answer.more_equally_good, expected.len() > WAYS_MAX);
        let listed = found(&answer);
        let most = expected.len().min(WAYS_MAX);
        prop_assert_eq!(&listed[..], &expected[..most]);
        let ties: Vec<usize> = answer.ties.iter().map(|tie| tie.choices.len()).collect();
        prop_assert_eq!(ties, choices.into_iter().filter(|n| *n > 1).collect::<Vec<_>>());
        check_reasons(&input, &answer)?;
    }
}

/// The oracle would find out who stops at the first failure: instances where that funds less are common.
#[test]
fn stopping_at_the_first_failure_is_caught() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = cofunded();
    let caught = (0..200)
        .filter(|_| {
            let input = strategy.new_tree(&mut runner).unwrap().current();
            let right = binding(&input)[0].len();
            assert_eq!(select(&input).unwrap().selected.len(), right);
            stops_at_the_first_failure(&input) < right
        })
        .count();
    assert!(caught > 0, "no instance tells the two apart");
}
