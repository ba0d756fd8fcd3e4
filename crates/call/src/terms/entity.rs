use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::Consequence;
use crate::Percent;

/// The type of an institution, as funders tell them apart.
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
pub enum EntityType {
    /// Universities and other institutions of higher education.
    University,
    /// Public or non-profit research institutes.
    ResearchInstitute,
    /// Hospitals and other providers of care.
    Hospital,
    /// Public health and other authorities.
    PublicAuthority,
    /// Small and medium-sized enterprises.
    Sme,
    /// Larger companies.
    LargeCompany,
    /// Organisations of patients, and other non-profit ones.
    NonProfit,
}

/// What a funder says on one type of institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityTerms {
    /// The type.
    pub entity: EntityType,
    /// Whether it may apply.
    #[serde(default = "yes")]
    pub eligible: bool,
    /// The funder it may turn to instead.
    #[serde(default)]
    pub instead: Option<String>,
    /// The most of its costs that the funder pays.
    #[serde(default)]
    pub rate: Option<Percent>,
    /// What follows from asking more than that rate.
    #[serde(default = "cut")]
    pub rate_consequence: Consequence,
    /// It may apply only where a partner of the same funder and of one of these types takes part.
    #[serde(default)]
    pub only_with: Vec<EntityType>,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

fn yes() -> bool {
    true
}

fn cut() -> Consequence {
    Consequence::Cut
}
