//! Amendments: a selection that takes the place of another, keeps what was decided, and goes on down the ranking.

use std::collections::BTreeMap;

use call::Score;
use kernel::{Amount, Currency, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::explain::joined;
use crate::{Rating, Selection, SelectionInput, SelectionState, awards, compare};

/// Why a selection is amended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schema(as = AmendmentCause)]
pub enum Cause {
    /// A project of the final selection was withdrawn or excluded.
    Withdrawal,
    /// A funder refused its line.
    Refusal,
    /// There is more money than the final selection was computed with.
    MoreMoney,
    /// A funder does not pay what it had accepted.
    Default,
    /// The ethics experts refused a project of the final selection.
    Ethics,
    /// A request for redress was upheld, and the panel revised its ranking list.
    Redress,
}

/// The selection that is to be amended.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// Where it stands.
    pub state: SelectionState,
    /// What it was computed from.
    pub input: &'a SelectionInput,
    /// What was computed.
    pub result: &'a Selection,
    /// Whether a funder refused its line.
    pub refused: bool,
    /// Codes of the funders that have defaulted.
    pub defaulted: &'a [String],
}

impl Before<'_> {
    /// What of it stays decided: with a final selection all that it funds and that was not withdrawn or refused by
    /// ethics experts since, and before it is final what it had kept itself; but for what asks a funder that has defaulted.
    pub fn kept(&self, now: &SelectionInput) -> Vec<String> {
        let decided = match self.state {
            SelectionState::Final => &self.result.selected,
            _ => &self.input.kept,
        };
        let stays = |code: &&String| {
            !withdrawn(now, code) && !refused(now, code) && !now.asks(code, self.defaulted)
        };
        decided.iter().filter(stays).cloned().collect()
    }
}

fn withdrawn(input: &SelectionInput, code: &str) -> bool {
    let found = input.proposals.iter().find(|one| one.code == code);
    found.is_none_or(|one| one.withdrawn)
}

/// What is funded and not recommended any more: the ethics experts refused it, since redress is not open to it.
fn refused(input: &SelectionInput, code: &str) -> bool {
    let mut all = input.proposals.iter();
    all.any(|one| one.code == code && one.rating == Rating::NotRecommended)
}

impl Cause {
    /// Why it is no cause to amend the selection `before`, as the call stands now.
    pub fn check(self, before: Before, now: &SelectionInput) -> Faults {
        let mut faults = Faults::default();
        let is_final = before.state == SelectionState::Final;
        match self {
            Cause::Refusal => faults.require(
                before.state == SelectionState::Confirmed && before.refused,
                "/cause",
                "nothing_refused",
                "a refusal amends a confirmed selection of which a funder has refused its line",
            ),
            _ if !is_final => faults.add(
                "/cause",
                "not_final",
                "it is not final, so nothing is decided that had to be kept; propose another selection",
            ),
            Cause::Withdrawal => faults.require(
                before.result.selected.iter().any(|code| withdrawn(now, code)),
                "/cause",
                "nothing_withdrawn",
                "all projects that it funds are still there",
            ),
            Cause::Ethics => faults.require(
                before.result.selected.iter().any(|code| refused(now, code)),
                "/cause",
                "nothing_refused_by_ethics",
                "the ethics experts refused none of the projects that it funds",
            ),
            Cause::Default => faults.require(
                before.result.funders.iter().any(|one| {
                    one.requested > Amount::ZERO && before.defaulted.contains(&one.funder)
                }),
                "/cause",
                "nobody_defaulted",
                "no funder that it has a line of has defaulted; record that first",
            ),
            Cause::MoreMoney => faults.require(
                has_more(before.input, now),
                "/cause",
                "no_more_money",
                "no funder commits more than the selection was computed with; have the commitments raised first",
            ),
            Cause::Redress => faults.require(
                ranked(before.input) != ranked(now),
                "/cause",
                "same_ranking",
                "the ranking list is the one that the selection was computed from",
            ),
        }
        faults
    }
}

