//! Why there is no assignment: the sets of proposals or experts that want more than there is.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use uuid::Uuid;

use super::Contradiction;
use super::grid::Grid;
use super::relax::{Change, Move, smallest};
use super::remainder::Remainder;

/// Who comes off badly in a shortage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Proposals that cannot get their reviewers.
    Proposals,
    /// Experts who cannot get their least loads.
    Experts,
}

/// Some want more than all whom they may be paired with can give. No assignment gets round it: the
/// room is an upper bound, counted over every open pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Which side wants.
    pub side: Side,
    /// The balance or group whose limits make the shortage; none where all experts count.
    pub class: Option<Class>,
    /// Those who want, by id.
    pub short: Vec<Uuid>,
    /// How many pairs they need together, beyond those kept.
    pub needed: u32,
    /// Those of the other side they may still be paired with, by id, and how many of these pairs
    /// each can take.
    pub available: Vec<(Uuid, u32)>,
    /// The sum of what the available can take.
    pub room: u32,
}

/// The experts who count in a shortage: those of a balance or group, or all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What it is called.
    pub name: String,
    /// Whether it is its members, or else all others.
    pub members: bool,
}

/// With more pairs than this, shortages are not looked for: it would take minutes, and the changes say
/// where it fails.
pub(super) const MOST_PAIRS: usize = 1_000_000;

/// Why there is no assignment. Contradictions stand alone; otherwise there are changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Infeasible {
    /// What is wrong with the problem itself; then shortages are not looked for.
    pub contradictions: Vec<Contradiction>,
    /// Who wants more than there is, groups left aside; none of the sets contains another of its side.
    /// Empty where only the limits of groups stand in the way.
    pub shortages: Vec<Shortage>,
    /// The fewest changes of limits under which an assignment would exist; there may be other sets as
    /// small.
    pub changes: Vec<Change>,
}

impl Infeasible {
    /// Why a grid has no assignment. The ids are numbers: the pair (0, row) is a proposal, (1, column)
    /// an expert; the groups are called as `groups` says, by number.
    pub fn of(grid: &Grid, groups: &[String]) -> Self {
        let ids = |side, count| {
            (0..count as u64)
                .map(|n| Uuid::from_u64_pair(side, n))
                .collect()
        };
        let rest = Remainder {
            proposals: ids(0, grid.need.len()),
            experts: ids(1, grid.columns()),
            grid: grid.clone(),
            kept_pairs: Vec::new(),
            groups: groups.to_vec(),
            affinity: Vec::new(),
        };
        rest.explain()
    }

    /// The proposals that are in a shortage, by id.
    pub fn short_proposals(&self) -> BTreeSet<Uuid> {
        let short = self.shortages.iter().filter(|s| s.side == Side::Proposals);
        short.flat_map(|s| s.short.iter().copied()).collect()
    }

    /// The smallest changes, in one sentence.
    fn remedy(&self, name: &impl Fn(Uuid) -> String) -> Option<String> {
        let changes = self.changes.iter().map(|change| change.words(name));
        (!self.changes.is_empty()).then(|| format!("Smallest change: {}.", listed(changes, "; ")))
    }

    /// The explanation in sentences; `name` says how a proposal or an expert is called.
    pub fn sentences(&self, name: impl Fn(Uuid) -> String) -> Vec<String> {
        let contradictions = self.contradictions.iter().map(|c| c.sentence(&name));
        contradictions
            .chain(self.shortages.iter().map(|s| s.sentence(&name)))
            .chain(self.remedy(&name))
            .collect()
    }
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences(|id| id.to_string()).join(" "))
    }
}

impl std::error::Error for Infeasible {}

impl Shortage {
    /// How many pairs more are needed than there is room for; none where the room suffices.
    pub fn missing(&self) -> u32 {
        self.needed.saturating_sub(self.room)
    }

