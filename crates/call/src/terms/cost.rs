use kernel::Amount;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::Consequence;
use crate::Percent;

/// The cost categories that the funders of the calls ask for.
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
pub enum CostCategory {
    /// Salaries.
    Personnel,
    /// Consumables.
    Consumables,
    /// Equipment.
    Equipment,
    /// Travel.
    Travel,
    /// Work bought from others.
    Subcontracting,
    /// Direct costs of another kind.
    OtherDirect,
    /// Overheads.
    Overheads,
}

/// A rule on one category of cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostTerms {
    /// The category.
    pub category: CostCategory,
    /// Whether it is paid at all.
    #[serde(default = "yes")]
    pub eligible: bool,
    /// The most for each partner.
    #[serde(default)]
    pub max: Option<Amount>,
    /// The most, as a share of all costs of the partner.
    #[serde(default)]
    pub share_max: Option<Percent>,
    /// What follows from a breach.
    #[serde(default)]
    pub consequence: Consequence,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

/// The rule on overheads: so much of the direct costs (UEFISCDI 2018: 20 % of the direct costs without
/// capital costs and subcontracting).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverheadTerms {
    /// The most overheads, as a share of the direct costs that count.
    pub share_max: Percent,
    /// Whether it is a flat rate: exactly that share (rounded to the cent), and not less.
    #[serde(default)]
    pub flat: bool,
    /// Direct costs that do not count.
    #[serde(default)]
    pub without: Vec<CostCategory>,
    /// What follows from a breach.
    #[serde(default)]
    pub consequence: Consequence,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

fn yes() -> bool {
    true
}
