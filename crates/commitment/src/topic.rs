//! Topics with money of their own: a selection for each, on its own list and its own money, and all of them together.

use std::collections::BTreeSet;

use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};

use crate::input::check_amount;
use crate::{FunderInput, FunderResult, Selection, SelectionInput, WAYS_MAX};

/// What is funded in one topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopicSelection {
    /// Key of the topic.
    pub topic: String,
    /// The selection on its list and its money alone.
    #[schema(no_recursion)]
    pub result: Selection,
}

impl SelectionInput {
    /// Keys of the topics that have money of their own, in order; none where all proposals share the money.
    pub fn topics(&self) -> BTreeSet<&str> {
        let divided = self.funders.iter().flat_map(|one| one.topics.keys());
        let named = self.proposals.iter().filter_map(|one| one.topic.as_ref());
        divided.chain(named).map(String::as_str).collect()
    }

    /// The input of each topic alone, as it could be handed on: its proposals, and each funder's commitment to it.
    /// None where all proposals share the money.
    pub fn by_topic(&self) -> Vec<(String, SelectionInput)> {
        let one = |topic: &str| {
            let mut alone = self.clone_without_proposals();
            for funder in &mut alone.funders {
                funder.commitment = funder.topics.remove(topic).unwrap_or_default();
                funder.topics.clear();
            }
            let own = self.proposals.iter();
            let own = own.filter(|one| one.topic.as_deref() == Some(topic));
            alone.proposals = own.cloned().collect();
            for proposal in &mut alone.proposals {
                proposal.topic = None;
            }
            let here = |code: &&String| alone.proposals.iter().any(|one| one.code == **code);
            alone.kept = self.kept.iter().filter(here).cloned().collect();
            alone.chosen.retain(|code| here(&code));
            (topic.to_owned(), alone)
        };
        self.topics().into_iter().map(one).collect()
    }
}

impl FunderInput {
    /// Sets what it commits: the whole, or its part for one topic, which changes the whole.
    pub(crate) fn commit(&mut self, topic: Option<&str>, amount: Amount) {
        match topic {
            None => self.commitment = amount,
            Some(topic) => {
                self.topics.insert(topic.to_owned(), amount);
                // What does not fit is refused with the input.
                self.commitment =
                    Amount::sum(self.topics.values().copied()).unwrap_or(Amount(i64::MAX));
            }
        }
    }

    /// What it commits: the whole, or its part for one topic.
    pub(crate) fn committed(&self, topic: Option<&str>) -> Amount {
        match topic {
            None => self.commitment,
            Some(topic) => self.topics.get(topic).copied().unwrap_or_default(),
        }
    }
}

/// What is wrong with money that is divided by topic: funders divide all of it among the same topics, each proposal
/// stands in one of them, and there is no EU money.
pub(crate) fn check(input: &SelectionInput, faults: &mut Faults) {
    let topics = input.topics();
    if topics.is_empty() {
        return;
    }
    faults.require(
        input.eu.is_none(),
        "/eu",
        "topic_money",
        "EU money is not divided by topic; leave it out, or let the topics share the money",
    );
    for (index, funder) in input.funders.iter().enumerate() {
        let pointer = |topic: &str| format!("/funders/{index}/topics/{}", kernel::token(topic));
        for (topic, amount) in &funder.topics {
            check_amount(*amount, || pointer(topic), faults);
        }
        for topic in &topics {
            faults.require(
                funder.topics.contains_key(*topic),
                pointer(topic),
                "required",
                format!("say what of its commitment is for '{topic}', if only 0.00"),
            );
        }
        faults.require(
            Amount::sum(funder.topics.values().copied()) == Ok(funder.commitment),
            format!("/funders/{index}/topics"),
            "not_the_sum",
            format!(
                "the parts for the topics do not add up to the commitment of {}",
                funder.commitment
            ),
        );
    }
    for (index, proposal) in input.proposals.iter().enumerate() {
        faults.require(
            proposal.topic.is_some(),
            format!("/proposals/{index}/topic"),
            "required",
            "say of which topic's money it is paid",
        );
    }
}

/// All topics together. Equally good are all their equally good sets with one another, so far as these are listed.
pub(crate) fn together(input: &SelectionInput, topics: Vec<TopicSelection>) -> Selection {
    let results = || topics.iter().map(|one| &one.result);
    let selected: Vec<String> = results().flat_map(|one| one.selected.clone()).collect();
    let funders = input.funders.iter().enumerate().map(|(place, funder)| {
        let own = || results().filter_map(move |one| one.funders.get(place));
        let sum = |part: fn(&FunderResult) -> Amount| Amount(own().map(|one| part(one).0).sum());
        FunderResult {
            funder: funder.code.clone(),
            requested: sum(|one| one.requested),
            eu: Amount::ZERO,
            national: sum(|one| one.national),
            transfer: Amount::ZERO,
            left: sum(|one| one.left),
        }
    });
    let (equally_good, more_equally_good) = with_one_another(&topics);
    Selection {
        equally_good,
        more_equally_good,
        selected,
        ties: results().flat_map(|one| one.ties.clone()).collect(),
        bound: results().map(|one| one.bound).sum(),
        convention: None,
        gap_share: None,
        eu_contribution: Amount::ZERO,
        gap_need: Amount::ZERO,
        funders: funders.collect(),
        not_funded: results().flat_map(|one| one.not_funded.clone()).collect(),
        topics,
    }
}

/// One of the equally good sets of each topic, in all ways, the first hundred; and whether there are more.
fn with_one_another(topics: &[TopicSelection]) -> (Vec<Vec<String>>, bool) {
    let mut more = topics.iter().any(|one| one.result.more_equally_good);
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for topic in topics {
        let own = &topic.result.equally_good;
        more |= all.len() * own.len() > WAYS_MAX;
        let with = |before: &Vec<String>, set: &Vec<String>| [&before[..], &set[..]].concat();
        let both = all
            .iter()
            .flat_map(|before| own.iter().map(move |set| with(before, set)));
        all = both.take(WAYS_MAX).collect();
    }
    (all, more)
}
