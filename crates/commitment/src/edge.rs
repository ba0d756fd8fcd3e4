//! The best subset of a group of equals beside what is funded above it: the most projects, then the
//! smallest gap need, and all that are equally good.

use crate::column::{Column, Members, add};
use crate::pot::{Need, Pot};
use crate::search::{Search, Steps};

/// Steps of one selection; more are not taken, and what is then open is reported with its bound.
pub(crate) const STEPS: u64 = 3_000_000;
/// Steps for each smaller size once the search of a larger one was ended.
const STEPS_LESS: u64 = 20_000;
/// Groups of at most so many are tried subset by subset, sooner than the conditions of a search are written
/// down.
const FEW: usize = 4;

/// The best subsets of a group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Best {
    /// All of them (the first thousand), each in rising order, the alphabetically first in front; none when
    /// no subset can be paid.
    pub(crate) answers: Vec<Vec<usize>>,
    /// Whether there may be more, or better ones.
    pub(crate) more: bool,
    /// No payable subset has more members than this; equal to the answers' size when that is proven.
    pub(crate) bound: usize,
}

impl Best {
    fn only(answer: Vec<usize>) -> Self {
        Self {
            bound: answer.len(),
            answers: vec![answer],
            more: false,
        }
    }

    fn none() -> Self {
        Self {
            answers: Vec::new(),
            more: false,
            bound: 0,
        }
    }
}

/// Finds the best subsets of `items` (cents asked of each funder, items in the order of their codes) beside
/// `base`. The empty one counts only where `may_be_empty`.
///
/// What the EU pays is earned by the projects, so a larger set can be payable where a smaller one is not:
/// each size is tried by itself, from the largest down, and only conditions that hold for every payable
/// set of that size prune the search.
pub(crate) fn best(
    pot: &Pot,
    base: &[i64],
    items: &[&[i64]],
    may_be_empty: bool,
    steps: &mut Steps,
) -> Best {
    let whole = Members { pot, base, items };
    let all = whole.all();
    if (may_be_empty || !items.is_empty()) && pot.fits(&all) {
        return Best::only((0..items.len()).collect());
    }
    if pot.hopeless(base, pot.total(&all)) {
        return Best::none();
    }
    let (free, mut candidates) = part(&whole, &all);
    let base = beside(base, items, &free);
    let most = pot.total(&all);
    candidates.retain(|item| !pot.hopeless(&beside(&base, items, &[*item]), most));
    let none = free.is_empty() && candidates.is_empty();
    if (may_be_empty || !none) && pot.fits(&beside(&base, items, &candidates)) {
        let mut answer = [free, candidates].concat();
        answer.sort_unstable();
        return Best::only(answer);
    }
    let candidate_items: Vec<&[i64]> = candidates.iter().map(|item| items[*item]).collect();
    let members = Members {
        pot,
        base: &base,
        items: &candidate_items,
    };
    let least = usize::from(free.is_empty() && !may_be_empty);
    let mut found = if candidates.len() <= FEW {
        one_by_one(&members, least)
    } else {
        by_size(&members, least, steps)
    };
    for answer in &mut found.answers {
        for item in answer.iter_mut() {
            *item = candidates[*item];
        }
        answer.extend(&free);
        answer.sort_unstable();
    }
    if found.more || !found.answers.is_empty() {
        found.bound += free.len();
    }
    found
}

/// What is asked of each funder by some of the items and by the base.
fn beside(base: &[i64], items: &[&[i64]], some: &[usize]) -> Vec<i64> {
    let mut sums = base.to_vec();
    for item in some {
        add(&mut sums, items[*item]);
    }
    sums
}

