use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::check::Request;

/// A limit on what a funder pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Whose request is limited.
    pub scope: CeilingScope,
    /// The most, itself allowed.
    #[serde(default)]
    pub max: Option<Amount>,
    /// The least, itself allowed.
    #[serde(default)]
    pub min: Option<Amount>,
    /// Whether the amounts are for the whole project or for each year of it.
    #[serde(default)]
    pub per: Period,
    /// The longest time that is paid for, in months; a yearly amount counts no longer.
    #[serde(default)]
    pub months_max: Option<u32>,
    /// When the limit applies.
    #[serde(default)]
    pub when: Condition,
    /// What follows from a breach.
    #[serde(default)]
    pub consequence: Consequence,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

/// Whose request a limit looks at.
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
pub enum CeilingScope {
    /// Each of the funder's partners that does not coordinate; where no limit is set for a coordinator,
    /// the coordinator too.
    Partner,
    /// The coordinator, when it is this funder's.
    Coordinator,
    /// All partners of this funder in one proposal together.
    PartnersInProposal,
    /// The whole project, whoever pays.
    Project,
}

/// What an amount is for.
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
pub enum Period {
    /// The whole project.
    #[default]
    Total,
    /// Each year; months count as twelfths.
    Year,
}

/// What follows when a limit is broken.
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
pub enum Consequence {
    /// The applicant is not eligible.
    #[default]
    Ineligible,
    /// The funder pays what is allowed and no more: a doubt.
    Cut,
}

/// When a rule applies. All that is said must hold; what the proposal has not said yet leaves it open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// At least so many partners of this funder take part in the proposal.
    pub partners_min: Option<u32>,
    /// At most so many do.
    pub partners_max: Option<u32>,
    /// Whether one of them coordinates.
    pub coordinates: Option<bool>,
    /// Whether the project has further funding, as the funder means it.
    pub cofunded: Option<bool>,
}

/// How many partners of a funder may take part in one proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountRule {
    /// The most partners.
    pub max: u32,
    /// When the rule applies.
    #[serde(default)]
    pub when: Condition,
    /// Where the call text says so.
    #[serde(default)]
    pub source: Option<String>,
}

impl Condition {
    /// Whether it holds; `None` while the proposal leaves it open.
    pub(super) fn holds(&self, request: &Request) -> Option<bool> {
        let there = u32::try_from(request.asks.len()).unwrap_or(u32::MAX);
        let coordinates = request.asks.iter().any(|ask| ask.coordinator);
        let sure = self.partners_min.is_none_or(|min| there >= min)
            && self.partners_max.is_none_or(|max| there <= max)
            && self.coordinates.is_none_or(|asked| asked == coordinates);
        match (self.cofunded, request.cofunded) {
            _ if !sure => Some(false),
            (None, _) => Some(true),
            (Some(asked), Some(is)) => Some(asked == is),
            (Some(_), None) => None,
        }
    }

    /// The condition as the end of a sentence: ` when 2 or more of its partners take part`.
    pub(super) fn in_words(&self) -> String {
        let mut parts = Vec::new();
        match (self.partners_min, self.partners_max) {
            (Some(min), Some(max)) if min == max => {
                parts.push(format!("exactly {min} of its partners take part"))
            }
            (Some(min), Some(max)) => {
                parts.push(format!("{min} to {max} of its partners take part"))
            }
            (Some(min), None) => parts.push(format!("{min} or more of its partners take part")),
            (None, Some(max)) => parts.push(format!("at most {max} of its partners take part")),
            (None, None) => {}
        }
        match self.coordinates {
            Some(true) => parts.push("one of its partners coordinates".to_owned()),
            Some(false) => parts.push("none of its partners coordinates".to_owned()),
            None => {}
        }
        match self.cofunded {
            Some(true) => parts.push("the project is co-funded".to_owned()),
            Some(false) => parts.push("the project is not co-funded".to_owned()),
            None => {}
        }
        if parts.is_empty() {
            return String::new();
        }
        format!(" when {}", parts.join(" and "))
    }
}

impl Ceiling {
    /// The limit in a sentence without its end: `at most 300000.00 EUR for each partner`.
    pub(super) fn in_words(&self, currency: Currency) -> String {
        let amount = match (self.min, self.max) {
            (Some(min), Some(max)) if min == max => format!("exactly {max} {currency}"),
            (Some(min), Some(max)) => format!("{min} to {max} {currency}"),
            (Some(min), None) => format!("at least {min} {currency}"),
            (None, Some(max)) => format!("at most {max} {currency}"),
            (None, None) => "any amount".to_owned(),
        };
        let per = match self.per {
            Period::Total => "",
            Period::Year => " a year",
        };
        let whom = match self.scope {
            CeilingScope::Partner => "for each partner",
            CeilingScope::Coordinator => "for the coordinator",
            CeilingScope::PartnersInProposal => "for all its partners in a proposal together",
            CeilingScope::Project => "for the whole project",
        };
        let months = match self.months_max {
            Some(months) => format!(", for at most {months} months"),
            None => String::new(),
        };
        format!("{amount}{per} {whom}{months}{}", self.when.in_words())
    }
}
