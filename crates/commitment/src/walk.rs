use std::collections::BTreeSet;

use call::{RankingRule, Score};
use serde::{Deserialize, Serialize};

use crate::list::List;
use crate::subset::{Largest, largest};

/// A group of equal score that could be funded in several equally good ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tie {
    /// The score all of the group have.
    pub score: Score,
    /// The subsets with the most projects, alphabetically; the first is the one shown as selected.
    pub choices: Vec<Vec<String>>,
    /// Whether there may be more than the thousand kept.
    pub more: bool,
    /// No subset funds more projects than this. Above the size of the choices only where the group is
    /// so large that the search was ended.
    pub bound: u32,
}

/// Where a walk down the list led, in places of the list.
pub(crate) struct Walk {
    /// Per group, what of it is funded.
    pub(crate) chosen: Vec<Vec<usize>>,
    /// All equally good sets, the one in `chosen` first.
    pub(crate) equally_good: Vec<Vec<usize>>,
    pub(crate) ties: Vec<Tie>,
}

impl Walk {
    /// What is funded, in ranking order.
    pub(crate) fn selected(&self) -> Vec<usize> {
        self.chosen.concat()
    }
}

/// Walks down the list under the rule of its call, with `commitments` in cents.
pub(crate) fn walk(list: &List, commitments: &[i64]) -> Walk {
    match list.rule {
        RankingRule::WithGaps => with_gaps(list, commitments),
        RankingRule::Binding => binding(list, commitments),
    }
}

/// Of each group the largest subset that can be paid beside what is funded above.
fn with_gaps(list: &List, commitments: &[i64]) -> Walk {
    let mut left = commitments.to_vec();
    let mut chosen = Vec::new();
    let mut ties = Vec::new();
    for group in 0..list.groups.len() {
        let found = of_group(list, group, &left);
        ties.extend(tie(list, group, &found));
        let first = found.answers.into_iter().next().unwrap_or_default();
        left = list.less(&left, first.iter().copied());
        chosen.push(first);
    }
    Walk {
        equally_good: vec![chosen.concat()],
        chosen,
        ties,
    }
}

/// The legal sets are, for every j, the first j groups and any subset of the next one; of those that
/// can be paid, the ones with the most projects. Every j is tried: the rule does not say that a longer
/// list is the harder one to pay.
fn binding(list: &List, commitments: &[i64]) -> Walk {
    let mut best: Vec<(usize, Largest)> = Vec::new();
    let mut most = 0;
    for (group, range) in list.groups.iter().enumerate() {
        let left = list.less(commitments, 0..range.start);
        if left.iter().any(|rest| *rest < 0) {
            continue;
        }
        let found = of_group(list, group, &left);
        let size = range.start + found.answers[0].len();
        if size > most {
            best.clear();
            most = size;
        }
        if size == most {
            best.push((group, found));
        }
    }
    let mut chosen = vec![Vec::new(); list.groups.len()];
    let Some((edge, found)) = best.last() else {
        return Walk {
            chosen,
            equally_good: vec![Vec::new()],
            ties: Vec::new(),
        };
    };
    for (group, range) in list.groups.iter().enumerate().take(*edge) {
        chosen[group] = range.clone().collect();
    }
    chosen[*edge] = found.answers.first().cloned().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let equally_good = best
        .iter()
        .rev()
        .flat_map(|(group, found)| {
            let above = 0..list.groups[*group].start;
            found
                .answers
                .iter()
                .map(move |answer| above.clone().chain(answer.clone()).collect())
        })
        .filter(|set: &Vec<usize>| seen.insert(set.clone()))
        .collect();
    Walk {
        chosen,
        equally_good,
        ties: tie(list, *edge, found).into_iter().collect(),
    }
}

/// The largest subsets of a group that can be paid from `left`, in places of the list.
fn of_group(list: &List, group: usize, left: &[i64]) -> Largest {
    let range = list.groups[group].clone();
    let items: Vec<&[i64]> = list.requests[range.clone()]
        .iter()
        .map(Vec::as_slice)
        .collect();
    let mut found = largest(&items, left);
    for item in found.answers.iter_mut().flatten() {
        *item += range.start;
    }
    found
}

/// The group as a tie, where it is one or where the search was ended.
fn tie(list: &List, group: usize, found: &Largest) -> Option<Tie> {
    (found.answers.len() > 1 || found.more).then(|| Tie {
        score: list.proposals[list.groups[group].start].score,
        choices: found
            .answers
            .iter()
            .map(|answer| list.codes(answer))
            .collect(),
        more: found.more,
        bound: u32::try_from(found.bound).unwrap_or(u32::MAX),
    })
}
