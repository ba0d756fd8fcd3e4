//! What a ranking list is computed from, so that anybody can compute it again.

use std::collections::BTreeMap;

use call::{Criterion, EvaluationRules, Score, Topic};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Candidate, Entry, rank, rank_by_topic};
use crate::{Consensus, Rating};

/// What a ranking list is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RankingInput {
    /// 1 or 2.
    pub stage: i32,
    /// The criteria with their weights and thresholds.
    pub criteria: Vec<Criterion>,
    /// The least weighted total that passes.
    pub threshold_total: Score,
    /// The topics in the call's order; left out where the stage has one list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<Topic>>,
    /// Everything that the panel agreed on and that takes part, in no order that matters.
    pub proposals: Vec<Agreed>,
}

/// What the panel agreed on for one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Key of the topic it stands in, where there are lists by topic and it stands in exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The agreed scores, by the key of their criterion.
    pub scores: BTreeMap<String, Score>,
    /// Their weighted total.
    pub total: Score,
    /// Whether each score and the total reach their thresholds.
    pub above_thresholds: bool,
    /// The panel's advice.
    pub rating: Rating,
}

/// A ranking list with what it was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ranked {
    /// What it was computed from.
    pub input: RankingInput,
    /// Its lines.
    pub entries: Vec<Entry>,
}

impl RankingInput {
    /// The lines of the list.
    pub fn entries(&self) -> Vec<Entry> {
        let candidates = self.proposals.iter().map(|one| {
            let candidate = Candidate {
                proposal: one.proposal,
                number: one.number.clone(),
                total: one.total,
                rating: one.rating,
                above_thresholds: one.above_thresholds,
                // What was withdrawn takes no part any more and is not among them.
                withdrawn: false,
            };
            (one.topic.clone(), candidate)
        });
        match &self.topics {
            Some(topics) => rank_by_topic(topics, candidates.collect()),
            None => rank(candidates.map(|(_, candidate)| candidate).collect()),
        }
    }

    /// One fault for each proposal whose total, or whose passing of the thresholds, does not follow from its scores:
    /// the rules were changed after the panel agreed on it, or the one or the other was tampered with.
    pub fn check(&self) -> Faults {
        let rules = EvaluationRules {
            criteria: self.criteria.clone(),
            threshold_total: self.threshold_total,
            ..EvaluationRules::default()
        };
        let mut faults = Faults::default();
        for one in &self.proposals {
            let agreed = Consensus {
                scores: one.scores.clone(),
                comment: String::new(),
                rating: one.rating,
            };
            let (total, passes) = (agreed.total(&rules), agreed.passes_thresholds(&rules));
            faults.require(
                (total, passes) == (one.total, one.above_thresholds),
                "/proposals",
                "consensus_outdated",
                format!(
                    "by the rules of the stage the scores of {} add up to {total}, and its consensus says {} or passes \
                     other thresholds; record the consensus again",
                    one.number, one.total
                ),
            );
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(number: &str, scores: [i32; 3]) -> Agreed {
        let keys = EvaluationRules::default().criteria;
        let keys = keys.into_iter().map(|one| one.key);
        Agreed {
            proposal: Uuid::nil(),
            number: number.to_owned(),
            topic: None,
            scores: keys.zip(scores.map(Score)).collect(),
            total: Score(scores.iter().sum()),
            above_thresholds: true,
            rating: Rating::Recommended,
        }
    }

    fn input(proposals: Vec<Agreed>) -> RankingInput {
        let rules = EvaluationRules::default();
        RankingInput {
            stage: 1,
            criteria: rules.criteria,
            threshold_total: rules.threshold_total,
            topics: None,
            proposals,
        }
    }

    #[test]
    fn the_list_is_the_same_in_whatever_order_the_panel_agreed() {
        let all = [
            agreed("P-2", [450, 400, 350]),
            agreed("P-1", [500, 500, 500]),
            agreed("P-3", [400, 400, 400]),
        ];
        let list = input(all.to_vec()).entries();
        let told: Vec<_> = list
            .iter()
            .map(|one| (one.position, one.number.as_str()))
            .collect();
        assert_eq!(told, [(1, "P-1"), (2, "P-2"), (2, "P-3")]);
        let mut turned = all.to_vec();
        turned.reverse();
        assert_eq!(input(turned).entries(), list);
    }

    #[test]
    fn a_total_that_the_scores_do_not_make_is_named() {
        let mut all = input(vec![
            agreed("P-1", [500, 500, 500]),
            agreed("P-2", [450, 400, 350]),
        ]);
        assert!(all.check().is_empty());
        all.proposals[1].total = Score(1250);
        let faults = all.check().0;
        assert_eq!(faults.len(), 1);
        assert!(faults[0].detail.contains("P-2"), "{}", faults[0].detail);
        all.proposals[1] = agreed("P-2", [100, 500, 500]);
        assert_eq!(
            all.check().0.len(),
            1,
            "below a threshold, and said to pass"
        );
    }
}
