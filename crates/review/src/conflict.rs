//! Which facts make an interest of an expert in a proposal, and which only hint at one.
//!
//! [`find_among`] compares everybody with everything, [`find`] one pair; [`settle`] adds what people decided
//! before. The same holds for anybody else who must not have an interest: secretariat, chair, funders.

mod facts;
mod field;
mod find;
mod identity;
mod mail;
mod named;
mod place;
mod publications;
#[cfg(test)]
mod tests;
mod verdict;
mod works;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

pub use facts::{
    Companion, ExpertFacts, Named, Organisation, Person, ProposalFacts, Work, WorkKind,
};
pub use find::{Found, detect, find, find_among};
pub use named::check_named;
pub use publications::parse_publications;
pub use verdict::{Key, Past, Settled, Standing, Verdict, false_alarms, settle};
pub use works::Works;

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
    /// The expert works where a partner works: the same institution, and no other department of it.
    SameInstitution,
    /// The expert declared it.
    Declared,
    /// The applicants asked that the expert does not review it, as a call lets them for some persons.
    NamedByApplicants,
    /// Two departments of one organisation, or one organisation's name contains the other's: perhaps a
    /// part of it.
    ParentOrganisation,
    /// The expert's e-mail comes from the domain of a person of the proposal.
    EmailDomain,
    /// They published together in the last years.
    CoPublication,
    /// They stood in one proposal in the last years.
    JointProposal,
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
            | ConflictKind::Declared
            | ConflictKind::NamedByApplicants => Certainty::Certain,
            ConflictKind::ParentOrganisation
            | ConflictKind::EmailDomain
            | ConflictKind::CoPublication
            | ConflictKind::JointProposal
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
    /// What it rests on, by a name that stays the same when it is looked for again: the person, the
    /// organisation or the domain. With kind and expert it is the [`Key`] of a verdict.
    pub about: String,
}
