use call::{RankingRule, Score};
use serde::{Deserialize, Serialize};

use crate::column::add;
use crate::edge::{Best, STEPS, best};
use crate::list::List;
use crate::pot::Pot;
use crate::search::Steps;

/// Equally good selections of a walk with gaps that are listed: each choice within a group leads to others below.
pub const WAYS_MAX: usize = 100;

/// What is looked at for them: the squares of the sizes of all groups that are walked through.
const LOOKS: usize = 400_000;

/// A group of equal score that could be funded in several equally good ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tie {
    /// The score all of the group have.
    pub score: Score,
    /// The subsets with the most projects and then the smallest gap need, the chosen one in front, else alphabetically;
    /// the first is the one shown as selected.
    pub choices: Vec<Vec<String>>,
    /// Whether there may be more than the thousand kept, or a better one.
    pub more: bool,
    /// No subset funds more projects than this. Above the size of the choices only where the group is
    /// so large that the search was ended.
    pub bound: u32,
}

/// Where a walk down the list led, in places of the list.
pub(crate) struct Walk {
    /// Per group, what of it is funded.
    pub(crate) chosen: Vec<Vec<usize>>,
    /// All equally good sets of a binding ranking, the one in `chosen` first; with gaps that one alone.
    pub(crate) equally_good: Vec<Vec<usize>>,
    pub(crate) ties: Vec<Tie>,
    /// No legal set that can be paid has more projects than this.
    pub(crate) bound: usize,
    /// What is requested of each funder by everything above a group: listed when the ranking binds, funded
    /// with gaps. One more at the end, for the whole list.
    pub(crate) above: Vec<Vec<i64>>,
}

impl Walk {
    /// What is funded, in ranking order.
    pub(crate) fn selected(&self) -> Vec<usize> {
        self.chosen.concat()
    }
}

/// Walks down the list under the rule of its call.
pub(crate) fn walk(list: &List, pot: &Pot) -> Walk {
    match list.rule {
        RankingRule::WithGaps => with_gaps(list, pot),
        RankingRule::Binding => binding(list, pot),
    }
}

/// Of each group the largest subset that can be paid beside what is funded above.
fn with_gaps(list: &List, pot: &Pot) -> Walk {
    let mut requested = list.requested([]);
    let mut above = vec![requested.clone()];
    let (mut chosen, mut ties) = (Vec::new(), Vec::new());
    let mut steps = Steps(STEPS);
    let mut open = 0;
    for group in 0..list.groups.len() {
        let found = of_group(list, pot, group, &requested, true, &mut steps);
        ties.extend(tie(list, group, &found));
        let first = found.answers.into_iter().next().unwrap_or_default();
        open += found.bound - first.len();
        for place in &first {
            add(&mut requested, list.row(*place));
        }
        above.push(requested.clone());
        chosen.push(first);
    }
    let selected = chosen.concat();
    Walk {
        bound: selected.len() + open,
        equally_good: vec![selected],
        chosen,
        ties,
        above,
    }
}

/// All equally good sets, the selected one first, and whether there may be more of them. With gaps the walk goes on below
/// each choice within a group of equals; groups are taken in their order, and their choices in theirs.
pub(crate) fn ways(list: &List, pot: &Pot, walk: &Walk) -> (Vec<Vec<usize>>, bool) {
    let more = walk.ties.iter().any(|tie| tie.more);
    if list.rule == RankingRule::Binding || walk.ties.is_empty() {
        return (walk.equally_good.clone(), more);
    }
    let mut every = Ways {
        list,
        pot,
        steps: Steps(STEPS),
        looks: LOOKS,
        open: vec![Way {
            group: 0,
            requested: list.requested([]),
            chosen: Vec::new(),
        }],
        more,
    };
    let mut sets = Vec::new();
    while let Some(way) = every.open.pop() {
        let Some(set) = every.go_to_the_end(way, sets.len()) else {
            every.more = true;
            break;
        };
        sets.push(set);
    }
    if sets.is_empty() {
        sets.push(walk.selected());
    }
    (sets, every.more)
}

/// How far one way down the list has led.
struct Way {
    group: usize,
    requested: Vec<i64>,
    chosen: Vec<usize>,
}

/// All ways down the list.
struct Ways<'a> {
    list: &'a List<'a>,
    pot: &'a Pot,
    steps: Steps,
    looks: usize,
    /// Those to be gone on with, the next one last.
    open: Vec<Way>,
    more: bool,
}

