//! Why a proposal is not funded, and whether money would change it.

use std::cell::Cell;

use call::RankingRule;
use compact_str::CompactString;
use kernel::Amount;

use crate::column::add;
use crate::edge::STEPS;
use crate::list::List;
use crate::missing::{Proportional, missing};
use crate::pot::Pot;
use crate::search::Steps;
use crate::selection::{AdditionalNational, NotFunded, Reason, Shortfall};
use crate::walk::{Walk, edge, of_group};

/// A finished walk, to be asked why.
pub(crate) struct Outcome<'a> {
    pub(crate) list: &'a List<'a>,
    pub(crate) pot: &'a Pot,
    pub(crate) walk: &'a Walk,
    pub(crate) codes: Vec<CompactString>,
    /// What is requested of each funder by what is selected.
    pub(crate) requested: &'a [i64],
    /// Steps that all re-runs together may still take.
    pub(crate) reruns: Cell<u64>,
}

/// Steps of all re-runs of a selection: where groups of equals are so large that each takes many, the rest of
/// them is left out, and what they would confirm is not confirmed.
pub(crate) const RERUNS: u64 = 4 * STEPS;

impl Outcome<'_> {
    /// The proposals on the list that are not funded, by their places.
    pub(crate) fn not_funded(&self) -> Vec<(usize, NotFunded)> {
        let mut all = Vec::new();
        let mut parts = Proportional::default();
        // Whether everything above is funded.
        let mut whole = true;
        for (group, range) in self.list.groups.iter().enumerate() {
            let chosen = &self.walk.chosen[group];
            for place in range.clone().filter(|place| !chosen.contains(place)) {
                all.push((place, self.explain(group, place, whole, &mut parts)));
            }
            whole &= chosen.len() == range.len();
        }
        all
    }

    fn explain(
        &self,
        group: usize,
        place: usize,
        whole: bool,
        parts: &mut Proportional,
    ) -> NotFunded {
        let row = self.list.row(place);
        let above = &self.walk.above[group];
        let mut alone = above.clone();
        add(&mut alone, row);
        let mut beside = alone.clone();
        for equal in &self.walk.chosen[group] {
            add(&mut beside, self.list.row(*equal));
        }
        let with_gaps = self.list.rule == RankingRule::WithGaps;
        let lacking = missing(self.pot, &beside, row, parts);
        let reason = if !whole && !with_gaps {
            Reason::BelowLine
        } else if self.walk.chosen[group].is_empty() {
            lacking.reason.unwrap_or(Reason::Tie)
        } else {
            missing(self.pot, &alone, row, parts)
                .reason
                .unwrap_or(Reason::Tie)
        };
        let raises = if with_gaps {
            let mut all = self.requested.to_vec();
            add(&mut all, row);
            missing(self.pot, &all, row, parts).raises
        } else {
            lacking.raises
        };
        NotFunded {
            code: self.list.proposals[place].code.clone(),
            reason,
            blocked_by: self.shortfalls(&lacking.lacks, row, reason == Reason::BelowLine),
            additional_national: Some(self.additional(group, place, &beside, &raises)),
        }
    }

    /// Below the line all that lack money block; else those of which the proposal asks some, unless all of
    /// these have enough and it is only what others need that grows.
    fn shortfalls(&self, lacks: &[i64], row: &[i64], all: bool) -> Vec<Shortfall> {
        let own = |funder: usize| row[funder] > 0 && lacks[funder] > 0;
        let all = all || !(0..row.len()).any(own);
        let blocks = |funder: &usize| lacks[*funder] > 0 && (all || own(*funder));
        let mut shortfalls = Vec::with_capacity((0..row.len()).filter(blocks).count());
        shortfalls.extend((0..row.len()).filter(blocks).map(|funder| Shortfall {
            funder: self.codes[funder].clone(),
            shortfall: Amount(lacks[funder]),
        }));
        shortfalls
    }

    fn additional(
        &self,
        group: usize,
        place: usize,
        beside: &[i64],
        raises: &[i64],
    ) -> AdditionalNational {
        let raised: Vec<usize> = (0..raises.len())
            .filter(|funder| raises[*funder] > 0)
            .collect();
        AdditionalNational {
            // Not more than everything asked, which the check of the input has added up.
            amount: Amount(raises.iter().sum()),
            at: raised
                .iter()
                .map(|funder| self.codes[*funder].clone())
                .collect(),
            parts: raised
                .iter()
                .map(|funder| Amount(raises[*funder]))
                .collect(),
            confirmed: self.confirmed(group, place, beside, raises),
        }
    }

    /// Whether the selection, run again with the raised commitments, funds the proposal.
    fn confirmed(&self, group: usize, place: usize, beside: &[i64], raises: &[i64]) -> bool {
        let mut commitments = self.pot.commitments.clone();
        add(&mut commitments, raises);
        let pot = self.pot.with(commitments);
        match self.list.rule {
            RankingRule::WithGaps => self.funded_with_gaps(&pot, group, place, raises),
            RankingRule::Binding => self.funded_when_binding(&pot, group, place, beside),
        }
    }

    /// Every longer list holds the proposal, so only its own group has to be looked at, unless nothing that
    /// ends there can be paid or what can be paid leaves it out.
    fn funded_when_binding(&self, pot: &Pot, group: usize, place: usize, beside: &[i64]) -> bool {
        if pot.fits(beside) && self.only_with(pot, group, place) {
            return true;
        }
        let range = &self.list.groups[group];
        let most = pot.total(&self.walk.above[group + 1]);
        if range.len() > 1 && !pot.hopeless(&self.walk.above[group], most) {
            let Some(mut steps) = self.steps() else {
                return false;
            };
            let above = &self.walk.above[group];
            let found = of_group(self.list, pot, group, above, false, &mut steps);
            self.took(steps);
            let first = found.answers.first();
            if first.is_some_and(|first| first.contains(&place)) {
                return true;
            }
        }
        let whole = self.walk.above.last();
        let longer = &self.walk.above[group + 1];
        let possible = whole.is_some_and(|whole| !pot.hopeless(longer, pot.total(whole)));
        if !possible {
            return false;
        }
        let Some(mut steps) = self.steps() else {
            return false;
        };
        let found = edge(self.list, pot, &self.walk.above, group + 1, &mut steps);
        self.took(steps);
        found.0.is_some()
    }

    /// Those of one whole re-run, where so many are left: with fewer it might end elsewhere than the selection itself.
    fn steps(&self) -> Option<Steps> {
        (self.reruns.get() >= STEPS).then_some(Steps(STEPS))
    }

    fn took(&self, left: Steps) {
        let used = STEPS.saturating_sub(left.0);
        self.reruns.set(self.reruns.get().saturating_sub(used));
    }

    /// Whether it is plain that no subset of the group can be paid without the proposal.
    fn only_with(&self, pot: &Pot, group: usize, place: usize) -> bool {
        let above = &self.walk.above[group];
        let most = pot.total(&self.walk.above[group + 1]) - pot.total(self.list.row(place));
        let others = self.list.groups[group].clone().filter(|one| *one != place);
        let mut low = vec![0; above.len()];
        others.into_iter().all(|other| {
            low.copy_from_slice(above);
            add(&mut low, self.list.row(other));
            pot.hopeless(&low, most)
        })
    }

    /// Walks again as far as the proposal's group. Above the first group that the raised commitments could
    /// change everything stays as it was.
    fn funded_with_gaps(&self, pot: &Pot, group: usize, place: usize, raises: &[i64]) -> bool {
        let first = (0..group)
            .find(|one| self.changes(*one, raises))
            .unwrap_or(group);
        let mut requested = self.walk.above[first].clone();
        let Some(mut steps) = self.steps() else {
            return false;
        };
        for one in first..=group {
            let before = steps.0;
            let found = of_group(self.list, pot, one, &requested, true, &mut steps);
            self.took(Steps(STEPS - (before - steps.0)));
            let answer = found.answers.into_iter().next().unwrap_or_default();
            if one == group {
                return answer.contains(&place);
            }
            for item in answer {
                add(&mut requested, self.list.row(item));
            }
        }
        false
    }

    /// Whether raised commitments could change what is funded of a group: not where all of it is, and not
    /// where each of the rest lacks money of a funder that raises nothing.
    fn changes(&self, group: usize, raises: &[i64]) -> bool {
        let above = &self.walk.above[group];
        let chosen = &self.walk.chosen[group];
        let range = self.list.groups[group].clone();
        let lacks_elsewhere = |place: usize| {
            let row = self.list.row(place);
            (0..row.len()).any(|funder| {
                raises[funder] == 0
                    && row[funder] > 0
                    && above[funder] + row[funder] > self.pot.limits[funder]
            })
        };
        chosen.len() < range.len()
            && range
                .filter(|place| !chosen.contains(place))
                .any(|place| !lacks_elsewhere(place))
    }
}
