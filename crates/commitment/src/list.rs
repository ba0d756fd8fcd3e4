use std::collections::HashMap;
use std::ops::Range;

use call::RankingRule;

use crate::column::add;
use crate::{ProposalInput, SelectionInput};

/// A checked input, ready for the walk: who is on the ranking list, in ranking order.
pub(crate) struct List<'a> {
    pub(crate) rule: RankingRule,
    /// On the list, by falling score, then by code.
    pub(crate) proposals: Vec<&'a ProposalInput>,
    /// Runs of equal score.
    pub(crate) groups: Vec<Range<usize>>,
    funders: usize,
    /// Cents asked of each funder, in the funders' order, proposal by proposal.
    requests: Vec<i64>,
}

impl<'a> List<'a> {
    pub(crate) fn new(input: &'a SelectionInput) -> Self {
        let mut proposals: Vec<&ProposalInput> = input
            .proposals
            .iter()
            .filter(|one| one.is_listed())
            .collect();
        proposals.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
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
        for run in proposals.chunk_by(|a, b| a.score == b.score) {
            groups.push(start..start + run.len());
            start += run.len();
        }
        Self {
            rule: input.ranking_rule,
            proposals,
            groups,
            funders,
            requests,
        }
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

    /// The codes of proposals of the list.
    pub(crate) fn codes(&self, places: &[usize]) -> Vec<String> {
        places
            .iter()
            .map(|place| self.proposals[*place].code.clone())
            .collect()
    }
}
