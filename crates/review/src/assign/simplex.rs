//! The primal network simplex on integers.
//!
//! The basis is always strongly feasible: every node can send a unit to the root along the tree. The
//! leaving arc is the last that blocks, seen from the join in the direction of the push, which keeps it
//! so and makes cycling impossible (Cunningham 1976).

use super::tree::Tree;

/// An arc; what may flow through it stands in lists of the network.
#[derive(Clone, Copy)]
pub(super) struct Arc {
    /// What one unit costs.
    pub cost: i64,
    pub from: u32,
    pub to: u32,
}

const AT_NOTHING: i8 = 1;
const IN_TREE: i8 = 0;
const FULL: i8 = -1;

/// A network with a basis. Arc `v` below the number of nodes is the helper of node `v`: it joins the
/// node and the root at a price that no way through the network can reach, and carries what has no
/// way yet. The root, node 0, takes whatever the others send.
pub(super) struct Simplex {
    arcs: Vec<Arc>,
    state: Vec<i8>,
    room: Vec<u32>,
    flow: Vec<u32>,
    tree: Tree,
    price: Vec<i64>,
    /// Where the search for an entering arc goes on.
    next: usize,
    /// How many arcs were exchanged.
    pub pivots: u64,
}

/// A network before its first basis.
pub(super) struct Draft {
    pub arcs: Vec<Arc>,
    pub room: Vec<u32>,
    pub flow: Vec<u32>,
    /// For each node the arc that joins it to the tree; its own number for the helper.
    pub joins: Vec<u32>,
}

impl Draft {
    /// Helpers for all nodes; the caller turns and fills those that carry something.
    pub fn new(nodes: usize, dear: i64) -> Self {
        let helper = |node| Arc {
            cost: dear,
            from: node,
            to: 0,
        };
        Self {
            arcs: (0..nodes as u32).map(helper).collect(),
            room: vec![u32::MAX >> 1; nodes],
            flow: vec![0; nodes],
            joins: (0..nodes as u32).collect(),
        }
    }

    /// Adds an arc and answers its number.
    pub fn arc(&mut self, from: u32, to: u32, room: u32, cost: i64) -> u32 {
        self.arcs.push(Arc { cost, from, to });
        self.room.push(room);
        self.flow.push(0);
        self.arcs.len() as u32 - 1
    }

    /// Whether no more fits through the arc.
    pub fn is_full(&self, arc: u32) -> bool {
        self.flow[arc as usize] >= self.room[arc as usize]
    }

    /// Lets the node's helper carry what the node has too much (or, negative, too little).
    pub fn help(&mut self, node: u32, surplus: i64) {
        let at = node as usize;
        if surplus < 0 {
            self.arcs[at].from = 0;
            self.arcs[at].to = node;
        }
        self.flow[at] = surplus.unsigned_abs() as u32;
        self.joins[at] = node;
    }

    /// The network with its basis: the arcs named in `joins`, of which each node can send to the root.
    pub fn begin(self) -> Simplex {
        let nodes = self.joins.len();
        let mut parent = vec![0; nodes];
        let mut up = vec![true; nodes];
        let mut state: Vec<i8> = self
            .flow
            .iter()
            .map(|flow| if *flow == 0 { AT_NOTHING } else { FULL })
            .collect();
        for node in 1..nodes {
            let arc = self.arcs[self.joins[node] as usize];
            up[node] = arc.from == node as u32;
            parent[node] = if up[node] { arc.to } else { arc.from };
            state[self.joins[node] as usize] = IN_TREE;
        }
        let mut simplex = Simplex {
            state,
            room: self.room,
            flow: self.flow,
            tree: Tree::of(parent, self.joins, up),
            price: vec![0; nodes],
            next: nodes,
            arcs: self.arcs,
            pivots: 0,
        };
        simplex.price_anew();
        simplex
    }
}

impl Simplex {
    pub fn arcs(&self) -> &[Arc] {
        &self.arcs
    }

    pub fn flow(&self, arc: u32) -> u32 {
        self.flow[arc as usize]
    }

    pub fn prices(&self) -> &[i64] {
        &self.price
    }

    /// Adds an arc through which nothing flows yet, and answers its number.
    pub fn add(&mut self, from: u32, to: u32, room: u32, cost: i64) -> u32 {
        self.arcs.push(Arc { cost, from, to });
        self.state.push(AT_NOTHING);
        self.room.push(room);
        self.flow.push(0);
        self.arcs.len() as u32 - 1
    }

    /// Gives the arcs from number `first` on new costs, and the helpers theirs; the basis stays.
    pub fn reprice(&mut self, cost: impl Fn(&Arc) -> i64, first: usize, dear: i64) {
        for arc in &mut self.arcs[first..] {
            arc.cost = cost(arc);
        }
        let nodes = self.price.len();
        for helper in &mut self.arcs[..nodes] {
            helper.cost = dear;
        }
        self.price_anew();
    }

    /// How much the helpers carry.
    pub fn helped(&self) -> u64 {
        self.flow[1..self.price.len()]
            .iter()
            .map(|flow| u64::from(*flow))
            .sum()
    }

