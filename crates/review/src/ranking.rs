use call::{Score, Topic};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Rating;

/// A proposal with its consensus, as the ranking reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call, such as `P-017`.
    pub number: String,
    /// The weighted total of the consensus.
    pub total: Score,
    /// The panel's advice.
    pub rating: Rating,
    /// Whether each score and the total reach their thresholds.
    pub above_thresholds: bool,
    /// Whether the coordinator withdrew it.
    pub withdrawn: bool,
}

/// A line of the ranking list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// One more than the number of lines with a higher total; equal totals share it.
    pub position: u32,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// The weighted total.
    pub total: Score,
    /// The panel's advice.
    pub rating: Rating,
}

/// The ranking list: what is recommended (also "if funds allow"), above the thresholds and not
/// withdrawn, by total. What is not on it makes no gap.
///
/// Ties stay ties: equal totals share a position, the next position skips as many, and the order by
/// number within a tie is for reading only. Which of a tie is funded is the selection's matter.
pub fn rank(candidates: Vec<Candidate>) -> Vec<Entry> {
    let mut listed: Vec<Candidate> = candidates
        .into_iter()
        .filter(|c| c.rating != Rating::NotRecommended && c.above_thresholds && !c.withdrawn)
        .collect();
    listed.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.number.cmp(&b.number)));
    let mut entries: Vec<Entry> = Vec::with_capacity(listed.len());
    for (place, candidate) in (1..).zip(listed) {
        let tie = entries
            .last()
            .filter(|above| above.total == candidate.total);
        entries.push(Entry {
            position: tie.map_or(place, |above| above.position),
            proposal: candidate.proposal,
            number: candidate.number,
            total: candidate.total,
            rating: candidate.rating,
        });
    }
    entries
}

/// The ranking list of one topic, or the only one of a call without topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopicList {
    /// The topic's key; none where the call has no topics.
    pub topic: Option<String>,
    /// Its lines.
    pub entries: Vec<Entry>,
}

/// A list for each topic of the call, in the call's order and also where it is empty; one list where the
/// call has none. `candidates` name their topic.
///
/// Faults: a proposal whose topic the call does not have, each by its number.
pub fn rank_by_topic(
    topics: &[Topic],
    candidates: Vec<(Option<String>, Candidate)>,
) -> Result<Vec<TopicList>, Faults> {
    let mut lists: Vec<(Option<String>, Vec<Candidate>)> = match topics {
        [] => vec![(None, Vec::new())],
        some => some
            .iter()
            .map(|topic| (Some(topic.key.clone()), Vec::new()))
            .collect(),
    };
    let mut faults = Faults::default();
    for (topic, candidate) in candidates {
        match lists.iter_mut().find(|(key, _)| *key == topic) {
            Some((_, list)) => list.push(candidate),
            None => faults.add(
                "/proposals",
                "topic_unknown",
                format!(
                    "{} stands in no topic of the call; name the topic it was submitted to",
                    candidate.number
                ),
            ),
        }
    }
    let ranked = lists.into_iter().map(|(topic, candidates)| TopicList {
        topic,
        entries: rank(candidates),
    });
    faults.or(ranked.collect())
}

/// A proposal that has to be judged before the list is adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its number in the call.
    pub number: String,
    /// Whether the panel agreed on a consensus.
    pub has_consensus: bool,
    /// Whether the coordinator withdrew it: then it needs none.
    pub withdrawn: bool,
}

