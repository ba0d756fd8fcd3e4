//! Which facts make an interest of an expert in a proposal, and which only hint at one.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::fold::{fold, words};

/// Why an expert may have an interest in a proposal.
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
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ConflictKind {
    /// The expert applies in the same call: no applicant of a call sits on its panel.
    Applicant,
    /// The proposal lists the expert.
    PersonListed,
    /// The expert works where a partner works.
    SameInstitution,
    /// The expert declared it.
    Declared,
    /// One organisation's name contains the other's: perhaps a part of it.
    ParentOrganisation,
    /// The expert's e-mail comes from the domain of a person of the proposal.
    EmailDomain,
    /// They published together in the last years.
    CoPublication,
    /// The proposal or the call lists somebody of the same name, and nothing else tells who it is.
    SameName,
}

/// How sure a conflict is.
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
pub enum Certainty {
    /// It forbids the assignment.
    Certain,
    /// Somebody has to look at it; until then it forbids nothing.
    Possible,
}

impl ConflictKind {
    /// Whether the kind alone settles the matter.
    pub fn certainty(self) -> Certainty {
        match self {
            ConflictKind::Applicant
            | ConflictKind::PersonListed
            | ConflictKind::SameInstitution
            | ConflictKind::Declared => Certainty::Certain,
            ConflictKind::ParentOrganisation
            | ConflictKind::EmailDomain
            | ConflictKind::CoPublication
            | ConflictKind::SameName => Certainty::Possible,
        }
    }
}

/// A conflict of interest, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Conflict {
    /// Why.
    pub kind: ConflictKind,
    /// What was found, in a sentence.
    pub evidence: String,
}

/// A person as a form names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Full name, in either order.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// ORCID iD, with or without `https://orcid.org/`.
    pub orcid: Option<String>,
}

/// An organisation as a form names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Name.
    pub name: String,
    /// ROR id, with or without `https://ror.org/`.
    pub ror: Option<String>,
}

/// What is known of an expert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertFacts {
    /// Who.
    pub person: Person,
    /// Where the expert works.
    pub organisation: Organisation,
}

/// What is known of a proposal and of its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalFacts {
    /// Everybody the proposal lists.
    pub people: Vec<Person>,
    /// The partners' organisations.
    pub organisations: Vec<Organisation>,
    /// Everybody who applies in the call, in whichever proposal.
    pub applicants: Vec<Person>,
}

/// Mail hosts open to all, whose domain says nothing about where somebody works.
const PUBLIC_MAIL: [&str; 20] = [
    "aol.com",
    "free.fr",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mail.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "wp.pl",
    "yahoo.com",
];

/// The conflicts that the facts show between an expert and a proposal, surest first, each kind at
/// most once. What is declared, and who published with whom, are not among the facts: such
/// conflicts are entered by people.
pub fn detect(expert: &ExpertFacts, proposal: &ProposalFacts) -> Vec<Conflict> {
    let mut found = Vec::new();
    let mut note = |kind, evidence: Option<String>| {
        found.extend(evidence.map(|evidence| Conflict { kind, evidence }));
    };
    let me = &expert.person;
    let work = &expert.organisation;
    note(
        ConflictKind::Applicant,
        first(&proposal.applicants, |p| same_person(me, p)),
    );
    note(
        ConflictKind::PersonListed,
        first(&proposal.people, |p| same_person(me, p)),
    );
    note(
        ConflictKind::SameInstitution,
        first(&proposal.organisations, |o| same_place(work, o)),
    );
    note(
        ConflictKind::ParentOrganisation,
        first(&proposal.organisations, |o| part_of(work, o)),
    );
    note(
        ConflictKind::EmailDomain,
        first(&proposal.people, |p| same_domain(me, p)),
    );
    let everybody = proposal.people.iter().chain(&proposal.applicants);
    note(
        ConflictKind::SameName,
        everybody.into_iter().find_map(|p| same_name(me, p)),
    );
    found
}