    fn sentence(&self, name: &impl Fn(Uuid) -> String) -> String {
        let short = listed(self.short.iter().map(|id| name(*id)), ", ");
        let available = self.available.iter();
        let available = available.map(|(id, room)| format!("{} ({room})", name(*id)));
        let available = match self.available.is_empty() {
            true => "nobody".to_owned(),
            false => listed(available, ", "),
        };
        let (needed, room, missing) = (self.needed, self.room, self.missing());
        let (of, fewer, more) = match &self.class {
            None => (String::new(), String::new(), String::new()),
            Some(Class { name, members }) => {
                let of = if *members { " of " } else { " not of " };
                let demand = format!("demand fewer of {name}");
                let allow = format!("allow more of {name}");
                let (fewer, more) = if *members {
                    (demand, allow)
                } else {
                    (allow, demand)
                };
                (
                    format!("{of}{name}"),
                    format!(", {fewer}"),
                    format!(", or {more}"),
                )
            }
        };
        match self.side {
            Side::Proposals => format!(
                "{short}: {needed} more reviewers{of} needed, but those without a conflict and with room \
                 can take {room}: {available}. Missing: {missing}. Invite experts, raise a load{fewer}, or \
                 ask for fewer reviewers."
            ),
            Side::Experts => format!(
                "{short}{of}: at least {needed} more proposals to take, but those without a conflict that \
                 need reviewers offer {room}: {available}. Missing: {missing}. Lower the least loads{more}."
            ),
        }
    }
}

/// Words one after the other, the first twenty where there are many more.
fn listed(names: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    const SHOWN: usize = 20;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN + usize::from(more == 1)).collect();
    match more {
        0 | 1 => shown.join(between),
        more => format!("{} and {more} more", shown.join(between)),
    }
}

impl Remainder {
    /// The shortages that leave no assignment.
    ///
    /// Proposals first; least loads are looked at only where all proposals can be served, and then
    /// one side's shortage is the whole reason: where a flow serves all proposals and another all
    /// least loads, one flow does both (Mendelsohn and Dulmage).
    pub(super) fn explain(&self) -> Infeasible {
        let proposals = Want {
            side: Side::Proposals,
            class: None,
            ids: &self.proposals,
            need: &self.grid.need,
            others: &self.experts,
            room: &self.grid.most,
        };
        let experts = Want {
            side: Side::Experts,
            class: None,
            ids: &self.experts,
            need: &self.grid.least,
            others: &self.proposals,
            room: &self.grid.need,
        };
        if self.grid.affinity.len() > MOST_PAIRS {
            return Infeasible {
                changes: self.changes(),
                ..Infeasible::default()
            };
        }
        let mut shortages = proposals.shortages(|p, e| self.is_open(p, e));
        if shortages.is_empty() {
            shortages = experts.shortages(|e, p| self.is_open(p, e));
        }
        Infeasible {
            contradictions: Vec::new(),
            shortages,
            changes: self.changes(),
        }
    }

    fn changes(&self) -> Vec<Change> {
        self.told(smallest(&self.grid, false), &self.groups)
    }

    /// The moves by ids and names.
    pub(super) fn told(&self, moves: Vec<Move>, groups: &[String]) -> Vec<Change> {
        let named = |entry: Move| Change {
            limit: entry.limit,
            proposal: entry.row.map(|row| self.proposals[row]),
            expert: entry.column.map(|column| self.experts[column]),
            group: entry
                .group
                .map(|group| groups.get(group).cloned().unwrap_or_default()),
            by: entry.by,
        };
        moves.into_iter().map(named).collect()
    }
}

/// One side of the remainder, and what it wants of the other.
pub(super) struct Want<'a> {
    pub side: Side,
    pub class: Option<Class>,
    pub ids: &'a [Uuid],
    pub need: &'a [u32],
    pub others: &'a [Uuid],
    pub room: &'a [u32],
}