/// Whether the panel may adopt the list: every proposal that was evaluated, and is not withdrawn,
/// has its consensus. One fault names each that has none.
pub fn check_adoption(proposals: &[Judged]) -> Faults {
    let mut faults = Faults::default();
    for one in proposals {
        faults.require(
            one.has_consensus || one.withdrawn,
            "/proposals",
            "consensus_missing",
            format!(
                "{} has no consensus; the panel agrees on one first",
                one.number
            ),
        );
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(number: &str, total: i32) -> Candidate {
        Candidate {
            proposal: Uuid::from_u64_pair(0, total as u64),
            number: number.to_owned(),
            total: Score(total),
            rating: Rating::Recommended,
            above_thresholds: true,
            withdrawn: false,
        }
    }

    fn positions(candidates: Vec<Candidate>) -> Vec<(u32, String)> {
        rank(candidates)
            .into_iter()
            .map(|entry| (entry.position, entry.number))
            .collect()
    }

    fn list(lines: &[(u32, &str)]) -> Vec<(u32, String)> {
        lines
            .iter()
            .map(|(position, number)| (*position, (*number).to_owned()))
            .collect()
    }

    #[test]
    fn ties_share_a_position_and_the_next_skips_them() {
        let candidates = vec![
            candidate("P-4", 1200),
            candidate("P-3", 1350),
            candidate("P-2", 1350),
            candidate("P-1", 1100),
            candidate("P-5", 1450),
            candidate("P-6", 1350),
        ];
        let expected = list(&[
            (1, "P-5"),
            (2, "P-2"),
            (2, "P-3"),
            (2, "P-6"),
            (5, "P-4"),
            (6, "P-1"),
        ]);
        assert_eq!(positions(candidates), expected);
    }

    #[test]
    fn a_quarter_of_a_point_is_no_tie() {
        let candidates = vec![candidate("P-1", 1350), candidate("P-2", 1375)];
        assert_eq!(positions(candidates), list(&[(1, "P-2"), (2, "P-1")]));
    }

    #[test]
    fn what_cannot_be_funded_is_off_the_list_and_makes_no_gap() {
        let candidates = vec![
            Candidate {
                withdrawn: true,
                ..candidate("P-1", 1500)
            },
            Candidate {
                rating: Rating::NotRecommended,
                ..candidate("P-2", 1450)
            },
            Candidate {
                above_thresholds: false,
                ..candidate("P-3", 1400)
            },
            Candidate {
                rating: Rating::RecommendedIfFundsAllow,
                ..candidate("P-4", 1350)
            },
            candidate("P-5", 1300),
        ];
        assert_eq!(positions(candidates), list(&[(1, "P-4"), (2, "P-5")]));
    }

    proptest::proptest! {
        #[test]
        fn a_position_counts_the_better_ones(totals in proptest::collection::vec(20..24_i32, 0..30)) {
            let named = totals.iter().enumerate();
            let entries = rank(named.map(|(i, t)| candidate(&format!("P-{i:02}"), t * 50)).collect());
            proptest::prop_assert_eq!(entries.len(), totals.len());
            for entry in &entries {
                let better = entries.iter().filter(|other| other.total > entry.total).count();
                proptest::prop_assert_eq!(entry.position as usize, better + 1);
            }
        }
    }

    #[test]
    fn a_list_is_adopted_when_all_are_judged() {
        let judged = |number: &str, has_consensus, withdrawn| Judged {
            number: number.to_owned(),
            has_consensus,
            withdrawn,
        };
        let all = [judged("P-1", true, false), judged("P-2", false, true)];
        assert!(check_adoption(&all).is_empty());
        let faults = check_adoption(&[all[0].clone(), judged("P-3", false, false)]);
        assert_eq!(faults.0.len(), 1);
        assert!(faults.0[0].detail.contains("P-3"));
    }

    #[test]
    fn each_topic_has_a_list_of_its_own() {
        let topic = |key: &str| Topic {
            key: key.to_owned(),
            title: key.to_owned(),
            share: None,
            serves: Vec::new(),
        };
        let topics = [topic("care"), topic("prevention"), topic("targets")];
        let within =
            |topic: &str, number, total| (Some(topic.to_owned()), candidate(number, total));
        let candidates = vec![
            within("prevention", "P-1", 1200),
            within("care", "P-2", 1100),
            within("prevention", "P-3", 1200),
            within("care", "P-4", 1300),
        ];
        let told: Vec<(String, Vec<(u32, String)>)> = rank_by_topic(&topics, candidates.clone())
            .unwrap()
            .into_iter()
            .map(|one| {
                let lines = one.entries.into_iter();
                let lines = lines.map(|entry| (entry.position, entry.number));
                (one.topic.unwrap_or_default(), lines.collect())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("care".to_owned(), list(&[(1, "P-4"), (2, "P-2")])),
                ("prevention".to_owned(), list(&[(1, "P-1"), (1, "P-3")])),
                ("targets".to_owned(), vec![]),
            ]
        );
        let faults = rank_by_topic(&[], candidates).unwrap_err();
        assert_eq!(faults.0.len(), 4);
        let all = rank_by_topic(&[], vec![(None, candidate("P-1", 1200))]).unwrap();
        assert_eq!((all.len(), all[0].entries.len()), (1, 1));
    }
}
