use std::ops::Range;

use call::RankingRule;

use crate::{ProposalInput, SelectionInput};

/// A checked input, ready for the walk: who is on the ranking list, in ranking order.
pub(crate) struct List<'a> {
    pub(crate) rule: RankingRule,
    /// On the list, by falling score, then by code.
    pub(crate) proposals: Vec<&'a ProposalInput>,
    /// Per proposal of the list, cents asked of each funder, in the funders' order.
    pub(crate) requests: Vec<Vec<i64>>,
    /// Runs of equal score.
    pub(crate) groups: Vec<Range<usize>>,
}

impl<'a> List<'a> {
    pub(crate) fn new(input: &'a SelectionInput) -> Self {
        let mut proposals: Vec<&ProposalInput> = input
            .proposals
            .iter()
            .filter(|one| one.is_listed())
            .collect();
        proposals.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.code.cmp(&b.code)));
        let requests = proposals
            .iter()
            .map(|one| {
                let asked = |code: &String| one.requests.get(code).map_or(0, |amount| amount.0);
                input
                    .funders
                    .iter()
                    .map(|funder| asked(&funder.code))
                    .collect()
            })
            .collect();
        let mut groups = Vec::new();
        let mut start = 0;
        for run in proposals.chunk_by(|a, b| a.score == b.score) {
            groups.push(start..start + run.len());
            start += run.len();
        }
        Self {
            rule: input.ranking_rule,
            proposals,
            requests,
            groups,
        }
    }

    /// `left` less what the proposals at `places` ask; below zero where it is not enough.
    pub(crate) fn less(&self, left: &[i64], places: impl IntoIterator<Item = usize>) -> Vec<i64> {
        let mut left = left.to_vec();
        for place in places {
            for (rest, asked) in left.iter_mut().zip(&self.requests[place]) {
                *rest -= asked;
            }
        }
        left
    }

    /// Whether the proposal at `place` can be paid from what is left.
    pub(crate) fn fits(&self, place: usize, left: &[i64]) -> bool {
        self.requests[place]
            .iter()
            .zip(left)
            .all(|(asked, rest)| asked <= rest)
    }

    /// The codes of proposals of the list.
    pub(crate) fn codes(&self, places: &[usize]) -> Vec<String> {
        places
            .iter()
            .map(|place| self.proposals[*place].code.clone())
            .collect()
    }
}
