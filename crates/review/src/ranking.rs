mod input;

use std::cmp::Ordering;

use call::{Score, Topic};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Rating;
pub use input::{Agreed, Ranked, RankingInput};

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
    /// One more than the number of lines of its topic, or of the list without topics, with a higher total; equal
    /// totals share it.
    pub position: u32,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// The weighted total.
    pub total: Score,
    /// The panel's advice.
    pub rating: Rating,
    /// Key of the topic it is ranked in; left out where the stage has one list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

/// The ranking list: what is recommended (also "if funds allow"), above the thresholds and not
/// withdrawn, by total. What is not on it makes no gap.
///
/// Ties stay ties: equal totals share a position, the next position skips as many, and the order by
/// number within a tie is for reading only. Which of a tie is funded is the selection's matter.
pub fn rank(candidates: Vec<Candidate>) -> Vec<Entry> {
    let listed = candidates
        .into_iter()
        .filter(|c| c.rating != Rating::NotRecommended && c.above_thresholds && !c.withdrawn);
    let entries = listed.map(|candidate| Entry {
        position: 0,
        proposal: candidate.proposal,
        number: candidate.number,
        total: candidate.total,
        rating: candidate.rating,
        topic: None,
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by(best_first);
    recounted(entries)
}

fn best_first(a: &Entry, b: &Entry) -> Ordering {
    b.total.cmp(&a.total).then_with(|| a.number.cmp(&b.number))
}

/// Counts positions anew in a list from which some lines were taken: within each topic, whose lines stand together,
/// best first.
pub fn recounted(entries: Vec<Entry>) -> Vec<Entry> {
    let mut counted: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut place = 0;
    for entry in entries {
        let above = counted.last().filter(|above| above.topic == entry.topic);
        place = if above.is_some() { place + 1 } else { 1 };
        let tie = above.filter(|above| above.total == entry.total);
        let position = tie.map_or(place, |above| above.position);
        counted.push(Entry { position, ..entry });
    }
    counted
}

/// The lists of the topics one after the other, in the call's order. `candidates` name their topic; what stands in
/// none of the call's comes last and without one, so that a draft shows it; [`check_topics`] refuses it.
pub fn rank_by_topic(topics: &[Topic], candidates: Vec<(Option<String>, Candidate)>) -> Vec<Entry> {
    let mut lists: Vec<(Option<String>, Vec<Candidate>)> = topics
        .iter()
        .map(|topic| (Some(topic.key.clone()), Vec::new()))
        .collect();
    let mut without = Vec::new();
    for (topic, candidate) in candidates {
        let list = lists.iter_mut().find(|(key, _)| *key == topic);
        list.map_or(&mut without, |(_, list)| list).push(candidate);
    }
    lists.push((None, without));
    let ranked = lists.into_iter().flat_map(|(topic, candidates)| {
        let entries = rank(candidates).into_iter();
        entries.map(move |entry| Entry {
            topic: topic.clone(),
            ..entry
        })
    });
    ranked.collect()
}

/// One fault for each line of lists by topic that names no topic.
pub fn check_topics(entries: &[Entry]) -> Faults {
    let mut faults = Faults::default();
    for entry in entries {
        faults.require(
            entry.topic.is_some(),
            "/proposals",
            "topic_unknown",
            format!(
                "{} stands in no topic of the call, or in several; correct the call's topics, by which its modules \
                 say one",
                entry.number
            ),
        );
    }
    faults
}

/// The one list that invitations and the selection read where topics share the money: lists by topic are merged by
/// total, and positions count over all. Of different topics equal totals are ties as well. A list without topics stays
/// as it is.
pub fn merged(mut entries: Vec<Entry>) -> Vec<Entry> {
    if entries.iter().all(|entry| entry.topic.is_none()) {
        return entries;
    }
    for entry in &mut entries {
        entry.topic = None;
    }
    entries.sort_by(best_first);
    recounted(entries)
}

/// A proposal that has to be judged before the list is adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its number in the call.
    pub number: String,
    /// Whether the panel agreed on a consensus.
    pub has_consensus: bool,
    /// How many of its reviews are still to be handed in or to be released.
    pub unreleased: usize,
    /// Whether the coordinator withdrew it: then it needs none.
    pub withdrawn: bool,
}

/// Whether the panel may adopt the list: every proposal that was evaluated, and is not withdrawn,
/// has its consensus, and no review is still to come that neither panel nor report would know. One fault names each
/// proposal that lacks one of them.
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
        faults.require(
            one.unreleased == 0 || !one.has_consensus || one.withdrawn,
            "/proposals",
            "review_open",
            format!(
                "reviews of {} are not released; release them, or have late experts replaced, first",
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
            unreleased: 0,
            withdrawn,
        };
        let all = [judged("P-1", true, false), judged("P-2", false, true)];
        assert!(check_adoption(&all).is_empty());
        let faults = check_adoption(&[all[0].clone(), judged("P-3", false, false)]);
        assert_eq!(faults.0.len(), 1);
        assert!(faults.0[0].detail.contains("P-3"));
        let late = Judged {
            unreleased: 1,
            ..judged("P-4", true, false)
        };
        let faults = check_adoption(&[late]);
        assert_eq!(faults.0[0].code, "review_open");
    }

    fn topics(keys: &[&str]) -> Vec<Topic> {
        let topic = |key: &&str| Topic {
            key: (*key).to_owned(),
            title: (*key).to_owned(),
            share: None,
            serves: Vec::new(),
        };
        keys.iter().map(topic).collect()
    }

    fn within(topic: &str, number: &str, total: i32) -> (Option<String>, Candidate) {
        (Some(topic.to_owned()), candidate(number, total))
    }

    /// The lines as `topic position number`.
    fn lines(entries: &[Entry]) -> Vec<String> {
        let line = |entry: &Entry| {
            let topic = entry.topic.as_deref().unwrap_or("-");
            format!("{topic} {} {}", entry.position, entry.number)
        };
        entries.iter().map(line).collect()
    }

    #[test]
    fn each_topic_has_a_list_of_its_own() {
        let topics = topics(&["care", "prevention", "targets"]);
        let entries = rank_by_topic(
            &topics,
            vec![
                within("prevention", "P-1", 1200),
                within("care", "P-2", 1100),
                within("prevention", "P-3", 1200),
                within("care", "P-4", 1300),
                within("prevention", "P-5", 1000),
            ],
        );
        assert_eq!(
            lines(&entries),
            [
                "care 1 P-4",
                "care 2 P-2",
                "prevention 1 P-1",
                "prevention 1 P-3",
                "prevention 3 P-5",
            ]
        );
        assert!(check_topics(&entries).is_empty());
        let rest = entries
            .into_iter()
            .filter(|entry| !["P-1", "P-4"].contains(&entry.number.as_str()));
        assert_eq!(
            lines(&recounted(rest.collect())),
            ["care 1 P-2", "prevention 1 P-3", "prevention 2 P-5"]
        );
    }

    #[test]
    fn what_stands_in_no_topic_is_shown_and_refused() {
        let candidates = vec![
            within("elsewhere", "P-1", 1500),
            (None, candidate("P-2", 1400)),
            within("care", "P-3", 1300),
        ];
        let entries = rank_by_topic(&topics(&["care"]), candidates);
        assert_eq!(lines(&entries), ["care 1 P-3", "- 1 P-1", "- 2 P-2"]);
        let faults = check_topics(&entries);
        assert_eq!(faults.0.len(), 2);
        assert!(faults.0[0].detail.contains("P-1"));
    }

    #[test]
    fn the_lists_are_merged_by_total_and_ties_stay_ties() {
        let candidates = vec![
            within("care", "P-4", 1300),
            within("care", "P-3", 1200),
            within("prevention", "P-1", 1200),
            within("prevention", "P-2", 1100),
        ];
        let alone: Vec<Candidate> = candidates.iter().map(|(_, one)| one.clone()).collect();
        let entries = merged(rank_by_topic(&topics(&["care", "prevention"]), candidates));
        assert_eq!(
            lines(&entries),
            ["- 1 P-4", "- 2 P-1", "- 2 P-3", "- 4 P-2"]
        );
        assert_eq!(entries, rank(alone), "the same as if there were no topics");
    }

    #[test]
    fn a_list_without_topics_is_written_as_ever() {
        let entries = rank(vec![candidate("P-1", 1200)]);
        assert_eq!(merged(entries.clone()), entries);
        let written = serde_json::to_string(&entries).unwrap();
        assert!(!written.contains("topic"), "{written}");
        assert_eq!(
            serde_json::from_str::<Vec<Entry>>(&written).unwrap(),
            entries
        );
    }
}
