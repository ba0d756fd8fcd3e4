//! Several equally good selections: the call's own criteria say which one is taken.

use std::collections::{BTreeMap, BTreeSet};

use call::{Score, TieBreak};
use kernel::{Amount, Faults};

use crate::walk::Tie;
use crate::{Selection, SelectionInput, select};

/// Selects, and of several equally good sets takes the one that comes first by the criteria of the call, in their order.
/// The choice is written into the input, so that everybody who selects from it comes to the same. What the criteria leave
/// open is taken alphabetically, for the steering committee to say why.
///
/// `scores` are those of the first and the second criterion, by the proposals' codes. Faults: as those of [`select`].
pub fn select_by(
    mut input: SelectionInput,
    criteria: &[TieBreak],
    scores: &BTreeMap<String, [Score; 2]>,
) -> Result<(SelectionInput, Selection), Faults> {
    let mut selection = select(&input)?;
    if criteria.is_empty() {
        return Ok((input, selection));
    }
    // From the top of the list: what is chosen there leaves other money for those below.
    let mut looked_at: Vec<BTreeSet<String>> = Vec::new();
    while let Some(tie) = selection
        .ties
        .iter()
        .find(|tie| !looked_at.contains(&members(tie)))
    {
        looked_at.push(members(tie));
        let first = tie.choices.first().cloned().unwrap_or_default();
        let value = |choice: &[String]| -> Vec<i64> {
            let by = criteria.iter();
            by.map(|one| worth(*one, &input, &selection, (first.as_slice(), choice), scores))
                .collect()
        };
        let mut best = (value(&first), &first);
        for choice in &tie.choices {
            let own = value(choice);
            if own > best.0 {
                best = (own, choice);
            }
        }
        if *best.1 != first {
            let chosen = best.1.clone();
            input.chosen.extend(chosen);
            selection = select(&input)?;
        }
    }
    Ok((input, selection))
}

/// All that could be funded of the group.
fn members(tie: &Tie) -> BTreeSet<String> {
    tie.choices.iter().flatten().cloned().collect()
}

/// What a choice is worth by a criterion, beside what is selected with the first one; more is better.
fn worth(
    by: TieBreak,
    input: &SelectionInput,
    selection: &Selection,
    (first, choice): (&[String], &[String]),
    scores: &BTreeMap<String, [Score; 2]>,
) -> i64 {
    let points = |criterion: usize| -> i64 {
        let own = choice.iter().filter_map(|code| scores.get(code));
        own.map(|both| i64::from(both[criterion].0)).sum()
    };
    match by {
        TieBreak::FirstCriterion => points(0),
        TieBreak::SecondCriterion => points(1),
        TieBreak::UnderSpentFunder => {
            let funders = input.funders.iter().zip(&selection.funders);
            let left = funders.map(|(funder, paid)| {
                let asked = |codes: &[String]| asked(input, codes, &funder.code);
                funder.commitment.0 - (paid.requested.0 - asked(first) + asked(choice))
            });
            left.max().map_or(0, |most| -most)
        }
    }
}

/// Cents that some proposals ask of a funder together.
fn asked(input: &SelectionInput, codes: &[String], funder: &str) -> i64 {
    let all = input.proposals.iter();
    let own = all.filter(|one| codes.contains(&one.code));
    let amounts = own.filter_map(|one| one.requests.get(funder));
    amounts.map(|amount: &Amount| amount.0).sum()
}
