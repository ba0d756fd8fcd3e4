//! The network of an assignment: places of proposals, experts, their loads, the sink.

use uuid::Uuid;

use super::network::Network;
use super::remainder::Remainder;
use super::{Assignment, Pair};

/// Where all units end. It has the smallest number, so that of equal ways the shortest ends first.
pub(super) const SINK: usize = 0;
/// Collects what experts take up to their least load; the way on is as wide as all of these together.
const DUE: usize = 1;
/// Collects what experts take beyond. The way on is as wide as what then remains, so that a full
/// flow fills [`DUE`]: this is how the least loads are kept.
const MORE: usize = 2;
const FIRST_EXPERT: usize = 3;

/// The network of a remainder.
pub(super) struct Flow {
    pub network: Network,
    experts: usize,
    /// (proposal, expert, arc), by proposal and expert.
    pairs: Vec<(usize, usize, usize)>,
    /// For each expert the arcs to [`DUE`] and [`MORE`].
    loads: Vec<[usize; 2]>,
    /// The arcs from [`DUE`] and [`MORE`] to the sink.
    ends: [usize; 2],
}

impl Flow {
    pub fn of(rest: &Remainder) -> Self {
        let experts = rest.experts.len();
        let mut network = Network::new(FIRST_EXPERT + experts + rest.proposals.len());
        let due: u32 = rest.least.iter().sum();
        let all: u32 = rest.need.iter().sum();
        let ends = [
            network.arc(DUE, SINK, due, 0),
            network.arc(MORE, SINK, all.saturating_sub(due), 0),
        ];
        let loads = (0..experts)
            .map(|e| {
                let more = rest.most[e] - rest.least[e];
                let node = FIRST_EXPERT + e;
                [
                    network.arc(node, DUE, rest.least[e], 0),
                    network.arc(node, MORE, more, 0),
                ]
            })
            .collect();
        let mut flow = Self {
            network,
            experts,
            pairs: Vec::new(),
            loads,
            ends,
        };
        for p in 0..rest.proposals.len() {
            let open = (0..experts).filter(|e| rest.is_open(p, *e));
            let best = open.clone().map(|e| rest.affinity(p, e)).max().unwrap_or(0);
            // The best affinity as the proposal's price makes every reduced cost start at 0 or above.
            flow.network.price(flow.proposal(p), best);
            for e in open {
                let arc =
                    flow.network
                        .arc(flow.proposal(p), FIRST_EXPERT + e, 1, -rest.affinity(p, e));
                flow.pairs.push((p, e, arc));
            }
        }
        flow
    }

    pub fn proposal(&self, p: usize) -> usize {
        FIRST_EXPERT + self.experts + p
    }

    pub fn open_between(
        &self,
        rest: &Remainder,
        proposal: Uuid,
        expert: Uuid,
    ) -> Option<(usize, usize, usize)> {
        let p = rest.proposals.binary_search(&proposal).ok()?;
        let e = rest.experts.binary_search(&expert).ok()?;
        let at = self
            .pairs
            .binary_search_by_key(&(p, e), |(p, e, _)| (*p, *e))
            .ok()?;
        self.pairs.get(at).copied()
    }

    /// Sends what each expert has on to the sink; `None` where it does not fit.
    pub fn load(&mut self, rest: &Remainder, load: &[u32]) -> Option<()> {
        for (e, load) in load.iter().enumerate() {
            for unit in 0..*load {
                let way = usize::from(unit >= rest.least[e]);
                self.network.push(self.loads[e][way])?;
                self.network.push(self.ends[way])?;
            }
        }
        Some(())
    }

    pub fn assignment(&self, rest: &Remainder) -> Assignment {
        let mut pairs = rest.kept_pairs.clone();
        for (p, e, arc) in &self.pairs {
            if self.network.is_used(*arc) {
                pairs.push(Pair {
                    proposal: rest.proposals[*p],
                    expert: rest.experts[*e],
                    affinity: rest.affinity(*p, *e),
                    kept: false,
                });
            }
        }
        pairs.sort_by_key(|pair| (pair.proposal, pair.expert));
        let (total, worst) = self.sums(rest, &pairs);
        Assignment {
            pairs,
            total,
            worst,
        }
    }

    /// The total of the pairs, and the sum of the worst-served proposal.
    pub fn sums(&self, rest: &Remainder, pairs: &[Pair]) -> (i64, i64) {
        let mut sums = vec![0_i64; rest.proposals.len()];
        for pair in pairs {
            let p = rest.proposals.binary_search(&pair.proposal);
            let e = rest.experts.binary_search(&pair.expert);
            if let (Ok(p), Ok(e)) = (p, e) {
                sums[p] += rest.affinity(p, e);
            }
        }
        (sums.iter().sum(), sums.iter().min().copied().unwrap_or(0))
    }
}
