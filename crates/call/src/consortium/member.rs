use kernel::Country;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Which partners a limit counts.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum Counted {
    /// All partners, own-funded ones too.
    #[default]
    All,
    /// Only those that ask money of a funder.
    Funded,
}

/// The part of society a partner comes from.
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
pub enum Sector {
    /// Universities and research institutes (A in sister calls).
    Academia,
    /// Hospitals, health care and public health (B).
    ClinicalPublicHealth,
    /// Companies (C).
    Private,
    /// Organisations of patients.
    PatientOrganisation,
    /// Authorities that approve products.
    Regulator,
    /// Bodies that assess health technology.
    HtaBody,
    /// Who pays for care.
    Payer,
}

/// What opens a place beyond the most partners.
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
pub enum Trigger {
    /// The partner asks money of a funder on the list that the steering committee sets at the invitation.
    UnderRepresentedFunder,
    /// The partner works in a country that the rules name as under-represented.
    UnderRepresentedCountry,
    /// Its principal investigator is at the beginning of the career.
    EarlyCareer,
    /// It is a small or medium-sized enterprise.
    Sme,
}

/// What the rules look at in a partner. What is not said yet breaks no rule; where a rule needs it, a
/// doubt says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// Stays the same through both stages.
    pub key: String,
    /// As people know it.
    pub name: String,
    /// Whether it coordinates.
    pub coordinator: bool,
    /// Where the partner works.
    pub country: Option<Country>,
    /// Key of the funder that is asked.
    pub funder: Option<String>,
    /// Whether it brings its own means.
    pub own_funded: bool,
    /// Its sector.
    pub sector: Option<Sector>,
    /// Whether its principal investigator is at the beginning of the career.
    pub early_career: bool,
    /// Whether it is a small or medium-sized enterprise.
    pub sme: bool,
    /// Whether its own funder, or the secretariat, found it ineligible in the stage before.
    pub found_ineligible: bool,
}

/// The partners of a proposal, in its order, with what the rules need to know around them.
#[derive(Debug, Clone, Default)]
pub struct Consortium<'a> {
    /// The partners.
    pub members: &'a [Member],
    /// The partners at the stage before, when there was one.
    pub before: Option<&'a [Member]>,
    /// Keys of the funders that the steering committee named under-represented at the invitation.
    pub under_represented_funders: &'a [String],
}
