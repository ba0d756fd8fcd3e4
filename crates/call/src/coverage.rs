//! What the calls do for an agenda: per item, and per member and year.

mod member;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Amount, Country, MoneyFault};
use serde::{Deserialize, Serialize};

pub use member::{MemberItem, MemberReport, member_report};

use crate::mapping::apportion;
use crate::{ActionItem, TimeFrame, Weights};

/// What an amount awarded to a project rests on, from the first to the last that is known.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Basis {
    /// What the applicants asked.
    Requested,
    /// What the funders would pay after their own check.
    Fundable,
    /// What the final selection binds.
    Decided,
    /// What the national grants say.
    Granted,
}

/// A sum of one funder, in the currency of the calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunderSum {
    /// The funder's key, such as `DE-BMBF`.
    pub funder: String,
    /// The amount.
    pub amount: Amount,
}

/// A funded project, classified by the secretariat as the calls are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredProject {
    /// Its acronym or number, unique in its call.
    pub code: String,
    /// What its items weigh; empty when it is not yet classified.
    pub items: Weights,
    /// What the amounts rest on.
    pub basis: Basis,
    /// What each funder pays it.
    pub awards: Vec<FunderSum>,
    /// The countries of all its partners.
    pub countries: BTreeSet<Country>,
}

/// A call as coverage sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredCall {
    /// Its code.
    pub code: String,
    /// The year it stands for: a call of the past that is entered later keeps its own.
    pub year: i32,
    /// What its items weigh; empty when it is not mapped to this agenda.
    pub items: Weights,
    /// What each funder commits.
    pub commitments: Vec<FunderSum>,
    /// Its funded projects.
    pub projects: Vec<CoveredProject>,
}

/// Whether steps towards an item were taken in its first time frame.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TakenUp {
    /// By the end of its first time frame.
    InTime,
    /// By a call of a later year.
    Later,
    /// By no call so far.
    NotYet,
}

/// What the calls do for one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ItemCoverage {
    /// The item's number.
    pub item: String,
    /// The calls that are mapped to it, in the order given.
    pub calls: Vec<String>,
    /// Its part of the commitments, by the mapping of the calls.
    pub committed: Amount,
    /// Its part of the awards, by the classification of the projects, for each basis.
    pub awarded: BTreeMap<Basis, Amount>,
    /// The projects that serve it, as `call/project`.
    pub projects: Vec<String>,
    /// The countries of these projects.
    pub countries: BTreeSet<Country>,
    /// Whether it was taken up in its first time frame.
    pub taken_up: TakenUp,
}

/// What the calls do for an agenda. Its sums are those of the commitments and awards, to the cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Coverage {
    /// All items of the agenda in value-chain order; those that nobody serves are among them.
    pub items: Vec<ItemCoverage>,
    /// Commitments to calls that are not mapped to this agenda.
    pub unmapped: Amount,
    /// Awards to projects that are not classified by it, for each basis.
    pub unclassified: BTreeMap<Basis, Amount>,
}

impl Coverage {
    /// The numbers of the items that no call serves.
    pub fn unserved(&self) -> Vec<&str> {
        let unserved = self.items.iter().filter(|item| item.calls.is_empty());
        unserved.map(|item| item.item.as_str()).collect()
    }
}

/// The coverage of an agenda by calls.
///
/// The Action Plan lists the items of each category along the value chain wherever it can ("the
/// sequence of action items in each subcategory corresponds to the value chain"), so the agenda's own
/// order is the value-chain order, and `items` must stand in it. An item that a call is mapped to but
/// the agenda does not list counts as not mapped, so that no cent is lost.
///
/// # Errors
///
/// [`MoneyFault::TooLarge`] where a sum exceeds 64 bits.
pub fn coverage(
    agenda_year: i32,
    items: &[ActionItem],
    calls: &[CoveredCall],
) -> Result<Coverage, MoneyFault> {
    let mut found = Coverage {
        items: items.iter().map(untouched).collect(),
        unmapped: Amount::ZERO,
        unclassified: BTreeMap::new(),
    };
    let places: BTreeMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(place, item)| (item.number.as_str(), place))
        .collect();
    for call in calls {
        for (item, _) in call.items.iter().filter(|(_, weight)| *weight > 0) {
            if let Some(place) = places.get(item.as_str()) {
                let first = first_frame(&items[*place]);
                let ends = first.map(|frame| *frame.years(agenda_year).end());
                let served = &mut found.items[*place];
                if served.calls.last() != Some(&call.code) {
                    served.calls.push(call.code.clone());
                }
                served.taken_up = match (served.taken_up, ends) {
                    (TakenUp::InTime, _) => TakenUp::InTime,
                    (_, Some(ends)) if call.year > ends => TakenUp::Later,
                    _ => TakenUp::InTime,
                };
            }
        }
        for sum in &call.commitments {
            for (item, part) in divided(sum.amount, &call.items) {
                match item.and_then(|item| places.get(item)) {
                    Some(place) => add(&mut found.items[*place].committed, part)?,
                    None => add(&mut found.unmapped, part)?,
                }
            }
        }
        for project in &call.projects {
            cover_project(&mut found, &places, call, project)?;
        }
    }
    Ok(found)
}

fn cover_project(
    found: &mut Coverage,
    places: &BTreeMap<&str, usize>,
    call: &CoveredCall,
    project: &CoveredProject,
) -> Result<(), MoneyFault> {
    for (item, _) in project.items.iter().filter(|(_, weight)| *weight > 0) {
        if let Some(place) = places.get(item.as_str()) {
            let served = &mut found.items[*place];
            let name = format!("{}/{}", call.code, project.code);
            if served.projects.last() != Some(&name) {
                served.projects.push(name);
            }
            served.countries.extend(&project.countries);
        }
    }
    for sum in &project.awards {
        for (item, part) in divided(sum.amount, &project.items) {
            let by_basis = match item.and_then(|item| places.get(item)) {
                Some(place) => &mut found.items[*place].awarded,
                None => &mut found.unclassified,
            };
            add(by_basis.entry(project.basis).or_default(), part)?;
        }
    }
    Ok(())
}

fn untouched(item: &ActionItem) -> ItemCoverage {
    ItemCoverage {
        item: item.number.clone(),
        calls: Vec::new(),
        committed: Amount::ZERO,
        awarded: BTreeMap::new(),
        projects: Vec::new(),
        countries: BTreeSet::new(),
        taken_up: TakenUp::NotYet,
    }
}

fn first_frame(item: &ActionItem) -> Option<TimeFrame> {
    item.time_frames.iter().min().copied()
}

/// An amount by items; as a whole under no item where nothing is weighed.
fn divided(amount: Amount, items: &Weights) -> Vec<(Option<&str>, Amount)> {
    let weights: Vec<u64> = items.iter().map(|(_, weight)| *weight).collect();
    match apportion(amount, &weights) {
        Some(parts) => items
            .iter()
            .map(|(item, _)| Some(item.as_str()))
            .zip(parts)
            .collect(),
        None => vec![(None, amount)],
    }
}

fn add(sum: &mut Amount, part: Amount) -> Result<(), MoneyFault> {
    *sum = sum.checked_add(part)?;
    Ok(())
}
