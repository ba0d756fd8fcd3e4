//! Minimum-cost flow by successive shortest paths with prices, on integers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One direction of an arc; its other direction is the one at the number with the last bit flipped.
struct Arc {
    to: usize,
    /// How much more may flow.
    room: u32,
    /// What one unit costs.
    cost: i64,
}

/// A network, the flow sent through it so far, and a price for each node under which no arc with
/// room has a negative reduced cost: that is what makes the flow the cheapest of its size.
pub(super) struct Network {
    arcs: Vec<Arc>,
    from: Vec<Vec<usize>>,
    price: Vec<i64>,
}

impl Network {
    pub fn new(nodes: usize) -> Self {
        Self {
            arcs: Vec::new(),
            from: vec![Vec::new(); nodes],
            price: vec![0; nodes],
        }
    }

    /// Adds an arc and answers its number.
    pub fn arc(&mut self, from: usize, to: usize, room: u32, cost: i64) -> usize {
        let number = self.arcs.len();
        self.arcs.push(Arc { to, room, cost });
        self.arcs.push(Arc {
            to: from,
            room: 0,
            cost: -cost,
        });
        self.from[from].push(number);
        self.from[to].push(number + 1);
        number
    }

    /// Sets a node's first price. The caller sees to it that no arc's reduced cost is negative.
    pub fn price(&mut self, node: usize, price: i64) {
        self.price[node] = price;
    }

    /// Whether anything flows through the arc.
    pub fn is_used(&self, arc: usize) -> bool {
        self.arcs[arc ^ 1].room > 0
    }

    /// Sends one unit through the arc, if it has room.
    pub fn push(&mut self, arc: usize) -> Option<()> {
        self.arcs[arc].room = self.arcs[arc].room.checked_sub(1)?;
        self.arcs[arc ^ 1].room += 1;
        Some(())
    }

    fn reduced_cost(&self, from: usize, arc: &Arc) -> i64 {
        arc.cost + self.price[from] - self.price[arc.to]
    }

    /// Sends one unit along the cheapest way from `source` to `sink`; `false` where there is none.
    ///
    /// Dijkstra on reduced costs, ended when the sink is settled. Of equal distances the node with
    /// the smaller number is settled first, so that the same network always takes the same way.
    pub fn send(&mut self, source: usize, sink: usize) -> bool {
        let mut distance = vec![i64::MAX; self.from.len()];
        let mut by = vec![usize::MAX; self.from.len()];
        let mut settled: Vec<usize> = Vec::new();
        let mut next = BinaryHeap::from([Reverse((0_i64, source))]);
        distance[source] = 0;
        while let Some(Reverse((far, node))) = next.pop() {
            if far > distance[node] {
                continue;
            }
            if node == sink {
                break;
            }
            settled.push(node);
            for number in &self.from[node] {
                let arc = &self.arcs[*number];
                if arc.room == 0 {
                    continue;
                }
                let there = far + self.reduced_cost(node, arc);
                if there < distance[arc.to] {
                    distance[arc.to] = there;
                    by[arc.to] = *number;
                    next.push(Reverse((there, arc.to)));
                }
            }
        }
        let length = distance[sink];
        if length == i64::MAX {
            return false;
        }
        for node in settled {
            self.price[node] += distance[node] - length;
        }
        let mut node = sink;
        while node != source {
            let arc = by[node];
            self.arcs[arc].room -= 1;
            self.arcs[arc ^ 1].room += 1;
            node = self.arcs[arc ^ 1].to;
        }
        true
    }

    /// Prices under which no arc with room has a negative reduced cost, found without looking at our
    /// own (Bellman and Ford). There are none exactly where a circle of arcs with room has a negative
    /// cost, which is where a cheaper flow of the same size exists.
    pub fn prices(&self) -> Option<Vec<i64>> {
        let mut price = vec![0_i64; self.from.len()];
        for _ in 0..=self.from.len() {
            let mut changed = false;
            for (node, arcs) in self.from.iter().enumerate() {
                for number in arcs {
                    let arc = &self.arcs[*number];
                    if arc.room > 0 && price[node] + arc.cost < price[arc.to] {
                        price[arc.to] = price[node] + arc.cost;
                        changed = true;
                    }
                }
            }
            if !changed {
                return Some(price);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_unit_turns_the_first_aside() {
        // Both sources want node 3; only source 1 can go elsewhere, at a loss of 1.
        let mut network = Network::new(5);
        let arcs = [
            network.arc(1, 3, 1, 0),
            network.arc(1, 4, 1, 1),
            network.arc(2, 3, 1, 5),
        ];
        network.arc(3, 0, 1, 0);
        network.arc(4, 0, 1, 0);
        assert!(network.send(1, 0));
        assert!(network.is_used(arcs[0]));
        assert!(network.send(2, 0));
        assert_eq!(arcs.map(|arc| network.is_used(arc)), [false, true, true]);
        assert!(!network.send(1, 0));
        assert!(network.prices().is_some());
    }

    #[test]
    fn a_flow_that_could_be_cheaper_has_no_prices() {
        let mut network = Network::new(4);
        let dear = [network.arc(1, 2, 1, 7), network.arc(2, 0, 1, 0)];
        network.arc(1, 3, 1, 6);
        network.arc(3, 0, 1, 0);
        for arc in dear {
            network.push(arc).unwrap();
        }
        assert_eq!(network.prices(), None);
        assert_eq!(network.push(dear[0]), None);
    }
}
