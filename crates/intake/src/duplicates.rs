//! Proposals of a stage that may be one, and people who are in several.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::content::{Content, Partner};
use crate::identifiers::bare;
use crate::search::folded;

/// A proposal among which doubles are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The proposal.
    pub id: Uuid,
    /// Its number in the call.
    pub number: &'a str,
    /// What it says; texts and budgets are not looked at.
    pub content: &'a Content,
}

/// What proposals have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// One title, but for case, accents and punctuation.
    Title,
    /// One acronym, as titles are compared.
    Acronym,
    /// One person coordinates more proposals than the call allows one to.
    TooManyCoordinated,
    /// One person coordinates them.
    Coordinator,
    /// One person leads a partner's work in them.
    Investigator,
}

/// Proposals that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Likenesses {
    /// What it is.
    pub likeness: Likeness,
    /// The title, acronym or name, as the first of them writes it.
    pub what: String,
    /// By what the person was known again: ORCID iD, or name and e-mail address; empty for a title or an acronym.
    pub known_by: Vec<String>,
    /// Them, by their numbers; at least two.
    pub proposals: Vec<Alike>,
}

/// One of several proposals that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Alike {
    /// Its number in the call.
    #[schema(example = "JTC2026-001")]
    pub number: String,
    /// The proposal.
    pub proposal: Uuid,
    /// What it says there: its title, acronym, or the person with the organisation.
    pub says: String,
}

/// What some of the proposals have in common, in a fixed order. `coordinated_at_most` is how many proposals of the
/// stage one person may coordinate, where the call says so.
pub fn likenesses(among: &[Candidate<'_>], coordinated_at_most: Option<u32>) -> Vec<Likenesses> {
    let mut found = Vec::new();
    texts(among, Likeness::Title, |content| &content.title, &mut found);
    texts(
        among,
        Likeness::Acronym,
        |content| &content.acronym,
        &mut found,
    );
    people(among, coordinated_at_most, &mut found);
    found.sort();
    found
}

fn texts(
    among: &[Candidate<'_>],
    likeness: Likeness,
    text: fn(&Content) -> &String,
    found: &mut Vec<Likenesses>,
) {
    let mut by_text: BTreeMap<String, BTreeSet<Alike>> = BTreeMap::new();
    for one in among {
        let says = text(one.content);
        let alike = one.saying(says.clone());
        by_text.entry(folded(says)).or_default().insert(alike);
    }
    for (text, alike) in by_text {
        if !text.is_empty() && alike.len() > 1 {
            found.push(group(likeness, alike, Vec::new()));
        }
    }
}

/// The group, named as its first proposal says it.
fn group(likeness: Likeness, alike: BTreeSet<Alike>, known_by: Vec<String>) -> Likenesses {
    let what = alike.first().map(|first| first.says.clone());
    Likenesses {
        likeness,
        what: what.unwrap_or_default(),
        known_by,
        proposals: alike.into_iter().collect(),
    }
}

impl Candidate<'_> {
    fn saying(&self, says: String) -> Alike {
        Alike {
            number: self.number.to_owned(),
            proposal: self.id,
            says,
        }
    }
}

/// A principal investigator in one place.
struct Place {
    alike: Alike,
    coordinates: bool,
}

/// By what a person is known again in another proposal: a name alone is not enough, many people share one.
fn marks(partner: &Partner) -> Vec<String> {
    let person = &partner.principal_investigator;
    let mut marks = Vec::new();
    let orcid = bare(person.orcid.as_deref().unwrap_or_default()).to_uppercase();
    if !orcid.is_empty() {
        marks.push(format!("ORCID iD {orcid}"));
    }
    let (name, email) = (folded(&person.name), person.email.trim().to_lowercase());
    if !name.is_empty() && !email.is_empty() {
        marks.push(format!("name and address {name} {email}"));
    }
    marks
}

fn people(among: &[Candidate<'_>], at_most: Option<u32>, found: &mut Vec<Likenesses>) {
    for (known_by, places) in known_again(among) {
        let coordinated = distinct(places.iter().filter(|place| place.coordinates));
        let all = distinct(places.iter());
        let too_many = at_most.is_some_and(|most| coordinated.len() > most as usize);
        if coordinated.len() > 1 {
            let likeness = match too_many {
                true => Likeness::TooManyCoordinated,
                false => Likeness::Coordinator,
            };
            found.push(group(likeness, coordinated.clone(), known_by.clone()));
        }
        // Each holds one place of a proposal, so there are more of them only where the person does not coordinate all.
        if all.len() > 1 && all.len() > coordinated.len() {
            found.push(group(Likeness::Investigator, all, known_by));
        }
    }
}

/// One place in each proposal.
fn distinct<'a>(places: impl Iterator<Item = &'a Place>) -> BTreeSet<Alike> {
    let mut by_proposal: BTreeMap<Uuid, Alike> = BTreeMap::new();
    for place in places {
        let alike = &place.alike;
        let kept = by_proposal
            .entry(alike.proposal)
            .or_insert_with(|| alike.clone());
        if alike < kept {
            *kept = alike.clone();
        }
    }
    by_proposal.into_values().collect()
}

/// The places of each person, with the marks by which these were joined: who shares a mark with somebody who shares
/// one with a third is the third too.
fn known_again(among: &[Candidate<'_>]) -> Vec<(Vec<String>, Vec<Place>)> {
    let mut people: Vec<(BTreeSet<String>, Vec<Place>)> = Vec::new();
    let mut by_mark: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in among {
        for partner in &candidate.content.partners {
            let marks = marks(partner);
            if marks.is_empty() {
                continue;
            }
            let mut known: BTreeSet<usize> = marks
                .iter()
                .filter_map(|mark| by_mark.get(mark).copied())
                .collect();
            let person = known.pop_first().unwrap_or_else(|| {
                people.push(Default::default());
                people.len() - 1
            });
            for other in known {
                let (theirs, places) = std::mem::take(&mut people[other]);
                for mark in &theirs {
                    by_mark.insert(mark.clone(), person);
                }
                people[person].0.extend(theirs);
                people[person].1.extend(places);
            }
            for mark in marks {
                by_mark.insert(mark.clone(), person);
                people[person].0.insert(mark);
            }
            people[person].1.push(place(candidate, partner));
        }
    }
    let told =
        |(marks, places): (BTreeSet<String>, Vec<Place>)| (marks.into_iter().collect(), places);
    people.into_iter().map(told).collect()
}

fn place(candidate: &Candidate<'_>, partner: &Partner) -> Place {
    let name = &partner.principal_investigator.name;
    Place {
        alike: candidate.saying(format!("{name} ({})", partner.organisation)),
        coordinates: partner.coordinates(),
    }
}

#[cfg(test)]
mod tests;
