//! Looking for conflicts.

use std::collections::BTreeSet;

use super::field::Field;
use super::identity::{Alike, Known, Register};
use super::place::Place;
use super::{Companion, Conflict, ConflictKind, ExpertFacts, Person, ProposalFacts, WorkKind};
use crate::fold::fold;

/// A conflict between two of those compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The expert's place in the list.
    pub expert: usize,
    /// The proposal's place in the list.
    pub proposal: usize,
    /// The conflict.
    pub conflict: Conflict,
}

/// All conflicts that the facts show between an expert and a proposal, surest kind first, each once. What
/// is declared is not among the facts: people enter it.
pub fn find(expert: &ExpertFacts, proposal: &ProposalFacts) -> Vec<Conflict> {
    let (experts, proposals) = (std::slice::from_ref(expert), std::slice::from_ref(proposal));
    let found = find_among(experts, proposals, &proposal.applicants);
    found.into_iter().map(|one| one.conflict).collect()
}

/// As [`find`], the first of each kind alone.
pub fn detect(expert: &ExpertFacts, proposal: &ProposalFacts) -> Vec<Conflict> {
    let mut found = find(expert, proposal);
    found.dedup_by_key(|conflict| conflict.kind);
    found
}

/// All conflicts between experts and proposals, by expert, then by proposal. `applicants` are those of the
/// whole call, given once; the applicants in the proposals' facts are not looked at.
pub fn find_among(
    experts: &[ExpertFacts],
    proposals: &[ProposalFacts],
    applicants: &[Person],
) -> Vec<Found> {
    let applicants = Register::of(applicants);
    let field = Field::of(proposals);
    let mut found = Vec::new();
    for (number, expert) in experts.iter().map(Expert::of).enumerate() {
        for (proposal, conflicts) in expert.meets(&field, &applicants).into_iter().enumerate() {
            found.extend(tidy(conflicts).into_iter().map(|conflict| Found {
                expert: number,
                proposal,
                conflict,
            }));
        }
    }
    found
}

/// An expert made ready for comparing.
struct Expert<'a> {
    person: Known,
    places: Vec<Place>,
    companions: Vec<(Known, &'a Companion)>,
}

impl<'a> Expert<'a> {
    fn of(facts: &'a ExpertFacts) -> Self {
        let companions = facts.companions.iter();
        Self {
            person: Known::of(&facts.person),
            places: facts.organisations.iter().map(Place::of).collect(),
            companions: companions
                .map(|one| (Known::of(&one.person), one))
                .collect(),
        }
    }

    /// The conflicts with each proposal, in no order.
    fn meets(&self, field: &Field, applicants: &Register) -> Vec<Vec<Conflict>> {
        let mut found = vec![self.applies(applicants); field.count()];
        let mut note = |proposal: usize, conflict: Conflict| {
            if let Some(found) = found.get_mut(proposal) {
                found.push(conflict);
            }
        };
        for (proposal, other, how) in field.alike(&self.person) {
            note(proposal, person(ConflictKind::PersonListed, other, &how));
        }
        for (who, companion) in &self.companions {
            for (proposal, other, _) in field.alike(who) {
                note(proposal, worked_with(other, companion));
            }
        }
        if let Some(domain) = &self.person.domain {
            for (proposal, other) in field.writing_from(domain) {
                note(proposal, same_domain(other, domain));
            }
        }
        for (proposal, theirs) in field.places() {
            for mine in &self.places {
                if let Some((kind, evidence)) = mine.meets(theirs) {
                    let about = match kind {
                        // What is decided on two parts of an organisation says nothing of a third.
                        ConflictKind::ParentOrganisation => {
                            format!("{} beside {}", theirs.key(), mine.key())
                        }
                        _ => theirs.key(),
                    };
                    note(
                        proposal,
                        Conflict {
                            kind,
                            evidence,
                            about,
                        },
                    );
                }
            }
        }
        for (proposal, who, place) in field.named() {
            if let Some(conflict) = self.named(who, place) {
                note(proposal, conflict);
            }
        }
        found
    }

    /// What follows from the applicants of the call, the same for all its proposals.
    fn applies(&self, applicants: &Register) -> Vec<Conflict> {
        let alike = applicants.alike(&self.person).into_iter();
        let known = alike.filter_map(|(at, how)| Some((applicants.people.get(at)?, how)));
        known
            .map(|(other, how)| person(ConflictKind::Applicant, other, &how))
            .collect()
    }

    fn named(&self, who: &Known, place: &Place) -> Option<Conflict> {
        let how = self.person.alike(who)?;
        let here = self.places.iter().find_map(|mine| mine.meets(place));
        let (kind, why) = match (how, here) {
            (Alike::Orcid(id), _) => (ConflictKind::NamedByApplicants, format!("ORCID iD {id}")),
            (Alike::Mail, _) => (ConflictKind::NamedByApplicants, "e-mail address".to_owned()),
            (Alike::Name, Some((_, evidence))) => (
                ConflictKind::NamedByApplicants,
                format!("name, and {evidence}"),
            ),
            (Alike::Name, None) => (ConflictKind::SameName, "name, and nothing else".to_owned()),
        };
        Some(Conflict {
            kind,
            evidence: format!(
                "the applicants ask that {} does not review it: same {why}",
                who.name
            ),
            about: format!("named {}", who.key()),
        })
    }
}

/// Each conflict once, the surest kind first; and whoever is known to be of the proposal or the call is no
/// mere namesake of somebody there.
fn tidy(mut found: Vec<Conflict>) -> Vec<Conflict> {
    let known: BTreeSet<String> = found
        .iter()
        .filter(|one| one.kind != ConflictKind::SameName)
        .map(|one| one.about.clone())
        .collect();
    found.retain(|one| one.kind != ConflictKind::SameName || !known.contains(&one.about));
    found.sort_by(|a, b| (a.kind, &a.about).cmp(&(b.kind, &b.about)));
    found.dedup_by(|a, b| (a.kind, &a.about) == (b.kind, &b.about));
    found
}

/// The conflict of an expert who is, or may be, somebody of the proposal or of the call.
fn person(kind: ConflictKind, other: &Known, how: &Alike) -> Conflict {
    let (kind, what) = match how {
        Alike::Orcid(id) => (kind, format!("ORCID iD, {id}")),
        Alike::Mail => (kind, "e-mail address".to_owned()),
        Alike::Name => (ConflictKind::SameName, "name".to_owned()),
    };
    Conflict {
        kind,
        evidence: format!("{} has the same {what}", other.name),
        about: other.key(),
    }
}

fn same_domain(other: &Known, domain: &str) -> Conflict {
    Conflict {
        kind: ConflictKind::EmailDomain,
        evidence: format!("{} writes from {domain} as the expert does", other.name),
        about: format!("domain {domain} {}", other.key()),
    }
}

fn worked_with(other: &Known, companion: &Companion) -> Conflict {
    let (kind, what) = match companion.kind {
        WorkKind::Publication => (ConflictKind::CoPublication, "publication"),
        WorkKind::Proposal => (ConflictKind::JointProposal, "proposal"),
    };
    let Companion {
        count, year, title, ..
    } = companion;
    let plural = if *count == 1 { "" } else { "s" };
    Conflict {
        kind,
        evidence: format!(
            "{} and the expert share {count} {what}{plural}, the latest of {year}: {title}",
            other.name
        ),
        about: format!("{}, {year} {}", other.key(), fold(title)),
    }
}
