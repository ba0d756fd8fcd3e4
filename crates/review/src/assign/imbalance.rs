//! Why no assignment keeps the balances too.

use super::classes::{Classes, Counts, Rule};
use super::explain::{Class, MOST_PAIRS, Want};
use super::relax::{Move, smallest};
use super::remainder::Remainder;
use super::{Infeasible, Shortage, Side};

impl Classes {
    /// The explanation, with these moves as its changes.
    pub fn explain(&self, rest: &Remainder, moves: Vec<Move>) -> Infeasible {
        let mut why = rest.explain();
        if rest.grid.affinity.len() <= MOST_PAIRS {
            for (rule, name) in self.rules.iter().zip(&self.names) {
                let found = shortages(rest, rule, name);
                let news = |one: &Shortage| {
                    let mut before = why.shortages.iter();
                    before.all(|other| (other.side, &other.short) != (one.side, &one.short))
                };
                let found: Vec<Shortage> = found.into_iter().filter(news).collect();
                why.shortages.extend(found);
            }
        }
        why.changes = rest.told(moves, &self.names);
        why
    }

    /// How far limits must be moved for these numbers of each class to stand, loads of experts as little as possible.
    pub fn all_moves(&self, rest: &Remainder, counts: &Counts) -> Vec<Move> {
        let mut moves = self.moves(&rest.grid, counts);
        moves.extend(smallest(&self.fixed(&rest.grid, counts), true));
        moves
    }
}

/// What one rule alone makes impossible: proposals that cannot get its least number of members, or so many
/// others that its greatest number holds; members, or others, whose least loads are more than it allows.
fn shortages(rest: &Remainder, rule: &Rule, name: &str) -> Vec<Shortage> {
    let grid = &rest.grid;
    let limits = || grid.need.iter().zip(&rule.limits);
    // The fewest and the most of a proposal's reviewers that may be members, or not be members.
    let fewest: [Vec<u32>; 2] = [
        limits()
            .map(|(need, [least, _])| *least.min(need))
            .collect(),
        limits()
            .map(|(need, [_, most])| need.saturating_sub(*most))
            .collect(),
    ];
    let most: [Vec<u32>; 2] = [
        limits().map(|(need, [_, most])| *most.min(need)).collect(),
        limits()
            .map(|(need, [least, _])| need.saturating_sub(*least))
            .collect(),
    ];
    let mut found = Vec::new();
    for (members, (fewest, most)) in [true, false].into_iter().zip(fewest.iter().zip(&most)) {
        let class = || {
            let name = name.to_owned();
            Some(Class { name, members })
        };
        let open =
            |row, column: usize| rule.members[column] == members && rest.is_open(row, column);
        let proposals = Want {
            side: Side::Proposals,
            class: class(),
            ids: &rest.proposals,
            need: fewest,
            others: &rest.experts,
            room: &grid.most,
        };
        found.extend(proposals.shortages(open));
        let least = grid.least.iter().zip(&rule.members);
        let least = least.map(|(least, member)| if *member == members { *least } else { 0 });
        let experts = Want {
            side: Side::Experts,
            class: class(),
            ids: &rest.experts,
            need: &least.collect::<Vec<u32>>(),
            others: &rest.proposals,
            room: most,
        };
        found.extend(experts.shortages(|column, row| open(row, column)));
    }
    found
}