    /// Cost of the flow, but for the helpers.
    pub fn cost(&self) -> i64 {
        let nodes = self.price.len();
        let arcs = self.arcs[nodes..].iter().zip(&self.flow[nodes..]);
        arcs.map(|(arc, flow)| arc.cost * i64::from(*flow)).sum()
    }

    /// A bound from below on the cost of every flow that sends `supply` from each node, for any prices
    /// (the dual of the linear programme).
    pub fn bound(&self, supply: &[i64]) -> i64 {
        let nodes = self.price.len();
        let sent = supply.iter().zip(&self.price);
        let sent: i64 = sent.skip(1).map(|(supply, price)| -supply * price).sum();
        let arcs = self.arcs[nodes..].iter().zip(&self.room[nodes..]);
        let arcs = arcs.map(|(arc, room)| i64::from(*room) * self.reduced(arc).min(0));
        sent + arcs.sum::<i64>()
    }

    /// Exchanges arcs until no arc's reduced cost is of the wrong sign: then the flow is the cheapest.
    pub fn run(&mut self) {
        let nodes = self.price.len();
        let block = ((self.arcs.len() as f64).sqrt() as usize).max(16);
        while let Some(arc) = self.entering(nodes, block) {
            self.pivot(arc);
        }
    }

    fn reduced(&self, arc: &Arc) -> i64 {
        arc.cost + self.price[arc.from as usize] - self.price[arc.to as usize]
    }

    /// The worst arc of the next block that has one.
    fn entering(&mut self, first: usize, block: usize) -> Option<u32> {
        let end = self.arcs.len();
        let mut at = if self.next < end { self.next } else { first };
        let mut left = end - first;
        while left > 0 {
            let stop = (at + block.min(left)).min(end);
            let (mut best, mut found) = (0, None);
            for number in at..stop {
                let cost = i64::from(self.state[number]) * self.reduced(&self.arcs[number]);
                if cost < best {
                    best = cost;
                    found = Some(number as u32);
                }
            }
            left -= stop - at;
            at = if stop == end { first } else { stop };
            if found.is_some() {
                self.next = at;
                return found;
            }
        }
        None
    }

    fn pivot(&mut self, entering: u32) {
        self.pivots += 1;
        let number = entering as usize;
        let arc = self.arcs[number];
        let full = self.state[number] == FULL;
        // The push goes from `start` to `end` through the entering arc, and back through the tree.
        let (start, end) = if full {
            (arc.to, arc.from)
        } else {
            (arc.from, arc.to)
        };
        let join = self.tree.join(start, end);
        let mut push = self.room[number];
        let mut leaving = None;
        let mut node = start;
        while node != join {
            let (arc, up) = self.tree.arc(node);
            let can = self.can(arc, !up);
            if can < push {
                push = can;
                leaving = Some((node, true));
            }
            node = self.tree.parent(node);
        }
        node = end;
        while node != join {
            let (arc, up) = self.tree.arc(node);
            let can = self.can(arc, up);
            if can <= push {
                push = can;
                leaving = Some((node, false));
            }
            node = self.tree.parent(node);
        }
        if push > 0 {
            self.carry(entering, !full, push);
            node = start;
            while node != join {
                let (arc, up) = self.tree.arc(node);
                self.carry(arc, !up, push);
                node = self.tree.parent(node);
            }
            node = end;
            while node != join {
                let (arc, up) = self.tree.arc(node);
                self.carry(arc, up, push);
                node = self.tree.parent(node);
            }
        }
        let Some((out, at_start)) = leaving else {
            self.state[number] = -self.state[number];
            return;
        };
        let left = self.tree.arc(out).0 as usize;
        self.state[left] = if self.flow[left] == 0 {
            AT_NOTHING
        } else {
            FULL
        };
        self.state[number] = IN_TREE;
        let (inner, outer) = if at_start { (start, end) } else { (end, start) };
        let up = arc.from == inner;
        let shift = if up {
            -self.reduced(&arc)
        } else {
            self.reduced(&arc)
        };
        self.tree.rehang(out, inner, outer, join, entering, up);
        let price = &mut self.price;
        self.tree.walk(inner, |node| price[node] += shift);
    }

    /// How much more fits through the arc, along it or against it.
    fn can(&self, arc: u32, along: bool) -> u32 {
        let (flow, room) = (self.flow[arc as usize], self.room[arc as usize]);
        if along { room - flow } else { flow }
    }

    fn carry(&mut self, arc: u32, along: bool, units: u32) {
        let flow = &mut self.flow[arc as usize];
        *flow = if along { *flow + units } else { *flow - units };
    }

    /// Prices under which the reduced cost of each arc of the tree is nothing.
    fn price_anew(&mut self) {
        let Self {
            tree, arcs, price, ..
        } = self;
        price[0] = 0;
        tree.walk(0, |node| {
            if node > 0 {
                let (arc, up) = tree.arc(node as u32);
                let cost = arcs[arc as usize].cost;
                let parent = price[tree.parent(node as u32) as usize];
                price[node] = if up { parent - cost } else { parent + cost };
            }
        });
    }
}
