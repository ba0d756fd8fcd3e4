//! The smallest changes under which an assignment would exist.

use super::grid::Grid;
use super::network::{Aim, Network};

/// A limit that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// The greatest load of an expert, to be raised.
    GreatestLoad,
    /// The least load of an expert, to be lowered.
    LeastLoad,
    /// The number of a proposal's reviewers, to be lowered.
    Reviewers,
    /// The greatest number of a group in a proposal, to be raised.
    GreatestInProposal,
    /// The least number of a group in a proposal, to be lowered.
    LeastInProposal,
    /// The greatest load of a group, to be raised.
    GreatestOfGroup,
    /// The least load of a group, to be lowered.
    LeastOfGroup,
}

/// One limit moved by so many pairs; rows, columns and groups by number.
pub(super) struct Move {
    pub limit: Limit,
    pub row: Option<usize>,
    pub column: Option<usize>,
    pub group: Option<usize>,
    pub by: u32,
}

/// One limit moved by so many pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which limit.
    pub limit: Limit,
    /// The proposal whose limit it is.
    pub proposal: Option<uuid::Uuid>,
    /// The expert whose limit it is.
    pub expert: Option<uuid::Uuid>,
    /// The name of the group whose limit it is.
    pub group: Option<String>,
    /// By how many pairs.
    pub by: u32,
}

impl Change {
    /// What to do, in words.
    pub(super) fn words(&self, name: &impl Fn(uuid::Uuid) -> String) -> String {
        let by = self.by;
        let who = |id: Option<uuid::Uuid>| id.map(name).unwrap_or_default();
        let (proposal, expert) = (who(self.proposal), who(self.expert));
        let group = self.group.clone().unwrap_or_default();
        match self.limit {
            Limit::GreatestLoad => format!("raise the greatest load of {expert} by {by}"),
            Limit::LeastLoad => format!("lower the least load of {expert} by {by}"),
            Limit::Reviewers => format!("ask for {by} fewer reviewers of {proposal}"),
            Limit::GreatestInProposal => format!("allow {by} more of {group} in {proposal}"),
            Limit::LeastInProposal => format!("demand {by} fewer of {group} in {proposal}"),
            Limit::GreatestOfGroup => format!("raise the greatest load of {group} by {by}"),
            Limit::LeastOfGroup => format!("lower the least load of {group} by {by}"),
        }
    }
}

/// What moving a limit by one costs: all alike but for the choice between equals, where a load is
/// moved rather than a proposal left with fewer reviewers.
const COST: i64 = 1000;

/// The moves, the fewest in all, that leave an assignment; of the loads of experts alone, or of all limits.
///
/// The network is the same, with an arc for each limit through which a unit may break it.
pub(super) fn smallest(grid: &Grid, loads_alone: bool) -> Vec<Move> {
    let aim = Aim {
        weights: vec![0; grid.need.len()],
        least_dear: COST + 2,
        ..Aim::default()
    };
    let mut network = Network::of(grid, aim);
    let layout = network.layout.clone();
    let free = u32::MAX >> 1;
    let mut ways: Vec<(u32, Move)> = Vec::new();
    let mut way = |from, to, room, extra, limit, [row, column, group]: [Option<usize>; 3]| {
        let arc = network.simplex.add(from, to, room, COST + extra);
        let by = 0;
        let entry = Move {
            limit,
            row,
            column,
            group,
            by,
        };
        ways.push((arc, entry));
    };
    for column in 0..grid.columns() {
        let (node, least) = (layout.expert(column), grid.least[column]);
        let is = [None, Some(column), None];
        let above = match grid.group_load.is_empty() {
            true => 0,
            false => layout.group(grid.group[column] as usize),
        };
        way(node, above, free, 0, Limit::GreatestLoad, is);
        way(above, node, least, 0, Limit::LeastLoad, is);
    }
    let others = if loads_alone { 0 } else { usize::MAX };
    for (group, [least, _]) in grid.group_load.iter().enumerate().take(others) {
        let (node, is) = (layout.group(group), [None, None, Some(group)]);
        way(node, 0, free, 1, Limit::GreatestOfGroup, is);
        way(0, node, *least, 1, Limit::LeastOfGroup, is);
    }
    for (at, nest) in grid.nests.iter().enumerate().take(others) {
        let (row, node) = (layout.row(nest.row as usize), layout.nest(at));
        let is = [Some(nest.row as usize), None, Some(nest.group as usize)];
        way(row, node, free, 1, Limit::GreatestInProposal, is);
        way(node, row, nest.least, 1, Limit::LeastInProposal, is);
    }
    for (row, need) in grid.need.iter().enumerate().take(others) {
        let is = [Some(row), None, None];
        way(layout.row(row), 0, *need, 2, Limit::Reviewers, is);
    }
    network.solve();
    let moves = ways.into_iter().map(|(arc, entry)| Move {
        by: network.simplex.flow(arc),
        ..entry
    });
    moves.filter(|entry| entry.by > 0).collect()
}