/// Whether two selections, each with what it was computed from, have a funder pay the same amounts for the same projects:
/// who accepted the one has accepted the other.
pub fn asks_the_same(
    funder: &str,
    (input, result): (&SelectionInput, &Selection),
    (other_input, other): (&SelectionInput, &Selection),
) -> bool {
    awards(input, result, funder) == awards(other_input, other, funder)
}

/// How proposals are ranked, whoever was withdrawn.
fn ranked(input: &SelectionInput) -> BTreeMap<&str, (Score, Rating)> {
    let all = input.proposals.iter();
    all.map(|one| (one.code.as_str(), (one.score, one.rating)))
        .collect()
}

/// Whether any funder commits more than before, or the EU pays more.
fn has_more(before: &SelectionInput, now: &SelectionInput) -> bool {
    let committed = |code: &str, topic: Option<&str>| {
        let found = before.funders.iter().find(|one| one.code == code);
        found.map_or(Amount::ZERO, |one| one.committed(topic))
    };
    // A funder may commit no more in all and yet more to a topic.
    let more_to_a_topic = |one: &crate::FunderInput| {
        let mut topics = one.topics.iter();
        topics.any(|(topic, amount)| *amount > committed(&one.code, Some(topic.as_str())))
    };
    let ceiling = |input: &SelectionInput| input.eu.map_or(Amount::ZERO, |eu| eu.ceiling);
    ceiling(now) > ceiling(before)
        || now
            .funders
            .iter()
            .any(|one| one.commitment > committed(&one.code, None) || more_to_a_topic(one))
}

/// What an amendment changes of the selection before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SelectionDifference)]
pub struct Difference {
    /// Codes of what both fund, in ranking order.
    pub stays: Vec<String>,
    /// Codes of what is funded now and was not before.
    pub gained: Vec<String>,
    /// Codes of what was funded before and is not any more.
    pub lost: Vec<String>,
    /// By how much the national money of each funder changes; those alone that pay more or less.
    pub funders: Vec<FunderDifference>,
    /// What the EU pays, less what it paid before.
    pub eu: Amount,
    /// The same in sentences.
    pub explanation: Vec<String>,
}

/// By how much a funder's national money changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FunderDifference)]
pub struct FunderDifference {
    /// Its code.
    pub funder: String,
    /// What it pays, less what it paid before.
    pub national: Amount,
}

/// Compares an amendment with the selection before it, which has this number.
pub fn difference(
    number: i32,
    before: &Selection,
    after: &Selection,
    currency: Currency,
) -> Difference {
    let both = compare(before, after);
    let changed = both
        .funders
        .iter()
        .filter(|one| one.national_difference != Amount::ZERO);
    let funders = changed.map(|one| FunderDifference {
        funder: one.funder.clone(),
        national: one.national_difference,
    });
    let mut difference = Difference {
        stays: both.both,
        gained: both.only_b,
        lost: both.only_a,
        funders: funders.collect(),
        eu: both.eu_difference,
        explanation: Vec::new(),
    };
    difference.explanation = sentences(number, &difference, currency);
    difference
}

fn sentences(number: i32, difference: &Difference, currency: Currency) -> Vec<String> {
    let some = |codes: &[String]| match codes {
        [] => "nothing".to_owned(),
        codes => joined(codes),
    };
    let mut lines = vec![format!(
        "Of what selection {number} funds stays {}; added is {}; gone is {}.",
        some(&difference.stays),
        some(&difference.gained),
        some(&difference.lost)
    )];
    let change = |what: &str, amount: Amount| {
        let size = Amount(amount.0.saturating_abs());
        let word = if amount > Amount::ZERO {
            "more"
        } else {
            "less"
        };
        format!("{what} pays {size} {currency} {word} than before.")
    };
    let funders = difference.funders.iter();
    lines.extend(funders.map(|one| change(&one.funder, one.national)));
    if difference.eu != Amount::ZERO {
        lines.push(change("The EU", difference.eu));
    }
    lines
}
