//! The first basis: the greedy assignment, hung up so that its prices are near the right ones.

use super::grid::Grid;
use super::layout::Layout;
use super::simplex::{Draft, Simplex};

/// A pair the network begins with, and what it is worth.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub row: u32,
    pub column: u32,
    pub worth: i64,
}

/// Makes the network of these pairs, in this order, with a basis.
pub(super) fn begin(grid: &Grid, layout: &Layout, pairs: &[Column], dear: i64) -> Simplex {
    let mut start = Start {
        grid,
        layout,
        pairs,
        tails: pairs
            .iter()
            .map(|pair| layout.tail(grid, pair.row as usize, pair.column as usize))
            .collect(),
        draft: arcs(grid, layout, dear),
        price: vec![None; layout.nodes],
    };
    start.greedy();
    start.hang();
    start.draft.begin()
}

/// All arcs but those of the pairs.
fn arcs(grid: &Grid, layout: &Layout, dear: i64) -> Draft {
    let mut draft = Draft::new(layout.nodes, dear);
    for column in 0..grid.columns() {
        let to = match grid.group_load.is_empty() {
            true => 0,
            false => layout.group(grid.group[column] as usize),
        };
        let room = grid.most[column] - grid.least[column];
        draft.arc(layout.expert(column), to, room, 0);
    }
    for (group, [least, most]) in grid.group_load.iter().enumerate() {
        draft.arc(layout.group(group), 0, most - least, 0);
    }
    for (at, nest) in grid.nests.iter().enumerate() {
        let room = nest.most - nest.least;
        draft.arc(layout.row(nest.row as usize), layout.nest(at), room, 0);
    }
    draft
}

struct Start<'a> {
    grid: &'a Grid,
    layout: &'a Layout,
    pairs: &'a [Column],
    tails: Vec<u32>,
    draft: Draft,
    /// Of the nodes that hang already.
    price: Vec<Option<i64>>,
}

