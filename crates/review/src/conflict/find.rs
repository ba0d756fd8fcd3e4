//! Looking for conflicts.

use std::collections::BTreeSet;

use super::identity::{Alike, Known, Register};
use super::place::Place;
use super::{
    Companion, Conflict, ConflictKind, ExpertFacts, Organisation, Person, ProposalFacts, WorkKind,
};
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
    let expert = Expert::of(expert);
    let apply = expert.applies(&Register::of(&proposal.applicants));
    expert.meets(&Proposal::of(proposal), &apply)
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
    let proposals: Vec<Proposal> = proposals.iter().map(Proposal::of).collect();
    let mut found = Vec::new();
    for (number, expert) in experts.iter().map(Expert::of).enumerate() {
        let apply = expert.applies(&applicants);
        for (proposal, facts) in proposals.iter().enumerate() {
            let conflicts = expert.meets(facts, &apply).into_iter();
            found.extend(conflicts.map(|conflict| Found {
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
    companions: &'a [Companion],
    worked_with: Register,
}

/// A proposal made ready for comparing.
struct Proposal {
    people: Vec<Known>,
    places: Vec<Place>,
    named: Vec<(Known, Place)>,
}

impl Proposal {
    fn of(facts: &ProposalFacts) -> Self {
        let named = facts.named.iter();
        Self {
            people: facts.people.iter().map(Known::of).collect(),
            places: places(&facts.organisations),
            named: named
                .map(|one| (Known::of(&one.person), Place::of(&one.organisation)))
                .collect(),
        }
    }
}

fn places(organisations: &[Organisation]) -> Vec<Place> {
    organisations.iter().map(Place::of).collect()
}

impl<'a> Expert<'a> {
    fn of(facts: &'a ExpertFacts) -> Self {
        Self {
            person: Known::of(&facts.person),
            places: places(&facts.organisations),
            companions: &facts.companions,
            worked_with: Register::of(facts.companions.iter().map(|one| &one.person)),
        }
    }

    /// What follows from the applicants of the call, the same for all its proposals.
    fn applies(&self, applicants: &Register) -> Vec<Conflict> {
        let alike = applicants.alike(&self.person).into_iter();
        let known = alike.filter_map(|(at, how)| Some((applicants.people.get(at)?, how)));
        known
            .map(|(other, how)| person(ConflictKind::Applicant, other, &how))
            .collect()
    }

    fn meets(&self, proposal: &Proposal, apply: &[Conflict]) -> Vec<Conflict> {
        let mut found = apply.to_vec();
        for other in &proposal.people {
            if let Some(how) = self.person.alike(other) {
                found.push(person(ConflictKind::PersonListed, other, &how));
            }
            found.extend(self.domain(other));
            found.extend(self.worked_with(other));
        }
        for mine in &self.places {
            for theirs in &proposal.places {
                found.extend(mine.meets(theirs).map(|(kind, evidence)| Conflict {
                    kind,
                    evidence,
                    about: theirs.key(),
                }));
            }
        }
        found.extend(
            proposal
                .named
                .iter()
                .filter_map(|(who, place)| self.named(who, place)),
        );
        // Whoever is known to be an applicant is no mere namesake of one.
        let listed: BTreeSet<String> = found
            .iter()
            .filter(|one| one.kind != ConflictKind::SameName)
            .map(|one| one.about.clone())
            .collect();
        found.retain(|one| one.kind != ConflictKind::SameName || !listed.contains(&one.about));
        found.sort_by(|a, b| (a.kind, &a.about).cmp(&(b.kind, &b.about)));
        found.dedup_by(|a, b| (a.kind, &a.about) == (b.kind, &b.about));
        found
    }

    fn domain(&self, other: &Known) -> Option<Conflict> {
        let domain = self.person.domain.as_ref()?;
        (other.domain.as_ref() == Some(domain)).then(|| Conflict {
            kind: ConflictKind::EmailDomain,
            evidence: format!("{} writes from {domain} as the expert does", other.name),
            about: format!("domain {domain} {}", other.key()),
        })
    }

    fn worked_with(&self, other: &Known) -> Vec<Conflict> {
        if self.companions.is_empty() {
            return Vec::new();
        }
        let alike = self.worked_with.alike(other).into_iter();
        let companions = alike.filter_map(|(at, _)| self.companions.get(at));
        companions
            .map(|one| {
                let (kind, what) = match one.kind {
                    WorkKind::Publication => (ConflictKind::CoPublication, "publication"),
                    WorkKind::Proposal => (ConflictKind::JointProposal, "proposal"),
                };
                let plural = if one.count == 1 { "" } else { "s" };
                Conflict {
                    kind,
                    evidence: format!(
                        "{} and the expert share {} {what}{plural}, the latest of {}: {}",
                        other.name, one.count, one.year, one.title
                    ),
                    about: format!("{}, {} {}", other.key(), one.year, fold(&one.title)),
                }
            })
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