/// Who belongs to every best subset, since it asks only of funders that have enough for all, and who can be
/// in any at all, since its funders' limits allow it.
fn part(members: &Members, all: &[i64]) -> (Vec<usize>, Vec<usize>) {
    let Members { pot, base, items } = members;
    // A share by request shrinks when others ask, so there nobody with EU money is out of the others' way.
    let by_request = pot.eu.as_ref().is_some_and(|eu| eu.by_request);
    let roomy: Vec<bool> = (0..all.len())
        .map(|funder| {
            all[funder] <= pot.commitments[funder].min(pot.limits[funder])
                && !(by_request && pot.eligible[funder])
        })
        .collect();
    let (free, contested): (Vec<usize>, Vec<usize>) = (0..items.len()).partition(|item| {
        items[*item]
            .iter()
            .zip(&roomy)
            .all(|(asked, roomy)| *asked == 0 || *roomy)
    });
    let possible = |item: &usize| {
        let asked = base.iter().zip(items[*item]).zip(&pot.limits);
        asked
            .into_iter()
            .all(|((low, asked), limit)| *asked == 0 || low + asked <= *limit)
    };
    (free, contested.into_iter().filter(possible).collect())
}

fn one_by_one(members: &Members, least: usize) -> Best {
    let count = members.items.len();
    let subset = |bits: usize| -> Vec<usize> {
        let holds = |item: &usize| bits >> item & 1 == 1;
        (0..count).filter(holds).collect()
    };
    let mut subsets: Vec<Vec<usize>> = (0..1 << count).map(subset).collect();
    subsets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let mut answers: Vec<Vec<usize>> = Vec::new();
    let mut smallest = Need::NOTHING;
    for subset in subsets.into_iter().filter(|one| one.len() >= least) {
        if answers
            .first()
            .is_some_and(|first| first.len() > subset.len())
        {
            break;
        }
        let requested = beside(members.base, members.items, &subset);
        if !members.pot.fits(&requested) {
            continue;
        }
        let need = members.pot.need(&requested);
        if answers.is_empty() || need < smallest {
            answers.clear();
            smallest = need;
        }
        if need == smallest {
            answers.push(subset);
        }
    }
    Best {
        bound: answers.first().map_or(0, Vec::len),
        answers,
        more: false,
    }
}

fn by_size(members: &Members, least: usize, steps: &mut Steps) -> Best {
    let columns = members.columns();
    let count = members.items.len();
    let mut by_weight: Vec<usize> = (0..count).collect();
    if let Some(first) = columns.first() {
        by_weight.sort_by_key(|item| first.weights[*item]);
    }
    let mut search = Search::new(members, &columns, by_weight);
    let mut open = None;
    for size in (least..=count).rev() {
        if !search.may_exist(size) {
            continue;
        }
        let mut own = if open.is_none() {
            *steps
        } else {
            Steps(STEPS_LESS)
        };
        search.smallest(size, &mut own);
        if open.is_none() {
            *steps = own;
        }
        let Some(need) = search.best.filter(|_| !search.answers.is_empty()) else {
            if search.ended {
                open = open.or(Some(size));
            }
            continue;
        };
        let unproven = search.ended || open.is_some();
        let found = std::mem::take(&mut search.answers);
        return Best {
            bound: open.unwrap_or(size),
            ..collected(members, &columns, size, need, found, unproven, steps)
        };
    }
    Best {
        bound: open.unwrap_or(0),
        more: open.is_some(),
        ..Best::none()
    }
}

/// All sets that are as good as the one found.
fn collected(
    members: &Members,
    columns: &[Column],
    size: usize,
    need: Need,
    found: Vec<Vec<usize>>,
    unproven: bool,
    steps: &mut Steps,
) -> Best {
    let in_order = (0..members.items.len()).collect();
    let mut search = Search::new(members, columns, in_order);
    let mut own = Steps(steps.0.max(STEPS_LESS));
    search.all(size, need, &mut own);
    steps.0 = steps.0.min(own.0);
    let answers = if search.answers.is_empty() {
        found
    } else {
        search.answers
    };
    Best {
        answers,
        more: unproven || search.ended || search.more,
        bound: size,
    }
}