impl Start<'_> {
    /// Takes pairs from the best on, as long as the limits let it, and leaves to the helpers what is
    /// then missing.
    fn greedy(&mut self) {
        let Self {
            grid,
            layout,
            pairs,
            draft,
            ..
        } = self;
        let mut left = layout.supply(grid);
        // What the least loads of a group's experts send on beyond the group's own least load.
        for group in 0..grid.group_load.len() {
            let (node, arc) = (layout.group(group), layout.group_arc(group) as usize);
            let more = left[node as usize].clamp(0, i64::from(draft.room[arc]));
            draft.flow[arc] = more as u32;
            left[node as usize] -= more;
        }
        let mut order: Vec<u32> = (0..pairs.len() as u32).collect();
        order.sort_unstable_by_key(|at| (-pairs[*at as usize].worth, *at));
        let mut taken = vec![0_u32; pairs.len()];
        for at in order {
            let pair = pairs[at as usize];
            let (row, column) = (pair.row as usize, pair.column as usize);
            let row_node = layout.row(row) as usize;
            let expert = layout.expert(column) as usize;
            // Behind a least number that is not reached yet there is room without any arc.
            let nest = layout.nest_of(grid, row, column);
            let from = match nest {
                Some(nest) if left[layout.nest(nest) as usize] > 0 => layout.nest(nest) as usize,
                Some(nest) if draft.is_full(layout.nest_arc(nest)) => continue,
                _ => row_node,
            };
            if left[from] <= 0 {
                continue;
            }
            let beyond = left[expert] >= 0;
            let load = layout.load_arc(column);
            let group = grid.group_load.first().map(|_| grid.group[column] as usize);
            if beyond {
                let below = |group| left[layout.group(group) as usize] < 0;
                let closed = |group| draft.is_full(layout.group_arc(group)) && !below(group);
                if draft.is_full(load) || group.is_some_and(closed) {
                    continue;
                }
                draft.flow[load as usize] += 1;
                if let Some(group) = group {
                    let node = layout.group(group) as usize;
                    if left[node] < 0 {
                        left[node] += 1;
                    } else {
                        draft.flow[layout.group_arc(group) as usize] += 1;
                    }
                }
            } else {
                left[expert] += 1;
            }
            left[from] -= 1;
            if let Some(nest) = nest.filter(|_| from == row_node) {
                draft.flow[layout.nest_arc(nest) as usize] += 1;
            }
            taken[at as usize] = 1;
        }
        for (pair, flow) in pairs.iter().zip(taken) {
            let tail = layout.tail(grid, pair.row as usize, pair.column as usize);
            let arc = draft.arc(tail, layout.expert(pair.column as usize), 1, -pair.worth);
            draft.flow[arc as usize] = flow;
        }
        for (node, left) in left.iter().enumerate().skip(1) {
            if *left != 0 {
                draft.help(node as u32, *left);
                let dear = draft.arcs[node].cost;
                self.price[node] = Some(if *left > 0 { -dear } else { dear });
            }
        }
    }

    /// Chooses for each node the arc by which it hangs: experts with room on the root, a proposal on
    /// the best expert it has not got, a full expert on the proposal that would leave it first.
    fn hang(&mut self) {
        let (grid, layout) = (self.grid, self.layout);
        for group in 0..grid.group_load.len() {
            let (node, arc) = (layout.group(group), layout.group_arc(group));
            match self.draft.is_full(arc) {
                true => self.join(node, node, -self.dear()),
                false => self.join(node, arc, 0),
            }
        }
        for column in 0..grid.columns() {
            let (node, arc) = (layout.expert(column), layout.load_arc(column));
            let above = match grid.group_load.is_empty() {
                true => Some(0),
                false => self.price[layout.group(grid.group[column] as usize) as usize],
            };
            if let Some(above) = above.filter(|_| !self.draft.is_full(arc)) {
                self.join(node, arc, above);
            }
        }
        let mut hanging = 0;
        let mut last = false;
        loop {
            for (at, nest) in grid.nests.iter().enumerate() {
                let arc = layout.nest_arc(at);
                let above = self.price[layout.row(nest.row as usize) as usize];
                if let Some(above) = above.filter(|_| self.draft.flow[arc as usize] > 0) {
                    self.join(layout.nest(at), arc, above);
                }
            }
            self.round(0, |start, tail, expert, worth| {
                let fed = start.fed_by_row(tail);
                let price = start.price[expert as usize].filter(|_| !fed);
                Some((tail, price? + worth))
            });
            self.round(1, |start, tail, expert, worth| {
                Some((expert, start.price[tail as usize]? - worth))
            });
            let now = self.price.iter().flatten().count();
            if now == hanging && last {
                return;
            }
            if now == hanging {
                // What nothing reaches hangs on its helper, and its nests on it.
                for row in 0..grid.need.len() {
                    self.join(layout.row(row), layout.row(row), -self.dear());
                }
                last = true;
            }
            hanging = now;
        }
    }

    fn dear(&self) -> i64 {
        self.draft.arcs[0].cost
    }

    /// Whether a nest gets something beyond its least number: then it hangs on its row.
    fn fed_by_row(&self, tail: u32) -> bool {
        let nest = (tail as usize).checked_sub(self.layout.nest(0) as usize);
        nest.is_some_and(|nest| self.draft.flow[self.layout.nest_arc(nest) as usize] > 0)
    }

    /// Of the pairs with this flow, hangs each node that `offer` names at the greatest price offered.
    fn round(&mut self, flow: u32, offer: impl Fn(&Self, u32, u32, i64) -> Option<(u32, i64)>) {
        let first = self.layout.first_pair();
        let mut best: Vec<Option<(i64, u32)>> = vec![None; self.layout.nodes];
        for (at, pair) in self.pairs.iter().enumerate() {
            if self.draft.flow[first + at] != flow {
                continue;
            }
            let expert = self.layout.expert(pair.column as usize);
            let Some((node, price)) = offer(self, self.tails[at], expert, pair.worth) else {
                continue;
            };
            let node = node as usize;
            if self.price[node].is_none() && best[node].is_none_or(|(most, _)| price > most) {
                best[node] = Some((price, (first + at) as u32));
            }
        }
        for (node, best) in best.into_iter().enumerate() {
            if let Some((price, arc)) = best {
                self.join(node as u32, arc, price);
            }
        }
    }

    fn join(&mut self, node: u32, arc: u32, price: i64) {
        if self.price[node as usize].is_none() {
            self.draft.joins[node as usize] = arc;
            self.price[node as usize] = Some(price);
        }
    }
}