impl Ways<'_> {
    /// Goes on by the first choice of each group, and leaves the others open; none where too much was looked at.
    fn go_to_the_end(&mut self, mut way: Way, found: usize) -> Option<Vec<usize>> {
        for group in way.group..self.list.groups.len() {
            let size = self.list.groups[group].len();
            self.looks = self.looks.checked_sub(size * size)?;
            let best = of_group(
                self.list,
                self.pot,
                group,
                &way.requested,
                true,
                &mut self.steps,
            );
            if self.steps.0 == 0 {
                return None;
            }
            // Those of the last groups come first, so the others give way to them.
            let room = WAYS_MAX.saturating_sub(found + 1);
            self.more |= best.more || best.answers.len() > room + 1;
            let mut answers = best.answers.into_iter();
            let first = answers.next().unwrap_or_default();
            for other in answers.take(room).rev() {
                let mut beside = Way {
                    group: group + 1,
                    requested: way.requested.clone(),
                    chosen: way.chosen.clone(),
                };
                self.take(&mut beside, &other);
                self.open.push(beside);
            }
            let beyond = self.open.len().saturating_sub(room);
            self.more |= beyond > 0;
            self.open.drain(..beyond);
            self.take(&mut way, &first);
        }
        Some(way.chosen)
    }

    fn take(&self, way: &mut Way, answer: &[usize]) {
        for place in answer {
            add(&mut way.requested, self.list.row(*place));
        }
        way.chosen.extend_from_slice(answer);
    }
}

/// What is requested above each group when everything above it is funded.
pub(crate) fn sums_above(list: &List) -> Vec<Vec<i64>> {
    let mut sums = vec![list.requested([])];
    let mut requested = list.requested([]);
    for range in &list.groups {
        for place in range.clone() {
            add(&mut requested, list.row(place));
        }
        sums.push(requested.clone());
    }
    sums
}

/// The best subset of the lowest group that can be the edge of a binding ranking, from `from` on: the legal
/// sets are, for every j, the first j groups and any subset of the next one. A longer list may be payable
/// where a shorter one is not (a later project can bring money to a funder that has room), so every j is
/// looked at, and since only one group can be the edge of sets of one size, the first found from below
/// has the most projects.
pub(crate) fn edge(
    list: &List,
    pot: &Pot,
    above: &[Vec<i64>],
    from: usize,
    steps: &mut Steps,
) -> (Option<(usize, Best)>, usize) {
    let mut bound = 0;
    for group in (from..list.groups.len()).rev() {
        // Most groups of a long list are far below what can be paid.
        if pot.hopeless(&above[group], pot.total(&above[group + 1])) {
            continue;
        }
        let found = of_group(list, pot, group, &above[group], false, steps);
        bound = bound.max(list.groups[group].start * usize::from(found.bound > 0) + found.bound);
        if !found.answers.is_empty() {
            return (Some((group, found)), bound);
        }
    }
    (None, bound)
}

fn binding(list: &List, pot: &Pot) -> Walk {
    let above = sums_above(list);
    let (found, bound) = edge(list, pot, &above, 0, &mut Steps(STEPS));
    let mut chosen = vec![Vec::new(); list.groups.len()];
    let Some((group, found)) = found else {
        return Walk {
            chosen,
            equally_good: vec![Vec::new()],
            ties: Vec::new(),
            bound,
            above,
        };
    };
    for (place, range) in list.groups.iter().enumerate().take(group) {
        chosen[place] = range.clone().collect();
    }
    let start = list.groups[group].start;
    let whole = |answer: &Vec<usize>| (0..start).chain(answer.iter().copied()).collect();
    chosen[group] = found.answers.first().cloned().unwrap_or_default();
    Walk {
        chosen,
        equally_good: found.answers.iter().map(whole).collect(),
        ties: tie(list, group, &found).into_iter().collect(),
        bound,
        above,
    }
}

/// The best subsets of a group, in places of the list.
pub(crate) fn of_group(
    list: &List,
    pot: &Pot,
    group: usize,
    base: &[i64],
    may_be_empty: bool,
    steps: &mut Steps,
) -> Best {
    let mut found = best(pot, base, &list.rows(group), may_be_empty, steps);
    for item in found.answers.iter_mut().flatten() {
        *item += list.groups[group].start;
    }
    list.prefer_chosen(&mut found.answers);
    found
}

/// The group as a tie, where it is one or where the search was ended.
fn tie(list: &List, group: usize, found: &Best) -> Option<Tie> {
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