impl Want<'_> {
    pub fn shortages(&self, open: impl Fn(usize, usize) -> bool) -> Vec<Shortage> {
        let mut sets = short_sets(self.need, self.room, &open);
        // Two that overlap are one where more is missing for both together than for either.
        let mut found: Vec<(BTreeSet<usize>, Shortage)> = Vec::new();
        while let Some(set) = sets.pop() {
            let one = self.shortage(&set, &open);
            let joined = found.iter().enumerate().find_map(|(at, (other, before))| {
                let both: BTreeSet<usize> = set.union(other).copied().collect();
                let together = self.shortage(&both, &open);
                let more = one.missing().max(before.missing());
                let overlap = !set.is_disjoint(other);
                (overlap && together.missing() > more).then_some((at, both))
            });
            match joined {
                Some((at, both)) => {
                    found.remove(at);
                    sets.push(both);
                }
                None => found.push((set, one)),
            }
        }
        found.reverse();
        found.into_iter().map(|(_, shortage)| shortage).collect()
    }

    fn shortage(&self, set: &BTreeSet<usize>, open: impl Fn(usize, usize) -> bool) -> Shortage {
        let mut available = Vec::new();
        for (right, id) in self.others.iter().enumerate() {
            let pairs = set.iter().filter(|left| open(**left, right)).count();
            let takes = self.room[right].min(u32::try_from(pairs).unwrap_or(u32::MAX));
            if takes > 0 {
                available.push((*id, takes));
            }
        }
        Shortage {
            side: self.side,
            class: self.class.clone(),
            short: set.iter().map(|left| self.ids[*left]).collect(),
            needed: set.iter().map(|left| self.need[*left]).sum(),
            room: available.iter().map(|(_, takes)| takes).sum(),
            available,
        }
    }
}

/// The sets of the left side that need more than the right side has room for, by a maximum flow.
///
/// Where a unit finds no way, the lefts it could reach are such a set: every right they may use is
/// full with them, or was taken by each of them already. A set inside a later one is left out.
pub(super) fn short_sets(
    need: &[u32],
    room: &[u32],
    open: impl Fn(usize, usize) -> bool,
) -> Vec<BTreeSet<usize>> {
    let mut taken = vec![vec![false; room.len()]; need.len()];
    let mut used = vec![0_u32; room.len()];
    let mut sets: Vec<BTreeSet<usize>> = Vec::new();
    for (left, units) in need.iter().enumerate() {
        for _ in 0..*units {
            if let Err(reached) = augment(left, &mut taken, &mut used, room, &open) {
                sets.retain(|set| !set.is_subset(&reached));
                sets.push(reached);
                break;
            }
        }
    }
    sets
}

/// Finds room for one more unit of `start`, moving others aside; else answers the lefts it reached.
fn augment(
    start: usize,
    taken: &mut [Vec<bool>],
    used: &mut [u32],
    room: &[u32],
    open: &impl Fn(usize, usize) -> bool,
) -> Result<(), BTreeSet<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; room.len()];
    let mut given_up: Vec<Option<usize>> = vec![None; taken.len()];
    let mut reached = BTreeSet::from([start]);
    let mut queue = VecDeque::from([start]);
    while let Some(left) = queue.pop_front() {
        for right in 0..room.len() {
            if came_from[right].is_some() || taken[left][right] || !open(left, right) {
                continue;
            }
            came_from[right] = Some(left);
            if used[right] < room[right] {
                used[right] += 1;
                let mut right = Some(right);
                while let Some(to) = right {
                    let Some(by) = came_from[to] else { break };
                    taken[by][to] = true;
                    right = given_up[by];
                    if let Some(away) = right {
                        taken[by][away] = false;
                    }
                }
                return Ok(());
            }
            for other in 0..taken.len() {
                if taken[other][right] && reached.insert(other) {
                    given_up[other] = Some(right);
                    queue.push_back(other);
                }
            }
        }
    }
    Err(reached)
}