fn first<T>(list: &[T], test: impl Fn(&T) -> Option<String>) -> Option<String> {
    list.iter().find_map(test)
}

/// The evidence that two entries are one person: an ORCID iD or an e-mail address.
fn same_person(a: &Person, b: &Person) -> Option<String> {
    let orcid = orcid(a).filter(|id| orcid(b).as_ref() == Some(id));
    if let Some(id) = orcid {
        return Some(format!("{} has the same ORCID iD, {id}", b.name));
    }
    let mail = address(&a.email);
    (!mail.is_empty() && mail == address(&b.email))
        .then(|| format!("{} has the same e-mail address", b.name))
}

/// Names that agree where no identifier decides: two different ORCID iDs are two people, and one
/// person who is known as such is no mere namesake.
fn same_name(a: &Person, b: &Person) -> Option<String> {
    let decided = orcid(a).is_some() && orcid(b).is_some();
    let name = name_words(&a.name);
    (!decided && !name.is_empty() && name == name_words(&b.name) && same_person(a, b).is_none())
        .then(|| format!("{} has the same name", b.name))
}

fn same_place(a: &Organisation, b: &Organisation) -> Option<String> {
    match (ror(a), ror(b)) {
        (Some(a), Some(id)) if a == id => Some(format!("{} has the same ROR id, {id}", b.name)),
        // Two ROR ids are two organisations, however alike their names are.
        (Some(_), Some(_)) => None,
        _ => {
            let name = fold(&a.name);
            (!name.is_empty() && name == fold(&b.name))
                .then(|| format!("{} has the same name", b.name))
        }
    }
}

/// One name contains the other as whole words, and the shorter has at least two: one word alone,
/// such as a city, says too little.
fn part_of(a: &Organisation, b: &Organisation) -> Option<String> {
    let (mine, theirs) = (words(&a.name), words(&b.name));
    let (short, long) = if mine.len() < theirs.len() {
        (mine, theirs)
    } else {
        (theirs, mine)
    };
    (short.len() >= 2 && short != long && long.windows(short.len()).any(|part| part == short))
        .then(|| format!("the names of {} and {} contain one another", a.name, b.name))
}

fn same_domain(a: &Person, b: &Person) -> Option<String> {
    let (mine, theirs) = (domain(&a.email)?, domain(&b.email)?);
    let met = mine == theirs || within(&mine, &theirs) || within(&theirs, &mine);
    met.then(|| format!("{} writes from {theirs}, the expert from {mine}", b.name))
}

/// Whether `inner` is a subdomain of `outer`; a top-level domain contains everybody and counts not.
fn within(inner: &str, outer: &str) -> bool {
    outer.contains('.')
        && inner
            .strip_suffix(outer)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// The domain of an address, unless its host is open to all.
fn domain(email: &str) -> Option<String> {
    let email = address(email);
    let (_, host) = email.rsplit_once('@')?;
    (!host.is_empty() && !PUBLIC_MAIL.contains(&host)).then(|| host.to_owned())
}

fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The words of a name without titles, in an order of their own: surname first or last is the same.
fn name_words(name: &str) -> Vec<String> {
    let mut words = words(name);
    words.retain(|word| !["dr", "prof", "professor", "phd", "md"].contains(&word.as_str()));
    words.sort();
    words
}

fn orcid(person: &Person) -> Option<String> {
    identifier(person.orcid.as_deref(), "orcid.org/")
}

fn ror(organisation: &Organisation) -> Option<String> {
    identifier(organisation.ror.as_deref(), "ror.org/")
}

/// An identifier without the address it is often written as; empty means none.
fn identifier(text: Option<&str>, site: &str) -> Option<String> {
    let text = text?.trim().to_lowercase();
    let bare = text.rsplit_once(site).map_or(text.as_str(), |(_, id)| id);
    (!bare.is_empty()).then(|| bare.to_owned())
}
