use call::table::Line;
use kernel::Faults;
use kernel::identifiers::is_orcid;
use serde::{Deserialize, Serialize};

use super::identity::Known;

/// A person as a form names one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = PersonNamed)]
pub struct Person {
    /// Full name, in either order; an imported list may have initials.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// ORCID iD, with or without `https://orcid.org/`.
    pub orcid: Option<String>,
}

impl Person {
    /// The name by which [`super::Conflict::about`] tells the person, the same whenever it is looked for.
    pub fn key(&self) -> String {
        Known::of(self).key()
    }

    /// The person of a line with the columns `name` and `orcid`; the caller says what may stand for an address.
    pub(crate) fn of_line(line: &Line, email: String, faults: &mut Faults) -> Person {
        let orcid = line.filled("orcid");
        faults.require(
            orcid.as_deref().is_none_or(is_orcid),
            line.pointer("orcid"),
            "orcid",
            "it is no ORCID iD; copy it whole, such as 0000-0002-1825-0097, or leave it empty",
        );
        Person {
            name: line.required("name", faults),
            email,
            orcid,
        }
    }
}

/// An organisation as a form names one, and the part of it somebody works in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = PlaceOfWork)]
pub struct Organisation {
    /// Name.
    pub name: String,
    /// ROR id, with or without `https://ror.org/`.
    pub ror: Option<String>,
    /// Institute or department; empty where it is not known.
    pub department: String,
}

/// What is known of an expert, or of anybody else who must not have an interest: a member of the
/// secretariat, a representative of a funder that does research too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpertFacts {
    /// Who.
    pub person: Person,
    /// Where the expert works; the caller leaves out what is over.
    pub organisations: Vec<Organisation>,
    /// With whom the expert worked in the years that count, from [`super::Works::companions`].
    pub companions: Vec<Companion>,
}

/// What is known of a proposal and of its call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalFacts {
    /// Everybody the proposal lists.
    pub people: Vec<Person>,
    /// The partners' organisations.
    pub organisations: Vec<Organisation>,
    /// Everybody who applies in the call, in whichever proposal.
    pub applicants: Vec<Person>,
    /// Whom the applicants asked to keep from reviewing it.
    pub named: Vec<Named>,
}

/// Somebody whom the applicants ask to keep from reviewing their proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Named {
    /// Who; the address and the ORCID iD may be missing.
    pub person: Person,
    /// Where the person works, which tells two people of one name apart.
    pub organisation: Organisation,
}

/// What several people made together: an imported list's publication, or a proposal of this
/// installation in whichever call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// What it is.
    pub kind: WorkKind,
    /// Its title, or number and acronym.
    pub title: String,
    /// The year of the publication or of the deadline.
    pub year: i32,
    /// Who made it.
    pub people: Vec<Person>,
}

/// What people made together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkKind {
    /// A publication.
    Publication,
    /// A proposal.
    Proposal,
}

/// Somebody with whom an expert made something in the years that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Who.
    pub person: Person,
    /// What they made.
    pub kind: WorkKind,
    /// The latest of it.
    pub title: String,
    /// Its year.
    pub year: i32,
    /// How many there are.
    pub count: usize,
}
