//! All proposals that experts are compared with.

use std::collections::HashMap;

use super::ProposalFacts;
use super::identity::{Alike, Known, Register};
use super::place::Place;

/// Proposals made ready for comparing. People are looked up and not gone through: most have nothing to do
/// with an expert.
pub(super) struct Field {
    people: Register,
    /// Of each of the people, the proposal.
    owner: Vec<usize>,
    by_domain: HashMap<String, Vec<usize>>,
    places: Vec<(usize, Place)>,
    named: Vec<(usize, Known, Place)>,
    count: usize,
}

impl Field {
    pub(super) fn of(proposals: &[ProposalFacts]) -> Self {
        let people = Register::of(proposals.iter().flat_map(|one| &one.people));
        let mut by_domain: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, person) in people.people.iter().enumerate() {
            if let Some(domain) = &person.domain {
                by_domain.entry(domain.clone()).or_default().push(at);
            }
        }
        let numbered = || proposals.iter().enumerate();
        Self {
            people,
            owner: numbered()
                .flat_map(|(at, one)| vec![at; one.people.len()])
                .collect(),
            by_domain,
            places: numbered()
                .flat_map(|(at, one)| one.organisations.iter().map(move |it| (at, Place::of(it))))
                .collect(),
            named: numbered()
                .flat_map(|(at, one)| {
                    let named = one.named.iter();
                    named.map(move |it| (at, Known::of(&it.person), Place::of(&it.organisation)))
                })
                .collect(),
            count: proposals.len(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Everybody of a proposal who is like `who`.
    pub(super) fn alike(&self, who: &Known) -> impl Iterator<Item = (usize, &Known, Alike)> {
        let alike = self.people.alike(who).into_iter();
        alike.filter_map(|(at, how)| {
            let (proposal, person) = self.person(at)?;
            Some((proposal, person, how))
        })
    }

    /// Everybody of a proposal who writes from the domain.
    pub(super) fn writing_from(&self, domain: &str) -> impl Iterator<Item = (usize, &Known)> {
        let writers = self.by_domain.get(domain).into_iter().flatten();
        writers.filter_map(|at| self.person(*at))
    }

    /// The partners' organisations.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, &Place)> {
        self.places
            .iter()
            .map(|(proposal, place)| (*proposal, place))
    }

    /// Whom applicants ask to keep from reviewing.
    pub(super) fn named(&self) -> impl Iterator<Item = (usize, &Known, &Place)> {
        let named = self.named.iter();
        named.map(|(proposal, person, place)| (*proposal, person, place))
    }

    fn person(&self, at: usize) -> Option<(usize, &Known)> {
        Some((*self.owner.get(at)?, self.people.people.get(at)?))
    }
}
