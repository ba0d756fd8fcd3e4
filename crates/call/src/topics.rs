//! The topics of a call that ranks per topic: which one a proposal stands in.
//!
//! A proposal names no topic of its own. Where topics are ranked each has the key of a module or of an area,
//! and the modules that a proposal chooses say which one it stands in.

use std::collections::BTreeSet;

use kernel::Finding;

use crate::{RankingLists, Rules, StageRules, TopicMoney};

impl Rules {
    /// Whether the proposals of a stage, counted from 1, are ranked per topic.
    pub fn ranks_per_topic(&self, stage: i32) -> bool {
        let index = usize::try_from(stage - 1).unwrap_or_default();
        self.stages.get(index).is_some_and(is_ranked_per_topic)
    }

    /// Keys of the topics that have money of their own, in the call's order; none where all topics share it.
    pub fn funded_topics(&self) -> Vec<&str> {
        match self.funding.topic_money {
            TopicMoney::Shared => Vec::new(),
            TopicMoney::Own => self.topics.iter().map(|topic| topic.key.as_str()).collect(),
        }
    }

    /// The topic that a choice of modules stands in, by its key; none where it stands in no topic or in several.
    pub fn topic_of(&self, chosen: &BTreeSet<String>) -> Option<&str> {
        match self.topics_of(chosen)[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    fn topics_of(&self, chosen: &BTreeSet<String>) -> Vec<&str> {
        let words = self.words();
        self.topics
            .iter()
            .filter(|topic| {
                let leaves = words.leaves(&topic.key);
                leaves.iter().any(|leaf| chosen.contains(*leaf))
            })
            .map(|topic| topic.key.as_str())
            .collect()
    }

    /// What is wrong with the topics of a choice, where one of the stages ranks per topic.
    pub(crate) fn check_topic(&self, chosen: &BTreeSet<String>) -> Option<Finding> {
        let stands_in = self.topics_of(chosen);
        if stands_in.len() == 1 || !self.stages.iter().any(is_ranked_per_topic) {
            return None;
        }
        let what = match stands_in.as_slice() {
            [] => "the proposal stands in no topic".to_owned(),
            several => format!(
                "the proposal stands in several topics: {}",
                several.join(", ")
            ),
        };
        let all: Vec<&str> = self.topics.iter().map(|topic| topic.key.as_str()).collect();
        Some(Finding::fault(
            "/modules",
            "topic_choice",
            what,
            format!("choose modules of exactly one topic of {}", all.join(", ")),
        ))
    }

    /// What keeps proposals from being ranked per topic, where a stage asks for it: there are several topics,
    /// and each proposal can choose any one of them alone.
    pub(crate) fn validate_topics(&self, found: &mut Vec<Finding>) {
        if self.funding.topic_money == TopicMoney::Own {
            self.validate_topic_money(found);
        }
        let Some(stage) = self.stages.iter().position(is_ranked_per_topic) else {
            return;
        };
        if self.topics.len() < 2 {
            found.push(Finding::fault(
                format!("/stages/{stage}/evaluation/ranking"),
                "topics",
                format!("the call has {} topics", self.topics.len()),
                "a ranking per topic needs at least two; name them, or rank overall",
            ));
        }
        let rule = self.module_rule.as_ref();
        let admitted = rule.and_then(|rule| rule.admitted(self.words()));
        for (at, topic) in self.topics.iter().enumerate() {
            let alone = |some: &BTreeSet<String>| self.topic_of(some) == Some(topic.key.as_str());
            if self.modules.iter().all(|module| module.key != topic.key) {
                found.push(Finding::fault(
                    format!("/topics/{at}/key"),
                    "topic_not_chosen",
                    format!("'{}' is no module and no area", topic.key),
                    "for a ranking per topic each has the key of a module or an area, which proposals choose",
                ));
            } else if admitted
                .as_ref()
                .is_some_and(|choices| !choices.iter().any(alone))
            {
                found.push(Finding::fault(
                    format!("/topics/{at}/key"),
                    "never_satisfied",
                    format!(
                        "no choice within '{}' alone satisfies the rule over modules",
                        topic.key
                    ),
                    "for a ranking per topic a proposal stands in one; correct the rule, or rank overall",
                ));
            }
        }
        for choice in self.words().choices() {
            let stands_in = self.topics_of(&BTreeSet::from([choice.to_owned()]));
            if stands_in.len() > 1 {
                found.push(Finding::fault(
                    "/topics",
                    "topics_overlap",
                    format!("'{choice}' stands in {}", stands_in.join(" and ")),
                    "for a ranking per topic a module stands in one topic at most",
                ));
            }
        }
    }
}

impl Rules {
    /// What keeps topics from having money of their own: proposals are ranked in them at each stage, and there is no
    /// EU money, whose one ceiling they would share all the same.
    fn validate_topic_money(&self, found: &mut Vec<Finding>) {
        for (at, stage) in self.stages.iter().enumerate() {
            if !is_ranked_per_topic(stage) {
                found.push(Finding::fault(
                    format!("/stages/{at}/evaluation/ranking"),
                    "topic_money",
                    "topics have money of their own, and the stage has one ranking list",
                    "write per_topic at each stage, or let the topics share the money",
                ));
            }
        }
        if self.funding.eu.is_some() {
            found.push(Finding::fault(
                "/funding/topic_money",
                "topic_money",
                "topics have money of their own in a call with EU money",
                "the EU's ceiling is one for the call; let the topics share the money, or make a call of each",
            ));
        }
    }
}

fn is_ranked_per_topic(stage: &StageRules) -> bool {
    stage.evaluation.ranking == RankingLists::PerTopic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Module, Topic};

    fn rules(topics: &[&str]) -> Rules {
        let mut rules = Rules::default_two_stage();
        rules.stages[0].evaluation.ranking = RankingLists::PerTopic;
        for (key, within) in [
            ("care", None),
            ("RA2", None),
            ("2A", Some("RA2")),
            ("2B", Some("RA2")),
            ("tools", None),
        ] {
            rules.modules.push(Module {
                key: key.to_owned(),
                title: key.to_owned(),
                within: within.map(str::to_owned),
                share: None,
                serves: Vec::new(),
            });
        }
        for key in topics {
            rules.topics.push(Topic {
                key: (*key).to_owned(),
                title: (*key).to_owned(),
                share: None,
                serves: Vec::new(),
            });
        }
        rules
    }

    fn chosen(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    fn faults(rules: &Rules) -> Vec<(String, String)> {
        let faults = rules.check().0.into_iter();
        faults.map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn the_modules_say_the_topic() {
        let rules = rules(&["care", "RA2"]);
        assert!(faults(&rules).is_empty());
        assert_eq!(rules.topic_of(&chosen(&["care"])), Some("care"));
        assert_eq!(rules.topic_of(&chosen(&["2B", "2A"])), Some("RA2"));
        assert_eq!(rules.topic_of(&chosen(&["2B", "tools"])), Some("RA2"));
        assert_eq!(rules.topic_of(&chosen(&["tools"])), None);
        assert_eq!(rules.topic_of(&chosen(&["care", "2A"])), None);
        assert!(rules.ranks_per_topic(1) && !rules.ranks_per_topic(2));
    }

    #[test]
    fn a_proposal_chooses_one_topic_where_topics_are_ranked() {
        let mut rules = rules(&["care", "RA2"]);
        let codes = |rules: &Rules, keys: &[&str]| -> Vec<String> {
            let found = rules.check_modules(&chosen(keys)).into_iter();
            found.map(|finding| finding.code).collect()
        };
        assert!(codes(&rules, &["2A", "tools"]).is_empty());
        assert_eq!(codes(&rules, &["tools"]), ["topic_choice"]);
        assert_eq!(codes(&rules, &["care", "2A"]), ["topic_choice"]);
        rules.stages[0].evaluation.ranking = RankingLists::Overall;
        assert!(codes(&rules, &["tools"]).is_empty());
    }

    #[test]
    fn what_keeps_proposals_from_one_topic_is_found_at_drafting() {
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(
            faults(&rules(&["care"])),
            [fault("/stages/0/evaluation/ranking", "topics")]
        );
        assert_eq!(
            faults(&rules(&["care", "prevention"])),
            [fault("/topics/1/key", "topic_not_chosen")]
        );
        assert_eq!(
            faults(&rules(&["RA2", "2A"])),
            [fault("/topics", "topics_overlap")]
        );
        let mut both = rules(&["care", "RA2"]);
        both.module_rule = "care and (RA2 or tools)".parse().ok();
        assert_eq!(
            faults(&both),
            [fault("/topics/1/key", "never_satisfied")],
            "care goes with tools"
        );
    }

    #[test]
    fn money_of_their_own_needs_a_ranking_per_topic_and_no_eu_money() {
        let mut rules = rules(&["care", "RA2"]);
        assert!(rules.funded_topics().is_empty());
        rules.funding.topic_money = TopicMoney::Own;
        assert_eq!(rules.funded_topics(), ["care", "RA2"]);
        let fault = |pointer: &str| (pointer.to_owned(), "topic_money".to_owned());
        assert_eq!(faults(&rules), [fault("/stages/1/evaluation/ranking")]);
        rules.stages[1].evaluation.ranking = RankingLists::PerTopic;
        assert!(faults(&rules).is_empty());
        rules.funding.ranking = crate::RankingRule::Binding;
        rules.funding.eu = Some(crate::EuMoney {
            max: None,
            rate: crate::Percent(3300),
            gap_filling: crate::Percent(5000),
            base: crate::EuBase::Earned,
            share: crate::EuShare::ByCommitment,
            cap: None,
        });
        assert_eq!(faults(&rules), [fault("/funding/topic_money")]);
    }

    #[test]
    fn the_usual_rule_is_not_written() {
        let mut rules = rules(&["care", "RA2"]);
        let written = serde_json::to_value(&rules).unwrap();
        assert_eq!(written["stages"][0]["evaluation"]["ranking"], "per_topic");
        assert!(written["stages"][1]["evaluation"].get("ranking").is_none());
        assert!(written["funding"].get("topic_money").is_none());
        rules.stages[1].evaluation.ranking = RankingLists::PerTopic;
        let back = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&back).unwrap(), rules);
    }
}
