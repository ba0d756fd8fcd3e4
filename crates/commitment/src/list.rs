use std::cmp::{Ordering, Reverse};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use call::RankingRule;

use crate::column::add;
use crate::{ProposalInput, SelectionInput};

/// By falling score, then by code.
fn by_rank(a: &ProposalInput, b: &ProposalInput) -> Ordering {
    b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code))
}

/// A checked input, ready for the walk: who is on the ranking list, in ranking order.
pub(crate) struct List<'a> {
    pub(crate) rule: RankingRule,
    /// On the list: first what was decided before, each by falling score, then by code.
    pub(crate) proposals: Vec<&'a ProposalInput>,
    /// What was decided before, as one group; then runs of equal score.
    pub(crate) groups: Vec<Range<usize>>,
    /// How many were decided before.
    pub(crate) kept: usize,
    /// Codes of what was chosen among equals.
    chosen: HashSet<&'a str>,
    funders: usize,
    /// Cents asked of each funder, in the funders' order, proposal by proposal.
    requests: Vec<i64>,
}

impl<'a> List<'a> {
    pub(crate) fn new(input: &'a SelectionInput) -> Self {
        Self::with(input, &input.kept)
    }

    /// The list as the panel ranked it: what was decided before stands where it ranks.
    pub(crate) fn ranked(input: &'a SelectionInput) -> Self {
        Self::with(input, &[])
    }

    fn with(input: &'a SelectionInput, kept: &[String]) -> Self {
        let mut proposals: Vec<&ProposalInput> = input
            .proposals
            .iter()
            .filter(|one| one.is_listed())
            .collect();
        let kept: HashSet<&str> = kept.iter().map(String::as_str).collect();
        let is_kept = |one: &ProposalInput| kept.contains(one.code.as_str());
        proposals.sort_by(|a, b| is_kept(b).cmp(&is_kept(a)).then_with(|| by_rank(a, b)));
        let funders = input.funders.len();
        let places: HashMap<&str, usize> = input
            .funders
            .iter()
            .enumerate()
            .map(|(place, funder)| (funder.code.as_str(), place))
            .collect();
        let mut requests = vec![0; proposals.len() * funders];
        for (place, one) in proposals.iter().enumerate() {
            for (code, amount) in &one.requests {
                if let Some(funder) = places.get(code.as_str()) {
                    requests[place * funders + funder] = amount.0;
                }
            }
        }
        let mut groups = Vec::new();
        let mut start = 0;
        let equals = |a: &&ProposalInput, b: &&ProposalInput| {
            is_kept(a) == is_kept(b) && (is_kept(a) || a.score == b.score)
        };
        for run in proposals.chunk_by(equals) {
            groups.push(start..start + run.len());
            start += run.len();
        }
        Self {
            rule: input.ranking_rule,
            kept: proposals.iter().filter(|one| is_kept(one)).count(),
            chosen: input.chosen.iter().map(String::as_str).collect(),
            proposals,
            groups,
            funders,
            requests,
        }
    }

    /// Puts the set that was chosen in front of its equals; these stay in their order.
    pub(crate) fn prefer_chosen(&self, equals: &mut [Vec<usize>]) {
        if self.chosen.is_empty() {
            return;
        }
        let is_chosen =
            |place: &&usize| self.chosen.contains(self.proposals[**place].code.as_str());
        equals.sort_by_key(|set| Reverse(set.iter().filter(is_chosen).count()));
    }

    /// What the proposal at `place` asks of each funder.
    pub(crate) fn row(&self, place: usize) -> &[i64] {
        &self.requests[place * self.funders..(place + 1) * self.funders]
    }

    /// The rows of a group.
    pub(crate) fn rows(&self, group: usize) -> Vec<&[i64]> {
        self.groups[group]
            .clone()
            .map(|place| self.row(place))
            .collect()
    }

    /// What the proposals at `places` ask together of each funder.
    pub(crate) fn requested(&self, places: impl IntoIterator<Item = usize>) -> Vec<i64> {
        let mut sums = vec![0; self.funders];
        for place in places {
            add(&mut sums, self.row(place));
        }
        sums
    }

    /// The codes of proposals of the list, in ranking order.
    pub(crate) fn codes_by_rank(&self, places: &[usize]) -> Vec<String> {
        let mut places = places.to_vec();
        places.sort_by(|a, b| by_rank(self.proposals[*a], self.proposals[*b]));
        self.codes(&places)
    }

    /// The codes of proposals of the list.
    pub(crate) fn codes(&self, places: &[usize]) -> Vec<String> {
        places
            .iter()
            .map(|place| self.proposals[*place].code.clone())
            .collect()
    }
}
